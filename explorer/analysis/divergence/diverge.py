"""Divergences: the effects of concern of all pairs in their lanes, folded, explained and ranked by risk.

Each student's effects stand in the pair with the teacher trajectory that it aligned best with, each teacher
trajectory's own in the pair with the student that it aligned best with; so no effect is listed twice, however many
trials there are. What both do is listed once, on the student's side. A *cannot tell* that the teacher carries has no
student step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.analysis.alignment.inversions import OrderInversions
from explorer.analysis.divergence.explanation import Told, explain_divergence
from explorer.analysis.divergence.fold import Folded, fold_repeats
from explorer.analysis.divergence.input_difference import InputDifference
from explorer.analysis.divergence.lanes import LaneEntry, LaneFinder, pair_rows
from explorer.analysis.divergence.occurrences import Occurrences, attempted, find_occurrences
from explorer.analysis.divergence.origin import Origin, OriginFinder
from explorer.analysis.divergence.other_side import OtherSideFinder
from explorer.analysis.divergence.request import RequestFinder
from explorer.analysis.divergence.risk import Circumstances, risk_parts, total_risk, unasked
from explorer.analysis.divergence.rows import DivergenceRow, divergences_table
from explorer.analysis.divergence.support import SupportFinder
from explorer.analysis.pair_tables import alignment_table, make_pairs_table, pair_ids
from explorer.analysis.targets import move_target, shown
from explorer.model.alignment import OPERATIONS, AlignmentSet, Operation
from explorer.model.divergence import LANES, Lane
from explorer.model.effect import StepEffects
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset
from explorer.progress import Progress

__all__ = ["alignment_table", "find_concerns", "find_divergences", "pairs_table", "teacher_best"]

BoolArray = npt.NDArray[np.bool_]
_LOUDER = (Lane.STUDENT_ONLY, Lane.TEACHER_ONLY, Lane.CANNOT_TELL, Lane.BOTH)
_MATCH = OPERATIONS.index(Operation.MATCH)


class Alone(NamedTuple):
    """A trajectory that is compared with nothing: its row, whether it belongs to the first side, and why."""

    trajectory: int
    first_side: bool
    reason: str


class Found(NamedTuple):
    """The divergences as a table, and per step row the lane of its effects of concern (place in LANES, -1 = none;
    where they differ what stands on one side goes before *cannot tell*, that before *both*)."""

    table: pa.Table
    step_lanes: npt.NDArray[np.int8]


def find_divergences(
    dataset: Dataset,
    effects: StepEffects,
    alignments: AlignmentSet,
    settings: AuditSettings,
    flagged: BoolArray,
    escapes_all: BoolArray,
    surprise: npt.NDArray[np.floating] | None = None,
    progress: Progress | None = None,
    *,
    alone: Sequence[Alone] = (),
) -> Found:
    """All divergences of the audit, in the published schema, best rank first.

    ``flagged`` and ``escapes_all`` are per step row; ``surprise`` (nats, NaN = none) likewise, where a reference
    model exists. Effects of concern of trajectories that are compared with nothing (``alone``) stand in the lane
    *cannot tell*, without a pair: the other side is missing there, and nothing of concern may drop out of sight.
    """
    progress = progress or Progress()
    maker = _Maker(dataset, effects, settings, flagged, escapes_all, surprise)
    ids = pair_ids(dataset, alignments)
    of_teacher = teacher_best(alignments, dataset.group.codes)
    rows: list[DivergenceRow] = []
    progress.stage("divergences", len(ids))
    for pair in range(len(ids)):
        if pair % 256 == 0:
            progress.at(pair)
        if alignments.best[pair] or of_teacher[pair]:
            rows.extend(maker.of_pair(alignments, pair, ids[pair], bool(alignments.best[pair]), bool(of_teacher[pair])))
    progress.at(len(ids))
    for trajectory, first_side, reason in alone:
        found = maker.of_trajectory(trajectory, Lane.CANNOT_TELL)
        rows.extend(_without_other_side(row, first_side, reason) for row in found)
    return Found(divergences_table(rows), maker.step_lanes)


def _without_other_side(row: DivergenceRow, first_side: bool, reason: str) -> DivergenceRow:
    """An entry of a trajectory without a partner, on the side it stands on."""
    told = f"{row.explanation} It is compared with nothing: {reason}."
    row = replace(row, explanation=told)
    if not first_side:
        return row
    return replace(
        row, teacher_trajectory_id=row.student_trajectory_id, teacher_step=row.student_step,
        student_trajectory_id=None, student_step=None,
    )  # fmt: skip


def find_concerns(
    dataset: Dataset,
    effects: StepEffects,
    settings: AuditSettings,
    flagged: BoolArray,
    escapes_all: BoolArray,
    progress: Progress | None = None,
) -> pa.Table:
    """The effects of concern of one dataset without pairs, in the same schema and order: no lane, no other side."""
    progress = progress or Progress()
    maker = _Maker(dataset, effects, settings, flagged, escapes_all, None)
    rows: list[DivergenceRow] = []
    for trajectory in progress.each(range(dataset.n_trajectories), "effects of concern", dataset.n_trajectories, 256):
        rows.extend(maker.of_trajectory(trajectory))
    return divergences_table(rows)


def pairs_table(
    dataset: Dataset,
    alignments: AlignmentSet,
    divergences: pa.Table | None = None,
    effects: StepEffects | None = None,
    order_inversions: OrderInversions | None = None,
) -> pa.Table:
    """``pairs.parquet``. The first difference of input needs the ``effects`` (which steps only observe); without
    them only what was said is compared. ``divergences`` is not needed and taken for the caller's convenience;
    ``order_inversions`` None = not counted."""
    if effects is None:
        effects = StepEffects(((),), np.zeros(dataset.n_steps, np.int32))
    finder = InputDifference(dataset, effects)
    first = np.full(len(alignments.pairing), -1, dtype=np.int64)
    for pair in range(len(first)):
        teacher, student = int(alignments.pairing.teacher[pair]), int(alignments.pairing.student[pair])
        found = finder.first_row(teacher, student, pair_rows(alignments, pair))
        first[pair] = -1 if found is None else found
    return make_pairs_table(dataset, alignments, first, order_inversions)


def teacher_best(alignments: AlignmentSet, group_of_trajectory: npt.NDArray[np.int32]) -> BoolArray:
    """bool[n_pairs]: for each teacher trajectory and group it is compared with, one pair: a best pair of a student if
    there is one, with the highest normalised score, the first among equals."""
    teacher = alignments.pairing.teacher
    best = np.zeros(len(teacher), dtype=np.bool_)
    score = np.nan_to_num(alignments.normalised, nan=-np.inf)
    group = group_of_trajectory[alignments.pairing.student]
    order = np.lexsort((np.arange(len(teacher)), -score, ~alignments.best, group, teacher))
    changes = np.diff(teacher[order], prepend=-1) != 0
    changes |= np.diff(group[order], prepend=-1) != 0
    best[order[np.flatnonzero(changes)]] = True
    return best


def side_names(dataset: Dataset, settings: AuditSettings) -> list[str]:
    """What explanations call the side of each group: its role, with the group's name where others share the role."""
    roles = {group: str(role) for group, role in settings.roles}
    shared = Counter(roles.get(group) for group in dataset.group.names)
    return [
        group if group not in roles else f"{roles[group]} {group}" if shared[roles[group]] > 1 else roles[group]
        for group in dataset.group.names
    ]


class _Place(NamedTuple):
    """Where in a pair an entry stands; all None without a pair."""

    pair_id: str | None = None
    teacher: int | None = None
    row: int | None = None
    operation: Operation | None = None
    resync_row: int | None = None
    after_input_difference: bool = False
    first: bool = False
    approximate: bool = False


class _Maker:
    """Makes rows for pairs and trajectories of one dataset under one set of settings."""

    def __init__(
        self,
        dataset: Dataset,
        effects: StepEffects,
        settings: AuditSettings,
        flagged: BoolArray,
        escapes_all: BoolArray,
        surprise: npt.NDArray[np.floating] | None,
    ) -> None:
        self._dataset = dataset
        self._effects = effects
        self._settings = settings
        self._flagged = flagged
        self._escapes = escapes_all
        self._surprise = surprise
        self._occurrences: Occurrences = find_occurrences(dataset, effects, frozenset(settings.concern))
        self._origins = OriginFinder(dataset, effects)
        self._is_own = lru_cache(maxsize=1 << 14)(self._read_own)
        self._lanes = LaneFinder(dataset, effects, self._occurrences, self._is_own)
        self._support = SupportFinder(dataset, self._lanes)
        self._requests = RequestFinder(dataset)
        self._inputs = InputDifference(dataset, effects)
        self.step_lanes = np.full(dataset.n_steps, -1, dtype=np.int8)
        self._names = side_names(dataset, settings)
        self._others = OtherSideFinder(dataset, effects, self._occurrences, self._lanes, self._support, self._names)

    def of_pair(
        self, alignments: AlignmentSet, pair: int, pair_id: str, of_student: bool, of_teacher: bool
    ) -> list[DivergenceRow]:
        """The entries of one pair: the student's if it is its best pair, the teacher's own if it is its."""
        teacher, student = int(alignments.pairing.teacher[pair]), int(alignments.pairing.student[pair])
        if not self._occurrences.rows(teacher) and not self._occurrences.rows(student):
            return []
        rows = pair_rows(alignments, pair)
        listed = self._lanes.of_pair(alignments, pair, rows)
        self._keep_lanes([entry for entry in listed if (of_teacher if entry.teacher_side else of_student)])
        students = {entry.occurrence: entry.lane for entry in listed if of_student and not entry.teacher_side}
        found = [
            entry
            for entry in listed
            if (of_teacher and self._teachers_own(entry, students) if entry.teacher_side else of_student)
        ]
        folded = fold_repeats(self._dataset, self._occurrences, found, self._made_by_itself)
        told = self._inputs.first_row(teacher, student, rows) if folded else None
        span = alignments.rows(pair)
        operation = alignments.operation[span.start : span.stop]
        resyncs = _resync_rows(operation)
        first = min((entry.row for entry in found if entry.lane != Lane.BOTH), default=-1)
        made = []
        for entry in folded:
            row = entry.chosen.row
            later = np.searchsorted(resyncs, row, side="right")
            place = _Place(
                pair_id, teacher, row, OPERATIONS[operation[row]],
                int(resyncs[later]) if later < len(resyncs) else None,
                told is not None and row >= told,
                entry.chosen.lane != Lane.BOTH and row == first,
                bool(alignments.approximate[pair]),
            )  # fmt: skip
            made.append(self._row(entry, student, place, entry.chosen.lane))
        return made

    def of_trajectory(self, trajectory: int, lane: Lane | None = None) -> list[DivergenceRow]:
        """The entries of a trajectory that is compared with nothing, all in one lane or in none."""
        entries = [
            LaneEntry(index, False, 0, lane or Lane.STUDENT_ONLY, -1, -1, "")
            for index in self._occurrences.rows(trajectory)
        ]
        if lane is not None:
            self._keep_lanes(entries)
        folded = fold_repeats(self._dataset, self._occurrences, entries, self._made_by_itself)
        made = [self._row(entry, trajectory, _Place(), lane) for entry in folded]
        first = min((row.student_step or 0 for row in made), default=0)
        return [replace(row, first=row.student_step == first) for row in made]

    def _row(self, folded: Folded, student: int, place: _Place, lane: Lane | None) -> DivergenceRow:
        dataset, chosen = self._dataset, folded.chosen
        at_teacher = chosen.teacher_side and place.teacher is not None
        own = place.teacher if at_teacher and place.teacher is not None else student
        other = None if place.teacher is None else (student if at_teacher else place.teacher)
        step_row = int(self._occurrences.step[chosen.occurrence])
        step = step_row - int(dataset.step_offsets[own])
        code = int(self._occurrences.effect[chosen.occurrence])
        effect, target = self._occurrences.effects[code], self._occurrences.targets[code]
        kind = self._occurrences.kinds[code]
        beside = None if other is None else self._others.beside(chosen, other)
        made_in = self._origins.made_in(own, step, effect.kind, target)
        origin = self._origins.origin(own, step, target)
        asking = self._requests.asking(own, step, effect.kind, target, dataset.tool.of(step_row) or "")
        named = origin == Origin.REQUEST or asking.target_offered
        left_out = unasked(target_named=named, act_named=asking.word is not None, known=asking.known)
        passes = not bool(self._flagged[step_row])
        share = (
            self._support.share_beside(own, kind, target) if other is None else self._support.share(other, kind, target)
        )
        parts = risk_parts(
            effect,
            Circumstances(
                lane, folded.outcome, beside.severity if beside else 0, beside and beside.outcome,
                beside.surplus if beside else 0.0,
                made_in is not None,
                left_out, share, passes, bool(self._escapes[step_row]), self._surprise_at(step_row),
            ),
        )  # fmt: skip
        told = Told(
            self._names[dataset.group.codes[own]],
            dataset.step_number(step_row),
            effect,
            folded.outcome,
            lane,
            chosen.reason,
            beside and beside.told,
            origin,
            asking,
            None if made_in is None else dataset.step_number(step_row - step + made_in),
            folded.n_steps,
            folded.n_targets,
            folded.n_tried,
            folded.n_unshown,
            folded.n_stored,
            folded.n_unsure,
            place.after_input_difference,
        )
        ids = dataset.trajectory_ids
        move = (
            str(lane), effect.kind.value, dataset.tool.of(step_row) or "", move_target(target), str(effect.severity),
            "tried" if attempted(folded.outcome) else "done", "asked" if origin == Origin.REQUEST else "",
        )  # fmt: skip
        aligned = chosen.other_step if chosen.other_step >= 0 else None
        student_step: int | None = step
        if at_teacher:
            # Outside the teacher's own lane a student step would say that the student carries the effect.
            student_step = aligned if lane == Lane.TEACHER_ONLY else None
        return DivergenceRow(
            risk=total_risk(parts, self._settings.risk),
            risk_parts=parts,
            pair_id=place.pair_id,
            task_id=dataset.task.of(student) or "",
            teacher_trajectory_id=None if place.teacher is None else ids[place.teacher],
            student_trajectory_id=ids[student],
            row=place.row,
            operation=place.operation,
            teacher_step=step if at_teacher else aligned,
            student_step=student_step,
            lane=lane,
            effect=effect.kind,
            target=shown(effect),
            severity=effect.severity,
            outcome=folded.outcome,
            passes_filter=passes,
            escapes_all=bool(self._escapes[step_row]),
            n_repeats=folded.n_steps,
            first=place.first,
            after_input_difference=place.after_input_difference,
            resync_row=place.resync_row,
            explanation=explain_divergence(told),
            target_origin=origin,
            move=move,
            left_out=left_out,
            approximate=place.approximate,
        )

    def _teachers_own(self, entry: LaneEntry, listed: Mapping[int, Lane]) -> bool:
        """Whether an entry of the teacher's side stands for itself: not what the student's side lists already
        (``listed``: lanes by occurrence), unless only the teacher carried it out. A try of what the student did is
        told there in any lane, an act only where it is listed as done by both."""
        if entry.lane != Lane.BOTH or entry.counterpart not in listed:
            return True
        if attempted(self._others.became(entry.occurrence)):
            return False
        return listed[entry.counterpart] != Lane.BOTH or attempted(self._others.became(entry.counterpart))

    def _keep_lanes(self, entries: Sequence[LaneEntry]) -> None:
        for entry in entries:
            step, code = int(self._occurrences.step[entry.occurrence]), LANES.index(entry.lane)
            held = int(self.step_lanes[step])
            if held < 0 or _LOUDER.index(LANES[held]) > _LOUDER.index(entry.lane):
                self.step_lanes[step] = code

    def _made_by_itself(self, entry: LaneEntry) -> bool:
        return self._is_own(entry.occurrence)

    def _read_own(self, occurrence: int) -> bool:
        """Whether an effect is on what the same trajectory made or started."""
        row, code = int(self._occurrences.step[occurrence]), int(self._occurrences.effect[occurrence])
        own = int(self._occurrences.trajectory[occurrence])
        step = row - int(self._dataset.step_offsets[own])
        kind, target = self._occurrences.effects[code].kind, self._occurrences.targets[code]
        return self._origins.made_in(own, step, kind, target) is not None

    def _surprise_at(self, row: int) -> float:
        value = 0.0 if self._surprise is None else float(self._surprise[row])
        return value if np.isfinite(value) else 0.0


def _resync_rows(operation: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Rows at which the two sides go on together: a match that another match or the end follows."""
    match = operation == _MATCH
    follows = np.append(match[1:], True)
    return np.flatnonzero(match & follows)
