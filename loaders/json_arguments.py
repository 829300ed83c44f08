"""JSON from strangers: any text gives a defined result, and what is odd about it is named.

Deep nesting, integers of thousands of digits, duplicate keys (the last silently wins in most readers), NaN and
lone surrogates are all legal to meet; none may end the reading or go unnoticed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

DUPLICATE_KEY = "duplicate_json_key"
UNPARSABLE = "unparsable_arguments"
NOT_A_NUMBER = "json_nan"
SURROGATE = "lone_surrogate"


class Parsed(NamedTuple):
    """``value`` None with the flag ``unparsable_arguments`` = no JSON. ``repeated`` holds, for each key that was
    given more than once in one object, all its values in order."""

    value: Any
    flags: tuple[str, ...]
    repeated: Mapping[str, tuple[Any, ...]]


_NONE: Mapping[str, tuple[Any, ...]] = {}


class _Notes:
    """Collects what is odd while the decoder runs."""

    def __init__(self) -> None:
        self.flags: list[str] = []
        self.repeated: dict[str, tuple[Any, ...]] = {}

    def pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            self.flags.append(DUPLICATE_KEY)
            seen: dict[str, list[Any]] = {}
            for key, item in pairs:
                seen.setdefault(key, []).append(item)
            self.repeated.update({key: tuple(items) for key, items in seen.items() if len(items) > 1})
        return value

    def constant(self, name: str) -> float:
        self.flags.append(NOT_A_NUMBER)
        return float(name.replace("Infinity", "inf"))


def parse_json(text: str) -> Parsed:
    """Parse JSON text without ever raising."""
    notes = _Notes()
    try:
        value = json.loads(text, object_pairs_hook=notes.pairs, parse_constant=notes.constant)
    except (ValueError, RecursionError):
        # ValueError also covers integers beyond Python's limit of digits.
        return Parsed(None, (UNPARSABLE,), _NONE)
    return Parsed(value, tuple(dict.fromkeys(notes.flags)), notes.repeated or _NONE)


def to_json(value: Any) -> str:
    """Compact, stable JSON text of a plain value; anything foreign becomes its text."""
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        return repr(value)[:10_000]


def without_nulls(value: Any, depth: int = 0) -> Any:
    """A struct that pads missing arguments with nulls, as the arguments that were given."""
    if depth > 50:
        return value
    if isinstance(value, dict):
        return {key: without_nulls(item, depth + 1) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item, depth + 1) for item in value]
    return value


def clean_text(text: str) -> tuple[str, bool]:
    """Text that can be written as UTF-8, and whether it had to be changed (lone surrogates are escaped)."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode("utf-8"), True
    return text, False
