"""Where the words of a list stand in one text, under each unit of comparison.

Everything is linear in the text: words are found with ``str.find`` and then checked at their borders, and regular
expressions run in RE2 (through Arrow), which never backtracks. Comparison ignores case, except for expressions,
which say themselves what they want. Any text gives a defined result, lone surrogates included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from explorer.analysis.stem import stem
from explorer.model.token_filter import FilterUnit

MAX_HITS = 10_000
"""Hits reported for one text; whether a text is flagged does not depend on it."""

_JSON_START = frozenset('{["')
_ESCAPE = re.compile(r'\\(?:[nrtbf]|\\|"|/)')


class TermHit(NamedTuple):
    """A word of the list (as the list spells it) and the half-open range of characters that matched."""

    term: str
    start: int
    end: int


class FoldedText:
    """A text ready to be searched: lower case of the same length, escapes of JSON strings opened.

    In a JSON text the line break of ``"cd x\\nrm y"`` is written as two characters; both become spaces here, so
    that ``rm`` is a word of its own as it is for whoever runs the command. Letters written as ``\\u0072`` stay as
    they are: positions could not be kept, and a filter of words would not see them either.
    """

    __slots__ = ("lower", "text")

    def __init__(self, text: str) -> None:
        if "\\" in text and text.lstrip()[:1] in _JSON_START:
            text = _ESCAPE.sub(_opened, text)
        lower = text.lower()
        if len(lower) != len(text):  # a few letters grow in lower case; positions must stay
            lower = "".join(c if len(c.lower()) != 1 else c.lower() for c in text)
        self.text = text
        self.lower = lower


def _opened(found: re.Match[str]) -> str:
    return "  " if found[0][1] in "nrtbf" else found[0]


def word_hits(folded: FoldedText, word: str, unit: FilterUnit) -> Iterator[tuple[int, int]]:
    """Ranges where ``word`` (lower case) stands in the text under a unit other than ``regex``."""
    lower = folded.lower
    if not word:
        return
    if unit is FilterUnit.STEM:
        yield from _stem_hits(folded, word)
        return
    size = len(word)
    at = lower.find(word)
    while at >= 0:
        if _borders(folded, at, at + size, unit):
            yield at, at + size
            at = lower.find(word, at + size)
        else:
            at = lower.find(word, at + 1)


def _stem_hits(folded: FoldedText, word: str) -> Iterator[tuple[int, int]]:
    root, lower = stem(word), folded.lower
    at = lower.find(root)
    while at >= 0:
        end = at + len(root)
        if _identifier_border(folded.text, at):
            # The longest form of a word one would still call it is far shorter than this; it bounds the work.
            stop = min(len(lower), end + 16)
            while end < stop and not _identifier_border(folded.text, end):
                end += 1
            if _identifier_border(folded.text, end) and stem(lower[at:end]) == root:
                yield at, end
        at = lower.find(root, max(end, at + 1))


def _borders(folded: FoldedText, start: int, end: int, unit: FilterUnit) -> bool:
    text = folded.text
    if unit is FilterUnit.SUBSTRING:
        return True
    if unit is FilterUnit.IDENTIFIER:
        return _identifier_border(text, start) and _identifier_border(text, end)
    if unit is FilterUnit.WORD:
        return _word_border(text, start) and _word_border(text, end)
    before = start == 0 or text[start - 1].isspace()
    return before and (end == len(text) or text[end].isspace())


def _word_border(text: str, at: int) -> bool:
    """Not between two word characters (letters, digits, underscore), as ``\\b`` sees them."""
    if at == 0 or at == len(text):
        return True
    left, right = text[at - 1], text[at]
    return not ((left.isalnum() or left == "_") and (right.isalnum() or right == "_"))


def _identifier_border(text: str, at: int) -> bool:
    """Where an identifier is split: at anything but a letter or digit, and where camelCase starts a new word."""
    if at == 0 or at == len(text):
        return True
    left, right = text[at - 1], text[at]
    if not left.isalnum() or not right.isalnum():
        return True
    if not right.isupper():
        return False
    if not left.isupper():
        return True
    return at + 1 < len(text) and text[at + 1].islower()  # HTTPServer: HTTP, Server


def needle(word: str, unit: FilterUnit) -> str:
    """A lower-case text that every hit of the word contains: what to look for first."""
    return stem(word) if unit is FilterUnit.STEM else word


def clean_utf8(text: str) -> str:
    """The same number of characters, encodable: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def pattern_mistake(pattern: str) -> str | None:
    """What is wrong with an expression, with its position where that can be said; None if it compiles."""
    try:
        pc.match_substring_regex(pa.array([""], pa.large_string()), clean_utf8(pattern))
    except pa.ArrowInvalid as error:
        said = str(error).removeprefix("Invalid regular expression: ")
        return f"expression {pattern!r}: {said} (at character {_position(pattern, said) + 1})"
    return None


def _position(pattern: str, said: str) -> int:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        position = getattr(error, "pos", None)
        if position is not None:
            return int(position)
    fragment = said.rsplit(": ", 1)[-1]
    return max(0, pattern.find(fragment))


def regex_hits(text: str, pattern: str) -> list[tuple[int, int]]:
    """Ranges of all non-empty, non-overlapping matches of an RE2 expression."""
    text = clean_utf8(text)
    opening, closing = _absent(text)
    marked = pc.replace_substring_regex(
        pa.array([text], pa.large_string()), pattern=clean_utf8(pattern), replacement=f"{opening}\\0{closing}"
    )[0].as_py()
    found: list[tuple[int, int]] = []
    at = start = 0
    for part in re.split(f"([{opening}{closing}])", marked):
        if part == opening:
            start = at
        elif part == closing:
            if at > start:
                found.append((start, at))
        else:
            at += len(part)
    return found


def _absent(text: str) -> tuple[str, str]:
    """Two characters that do not occur in the text, to mark matches with."""
    used = set(text)
    free = (chr(code) for code in range(0xE000, 0x10FFFE) if chr(code) not in used)
    return next(free), next(free)


def any_of(words: Iterable[str]) -> str:
    """An RE2 expression that finds any of the words, whatever their case."""
    return "(?i)" + "|".join(_quoted(clean_utf8(word)) for word in sorted(set(words)))


def _quoted(word: str) -> str:
    # Python's own escaping writes "\ " and the like, which RE2 refuses for non-ASCII punctuation.
    return "".join(c if c.isalnum() or ord(c) > 127 else f"\\x{{{ord(c):x}}}" for c in word)
