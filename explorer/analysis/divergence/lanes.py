"""Lanes: on which side an effect of concern stands, effect by effect and pair by pair.

*Both* needs the same kind on the same target value, at the aligned row or anywhere in the other trajectory (see
:mod:`explorer.analysis.divergence.counterparts`). *Cannot tell* is what is left where it is not known whether the
other side's target is the same, where the other side is cut off, or where it is opaque at that place: its aligned
step, or for a gap any of its steps between the neighbouring aligned rows. The rest stands on one side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.analysis.divergence.counterparts import CounterpartFinder
from explorer.analysis.divergence.occurrences import Occurrences
from explorer.model.alignment import AlignmentSet
from explorer.model.divergence import Lane
from explorer.model.effect import CANNOT_TELL_MASK, StepEffects
from explorer.model.schema import End, Outcome
from explorer.model.trajectory import Dataset


class LaneEntry(NamedTuple):
    """One effect of concern of one side of a pair. ``row`` is counted within the pair; ``other_step`` is the
    aligned step of the other side within its trajectory (-1 = gap); ``counterpart`` the occurrence of the other
    side that makes it *both* (-1 = none); ``reason`` says why one cannot tell, or in what the two sides differ where
    one removes only a part of what the other does ("the other side removes only /srv/a/x inside it")."""

    occurrence: int
    teacher_side: bool
    row: int
    lane: Lane
    other_step: int
    counterpart: int
    reason: str


@dataclass(frozen=True)
class PairRows:
    """The rows of one pair, prepared for look-ups."""

    teacher_step: npt.NDArray[np.int32]
    student_step: npt.NDArray[np.int32]
    row_of_teacher: npt.NDArray[np.int64]
    row_of_student: npt.NDArray[np.int64]
    region: npt.NDArray[np.int64]


def pair_rows(alignments: AlignmentSet, pair: int) -> PairRows:
    """Rows of a pair, the row of each step, and which stretch without aligned rows each row belongs to."""
    rows = alignments.rows(pair)
    teacher = alignments.teacher_step[rows.start : rows.stop]
    student = alignments.student_step[rows.start : rows.stop]
    aligned = (teacher >= 0) & (student >= 0)
    return PairRows(teacher, student, np.flatnonzero(teacher >= 0), np.flatnonzero(student >= 0), np.cumsum(aligned))


class LaneFinder:
    """Finds the lanes of pairs of one dataset; holds what is the same for all of them."""

    def __init__(self, dataset: Dataset, effects: StepEffects, occurrences: Occurrences) -> None:
        self._dataset = dataset
        self._occurrences = occurrences
        hidden = (effects.masks & np.uint64(CANNOT_TELL_MASK)) != 0
        # A step that was never executed hides nothing.
        self._opaque = hidden & (dataset.outcome.codes != dataset.outcome.code(Outcome.NOT_EXECUTED))
        self._counterparts = CounterpartFinder(dataset, occurrences)
        self.index_of = self._counterparts.index_of
        self._cut_off = dataset.end.codes == dataset.end.code(End.CUT_OFF)

    def of_pair(self, alignments: AlignmentSet, pair: int, rows: PairRows) -> list[LaneEntry]:
        """The lane of every effect of concern of both sides: the student's first, each in the order of steps."""
        teacher = int(alignments.pairing.teacher[pair])
        student = int(alignments.pairing.student[pair])
        found = self._side(student, teacher, rows.row_of_student, rows.teacher_step, rows, teacher_side=False)
        return found + self._side(teacher, student, rows.row_of_teacher, rows.student_step, rows, teacher_side=True)

    def _side(
        self,
        own: int,
        other: int,
        row_of_own: npt.NDArray[np.int64],
        other_steps: npt.NDArray[np.int32],
        rows: PairRows,
        *,
        teacher_side: bool,
    ) -> list[LaneEntry]:
        occurrences = self._occurrences
        mine = occurrences.rows(own)
        if not mine:
            return []
        start, other_start = int(self._dataset.step_offsets[own]), int(self._dataset.step_offsets[other])
        last = int(np.flatnonzero(other_steps >= 0)[-1]) if (other_steps >= 0).any() else -1
        alone = Lane.TEACHER_ONLY if teacher_side else Lane.STUDENT_ONLY
        own_rows = row_of_own[occurrences.step[mine.start : mine.stop] - start]
        steps = other_steps[own_rows]
        there = np.where(steps >= 0, steps + other_start, -1).tolist()
        entries = []
        counterparts = self._counterparts.of_side(mine, other, there)
        for index, row, aligned, counterpart in zip(mine, own_rows.tolist(), steps.tolist(), counterparts, strict=True):
            lane, reason = alone, counterpart.told
            if counterpart.occurrence >= 0:
                lane = Lane.BOTH
            elif counterpart.doubt:
                lane, reason = Lane.CANNOT_TELL, counterpart.doubt
            elif self._cut_off[other] and row > last:
                lane, reason = Lane.CANNOT_TELL, "it was cut off before"
            elif self._opaque_at(aligned, row, other_start, other_steps, rows):
                lane, reason = Lane.CANNOT_TELL, "it does something there that cannot be seen"
            entries.append(LaneEntry(index, teacher_side, row, lane, aligned, counterpart.occurrence, reason))
        return entries

    def _opaque_at(
        self, aligned: int, row: int, other_start: int, other_steps: npt.NDArray[np.int32], rows: PairRows
    ) -> bool:
        if aligned >= 0:
            return bool(self._opaque[other_start + aligned])
        first, stop = np.searchsorted(rows.region, [rows.region[row], rows.region[row] + 1])
        near = other_steps[first:stop]
        # The first row of a region is the aligned row that opens it.
        near = near[1:] if rows.region[row] > 0 else near
        near = near[near >= 0]
        return bool(self._opaque[other_start + near].any())
