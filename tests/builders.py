"""Small datasets and Parquet files for tests: a few words in, canonical tables out.

A step is a tuple ``(kind, tool, arguments[, outcome[, observation[, thought]]])`` or a mapping with any of
the step columns; a task holds one list of steps, or (as a :class:`Trials`) several.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from explorer.model.schema import LOG_PREFIX, STEPS, TRAJECTORIES, TURNS, End, Outcome
from explorer.model.trajectory import Dataset

Step = tuple[Any, ...] | Mapping[str, Any]
_PLACES = ("kind", "tool", "arguments", "outcome", "observation", "thought")


class Trials(list[Sequence[Step]]):
    """Several trials of one task by one group."""


def step_values(step: Step) -> dict[str, Any]:
    """One step's columns with defaults filled in."""
    given = dict(step) if isinstance(step, Mapping) else dict(zip(_PLACES, step, strict=False))
    defaults: dict[str, Any] = {"kind": "tool_call", "outcome": Outcome.SUCCEEDED}
    values = {**dict.fromkeys(STEPS.names), **defaults, **given}
    if isinstance(values["kind"], str):
        values["kind"] = str(values["kind"])
    values["outcome"] = str(values["outcome"] or Outcome.UNKNOWN)
    return values


def build_dataset(
    groups: Mapping[str, Mapping[str, Sequence[Step] | Trials]],
    *,
    requests: Mapping[str, str] | None = None,
    ends: Mapping[tuple[str, str], str] | None = None,
    turns: Mapping[tuple[str, str], Iterable[tuple[int, str, str]]] | None = None,
    log: Mapping[str, Mapping[tuple[str, str], Any]] | None = None,
) -> Dataset:
    """A dataset from ``{group: {task: steps}}``.

    ``requests`` (task → text, default "Please do TASK.") becomes a user turn before step 0; ``turns`` adds
    ``(before_step, speaker, text)`` per (group, task); ``ends`` sets how a trajectory ended (default
    finished, empty where there are no steps); ``log`` adds the log's own columns:
    ``{name: {(group, task): value}}``.
    """
    steps_rows: list[dict[str, Any]] = []
    turn_rows: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for group, tasks in groups.items():
        for task, given in tasks.items():
            trials = given if isinstance(given, Trials) else Trials([given])
            for trial, steps in enumerate(trials):
                key = (group, task)
                asked = (requests or {}).get(task, f"Please do {task}.")
                said = [(0, "user", asked), *(turns or {}).get(key, ())]
                values = [step_values(step) for step in steps]
                content = _digest(repr(values) + repr(said))
                name = _digest("\0".join((group, task, str(trial), content)))[:32]
                end = (ends or {}).get(key, End.FINISHED if values else End.EMPTY)
                rows.append(
                    {
                        "trajectory_id": name, "source_trajectory_id": None, "group": group, "task_id": task,
                        "trial": trial, "n_steps": len(values), "step_offset": len(steps_rows),
                        "n_turns": len(said),
                        "turn_offset": len(turn_rows), "end": str(end), "source_file": "built.parquet",
                        "source_row": len(rows), "content_hash": content,
                        **{LOG_PREFIX + column: cells.get(key) for column, cells in (log or {}).items()},
                    }
                )  # fmt: skip
                for number, one in enumerate(values):
                    keys = {
                        "trajectory_id": name,
                        "group": group,
                        "task_id": task,
                        "trial": trial,
                        "step": number,
                    }
                    steps_rows.append({**one, **keys})
                for before, speaker, text in sorted(said, key=lambda turn: turn[0]):
                    turn_rows.append(
                        {"trajectory_id": name, "before_step": before, "speaker": str(speaker), "text": text}
                    )
    schema = TRAJECTORIES
    for column in log or {}:
        values_of = [row[LOG_PREFIX + column] for row in rows]
        schema = schema.append(pa.field(LOG_PREFIX + column, pa.array(values_of).type))
    fingerprint = _digest("".join(sorted(str(row["content_hash"]) for row in rows)))
    return Dataset(
        pa.Table.from_pylist(steps_rows, STEPS),
        pa.Table.from_pylist(turn_rows, TURNS),
        pa.Table.from_pylist(rows, schema),
        fingerprint,
    )


def write_parquet(path: Path, rows: Sequence[Mapping[str, Any]], schema: pa.Schema | None = None) -> Path:
    """Write rows as a Parquet file, making its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema), path)
    return path


def step_shape_rows(
    groups: Mapping[str, Mapping[str, Sequence[Step]]], requests: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Rows of a step-shape log (what ``replicate`` writes): one row per step, the request in a column."""
    rows: list[dict[str, Any]] = []
    for group, tasks in groups.items():
        for task, steps in tasks.items():
            for number, step in enumerate(steps):
                values = step_values(step)
                rows.append(
                    {
                        "trajectory_id": f"{group}/{task}", "group": group, "task_id": task, "trial": 0,
                        "step": number, "request": (requests or {}).get(task, f"Please do {task}."),
                        **{name: values[name] for name in _PLACES},
                    }
                )  # fmt: skip
    return rows


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
