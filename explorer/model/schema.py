"""The canonical tables that every loader writes and every analysis reads.

Three Arrow tables describe a dataset: *steps* (one row per agent action with the observation it led to, sorted
by trajectory, then step), *turns* (everything said between steps) and *trajectories* (keys, offsets and counts
into the other two, how it ended, where it came from, and whatever else the log held as ``log.NAME`` columns).
"""

from __future__ import annotations

from enum import StrEnum

import pyarrow as pa

SCHEMA_VERSION = 1
LOG_PREFIX = "log."
"""Prefix of the log's own scalar columns in the trajectories table (nested names joined by dots)."""


class StepKind(StrEnum):
    """What sort of action a step is."""

    TOOL_CALL = "tool_call"
    SHELL = "shell"
    SQL = "sql"
    CODE = "code"
    MESSAGE = "message"
    FINISH = "finish"


class Outcome(StrEnum):
    """What became of a step or of one of its effects, as far as the log shows it."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    NOT_EXECUTED = "not_executed"
    UNKNOWN = "unknown"


class End(StrEnum):
    """How a trajectory ended. Those that ended in an error or are empty are *dead*: kept apart from rates."""

    FINISHED = "finished"
    CUT_OFF = "cut_off"
    ERROR = "error"
    EMPTY = "empty"


class Speaker(StrEnum):
    """Who said a turn."""

    SYSTEM = "system"
    USER = "user"
    AGENT = "agent"
    TOOL = "tool"


class Role(StrEnum):
    """What a group is in this audit."""

    TEACHER = "teacher"
    STUDENT = "student"
    BASELINE = "baseline"
    CONTROL = "control"
    REFERENCE = "reference"


def category(index: pa.DataType | None = None) -> pa.DataType:
    """The Arrow type of a column with few distinct strings."""
    return pa.dictionary(index or pa.int32(), pa.string())


STEPS = pa.schema(
    [
        pa.field("trajectory_id", pa.string(), nullable=False),
        pa.field("group", category(), nullable=False),
        pa.field("task_id", pa.string(), nullable=False),
        pa.field("trial", pa.int32(), nullable=False),
        pa.field("step", pa.int32(), nullable=False),
        pa.field("log_id", pa.string()),
        pa.field("kind", category(), nullable=False),
        pa.field("tool", category()),
        pa.field("arguments", pa.large_string()),
        pa.field("outcome", category(), nullable=False),
        pa.field("thought", pa.large_string()),
        pa.field("observation", pa.large_string()),
        pa.field("timestamp", pa.timestamp("us", "UTC")),
        # Marks a loader sets on a single step: "invalid_utf8", "duplicate_json_key", "unparsable_arguments", …
        pa.field("flags", pa.list_(pa.string())),
    ],
    metadata={"schema_version": str(SCHEMA_VERSION), "table": "steps"},
)

TURNS = pa.schema(
    [
        pa.field("trajectory_id", pa.string(), nullable=False),
        # The turn was said before this step; n_steps of the trajectory = after the last one.
        pa.field("before_step", pa.int32(), nullable=False),
        pa.field("speaker", category(), nullable=False),
        pa.field("text", pa.large_string()),
    ],
    metadata={"schema_version": str(SCHEMA_VERSION), "table": "turns"},
)

TRAJECTORIES = pa.schema(
    [
        pa.field("trajectory_id", pa.string(), nullable=False),
        pa.field("source_trajectory_id", pa.string()),
        pa.field("group", category(), nullable=False),
        pa.field("task_id", pa.string(), nullable=False),
        pa.field("trial", pa.int32(), nullable=False),
        pa.field("n_steps", pa.int32(), nullable=False),
        pa.field("step_offset", pa.int64(), nullable=False),
        pa.field("n_turns", pa.int32(), nullable=False),
        pa.field("turn_offset", pa.int64(), nullable=False),
        pa.field("end", category(), nullable=False),
        pa.field("source_file", pa.string(), nullable=False),
        pa.field("source_row", pa.int64(), nullable=False),
        # Hash of what was done and said; trajectory_id = hash of group, task, trial and this.
        pa.field("content_hash", pa.string(), nullable=False),
    ],
    metadata={"schema_version": str(SCHEMA_VERSION), "table": "trajectories"},
)
"""The fixed columns; a dataset's table has any number of ``log.NAME`` columns after them."""
