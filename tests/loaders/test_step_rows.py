"""One row per step: joined, sorted, and passed through exactly."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.model.schema import Outcome, StepKind
from tests.builders import step_shape_rows, write_parquet
from tests.loaders.support import codes, read, read_rows, steps, turns

COLUMNS = ("kind", "tool", "arguments", "outcome", "thought", "observation")
_text = st.none() | st.text(max_size=12)
_step = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([str(kind) for kind in StepKind]),
        "tool": _text,
        "arguments": _text,
        "outcome": st.sampled_from([str(outcome) for outcome in Outcome]),
        "thought": _text,
        "observation": _text,
    }
)
_name = st.text(min_size=1, max_size=5).filter(str.strip)
_logs = st.dictionaries(st.tuples(_name, _name), st.lists(_step, min_size=1, max_size=4), min_size=1, max_size=4)
SCHEMA = pa.schema(
    [
        ("trajectory_id", pa.string()), ("group", pa.string()), ("task_id", pa.string()), ("trial", pa.int32()),
        ("step", pa.int32()), ("kind", pa.string()), ("tool", pa.string()), ("arguments", pa.string()),
        ("outcome", pa.string()), ("thought", pa.string()), ("observation", pa.string()), ("request", pa.string()),
    ]
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.tuples(_name, _name), st.lists(_step, min_size=1, max_size=4), min_size=1, max_size=4),
    st.randoms(),
)
def test_our_own_columns_round_trip_exactly(
    tmp_path: Path, logs: dict[tuple[str, str], list[Any]], random: Any
) -> None:
    rows = [
        {
            "trajectory_id": f"{len(group)}{group}{task}", "group": group, "task_id": task, "trial": 0, "step": number,
            "request": f"do {task}", **step,
        }
        for (group, task), given_steps in logs.items()
        for number, step in enumerate(given_steps)
    ]  # fmt: skip
    random.shuffle(rows)
    report, dataset = read_rows(tmp_path, rows, SCHEMA)
    assert report.quality.rows_read == len(rows)
    assert dataset.n_steps == len(rows)
    for trajectory in range(dataset.n_trajectories):
        group, task = dataset.group.of(trajectory), dataset.task.of(trajectory)
        table = dataset.steps.slice(dataset.rows(trajectory).start, len(dataset.rows(trajectory)))
        values = logs[(str(group), str(task))]
        assert table.select(list(COLUMNS)).to_pylist() == [{name: step[name] for name in COLUMNS} for step in values]
        assert table["step"].to_pylist() == list(range(len(values)))
        assert turns(dataset, trajectory) == [(0, "user", f"do {task}")]


def test_the_helpers_rows_are_read_as_built(tmp_path: Path) -> None:
    rows = step_shape_rows(
        {"teacher": {"t1": [("shell", "bash", "ls"), ("tool_call", "f", '{"a": 1}', "failed", "no", "try")]}},
        requests={"t1": "Look."},
    )
    report, dataset = read_rows(tmp_path, rows)
    assert report.files[0].loader == "steps"
    assert steps(dataset) == [
        ("shell", "bash", "ls", "succeeded", None),
        ("tool_call", "f", '{"a": 1}', "failed", "no"),
    ]
    assert dataset.request(0) == "Look."
    assert report.task_columns == ("task_id",)


def test_a_hive_folder_gives_the_model(tmp_path: Path) -> None:
    rows = [{"task_id": "t", "step": n, "tool": "bash", "arguments": f"ls {n}"} for n in range(3)]
    for model in ("gpt%2F4", "llama"):
        write_parquet(tmp_path / "logs" / f"model={model}" / "part-0.parquet", rows)
    report, dataset = read(tmp_path, tmp_path / "logs")
    assert dict(report.groups) == {"gpt/4": 1, "llama": 1}
    assert dataset.lengths.tolist() == [3, 3]
    assert dataset.log_values(0)["model"] == "gpt/4"
    assert report.candidate_keys[0].sentence == "1 of 1"


def test_steps_of_a_trajectory_may_stand_in_several_files_and_out_of_order(tmp_path: Path) -> None:
    rows = [{"run_id": f"r{n % 2}", "step": n // 2, "action": f"a{n}"} for n in range(8)]
    write_parquet(tmp_path / "logs" / "part-0.parquet", rows[5:])
    write_parquet(tmp_path / "logs" / "part-1.parquet", rows[:5])
    report, dataset = read(tmp_path, tmp_path / "logs", group="g")
    found = [[text for _, _, text, _, _ in steps(dataset, t)] for t in range(2)]
    assert sorted(found) == [["a0", "a2", "a4", "a6"], ["a1", "a3", "a5", "a7"]]
    assert codes(report)["out_of_order"] > 0


def test_without_an_id_a_trajectory_starts_where_its_numbers_do(tmp_path: Path) -> None:
    rows = [{"model": "m", "task_id": "t", "step": n % 3, "command": f"c{n}"} for n in range(6)]
    _, dataset = read_rows(tmp_path, rows)
    assert dataset.lengths.tolist() == [3, 3]
    assert dataset.trial.tolist() == [0, 1]
    assert [kind for kind, *_ in steps(dataset)] == ["shell"] * 3


def test_gaps_in_the_numbers_are_counted_and_the_logs_numbers_kept(tmp_path: Path) -> None:
    rows = [{"trajectory_id": "r", "step": n, "action": f"a{n}"} for n in (1, 2, 5)]
    report, dataset = read_rows(tmp_path, rows)
    assert dataset.steps["step"].to_pylist() == [0, 1, 2]
    assert [dataset.log_id(row) for row in range(3)] == ["1", "2", "5"]
    assert codes(report)["step_gaps"] == 1


def test_kinds_commands_and_outcomes_are_worked_out_where_the_log_does_not_say(tmp_path: Path) -> None:
    given = [
        ("bash", '{"command": "rm x"}', "rm: cannot remove 'x': No such file or directory"),
        ("run_python", '{"code": "1/0"}', "ok"),
        ("sql_query", '{"query": "DELETE FROM t"}', "Error: locked"),
        ("delete_file", '{"path": "x", "path": "y"}', '{"success": false}'),
        ("finish", "{}", None),
        ("bash", "ls", ""),
    ]
    rows = [
        {"trajectory_id": "r", "step": n, "tool": tool, "arguments": arguments, "observation": seen}
        for n, (tool, arguments, seen) in enumerate(given)
    ]
    report, dataset = read_rows(tmp_path, rows)
    assert [step[:4] for step in steps(dataset)] == [
        ("shell", "bash", "rm x", "failed"),
        ("code", "run_python", "1/0", "succeeded"),
        ("sql", "sql_query", "DELETE FROM t", "failed"),
        ("tool_call", "delete_file", '{"path": "x", "path": "y"}', "failed"),
        ("finish", "finish", "{}", "unknown"),
        ("shell", "bash", "ls", "succeeded"),
    ]
    assert dataset.steps["flags"].to_pylist()[3] == ["duplicate_json_key"]
    assert codes(report)["duplicate_json_key"] == 1


def test_exit_codes_error_columns_and_structs(tmp_path: Path) -> None:
    rows = [
        {"trajectory_id": "r", "step": n, "tool": "bash", "args": {"command": f"c{n}", "timeout": None},
         "exit_code": code, "error": error, "timestamp": f"2026-01-0{n + 1}T00:00:00"}
        for n, (code, error) in enumerate([(0, None), (2, None), (-1, None), (None, "boom"), (None, None)])
    ]  # fmt: skip
    _, dataset = read_rows(tmp_path, rows)
    assert [(text, outcome) for _, _, text, outcome, _ in steps(dataset)] == [
        ("c0", "succeeded"), ("c1", "failed"), ("c2", "unknown"), ("c3", "failed"), ("c4", "unknown"),
    ]  # fmt: skip
    assert dataset.steps["timestamp"][0].as_py() == datetime(2026, 1, 1, tzinfo=UTC)


def test_what_varies_within_a_trajectory_is_named_and_the_rest_passes_through(tmp_path: Path) -> None:
    rows = [{"trajectory_id": "r", "step": n, "action": "a", "cost": n * 1.5, "suite": "s"} for n in range(2)]
    report, dataset = read_rows(tmp_path, rows)
    assert report.columns_ignored == ("cost",)
    assert dataset.log_values(0) == {"suite": "s"}


def test_a_request_that_changes_is_said_again(tmp_path: Path) -> None:
    rows = [
        {"trajectory_id": "r", "step": n, "action": "a", "request": said, "system": "Obey."}
        for n, said in enumerate(["one", "one", "two"])
    ]
    _, dataset = read_rows(tmp_path, rows)
    assert turns(dataset) == [(0, "system", "Obey."), (0, "user", "one"), (2, "user", "two")]


def test_rows_without_a_trajectory_are_rejected_and_rows_without_an_action_are_no_steps(tmp_path: Path) -> None:
    rows = [
        {"trajectory_id": "a", "step": 0, "tool": "f", "arguments": "{}"},
        {"trajectory_id": None, "step": 1, "tool": "f", "arguments": "{}"},
        {"trajectory_id": "b", "step": 0, "tool": None, "arguments": None},
    ]
    report, dataset = read_rows(tmp_path, rows)
    assert [(row.row, row.reason) for row in report.quality.rejected] == [(1, "it names no trajectory")]
    assert dataset.lengths.tolist() == [1, 0]
    assert dataset.end.of(1) == "empty"


@pytest.mark.parametrize("first", [pa.int64(), pa.float64(), pa.string()])
def test_columns_that_change_their_type_or_come_later_are_kept(tmp_path: Path, first: pa.DataType) -> None:
    rows = [{"trajectory_id": "a", "step": 0, "action": "x", "task_id": 1}]
    fields = [("trajectory_id", pa.string()), ("step", pa.int64()), ("action", pa.string())]
    one = pa.schema([*fields, ("task_id", first)])
    write_parquet(tmp_path / "logs" / "1.parquet", [{**rows[0], "task_id": "1" if first == pa.string() else 1}], one)
    write_parquet(tmp_path / "logs" / "2.parquet", [{**rows[0], "trajectory_id": "b", "reward": 0.5}])
    _, dataset = read(tmp_path, tmp_path / "logs", group="g")
    assert dataset.task.names == ("1",)
    assert [dataset.log_values(t)["reward"] for t in range(2)] == [None, 0.5]


def test_dictionaries_with_repeated_names_do_not_split_trajectories(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    ids = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0], pa.int32()), pa.array(["r", "r"]))
    table = pa.table({"trajectory_id": ids, "step": [0, 1, 2], "action": ["a", "b", "c"]})
    pq.write_table(table, tmp_path / "log.parquet")
    _, dataset = read(tmp_path, tmp_path / "log.parquet")
    assert dataset.lengths.tolist() == [3]


def test_many_slices_keep_steps_and_turns_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import loaders.step_rows as module

    rows = [
        {
            "trajectory_id": f"r{t}",
            "step": n,
            "tool": "f",
            "arguments": json.dumps({"t": t, "n": n}),
            "request": f"q{t}",
        }
        for t in range(20)
        for n in range(t % 4 + 1)
    ]
    _, whole = read_rows(tmp_path, rows)
    monkeypatch.setattr(module, "SLICE_ROWS", 5)
    _, sliced = read_rows(tmp_path, rows)
    assert whole.steps.equals(sliced.steps)
    assert whole.turns.equals(sliced.turns)
    assert whole.trajectory_ids == sliced.trajectory_ids
