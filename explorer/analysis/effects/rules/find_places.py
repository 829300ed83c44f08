"""What a ``find`` command hits: the folders where it starts, with the patterns that choose files there.

``find /var/tmp -name '*.log' -delete`` removes ``/var/tmp/*.log`` and not ``/var/tmp``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from explorer.analysis.effects.rules.find_expression import RUNS, Unit, alternatives, chosen_by, start_points
from explorer.analysis.effects.shared.making import words

SOME = "{}"
"""Stands for files that are chosen by something else than their name."""
MAX_PATTERNS = 16
_NAMES = frozenset({"-name", "-iname"})
_PATHS = frozenset({"-path", "-ipath", "-wholename", "-iwholename"})
_NO_CHOICE = words(
    "-type -xtype -maxdepth -mindepth -depth -d -xdev -mount -daystart -follow -noleaf -true -warn -nowarn "
    "-ignore_readdir_race -regextype -quit"
)
_PRINTS = words("-print -print0 -printf -ls")


def find_places(given: Sequence[str], action: str = "") -> tuple[list[str], bool]:
    """The paths that a find with these words hits, and whether they are told by patterns of names (one path a
    pattern); where something else chooses, the folder with ``{}`` below it; where nothing does, the folder itself.
    ``action`` (``-delete``, ``-exec``, ``-print``) narrows it to what that action hits."""
    places, named = _places(tuple(given), action)
    return list(places), named


@lru_cache(maxsize=1024)
def _places(given: tuple[str, ...], action: str) -> tuple[tuple[str, ...], bool]:
    points, at = start_points(given)
    choices = [_Choice(tests) for tests in acting(alternatives(given[at:]), action)]
    if not choices or not all(choice.names or choice.paths for choice in choices):
        chosen = any(choice.other or choice.names or choice.paths for choice in choices)
        return tuple(_below(point, SOME) if chosen else point for point in points), False
    patterns = sorted({choice.pattern() for choice in choices})[:MAX_PATTERNS]
    return tuple(_below(point, pattern) for point in points for pattern in patterns), True


def spares_start(given: Sequence[str]) -> bool:
    """Whether the folder where a find starts is not among what it hits: it asks for files, or for what lies deeper."""
    words = list(given)
    return any(
        (word == "-type" and "d" not in value) or (word == "-mindepth" and value != "0")
        for word, value in pairwise(words)
    )


def acting(found: Sequence[Sequence[Unit]], action: str) -> list[list[Unit]]:
    """Of each alternative that comes to an action the tests that choose for it; of all but those that only keep find
    from going somewhere, where none does."""
    kept = [units for units in found if any(_is(unit, action) for unit in units)] if action else []
    kept = kept or [units for units in found if ("-prune",) not in units]
    return [chosen_by(units, next((unit[0] for unit in units if _is(unit, action)), "")) for units in kept]


def _is(unit: Unit, action: str) -> bool:
    return unit[0] == action or (action == "-print" and unit[0] in _PRINTS) or (action == "-exec" and unit[0] in RUNS)


class _Choice:
    """The patterns that one alternative asks for, and whether it asks for anything else."""

    __slots__ = ("names", "other", "paths")

    def __init__(self, tests: Sequence[Unit]) -> None:
        self.names = [unit[1] for unit in tests if unit[0] in _NAMES and len(unit) > 1]
        self.paths = [unit[1] for unit in tests if unit[0] in _PATHS and len(unit) > 1]
        self.other = any(unit[0] not in _NO_CHOICE and _matches_no_name(unit) for unit in tests)

    def pattern(self) -> str:
        """All must hold, so that a path pattern is narrowed by the name."""
        if self.names and self.paths:
            return f"{self.paths[0].removesuffix('*').rstrip('/')}/{self.names[0]}"
        return (self.names or self.paths)[0]


def _matches_no_name(unit: Unit) -> bool:
    return unit[0].startswith(("-", "!", "(")) and not (len(unit) > 1 and unit[0] in _NAMES | _PATHS)


def pattern_of(tests: Sequence[Unit]) -> str:
    """The pattern of names or paths that the tests of one alternative ask for, "" where they ask for none."""
    choice = _Choice(tests)
    return choice.pattern() if choice.names or choice.paths else ""


def _below(point: str, pattern: str) -> str:
    folder = point.rstrip("/")
    if pattern.startswith(f"{point}/") or (pattern.startswith("/") and point.startswith("/")):
        return pattern
    return pattern if point in (".", "./") and pattern != SOME else f"{folder}/{pattern.removeprefix('./')}"
