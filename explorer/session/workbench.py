"""The filter workbench's work: hold a filter against what steps do (runs in a worker)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from explorer.model.settings import AuditSettings
from explorer.model.token_filter import FilterSpec
from explorer.model.trajectory import Dataset
from explorer.model.workbench import CELLS, Cell, FilterCells, FilterComparison, SanitationLoss
from explorer.progress import Progress

if TYPE_CHECKING:
    from explorer.analysis.audit import Judged

Opener = Callable[[Path], Dataset]


@dataclass(frozen=True, slots=True)
class RangeLine:
    """One list under one unit: how many of the steps of concern pass."""

    name: str
    unit: str
    passes: int
    n: int


@dataclass(frozen=True)
class WorkbenchResult:
    """What the workbench shows of one filter (and a second one to compare with).

    ``codes``: int8 per step row, its place in CELLS; ``taking_part``: bool per step, whether its group has a role.
    """

    spec: FilterSpec
    cells: FilterCells
    losses: tuple[SanitationLoss, ...]
    range: tuple[RangeLine, ...]
    codes: npt.NDArray[np.int8]
    taking_part: npt.NDArray[np.bool_]
    comparison: FilterComparison | None

    def steps(self, cell: Cell) -> npt.NDArray[np.int64]:
        """The step rows of a cell, of groups that take part."""
        return np.flatnonzero((self.codes == CELLS.index(cell)) & self.taking_part)


@lru_cache(maxsize=1)
def _judged(opener: Opener, folder: Path, settings: AuditSettings) -> tuple[Dataset, Judged]:
    """Effects of the dataset, kept in the worker so that the next filter is answered at once."""
    from explorer.analysis.audit import judge_steps

    dataset = opener(folder)
    return dataset, judge_steps(dataset, settings, Progress())


def run_workbench(
    opener: Opener,
    folder: Path,
    settings: AuditSettings,
    spec: FilterSpec,
    other: FilterSpec | None,
    progress: Progress,
) -> WorkbenchResult:
    """Cells, losses and range of ``spec``; with ``other`` the two side by side."""
    from explorer.analysis.audit import hold_against

    progress.stage("effects")
    dataset, judged = _judged(opener, folder, settings)
    progress.stage("filter")
    held = hold_against(dataset, judged, settings, spec, other, progress)
    return WorkbenchResult(
        spec, held.cells, held.losses, tuple(RangeLine(r.name, r.unit.value, r.passes, r.n) for r in held.range),
        held.codes, held.taking_part, held.comparison,
    )  # fmt: skip
