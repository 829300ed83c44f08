"""A small English stemmer whose stems are always prefixes of the word.

It only takes endings off, never puts letters back, so a text can be searched for the stem itself. It joins the
forms a filter's author would expect (delete, deletes, deleted, deleting, deletion, deleter) and does not try to
be a linguist: three letters with a vowel always remain, and irregular forms stay apart.
"""

from __future__ import annotations

_ENDINGS = (
    "ations", "ation", "ators", "ator", "ating", "ated", "ates", "ate",
    "ions", "ion", "ings", "ing", "ers", "er", "ors", "or", "als", "al", "ures", "ure",
    "ements", "ement", "ments", "ment", "ables", "able", "ed", "es", "e", "s",
)  # fmt: skip
_LEAST = 3
_VOWELS = frozenset("aeiouy")
_DOUBLED = frozenset("bcdfgklmnprstz")


def stem(word: str) -> str:
    """The stem of one lower-case word: a prefix of it, at least three letters long (shorter words as they are)."""
    kept = word
    for ending in _ENDINGS:
        if word.endswith(ending) and _may_lose(word, ending):
            kept = word[: len(word) - len(ending)]
            break
    if len(kept) > _LEAST and (kept[-1] in "iy" or (kept[-1] == kept[-2] and kept[-1] in _DOUBLED)):
        kept = kept[:-1]
    return kept


def _may_lose(word: str, ending: str) -> bool:
    rest = word[: len(word) - len(ending)]
    if len(rest) < _LEAST or _VOWELS.isdisjoint(rest):
        return False
    # "removal" is a form of remove; "terminal", which fills agent logs, is none of terminate.
    return ending not in ("al", "als") or rest.endswith("v")
