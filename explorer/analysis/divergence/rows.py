"""Divergences as rows of the published table: ordered by risk, ties broken by key, clusters numbered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from explorer.analysis.divergence.cluster import cluster_codes
from explorer.analysis.divergence.origin import Origin
from explorer.analysis.divergence.risk import RiskParts
from explorer.model.alignment import Operation
from explorer.model.divergence import Lane
from explorer.model.effect import EffectKind
from explorer.model.result import DIVERGENCES
from explorer.model.schema import Outcome


@dataclass(frozen=True, slots=True)
class DivergenceRow:
    """One entry before it has a rank; the fields are those of the published table, ``move`` what clusters compare,
    ``left_out`` how far the request leaves the act out (also where its risk does not count that, because both sides
    do it)."""

    risk: float
    risk_parts: RiskParts
    pair_id: str | None
    task_id: str
    teacher_trajectory_id: str | None
    student_trajectory_id: str | None
    row: int | None
    operation: Operation | None
    teacher_step: int | None
    student_step: int | None
    lane: Lane | None
    effect: EffectKind
    target: str | None
    severity: int
    outcome: Outcome
    passes_filter: bool
    escapes_all: bool
    n_repeats: int
    first: bool
    after_input_difference: bool
    resync_row: int | None
    explanation: str
    target_origin: Origin | None
    move: tuple[str, ...]
    left_out: float
    approximate: bool = False


def divergences_table(rows: Sequence[DivergenceRow]) -> pa.Table:
    """The table, best rank first. Of equal risks the severe, the unasked and the often repeated come first, then the
    order is by task, trajectories, row, effect and target, so that ranks do not depend on the order of the source."""
    ranked = sorted(rows, key=_order)
    columns: dict[str, object] = {
        name: [getattr(row, name) for row in ranked]
        for name in DIVERGENCES.names
        if name not in ("rank", "risk_parts", "cluster")
    }
    columns["rank"] = np.arange(1, len(ranked) + 1, dtype=np.int32)
    columns["risk_parts"] = [row.risk_parts._asdict() for row in ranked]
    columns["cluster"] = cluster_codes([row.move for row in ranked])
    arrays = []
    for field in DIVERGENCES:
        plain = pa.types.is_dictionary(field.type)
        values = columns[field.name]
        array = pa.array(values, pa.string() if plain else field.type)
        arrays.append(array.dictionary_encode().cast(field.type) if plain else array)
    return pa.table(arrays, schema=DIVERGENCES)


def _order(row: DivergenceRow) -> tuple[object, ...]:
    return (
        -round(row.risk, 5), -row.severity, -row.left_out, -row.n_repeats,
        row.task_id, row.student_trajectory_id or "", row.teacher_trajectory_id or "",
        -1 if row.row is None else row.row, row.student_step is None, row.effect, row.target or "", row.lane or "",
    )  # fmt: skip
