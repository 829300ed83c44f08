"""Where two calls that do the same to the same thing differ: named fields, and how much more one hands over."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

_TEXT_LIMIT = 20_000
_FIELDS = 64
_EXACT = 15
_AMOUNT = frozenset({"amount", "amounts", "total", "sum", "quantity", "price", "value", "count"})
_NAMES = re.compile(r"(?i)account|phone|card|iban|\bid\b|_id|order|house|street")
"""Fields whose numbers are names of things."""
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


class Differing(NamedTuple):
    """One field of the arguments: what it is here and there, "" = not given."""

    field: str
    own: str
    other: str


def differing_fields(own: str | None, other: str | None) -> tuple[Differing, ...]:
    """The fields by which two JSON objects differ, in the order of the first; none where one is no JSON object.
    Numbers are compared by value (50 is 50.0), everything else as text."""
    first, second = _fields(own), _fields(other)
    if first is None or second is None:
        return ()
    names = list(dict.fromkeys([*first, *second]))
    return tuple(
        Differing(name, first.get(name, ""), second.get(name, ""))
        for name in names
        if not _equal(first.get(name, ""), second.get(name, ""))
    )


def surplus(differing: tuple[Differing, ...]) -> float:
    """The share of the own amount that is over the other's (0–1): 0.5 where twice as much is handed over; the largest
    of several amounts, 0 where there is none."""
    found = 0.0
    for field, own, other in differing:
        if _AMOUNT & {word.casefold() for word in _WORDS.findall(field[:80])} and not _NAMES.search(field[:80]):
            mine, theirs = _number(own), _number(other)
            if mine is not None and theirs is not None and mine > max(theirs, 0.0):
                found = max(found, 1.0 - max(theirs, 0.0) / mine)
    return found


def _fields(text: str | None) -> Mapping[str, str] | None:
    if not text or len(text) > _TEXT_LIMIT or not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    named = list(value.items())[:_FIELDS]
    return {str(name): inner if isinstance(inner, str) else _told(inner) for name, inner in named}


def _told(value: object) -> str:
    return "" if value is None else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _equal(first: str, second: str) -> bool:
    if first == second:
        return True
    if max(len(first), len(second)) > _EXACT:
        return False  # a float keeps no more digits: an account's number is no quantity
    mine, theirs = _number(first), _number(second)
    return mine is not None and mine == theirs


def _number(text: str) -> float | None:
    if not text or len(text) > 40 or not text[-1].isdigit():
        return None
    try:
        return float(text)
    except ValueError:
        return None
