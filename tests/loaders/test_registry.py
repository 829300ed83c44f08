"""Whole sources: choosing a loader, groups, keys, selections, several sources, and what a person is told."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from explorer.errors import InputError, StorageError
from explorer.progress import Cancelled, Progress, ProgressSample
from loaders.base import Claim, ColumnMapping, Head, ReadRequest
from loaders.conform import candidate_keys, regroup, rekey
from loaders.parallel_lists import ParallelLists
from loaders.registry import combine, open_dataset, preview, read_source
from tests.builders import step_shape_rows, write_parquet
from tests.loaders.support import codes, read, read_rows, steps

TALK = [{"role": "user", "content": "Go."}, {"role": "assistant", "content": "Done."}]


def logs(**columns: Any) -> list[dict[str, Any]]:
    """One row per value of the columns, with a short conversation."""
    count = len(next(iter(columns.values())))
    return [{**{name: values[n] for name, values in columns.items()}, "messages": TALK} for n in range(count)]


def test_an_unknown_group_is_a_message_with_the_groups_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_rows(tmp_path, logs(model=["a", "b"], task_id=["1", "1"]), groups=("c",))
    assert "c" in caught.value.what
    assert "a (1)" in (caught.value.todo or "")


def test_only_the_groups_asked_for_are_kept_and_the_others_counted(tmp_path: Path) -> None:
    rows = step_shape_rows({g: {"t": [("shell", "bash", f"ls {g}")] * (n + 1)} for n, g in enumerate("abc")})
    report, dataset = read_rows(tmp_path, rows, groups=("c", "a"))
    assert dict(report.groups) == {"a": 1, "c": 1}
    assert report.quality.rows_left_out == 1
    assert [[text for _, _, text, _, _ in steps(dataset, t)] for t in range(2)] == [["ls a"], ["ls c"] * 3]
    assert dataset.steps.num_rows == 4
    assert dataset.turns.num_rows == 2


@pytest.mark.parametrize("option", [{"group_by": "nothing"}, {"task": ("nothing",)}])
def test_a_missing_column_is_a_message_with_the_columns_there_are(tmp_path: Path, option: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        read_rows(tmp_path, logs(model=["a"], task_id=["1"]), **option)
    assert "nothing" in caught.value.what
    assert "task_id" in (caught.value.todo or "")


def test_mappings_name_columns_and_mistakes_in_them_are_messages(tmp_path: Path) -> None:
    rows = [{"q": "1", "said": TALK, "who": "m1"}]
    mapping = ColumnMapping(loader="messages", group="who", task=("q",), columns={"messages": "said"})
    report, dataset = read_rows(tmp_path, rows, mapping=mapping)
    assert dict(report.groups) == {"m1": 1}
    assert dataset.task.names == ("1",)
    for wrong in (ColumnMapping(loader="nope"), ColumnMapping(loader="messages", columns={"messages": "nope"})):
        with pytest.raises(InputError, match="nope"):
            read_rows(tmp_path, rows, mapping=wrong)
    with pytest.raises(InputError, match="nope"):
        read_rows(
            tmp_path,
            step_shape_rows({"g": {"t": [("shell", "b", "x")]}}),
            mapping=ColumnMapping(columns={"tool": "nope"}),
        )


def test_a_tie_names_both_and_how_to_choose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def claim(self: object, head: Head, mapping: ColumnMapping) -> Claim:
        return Claim("parallel_lists", 0.7, "made equal for this test")

    monkeypatch.setattr(ParallelLists, "claim", claim)
    with pytest.raises(InputError) as caught:
        read_rows(tmp_path, logs(task_id=["1"]))
    assert "messages" in caught.value.what
    assert "parallel_lists" in caught.value.what
    assert "loader =" in (caught.value.todo or "")


def test_every_row_is_shown_or_rejected_in_a_folder_of_everything(tmp_path: Path) -> None:
    write_parquet(tmp_path / "logs" / "a.parquet", logs(task_id=["1", "2"]))
    write_parquet(tmp_path / "logs" / "b.parquet", step_shape_rows({"g": {"t": [("shell", "bash", "ls")] * 3}}))
    write_parquet(tmp_path / "logs" / "c.parquet", [{"price": n} for n in range(4)])
    report, dataset = read(tmp_path, tmp_path / "logs")
    assert (report.quality.rows_in, report.quality.rows_read, report.quality.rows_rejected) == (9, 5, 4)
    assert codes(report)["no_trajectories"] == 4
    assert dataset.n_trajectories == 3
    assert {file.loader for file in report.files} == {"messages", "steps"}


def test_a_file_without_rows_is_a_message(tmp_path: Path) -> None:
    schema = pa.schema([("messages", pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())])))])
    with pytest.raises(InputError, match="no rows"):
        read_rows(tmp_path, [], schema)


def test_names_that_say_nothing_give_way_to_the_files(tmp_path: Path) -> None:
    write_parquet(tmp_path / "logs" / "big.parquet", logs(model=["local"], task_id=["1"]))
    write_parquet(tmp_path / "logs" / "small.parquet", logs(model=[None], task_id=["1"]))
    write_parquet(tmp_path / "logs" / "x" / "run.parquet", logs(task_id=["1"]))
    write_parquet(tmp_path / "logs" / "y" / "run.parquet", logs(task_id=["1"]))
    write_parquet(tmp_path / "logs" / "shards" / "part-0.parquet", logs(task_id=["1"]))
    report, _ = read(tmp_path, tmp_path / "logs")
    assert sorted(report.groups) == ["big", "shards", "small", "x/run", "y/run"]


def test_keys_of_several_columns_are_json_and_null_is_not_empty(tmp_path: Path) -> None:
    rows = logs(suite=["a", "a", "a"], user_task_id=["1", "1", "1"], injection_task_id=[None, "", "x"])
    _, dataset = read_rows(tmp_path, rows, task=("user_task_id", "injection_task_id"))
    assert dataset.task.names == ('["1",null]', '["1",""]', '["1","x"]')


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        ({"task_id": [1, 2], "domain": ["a", "b"]}, ("task_id",)),
        ({"task_id": [1, 1], "domain": ["a", "b"], "reward": [0.0, 1.0]}, ("domain", "task_id")),
        ({"task_id": [1, 1], "trial": [0, 1], "domain": ["a", "a"]}, ("task_id",)),
        ({"task_id": [1, 1], "seed": [7, 8], "id": ["p", "q"]}, ("task_id",)),
        ({"instance_id": ["x", "y"], "uuid": ["p", "q"]}, ("instance_id",)),
        ({"task": ["open the door", "shut it"], "model": ["m", "m"]}, ("task",)),
        ({"id": ["p", "q"]}, ("request_digest",)),
    ],
)
def test_the_pairing_key_is_found_by_a_general_rule(tmp_path: Path, columns: Any, key: tuple[str, ...]) -> None:
    report, _ = read_rows(tmp_path, logs(**columns))
    assert report.task_columns == key


def test_without_any_task_column_the_request_pairs(tmp_path: Path) -> None:
    one = [{"role": "user", "content": "One."}, TALK[1]]
    two = [{"role": "user", "content": "Two."}, TALK[1]]
    rows = [{"model": m, "messages": talk} for m in ("a", "b") for talk in (one, two)]
    report, dataset = read_rows(tmp_path, rows)
    assert len(dataset.task.names) == 2
    assert report.candidate_keys[0].sentence == "2 of 2"


def test_a_new_key_gives_new_ids_without_reading_again(tmp_path: Path) -> None:
    report, dataset = read_rows(tmp_path, logs(task_id=[1, 1], domain=["a", "b"], model=["m", "m"]))
    shutil.rmtree(tmp_path / "log.parquet", ignore_errors=True)
    other = rekey(dataset, ("task_id",))
    assert dataset.task.names == ('["a","1"]', '["b","1"]')
    assert other.task.names == ("1",)
    assert other.trial.tolist() == [0, 1]
    assert set(other.trajectory_ids).isdisjoint(dataset.trajectory_ids)
    assert other.steps["trajectory_id"].to_pylist() == list(other.trajectory_ids)
    assert other.steps["arguments"].to_pylist() == dataset.steps["arguments"].to_pylist()
    assert rekey(other, report.task_columns).trajectory_ids == dataset.trajectory_ids
    with pytest.raises(InputError):
        rekey(dataset, ("nothing",))


def test_other_names_of_tasks_hold_whatever_is_done_with_the_dataset(tmp_path: Path) -> None:
    mapping = ColumnMapping(task_aliases={"t_1": "t-1"})
    rows = logs(task_id=["t-1", "t_1", "t_2"], model=["a", "b", "b"])
    report, dataset = read_rows(tmp_path, rows, mapping=mapping)
    assert [dataset.task.of(row) for row in range(3)] == ["t-1", "t-1", "t_2"]
    assert report.mapping.task_aliases == {"t_1": "t-1"}
    (tmp_path / "plain").mkdir()
    plain, as_logged = read_rows(tmp_path / "plain", rows)
    assert as_logged.trajectory_ids == dataset.trajectory_ids
    assert plain.candidate_keys[0].sentence == "0 of 3"
    assert report.candidate_keys[0].sentence == "1 of 2"
    again = rekey(dataset, ("task_id",))
    assert again.trajectory_ids == dataset.trajectory_ids
    renamed = regroup(dataset, {"a": "teacher"})
    assert [renamed.task.of(row) for row in range(3)] == ["t-1", "t-1", "t_2"]
    (tmp_path / "more").mkdir()
    _, other = read_rows(tmp_path / "more", logs(task_id=["t_1"], model=["c"]))
    assert [combine([dataset, other]).task.of(row) for row in range(4)] == ["t-1", "t-1", "t_2", "t-1"]


def test_repeats_of_a_given_trial_are_numbered_on_and_counted(tmp_path: Path) -> None:
    report, dataset = read_rows(tmp_path, logs(task_id=[1, 1, 1], trial=[0, 0, 1]))
    assert dataset.trial.tolist() == [0, 2, 1]
    assert codes(report)["repeated_trial"] == 1
    assert codes(report)["duplicate"] == 2
    assert len(set(dataset.trajectory_ids)) == 3


def test_ids_do_not_depend_on_place_or_order(tmp_path: Path) -> None:
    rows = logs(model=["m"] * 4, task_id=[1, 1, 2, 3])
    rows[1] = {**rows[1], "messages": [*TALK, {"role": "user", "content": "More."}]}
    _, first = read_rows(tmp_path, rows)
    other = write_parquet(tmp_path / "elsewhere" / "model=x" / "other.parquet", rows[::-1])
    _, second = read(tmp_path, other)
    assert sorted(first.trajectory_ids) == sorted(second.trajectory_ids)
    assert first.fingerprint == second.fingerprint


def test_groups_of_the_same_name_stay_apart_when_sources_are_combined(tmp_path: Path) -> None:
    datasets = []
    for name in ("before", "after"):
        path = write_parquet(tmp_path / f"{name}.parquet", logs(model=["m", "m"], task_id=[1, 2]))
        datasets.append(read(tmp_path, path).dataset)
    whole = combine(datasets)
    assert whole.group.names == ("m (before)", "m (after)")
    assert whole.task.names == ("1", "2")
    assert len(set(whole.trajectory_ids)) == 4
    assert whole.steps.num_rows == 4
    assert candidate_keys([d.trajectories for d in datasets])[0].sentence == "2 of 2"


def test_sources_with_different_keys_get_one_that_fits_both(tmp_path: Path) -> None:
    one = read_rows(tmp_path, logs(task_id=[1, 2], domain=["a", "b"], model=["x", "x"])).dataset
    two = read_rows(tmp_path, logs(task_id=[1, 1], domain=["a", "b"], model=["y", "y"])).dataset
    whole = combine([one, two])
    assert whole.task.names == ('["a","1"]', '["b","2"]', '["b","1"]')


def test_a_sample_takes_the_same_tasks_of_every_group(tmp_path: Path) -> None:
    rows = logs(model=[m for m in "ab" for _ in range(30)], task_id=list(range(30)) * 2)
    report, dataset = read_rows(tmp_path, rows, sample=5, seed=3)
    tasks = [{dataset.task.of(t) for t in range(10) if dataset.group.of(t) == g} for g in "ab"]
    assert len(tasks[0]) == 5
    assert tasks[0] == tasks[1]
    assert report.quality.rows_left_out == 50


def test_columns_of_the_log_pass_through(tmp_path: Path) -> None:
    rows = [{"task_id": "1", "messages": TALK, "score": {"total": 3, "parts": [1, 2]}, "note": "n", "raw": b"\x00"}]
    report, dataset = read_rows(tmp_path, rows)
    assert dataset.log_values(0) == {"task_id": "1", "score.total": 3, "note": "n"}
    assert report.columns_ignored == ("raw", "score.parts")
    counts = {count.column: (count.rows, count.null, count.empty) for count in report.quality.columns}
    assert counts["note"] == (1, 0, 0)


def test_null_is_not_empty_and_neither_is_missing(tmp_path: Path) -> None:
    report, _ = read_rows(tmp_path, logs(task_id=["1", "2", "3"], note=[None, "", "x"]))
    counts = {count.column: (count.rows, count.null, count.empty) for count in report.quality.columns}
    assert counts["note"] == (3, 1, 1)


def test_the_report_lies_beside_the_tables_and_nothing_else_does(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "log.parquet", logs(task_id=["1"]))
    report = read_source(ReadRequest((str(path),)), tmp_path / "cache")
    names = {p.name for p in (tmp_path / "cache").iterdir()}
    assert names == {"steps.arrow", "turns.arrow", "trajectories.arrow", "names.json", "report.json"}
    assert json.loads((tmp_path / "cache" / "report.json").read_text())["fingerprint"] == report.fingerprint
    assert pickle.loads(pickle.dumps(report)) == report


def test_a_place_that_cannot_be_written_is_a_message(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "log.parquet", logs(task_id=["1"]))
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError) as caught:
        read_source(ReadRequest((str(path),)), tmp_path / "file" / "cache")
    assert caught.value.todo


def test_a_full_disk_is_a_message_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from loaders import cache

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "_write_table", full)
    path = write_parquet(tmp_path / "log.parquet", logs(task_id=["1"]))
    with pytest.raises(StorageError, match="no space left"):
        read_source(ReadRequest((str(path),)), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_folder_that_is_no_cache_is_a_message(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no readable cache"):
        open_dataset(tmp_path)


def test_reading_reports_progress_and_can_be_stopped(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "log.parquet", logs(task_id=list(range(300))))
    seen: list[ProgressSample] = []
    read_source(ReadRequest((str(path),)), tmp_path / "a", Progress(seen.append))
    assert any(sample.stage == "Reading log.parquet" and sample.total == 300 for sample in seen)
    with pytest.raises(Cancelled):
        read_source(ReadRequest((str(path),)), tmp_path / "b", Progress(cancelled=lambda: True))
    assert list((tmp_path / "b").iterdir()) == []


def test_the_sheet_shows_the_mappings_effect_at_once(tmp_path: Path) -> None:
    rows = [{"q": "1", "said": TALK, "heard": TALK[:1], "who": "m1", "task_id": "t"}]
    path = write_parquet(tmp_path / "talks.parquet", rows)
    plain = preview(ReadRequest((str(path),)))
    assert plain.loader == "messages"
    assert plain.steps[0].arguments == "Done."
    assert plain.group == "talks"
    mapping = ColumnMapping(columns={"messages": "heard"}, group="who", task=("q",))
    changed = preview(ReadRequest((str(path),), mapping=mapping))
    assert (changed.steps, changed.end, changed.group, changed.task_columns) == ((), "empty", "m1", ("q",))
    stepwise = write_parquet(tmp_path / "s.parquet", step_shape_rows({"g": {"t": [("shell", "bash", "ls")] * 5}}))
    sheet = preview(ReadRequest((str(stepwise),)), rows=2)
    assert [step.arguments for step in sheet.steps] == ["ls", "ls"]
    assert sheet.turns == (("user", "Please do t."),)
    with pytest.raises(InputError):
        preview(ReadRequest((str(write_parquet(tmp_path / "n.parquet", [{"a": 1}])),)))
