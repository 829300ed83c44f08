"""A tool's name and its verb slot: ``deleteFile``, ``files.delete``, ``mcp__drive__delete-file`` all say *delete*."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from explorer.analysis.effects.shared.making import words

_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_SEGMENTS = re.compile(r"__|[./:\\]")
_SKIPPED = words(
    "please do api tool tools bulk batch async sync safe force try mcp user_tool action function fn call run execute "
    "perform"
)
"""Words in front of a verb that are passed over where another verb follows."""
_EITHER = words(
    "order orders book file record report note post mail message email charge tag share link log schedule transfer fund"
    " test contact comment text access list label pin status document image format open trade gift task"
)
"""Words that are a verb in front and a noun elsewhere."""
MAX_NAME = 200


class ToolName(NamedTuple):
    """A name as lower-case words joined by underscores, and its words segment by segment."""

    snake: str
    words: tuple[str, ...]
    last: tuple[str, ...]


@lru_cache(maxsize=16_384)
def tool_name(name: str) -> ToolName:
    """The words of a name: split at ``_ - . / :`` and at camel-case humps."""
    name = name[:MAX_NAME]
    segments = [tuple(_words(segment)) for segment in _SEGMENTS.split(name)]
    segments = [segment for segment in segments if segment]
    words = tuple(word for segment in segments for word in segment)
    last = segments[-1] if segments else ()
    if name.startswith("mcp__") and len(segments) > 2:
        words = tuple(word for segment in segments[2:] for word in segment)
    return ToolName("_".join(words), words, last)


def _words(text: str) -> list[str]:
    return [piece.lower() for piece in _PIECES.findall(text)]


def verb_of(name: ToolName, verbs: Collection[str]) -> str | None:
    """The verb in the verb slot: the first word of the last segment, else the first verb of the name; a word that
    may be a noun gives way to a later verb."""
    for segment in (name.last, name.words):
        found = _slot(segment, verbs)
        if found is not None:
            return found
    return None


def _slot(slot: tuple[str, ...], verbs: Collection[str]) -> str | None:
    candidates = [word for word in slot if word in verbs]
    if not candidates:
        joined = "".join(slot[:2])
        return joined if len(slot) > 1 and joined in verbs else None
    first = candidates[0]
    if len(candidates) == 1:
        return first
    if first in _SKIPPED and slot[0] == first and slot[1] == candidates[1]:
        return candidates[1]
    # A word that can be a noun is the verb only in front, and not before a trailing verb ("order_cancel").
    if first in _EITHER and (slot[0] != first or slot[-1] == candidates[-1]) and candidates[-1] not in _EITHER:
        return next(word for word in candidates if word not in _EITHER)
    return first
