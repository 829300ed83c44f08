"""Which names a search asks for (``/srv/*.log{}``, ``/srv/{a,b*}{}``), and whether two searches, or a search and a
path, can meet."""

from __future__ import annotations

import fnmatch
import re
from functools import lru_cache

_ASKED = re.compile(r"/(?P<names>[^/$`]{1,2000})\{\}$")
_WILD = re.compile(r"[*?\[]")
_SIGNS = re.compile(r"[*?\[\]]")
_MOST = 32
_LONGEST = 255
"""No name in a file system is longer."""


@lru_cache(maxsize=1 << 14)
def asked_names(path: str) -> tuple[str, ...]:
    """The patterns of names, in small letters, of which a search finds at least one; empty where it is open."""
    found = _ASKED.search(path)
    if found is None:
        return ()
    listed = found["names"]
    if listed[:1] == "{" and listed[-1:] == "}":
        listed = listed[1:-1]
    names = tuple(name.casefold() for name in listed.split(","))
    if len(names) > _MOST or not all(names) or any("{" in name or "}" in name for name in names):
        return ()
    return names


def can_meet(first: str, second: str, first_shown: str, second_shown: str) -> bool:
    """Whether two paths, of which at least one is of a search, can be the same or lie in one another. ``…_shown`` is
    of each what stands before the first name that is not visible."""
    one, two = asked_names(first), asked_names(second)
    return _reaches(one, first_shown, second, second_shown, two) and _reaches(
        two, second_shown, first, first_shown, one
    )


def _reaches(names: tuple[str, ...], shown: str, other: str, other_shown: str, others: tuple[str, ...]) -> bool:
    """Whether what a search asks for can be the other path, or a folder on the way to it."""
    if not names:
        return True
    start = _folder(other_shown) if others else other_shown
    if not others and other_shown != other:
        return True
    if not start.startswith(shown):
        # The other begins above: what lies between is not known to be asked for by it.
        return not others or _any_meets(names, others)
    below = [part.casefold() for part in start[len(shown) :].split("/") if part]
    return any(_meet(name, part) for name in names for part in below) or (bool(others) and _any_meets(names, others))


def _folder(shown: str) -> str:
    return shown[: shown.rfind("/") + 1]


def _any_meets(names: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return any(_meet(name, other) for name in names for other in others)


@lru_cache(maxsize=1 << 14)
def _meet(first: str, second: str) -> bool:
    """Whether a name can match both patterns; where both hold signs for anything, by what they begin and end with."""
    if len(first) > _LONGEST or len(second) > _LONGEST:
        return True
    if not _WILD.search(second):
        return re.match(fnmatch.translate(first), second) is not None
    if not _WILD.search(first):
        return re.match(fnmatch.translate(second), first) is not None
    head, other_head = _SIGNS.split(first)[0], _SIGNS.split(second)[0]
    tail, other_tail = _SIGNS.split(first)[-1], _SIGNS.split(second)[-1]
    heads = head.startswith(other_head) or other_head.startswith(head)
    return heads and (tail.endswith(other_tail) or other_tail.endswith(tail))
