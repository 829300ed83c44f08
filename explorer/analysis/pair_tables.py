"""The published tables of pairs and of aligned rows."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.analysis.alignment.align import same_tool
from explorer.analysis.alignment.features import Features
from explorer.analysis.alignment.inversions import OrderInversions
from explorer.analysis.statistics.unusual import Unusual
from explorer.model.alignment import FIRST_DIFFERENCES, OPERATIONS, AlignmentSet, FirstDifference, Operation
from explorer.model.result import ALIGNMENT, PAIRS
from explorer.model.trajectory import Dataset, OffsetArray

_MATCH = OPERATIONS.index(Operation.MATCH)
_ONE_SIDE, _EFFECT, _TOOL, _ARGUMENTS = (FIRST_DIFFERENCES.index(kind) for kind in FirstDifference)


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


def first_differences(features: Features, offsets: OffsetArray, alignments: AlignmentSet) -> npt.NDArray[np.int8]:
    """int8[n_pairs]: what the first divergence of each pair is (place in FIRST_DIFFERENCES), -1 where all rows match.

    ``offsets`` are the dataset's step offsets.
    """
    pairing = alignments.pairing
    first = first_divergence(alignments)
    found = np.full(len(pairing), -1, dtype=np.int8)
    differs = np.flatnonzero(first >= 0)
    at = alignments.offsets[:-1][differs] + first[differs]
    t, s = alignments.teacher_step[at], alignments.student_step[at]
    found[differs] = _ONE_SIDE
    both = (t >= 0) & (s >= 0)
    one = (offsets[pairing.teacher[differs]] + t)[both]
    two = (offsets[pairing.student[differs]] + s)[both]
    same_effect = features.headline[one] == features.headline[two]
    found[differs[both]] = np.select([~same_effect, ~same_tool(features, one, two)], [_EFFECT, _TOOL], _ARGUMENTS)
    return found


def with_figures(
    pairs: pa.Table, differences: npt.NDArray[np.int8] | None = None, unusual: Unusual | None = None
) -> pa.Table:
    """The table of pairs with what its first divergences are, and how unusual its scores."""
    columns: dict[str, pa.Array] = {}
    if differences is not None:
        columns["first_divergence"] = pa.DictionaryArray.from_arrays(
            pa.array(differences.astype(np.int32), mask=differences < 0),
            pa.array([kind.value for kind in FIRST_DIFFERENCES], pa.string()),
        )
    if unusual is not None:
        none = unusual.n == 0
        columns["less_alike_than"] = pa.array(unusual.share.astype(np.float32), mask=none)
        columns["n_own_pairs"] = pa.array(unusual.n.astype(np.int32))
        columns["own_scope"] = pa.array(unusual.scope, pa.string()).dictionary_encode()
        columns["own_group"] = pa.array(unusual.group, pa.string()).dictionary_encode()
    for name, column in columns.items():
        at = PAIRS.get_field_index(name)
        pairs = pairs.set_column(at, PAIRS.field(at), column)
    return pairs


def make_pairs_table(
    dataset: Dataset,
    alignments: AlignmentSet,
    first_input_difference: npt.NDArray[np.int64],
    order_inversions: OrderInversions | None = None,
) -> pa.Table:
    """``pairs.parquet``; ``first_input_difference`` is a row per pair, -1 = none; ``order_inversions``
    None = not counted. :func:`with_figures` fills in what needs more than the alignments."""
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
    }
    if order_inversions is not None:
        share = order_inversions.share
        columns["order_inversions"] = pa.array(order_inversions.found, pa.int64())
        columns["order_inversion_share"] = pa.array(share, pa.float32(), mask=np.isnan(share))
    known = [columns.get(field.name, pa.nulls(len(pairing), field.type)) for field in PAIRS]
    return pa.table(known, schema=PAIRS)


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
