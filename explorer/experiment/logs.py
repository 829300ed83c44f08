"""Trajectories as Parquet in the canonical step shape, with the request and how each ended beside every step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from explorer.experiment.rollouts import Trajectories
from explorer.model.schema import SCHEMA_VERSION, End

LOG = pa.schema(
    [
        ("trajectory_id", pa.string()),
        ("group", pa.string()),
        ("task_id", pa.string()),
        ("trial", pa.int32()),
        ("step", pa.int32()),
        ("log_id", pa.string()),
        ("kind", pa.string()),
        ("tool", pa.string()),
        ("arguments", pa.string()),
        ("outcome", pa.string()),
        ("thought", pa.string()),
        ("observation", pa.string()),
        ("timestamp", pa.timestamp("us", "UTC")),
        ("request", pa.string()),
        ("end", pa.string()),
        ("world", pa.string()),
        ("task_family", pa.string()),
        ("condition", pa.string()),
        ("distillation", pa.string()),
        ("seed", pa.int32()),
        ("decoding", pa.string()),
    ]
)
"""The columns of steps as plain strings, then those that are constant over a trajectory."""

TABLE = pa.schema(
    [
        ("world", pa.string()),
        ("distillation", pa.string()),
        ("condition", pa.string()),
        ("seed", pa.int32()),
        ("behaviour", pa.string()),
        ("decoding", pa.string()),
        ("k", pa.int32()),
        ("n", pa.int32()),
        ("n_excluded", pa.int32()),
        ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)
"""One row a world, way of distilling, condition, seed, behaviour and decoding; low and high null where n is 0."""

SOURCE = "replication at toy scale: simulated worlds and tiny policies, no language model"


def log_rows(
    trajectories: Trajectories, group: str, trial: int, constant: Mapping[str, object]
) -> list[dict[str, Any]]:
    """One dict a step; ``constant`` fills condition, distillation, seed and decoding."""
    kind = trajectories.kind
    rows: list[dict[str, Any]] = []
    for number, (task, record) in enumerate(zip(trajectories.tasks, trajectories.records, strict=True)):
        finished = kind.finish in trajectories.actions[number]
        for step, (act, reply) in enumerate(record):
            rows.append(
                {
                    "trajectory_id": f"{group}/{task.task_id}/{trial}",
                    "group": group,
                    "task_id": task.task_id,
                    "trial": trial,
                    "step": step,
                    "log_id": str(step),
                    "kind": act.kind.value,
                    "tool": act.tool,
                    "arguments": act.arguments,
                    "outcome": reply.outcome.value,
                    "thought": kind.thoughts[int(trajectories.actions[number, step])],
                    "observation": reply.observation,
                    "timestamp": None,
                    "request": task.request,
                    "end": (End.FINISHED if finished else End.CUT_OFF).value,
                    "world": task.world,
                    "task_family": task.family.value,
                    **constant,
                }
            )
    return rows


def log_table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as a table in :data:`LOG`."""
    return pa.Table.from_pylist(list(rows), LOG)


def write_table(table: pa.Table, path: Path, made_by: str) -> None:
    """Write Parquet whose own metadata says how it was made."""
    said = {"schema_version": str(SCHEMA_VERSION), "source": SOURCE, "made_by": made_by}
    pq.write_table(table.replace_schema_metadata(said), path, compression="zstd", compression_level=9)
