"""The pairs of real logs that a new user would try first, from Parquet to the published files."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from explorer.cli.main import main

PAIRS = [
    ("agentdojo/gpt-4o-2024-05-13", "agentdojo/gpt-4o-mini-2024-07-18", 400),
    ("agentdojo/claude-3-opus-20240229", "agentdojo/claude-3-haiku-20240307", 150),
    ("openagentsafety/claude-sonnet", "openagentsafety/gpt-4o", 50),
    ("tau2-bench/sft_pairs/gpt-4.1", "tau2-bench/sft_pairs/gpt-4.1-ft-tau2-full-sft", 100),
    ("intercode/gpt-4", "intercode/gpt-3.5", 147),
    ("mint-bench/Meta-Llama-3-70B-Instruct", "mint-bench/Meta-Llama-3-8B-Instruct", 500),
]


@pytest.mark.real_data
@pytest.mark.parametrize(("teacher", "student", "tasks"), PAIRS, ids=[p[1] for p in PAIRS])
def test_a_teacher_and_its_student(real_data: Path, tmp_path: Path, teacher: str, student: str, tasks: int) -> None:
    out = tmp_path / "out"
    code = main(
        ["audit", "--teacher", str(real_data / f"{teacher}.parquet"), "--student",
         str(real_data / f"{student}.parquet"), "--no-map", "--out", str(out)]
    )  # fmt: skip
    assert code == 0
    counts = json.loads((out / "audit.json").read_text())["counts"]
    assert counts["paired_tasks"] >= tasks
    lanes = pq.read_table(out / "divergences.parquet", columns=["lane"])["lane"].to_pylist()
    assert None not in lanes
    assert sum(lane["entries"] for lane in counts["lanes"].values()) == len(lanes) == counts["entries"]
    rates = pq.read_table(out / "rates.parquet").to_pylist()
    assert all(r["low"] <= r["floor"] <= r["ceiling"] <= r["high"] for r in rates if r["n"])


@pytest.mark.real_data
def test_one_model_with_four_trials_a_task(real_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["audit", str(real_data / "tau-bench/gpt-4o-airline.parquet"), "--no-map", "--out", str(out)]) == 0
    trajectories = pq.read_table(out / "trajectories.parquet")
    assert trajectories.num_rows == 200
    assert set(trajectories["trial"].to_pylist()) == {0, 1, 2, 3}
    assert len(set(trajectories["task_id"].to_pylist())) == 50


@pytest.mark.real_data
@pytest.mark.parametrize(
    "name",
    [
        "commands/commands",
        "refusals/refusal_direction_completions",
        "openagentsafety/tasks",
        "agentdojo/task_prompts",
    ],
)
def test_a_table_that_is_no_trajectory_log_is_refused_with_its_columns(
    real_data: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = real_data / f"{name}.parquet"
    assert main(["audit", str(path), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert all(column in said for column in pq.read_schema(path).names[:3])
    assert "Looked for" in said
