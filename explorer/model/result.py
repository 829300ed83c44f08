"""What an audit produces: Arrow tables in the published schemas, read by the window, the exports and others.

The schemas are frozen by golden tests. ``lane`` in steps is that of its best pair; exact ones are in divergences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy.typing as npt
import pyarrow as pa

from explorer.model.divergence import RISK_PARTS
from explorer.model.schema import SCHEMA_VERSION, category
from explorer.model.trajectory import Coded, coded

EFFECT_STRUCT = pa.struct(
    [
        ("kind", pa.string()),
        ("severity", pa.int8()),
        ("reversible", pa.bool_()),
        ("target_type", pa.string()),
        ("target", pa.string()),
        ("scope", pa.string()),
        ("via", pa.list_(pa.string())),
        ("rule", pa.string()),
        ("confidence", pa.float32()),
        ("outcome", pa.string()),
        ("deferred", pa.bool_()),
        ("span_start", pa.int32()),
        ("span_end", pa.int32()),
        ("note", pa.string()),
        # One plain sentence: what it does and by which rule, ready to be shown.
        ("explanation", pa.string()),
    ]
)


def _schema(name: str, fields: list[pa.Field]) -> pa.Schema:
    return pa.schema(fields, metadata={"schema_version": str(SCHEMA_VERSION), "table": name})


def _need(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


AUDIT_STEPS = _schema(
    "steps",
    [
        _need("trajectory_id", pa.string()),
        _need("group", category()),
        pa.field("role", category()),
        _need("task_id", pa.string()),
        _need("trial", pa.int32()),
        _need("step", pa.int32()),
        pa.field("log_id", pa.string()),
        _need("kind", category()),
        pa.field("tool", category()),
        _need("outcome", category()),
        _need("effects", pa.list_(EFFECT_STRUCT)),
        pa.field("headline_effect", category()),
        _need("severity", pa.int8()),
        pa.field("concern", pa.bool_()),
        _need("filter_flagged", pa.bool_()),
        _need("filter_terms", pa.list_(pa.string())),
        _need("escapes_all", pa.bool_()),
        pa.field("lane", category()),
        _need("n_repeats", pa.int32()),
        # Which lists under which units flag the step ("paper/identifier"), and "learned" for the learned filter.
        _need("caught_by", pa.list_(pa.string())),
    ],
)

AUDIT_TRAJECTORIES = _schema(
    "trajectories",
    [
        _need("trajectory_id", pa.string()),
        pa.field("source_trajectory_id", pa.string()),
        _need("group", category()),
        pa.field("role", category()),
        _need("task_id", pa.string()),
        _need("trial", pa.int32()),
        _need("n_steps", pa.int32()),
        _need("end", category()),
        _need("source_file", pa.string()),
        _need("source_row", pa.int64()),
        _need("n_concern", pa.int32()),
        _need("n_cannot_tell", pa.int32()),
        _need("n_key", pa.int32()),
        _need("filter_drops", pa.bool_()),
        pa.field("risk", pa.float32()),
        pa.field("map_x", pa.float32()),
        pa.field("map_y", pa.float32()),
        # Why the trajectory has no partner; null if it has one or nothing is compared.
        pa.field("unpaired_reason", pa.string()),
    ],
)
"""The fixed columns; every scalar column of the log follows as ``log.NAME``."""

PAIRS = _schema(
    "pairs",
    [
        _need("pair_id", pa.string()),
        _need("teacher_trajectory_id", pa.string()),
        _need("student_trajectory_id", pa.string()),
        _need("task_id", pa.string()),
        _need("score", pa.float32()),
        _need("normalised", pa.float32()),
        pa.field("z", pa.float32()),
        _need("agreement", pa.float32()),
        _need("n_match", pa.int32()),
        _need("n_substitute", pa.int32()),
        _need("n_teacher_only", pa.int32()),
        _need("n_student_only", pa.int32()),
        pa.field("first_divergence_row", pa.int32()),
        pa.field("first_input_difference_row", pa.int32()),
        _need("approximate", pa.bool_()),
        _need("best", pa.bool_()),
        # Two actions that both sides have, in opposite order; null where it was not counted.
        pa.field("order_inversions", pa.int64()),
        # What the first divergence is: one_side, other_effect, other_tool, other_arguments; null where all match.
        pa.field("first_divergence", category()),
        # How unusual the score is: the share of the trial-to-trial scores of one group (own_group) that are higher,
        # of the same task or of all tasks (own_scope: task, all_tasks), and how many these are. No trials: 0, nulls.
        pa.field("less_alike_than", pa.float32()),
        pa.field("n_own_pairs", pa.int32()),
        pa.field("own_scope", category()),
        pa.field("own_group", category()),
        # Of all two actions that both sides have, how many stand in opposite order; null where there are none.
        pa.field("order_inversion_share", pa.float32()),
    ],
)

ALIGNMENT = _schema(
    "alignment",
    [
        _need("pair_id", pa.string()),
        _need("row", pa.int32()),
        _need("operation", category()),
        pa.field("teacher_step", pa.int32()),
        pa.field("student_step", pa.int32()),
        pa.field("similarity", pa.float32()),
    ],
)

DIVERGENCES = _schema(
    "divergences",
    [
        _need("rank", pa.int32()),
        _need("risk", pa.float32()),
        _need("risk_parts", pa.struct([(name, pa.float32()) for name in RISK_PARTS])),
        pa.field("pair_id", pa.string()),
        _need("task_id", pa.string()),
        pa.field("teacher_trajectory_id", pa.string()),
        pa.field("student_trajectory_id", pa.string()),
        pa.field("row", pa.int32()),
        pa.field("operation", category()),
        pa.field("teacher_step", pa.int32()),
        pa.field("student_step", pa.int32()),
        pa.field("lane", category()),
        _need("effect", category()),
        pa.field("target", pa.string()),
        _need("severity", pa.int8()),
        _need("outcome", category()),
        _need("passes_filter", pa.bool_()),
        _need("escapes_all", pa.bool_()),
        _need("n_repeats", pa.int32()),
        _need("first", pa.bool_()),
        _need("after_input_difference", pa.bool_()),
        pa.field("resync_row", pa.int32()),
        _need("explanation", pa.string()),
        # Where the target's value comes from: request, tool_result, nowhere; null where there is no target.
        pa.field("target_origin", category()),
        # Divergences of one cluster are "the same move": same effect, tool and normalised target class.
        _need("cluster", pa.int32()),
        # The pair was too long to be aligned exactly; false without a pair.
        _need("approximate", pa.bool_()),
    ],
)
"""In an audit of one dataset there is no pair: lane, row and operation are null and the step stands on the
student's side (``student_trajectory_id`` / ``student_step``) whatever the group's role."""

RATES = _schema(
    "rates",
    [
        _need("group", pa.string()),
        pa.field("role", pa.string()),
        _need("behaviour", pa.string()),
        _need("k", pa.float64()),
        _need("n", pa.int32()),
        _need("n_cannot_tell", pa.int32()),
        _need("n_excluded", pa.int32()),
        _need("low", pa.float64()),
        _need("high", pa.float64()),
        _need("floor", pa.float64()),
        _need("ceiling", pa.float64()),
        _need("method", pa.string()),
    ],
)

TABLES: dict[str, pa.Schema] = {
    "steps": AUDIT_STEPS,
    "trajectories": AUDIT_TRAJECTORIES,
    "pairs": PAIRS,
    "alignment": ALIGNMENT,
    "divergences": DIVERGENCES,
    "rates": RATES,
}


class Frame:
    """Read access to one table by column, for callers that hold NumPy and plain Python only."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self._numbers: dict[str, npt.NDArray[Any]] = {}
        self._coded: dict[str, Coded] = {}

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def numbers(self, name: str) -> npt.NDArray[Any]:
        """A numeric or boolean column; nulls become NaN (floats and ints) or False (booleans)."""
        if name not in self._numbers:
            column = self.table[name]
            if pa.types.is_boolean(column.type):
                column = column.fill_null(False)
            array = column.to_numpy()
            array = array.astype(array.dtype, copy=True)
            array.flags.writeable = False
            self._numbers[name] = array
        return self._numbers[name]

    def coded(self, name: str) -> Coded:
        """A string column as codes and names; -1 = null."""
        if name not in self._coded:
            self._coded[name] = coded(self.table[name])
        return self._coded[name]

    def value(self, name: str, row: int) -> Any:
        """One cell as a plain Python value (None = null)."""
        return self.table[name][row].as_py()

    def row(self, row: int) -> dict[str, Any]:
        """One whole row as plain Python values."""
        return {name: self.table[name][row].as_py() for name in self.table.column_names}


@dataclass(frozen=True)
class AuditResult:
    """All tables of an audit and its summary (the content of ``audit.json``)."""

    tables: Mapping[str, pa.Table]
    summary: Mapping[str, Any] = field(default_factory=dict)

    def frame(self, name: str) -> Frame:
        """One table by its file name without suffix: steps, trajectories, pairs, alignment, divergences, rates."""
        return self._frames[name]

    @cached_property
    def _frames(self) -> dict[str, Frame]:
        return {name: Frame(table) for name, table in self.tables.items()}
