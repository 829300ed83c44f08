"""Several trajectories of one task as columns with common rows, anchored on the teacher.

A star alignment (Gusfield 1993): every other trajectory is aligned with the teacher pair by pair. What the others do
between two of the teacher's steps is laid into common rows one trajectory after another: each next one is aligned with
the rows made so far, by the same costs. With one other trajectory the rows are those of the pair. The result depends
on the order given, and on nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.analysis.alignment.align import align_pairs, compare_steps
from explorer.analysis.alignment.features import Features
from explorer.model.alignment import MultiAlignment, Pairing
from explorer.model.settings import AlignmentCosts
from explorer.model.trajectory import OffsetArray
from explorer.progress import Progress

Rows = npt.NDArray[np.int32]
"""int32[rows, others]: rows between two of the teacher's steps; a row is represented by the first step laid into it."""


def multi_align(
    features: Features,
    offsets: OffsetArray,
    teacher: int,
    others: Sequence[int],
    costs: AlignmentCosts | None = None,
    progress: Progress | None = None,
) -> MultiAlignment:
    """Lay ``teacher`` and ``others`` (trajectories) into common rows. Raises Cancelled when asked to stop."""
    costs = costs or AlignmentCosts()
    progress = progress or Progress()
    n_others = len(others)
    pairing = Pairing(np.full(n_others, teacher, np.int32), np.array(others, np.int32).reshape(-1))
    aligned = align_pairs(features, offsets, pairing, costs, progress)
    length = int(offsets[teacher + 1] - offsets[teacher])
    slots: dict[int, Rows] = {}
    beside = np.full((length, n_others), -1, dtype=np.int32)
    starts = offsets[np.array(others, dtype=np.int64)]
    merging = _Merging(features, starts, costs)
    progress.stage("common rows", n_others)
    for column in range(n_others):
        rows = aligned.rows(column)
        t = aligned.teacher_step[rows.start : rows.stop]
        s = aligned.student_step[rows.start : rows.stop]
        both = (t >= 0) & (s >= 0)
        beside[t[both], column] = s[both]
        alone = np.flatnonzero(t < 0)
        slot_of = np.searchsorted(np.flatnonzero(t >= 0), alone)
        places, first = np.unique(slot_of, return_index=True)
        for slot, added in zip(places.tolist(), np.split(s[alone], first[1:]), strict=False):
            progress.check()
            slots[slot] = merging.merge(slots.get(slot), column, added)
        progress.at(column + 1)
    cells = _lay_out(slots, beside)
    trajectories = np.array([teacher, *others], np.int32)
    compared = _compare(features, offsets[trajectories], cells, costs)
    return MultiAlignment(trajectories, cells, *compared, bool(aligned.approximate.any()))


class _Merging(NamedTuple):
    """What laying steps into rows needs; ``starts``: the first step row of each of the others."""

    features: Features
    starts: OffsetArray
    costs: AlignmentCosts

    def merge(self, rows: Rows | None, column: int, steps: npt.NDArray[np.int32]) -> Rows:
        """Lay consecutive steps of one column into the rows of a slot (None: there are none yet)."""
        width = len(self.starts)
        if rows is None:
            fresh = np.full((len(steps), width), -1, dtype=np.int32)
            fresh[:, column] = steps
            return fresh
        first = np.argmax(rows >= 0, axis=1)
        represented = self.starts[first] + rows[np.arange(len(rows)), first]
        taken = np.concatenate([represented, self.starts[column] + steps])
        bounds = np.array([0, len(represented), len(taken)], dtype=np.int64)
        pair = Pairing(np.array([0], np.int32), np.array([1], np.int32))
        found = align_pairs(self.features.take(taken), bounds, pair, self.costs)
        merged = np.full((len(found.teacher_step), width), -1, dtype=np.int32)
        old, new = found.teacher_step >= 0, found.student_step >= 0
        merged[old] = rows[found.teacher_step[old]]
        merged[new, column] = steps[found.student_step[new]]
        return merged


def _lay_out(slots: dict[int, Rows], beside: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """The teacher's steps in order, each slot's rows before the step it is numbered by."""
    length, width = beside.shape
    room = np.zeros(length + 1, dtype=np.int64)
    for slot, rows in slots.items():
        room[slot] = len(rows)
    before = np.cumsum(room)
    cells = np.full((length + int(before[-1]), width + 1), -1, dtype=np.int32)
    own = np.arange(length) + before[:length]
    cells[own, 0] = np.arange(length)
    cells[own, 1:] = beside
    for slot, rows in slots.items():
        start = slot + int(before[slot]) - len(rows)
        cells[start : start + len(rows), 1:] = rows
    return cells


def _compare(
    features: Features, starts: OffsetArray, cells: npt.NDArray[np.int32], costs: AlignmentCosts
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """``common``, ``alone`` and ``elsewhere`` of :class:`MultiAlignment`."""
    n_rows, width = cells.shape
    present = cells >= 0
    steps = np.where(present, starts[None, :] + cells, 0)
    agree = np.zeros((width, width, n_rows), dtype=np.bool_)
    for one in range(width):
        agree[one, one] = present[:, one]
    for one, two in combinations(range(width), 2):
        both = np.flatnonzero(present[:, one] & present[:, two])
        match, _ = compare_steps(features, steps[both, one], steps[both, two], costs)
        agree[one, two, both[match]] = True
        agree[two, one, both[match]] = True
    with_whom = agree.sum(axis=1, dtype=np.int32)
    commonest = np.argmax(with_whom, axis=0)  # the first of several, so the teacher's where it is as common
    common = agree[commonest, :, np.arange(n_rows)]
    alone = (with_whom == 1).T & present
    elsewhere = np.zeros((n_rows, width), dtype=np.bool_)
    if len(features) and present.any():
        # Which columns do exactly this, wherever they do it.
        codes = np.full((n_rows, width), -1, dtype=np.int64)
        codes[present] = np.unique(features.actions(steps[present]), return_inverse=True)[1]
        doing = np.zeros((int(codes.max()) + 1, width), dtype=np.bool_)
        row, column = np.nonzero(present)
        doing[codes[row, column], column] = True
        elsewhere[present] = doing.sum(axis=1)[codes[present]] > 1
    return common, alone, elsewhere & alone
