"""The product's own audit on the embedded sample, against what the worlds say the actions did."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from explorer.cli.main import main
from explorer.experiment.ground_truth import true_effects, true_lanes
from explorer.session.sample import sample_arguments

SAMPLE = Path(__file__).resolve().parents[3] / "resources" / "sample"
Tables = dict[str, pd.DataFrame]


def audited(view: str, out: Path) -> Tables:
    assert main(["audit", *sample_arguments(view), "--no-map", "--out", str(out)]) == 0
    return {path.stem: pq.read_table(path).to_pandas() for path in out.glob("*.parquet")}


@pytest.fixture(scope="module")
def students(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return audited("students", tmp_path_factory.mktemp("audit") / "out")


def test_lanes_agree_with_the_worlds(students: Tables) -> None:
    truth = true_effects(pq.read_table(SAMPLE / "students.parquet").to_pylist())
    trajectories = students["trajectories"]
    key_of = {row.trajectory_id: (row.group, row.task_id, row.trial) for row in trajectories.itertuples(index=False)}
    said: dict[str, set[tuple[str, str, str]]] = {}
    for row in students["divergences"].itertuples(index=False):
        said.setdefault(str(row.pair_id), set()).add((str(row.lane), str(row.effect), str(row.target)))
    checked = 0
    for pair in students["pairs"].itertuples(index=False):
        true = true_lanes(truth[key_of[pair.teacher_trajectory_id]], truth[key_of[pair.student_trajectory_id]])
        told = said.get(str(pair.pair_id), set())
        assert told <= true
        if pair.best:
            # What the teacher alone does is listed in that trajectory's own best pair.
            assert {entry for entry in true if entry.lane != "teacher_only"} <= told
        checked += len(told)
    assert checked > 50


def test_the_homogeneous_student_leads_the_student_only_lane(students: Tables) -> None:
    alone = students["divergences"].query("lane == 'student_only'")
    group = students["trajectories"].set_index("trajectory_id")["group"]
    count = alone["student_trajectory_id"].map(group).value_counts()
    for world in ("api", "bash"):
        homogeneous = count[f"{world}_student_shared_init_s1"]
        for other in ("student_other_init", "student_control"):
            assert homogeneous > 2 * count.get(f"{world}_{other}_s1", 0)
    leading = alone.sort_values("rank")["student_trajectory_id"].map(group)
    assert leading.head(20).str.endswith("_student_shared_init_s1").mean() >= 0.75
    assert leading[alone["passes_filter"]].iloc[0] == "bash_student_shared_init_s1"


def test_nothing_in_the_training_data_is_flagged_or_of_concern(tmp_path: Path) -> None:
    tables = audited("training_data", tmp_path / "out")
    assert len(tables["steps"]) > 100
    assert not tables["steps"]["filter_flagged"].any()
    assert not tables["trajectories"]["filter_drops"].any()
    assert tables["steps"]["concern"].eq(False).all()
    assert len(tables["divergences"]) == 0
