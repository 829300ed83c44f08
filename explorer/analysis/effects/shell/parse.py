"""From text to a syntax tree that can be trusted, or to words where it cannot.

tree-sitter-bash does the work. Text is handed over as ASCII with one byte a character, so that places in the tree
are places in the text. What the grammar does not take (cut-off quotes, stray operators) is cut into words by hand.
"""

from __future__ import annotations

import contextlib
import re
import time
from functools import cache
from typing import NamedTuple

import tree_sitter_bash
from tree_sitter import Language, Node, Parser, Tree

from explorer.analysis.effects.shell.heredoc import Heredoc, cut_heredocs

MAX_NESTING = 150
LONG = 4096
SECONDS_A_BYTE = 8e-6
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_EXTENDED_GLOB = re.compile(
    r"(?=[!?*+@]\()(?<!\bif )(?<!\bwhile )(?<!\buntil )(?<!\bthen )(?<!\bdo )(?<!\belse )(?<!\belif )(?<!\btime )"
    r"(?:(?<=[\w./~\]}*-])|(?<=[\w./-] ))[!?*+@]\([^()\s'\"`$;&<>]{1,200}\)"
)
"""A pattern such as ``!(.git|*.md)``, which the grammar takes for a subshell; only in a word, or after one."""
_GROUP = re.compile(r"[!?*+@]\(")
_OPENERS = re.compile(r"[(){}`]|\b(?:if|case|for|while|until|do)\b")


class Parsed(NamedTuple):
    """A parsed script: ``text`` with heredocs blanked, the tree's root (None = not parsed), its heredocs, whether
    the tree is sound, and whether the text is nested too deeply to be looked at."""

    text: str
    root: Node | None
    heredocs: dict[int, Heredoc]
    sound: bool
    too_deep: bool


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_bash.language()))


def parse(text: str) -> Parsed:
    """Parse a script. Linear in its length; never raises."""
    heredocs: dict[int, Heredoc] = {}
    if "<<" in text:
        cut = cut_heredocs(text)
        text, heredocs = cut.text, cut.heredocs
    if len(text) > 300 and nesting(text) > MAX_NESTING:
        return Parsed(text, None, heredocs, False, True)
    source = text if text.isascii() else _NOT_ASCII.sub("X", text)
    if "\x00" in source:
        source = source.replace("\x00", "X")
    if "\r" in source:
        source = source.replace("\r", " ")
    if "(" in source and _GROUP.search(source):
        source = _EXTENDED_GLOB.sub(lambda match: "X" * len(match[0]), source)
    tree = _tree(source.encode("ascii"))
    if tree is None:
        return Parsed(text, None, heredocs, False, False)
    return Parsed(text, tree.root_node, heredocs, not tree.root_node.has_error, False)


def _tree(source: bytes) -> Tree | None:
    """The syntax tree. The grammar's error recovery is quadratic, so a long text is given a time proportional to its
    length (twenty times what sound text takes) and None is returned where that is not enough."""
    if len(source) < LONG:
        return _parser().parse(source)
    # a dangling operator at the very end is the one case in which recovery cannot be interrupted
    source = source.rstrip(b" \t\n|&;")
    end = time.monotonic() + 0.1 + len(source) * SECONDS_A_BYTE
    tree: Tree | None = None
    with contextlib.suppress(ValueError):
        tree = _parser().parse(
            lambda place, _: source[place : place + 8192], progress_callback=lambda *_: time.monotonic() > end
        )
    if time.monotonic() > end:
        _parser().reset()
        return None
    return tree


def nesting(text: str) -> int:
    """An upper bound on how deeply brackets nest (quotes ignored)."""
    depth = deepest = 0
    for match in _OPENERS.finditer(text):
        char = match.group()
        if char in "({":
            depth += 1
            deepest = max(deepest, depth)
        elif char in ")}":
            depth = max(0, depth - 1)
    return deepest


class LooseWord(NamedTuple):
    """A word cut by hand: its value without quotes, whether it was quoted, whether part of it is not visible, and
    its place."""

    value: str
    quoted: bool
    opaque: bool
    start: int
    end: int


class LooseCommand(NamedTuple):
    """A command cut by hand: its words, its redirects as (operator, target word), and what joins it on."""

    words: tuple[LooseWord, ...]
    redirects: tuple[tuple[str, LooseWord], ...]
    connector: str


_LOOSE = re.compile(
    r"""(?P<space>(?:[ \t\r]|\\\n)+)|(?P<comment>\#[^\n]*)|(?P<op>&&|\|\||\|&|;;|[;|&\n(){}](?=\s|[;|&\n(){}]|$)"""
    r"""|[;|&\n()])"""
    r"""|(?P<redirect>\d*(?:&>>?|>>|>\||>&|<&|<>|<<<|>|<)[ \t]*)|(?P<single>'[^']*(?:'|\Z))"""
    r"""|(?P<ansi>\$'(?:\\[\s\S]|[^'\\])*(?:'|\Z))"""
    r"""|(?P<double>"(?:\\[\s\S]|[^"\\])*(?:"|\Z))|(?P<sub>\$\(|`[^`]*(?:`|\Z))|(?P<var>\$\{[^}]*(?:\}|\Z)|\$\w+)|(?P<escape>\\[\s\S])"""
    r"""|(?P<plain>[^\s;|&(){}<>'"\\`$\#]+|[\s\S])"""
)
_RESERVED = frozenset(
    {"if", "then", "elif", "else", "fi", "do", "done", "while", "until", "case", "esac", "in", "!", "time", "{", "}"}
)


def loose_commands(text: str) -> tuple[list[LooseCommand], list[tuple[int, int]]]:
    """Cut text that is not valid shell into commands, and list the insides of its substitutions (start, end)."""
    commands: list[LooseCommand] = []
    inner: list[tuple[int, int]] = []
    words: list[LooseWord] = []
    redirects: list[tuple[str, LooseWord]] = []
    current: list[str] = []
    state = [0, False, False]
    open_redirect = ""
    connector = ""

    def end_word(place: int) -> None:
        nonlocal open_redirect
        if current or state[1]:
            word = LooseWord("".join(current), bool(state[1]), bool(state[2]), state[0], place)
            if open_redirect:
                redirects.append((open_redirect, word))
                open_redirect = ""
            elif words or word.value not in _RESERVED or word.quoted:
                words.append(word)
        current.clear()
        state[:] = [place, False, False]

    def end_command(place: int, operator: str) -> None:
        nonlocal connector, open_redirect
        end_word(place)
        open_redirect = ""
        if words or redirects:
            commands.append(LooseCommand(tuple(words), tuple(redirects), connector))
            connector = operator
        elif not connector or operator in ("|", "|&"):
            connector = operator if commands else ""
        words.clear()
        redirects.clear()

    place, n = 0, len(text)
    while place < n:
        match = _LOOSE.match(text, place)
        if match is None:
            break
        kind, token, start = match.lastgroup, match.group(), place
        place = match.end()
        if not current and not state[1]:
            state[0] = start
        if kind == "space":
            end_word(start)
        elif kind == "comment" and (current or state[1]):
            current.append(token[0])
            place = start + 1
        elif kind == "comment":
            continue
        elif kind == "op" and token == "}" and current and "{" in current[0]:
            current.append(token)
        elif kind == "op":
            end_command(start, {"\n": ";", "|&": "|"}.get(token, token if token in ("&&", "||", "|", "&") else ";"))
        elif kind == "redirect":
            if current and not "".join(current).isdigit():
                end_word(start)
            current.clear()
            state[1] = False
            open_redirect = token.strip()
        elif kind == "sub":
            end = _closing(text, place) if token == "$(" else place
            inner.append(
                (place, end - 1) if token == "$(" else (start + 1, end - (token[-1:] == "`" and len(token) > 1))
            )
            current.append(text[start:end])
            state[2] = True
            place = end
        else:
            _take(kind or "", token, start, current, state, inner)
    end_command(n, "")
    return commands, inner


def _take(
    kind: str, token: str, start: int, current: list[str], state: list[int], inner: list[tuple[int, int]]
) -> None:
    if kind == "single":
        current.append(token[1:-1] if len(token) > 1 and token[-1] == "'" else token[1:])
        state[1] = True
    elif kind == "ansi":
        current.append(token[2:].removesuffix("'"))
        state[1] = True
    elif kind == "double":
        body = token[1:-1] if len(token) > 1 and token[-1] == '"' else token[1:]
        state[1] = True
        if "$(" in body or "`" in body:
            for match in re.finditer(r"\$\(([^()]*)\)?|`([^`]*)`?", body):
                group = 1 if match.group(1) is not None else 2
                inner.append((start + 1 + match.start(group), start + 1 + match.end(group)))
            state[2] = True
        current.append(re.sub(r'\\(["$`\\])', r"\1", body))
    elif kind == "escape":
        current.append(token[1:])
        state[1] = True
    else:
        current.append(token)
        if kind == "var":
            state[2] = True


def _closing(text: str, place: int) -> int:
    """The place after the bracket that closes the one before ``place``."""
    depth = 1
    for match in re.compile(r"[()]").finditer(text, place):
        depth += 1 if match.group() == "(" else -1
        if depth == 0:
            return match.end()
    return len(text)
