"""The reading sheet: how a source would be read, shown on its first rows before anything is imported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from explorer.errors import InputError
from explorer.progress import Progress
from loaders.assemble import Part, assemble, request_digests
from loaders.base import ColumnMapping, Head, Preview, ReadRequest, StepSketch
from loaders.columns import leaves, scalar_columns
from loaders.conform import concat_facts, conform, task_columns, with_request_digest
from loaders.groups import resolve_groups
from loaders.quality import QualityCounter
from loaders.reading import Batch, ParquetSource
from loaders.shapes import STEP_ROWS, choose, head_of, loader_named, ranked_claims
from loaders.source_reader import checked_roles, log_table, read_batch
from loaders.sources import expand_paths
from loaders.step_rows import convert_batch, read_steps

SAMPLE_ROWS = 64
"""Rows that are read for the sheet."""
_CUT_TEXT, _CUT_LIST, _CUT_DEPTH = 300, 6, 12


class _Sample(NamedTuple):
    """What the first batch gave: a part, which columns were used, and the roles they play."""

    part: Part
    used: dict[str, str]
    consumed: frozenset[str]
    group_column: str | None
    groups: list[str]


def preview(request: ReadRequest, progress: Progress | None = None, *, rows: int = 3) -> Preview:
    """How the first file of a source that holds trajectories would be read, with the first ``rows`` steps (work for an
    executor: hence ``progress``).

    Raises InputError with the way out where no file can be read, or the mapping names what is not there.
    """
    (progress or Progress()).stage("Looking at the first rows")
    mapping = request.mapping or ColumnMapping()
    paths = expand_paths(request.paths)
    path, name = _first(paths, mapping)
    with ParquetSource(path) as source:
        head = head_of(source)
        claims = tuple(ranked_claims(head, mapping))
        batch = next(source.batches(batch_rows=min(SAMPLE_ROWS, source.batch_rows)), None)
        if batch is None:
            raise InputError("there are no rows", where=str(path), todo="Choose another file.")
        steps = name == STEP_ROWS.name
        sample = (
            _steps(request, mapping, path, head, batch) if steps else _rows(request, mapping, path, head, batch, name)
        )
    wanted = request.task or mapping.task
    facts = with_request_digest(concat_facts([sample.part.facts]), request_digests(sample.part), wanted)
    trajectories, _ = conform(facts, sample.groups, wanted, mapping.trial, mapping.task_aliases)
    shown = _first_with_steps(sample.part)
    raw_row = int(sample.part.facts["source_row"][shown].as_py()) - batch.first_row if shown is not None else 0
    known = {column for column, _ in scalar_columns(head.schema.empty_table(), frozenset())}
    names = [column for column, _ in leaves(head.schema)]
    inside = {n for n in names if any(n == one or n.startswith(f"{one}.") for one in sample.consumed)}
    used = {*sample.used.values(), *task_columns(trajectories), *([sample.group_column] if sample.group_column else [])}
    return Preview(
        files=tuple(str(one) for one in paths),
        file=str(path),
        loader=name,
        title=STEP_ROWS.title if steps else loader_named(name).title,
        claims=claims,
        mapping=mapping,
        group=sample.groups[shown or 0] if sample.groups else "",
        task_columns=task_columns(trajectories),
        raw=_raw(batch.table, raw_row),
        turns=_turns(sample.part, shown),
        steps=_sketches(sample.part, shown, rows),
        end=str(sample.part.facts["end"][shown or 0].as_py()) if sample.part.facts.num_rows else "empty",
        columns_used=tuple(sorted(column for column in used if column)),
        columns_ignored=tuple(column for column in names if column not in known and column not in inside),
        all_columns=tuple(names),
        roles=dict(sample.used),
        group_column=sample.group_column,
    )


def _first(paths: Sequence[Path], mapping: ColumnMapping) -> tuple[Path, str]:
    refusal: InputError | None = None
    for path in paths:
        with ParquetSource(path) as source:
            head = head_of(source)
            try:
                return path, choose(str(path), head, mapping)
            except InputError as error:
                refusal = refusal or error
    assert refusal is not None
    raise refusal


def _rows(request: ReadRequest, mapping: ColumnMapping, path: Path, head: Head, batch: Batch, name: str) -> _Sample:
    loader = loader_named(name)
    layout = loader.layout(head, mapping)
    drafts, kept = read_batch(batch, loader, layout, QualityCounter(), str(path), Progress())
    log = log_table(batch.table, layout.consumed).take(pa.array(kept))
    numbers = [batch.first_row + int(row) for row in kept]
    part = assemble(drafts, str(path), numbers, log, batch.mended[kept] if batch.mended is not None else None)
    if not drafts:
        raise InputError("none of the first rows can be read", where=str(path), todo="Choose another shape.")
    groups, column = resolve_groups(part.facts, request, mapping)
    return _Sample(part, dict(layout.columns), layout.consumed, column, groups.cast(pa.string()).to_pylist())


def _steps(request: ReadRequest, mapping: ColumnMapping, path: Path, head: Head, batch: Batch) -> _Sample:
    roles = checked_roles(head.schema, mapping, str(path))
    table = convert_batch(batch.table, roles, str(path), batch.first_row, batch.mended)
    rows, _ = resolve_groups(table, request, mapping)
    result = read_steps(table, rows, roles.get("arguments"))
    part = next(result.parts, None)
    if part is None:
        raise InputError("none of the first rows can be read", where=str(path), todo="Choose another shape.")
    groups, column = resolve_groups(part.facts, request, mapping)
    return _Sample(part, roles, frozenset(roles.values()), column, groups.cast(pa.string()).to_pylist())


def _first_with_steps(part: Part) -> int | None:
    counts = part.facts["n_steps"].to_numpy()
    filled = np.flatnonzero(counts > 0)
    return int(filled[0]) if len(filled) else None


def _span(part: Part, trajectory: int, column: str) -> tuple[int, int]:
    counts = part.facts[column].to_numpy()
    start = int(counts[:trajectory].sum())
    return start, int(counts[trajectory])


def _sketches(part: Part, trajectory: int | None, rows: int) -> tuple[StepSketch, ...]:
    if trajectory is None:
        return ()
    start, count = _span(part, trajectory, "n_steps")
    names = StepSketch.__dataclass_fields__
    values = part.steps.slice(start, min(rows, count)).select(list(names)).to_pylist()
    return tuple(StepSketch(**value) for value in values)


def _turns(part: Part, trajectory: int | None) -> tuple[tuple[str, str], ...]:
    if trajectory is None:
        return ()
    start, count = _span(part, trajectory, "n_turns")
    values = part.turns.slice(start, count).to_pylist()
    return tuple((value["speaker"], value["text"] or "") for value in values if value["before_step"] == 0)


def _raw(batch: pa.RecordBatch, row: int) -> str:
    """One row as indented JSON, its long values cut."""
    value = batch.slice(max(0, row), 1).to_pylist()[0]
    return json.dumps(_cut(value, 0), indent=1, ensure_ascii=False, default=str)


def _cut(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _CUT_TEXT else f"{value[:_CUT_TEXT]}… ({len(value):,} characters)"
    if depth > _CUT_DEPTH:
        return "…"
    if isinstance(value, dict):
        return {str(key): _cut(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        shown = [_cut(item, depth + 1) for item in value[:_CUT_LIST]]
        return [*shown, f"… {len(value) - _CUT_LIST} more"] if len(value) > _CUT_LIST else shown
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    return value
