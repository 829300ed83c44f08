"""What a text looks like on the screen when nothing in it can hide: invisible and deceiving characters become chips.

Stricter than :mod:`explorer.model.visible_text`, which it builds on: that one serves files, where a letter must stay.

Shown as chips: controls (but line feed and tab), format characters (bidi, zero-width, soft hyphen, tags), lone
surrogates, private use and unassigned code points, separators other than the plain blank, variation selectors and
fillers; characters that compatibility folding turns into one ASCII character (full-width, mathematical); look-alikes
of ``/ \\ - : ; . !``; and letters that look like Latin ones where they stand in one token with Latin letters or where
the whole token is made of them. Linear in the length of the text.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from bisect import bisect_right
from functools import cache
from typing import NamedTuple

from explorer.model.visible_text import chip, is_invisible

CELL = 200
"""Characters a cell shows."""
UNBROKEN = 4_000
"""A longer token without a blank is broken."""

CHIP = re.compile(r"⟦U\+[0-9A-F]{4,6}⟧")

_ALWAYS_EXTRA = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    "\u2044\u2215\u29f8\u2571\u29f5\u2216\u2024\u02d0\ua789\u037e\u01c3\u0589\u2236\u204e\u2217"
    "\u27e6\u27e7"
)
"""Invisible letters and marks, look-alikes of shell punctuation, and the chip's own brackets (a log must not be able
to forge a chip)."""

# Cyrillic, Greek, Armenian and Cherokee letters drawn like Latin ones in common fonts.
_CONFUSABLE = "аеорсухіјѕһԁԛԝьвнктмгпАВЕКМНОРСТУХІЈЅԌԚԜҮүӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧαινορυγκχϲϳօոսցհհԼՍՏᎪᎫᎬᎳᎻᏀᏃᏞᏟᏢᏦᏮ"
# в н к т м г п are unlike their Latin neighbours in lower case and would mark plain Russian words.
_NOT_ALIKE = "внктмгпьγκ"
_ALIKE = frozenset(_CONFUSABLE) - frozenset(_NOT_ALIKE)
# A dash of another kind where an option would begin: " –rf" reads like " -rf". Elsewhere it is punctuation.
_DASH = re.compile(r"(?<!\S)[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]{1,2}(?=[A-Za-z])")
_TOKEN = re.compile(r"[^\W\d_]{2,}")


class Shown(NamedTuple):
    """A text as shown. ``shifts`` holds (position in the raw text, shift from there on), ascending."""

    text: str
    shifts: tuple[tuple[int, int], ...]

    def place(self, position: int) -> int:
        """Where the raw text's ``position`` stands in the shown text."""
        index = bisect_right(self.shifts, (position, sys.maxsize)) - 1
        return position + (self.shifts[index][1] if index >= 0 else 0)


@cache
def hides(character: str) -> bool:
    """Whether a single character is shown as a chip wherever it stands."""
    if character in "\n\t" or " " <= character <= "~":
        return False
    if character in _ALWAYS_EXTRA or is_invisible(character):
        return True
    folded = unicodedata.normalize("NFKC", character)
    decomposition = unicodedata.decomposition(character)
    raised = decomposition.startswith(("<super>", "<sub>"))
    return len(folded) == 1 and folded.isascii() and not raised


def deceiving(text: str) -> list[int]:
    """Positions of the characters that are shown as chips, ascending."""
    if text.isascii():
        return [found.start() for found in _ASCII_CONTROL.finditer(text)]
    places = [
        index
        for index, character in enumerate(text)
        if (character > "~" or character < " ") and character not in "\n\t" and hides(character)
        and not (character == "\r" and text[index + 1 : index + 2] == "\n")
    ]  # fmt: skip
    extra = {found.start() for found in _DASH.finditer(text)}
    for token in _TOKEN.finditer(text):
        letters = token.group()
        if letters.isascii():
            continue
        alike = [index for index, letter in enumerate(letters) if letter in _ALIKE]
        if alike and (len(alike) == len(letters) or any(letter.isascii() for letter in letters)):
            extra.update(token.start() + index for index in alike)
    return sorted(extra.union(places)) if extra else places


# A carriage return before a line feed is only the other way of ending a line.
_ASCII_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)")
_LONG = re.compile(rf"\S{{{UNBROKEN}}}(?=\S)")


def show(text: str) -> Shown:
    """Make a text safe to be laid out and read: chips, and breaks in what is unbroken."""
    edits: list[tuple[int, int, str]] = [(place, 1, chip(text[place])) for place in deceiving(text)]
    if len(text) > UNBROKEN:
        edits.extend((found.end(), 0, "\n") for found in _LONG.finditer(text))
        edits.sort()
    if not edits:
        return Shown(text, ())
    parts: list[str] = []
    shifts: list[tuple[int, int]] = []
    at, shift = 0, 0
    for place, length, stand_in in edits:
        parts += (text[at:place], stand_in)
        at = place + length
        shift += len(stand_in) - length
        shifts.append((at, shift))
    parts.append(text[at:])
    return Shown("".join(parts), tuple(shifts))


def visible(text: str) -> str:
    """A text with chips and breaks."""
    return show(text).text


def elided(text: str, limit: int = CELL) -> str:
    """A text for a cell: one line, chips, at most about ``limit`` characters."""
    head = text[: limit + 1]
    line = re.sub(r"[\n\t]+", " ↵ " if "\n" in head.strip() else " ", head.replace("\r\n", "\n").strip("\n"))
    shown = show(line).text
    if len(text) <= limit and len(shown) <= 2 * limit:
        return shown
    cut = shown[: 2 * limit if len(text) <= limit else limit]
    opened = cut.rfind("⟦")
    if opened > cut.rfind("⟧"):
        cut = cut[:opened]
    return cut.rstrip() + "…"
