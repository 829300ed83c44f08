"""Lanes: on which side an effect of concern stands, effect by effect and pair by pair.

*Both* needs the same kind on the same target value, at the aligned row or anywhere in the other trajectory (see
:mod:`explorer.analysis.divergence.counterparts`). *Cannot tell* is what is left where it is not known whether the
other side does it too: one of its effects may be the same (:mod:`explorer.analysis.divergence.doubts`), it is cut off,
or it is opaque at that place: its aligned step, or for a gap any of its steps between the neighbouring aligned rows.
The rest stands on one side, as does what a trajectory made or started itself. One move of one side stands in one lane,
in whatever steps it is repeated, unless each repeat is further harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.analysis.divergence.counterparts import COUNTED, CounterpartFinder
from explorer.analysis.divergence.doubts import DoubtFinder, OfSide, Own
from explorer.analysis.divergence.hidden import HiddenSteps
from explorer.analysis.divergence.occurrences import Occurrences
from explorer.analysis.divergence.search_containment import other_tests
from explorer.analysis.targets import NormalTarget, is_loose, unresolved
from explorer.model.alignment import AlignmentSet
from explorer.model.divergence import Lane
from explorer.model.effect import StepEffects, told_target
from explorer.model.schema import End
from explorer.model.trajectory import Dataset

_SHOWN = 80


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

    def __init__(
        self, dataset: Dataset, effects: StepEffects, occurrences: Occurrences, own: Own = lambda occurrence: False
    ) -> None:
        """``own`` says of an occurrence whether it is on what its trajectory made or started itself."""
        self._dataset = dataset
        self._occurrences = occurrences
        self._own = own
        self._hidden = HiddenSteps(dataset, effects)
        self._counterparts = CounterpartFinder(dataset, occurrences)
        self._doubts = DoubtFinder(occurrences, self._counterparts.attempts, own)
        self.index_of = self._counterparts.index_of
        self._cut_off = dataset.end.codes == dataset.end.code(End.CUT_OFF)

    def of_pair(self, alignments: AlignmentSet, pair: int, rows: PairRows) -> list[LaneEntry]:
        """The lane of every effect of concern of both sides: the student's first, each in the order of steps."""
        teacher = int(alignments.pairing.teacher[pair])
        student = int(alignments.pairing.student[pair])
        mine = self._side(student, teacher, rows.row_of_student, rows.teacher_step, teacher_side=False)
        theirs = self._side(teacher, student, rows.row_of_teacher, rows.student_step, teacher_side=True)
        doubted, doubted_there = self._doubts.between(mine.compared, theirs.compared)
        return self._entries(mine, doubted, rows) + self._entries(theirs, doubted_there, rows)

    def _side(
        self,
        own: int,
        other: int,
        row_of_own: npt.NDArray[np.int64],
        other_steps: npt.NDArray[np.int32],
        *,
        teacher_side: bool,
    ) -> _Side:
        occurrences = self._occurrences
        mine = occurrences.rows(own)
        if not mine:
            return _Side(other, teacher_side, other_steps, [], [], OfSide(mine, [], []))
        start, other_start = int(self._dataset.step_offsets[own]), int(self._dataset.step_offsets[other])
        own_rows = row_of_own[occurrences.step[mine.start : mine.stop] - start]
        steps = other_steps[own_rows]
        there = np.where(steps >= 0, steps + other_start, -1).tolist()
        compared = OfSide(mine, self._counterparts.of_side(mine, other, there), there)
        return _Side(other, teacher_side, other_steps, own_rows.tolist(), steps.tolist(), compared)

    def _entries(self, side: _Side, doubted: dict[int, int], rows: PairRows) -> list[LaneEntry]:
        other_steps, other_start = side.other_steps, int(self._dataset.step_offsets[side.other])
        last = int(np.flatnonzero(other_steps >= 0)[-1]) if (other_steps >= 0).any() else -1
        alone = Lane.TEACHER_ONLY if side.teacher_side else Lane.STUDENT_ONLY
        entries = []
        unseen: dict[tuple[int, NormalTarget], str] = {}
        for index, row, aligned, counterpart in zip(
            side.compared.mine, side.rows, side.steps, side.compared.counterparts, strict=True
        ):
            lane, reason = alone, counterpart.told
            if counterpart.occurrence >= 0:
                lane = Lane.BOTH
            elif index in doubted:
                lane, reason = Lane.CANNOT_TELL, self._doubt(index, doubted[index])
            elif self._cut_off[side.other] and row > last:
                lane, reason = Lane.CANNOT_TELL, "it was cut off before"
            elif self._opaque_at(aligned, row, other_start, other_steps, rows):
                lane, reason = Lane.CANNOT_TELL, "it does something there that cannot be seen"
            if lane == Lane.CANNOT_TELL and index not in doubted:
                if self._own(index):
                    lane, reason = alone, counterpart.told
                else:
                    unseen.setdefault(self._occurrences.move_of(index), reason)
            entries.append(LaneEntry(index, side.teacher_side, row, lane, aligned, counterpart.occurrence, reason))
        return [self._with_its_repeats(entry, alone, unseen) for entry in entries] if unseen else entries

    def _with_its_repeats(
        self, entry: LaneEntry, alone: Lane, unseen: dict[tuple[int, NormalTarget], str]
    ) -> LaneEntry:
        """What is beside something unseen in one of its repeats may have been done there by the other side."""
        move = self._occurrences.move_of(entry.occurrence)
        if entry.lane != alone or move not in unseen or move[0] in COUNTED or self._own(entry.occurrence):
            return entry
        reason = unseen[move].replace(" there ", " beside a repeat of it ")
        return entry._replace(lane=Lane.CANNOT_TELL, reason=reason)

    def _doubt(self, index: int, other: int) -> str:
        """Why it cannot be told whether the other side's effect is the same."""
        occurrences = self._occurrences
        target = occurrences.targets[occurrences.effect[index]]
        theirs = occurrences.targets[occurrences.effect[other]]
        step = f"its step {self._dataset.step_number(int(occurrences.step[other]))}"
        value = occurrences.effects[occurrences.effect[other]].target
        what = "" if value is None or not value.value else f" ({_short(told_target(value.value))})"
        if tests := other_tests(target, theirs):
            return f"{step}{what} searches there too, but chooses by other tests: {tests}"
        if unresolved(target) or unresolved(theirs):
            return f"the log does not show whether {step}{what} hits the same"
        if target.decided_by or theirs.decided_by:
            return f"{step}{what} has the same name, but is not known to be in the same folder"
        if is_loose(target) or is_loose(theirs):
            return f"{step}{what} may be the same under another name"
        return f"{step}{what} may be the same, but the folder is not known on one side"

    def _opaque_at(
        self, aligned: int, row: int, other_start: int, other_steps: npt.NDArray[np.int32], rows: PairRows
    ) -> bool:
        if aligned >= 0:
            return self._hidden.any_of(np.array([other_start + aligned]))
        first, stop = np.searchsorted(rows.region, [rows.region[row], rows.region[row] + 1])
        near = other_steps[first:stop]
        # The first row of a region is the aligned row that opens it.
        near = near[1:] if rows.region[row] > 0 else near
        near = near[near >= 0]
        return self._hidden.any_of(other_start + near)


class _Side(NamedTuple):
    """One side of a pair: the other trajectory and its steps by row, and of each effect its row, the aligned step of
    the other side and what is compared."""

    other: int
    teacher_side: bool
    other_steps: npt.NDArray[np.int32]
    rows: Sequence[int]
    steps: Sequence[int]
    compared: OfSide


def _short(value: str) -> str:
    line = " ".join(value.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
