"""Merging the alignments of one teacher with several students."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.model.alignment import OPERATIONS, Operation
from explorer.session.columns import star
from explorer.session.pair_text import pair_header
from explorer.session.pair_view import PairView


def _view(pair: int, teacher: int, student: int, n: int, shape: list[int]) -> PairView:
    """An alignment of ``n`` teacher steps: ``shape`` says, for each teacher step and once more for the end, how many
    own steps the student has before it; odd teacher steps are gaps on the student's side."""
    left, right, operations = [], [], []
    step = 100 * (pair + 1)
    for place in range(n + 1):
        for _ in range(shape[place]):
            left.append(-1)
            right.append(step)
            operations.append(Operation.STUDENT_ONLY)
            step += 1
        if place < n:
            gap = place % 2 == 1
            left.append(place)
            right.append(-1 if gap else step)
            operations.append(Operation.TEACHER_ONLY if gap else Operation.MATCH)
            step += 0 if gap else 1
    codes = np.array([OPERATIONS.index(operation) for operation in operations], dtype=np.uint8)
    rows = len(codes)
    return PairView(
        pair, str(pair), "t", teacher, student, np.array(left, dtype=np.int64), np.array(right, dtype=np.int64), codes,
        np.ones(rows, dtype=np.float32), np.full(rows, -1, dtype=np.int32), -1, -1, 0.0, 0.0, 0.0, 0.0, False,
    )  # fmt: skip


@given(st.integers(0, 5), st.data())
def test_every_step_stands_once_in_order_beside_its_teacher_step(n: int, data: st.DataObject) -> None:
    counts = st.lists(st.integers(0, 3), min_size=n + 1, max_size=n + 1)
    shapes = data.draw(st.lists(counts, min_size=1, max_size=4))
    views = [_view(number, 0, number + 1, n, shape) for number, shape in enumerate(shapes)]
    found = star(views)
    assert found.steps[0][found.steps[0] >= 0].tolist() == list(range(n))
    for view, column in zip(views, found.steps[1:], strict=True):
        assert column[column >= 0].tolist() == view.student_step[view.student_step >= 0].tolist()
        beside = {int(t): int(s) for t, s in zip(found.steps[0], column, strict=True) if t >= 0}
        assert beside == {
            int(t): int(s) for t, s in zip(view.teacher_step, view.student_step, strict=True) if t >= 0
        }  # fmt: skip
    assert (found.steps >= 0).any(axis=0).all()
    if len(views) == 1:
        assert found.steps.tolist() == [views[0].teacher_step.tolist(), views[0].student_step.tolist()]


def test_pairs_of_different_teachers_are_refused() -> None:
    with pytest.raises(ValueError, match="do not share"):
        star([_view(0, 0, 1, 1, [0, 0]), _view(1, 5, 2, 1, [0, 0])])


def test_the_header_of_a_pair_names_order_inversions_only_where_there_are_some() -> None:
    plain = _view(0, 0, 1, 1, [0, 0])
    assert plain.order_inversions == 0
    assert "inversions" not in pair_header(plain)
    assert pair_header(replace(plain, order_inversions=1_234)).endswith(" · order inversions 1,234")
