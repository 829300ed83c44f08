"""The lines of the panel as arrays: aligned rows, folded stretches, turns and marks. Knows no Qt.

100,000 rows cost a few vectors; what a line says is worked out when it is drawn.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

from views.alignment.aligned import MATCH, SUBSTITUTE, Aligned

AT_LEAST = 4
"""Rows a stretch must have to be folded; twice as many where there is nothing to compare with."""
_LOOKED_AT = 2_000
"""Rows that change something whose arguments are compared before anything is shown; further ones whose texts are not
equal stay unfolded unseen."""


class LineKind(IntEnum):
    """What a line is. The order is that in which lines before one row stand."""

    MARK_INPUT = 0
    MARK_DIVERGENCE = 1
    TURN = 2
    STEP = 3
    FOLD = 4


@dataclass(frozen=True)
class AlignmentLines:
    """Per line: its kind, the first alignment row it shows (turns and marks: the row they stand before) and the one
    after the last; ``turn`` (int32[n, columns]) the turn of each column, -1 = none."""

    kind: npt.NDArray[np.uint8]
    start: npt.NDArray[np.int32]
    stop: npt.NDArray[np.int32]
    turn: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.kind)

    def line_of_row(self, row: int) -> int:
        """The line that shows an alignment row (its own or a folded stretch), -1 if there is none."""
        if row < 0 or not len(self):
            return -1
        found = np.flatnonzero((self.start <= row) & (row < self.stop))
        return int(found[0]) if len(found) else -1


def foldable(
    aligned: Aligned, severity: npt.NDArray[np.uint8] | None, turn_rows: Collection[int]
) -> list[tuple[int, int]]:
    """Stretches that may be shown as one line: rows without an entry where all columns match, or where the same
    columns alone act without effect (``severity`` per step of the dataset, None = not audited). Among many columns
    also rows where all that act do the same; what is of concern never, nor what changes something with other arguments
    than the other side."""
    n = len(aligned)
    if not n or severity is None:
        return []
    mask = np.zeros(n, dtype=np.int64)
    worst = np.zeros(n, dtype=np.uint8)
    for number, side in enumerate(aligned.sides):
        present = side.steps >= 0
        mask |= present.astype(np.int64) << min(number, 60)
        worst[present] = np.maximum(worst[present], severity[side.steps[present]])
    quiet = (aligned.entry < 0) & (worst == 0) & (aligned.operation != SUBSTITUTE)
    quiet |= (aligned.entry < 0) & (aligned.operation == MATCH) & (len(aligned.sides) > 1)
    columns = aligned.columns
    if columns is not None:
        acting = (columns.steps >= 0).sum(axis=0)
        quiet |= (aligned.entry < 0) & (worst == 0) & (columns.agreeing == acting)
        quiet &= ~columns.concern.any(axis=0)
    if aligned.other is not None:
        rows = aligned.other.candidates
        rows = rows[aligned.other.strict[rows] & quiet[rows]]
        for row in rows[:_LOOKED_AT].tolist():
            quiet[row] = not aligned.other.at(row)
        quiet[rows[_LOOKED_AT:]] = False
    told_apart = () if columns is None else columns.told_apart.tolist()
    for row in (aligned.first_divergence, aligned.first_input_difference, *told_apart):
        if 0 <= row < n:
            quiet[row] = False
    key = np.where(quiet, mask * 8 + aligned.operation, -1)
    change = np.flatnonzero(np.diff(key)) + 1
    said = np.fromiter((row for row in turn_rows if 0 < row < n), dtype=np.int64)
    edges = np.unique(np.concatenate(([0], change, said, [n]))).astype(np.int64)
    least = AT_LEAST if len(aligned.sides) > 1 else 2 * AT_LEAST
    starts, stops = edges[:-1], edges[1:]
    chosen = (stops - starts >= least) & (key[starts] >= 0)
    return [(int(a), int(b)) for a, b in zip(starts[chosen], stops[chosen], strict=True)]


def turn_places(aligned: Aligned) -> dict[int, list[tuple[int, ...]]]:
    """Turns by the alignment row they stand before (the number of rows = after the last), one tuple of turn numbers
    a line, -1 where a column says nothing there; what the columns were told at one place stands side by side."""
    per_side: list[dict[int, list[int]]] = []
    for side in aligned.sides:
        places: dict[int, list[int]] = {}
        steps = np.flatnonzero(side.steps >= 0)  # the row of each step of the trajectory
        for turn in side.said.later:
            before = int(side.said.before_step[turn])
            row = int(steps[before]) if before < len(steps) else len(aligned)
            places.setdefault(row, []).append(turn)
        per_side.append(places)
    rows = sorted({row for places in per_side for row in places})
    return {row: list(zip_longest(*(places.get(row, []) for places in per_side), fillvalue=-1)) for row in rows}


def build_lines(
    aligned: Aligned, folds: Collection[tuple[int, int]], turns: dict[int, list[tuple[int, ...]]]
) -> AlignmentLines:
    """Lay out everything; ``folds`` are the stretches that are closed now."""
    n = len(aligned)
    shown = np.ones(n, dtype=bool)
    for first_row, after in folds:
        shown[first_row:after] = False
    rows = np.flatnonzero(shown)
    fold = np.array(sorted(folds), dtype=np.int64).reshape(-1, 2)
    said = [(row, turn) for row, group in turns.items() for turn in group]
    marks = [(LineKind.MARK_INPUT, aligned.first_input_difference)] if aligned.first_input_difference >= 0 else []
    if aligned.first_divergence >= 0:
        marks.append((LineKind.MARK_DIVERGENCE, aligned.first_divergence))
    kind = np.concatenate([
        np.full(len(rows), LineKind.STEP), np.full(len(fold), LineKind.FOLD), np.full(len(said), LineKind.TURN),
        np.array([mark for mark, _ in marks], dtype=np.int64),
    ]).astype(np.uint8)  # fmt: skip
    before = np.array([row for row, _ in said] + [row for _, row in marks], dtype=np.int64)
    start = np.concatenate([rows, fold[:, 0], before]).astype(np.int32)
    stop = np.concatenate([rows + 1, fold[:, 1], before]).astype(np.int32)
    turn = np.full((len(kind), len(aligned.sides)), -1, dtype=np.int32)
    first = len(rows) + len(fold)
    for offset, (_, numbers) in enumerate(said):
        turn[first + offset] = numbers
    order = np.lexsort((np.arange(len(kind)), kind, start))
    return AlignmentLines(kind[order], start[order], stop[order], turn[order])
