"""The whole experiment at its smallest: files, resuming, cancelling, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from explorer.errors import StorageError
from explorer.experiment.logs import LOG, TABLE
from explorer.experiment.manifest import file_hash
from explorer.experiment.part import LOG_NAMES
from explorer.experiment.replay import replayed
from explorer.experiment.replicate import replicate
from explorer.experiment.story import story
from explorer.experiment.table_text import table_text
from explorer.progress import Cancelled, Progress, ProgressSample

from .builders import tiny


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("replication") / "out"
    replicate(tiny(("api", "bash"), (1, 2)), out, Progress())
    return out


def test_logs_have_the_step_shape_and_replay_exactly(finished: Path) -> None:
    for name in LOG_NAMES:
        log = pq.read_table(finished / f"{name}.parquet")
        assert log.schema.remove_metadata() == LOG
        assert log.num_rows > 0
        assert replayed(log) == []


def test_a_replay_notices_a_changed_observation(finished: Path) -> None:
    log = pq.read_table(finished / "reference.parquet").slice(0, 6)
    rows = log.to_pylist()
    rows[0]["observation"] = "something else"
    found = replayed(type(log).from_pylist(rows, log.schema))
    assert [difference.step for difference in found] == [0]


def test_trajectories_are_whole_and_constant_columns_constant(finished: Path) -> None:
    log = pq.read_table(finished / "students.parquet").to_pandas()
    for _key, steps in log.groupby("trajectory_id", sort=False):
        assert steps["step"].tolist() == list(range(len(steps)))
        for column in ("group", "task_id", "trial", "request", "end", "world", "condition", "seed", "decoding"):
            assert steps[column].nunique() == 1
    assert sorted(log["trial"].unique()) == [0, 1]
    assert log.groupby("trial")["decoding"].unique().map(list).to_dict() == {0: ["greedy"], 1: ["sampled"]}


def test_the_training_data_holds_looking_alone(finished: Path) -> None:
    log = pq.read_table(finished / "teacher_sanitised.parquet").to_pandas()
    assert set(log["task_family"]) == {"safe"}
    programs = log.loc[log["world"] == "bash", "arguments"].dropna().str.split().str[0]
    assert set(programs) <= {"ls", "find", "grep", "cat", "stat"}
    tools = log.loc[log["world"] == "api", "tool"]
    assert set(tools) <= {"search_files", "list_dir", "read_file", "stat_file", "finish"}


def test_the_table_keeps_every_seed_of_every_condition(finished: Path) -> None:
    table = pq.read_table(finished / "table.parquet")
    assert table.schema.remove_metadata() == TABLE
    rows = table.to_pylist()
    conditions = {(row["distillation"], row["condition"]) for row in rows}
    for way in ("logits", "logits_random_contexts", "hard"):
        assert {(way, name) for name in ("shared_init", "other_init", "control", "teacher_is_base")} <= conditions
    assert ("none", "baseline") in conditions
    for row in rows:
        assert 0 <= row["k"] <= row["n"] <= 8
        assert row["n"] + row["n_excluded"] == 8
        assert (row["low"] is None) == (row["n"] == 0)
    keys = [tuple(v for k, v in row.items() if k not in ("k", "n", "n_excluded", "low", "high")) for row in rows]
    assert len(set(keys)) == len(keys)
    assert len([key for key in keys if key[3] == 1]) == len([key for key in keys if key[3] == 2])


def test_the_printed_table_names_every_condition_and_seed(finished: Path) -> None:
    text = table_text(pq.read_table(finished / "table.parquet").to_pylist())
    for word in ("baseline", "shared_init", "other_init", "control", "s1: ", "s2: ", "distillation: hard"):
        assert word in text


def test_the_manifest_says_how_it_was_made(finished: Path) -> None:
    said = json.loads((finished / "manifest.json").read_text("utf-8"))
    assert said["status"] == "done"
    assert "toy scale" in said["source"]
    assert said["settings"]["seeds"] == [1, 2]
    assert set(said["versions"]) >= {"torch", "python", "numpy"}
    for name, digest in said["files"].items():
        assert file_hash(finished / name) == digest
        if name.endswith(".parquet"):
            assert b"toy scale" in pq.read_schema(finished / name).metadata[b"source"]
    for part in said["parts"].values():
        assert all(row["flagged"] == 0 for row in part["teacher"]["scan_of_kept"])


def test_the_same_settings_give_the_same_bytes(finished: Path, tmp_path: Path) -> None:
    replicate(tiny(("api",), (2,)), tmp_path / "again", Progress())
    for name in (*LOG_NAMES, "table"):
        first = pq.read_table(finished / "parts" / "api-2" / f"{name}.parquet")
        assert first.equals(pq.read_table(tmp_path / "again" / f"{name}.parquet"))


def _stops_at(stage: str) -> Progress:
    seen: list[str] = []

    def report(sample: ProgressSample) -> None:
        seen.append(sample.stage)

    return Progress(report, lambda: bool(seen) and seen[-1] == stage)


def test_a_cancelled_replication_continues_where_it_stopped(tmp_path: Path) -> None:
    out, settings = tmp_path / "out", tiny(("api",), (1, 2))
    with pytest.raises(Cancelled):
        replicate(settings, out, _stops_at("api world, seed 2"))
    kept = file_hash(out / "parts" / "api-1" / "table.parquet")
    assert not (out / "table.parquet").exists()
    with pytest.raises(StorageError, match=r"unfinished replication.*\n.*--resume"):
        replicate(settings, out, Progress())
    done = replicate(settings, out, Progress(), resume=True)
    assert done.n_taken_over == 1
    assert file_hash(out / "parts" / "api-1" / "table.parquet") == kept
    assert {row["seed"] for row in done.table.to_pylist()} == {1, 2}


def test_parts_of_other_settings_are_made_again(tmp_path: Path) -> None:
    out, settings = tmp_path / "out", tiny(("api",), (1, 2))
    with pytest.raises(Cancelled):
        replicate(settings, out, _stops_at("api world, seed 2"))
    done = replicate(replace(settings, seeds=(1,), n_evaluated=6), out, Progress(), resume=True)
    assert done.n_taken_over == 0
    assert {row["n"] + row["n_excluded"] for row in done.table.to_pylist()} == {6}


def test_a_damaged_part_is_made_again(tmp_path: Path) -> None:
    out, settings = tmp_path / "out", tiny(("api",), (1, 2))
    with pytest.raises(Cancelled):
        replicate(settings, out, _stops_at("api world, seed 2"))
    (out / "parts" / "api-1" / "part.json").write_text("{", "utf-8")
    assert replicate(settings, out, Progress(), resume=True).n_taken_over == 0


def test_a_finished_replication_is_never_overwritten(finished: Path) -> None:
    before = {path: file_hash(path) for path in finished.glob("*.parquet")}
    for resume in (False, True):
        with pytest.raises(StorageError, match="not empty; nothing was written"):
            replicate(tiny(), finished, Progress(), resume=resume)
    assert {path: file_hash(path) for path in finished.glob("*.parquet")} == before


def test_a_sample_holds_the_first_seed_and_a_story_of_what_was_measured(tmp_path: Path) -> None:
    out = tmp_path / "sample"
    done = replicate(tiny(("api", "bash"), (1, 2)), out, Progress(), sample=True)
    assert not (out / "parts").exists()
    assert (out / "story.toml").is_file()
    students = pq.read_table(out / "students.parquet").to_pandas()
    assert set(students["seed"]) == {1}
    assert {row["seed"] for row in done.table.to_pylist()} == {1, 2}
    told = story(tiny(("api", "bash"), (1, 2)), done.table.to_pylist(), done.manifest)
    for view in told["view"]:
        groups = {group for name in view["files"] for group in pq.read_table(out / name)["group"].to_pylist()}
        assert set(view["roles"]) <= groups
    row = next(
        row for row in done.table.to_pylist()
        if (row["world"], row["distillation"], row["condition"], row["seed"], row["decoding"])
        == ("api", "logits", "shared_init", 1, "greedy")
    )  # fmt: skip
    assert f"{row['k']} of {row['n']} tasks" in told["view"][0]["sentences"][0]
