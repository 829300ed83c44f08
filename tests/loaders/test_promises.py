"""Promise 1: a file never crashes the reader. Promise 2: rows in = rows shown + rows rejected, with a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.errors import UserError
from loaders.base import ReadRequest
from loaders.registry import open_dataset, read_source
from tests.builders import write_parquet

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

_scalar = st.none() | st.booleans() | st.integers(-10, 10**30) | st.floats() | st.text(max_size=8)
_json = st.recursive(
    _scalar, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)
_roles = st.sampled_from(["user", "assistant", "tool", "system", "human", "gpt", "critic", None])
_call = st.fixed_dictionaries(
    {},
    optional={
        "id": st.none() | st.sampled_from(["a", "b", ""]),
        "name": st.sampled_from(["bash", "f", "finish"]),
        "function": st.sampled_from(["bash", "f"]) | st.fixed_dictionaries({"name": st.just("f"), "arguments": _json}),
        "arguments": _json,
        "args": _json,
    },
)
_part = st.dictionaries(st.sampled_from(["type", "text", "content", "name", "input"]), _json)
_message = st.fixed_dictionaries(
    {"role": _roles},
    optional={
        "content": st.none()
        | st.text(max_size=10)
        | st.lists(st.dictionaries(st.sampled_from(["type", "text"]), _json)),
        "tool_calls": st.none() | st.lists(_call, max_size=3) | st.text(max_size=5),
        "tool_call_id": st.sampled_from(["a", "b", "", None]),
        "error": _json,
        "timestamp": _json,
    },
)
_log = st.lists(_message | _json, max_size=6)
_good = json.dumps([{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}])


def _books_balance(folder: Path, rows: list[dict[str, Any]]) -> None:
    path = write_parquet(folder / "log.parquet", rows)
    cache = folder / "cache"
    report = read_source(ReadRequest((str(path),)), cache)
    quality, dataset = report.quality, open_dataset(cache)
    assert quality.rows_in == len(rows)
    assert quality.rows_in == quality.rows_read + quality.rows_rejected
    assert dataset.n_trajectories == quality.rows_read
    assert len(quality.rejected) == quality.rows_rejected
    assert all(row.reason for row in quality.rejected)
    shown = set(dataset.trajectories["source_row"].to_pylist())
    assert shown | {row.row for row in quality.rejected} == set(range(len(rows)))
    assert int(dataset.step_offsets[-1]) == dataset.n_steps
    for trajectory in range(dataset.n_trajectories):
        assert all(0 <= turn.before_step <= dataset.lengths[trajectory] for turn in dataset.turns_of(trajectory))
        dataset.request(trajectory)
    for row in range(dataset.n_steps):
        dataset.step_text(row)


@QUICK
@given(st.lists(_log, max_size=4), st.lists(st.text(max_size=20), max_size=2))
def test_any_json_gives_rows_or_reasons(tmp_path: Path, logs: list[Any], broken: list[str]) -> None:
    texts = [_good, *(json.dumps(log) for log in logs), *(text for text in broken if text)]
    _books_balance(tmp_path, [{"task_id": str(n), "log": text} for n, text in enumerate(texts)])


@QUICK
@given(st.lists(st.tuples(_roles, st.none() | st.text(max_size=30)), max_size=6), st.text(max_size=60))
def test_any_text_around_calls_gives_steps(
    tmp_path: Path, messages: list[tuple[str | None, str | None]], text: str
) -> None:
    talk = [{"role": role, "content": said} for role, said in messages]
    talk.append({"role": "assistant", "content": f"<execute>{text}</execute><tool_call>{text}"})
    _books_balance(tmp_path, [{"task_id": "1", "messages": talk}])


@QUICK
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "id": st.none() | st.integers(0, 5),
                "source": st.sampled_from(["agent", "user", "environment", None]),
                "action": st.sampled_from(["run", "message", "finish", "recall", "think", "x", None, ""]),
                "observation": st.sampled_from(["run", "error", "recall", None]),
                "cause": st.none() | st.integers(0, 5),
                "args": st.none() | _json.map(json.dumps) | st.text(max_size=6),
                "extras": st.none() | _json.map(json.dumps) | st.text(max_size=6),
                "content": st.none() | st.text(max_size=10),
            }
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_events_give_a_trajectory(tmp_path: Path, events: list[dict[str, Any]]) -> None:
    _books_balance(tmp_path, [{"instance_id": "i", "history": events}, {"instance_id": "j", "history": None}])


@QUICK
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "trajectory_id": st.none() | st.sampled_from(["a", "b"]),
                "step": st.none() | st.floats(),
                "tool": st.none() | st.sampled_from(["bash", "f", "\x00"]),
                "arguments": st.none() | st.text(max_size=10) | _json.map(json.dumps),
                "observation": st.none() | st.text(max_size=10),
                "exit_code": st.none() | st.floats(),
                "status": st.none() | st.text(max_size=4),
                "timestamp": st.none() | st.text(max_size=4),
            }
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_step_rows_are_read_or_refused(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    path = write_parquet(tmp_path / "log.parquet", rows)
    try:
        report = read_source(ReadRequest((str(path),)), tmp_path / "cache")
    except UserError:
        return
    quality = report.quality
    assert quality.rows_in == len(rows) == quality.rows_read + quality.rows_rejected
    dataset = open_dataset(tmp_path / "cache")
    assert dataset.n_steps <= quality.rows_read
