"""Heredocs and here-strings, cut out before parsing.

The grammar loses arguments around heredocs (a pipeline after one nests inside it, a list after one is an error), so
their operators are replaced by an ordinary ``<`` of the same length and their bodies by spaces. Places stay true.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(r"""\\[\s\S]|\$'|'|"|\$?\(\(|\$\(|[<>]\(|\(|\)|`|<<<|<<-?|\n|#""")
_IN_DOUBLE = re.compile(r"""\\[\s\S]|"|\$\(\(|\$\(|`""")
_DELIMITER = re.compile(r"""[ \t]*((?:\\.|'[^'\n]*'|"[^"\n]*"|[^\s;&|<>()'"\\`])+)""")
_ANSI_END = re.compile(r"(?:\\[\s\S]|[^'\\])*'")
MAX_STACK = 400


class Heredoc(NamedTuple):
    """One heredoc: ``operator`` its place, ``body`` (start, end) in the text, ``literal`` = the delimiter is quoted
    (nothing is expanded), ``tabs`` = ``<<-``. A here-string has operator ``<<<`` and an empty body."""

    operator: int
    start: int
    end: int
    literal: bool
    tabs: bool
    string: bool


class Cut(NamedTuple):
    """The text with heredocs blanked (same length), the heredocs by the place of their operator, and whether
    the scan ended inside a quote or a heredoc (the text is cut off)."""

    text: str
    heredocs: dict[int, Heredoc]
    unfinished: bool


class _Pending(NamedTuple):
    operator: int
    delimiter: str
    literal: bool
    tabs: bool


def cut_heredocs(text: str) -> Cut:
    """Blank heredoc operators and bodies of a script. Linear in its length."""
    heredocs: dict[int, Heredoc] = {}
    blanks: list[tuple[int, int, str]] = []
    stack: list[str] = []
    pending: list[_Pending] = []
    unfinished = False
    place, n = 0, len(text)
    while place < n:
        top = stack[-1] if stack else ""
        match = (_IN_DOUBLE if top == '"' else _TOKEN).search(text, place)
        if match is None:
            break
        token, start, place = match.group(), match.start(), match.end()
        if token[0] == "\\" and len(token) == 2:
            continue
        if token == "'":
            close = text.find("'", place)
            if close < 0:
                unfinished = True
                break
            place = close + 1
        elif token == "$'":
            ansi = _ANSI_END.match(text, place)
            if ansi is None:
                unfinished = True
                break
            place = ansi.end()
        elif token == '"':
            if top == '"':
                stack.pop()
            else:
                stack.append('"')
        elif token == "`":
            if top == "`":
                stack.pop()
            else:
                stack.append("`")
        elif token in ("((", "$(("):
            stack.append("((")
        elif token in ("$(", "<(", ">(", "("):
            stack.append("(")
        elif token == ")":
            if top == "((":
                stack.pop()
                if text.startswith(")", place):
                    place += 1
            elif top == "(":
                stack.pop()
        elif token == "#":
            if start == 0 or text[start - 1] in " \t\n;&|(":
                newline = text.find("\n", place)
                place = n if newline < 0 else newline
        elif token == "\n":
            if pending:
                place, ended = _bodies(text, place, pending, heredocs, blanks)
                unfinished = unfinished or not ended
                pending = []
        elif token == "<<<":
            blanks.append((start, place, "<  "))
            heredocs[start] = Heredoc(start, place, place, False, False, True)
        elif top != "((":
            delimiter = _DELIMITER.match(text, place)
            if delimiter is None:
                continue
            raw = delimiter.group(1)
            word = re.sub(r"\\(.)|['\"]", r"\1", raw)
            place = delimiter.end()
            blanks.append((start, place, "<" + "h" * (place - start - 1)))
            pending.append(_Pending(start, word, word != raw, token == "<<-"))
        if len(stack) > MAX_STACK:
            unfinished = True
            break
    for left in pending:
        heredocs[left.operator] = Heredoc(left.operator, n, n, left.literal, left.tabs, False)
    return Cut(_blank(text, blanks), heredocs, unfinished or bool(stack))


def _bodies(
    text: str,
    place: int,
    pending: list[_Pending],
    heredocs: dict[int, Heredoc],
    blanks: list[tuple[int, int, str]],
) -> tuple[int, bool]:
    """Take the bodies of the heredocs of one line, in order; (where the text goes on, all delimiters found)."""
    n = len(text)
    ended = True
    for heredoc in pending:
        start = place
        while True:
            newline = text.find("\n", place)
            stop = n if newline < 0 else newline
            line = text[place:stop]
            if (line.lstrip("\t") if heredoc.tabs else line).rstrip("\r") == heredoc.delimiter:
                end, place = place, min(stop + 1, n)
                break
            if newline < 0:
                end = place = n
                ended = False
                break
            place = newline + 1
        heredocs[heredoc.operator] = Heredoc(heredoc.operator, start, end, heredoc.literal, heredoc.tabs, False)
        if place > start:
            body = text[start:place]
            last = "\n" if body.endswith("\n") else ""
            blanks.append((start, place, " " * (len(body) - len(last)) + last))
    return place, ended


def _blank(text: str, blanks: list[tuple[int, int, str]]) -> str:
    if not blanks:
        return text
    parts: list[str] = []
    place = 0
    for start, end, filling in sorted(blanks):
        if start < place:
            continue
        parts += [text[place:start], filling]
        place = end
    parts.append(text[place:])
    return "".join(parts)
