"""One row per step, the columns flat: the shape that is read without a Python value per row.

Rows of one trajectory may be scattered and out of order; they are brought together by trajectory (or, without such
a column, by group, task and trial) and sorted by step. A table in our own canonical columns passes through exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from explorer.model.schema import LOG_PREFIX, End, Speaker
from loaders.assemble import FACTS, STEP_FACTS, TURN_FACTS, Part, content_hashes
from loaders.base import Claim, ColumnMapping, Head, Problem, RejectedRow, Shape
from loaders.columns import column_at, one_array, scalar_columns
from loaders.ends import end_of_reason
from loaders.json_arguments import to_json, without_nulls
from loaders.step_columns import PER_STEP, TURN_ROLES, claim_score
from loaders.step_values import step_values
from loaders.task_keys import combine_codes, joining_columns, text_codes
from loaders.times import parse_time

Indices = npt.NDArray[np.int64]
_TEXT = pa.large_string()
SLICE_ROWS = 65_536
"""Steps a part, so that hashing and writing need no second copy of everything."""
_ROLE = "role:"


class StepRows(Shape):
    """Claims tables with one row per step."""

    name = "steps"
    title = "one row per step"
    looks_for = "one row per step: an action (tool, arguments, command …) with a trajectory id or a step number"

    def claim(self, head: Head, mapping: ColumnMapping) -> Claim:
        score, reason = claim_score(head.schema, mapping)
        return Claim(self.name, score, reason)


class StepResult(NamedTuple):
    """Parts in order (made one by one as they are asked for), what was wrong, and the columns that no trajectory
    can carry."""

    parts: Iterator[Part]
    trajectories: int
    problems: list[Problem]
    rejected: list[RejectedRow]
    ignored: tuple[str, ...]


def convert_batch(
    batch: pa.RecordBatch, roles: Mapping[str, str], file: str, first_row: int, mended: npt.NDArray[np.bool_] | None
) -> pa.Table:
    """One batch with its roles in their own types, its other scalar columns under ``log.`` names, and its place."""
    rows = batch.num_rows
    arrays, names = [], []
    for role, name in roles.items():
        column = column_at(batch, name)
        if column is not None:
            arrays.append(_as_role(role, column))
            names.append(_ROLE + role)
    skip = frozenset(
        name for role, name in roles.items() if role in PER_STEP or role in TURN_ROLES or role == "trajectory"
    )
    for name, column in scalar_columns(batch, skip, decode=False):
        column = _sound(column)
        arrays.append(column)
        names.append(LOG_PREFIX + name)
    arrays += [
        pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([file])),
        pa.array(np.arange(first_row, first_row + rows, dtype=np.int64)),
        pa.array(np.zeros(rows, np.bool_) if mended is None else mended),
    ]
    return pa.Table.from_arrays(arrays, names=[*names, "source_file", "source_row", "mended"])


def _as_role(role: str, column: pa.Array) -> pa.Array:
    kind = column.type
    column = _sound(column)
    if role in ("kind", "tool", "outcome", "end", "trajectory", *TURN_ROLES):
        if pa.types.is_boolean(kind):
            column = pa.array(["failed", "succeeded"]).take(column.cast(pa.int8())).dictionary_encode()
        elif not pa.types.is_dictionary(kind):
            column = column.cast(pa.string()).dictionary_encode()
        return column.cast(pa.dictionary(pa.int32(), pa.string()))
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_struct(kind):
        return pa.array([None if v is None else to_json(without_nulls(v)) for v in column.to_pylist()], _TEXT)
    if role in ("step", "exit_code"):
        return column.cast(pa.float64(), safe=False)
    if role == "timestamp":
        return _times(column)
    if role == "error" and pa.types.is_boolean(kind):
        return pa.array([None, "error"], _TEXT).take(column.cast(pa.int8()))
    return column.cast(_TEXT)


def _sound(column: pa.Array) -> pa.Array:
    """A dictionary column with distinct names and no null among them (a file may say otherwise)."""
    if not pa.types.is_dictionary(column.type):
        return column
    names = column.dictionary
    if names.null_count == 0 and len(names.unique()) == len(names):
        return column
    return column.cast(column.type.value_type).dictionary_encode()


def _times(column: pa.Array) -> pa.Array:
    target = pa.timestamp("us", "UTC")
    if pa.types.is_timestamp(column.type):
        if column.type.tz is None:
            column = column.cast(pa.timestamp("us"), safe=False)
        return column.cast(target, safe=False)
    return pa.array([parse_time(value) for value in column.to_pylist()], target)


def read_steps(table: pa.Table, groups: pa.DictionaryArray, arguments_name: str | None) -> StepResult:
    """Trajectories of the rows of all files of a source (tables of :func:`convert_batch`, stacked), with the group
    of every row; ``arguments_name`` is what the log calls its column of actions."""
    table, groups, rejected = _reject(table, groups)
    order, starts, problems = _arrange(table, groups)
    if not _is_range(order):
        table = table.take(pa.array(order))
    # Long texts stay in the chunks they were read in; everything else is one array.
    roles = {
        name.removeprefix(_ROLE): table[name] if pa.types.is_large_string(table[name].type) else one_array(table[name])
        for name in table.column_names
        if name.startswith(_ROLE)
    }
    rows = table.num_rows
    counts = np.diff(np.append(starts, rows)).astype(np.int64)
    log, ignored = _constants(table, starts, counts)
    problems += _numbering(roles, starts, rows)
    columns, empty, found = step_values(roles, rows, arguments_name, one_array(table["mended"]))
    problems += found
    acted = np.flatnonzero(~empty)
    trajectory = np.repeat(np.arange(len(starts), dtype=np.int64), counts)
    n_steps = np.bincount(trajectory[acted], minlength=len(starts)).astype(np.int32)
    if empty.any():
        columns = {name: column.take(pa.array(acted)) for name, column in columns.items()}
    firsts = np.cumsum(n_steps, dtype=np.int64) - n_steps
    number = np.arange(len(acted), dtype=np.int64) - np.repeat(firsts, n_steps)
    columns["step"] = pa.array(number.astype(np.int32))
    steps = pa.Table.from_arrays([columns[field.name] for field in STEP_FACTS], schema=STEP_FACTS)
    turns, n_turns = _turns(roles, starts, trajectory, np.cumsum(~empty) - ~empty, firsts)
    at_start = pa.array(starts)
    source_ids = roles["trajectory"].cast(pa.string()).take(at_start) if "trajectory" in roles else None
    facts = pa.table(
        {
            "source_trajectory_id": source_ids if source_ids is not None else pa.nulls(len(starts), pa.string()),
            "n_steps": pa.array(n_steps),
            "n_turns": pa.array(n_turns),
            "end": _ends(roles, starts, counts, n_steps),
            "source_file": one_array(table["source_file"]).take(at_start).cast(pa.string()),
            "source_row": one_array(table["source_row"]).take(at_start),
            **log,
        }
    )
    return StepResult(_slices(steps, turns, facts, n_steps, n_turns), len(starts), problems, rejected, ignored)


def _reject(table: pa.Table, groups: pa.DictionaryArray) -> tuple[pa.Table, pa.DictionaryArray, list[RejectedRow]]:
    """Leave out rows that name no trajectory where the others do."""
    name = _ROLE + "trajectory"
    if name not in table.column_names or not 0 < table[name].null_count < table.num_rows:
        return table, groups, []
    known = one_array(pc.is_valid(table[name]))
    bad = table.filter(pc.invert(known))
    rejected = [
        RejectedRow(file, row, "it names no trajectory")
        for file, row in zip(
            bad["source_file"].cast(pa.string()).to_pylist(), bad["source_row"].to_pylist(), strict=True
        )
    ]
    return table.filter(known), groups.filter(known), rejected


def _arrange(table: pa.Table, groups: pa.DictionaryArray) -> tuple[Indices, Indices, list[Problem]]:
    """The order that brings each trajectory's steps together (trajectories by first appearance), the first row of
    each trajectory in that order, and whether rows had to be moved."""
    rows = table.num_rows
    if rows == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), []
    keys = [text_codes(groups)]
    joined = _ROLE + "trajectory" in table.column_names and table[_ROLE + "trajectory"].null_count < rows
    if joined:
        keys.append(text_codes(one_array(table[_ROLE + "trajectory"])))
    for name in joining_columns(table, narrow=joined):
        keys.append(text_codes(one_array(table[LOG_PREFIX + name])))
    codes = combine_codes(keys)
    step = None
    if _ROLE + "step" in table.column_names:
        step = np.nan_to_num(one_array(table[_ROLE + "step"]).to_numpy(zero_copy_only=False), nan=np.inf)
        if not joined:
            # Without an id a trajectory starts anew where its step numbers do.
            again = np.zeros(rows, np.bool_)
            again[1:] = (codes[1:] == codes[:-1]) & (step[1:] <= step[:-1])
            if again.any():
                codes = combine_codes([codes, np.cumsum(again)])
    codes = _by_appearance(codes)
    sorted_codes = bool((np.diff(codes) >= 0).all())
    problems = []
    if step is None:
        order = np.arange(rows) if sorted_codes else np.argsort(codes, kind="stable")
    else:
        in_order = sorted_codes and bool(((step[1:] >= step[:-1]) | (np.diff(codes) > 0)).all())
        order = np.arange(rows) if in_order else np.lexsort((np.arange(rows), step, codes))
        within = np.argsort(codes, kind="stable")
        earlier, owner = step[within], codes[within]
        moved = int(((earlier[1:] < earlier[:-1]) & (owner[1:] == owner[:-1])).sum()) if not in_order else 0
        if moved:
            problems.append(
                Problem("", None, "step", "out_of_order", "steps stood out of order and were sorted", moved)
            )
    ordered = codes[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return order.astype(np.int64), starts.astype(np.int64), problems


def _by_appearance(codes: Indices) -> Indices:
    """Codes renumbered by the first row they occur in."""
    _, first, place = np.unique(codes, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[place.reshape(-1)]


def _numbering(roles: Mapping[str, pa.Array], starts: Indices, rows: int) -> list[Problem]:
    if "step" not in roles or rows == 0:
        return []
    step = roles["step"].to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore", over="ignore"):
        jump = np.diff(step) != 1
    jump[starts[1:] - 1] = False
    count = int(jump.sum())
    return [Problem("", None, "step", "step_gaps", "step numbers leave gaps or repeat", count)] if count else []


def _constants(table: pa.Table, starts: Indices, counts: Indices) -> tuple[dict[str, pa.Array], tuple[str, ...]]:
    """The log's columns that have one value in each trajectory, and the names of those that vary within one."""
    found: dict[str, pa.Array] = {}
    varying = []
    at_start = pa.array(starts)
    for name in table.column_names:
        if not name.startswith(LOG_PREFIX):
            continue
        column = one_array(table[name])
        if pa.types.is_null(column.type):
            found[name] = column.take(at_start)
            continue
        codes = text_codes(column)
        if len(codes) and not (codes == np.repeat(codes[starts], counts)).all():
            varying.append(name.removeprefix(LOG_PREFIX))
            continue
        kept = column.take(at_start)
        found[name] = kept.cast(kept.type.value_type) if pa.types.is_dictionary(kept.type) else kept
    return found, tuple(varying)


def _turns(
    roles: Mapping[str, pa.Array], starts: Indices, trajectory: Indices, acted_before: Indices, firsts: Indices
) -> tuple[pa.RecordBatch, npt.NDArray[np.int32]]:
    """System prompts and requests as turns: where a trajectory starts and wherever they change within it."""
    rows: list[Indices] = []
    speakers: list[Speaker] = []
    texts: list[pa.Array] = []
    for role, speaker in (("system", Speaker.SYSTEM), ("request", Speaker.USER)):
        if role not in roles or not len(trajectory):
            continue
        column = roles[role]
        codes = text_codes(column)
        new = np.concatenate([[True], codes[1:] != codes[:-1]])
        new[starts] = True
        filled = np.array([bool(text) for text in column.dictionary.to_pylist()] + [False])
        said = np.flatnonzero(new & filled[codes])
        rows.append(said)
        speakers += [speaker] * len(said)
        texts.append(column.take(pa.array(said)).cast(_TEXT))
    at = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    order = np.argsort(at, kind="stable")
    at = at[order]
    owner = trajectory[at]
    before = (acted_before[at] - firsts[owner]).astype(np.int32)
    text = pa.concat_arrays(texts).take(pa.array(order)) if texts else pa.array([], _TEXT)
    names = pa.array([str(speaker) for speaker in speakers], pa.string()).take(pa.array(order))
    batch = pa.RecordBatch.from_arrays([pa.array(before, pa.int32()), names, text], schema=TURN_FACTS)
    return batch, np.bincount(owner, minlength=len(starts)).astype(np.int32)


def _ends(roles: Mapping[str, pa.Array], starts: Indices, counts: Indices, n_steps: npt.NDArray[np.int32]) -> pa.Array:
    ends = np.full(len(starts), str(End.FINISHED), dtype=object)
    if "end" in roles:
        column = roles["end"]
        said = [end_of_reason(word) for word in column.dictionary.to_pylist()]
        last = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)[starts + counts - 1]
        for place, code in enumerate(last.tolist()):
            found = said[code] if code >= 0 else None
            if found is not None:
                ends[place] = str(found)
    ends[n_steps == 0] = str(End.EMPTY)
    return pa.array(ends, pa.string())


def _slices(
    steps: pa.Table,
    turns: pa.RecordBatch,
    facts: pa.Table,
    n_steps: npt.NDArray[np.int32],
    n_turns: npt.NDArray[np.int32],
) -> Iterator[Part]:
    """Cut between trajectories into parts of bounded size, each with its content hashes."""
    step_ends, turn_ends = np.cumsum(n_steps, dtype=np.int64), np.cumsum(n_turns, dtype=np.int64)
    first = step_start = turn_start = 0
    while first < len(n_steps):
        stop = max(first + 1, int(np.searchsorted(step_ends, step_start + SLICE_ROWS, side="right")))
        step_stop, turn_stop = int(step_ends[stop - 1]), int(turn_ends[stop - 1])
        own_steps = _one_batch(steps.slice(step_start, step_stop - step_start))
        own_turns = turns.slice(turn_start, turn_stop - turn_start)
        own = facts.slice(first, stop - first)
        hashes = content_hashes(own_steps, own_turns, n_steps[first:stop], n_turns[first:stop])
        place = FACTS.get_field_index("content_hash")
        own = own.add_column(place, FACTS.field(place), pa.array(hashes, pa.string()))
        yield Part(own_steps, own_turns, own)
        first, step_start, turn_start = stop, step_stop, turn_stop


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)


def _is_range(order: Indices) -> bool:
    return bool((order == np.arange(len(order))).all())


__all__: Sequence[str] = ("SLICE_ROWS", "StepResult", "StepRows", "convert_batch", "read_steps")
