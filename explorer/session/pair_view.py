"""One pair as the alignment view shows it: rows of the dataset side by side, with marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.model.alignment import OPERATIONS, Operation
from explorer.model.result import AuditResult
from explorer.model.trajectory import Dataset
from explorer.session.sides import side_name


@dataclass(frozen=True)
class PairView:
    """The alignment of one pair; all arrays have one value a row.

    ``teacher_step`` / ``student_step`` are rows of the dataset's steps (-1 = gap); ``operation`` codes of
    OPERATIONS; ``entry`` the queue entry standing at a row (-1 = none); the three row numbers are -1 where there is
    no such row; ``order_inversions`` how many two actions of both stand in opposite order (0 also where it was not
    counted), ``order_inversion_share`` their share of all two actions of both (NaN = not known).
    ``first_difference`` is a FirstDifference ("" = none or not known); ``less_alike_than`` the share of
    ``n_own_pairs`` trial-to-trial scores of ``own_side`` that are higher, in the same task or in all
    (``own_scope``); n is -1 where it is not known.
    """

    pair: int
    pair_id: str
    task_id: str
    teacher: int
    student: int
    teacher_step: npt.NDArray[np.int64]
    student_step: npt.NDArray[np.int64]
    operation: npt.NDArray[np.uint8]
    similarity: npt.NDArray[np.float32]
    entry: npt.NDArray[np.int32]
    first_divergence: int
    first_input_difference: int
    score: float
    normalised: float
    z: float
    agreement: float
    approximate: bool
    order_inversions: int = 0
    first_difference: str = ""
    less_alike_than: float = float("nan")
    n_own_pairs: int = -1
    own_scope: str = ""
    own_side: str = ""
    order_inversion_share: float = float("nan")

    def __len__(self) -> int:
        return len(self.operation)

    def row_of_step(self, step: int) -> int:
        """The row that holds a step of the dataset, -1 if none."""
        found = np.flatnonzero((self.teacher_step == step) | (self.student_step == step))
        return int(found[0]) if len(found) else -1


def pair_view(result: AuditResult, dataset: Dataset, pair: int, entry_rows: npt.NDArray[np.int64]) -> PairView:
    """Read one pair from the result; ``entry_rows`` are the queue's entries of this pair."""
    pairs, alignment, divergences = (result.frame(n) for n in ("pairs", "alignment", "divergences"))
    pair_id = str(pairs.value("pair_id", pair))
    ids = alignment.coded("pair_id")
    code = ids.code(pair_id)
    # Rows of one pair lie together and pairs are in order of appearance, so the block is found by bisection of runs.
    rows = np.flatnonzero(ids.codes == code)
    start, stop = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 0)
    teacher = dataset.row_of_id[str(pairs.value("teacher_trajectory_id", pair))]
    student = dataset.row_of_id[str(pairs.value("student_trajectory_id", pair))]

    def absolute(column: str, trajectory: int) -> npt.NDArray[np.int64]:
        steps = alignment.numbers(column)[start:stop].astype(np.float64)
        known = ~np.isnan(steps)
        out = np.full(len(steps), -1, dtype=np.int64)
        out[known] = dataset.step_offsets[trajectory] + steps[known].astype(np.int64)
        return out

    operations = alignment.coded("operation")
    table = np.array([OPERATIONS.index(Operation(name)) for name in operations.names], dtype=np.uint8)
    entry = np.full(stop - start, -1, dtype=np.int32)
    for number in entry_rows[::-1]:  # the riskiest entry of a row wins
        row = divergences.value("row", int(number))
        if row is not None and 0 <= row < len(entry):
            entry[row] = number

    def row_number(column: str) -> int:
        value = pairs.value(column, pair)
        return -1 if value is None else int(value)

    z = pairs.value("z", pair)

    def later(column: str) -> Any:
        """A column that audits written before it existed lack; they can still be opened."""
        return pairs.value(column, pair) if column in pairs.table.column_names else None

    inverted = later("order_inversion_share")
    share, n_own, own = later("less_alike_than"), later("n_own_pairs"), later("own_group")
    return PairView(
        pair, pair_id, str(pairs.value("task_id", pair)), teacher, student,
        absolute("teacher_step", teacher), absolute("student_step", student),
        table[operations.codes[start:stop]] if len(table) else np.zeros(0, dtype=np.uint8),
        alignment.numbers("similarity")[start:stop].astype(np.float32), entry,
        row_number("first_divergence_row"), row_number("first_input_difference_row"),
        float(pairs.value("score", pair)), float(pairs.value("normalised", pair)),
        float("nan") if z is None else float(z), float(pairs.value("agreement", pair)),
        bool(pairs.value("approximate", pair)), int(later("order_inversions") or 0), later("first_divergence") or "",
        float("nan") if share is None else float(share), -1 if n_own is None else int(n_own), later("own_scope") or "",
        "" if own is None else side_name(result.summary.get("roles", {}), own),
        float("nan") if inverted is None else float(inverted),
    )  # fmt: skip
