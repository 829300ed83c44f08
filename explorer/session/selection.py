"""One owner of what is selected; every view reads it and sends intents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from psygnal import Signal


class BrushMode(StrEnum):
    """How a new set of trajectories combines with those already brushed."""

    REPLACE = "replace"
    ADD = "add"
    INTERSECT = "intersect"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Selection:
    """What every view highlights.

    ``entry``: row of the queue's table (divergences); ``pair``: row of the pairs table; ``step``: row of the
    dataset's steps; ``trajectory``: row of the trajectories; ``brushed``: trajectories chosen on the map or by a
    cell of the workbench (empty = no restriction). ``covered``: all entries a verdict given now is for ("the same
    move"), the selected one among them; empty = the selected one alone.
    """

    entry: int | None = None
    pair: int | None = None
    step: int | None = None
    trajectory: int | None = None
    brushed: frozenset[int] = frozenset()
    covered: frozenset[int] = frozenset()


class SelectionModel:
    """Holds the selection. An equal update is silent; listeners get (new, old, origin) and skip their own echo."""

    changed = Signal(object, object, str)

    def __init__(self) -> None:
        self.current = Selection()

    def update(self, *, origin: str, **changes: Any) -> None:
        """Change some of the fields; emits ``changed`` once if anything differs. Another entry covers itself only."""
        if "entry" in changes:
            changes.setdefault("covered", frozenset())
        new = replace(self.current, **changes)
        old = self.current
        if new == old:
            return
        self.current = new
        self.changed.emit(new, old, origin)

    def brush(self, trajectories: Iterable[int], *, origin: str, mode: BrushMode = BrushMode.REPLACE) -> None:
        """Combine a set of trajectories with the brushed ones."""
        given, held = frozenset(trajectories), self.current.brushed
        combined = {
            BrushMode.REPLACE: given,
            BrushMode.ADD: held | given,
            BrushMode.INTERSECT: held & given,
            BrushMode.REMOVE: held - given,
        }[mode]
        self.update(origin=origin, brushed=combined)

    def clear(self, *, origin: str) -> None:
        """Select nothing."""
        self.update(origin=origin, entry=None, pair=None, step=None, trajectory=None, brushed=frozenset())
