"""The published tables of pairs and of aligned rows."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.model.alignment import OPERATIONS, AlignmentSet, Operation
from explorer.model.result import ALIGNMENT, PAIRS
from explorer.model.trajectory import Dataset

_MATCH = OPERATIONS.index(Operation.MATCH)


def pair_id(teacher: str, student: str) -> str:
    """The identity of a pair: a hash of its trajectories' identities, so it survives moving the source."""
    return hashlib.sha256(f"{teacher}\0{student}".encode("utf-8", "backslashreplace")).hexdigest()[:24]


def pair_ids(dataset: Dataset, alignments: AlignmentSet) -> list[str]:
    """The identities of all pairs, in order."""
    ids = dataset.trajectory_ids
    pairing = alignments.pairing
    return [pair_id(ids[t], ids[s]) for t, s in zip(pairing.teacher.tolist(), pairing.student.tolist(), strict=True)]


def operation_counts(alignments: AlignmentSet) -> npt.NDArray[np.int64]:
    """int64[n_pairs, 4]: rows of each operation, in the order of OPERATIONS."""
    n = len(alignments.pairing)
    pair = np.repeat(np.arange(n), np.diff(alignments.offsets))
    flat = np.bincount(pair * len(OPERATIONS) + alignments.operation, minlength=n * len(OPERATIONS))
    return flat.reshape(n, len(OPERATIONS))


def agreement(alignments: AlignmentSet) -> npt.NDArray[np.float32]:
    """float32[n_pairs]: matched rows / rows; 1 for two empty trajectories."""
    counts = operation_counts(alignments)
    rows = counts.sum(axis=1)
    return np.where(rows > 0, counts[:, _MATCH] / np.maximum(rows, 1), 1).astype(np.float32)


def first_divergence(alignments: AlignmentSet) -> npt.NDArray[np.int64]:
    """int64[n_pairs]: the first row that is no match, -1 if all are."""
    n = len(alignments.pairing)
    first = np.full(n, -1, dtype=np.int64)
    differs = np.flatnonzero(alignments.operation != _MATCH)
    pair = np.searchsorted(alignments.offsets, differs, side="right") - 1
    first[pair[::-1]] = (differs - alignments.offsets[pair])[::-1]
    return first


def make_pairs_table(
    dataset: Dataset,
    alignments: AlignmentSet,
    first_input_difference: npt.NDArray[np.int64],
    order_inversions: npt.NDArray[np.int64] | None = None,
) -> pa.Table:
    """``pairs.parquet``; ``first_input_difference`` is a row per pair, -1 = none; ``order_inversions`` a count per
    pair, None = not counted."""
    pairing = alignments.pairing
    counts = operation_counts(alignments)
    first = first_divergence(alignments)
    ids = np.array(dataset.trajectory_ids, dtype=object)
    tasks = np.array([*dataset.task.names, ""], dtype=object)
    finite = np.isfinite(alignments.z)
    columns = {
        "pair_id": pa.array(pair_ids(dataset, alignments), pa.string()),
        "teacher_trajectory_id": pa.array(ids[pairing.teacher], pa.string()),
        "student_trajectory_id": pa.array(ids[pairing.student], pa.string()),
        "task_id": pa.array(tasks[dataset.task.codes[pairing.teacher]], pa.string()),
        "score": pa.array(alignments.score, pa.float32()),
        "normalised": pa.array(alignments.normalised, pa.float32()),
        "z": pa.array(alignments.z, pa.float32(), mask=~finite),
        "agreement": pa.array(agreement(alignments)),
        **{
            f"n_{operation.value}": pa.array(counts[:, code].astype(np.int32))
            for code, operation in enumerate(OPERATIONS)
        },
        "first_divergence_row": pa.array(first.astype(np.int32), mask=first < 0),
        "first_input_difference_row": pa.array(
            first_input_difference.astype(np.int32), mask=first_input_difference < 0
        ),
        "approximate": pa.array(alignments.approximate),
        "best": pa.array(alignments.best),
        "order_inversions": pa.nulls(len(pairing), pa.int64())
        if order_inversions is None
        else pa.array(order_inversions, pa.int64()),
    }
    return pa.table([columns[field.name] for field in PAIRS], schema=PAIRS)


def alignment_table(dataset: Dataset, alignments: AlignmentSet) -> pa.Table:
    """``alignment.parquet``: every row of every pair."""
    lengths = np.diff(alignments.offsets)
    total = int(lengths.sum())
    row = np.arange(total) - np.repeat(alignments.offsets[:-1], lengths)
    ids = pa.array(pair_ids(dataset, alignments), pa.string())
    names = pa.array([operation.value for operation in OPERATIONS], pa.string())
    columns = {
        "pair_id": ids.take(pa.array(np.repeat(np.arange(len(lengths)), lengths))),
        "row": pa.array(row.astype(np.int32)),
        "operation": pa.DictionaryArray.from_arrays(pa.array(alignments.operation.astype(np.int32)), names),
        "teacher_step": pa.array(alignments.teacher_step, mask=alignments.teacher_step < 0),
        "student_step": pa.array(alignments.student_step, mask=alignments.student_step < 0),
        "similarity": pa.array(alignments.similarity, mask=np.isnan(alignments.similarity)),
    }
    return pa.table([columns[field.name] for field in ALIGNMENT], schema=ALIGNMENT)
