"""One source (files, folders, globs) → a folder of our own tables, with the books of what was read.

:func:`read_source` is a module-level function of picklable values, so that it can run in a worker process: a file
that brings the reader down takes no window with it.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.errors import InputError
from explorer.model.schema import LOG_PREFIX
from explorer.progress import Progress
from loaders.assemble import Part, assemble, request_digests
from loaders.base import (
    REPORT_VERSION,
    ColumnMapping,
    Layout,
    ReadReport,
    ReadRequest,
    RowLoader,
    SourceFile,
)
from loaders.cache import CacheWriter, write_report
from loaders.columns import leaves, scalar_columns
from loaders.conform import (
    concat_facts,
    conform,
    fingerprint,
    keys_with,
    task_columns,
    with_request_digest,
)
from loaders.drafts import BadRowError, TrajectoryDraft
from loaders.groups import resolve_groups
from loaders.quality import QualityCounter
from loaders.reading import Batch, ParquetSource
from loaders.shapes import STEP_ROWS, choose, head_of, loader_named
from loaders.sources import expand_paths
from loaders.step_columns import LONG_ROLES, step_roles
from loaders.step_rows import convert_batch, read_steps


@dataclass
class _Reading:
    """What is gathered while the files of a source are read."""

    request: ReadRequest
    mapping: ColumnMapping
    quality: QualityCounter
    writer: CacheWriter
    facts: list[pa.Table]
    asked: list[str | None]
    files: list[SourceFile]
    used: dict[str, str]
    consumed: set[str]
    ignored: set[str]
    columns: list[str]


def read_source(request: ReadRequest, folder: Path, progress: Progress | None = None) -> ReadReport:
    """Parse sources into a folder of our own Arrow tables; ``open_dataset(folder)`` maps them.

    Raises :class:`~explorer.errors.UserError` for anything a person can mend. Where several files are given and
    some hold no trajectories, those are counted as rejected and the others are read.
    """
    progress = progress or Progress()
    mapping = request.mapping or ColumnMapping()
    paths = expand_paths(request.paths)
    with CacheWriter(folder) as writer:
        state = _Reading(request, mapping, QualityCounter(), writer, [], [], [], {}, set(), set(), [])
        named = sum(1 for name in request.paths if Path(name).expanduser().is_file())
        chosen = _choose_all(paths, state, strict=named == len(paths), progress=progress)
        steps = [path for path, loader in chosen if loader == STEP_ROWS.name]
        for path, loader in chosen:
            if loader != STEP_ROWS.name:
                _read_rows(path, loader_named(loader), state, progress)
        if steps:
            _read_step_files(steps, state, progress)
        return _finish(state, folder, progress)


def _choose_all(paths: Sequence[Path], state: _Reading, *, strict: bool, progress: Progress) -> list[tuple[Path, str]]:
    chosen: list[tuple[Path, str]] = []
    refusals: list[InputError] = []
    for path in progress.each(paths, "Looking at the files", len(paths)):
        with ParquetSource(path) as source:
            head = head_of(source)
            try:
                chosen.append((path, choose(str(path), head, state.mapping)))
            except InputError as error:
                if strict or state.mapping.loader is not None:
                    raise
                refusals.append(error)
                state.quality.reject_file(str(path), source.rows, error.what)
    if not chosen:
        raise refusals[0]
    return chosen


def _read_rows(path: Path, loader: RowLoader, state: _Reading, progress: Progress) -> None:
    """One file with a trajectory a row."""
    with ParquetSource(path) as source:
        head = head_of(source)
        layout = loader.layout(head, state.mapping)
        _note_columns(state, head.schema, layout.columns, layout.consumed)
        progress.stage(f"Reading {path.name}", source.rows)
        for batch in source.batches():
            state.quality.batch(source.name, batch.table, _flags(batch), batch.first_row)
            drafts, kept = read_batch(batch, loader, layout, state.quality, source.name, progress)
            log = log_table(batch.table, layout.consumed)
            mended = batch.mended[kept] if batch.mended is not None else None
            rows = [batch.first_row + int(row) for row in kept]
            part = assemble(drafts, source.name, rows, log.take(pa.array(kept)), mended)
            state.quality.read(len(drafts))
            _write(part, state)
        state.files.append(SourceFile(source.name, loader.name, source.rows, source.sha256(), source.stamp.size))


def read_batch(
    batch: Batch, loader: RowLoader, layout: Layout, quality: QualityCounter, file: str, progress: Progress
) -> tuple[list[TrajectoryDraft], npt.NDArray[np.int64]]:
    """Drafts of a batch, and the rows (within it) they came from; the others are rejected with a reason."""
    drafts, kept = [], []
    for row, cells in enumerate(batch.table.to_pylist()):
        try:
            draft = loader.read(cells, layout)
        except BadRowError as error:
            quality.reject(file, batch.first_row + row, str(error))
            continue
        except RecursionError:
            quality.reject(file, batch.first_row + row, "it is nested too deeply")
            continue
        if draft.findings:
            quality.findings(file, batch.first_row + row, draft.findings)
        drafts.append(draft)
        kept.append(row)
        if row % 64 == 63:
            progress.advance(64)
    progress.advance(batch.table.num_rows % 64)
    return drafts, np.array(kept, np.int64)


def _read_step_files(paths: Sequence[Path], state: _Reading, progress: Progress) -> None:
    """All files with a row per step together: a trajectory may go on in the next file."""
    tables: list[pa.Table] = []
    for path in paths:
        with ParquetSource(path) as source:
            head = head_of(source)
            roles = checked_roles(head.schema, state.mapping, source.name)
            consumed = frozenset(roles.values())
            _note_columns(state, head.schema, roles, consumed)
            coded = coded_columns(source.schema, roles)
            progress.stage(f"Reading {path.name}", source.rows)
            for batch in source.batches(dictionaries=coded, threads=True):
                state.quality.batch(source.name, batch.table, _flags(batch), batch.first_row)
                tables.append(convert_batch(batch.table, roles, source.name, batch.first_row, batch.mended))
                progress.advance(batch.table.num_rows)
            state.files.append(SourceFile(source.name, STEP_ROWS.name, source.rows, source.sha256(), source.stamp.size))
    if not tables:
        return
    progress.stage("Bringing steps together")
    table = concat_facts(tables).unify_dictionaries()
    groups, column = resolve_groups(table, state.request, state.mapping)
    if column is not None:
        state.used["group"] = column
    result = read_steps(table, groups, state.used.get("arguments"))
    state.ignored.update(result.ignored)
    file = str(paths[0]) if len(paths) == 1 else ""
    for problem in result.problems:
        state.quality.add(replace(problem, file=file))
    for rejected in result.rejected:
        state.quality.reject(*rejected)
    state.quality.read(table.num_rows - len(result.rejected))
    progress.stage("Writing", result.trajectories)
    for part in result.parts:
        _write(part, state)
        progress.advance(part.facts.num_rows)


def coded_columns(schema: pa.Schema, roles: Mapping[str, str]) -> tuple[str, ...]:
    """Text columns of a step table in which few values repeat: decoded into codes at once."""
    long = {name for role, name in roles.items() if role in LONG_ROLES}
    return tuple(field.name for field in schema if pa.types.is_string(field.type) and field.name not in long)


def checked_roles(schema: pa.Schema, mapping: ColumnMapping, where: str) -> dict[str, str]:
    """Roles of a table with one row per step; raises InputError for a column that is not there."""
    roles = step_roles(schema, mapping)
    known = {name for name, _ in leaves(schema)} | set(schema.names)
    for role, name in roles.items():
        if name not in known:
            raise InputError(
                f"there is no column {name!r} (for {role})", where=where, todo=f"Columns: {', '.join(sorted(known))}."
            )
    return roles


def _flags(batch: Batch) -> Sequence[bool] | None:
    return None if batch.mended is None else batch.mended.tolist()


def _note_columns(state: _Reading, schema: pa.Schema, columns: Mapping[str, str], consumed: frozenset[str]) -> None:
    for role, name in columns.items():
        state.used.setdefault(role, name)
    state.consumed.update(consumed)
    known = {name for name, _ in scalar_columns(schema.empty_table(), frozenset())}
    for name, _ in leaves(schema):
        if name not in state.columns:
            state.columns.append(name)
        inside = any(name == one or name.startswith(f"{one}.") for one in consumed)
        if name not in known and not inside:
            state.ignored.add(name)


def log_table(batch: pa.RecordBatch, consumed: frozenset[str]) -> pa.Table:
    """The log's own scalar columns of a batch, under their ``log.`` names."""
    columns = {LOG_PREFIX + name: column for name, column in scalar_columns(batch, consumed)}
    if not columns:
        return pa.table({"": pa.nulls(batch.num_rows)}).select([])
    return pa.table(columns)


def _write(part: Part, state: _Reading) -> None:
    state.writer.write(part)
    state.facts.append(part.facts)
    state.asked += request_digests(part)


def _finish(state: _Reading, folder: Path, progress: Progress) -> ReadReport:
    """Keys, selection, tables and report."""
    request, mapping = state.request, state.mapping
    if not state.facts:
        raise InputError("there are no rows", where=", ".join(request.paths), todo="Choose another file.")
    progress.stage("Giving keys")
    facts = with_request_digest(concat_facts(state.facts), state.asked, request.task or mapping.task)
    groups, column = resolve_groups(facts, request, mapping)
    names = groups.cast(pa.string()).to_pylist()
    keep = _selection(facts, names, request)
    state.quality.left_out = int((~keep).sum())
    facts = facts.filter(pa.array(keep))
    names = [name for name, kept in zip(names, keep.tolist(), strict=True) if kept]
    wanted = request.task or mapping.task
    trajectories, problems = conform(facts, names, wanted, mapping.trial, mapping.task_aliases)
    if request.sample is not None:
        chosen = _sample(trajectories, request.sample, request.seed)
        keep[np.flatnonzero(keep)[~chosen]] = False
        state.quality.left_out = int((~keep).sum())
        facts = facts.filter(pa.array(chosen))
        names = [name for name, kept in zip(names, chosen.tolist(), strict=True) if kept]
        trajectories, problems = conform(facts, names, task_columns(trajectories), mapping.trial, mapping.task_aliases)
    for problem in problems:
        state.quality.add(problem)
    mark = fingerprint(trajectories["content_hash"].to_pylist())
    state.writer.finish(trajectories, mark, keep)
    keys = keys_with([trajectories], task_columns(trajectories))
    resolved = replace(
        mapping,
        loader=mapping.loader or (state.files[0].loader if len({f.loader for f in state.files}) == 1 else None),
        task=task_columns(trajectories),
        group=mapping.group or column,
        columns=dict(state.used),
    )
    used = sorted(set(state.used.values()) | set(task_columns(trajectories)) | ({column} if column else set()))
    report = ReadReport(
        folder=str(folder),
        files=tuple(state.files),
        mapping=resolved,
        task_columns=task_columns(trajectories),
        candidate_keys=keys,
        columns_used=tuple(name for name in used if name),
        columns_ignored=tuple(sorted(state.ignored)),
        quality=state.quality.report(trajectories),
        groups=dict(Counter(names)),
        fingerprint=mark,
    )
    write_report(folder, json.dumps({"version": REPORT_VERSION, **asdict(report)}, indent=1, default=str))
    return report


def _selection(facts: pa.Table, names: Sequence[str], request: ReadRequest) -> npt.NDArray[np.bool_]:
    """Which rows belong to the groups that were asked for."""
    keep = np.ones(facts.num_rows, np.bool_)
    if request.groups:
        present = Counter(names)
        unknown = [name for name in request.groups if name not in present]
        if unknown:
            have = ", ".join(f"{name} ({count})" for name, count in present.most_common(20))
            raise InputError(
                f"there is no group {unknown[0]!r}", where=", ".join(request.paths), todo=f"Groups found: {have}."
            )
        keep = np.isin(np.array(names, dtype=object), list(request.groups))
    return keep


def _sample(trajectories: pa.Table, size: int, seed: int) -> npt.NDArray[np.bool_]:
    """Trajectories of each group, drawn by task, the same tasks for every group as far as they have them."""
    tasks = trajectories["task_id"].to_pylist()
    groups = trajectories["group"].cast(pa.string()).to_pylist()
    distinct = sorted(set(tasks))
    order = np.random.default_rng(seed).permutation(len(distinct))
    rank = {distinct[int(task)]: place for place, task in enumerate(order)}
    chosen = np.zeros(len(tasks), np.bool_)
    rows: dict[str, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        rows[group].append(row)
    for members in rows.values():
        members.sort(key=lambda row: (rank[tasks[row]], row))
        chosen[members[: max(0, size)]] = True
    return chosen
