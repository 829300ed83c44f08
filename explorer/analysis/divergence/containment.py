"""Deletions that hold one another: whoever removes a folder removes what lies in it.

What one side removes inside a folder that the other removes whole is done by both; the folder's own deletion is not,
for it hits more. A pattern (``/srv/*.log``) holds the files that it matches.
"""

from __future__ import annotations

import fnmatch
import re
from functools import lru_cache

from explorer.analysis.targets import NormalTarget, shown_part, unresolved
from explorer.model.effect import Effect, EffectKind

_DEPTH = 32
_PATTERNS = 16
_LONGEST = 255
"""No name in a file system is longer."""
_GLOB = re.compile(r"[*?\[]")
_HIDDEN = re.compile(r"[*?\[{$`]")


class Removals:
    """The deletions of one trajectory, findable by what they hold and by what holds them. Linear in the path."""

    def __init__(self) -> None:
        self._folders: dict[str, int] = {}
        self._patterns: dict[str, list[tuple[str, int]]] = {}
        self._below: dict[str, list[tuple[str, int]]] = {}

    def add(self, effect: Effect, target: NormalTarget, value: int) -> None:
        """Add a deletion under a value; whatever else is passed over."""
        if not _removes(effect, target):
            return
        parent, name = _split(target.value)
        if unresolved(target):
            pass
        elif _GLOB.search(name):
            patterns = self._patterns.setdefault(parent, [])
            if len(patterns) < _PATTERNS:
                patterns.append((name, value))
        elif not effect.rule.startswith("rmdir"):
            self._folders.setdefault(target.value, value)
        for folder, inner in _above(target.value):
            below = self._below.setdefault(folder, [])
            if len(below) < _PATTERNS:
                below.append((inner, value))

    def holding(self, effect: Effect, target: NormalTarget) -> int | None:
        """The first deletion of a folder or pattern that holds this one's target."""
        if not _removes(effect, target):
            return None
        for folder, inner in _above(target.value):
            found = self._folders.get(folder)
            if found is not None:
                return found
            for pattern, value in self._patterns.get(folder, ()):
                if pattern != inner and _matches(pattern, inner):
                    return value
        return None

    def held_by(self, effect: Effect, target: NormalTarget) -> int | None:
        """The first deletion of something inside what this one removes."""
        if not _removes(effect, target) or unresolved(target):
            return None
        parent, name = _split(target.value)
        if not _GLOB.search(name):
            below = [] if effect.rule.startswith("rmdir") else self._below.get(target.value, [])
            return below[0][1] if below else None
        return next(
            (value for inner, value in self._below.get(parent, ()) if inner != name and _matches(name, inner)), None
        )


def holds(whole: tuple[Effect, NormalTarget], part: tuple[Effect, NormalTarget]) -> bool:
    """Whether one deletion removes what the other does, and more."""
    removals = Removals()
    removals.add(*whole, 0)
    return removals.holding(*part) is not None


def _removes(effect: Effect, target: NormalTarget) -> bool:
    """Whether it is a deletion of a path of which at least the folder is shown."""
    if effect.kind is not EffectKind.DELETE or target.type != "path":
        return False
    return not unresolved(target) or "/" in shown_part(target.value)


def _split(path: str) -> tuple[str, str]:
    """The folder that a path lies in ("." where it is relative to nothing named, "" above ``/``), and its name."""
    if path == "/":
        return "", ""
    parent, slash, name = path.rpartition("/")
    return (parent or "/") if slash else ".", name


@lru_cache(maxsize=1 << 14)
def _above(path: str) -> tuple[tuple[str, str], ...]:
    """The folders above a path, the nearest first, each with the name below it that leads to the path."""
    found: list[tuple[str, str]] = []
    while path not in ("/", ".", "~", "") and len(found) < _DEPTH:
        parent, name = _split(path)
        if name == "..":
            break
        found.append((parent, name))
        path = parent
    return tuple(found)


def _matches(pattern: str, name: str) -> bool:
    """Whether a shell pattern matches a name; what begins with a dot only where the pattern does."""
    if len(pattern) > _LONGEST or len(name) > _LONGEST or (name[:1] == "." and pattern[:1] != "."):
        return False
    if _HIDDEN.search(name):
        # A pattern, or a name that is not visible: only what matches any name is known to match it.
        return pattern == "*"
    return _compiled(pattern).match(name) is not None


@lru_cache(maxsize=4_096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(pattern))
