"""Columns of real logs: four trials of every task, and pairs that are what their audit says."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from explorer.analysis.audit import run_audit
from explorer.model.alignment import OPERATIONS, Operation
from explorer.model.schema import Role
from explorer.model.trajectory import Dataset
from explorer.progress import Progress
from explorer.session.audit_session import AuditSession
from explorer.session.column_desk import ColumnDesk
from explorer.session.settings import make_settings
from loaders.base import ReadRequest
from loaders.registry import combine, open_dataset, read_source
from tests.views.audits import open_session

pytestmark = pytest.mark.real_data


def _session(dataset: Dataset, roles: dict[str, Role], place: Path) -> AuditSession:
    settings = make_settings(roles, with_map=False)
    return open_session(place, dataset, run_audit(dataset, settings, Progress()), settings)


def test_four_trials_of_every_task_share_most_rows_and_lose_no_step(real_data: Path, tmp_path: Path) -> None:
    read_source(ReadRequest((str(real_data / "tau-bench" / "gpt-4o-airline.parquet"),), group="T"), tmp_path / "read")
    session = _session(open_dataset(tmp_path / "read"), {"T": Role.TEACHER}, tmp_path / "open")
    dataset, desk = session.dataset, ColumnDesk(session)
    assert dataset is not None
    took, common, unique = [], [], []
    for code in range(len(dataset.task.names)):
        trajectories = tuple(np.flatnonzero(dataset.task.codes == code).tolist())
        assert len(trajectories) == 4
        started = time.perf_counter()
        found = desk.prepare(trajectories)(Progress())
        took.append(time.perf_counter() - started)
        for column, trajectory in enumerate(trajectories):
            steps = found.steps[column]
            assert steps[steps >= 0].tolist() == list(dataset.rows(trajectory))
        assert (found.agreeing >= 1).all()
        assert not (found.unique & ~found.alone).any()
        common.append(found.unanimous.mean())
        unique.append(found.unique.sum() / (found.steps >= 0).sum())
    assert float(np.median(took)) < 0.5
    # One model asked four times for one thing does the same in many rows, and seldom what no other trial does.
    assert float(np.mean(common)) > 0.2
    assert float(np.mean(unique)) < 0.2
    session.close()


def test_two_columns_of_a_real_pair_are_the_pair(real_data: Path, tmp_path: Path) -> None:
    parts = []
    for group, file in (("T", "claude-sonnet"), ("S", "gpt-4o")):
        source = str(real_data / "openagentsafety" / f"{file}.parquet")
        read_source(ReadRequest((source,), group=group), tmp_path / group)
        parts.append(open_dataset(tmp_path / group))
    session = _session(combine(parts), {"T": Role.TEACHER, "S": Role.STUDENT}, tmp_path / "open")
    desk = ColumnDesk(session)
    assert session.result is not None
    pairs = len(session.result.frame("pairs"))
    assert pairs > 50
    for pair in range(0, pairs, 5):
        view = session.pair_view(pair)
        found = desk.prepare((view.teacher, view.student))(Progress())
        assert found.steps.tolist() == [view.teacher_step.tolist(), view.student_step.tolist()]
        assert found.unanimous.tolist() == (view.operation == OPERATIONS.index(Operation.MATCH)).tolist()
        assert int(found.told_apart[1]) == view.first_input_difference
        assert found.approximate == view.approximate
    session.close()
