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
_TOKEN = re.compile(r"\*+|\?|\[!?\]?[^\]]*\]|.", re.DOTALL)
_UNREAD = re.compile(r"\\|\[\^|\[:")
_ANY, _ONE, _SOME = "\ue020", "\ue021", "\ue022"


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


def may_share(first: str, second: str) -> bool:
    """Whether a name can match both patterns, as ``find`` reads them; True where that is not sure."""
    return _UNREAD.search(first + second) is not None or _meet(first, second)


@lru_cache(maxsize=1 << 14)
def within(first: str, second: str) -> bool:
    """Whether every name that matches the first pattern is known to match the second.

    The first is taken as a name in which each sign stands for itself; what matches any text or any letter of the
    second may stand for it, so that nothing is held to match which could fail to.
    """
    if first == second:
        return True
    if len(first) > _LONGEST or len(second) > _LONGEST or _UNREAD.search(first + second):
        return False
    name = "".join(_sign(token) for token in _TOKEN.findall(first))
    parts = [""]
    for token in _TOKEN.findall(second):
        if token[0] == "*":
            parts.append("")
        else:
            parts[-1] += _accepts(token)
    if len(parts) == 1:
        return re.fullmatch(parts[0], name, re.DOTALL) is not None
    # Every part is as long as it is, so the first place where it fits leaves the most to the next ones.
    place = 0
    for at, part in enumerate(parts[:-1]):
        pattern = re.compile(part, re.DOTALL)
        found = pattern.search(name, place) if at else pattern.match(name)
        if found is None:
            return False
        place = found.end()
    return re.search(f"(?:{parts[-1]})\\Z", name[place:], re.DOTALL) is not None


def _sign(token: str) -> str:
    if token[0] == "*":
        return _ANY
    return _ONE if token == "?" else token if len(token) == 1 else _SOME


def _accepts(token: str) -> str:
    if token == "?":
        return f"[^{_ANY}]"
    if len(token) == 1:
        return re.escape(token)
    return f"(?![{_ANY}{_ONE}{_SOME}])(?:{fnmatch.translate(token).removesuffix(chr(92) + 'Z')})"
