"""When two effects act on the same thing: targets compared by value after normalisation."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from explorer.model.effect import KIND_CODE, Effect, EffectKind, StepEffects, Target
from explorer.model.trajectory import IntArray

_SLASHES = re.compile(r"/{2,}")
_DOT_PARTS = re.compile(r"(?<![^/])\./")
_BLANKS = re.compile(r"\s+")
_TEMPORARY = re.compile(r"(/tmp/(?:tmp|temp)[._-]?)[A-Za-z0-9_]{6,}")
_DIGITS = re.compile(r"\d+")
_HEX = re.compile(r"\b[0-9a-f]{8,}\b")
_PATH_TYPES = frozenset({"path", "file", "dir", "directory", "folder", "worktree", "repo"})
_PLACEHOLDER = re.compile(r"\$[\w{(!@*?$#]|`|\{\}")
_SORTED_BY_CLASS = frozenset({"path", "process", "service", "table", "package", ""})
_LIMIT = 2_000
_TELLING = 6


class NormalTarget(NamedTuple):
    """A comparable target. ``value`` "" = the target is not known."""

    type: str
    value: str


UNKNOWN_TARGET = NormalTarget("", "")


def normal_target(target: Target | None) -> NormalTarget:
    """The comparable form: unquoted, case- and blank-folded where case carries no meaning, paths without
    ``./``, doubled and trailing slashes, random names of temporary folders masked."""
    if target is None or not target.value.strip():
        return UNKNOWN_TARGET
    value = target.value.strip()[:_LIMIT].strip("\"'")
    if target.type in _PATH_TYPES or (target.type in ("", "unknown") and "/" in value):
        value = _DOT_PARTS.sub("", _SLASHES.sub("/", value))
        value = _TEMPORARY.sub(r"\1*", value)
        value = value.rstrip("/") or "/"
        return NormalTarget("path", value)
    value = _BLANKS.sub(" ", value).casefold()
    if ", " in value:
        value = ", ".join(sorted(set(value.split(", "))))  # the order of recipients carries no meaning
    return NormalTarget(target.type, value)


def unresolved(target: NormalTarget) -> bool:
    """Whether the value is not known: none, or one that holds a variable or placeholder."""
    return not target.value or _PLACEHOLDER.search(target.value) is not None


def same_target(first: NormalTarget, second: NormalTarget) -> bool | None:
    """Whether two targets are the same thing; None if one of them is not known.

    A relative path meets an absolute one that ends in it: the folder a command was given in is not logged. A long
    value is the same thing under another type (an account as payee or recipient); record 24 of one type is not record
    24 of another.
    """
    if first == second:
        return True
    if first.value and first.value == second.value and _tells(first.value):
        return True
    if unresolved(first) or unresolved(second):
        return None
    if first.type == second.type == "path":
        short, long = sorted((first.value, second.value), key=len)
        return not short.startswith(("/", "~")) and "*" not in short and long.endswith("/" + short)
    return False


def _tells(value: str) -> bool:
    """Whether a value names its thing by itself, whatever its type."""
    return len(value) >= _TELLING


class TargetIndex:
    """Finds, among targets added with a value each, the first that is the same thing (see :func:`same_target`), in
    time that does not grow with their number."""

    def __init__(self) -> None:
        self._exact: dict[NormalTarget, int] = {}
        self._by_value: dict[str, int] = {}
        self._relative: dict[str, int] = {}
        self._endings: dict[str, int] = {}

    def add(self, target: NormalTarget, value: int) -> None:
        self._exact.setdefault(target, value)
        if not target.value:
            return
        if _tells(target.value):
            self._by_value.setdefault(target.value, value)
        if target.type == "path" and not unresolved(target):
            if not target.value.startswith(("/", "~")):
                self._relative.setdefault(target.value, value)
            for ending in _endings(target.value):
                self._endings.setdefault(ending, value)

    def find(self, target: NormalTarget) -> int | None:
        """The value of the first that is the same, else None."""
        found = self._exact.get(target)
        if found is not None or not target.value:
            return found
        found = self._by_value.get(target.value)
        if found is not None or target.type != "path" or unresolved(target):
            return found
        if not target.value.startswith(("/", "~")) and "*" not in target.value:
            found = self._endings.get(target.value)
        if found is None:
            endings = (ending for ending in _endings(target.value) if "*" not in ending)
            found = next((self._relative[ending] for ending in endings if ending in self._relative), None)
        return found


def _endings(path: str) -> list[str]:
    """What follows each slash of a path, longest first, at most 32."""
    parts = path.split("/")
    return ["/".join(parts[at:]) for at in range(max(1, len(parts) - 32), len(parts)) if parts[at]]


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
