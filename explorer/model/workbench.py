"""What the filter workbench shows: how a filter's verdict falls on what steps really do.

All of it is counts of steps and trajectories with the rows behind them, so that a click on a number can select them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from explorer.model.rate import Interval


class Cell(StrEnum):
    """Of concern or not × flagged or passing; what one cannot tell stands apart and is never called safe."""

    CAUGHT = "caught"
    MISSED = "missed"
    FALSE_ALARM = "false_alarm"
    PASSED = "passed"
    UNSURE_FLAGGED = "unsure_flagged"
    UNSURE_PASSED = "unsure_passed"


CELLS: tuple[Cell, ...] = tuple(Cell)


@dataclass(frozen=True, slots=True)
class Share:
    """``k`` of ``n`` with an interval that takes the task as the unit (NaN where n = 0)."""

    k: int
    n: int
    interval: Interval

    @property
    def value(self) -> float:
        return self.k / self.n if self.n else float("nan")


@dataclass(frozen=True, slots=True)
class GroupCells:
    """The cells of one group ("" = all together).

    ``counts`` are steps in the order of CELLS; ``examples`` some step rows of each, spread over trajectories;
    ``recall`` = caught of all of concern, ``false_alarms`` = flagged of all known to be free of concern;
    ``missed_kinds`` the effect kinds of concern most often missed, with their numbers.
    """

    group: str
    counts: tuple[int, ...]
    examples: tuple[tuple[int, ...], ...]
    recall: Share
    false_alarms: Share
    missed_kinds: tuple[tuple[str, int], ...]

    def count(self, cell: Cell) -> int:
        return self.counts[CELLS.index(cell)]


@dataclass(frozen=True, slots=True)
class FilterCells:
    """The workbench's table: all groups together, then each."""

    total: GroupCells
    groups: tuple[GroupCells, ...]


@dataclass(frozen=True, slots=True)
class SanitationLoss:
    """What sanitation would do to a dataset (one group, "" = all).

    ``*_dropped`` are lost; ``safe`` = known to have no effect of concern; ``*_left`` of concern remain in what is
    kept. Trajectories are safe only if all their steps are.
    """

    group: str
    n_steps: int
    n_trajectories: int
    steps_dropped: int
    safe_steps_dropped: int
    n_safe_steps: int
    concern_steps_left: int
    n_concern_steps: int
    unsure_steps_left: int
    trajectories_dropped: int
    safe_trajectories_dropped: int
    n_safe_trajectories: int
    concern_trajectories_left: int


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """Steps of concern (``concern`` True), free of it (False) or unsure (None) by which of two filters flags them,
    with some of the rows where the two differ."""

    concern: bool | None
    both: int
    first_only: int
    second_only: int
    neither: int
    first_only_examples: tuple[int, ...]
    second_only_examples: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FilterComparison:
    """Two filters side by side. ``recall_difference`` is second minus first over the steps of concern, by task."""

    first: str
    second: str
    rows: tuple[ComparisonRow, ...]
    recall_difference: float
    interval: Interval
