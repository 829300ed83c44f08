"""The published tables of an audit that describe steps and trajectories, built column by column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from explorer.analysis.effects.actions.explain import explain
from explorer.analysis.filters.token_filter import FilterSweep, Flags
from explorer.model.divergence import LANES, Lane
from explorer.model.effect import KINDS, StepEffects, effect_row
from explorer.model.result import AUDIT_STEPS, AUDIT_TRAJECTORIES, EFFECT_STRUCT
from explorer.model.schema import LOG_PREFIX
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Coded, Dataset, coded

BoolArray = npt.NDArray[np.bool_]


class Carried(NamedTuple):
    """Where a divergence stands: per row of the divergences the trajectory and the step row that carry the effect
    (-1 = unknown), whether the student's (or only) side does, and which rows belong to a student's best pair."""

    trajectory: npt.NDArray[np.int64]
    step: npt.NDArray[np.int64]
    best: BoolArray


def effects_column(effects: StepEffects) -> pa.Array:
    """list<struct> per step: each distinct set of effects is built once and taken by code."""
    catalog = pa.array(
        [[{**effect_row(e), "explanation": explain(e, "")} for e in fx] for fx in effects.catalog],
        pa.list_(EFFECT_STRUCT),
    )
    return catalog.take(pa.array(effects.codes))


def caught_by(swept: FilterSweep, learned: BoolArray | None) -> pa.Array:
    """list<string> per step: the lists and units that flag it, and "learned". Equal sets are built once."""
    names = [f"{spec.name}/{spec.unit.value}" for spec in swept.specs]
    rows = swept.flagged
    if learned is not None:
        names.append("learned")
        rows = np.vstack([rows, learned[np.newaxis]])
    if not len(names) or not rows.shape[1]:
        return pa.array([[]] * rows.shape[1], pa.list_(pa.string()))
    # Each step's set as bytes, so that equal sets are found by sorting short keys instead of rows of booleans.
    packed = np.ascontiguousarray(np.packbits(rows, axis=0).T)
    keys = packed.view([("", packed.dtype)] * packed.shape[1]).reshape(-1)
    _, first, codes = np.unique(keys, return_index=True, return_inverse=True)
    catalog = [[name for name, hit in zip(names, rows[:, step], strict=True) if hit] for step in first]
    return pa.array(catalog, pa.list_(pa.string())).take(pa.array(codes.reshape(-1)))


def steps_table(
    dataset: Dataset,
    effects: StepEffects,
    settings: AuditSettings,
    flags: Flags,
    escapes: BoolArray,
    caught: pa.Array,
    divergences: pa.Table,
    carried: Carried,
    lanes: npt.NDArray[np.int8],
) -> pa.Table:
    """``steps.parquet``: one row a step; ``lanes`` (places in LANES, -1 = none) of their best pairs, ``n_repeats`` from
    the step's first entry in a best pair."""
    repeats = _step_repeats(dataset, divergences, carried)
    concern = effects.concern(settings.concern)
    terms = pa.array([list(t) for t in flags.catalog], pa.list_(pa.string()))
    headlines = effects.headlines
    columns = {
        **{name: dataset.steps[name] for name in ("trajectory_id", "group", "task_id", "trial", "step", "log_id")},
        "role": _roles(dataset, settings).take(pa.array(dataset.trajectory_of_step)),
        **{name: dataset.steps[name] for name in ("kind", "tool", "outcome")},
        "effects": effects_column(effects),
        "headline_effect": _category(headlines, tuple(kind.value for kind in KINDS)),
        "severity": pa.array(effects.severities.astype(np.int8)),
        "concern": pa.array(concern == 1, mask=concern < 0),
        "filter_flagged": pa.array(flags.flagged),
        "filter_terms": terms.take(pa.array(flags.codes)),
        "escapes_all": pa.array(escapes),
        "lane": _category(lanes, tuple(lane.value for lane in LANES)),
        "n_repeats": pa.array(repeats),
        "caught_by": caught,
    }
    return pa.table([_fit(columns[f.name], f.type) for f in AUDIT_STEPS], schema=AUDIT_STEPS)


def trajectories_table(
    dataset: Dataset,
    effects: StepEffects,
    settings: AuditSettings,
    drops: BoolArray,
    paired: BoolArray,
    divergences: pa.Table,
    carried: Carried,
    unpaired: Sequence[tuple[int, str]] = (),
) -> pa.Table:
    """``trajectories.parquet``: counts, risk (largest of the entries the trajectory carries; 0 if it is paired and
    has none; null if unpaired or empty), why it has no partner (``unpaired``: rows and reasons) and every scalar
    column of the log. Map places are filled in later."""
    n = dataset.n_trajectories
    reasons = dict(unpaired)
    concern = effects.concern(settings.concern)
    owner = dataset.trajectory_of_step
    known = carried.trajectory >= 0
    risk = np.full(n, np.nan, dtype=np.float32)
    risk[paired & (dataset.lengths > 0)] = 0.0
    values = np.asarray(divergences["risk"].to_numpy(), dtype=np.float32)
    np.fmax.at(risk, carried.trajectory[known], values[known])
    if settings.comparisons:
        risk[~paired] = np.nan
    lane = coded(divergences["lane"])
    key = (lane.codes == lane.code(Lane.STUDENT_ONLY)) & divergences["passes_filter"].to_numpy() & known & carried.best
    table = dataset.trajectories
    columns = {
        **{name: table[name] for name in ("trajectory_id", "source_trajectory_id", "group", "task_id", "trial")},
        "role": _roles(dataset, settings),
        **{name: table[name] for name in ("n_steps", "end", "source_file", "source_row")},
        "n_concern": pa.array(np.bincount(owner[concern == 1], minlength=n).astype(np.int32)),
        "n_cannot_tell": pa.array(np.bincount(owner[concern < 0], minlength=n).astype(np.int32)),
        "n_key": pa.array(np.bincount(carried.trajectory[key], minlength=n).astype(np.int32)),
        "filter_drops": pa.array(drops),
        "risk": pa.array(risk, mask=np.isnan(risk)),
        "map_x": pa.nulls(n, pa.float32()),
        "map_y": pa.nulls(n, pa.float32()),
        "unpaired_reason": pa.array([reasons.get(row) for row in range(n)], pa.string()),
    }
    out = pa.table([_fit(columns[f.name], f.type) for f in AUDIT_TRAJECTORIES], schema=AUDIT_TRAJECTORIES)
    for name in table.column_names:
        if name.startswith(LOG_PREFIX):
            out = out.append_column(name, table[name])
    return out


def with_map(trajectories: pa.Table, xy: npt.NDArray[np.float32]) -> pa.Table:
    """The trajectories table with its places on the map filled in (NaN = not placed)."""
    for axis, name in enumerate(("map_x", "map_y")):
        values = xy[:, axis]
        column = pa.array(values, pa.float32(), mask=np.isnan(values))
        trajectories = trajectories.set_column(
            trajectories.schema.get_field_index(name), trajectories.schema.field(name), column
        )
    return trajectories


def carried_by(dataset: Dataset, divergences: pa.Table, pairs: pa.Table) -> Carried:
    """Find the trajectory and step that carry each divergence's effect."""
    lane = coded(divergences["lane"])
    student = _rows_of_ids(dataset, coded(divergences["student_trajectory_id"]))
    teacher = _rows_of_ids(dataset, coded(divergences["teacher_trajectory_id"]))
    student_step = divergences["student_step"].fill_null(-1).to_numpy()
    teacher_step = divergences["teacher_step"].fill_null(-1).to_numpy()
    at_teacher = (lane.codes == lane.code(Lane.TEACHER_ONLY)) | (student_step < 0)
    trajectory = np.where(at_teacher, teacher, student).astype(np.int64)
    step = np.where(at_teacher, teacher_step, student_step).astype(np.int64)
    rows = np.where((step >= 0) & (trajectory >= 0), dataset.step_offsets[trajectory] + step, -1)
    best = np.ones(len(trajectory), dtype=bool)
    if pairs.num_rows:
        chosen = pc.filter(pairs["pair_id"], pairs["best"])
        best = pc.or_kleene(
            pc.is_in(divergences["pair_id"], chosen.combine_chunks()), pc.is_null(divergences["pair_id"])
        )
        best = (
            best.to_numpy(zero_copy_only=False).astype(bool)
            if isinstance(best, pa.Array)
            else best.to_numpy().astype(bool)
        )
    return Carried(trajectory, rows, best)


def _step_repeats(dataset: Dataset, divergences: pa.Table, carried: Carried) -> npt.NDArray[np.int32]:
    repeats = np.ones(dataset.n_steps, dtype=np.int32)
    usable = np.flatnonzero((carried.step >= 0) & carried.best)[::-1]
    # Written from the lowest rank up, so that a step's riskiest entry is what stays.
    repeats[carried.step[usable]] = divergences["n_repeats"].to_numpy()[usable]
    return repeats


def _rows_of_ids(dataset: Dataset, ids: Coded) -> npt.NDArray[np.int64]:
    table = np.array([dataset.row_of_id.get(name, -1) for name in ids.names] + [-1], dtype=np.int64)
    return table[ids.codes]


def _roles(dataset: Dataset, settings: AuditSettings) -> pa.Array:
    roles = [settings.role_of(name) for name in dataset.group.names]
    table = pa.array([None if r is None else r.value for r in roles], pa.string())
    return table.take(pa.array(dataset.group.codes))


def _category(codes: npt.NDArray[np.integer], names: tuple[str, ...]) -> pa.Array:
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))


def _fit(column: pa.Array | pa.ChunkedArray, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    if column.type == kind:
        return column
    if pa.types.is_dictionary(kind) and not pa.types.is_dictionary(column.type):
        return column.dictionary_encode().cast(kind)
    return column.cast(kind)
