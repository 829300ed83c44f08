"""Several trajectories of one task as columns with common rows, anchored on the teacher.

Every other trajectory is aligned with the teacher pair by pair. What the others do between two of the teacher's steps
is laid into common rows one trajectory after another: each next one is aligned with the rows made so far, by the same
costs. With one other trajectory the rows are those of the pair. The result depends on the order given, and on nothing
else.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from explorer.analysis.align import align_pairs
from explorer.analysis.features import Features
from explorer.model.alignment import MultiAlignment, Pairing
from explorer.model.settings import AlignmentCosts
from explorer.model.trajectory import OffsetArray
from explorer.progress import Progress

Rows = list[list[int]]


def multi_align(
    features: Features,
    offsets: OffsetArray,
    teacher: int,
    others: Sequence[int],
    costs: AlignmentCosts | None = None,
    progress: Progress | None = None,
) -> MultiAlignment:
    """Lay ``teacher`` and ``others`` (trajectories) into common rows."""
    costs = costs or AlignmentCosts()
    progress = progress or Progress()
    n_others = len(others)
    pairing = Pairing(np.full(n_others, teacher, np.int32), np.array(others, np.int32).reshape(-1))
    aligned = align_pairs(features, offsets, pairing, costs, progress)
    length = int(offsets[teacher + 1] - offsets[teacher])
    slots: list[Rows] = [[] for _ in range(length + 1)]
    beside = np.full((length, n_others), -1, dtype=np.int32)
    for column in range(n_others):
        rows = aligned.rows(column)
        t = aligned.teacher_step[rows.start : rows.stop]
        s = aligned.student_step[rows.start : rows.stop]
        both = (t >= 0) & (s >= 0)
        beside[t[both], column] = s[both]
        alone = np.flatnonzero(t < 0)
        slot_of = np.searchsorted(np.flatnonzero(t >= 0), alone)
        for slot in np.unique(slot_of):
            added = s[alone[slot_of == slot]].tolist()
            slots[slot] = _merge(features, offsets, others, slots[slot], column, added, costs)
    cells = _lay_out(slots, beside, length)
    trajectories = np.array([teacher, *others], np.int32)
    agreeing = _agreeing(features, offsets, trajectories, cells)
    return MultiAlignment(trajectories, cells, agreeing)


def _merge(
    features: Features,
    offsets: OffsetArray,
    others: Sequence[int],
    rows: Rows,
    column: int,
    steps: list[int],
    costs: AlignmentCosts,
) -> Rows:
    """Lay consecutive steps of one trajectory into the rows of a slot; a row is a list of steps by column, and is
    represented by the first step laid into it."""
    width = len(others)
    if not rows:
        return [[step if place == column else -1 for place in range(width)] for step in steps]
    represented = [
        int(offsets[others[place]]) + row[place]
        for row in rows
        for place in [next(index for index, step in enumerate(row) if step >= 0)]
    ]
    own = [int(offsets[others[column]]) + step for step in steps]
    taken = np.array([*represented, *own], dtype=np.int64)
    part = features.take(taken)
    bounds = np.array([0, len(represented), len(taken)], dtype=np.int64)
    pair = Pairing(np.array([0], np.int32), np.array([1], np.int32))
    found = align_pairs(part, bounds, pair, costs)
    merged: Rows = []
    for row, step in zip(found.teacher_step.tolist(), found.student_step.tolist(), strict=True):
        cells = list(rows[row]) if row >= 0 else [-1] * width
        if step >= 0:
            cells[column] = steps[step]
        merged.append(cells)
    return merged


def _lay_out(slots: list[Rows], beside: npt.NDArray[np.int32], length: int) -> npt.NDArray[np.int32]:
    width = beside.shape[1]
    blocks: list[npt.NDArray[np.int32]] = []
    for slot in range(length + 1):
        if slots[slot]:
            inner = np.array(slots[slot], dtype=np.int32)
            blocks.append(np.concatenate([np.full((len(inner), 1), -1, np.int32), inner], axis=1))
        if slot < length:
            blocks.append(np.concatenate([[np.int32(slot)], beside[slot]]).reshape(1, width + 1))
    return np.concatenate(blocks).astype(np.int32) if blocks else np.zeros((0, width + 1), np.int32)


def _agreeing(
    features: Features, offsets: OffsetArray, trajectories: npt.NDArray[np.int32], cells: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """Per row: how many columns do the commonest thing."""
    present = cells >= 0
    rows = np.where(present, offsets[trajectories][None, :] + cells, 0)
    if not len(features) or not cells.size:
        return np.zeros(len(cells), np.int32)
    codes = features.actions(rows.reshape(-1)).reshape(rows.shape)
    agreeing = np.zeros(len(cells), np.int32)
    for column in range(cells.shape[1]):
        same = (codes == codes[:, column : column + 1]) & present & present[:, column : column + 1]
        agreeing = np.maximum(agreeing, same.sum(axis=1, dtype=np.int32))
    return agreeing
