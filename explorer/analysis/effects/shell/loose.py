"""Commands of words that were cut by hand, for text that the grammar does not take."""

from __future__ import annotations

import re

from explorer.analysis.effects.shell.literal import Output, expand_braces
from explorer.analysis.effects.shell.parse import LooseCommand, LooseWord
from explorer.analysis.effects.shell.run import Frame, Run
from explorer.analysis.effects.shell.types import OPAQUE, QUOTED, Redirect, SimpleCommand


def command_of(run: Run, frame: Frame, found: LooseCommand, fed: Output | None) -> SimpleCommand:
    """The simple command that some words are; ``fed`` is what a pipe gives it."""
    words = list(found.words)
    assigns: list[tuple[str, str]] = []
    while words and not words[0].quoted and re.fullmatch(r"[A-Za-z_]\w*\+?=.*", words[0].value, re.DOTALL):
        name, _, value = words.pop(0).value.partition("=")
        assigns.append((name, value))
    if len(words) > 1 and words[0].value == "2" and words[1].value == "":
        words = words[2:]
    words = [cut for word in words for cut in _braces(word)]
    argv = tuple(_value(run, word) for word in words)
    redirects = tuple(
        Redirect(
            operator.lstrip("0123456789"),
            "".join(c for c in operator if c.isdigit()),
            word.value,
            _mark(word),
            frame.span(word.start, word.end),
        )
        for operator, word in found.redirects
    )
    everything = [*found.words, *(word for _, word in found.redirects)]
    start, end = min(word.start for word in everything), max(word.end for word in everything)
    return SimpleCommand(
        argv,
        tuple(_mark(word) for word in words),
        tuple((word.start, word.end) for word in words),
        tuple(assigns),
        redirects,
        frame.span(start, end),
        found.connector,
        fed.text if fed is not None else None,
        fed is not None,
    )


def _braces(word: LooseWord) -> list[LooseWord]:
    if word.quoted or "{" not in word.value or "$" in word.value:
        return [word]
    return [word._replace(value=value) for value in expand_braces(word.value)]


def _mark(word: LooseWord) -> int:
    return (QUOTED if word.quoted else 0) | (OPAQUE if word.opaque else 0)


def _value(run: Run, word: LooseWord) -> str:
    if not word.opaque:
        return word.value
    return re.sub(r"\$\{?(\w+)\}?", lambda m: run.state.value(m[1]) or m[0], word.value)
