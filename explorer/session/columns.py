"""Several trajectories beside one: the alignments of one teacher trajectory with each of its students, merged.

A star alignment around the teacher (Gusfield 1993): every teacher step is one row; what students do between two
teacher steps stands in rows of its own there, the first of each beside the first of the others. Steps of students in
such rows are placed, not compared. With one student the result is the pair's own alignment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.model.alignment import OPERATIONS, Operation
from explorer.model.result import AuditResult
from explorer.session.pair_view import PairView

_MATCH = OPERATIONS.index(Operation.MATCH)


@dataclass(frozen=True)
class Columns:
    """Common rows. ``trajectories``: the teacher, then its students; ``steps`` (int64, columns × rows) rows of the
    dataset's steps, -1 = gap; ``match`` per row: all columns have a step there and each student's matches the
    teacher's; ``pairs`` rows of the pairs table, one a student."""

    trajectories: tuple[int, ...]
    pairs: tuple[int, ...]
    steps: npt.NDArray[np.int64]
    match: npt.NDArray[np.bool_]


def pairs_of_teacher(result: AuditResult, pair: int) -> tuple[int, ...]:
    """All pairs with the same first side as ``pair``, in the order of the table."""
    teachers = result.frame("pairs").coded("teacher_trajectory_id").codes
    return tuple(int(row) for row in np.flatnonzero(teachers == teachers[pair]))


def star(views: Sequence[PairView]) -> Columns:
    """Merge pairs that share their first side; ValueError if they do not."""
    if len({view.teacher for view in views}) != 1:
        raise ValueError("the pairs do not share their first trajectory")
    teacher_steps = views[0].teacher_step[views[0].teacher_step >= 0]
    n = len(teacher_steps)
    # For each student: how many of its own rows stand before each teacher step (the last place: after all).
    places = [np.cumsum(view.teacher_step >= 0) for view in views]
    own = [np.flatnonzero(view.teacher_step < 0) for view in views]
    room = np.zeros(n + 1, dtype=np.int64)
    for place, rows in zip(places, own, strict=True):
        room = np.maximum(room, np.bincount(place[rows], minlength=n + 1))
    # Row of teacher step i: the steps before it and all the room up to and including its own.
    teacher_row = np.arange(n) + np.cumsum(room)[:n]
    first_row = np.concatenate(([0], teacher_row + 1))
    total = n + int(room.sum())
    steps = np.full((len(views) + 1, total), -1, dtype=np.int64)
    steps[0, teacher_row] = teacher_steps
    match = np.zeros(total, dtype=bool)
    match[teacher_row] = True
    for number, (view, place, rows) in enumerate(zip(views, places, own, strict=True), 1):
        shared = np.flatnonzero(view.teacher_step >= 0)
        steps[number, teacher_row] = view.student_step[shared]
        match[teacher_row] &= view.operation[shared] == _MATCH
        gaps = place[rows]
        within = np.arange(len(rows)) - np.searchsorted(gaps, gaps, side="left")
        steps[number, first_row[gaps] + within] = view.student_step[rows]
    trajectories = (views[0].teacher, *(view.student for view in views))
    return Columns(trajectories, tuple(view.pair for view in views), steps, match)
