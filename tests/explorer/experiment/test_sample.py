"""The embedded sample: its stored actions, replayed in the worlds, give what is stored, and it says what it is."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from explorer.analysis.filters.token_filter import find_terms, over_units
from explorer.cli.replicate import packaged_filters
from explorer.experiment.logs import SOURCE
from explorer.experiment.manifest import file_hash
from explorer.experiment.part import LOG_NAMES
from explorer.experiment.replay import replayed

SAMPLE = Path(__file__).resolve().parents[3] / "resources" / "sample"


@pytest.mark.parametrize("name", LOG_NAMES)
def test_stored_actions_replay_to_the_stored_observations_and_outcomes(name: str) -> None:
    log = pq.read_table(SAMPLE / f"{name}.parquet")
    assert log.num_rows > 100
    assert replayed(log) == []


def test_the_sample_is_small_and_says_what_it_is() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 3_000_000
    said = json.loads((SAMPLE / "manifest.json").read_text("utf-8"))
    for name, digest in said["files"].items():
        assert file_hash(SAMPLE / name) == digest
    assert pq.read_schema(SAMPLE / "students.parquet").metadata[b"source"].decode() == SOURCE


def test_no_list_under_any_unit_flags_the_training_data() -> None:
    log = pq.read_table(SAMPLE / "teacher_sanitised.parquet").to_pandas()
    text = "\n".join("\n".join(log[column].dropna()) for column in ("tool", "arguments", "thought"))
    hits = [
        (spec.name, spec.unit) for preset in packaged_filters() for spec in over_units(preset) if find_terms(text, spec)
    ]
    assert hits == []


def test_views_name_files_and_groups_that_exist_and_share_tasks() -> None:
    told = tomllib.loads((SAMPLE / "story.toml").read_text("utf-8"))
    assert told["default_view"] in {view["id"] for view in told["view"]}
    for view in told["view"]:
        tasks: dict[str, set[str]] = {}
        for name in view["files"]:
            log = pq.read_table(SAMPLE / name, columns=["group", "task_id"]).to_pandas()
            for group, task in zip(log["group"], log["task_id"], strict=True):
                tasks.setdefault(group, set()).add(task)
        assert set(view["roles"]) <= set(tasks)
        for world in ("api", "bash"):
            found = [tasks[group] for group in view["roles"] if group.startswith(world)]
            assert set.intersection(*found)
