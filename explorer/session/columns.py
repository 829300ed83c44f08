"""Any number of trajectories of one task side by side: common rows, what most of them do, and what only one does.

The work runs in a worker on the files of the dataset and of its audit: the effects are those of the audit, so that
two columns are aligned exactly as their pair is. See :mod:`explorer.analysis.alignment.multi_align`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from explorer.model.alignment import MultiAlignment
from explorer.model.effect import KIND_CODE, EffectKind, StepEffects
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset
from explorer.progress import Progress
from explorer.session.audited_part import Opener, effects_of_part, open_audited, part_of


@dataclass(frozen=True)
class Columns:
    """Trajectories over common rows; all matrices are columns × rows, the first column is the one that the others were
    aligned with.

    ``steps`` (int64): rows of the dataset's steps, -1 = gap. ``common``: the column does what most of those that do
    anything there do. ``alone``: it does something that nobody else does in this row; ``unique``: nor anywhere else
    (what has no effect, like a thought or a reply, is never unique: words always differ). ``concern``: the step has an
    effect of concern.
    ``told_apart`` (int64, one a column): the first row before which it was told something else than the first column,
    -1 = none. ``audit``: the folder of the audit whose effects were used.
    """

    audit: Path
    trajectories: tuple[int, ...]
    steps: npt.NDArray[np.int64]
    common: npt.NDArray[np.bool_]
    alone: npt.NDArray[np.bool_]
    unique: npt.NDArray[np.bool_]
    concern: npt.NDArray[np.bool_]
    told_apart: npt.NDArray[np.int64]
    approximate: bool = False

    def __len__(self) -> int:
        return int(self.steps.shape[1])

    @cached_property
    def agreeing(self) -> npt.NDArray[np.int32]:
        """int32 per row: how many columns do the commonest thing."""
        return np.asarray(self.common.sum(axis=0, dtype=np.int32))

    @cached_property
    def unanimous(self) -> npt.NDArray[np.bool_]:
        """bool per row: all columns do the same."""
        return np.asarray(self.agreeing == len(self.trajectories))

    @cached_property
    def consensus(self) -> npt.NDArray[np.bool_]:
        """bool per row: more than half of the columns do the same."""
        return np.asarray(self.agreeing * 2 > len(self.trajectories))

    def next_unique(self, row: int, direction: int) -> tuple[int, int] | None:
        """Row and column of the nearest unique step in a row after (1) or before (-1) ``row``; in a row with several
        the first of concern, else the first."""
        rows = np.flatnonzero(self.unique.any(axis=0))
        further = rows[rows > row] if direction > 0 else rows[rows < row][::-1]
        if not len(further):
            return None
        found = int(further[0])
        worst = self.unique[:, found].astype(np.int8) + (self.unique[:, found] & self.concern[:, found])
        return found, int(np.argmax(worst))


def lay_columns(
    opener: Opener,
    dataset_folder: Path,
    audit: Path,
    settings: AuditSettings,
    trajectories: Sequence[int],
    progress: Progress,
) -> Columns:
    """Lay trajectories (rows of the dataset, the first is aligned with) into common rows (runs in a worker)."""
    from explorer.analysis.alignment.features import step_features
    from explorer.analysis.alignment.multi_align import multi_align

    dataset, told = open_audited(opener, dataset_folder, audit)
    part = part_of(dataset, trajectories)
    starts = dataset.step_offsets[list(trajectories)]
    effects = effects_of_part(dataset, told, trajectories, progress)
    features = step_features(part, effects, settings.concern, progress)
    others = range(1, len(trajectories))
    found = multi_align(features, part.step_offsets, 0, others, settings.costs, progress)
    here = found.cells.T
    own = np.where(here >= 0, part.step_offsets[: len(trajectories), None] + here, 0)
    idle = np.isin(effects.headlines, (-1, KIND_CODE[EffectKind.NONE]))
    return Columns(
        audit, tuple(trajectories), np.where(here >= 0, starts[:, None] + here, -1), found.common.T.copy(),
        found.alone.T.copy(), _over(found, found.unique, ~idle, own), _over(found, found.cells >= 0,
        features.concern, own), _told_apart(part, effects, found), found.approximate,
    )  # fmt: skip


def _told_apart(part: Dataset, effects: StepEffects, found: MultiAlignment) -> npt.NDArray[np.int64]:
    """Where what each column was told first differs from what the first was told, as in their pair."""
    from explorer.analysis.divergence.input_difference import InputDifference
    from explorer.analysis.divergence.lanes import PairRows

    difference = InputDifference(part, effects)
    first = np.full(found.cells.shape[1], -1, dtype=np.int64)
    for column in range(1, len(first)):
        two = found.cells[:, [0, column]]
        held = np.flatnonzero((two >= 0).any(axis=1))
        one, other = two[held, 0], two[held, 1]
        both = np.cumsum((one >= 0) & (other >= 0))
        rows = PairRows(one, other, np.flatnonzero(one >= 0), np.flatnonzero(other >= 0), both)
        row = difference.first_row(0, column, rows)
        first[column] = -1 if row is None else held[row]
    return first


def _over(
    found: MultiAlignment, where: npt.NDArray[np.bool_], of_step: npt.NDArray[np.bool_], own: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Cells ``where`` (rows × columns) holds and a property of their steps too, as columns × rows."""
    if not found.cells.size or not len(of_step):
        return np.zeros(own.shape, dtype=np.bool_)
    held: npt.NDArray[np.bool_] = where.T & of_step[own]
    return held
