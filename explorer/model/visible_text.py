"""Make the invisible visible: control, format, bidi and confusable characters in text from logs.

Log text is hostile: a right-to-left override shows other bytes than those that were executed, a zero-width space
hides a word from an eye or a filter. Everything that a person reads passes through :func:`visible`; what a
character is drawn as is a *chip*, ``⟦U+202E⟧``. Confusables here are letters of other scripts that look like ASCII
(after Unicode TS 39, the single-letter part that matters for commands).
"""

from __future__ import annotations

import re
import unicodedata

_KEEP = {"\n", "\t"}
_CONFUSABLE = {
    "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "х": "x", "у": "y", "і": "i", "ѕ": "s", "ј": "j",
    "ԁ": "d", "ɡ": "g", "һ": "h", "м": "m", "ⅼ": "l", "ո": "n", "ν": "v", "ο": "o", "ρ": "p", "α": "a", "ι": "i",
    "κ": "k", "τ": "t", "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M",
    "Ν": "N", "Ο": "O", "Ρ": "P", "Τ": "T", "Υ": "Y", "Χ": "X", "А": "A", "В": "B", "Е": "E", "К": "K",
    "М": "M", "Н": "H", "О": "O", "Р": "P", "С": "C", "Т": "T", "Х": "X", "ѵ": "v", "ѡ": "w", "ᴦ": "r",
    "ⅿ": "m", "ꓣ": "R", "ꓟ": "M",
}  # fmt: skip
_ASCII = re.compile(r"\A[\t\n\x20-\x7e]*\Z")
_WORD = re.compile(r"\S+")


def is_invisible(character: str) -> bool:
    """Whether a character must be drawn as a chip: controls (but newline and tab), formats, private use, surrogates,
    unassigned, separators other than the space, and the fillers that render as nothing."""
    if character in _KEEP or " " <= character <= "~":
        return False
    if character in "\u115f\u1160\u3164\uffa0\u2800":
        return True
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"):
        return True
    if category == "Zs":
        return True
    # Variation selectors and tags are marks that draw nothing of their own.
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def chip(character: str) -> str:
    """What stands for a character that cannot be seen."""
    return f"⟦U+{ord(character):04X}⟧"


def _confusable_in(word: str) -> bool:
    """A word that mixes ASCII letters with look-alikes of another script."""
    return any(c in _CONFUSABLE for c in word) and any("a" <= c.lower() <= "z" for c in word)


def visible(text: str) -> str:
    """The text with every invisible character as a chip, and look-alikes in otherwise ASCII words marked
    ``а⟦U+0430⟧`` behind the letter. Linear; returns the same object for plain ASCII."""
    if _ASCII.match(text):
        return text
    text = _WORD.sub(_mark_word, text)
    return "".join(chip(c) if is_invisible(c) else c for c in text)


def _mark_word(match: re.Match[str]) -> str:
    word = match.group()
    if not _confusable_in(word):
        return word
    return "".join(c + chip(c) if c in _CONFUSABLE else c for c in word)


def is_suspicious(text: str) -> bool:
    """Whether :func:`visible` would change the text."""
    return not _ASCII.match(text) and visible(text) != text


def folded(text: str) -> str:
    """The text as an unsuspecting reader sees it: formats removed, look-alikes as their ASCII letter, compatibility
    forms folded (NFKC). Effects are classified on both this and the raw text; a difference is itself a finding."""
    if _ASCII.match(text):
        return text
    plain = unicodedata.normalize("NFKC", text)
    return "".join(
        _CONFUSABLE.get(c, c) for c in plain if c in _KEEP or unicodedata.category(c) not in ("Cf", "Mn", "Cc")
    )


def one_line(text: str, limit: int = 200) -> str:
    """The beginning of a text on one line, made visible and elided."""
    head = text[: limit * 4]
    shown = visible(" ⏎ ".join(part.strip() for part in head.splitlines() if part.strip()))
    return shown if len(shown) <= limit and len(text) <= limit * 4 else shown[: limit - 1] + "…"
