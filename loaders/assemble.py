"""Drafts → Arrow batches without keys, and the content hash of every trajectory.

A :class:`Part` is what one batch of a source gives: steps and turns in order, one row of *facts* per trajectory
with the log's own scalar columns. Keys (group, task, trial, ids) are given later, over the whole source.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from explorer.model.schema import STEPS, TRAJECTORIES, TURNS, End, Speaker
from loaders.drafts import StepDraft, TrajectoryDraft
from loaders.json_arguments import SURROGATE, clean_text
from loaders.reading import INVALID_UTF8

KEY_COLUMNS = ("trajectory_id", "group", "task_id", "trial")
STEP_FACTS = pa.schema(
    [
        field.with_type(pa.string()) if pa.types.is_dictionary(field.type) else field
        for field in STEPS
        if field.name not in KEY_COLUMNS
    ]
)
TURN_FACTS = pa.schema(
    [
        field.with_type(pa.string()) if pa.types.is_dictionary(field.type) else field
        for field in TURNS
        if field.name not in KEY_COLUMNS
    ]
)
FACTS = pa.schema(
    [
        TRAJECTORIES.field("source_trajectory_id"),
        TRAJECTORIES.field("n_steps"),
        TRAJECTORIES.field("n_turns"),
        pa.field("end", pa.string(), nullable=False),
        TRAJECTORIES.field("source_file"),
        TRAJECTORIES.field("source_row"),
        TRAJECTORIES.field("content_hash"),
    ]
)
"""Columns of a trajectory that do not depend on the keys."""


class Part(NamedTuple):
    """One batch, read. ``facts`` has one row per trajectory, in the order of its steps and turns."""

    steps: pa.RecordBatch
    turns: pa.RecordBatch
    facts: pa.Table


def assemble(
    drafts: Sequence[TrajectoryDraft],
    source_file: str,
    source_rows: Sequence[int],
    log: pa.Table,
    mended: npt.NDArray[np.bool_] | None = None,
) -> Part:
    """Drafts of one file, the numbers of their rows and the log's own columns (prefixed already) as a part.

    ``mended`` marks drafts whose row held bytes that are no UTF-8: their steps that show escaped bytes are flagged.
    """
    steps: list[StepDraft] = []
    for index, draft in enumerate(drafts):
        if mended is not None and mended[index]:
            _flag_mended(draft)
        steps += draft.steps
    texts = {
        name: _texts([getattr(step, name) for step in steps], steps) for name in ("arguments", "thought", "observation")
    }
    names = {name: _texts([getattr(step, name) for step in steps], steps) for name in ("log_id", "tool")}
    numbers = np.concatenate([np.zeros(0, np.int32), *(np.arange(len(d.steps), dtype=np.int32) for d in drafts)])
    step_batch = pa.RecordBatch.from_arrays(
        [
            pa.array(numbers, pa.int32()),
            pa.array(names["log_id"], pa.string()),
            pa.array([str(step.kind) for step in steps], pa.string()),
            pa.array(names["tool"], pa.string()),
            pa.array(texts["arguments"], pa.large_string()),
            pa.array([str(step.outcome) for step in steps], pa.string()),
            pa.array(texts["thought"], pa.large_string()),
            pa.array(texts["observation"], pa.large_string()),
            pa.array([step.timestamp for step in steps], pa.timestamp("us", "UTC")),
            pa.array([list(step.flags) or None for step in steps], pa.list_(pa.string())),
        ],
        schema=STEP_FACTS,
    )
    turns = [turn for draft in drafts for turn in draft.turns]
    turn_batch = pa.RecordBatch.from_arrays(
        [
            pa.array([turn.before_step for turn in turns], pa.int32()),
            pa.array([str(turn.speaker) for turn in turns], pa.string()),
            pa.array([clean_text(turn.text)[0] for turn in turns], pa.large_string()),
        ],
        schema=TURN_FACTS,
    )
    n_steps = np.array([len(draft.steps) for draft in drafts], np.int32)
    n_turns = np.array([len(draft.turns) for draft in drafts], np.int32)
    source_ids = [None if d.source_id is None else clean_text(d.source_id)[0] for d in drafts]
    facts = pa.Table.from_arrays(
        [
            pa.array(source_ids, pa.string()),
            pa.array(n_steps),
            pa.array(n_turns),
            pa.array([str(draft.end or End.FINISHED) for draft in drafts], pa.string()),
            pa.array([source_file] * len(drafts), pa.string()),
            pa.array(np.asarray(source_rows, np.int64)),
            pa.array(content_hashes(step_batch, turn_batch, n_steps, n_turns), pa.string()),
        ],
        schema=FACTS,
    )
    for name in log.column_names:
        facts = facts.append_column(log.schema.field(name), log[name])
    return Part(step_batch, turn_batch, facts)


def content_hashes(
    steps: pa.RecordBatch, turns: pa.RecordBatch, n_steps: npt.NDArray[np.int32], n_turns: npt.NDArray[np.int32]
) -> list[str]:
    """Hash of what was done and said in each trajectory: kinds, tools, arguments, thoughts, observations, turns.

    Works on the column buffers: lengths and bytes of every text of a trajectory at once.
    """
    # Short names are joined to one column, and all lengths to one table, so that a trajectory costs few calls.
    kind, tool = (_plain(steps.column(name)) for name in ("kind", "tool"))
    names = pc.binary_join_element_wise(kind, pc.fill_null(tool, "\x00"), pa.scalar("\x1f", pa.large_string()))
    step_columns = [_buffers(names), *(_buffers(steps.column(n)) for n in ("arguments", "thought", "observation"))]
    turn_columns = [_buffers(_plain(turns.column(name))) for name in ("speaker", "text")]
    before = turns.column("before_step").to_numpy().astype(np.int32)
    step_lengths = np.ascontiguousarray(np.stack([column.lengths for column in step_columns], axis=1))
    turn_lengths = np.ascontiguousarray(np.stack([before, *(column.lengths for column in turn_columns)], axis=1))
    step_ends, turn_ends = np.cumsum(n_steps, dtype=np.int64), np.cumsum(n_turns, dtype=np.int64)
    found = []
    step_start = turn_start = 0
    for step_stop, turn_stop in zip(step_ends.tolist(), turn_ends.tolist(), strict=True):
        digest = hashlib.blake2b(b"%d,%d;" % (step_stop - step_start, turn_stop - turn_start), digest_size=32)
        digest.update(step_lengths[step_start:step_stop].tobytes())
        digest.update(turn_lengths[turn_start:turn_stop].tobytes())
        for column in step_columns:
            digest.update(column.data[column.starts[step_start] : column.starts[step_stop]])
        for column in turn_columns:
            digest.update(column.data[column.starts[turn_start] : column.starts[turn_stop]])
        found.append(digest.hexdigest())
        step_start, turn_start = step_stop, turn_stop
    return found


def request_digests(part: Part) -> list[str | None]:
    """A digest of what each trajectory was asked first (the first turn of a user), null where nothing was."""
    speakers, texts = part.turns.column("speaker").to_pylist(), part.turns.column("text")
    found: list[str | None] = []
    start = 0
    for count in part.facts["n_turns"].to_pylist():
        first = next((row for row in range(start, start + count) if speakers[row] == Speaker.USER), None)
        start += count
        if first is None:
            found.append(None)
        else:
            text = str(texts[first].as_py() or "").strip()
            found.append(hashlib.blake2b(text.encode(), digest_size=8).hexdigest())
    return found


class _Buffers(NamedTuple):
    """A text column as bytes: where each cell starts, its length (-1 = null), and all text."""

    starts: list[int]
    lengths: npt.NDArray[np.int32]
    data: memoryview


def _plain(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return column.cast(pa.large_string())


def _buffers(column: pa.Array) -> _Buffers:
    if len(column) == 0:
        return _Buffers([0], np.zeros(0, np.int32), memoryview(b""))
    _, offsets, data = column.buffers()
    starts = np.frombuffer(offsets, np.int64, len(column) + 1, column.offset * 8)
    lengths = np.diff(starts).astype(np.int32)
    if column.null_count:
        nulls = column.is_null().to_numpy(zero_copy_only=False)
        lengths = np.where(nulls, np.int32(-1), lengths)
    return _Buffers(starts.tolist(), lengths, memoryview(data) if data is not None else memoryview(b""))


def _texts(values: list[Any], steps: Sequence[StepDraft]) -> list[str | None]:
    """Texts that Arrow takes; steps with lone surrogates are flagged."""
    try:
        pa.array(values, pa.large_string())
        return values
    except (UnicodeEncodeError, pa.ArrowInvalid, pa.ArrowTypeError):
        pass
    cleaned: list[str | None] = []
    for value, step in zip(values, steps, strict=True):
        if value is None:
            cleaned.append(None)
            continue
        text, changed = clean_text(value if isinstance(value, str) else str(value))
        if changed and SURROGATE not in step.flags:
            step.flags = (*step.flags, SURROGATE)
        cleaned.append(text)
    return cleaned


def _flag_mended(draft: TrajectoryDraft) -> None:
    for step in draft.steps:
        if any("\\x" in (text or "") for text in (step.arguments, step.thought, step.observation, step.tool)):
            step.flags = (*step.flags, INVALID_UTF8)
