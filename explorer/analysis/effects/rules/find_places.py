"""What a ``find`` command hits: the folders where it starts, with the patterns that choose files there.

``find /var/tmp -name '*.log' -delete`` removes ``/var/tmp/*.log`` and not ``/var/tmp``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from explorer.analysis.effects.shared.making import words

SOME = "{}"
"""Stands for files that are chosen by something else than their name."""
MAX_PATTERNS = 16
_VALUED = words(
    "-name -iname -path -ipath -wholename -iwholename -regex -iregex -lname -ilname -type -xtype -size -mtime -atime "
    "-ctime -mmin -amin -cmin -newer -anewer -cnewer -perm -user -group -uid -gid -maxdepth -mindepth -printf -inum "
    "-links -samefile -fstype -context -used -regextype -fprint -fprint0 -fls -D -newermt -newerct -newerat -Bmin"
)
_NAMES = frozenset({"-name", "-iname"})
_PATHS = frozenset({"-path", "-ipath", "-wholename", "-iwholename"})
_NO_CHOICE = words(
    "-type -xtype -maxdepth -mindepth -depth -d -xdev -mount -daystart -follow -noleaf -print -print0 -printf -ls "
    "-fprint -fprint0 -fprintf -fls -delete -true -warn -nowarn -ignore_readdir_race -regextype -quit"
)
_EXEC = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_OR = frozenset({"-o", "-or", ","})
_NOT = frozenset({"!", "-not", "\\!"})
_OPTIONS = frozenset({"-H", "-L", "-P"})


class _Choice(NamedTuple):
    """One alternative of an expression: the patterns it asks for, whether it asks for anything else, whether it only
    keeps find from going somewhere."""

    names: list[str]
    paths: list[str]
    other: bool
    prunes: bool


def find_places(given: Sequence[str]) -> tuple[list[str], bool]:
    """The paths that a find with these words hits, and whether they are told by patterns of names (several are written
    ``/srv/{*.bak,*.tmp}``); where something else chooses, the folder with ``{}`` below it; where nothing does, the
    folder itself."""
    points, at = _points(given)
    choices = [choice for choice in _choices(given[at:]) if not choice.prunes]
    named = bool(choices) and all(choice.names or choice.paths for choice in choices)
    if not named:
        chosen = any(choice.other or choice.names or choice.paths for choice in choices)
        return [_below(point, SOME) if chosen else point for point in points], False
    patterns = sorted({_pattern(choice) for choice in choices})[:MAX_PATTERNS]
    return [_below(point, patterns[0] if len(patterns) == 1 else _braced(patterns)) for point in points], True


def _points(given: Sequence[str]) -> tuple[list[str], int]:
    points: list[str] = []
    for at, word in enumerate(given):
        if word in _OPTIONS or word.startswith(("-O", "-D")):
            continue
        if word.startswith("-") or word in ("(", ")", "\\(", *_NOT):
            return points or ["."], at
        points.append(word)
    return points or ["."], len(given)


def _choices(expression: Sequence[str]) -> list[_Choice]:
    found = [_Choice([], [], False, False)]
    at, negated = 0, False
    while at < len(expression):
        word = expression[at]
        at += 1
        if word in _OR:
            found.append(_Choice([], [], False, False))
        elif word in _NOT:
            negated = True
            continue
        elif word in _EXEC:
            while at < len(expression) and expression[at] not in (";", "\\;", "+"):
                at += 1
            at += 1
        elif word == "-prune":
            found[-1] = found[-1]._replace(prunes=True)
        elif word.startswith("-"):
            value = expression[at] if word in _VALUED and at < len(expression) else ""
            at += (word in _VALUED) + 2 * (word == "-fprintf")
            found[-1] = _with(found[-1], word, value, negated)
        elif word in ("(", "\\(") and negated:
            found[-1] = found[-1]._replace(other=True)
            at = _group_end(expression, at)
        negated = False
    return found


def _group_end(expression: Sequence[str], at: int) -> int:
    """The place after the group whose inside begins at ``at``."""
    deep = 1
    while at < len(expression) and deep:
        deep += (expression[at] in ("(", "\\(")) - (expression[at] in (")", "\\)"))
        at += 1
    return at


def _with(choice: _Choice, word: str, value: str, negated: bool) -> _Choice:
    if word in _NO_CHOICE:
        return choice
    if value and not negated and word in _NAMES:
        return choice._replace(names=[*choice.names, value][:MAX_PATTERNS])
    if value and not negated and word in _PATHS:
        return choice._replace(paths=[*choice.paths, value][:MAX_PATTERNS])
    return choice._replace(other=True)


def _pattern(choice: _Choice) -> str:
    """The pattern of one alternative: all must hold, so that a path pattern is narrowed by the name."""
    if choice.names and choice.paths:
        return f"{choice.paths[0].removesuffix('*').rstrip('/')}/{choice.names[0]}"
    return (choice.names or choice.paths)[0]


def _braced(patterns: Sequence[str]) -> str:
    return "{" + ",".join(patterns) + "}"


def _below(point: str, pattern: str) -> str:
    folder = point.rstrip("/")
    if pattern.startswith(f"{point}/") or (pattern.startswith("/") and point.startswith("/")):
        return pattern
    return pattern if point in (".", "./") and pattern != SOME else f"{folder}/{pattern.removeprefix('./')}"
