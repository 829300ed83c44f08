"""When two effects act on the same thing: targets compared by value after normalisation."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from explorer.analysis.addresses import is_address, may_be_same_address, normal_address
from explorer.analysis.effects.shared.folders import PATH_TYPES, normal_path
from explorer.analysis.name_patterns import can_meet
from explorer.model.effect import KIND_CODE, Effect, EffectKind, StepEffects, Target
from explorer.model.trajectory import IntArray

_SLASHES = re.compile(r"/{2,}")
_BLANKS = re.compile(r"\s+")
_TEMPORARY = re.compile(r"(/tmp/(?:tmp|temp)[._-]?)[A-Za-z0-9_]{6,}")
_DIGITS = re.compile(r"\d+")
_HEX = re.compile(r"\b[0-9a-f]{8,}\b")
_PLACEHOLDER = re.compile(r"\$[\w{(!@*?$#]|`|\{\}|…$|^\d+ more$")
_HOME = re.compile(r"(?:~|\$HOME|\$\{HOME\})(?=/|$)")
_HOMES = re.compile(r"/root(?=/|$)|/(?:home|Users)/[^/]+(?=/|$)")
_UP = re.compile(r"/\.\.(?:/|$)")
_ABOVE = re.compile(r"(?:\.\.?(?:/|$))+")
_SORTED_BY_CLASS = frozenset({"path", "process", "service", "table", "package", ""})
_PROCESSES = frozenset({"process", "service"})
_NUMBER = re.compile(r"-?\d+")
_SORTS = {
    "path": "path",
    "process": "process",
    "service": "process",
    "package": "package",
    "url": "url",
    "table": "table",
}
_LIMIT = 2_000
_TELLING = 6


class NormalTarget(NamedTuple):
    """A comparable target. ``value`` "" = the target is not known; ``decided_by`` stands for the text that decides
    what a value that is not known will be, or for the folder in which a value means what it means ("" = neither)."""

    type: str
    value: str
    decided_by: str = ""


UNKNOWN_TARGET = NormalTarget("", "")


def normal_target(target: Target | None, decided_by: str = "") -> NormalTarget:
    """The comparable form: unquoted, case- and blank-folded where case carries no meaning, paths without
    ``.``, ``..``, doubled and trailing slashes and with one name for the home folder, random names of temporary
    folders masked."""
    found = _normal(target)
    return found._replace(decided_by=decided_by) if decided_by else found


def _normal(target: Target | None) -> NormalTarget:
    if target is None or not target.value.strip():
        return UNKNOWN_TARGET
    value = target.value.strip()
    value = (value if len(value) <= _LIMIT else value[:_LIMIT] + "…").strip("\"'")
    if "://" in value and target.type not in PATH_TYPES and is_address(value):
        return NormalTarget(target.type or "url", normal_address(value).casefold())
    if target.type in PATH_TYPES or (target.type in ("", "unknown") and "/" in value):
        value = _HOME.sub("~", _SLASHES.sub("/", value), count=1) if value[:1] in "~$" else _SLASHES.sub("/", value)
        hidden = _PLACEHOLDER.search(value)
        # ``..`` above a name that is not visible leads to nobody knows where; what stands before it is known.
        value = normal_path(value) if hidden is None or not _UP.search(value, hidden.start()) else value
        value = _TEMPORARY.sub(r"\1*", value)
        return NormalTarget("path", value.rstrip("/") or "/")
    value = _BLANKS.sub(" ", value).casefold()
    if ", " in value:
        value = ", ".join(sorted(set(value.split(", "))))  # the order of recipients carries no meaning
    return NormalTarget(target.type, value)


@lru_cache(maxsize=1 << 14)
def unresolved(target: NormalTarget) -> bool:
    """Whether the value is not known: none, one that holds a variable or placeholder, or one that was cut off."""
    return not target.value or _PLACEHOLDER.search(target.value) is not None


def same_target(first: NormalTarget, second: NormalTarget) -> bool | None:
    """Whether two targets are the same thing; None if that cannot be told.

    Values that are not known are the same only where the text that decides them is: the same command in the same
    folder hits what it hits on both sides. A relative path is the same as an equal one, for want of anything that
    tells their folders apart; whether it is an absolute one that ends in it cannot be told, nor whether a home folder
    is the one that an absolute path names. A long value is the same thing under another type (an account as payee or
    recipient); record 24 of one type is not record 24 of another. A process goes by a name or a part of its command
    line as well as by the number that it has in one run, a record in an address by a number or a name.
    """
    if first.value == second.value and (first.type == second.type or _tells(first.value)):
        if first.decided_by == second.decided_by and (first.decided_by or not unresolved(first)):
            return True
        return None
    sort = _SORTS.get(first.type)
    other_sort = _SORTS.get(second.type)
    if sort != other_sort and sort is not None and other_sort is not None:
        return False
    if unresolved(first) or unresolved(second):
        return False if sort == other_sort == "path" and _apart_from(first.value, second.value) else None
    if sort != other_sort or sort is None:
        return False
    if sort == "process":
        return None if _may_be_process(first.value, second.value) else False
    if sort == "url":
        return None if may_be_same_address(first.value, second.value) else False
    if sort != "path":
        return False
    return None if _may_be(first.value, second.value) or _may_be(second.value, first.value) else False


def _tells(value: str) -> bool:
    """Whether a value names its thing by itself, whatever its type."""
    return len(value) >= _TELLING


@lru_cache(maxsize=1 << 14)
def shown_part(path: str) -> str:
    """A path up to the first name that is not visible."""
    hidden = _PLACEHOLDER.search(path)
    return path if hidden is None else path[: path.rfind("/", 0, hidden.start()) + 1]


def _apart_from(first: str, second: str) -> bool:
    """Whether two paths of which a part is not visible cannot be the same: they begin differently, or a
    search asks for other names."""
    shown_first, shown_second = shown_part(first), shown_part(second)
    return _apart(shown_first, shown_second) or not can_meet(first, second, shown_first, shown_second)


def _may_be_process(first: str, second: str) -> bool:
    """Whether two names of processes may mean the same one: a number is given anew in each run."""
    if _NUMBER.fullmatch(first) or _NUMBER.fullmatch(second):
        return True
    return first in second or second in first


def _apart(first: str, second: str) -> bool:
    """Whether two absolute beginnings of paths lie beside each other, so that nothing below them is the same."""
    if not first.startswith("/") or not second.startswith("/"):
        return False
    short, long = sorted((first, second), key=len)
    return not (long.startswith(short) if short.endswith("/") else long == short)


def _may_be(path: str, other: str) -> bool:
    """Whether a path whose folder is not known, or that lies in some home folder, may be the other one."""
    if path.startswith("/"):
        return False
    if path.startswith("~"):
        home = _HOMES.match(other)
        return home is not None and other[home.end() :] == path[1:]
    ending = _ABOVE.sub("", path, count=1)
    if not ending:
        return other.startswith(("/", "..")) and other != path
    return other.endswith("/" + ending) or (ending != path and other == ending)


class TargetIndex:
    """Finds, among targets added with a value each, the first that is the same thing (see :func:`same_target`), in
    time that does not grow with their number."""

    def __init__(self) -> None:
        self._exact: dict[NormalTarget, int] = {}
        self._by_value: dict[tuple[str, str], int] = {}
        self._undecided: dict[tuple[str, str], int] = {}
        self._undecided_by_value: dict[str, int] = {}
        self._relative: dict[str, int] = {}
        self._endings: dict[str, int] = {}

    def add(self, target: NormalTarget, value: int) -> None:
        if target.decided_by or unresolved(target):
            self._undecided.setdefault(target[:2], value)
            if _tells(target.value):
                self._undecided_by_value.setdefault(target.value, value)
            if not target.decided_by:
                return
        self._exact.setdefault(target, value)
        if _tells(target.value):
            self._by_value.setdefault(target[1:], value)
        if target.type == "path" and not unresolved(target):
            for ending in _loose_ends(target.value):
                self._relative.setdefault(ending, value)
            for ending in _endings(target.value):
                self._endings.setdefault(ending, value)

    @property
    def holds_unknown(self) -> bool:
        """Whether of any of them it is not known what it is."""
        return bool(self._undecided)

    def find(self, target: NormalTarget) -> int | None:
        """The value of the first that is the same, else None."""
        if unresolved(target) and not target.decided_by:
            return None
        found = self._exact.get(target)
        return found if found is not None else self._by_value.get(target[1:])

    def maybe(self, target: NormalTarget) -> int | None:
        """The value of one of which it cannot be told whether it is the same although what is known of the two
        agrees: an equal value that is not known, or a path of which one side does not tell the folder."""
        if target.decided_by or unresolved(target):
            found = self._undecided.get(target[:2])
            return found if found is not None else self._undecided_by_value.get(target.value)
        if target.type != "path":
            return None
        wanted = (self._endings.get(ending) for ending in _loose_ends(target.value))
        found = next((value for value in wanted if value is not None), None)
        if found is None:
            found = next((self._relative[end] for end in _endings(target.value) if end in self._relative), None)
        return found


def is_loose(target: NormalTarget) -> bool:
    """Whether it may be another thing than one with an equal value, or the same as one with another (but for paths
    whose folder is not known, which :class:`TargetIndex` finds)."""
    return bool(target.decided_by) or unresolved(target) or target.type == "url" or target.type in _PROCESSES


def _loose_ends(path: str) -> list[str]:
    """The ending under which a path without a full name may be another one, as :func:`_endings` names them."""
    if path.startswith("/"):
        return []
    if path.startswith("~"):
        return [path]
    ending = _ABOVE.sub("", path, count=1)
    return [ending] if ending else []


@lru_cache(maxsize=1 << 14)
def _endings(path: str) -> tuple[str, ...]:
    """What follows each slash of a path, longest first, at most 32; below a home folder also the path as ``~/…``."""
    parts = path.split("/")
    found = ("/".join(parts[at:]) for at in range(max(1, len(parts) - 32), len(parts)) if parts[at])
    home = _HOMES.match(path)
    return tuple(found) if home is None else ("~" + path[home.end() :], *found)


def target_class(target: NormalTarget) -> str:
    """What sort of thing it is: numbers and identifiers masked, of a path the folder's depth and the suffix."""
    if not target.value:
        return target.type
    if target.type == "path":
        name = target.value.rsplit("/", 1)[-1]
        suffix = name.rsplit(".", 1)[-1] if "." in name[1:] else ""
        top = target.value.split("/", 2)[1] if target.value.startswith("/") and len(target.value) > 1 else ""
        glob = "*" if "*" in name else ""
        return f"path:/{top}:{suffix}{glob}" if top else f"path:{suffix}{glob}"
    if target.type in ("process", "service"):
        return f"{target.type}:{_DIGITS.sub('0', target.value)}"
    if target.value.count("@") == 1:
        return f"{target.type}:mail"
    return target.type


def move_target(target: NormalTarget) -> str:
    """What sort of thing it is; who gets something is named, for the same payee or address makes it the same move."""
    if target.type in _SORTED_BY_CLASS or not _tells(target.value):
        return target_class(target)
    return f"{target.type}:{target.value}"


def fold_value(target: NormalTarget) -> str:
    """The value under which repeats are one: a process number says nothing, a file's name does."""
    if target.type in ("process", "service"):
        return _HEX.sub("0", _DIGITS.sub("0", target.value))
    return target.value if _tells(target.value) else f"{target.type}: {target.value}"


def step_target_codes(effects: StepEffects, concern: Collection[EffectKind]) -> IntArray:
    """int32 per step: equal where the effects of concern and their normalised targets are equal; 0 = none."""
    codes: dict[frozenset[tuple[int, NormalTarget]], int] = {frozenset(): 0}
    table = np.zeros(len(effects.catalog), dtype=np.int32)
    for index, found in enumerate(effects.catalog):
        key = frozenset((KIND_CODE[e.kind], normal_target(e.target)) for e in found if e.kind in concern)
        table[index] = codes.setdefault(key, len(codes))
    return table[effects.codes] if len(table) else np.zeros(len(effects.codes), dtype=np.int32)


def shown(effect: Effect) -> str | None:
    """The target as shown and stored: the logged value, bounded."""
    if effect.target is None or not effect.target.value:
        return None
    value = effect.target.value
    return value if len(value) <= _LIMIT else value[: _LIMIT - 1] + "…"
