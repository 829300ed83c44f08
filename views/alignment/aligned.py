"""What the panel lays out: any number of trajectories as columns over common rows. Knows no Qt.

A pair gives two columns, a trajectory without a partner one; a multiple alignment gives as many as it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from explorer.model.alignment import OPERATIONS, Operation
from explorer.session.audit_session import AuditSession
from explorer.session.columns import Columns
from explorer.session.columns_text import columns_figures
from explorer.session.conversation import Conversation, conversation
from explorer.session.entries import Entries
from explorer.session.other_arguments import OtherArguments, other_arguments
from explorer.session.pair_text import difference_words, pair_figures
from explorer.session.pair_view import PairView

MATCH = OPERATIONS.index(Operation.MATCH)
SUBSTITUTE = OPERATIONS.index(Operation.SUBSTITUTE)


@dataclass(frozen=True)
class Side:
    """One column. ``steps`` (int64, one a row) are rows of the dataset's steps, -1 = gap."""

    role: str | None
    group: str
    trial: int
    trajectory: int
    steps: npt.NDArray[np.int64]
    said: Conversation

    @property
    def title(self) -> str:
        parts = [part for part in (self.role, self.group) if part]
        return " ".join(parts) + (f" · trial {self.trial}" if self.trial else "")


@dataclass(frozen=True)
class Aligned:
    """Columns over common rows. Per row: the operation's code, similarity (NaN = none), the queue entry (-1 = none),
    and whether a divergence ends there; ``pair`` the pair in front, None without a partner. Row numbers are -1 where
    there is none. ``columns``: who agrees with whom, where trajectories were chosen to stand side by side. ``other``:
    which matching rows of a pair have other arguments. ``unlike`` (None = all): which rows' entries are divergences;
    what both sides do alike at no risk is none."""

    pair: int | None
    task: str
    figures: str
    sides: tuple[Side, ...]
    operation: npt.NDArray[np.uint8]
    similarity: npt.NDArray[np.float32]
    entry: npt.NDArray[np.int32]
    resync: npt.NDArray[np.bool_]
    first_divergence: int
    first_input_difference: int
    columns: Columns | None = None
    approximate: bool = False
    first_difference: str = ""
    """In what the first divergence differs, in words."""
    other: OtherArguments | None = None
    unlike: npt.NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.operation)

    def row_of_step(self, step: int) -> int:
        """The row that holds a step of the dataset, -1 if none."""
        for side in self.sides:
            found = np.flatnonzero(side.steps == step)
            if len(found):
                return int(found[0])
        return -1

    def side_of_step(self, step: int) -> int:
        """The column that holds a step, -1 if none."""
        return next((n for n, side in enumerate(self.sides) if (side.steps == step).any()), -1)

    def row_of_entry(self, entry: int) -> int:
        found = np.flatnonzero(self.entry == entry)
        return int(found[0]) if len(found) else -1

    @cached_property
    def divergences(self) -> npt.NDArray[np.int64]:
        """Rows with a queue entry that is a divergence."""
        marked = self.entry >= 0
        return np.flatnonzero(marked if self.unlike is None else marked & self.unlike)

    @cached_property
    def _apart(self) -> npt.NDArray[np.int64]:
        """Rows that differ for certain: divergences, substitutes, and the first of each stretch one side acts alone."""
        alone = (self.operation != MATCH) & (self.operation != SUBSTITUTE)
        begins = alone & (np.diff(self.operation.astype(np.int16), prepend=-1) != 0)
        found = np.flatnonzero(begins | (self.operation == SUBSTITUTE))
        return np.union1d(found, self.divergences)

    @cached_property
    def any_difference(self) -> bool:
        """Whether there is somewhere to go for :meth:`next_difference`."""
        return self.next_difference(-1, 1) >= 0

    def next_divergence(self, row: int, direction: int) -> int:
        """The nearest divergence with a queue entry after (1) or before (-1) ``row``; -1 if none."""
        return _nearest(self.divergences, row, direction)

    def next_difference(self, row: int, direction: int) -> int:
        """The nearest row after (1) or before (-1) ``row`` where the columns differ; -1 if none. A stretch where one
        side acts alone is one difference, its steps of concern are others."""
        sure = _nearest(self._apart, row, direction)
        if self.other is None:
            return sure
        maybe = self.other.candidates
        for found in (maybe[maybe > row] if direction > 0 else maybe[maybe < row][::-1]).tolist():
            if sure >= 0 and (found > sure) == (direction > 0):
                break
            if self.other.at(found):
                return int(found)
        return sure

    def differs(self, row: int) -> bool:
        """Whether both sides do the same here, with other arguments."""
        return self.other is not None and self.other.at(row)


def _nearest(rows: npt.NDArray[np.int64], row: int, direction: int) -> int:
    """The nearest of some rows, which are in order, after (1) or before (-1) a row; -1 if none."""
    place = int(np.searchsorted(rows, row, side="right")) if direction > 0 else int(np.searchsorted(rows, row)) - 1
    return int(rows[place]) if 0 <= place < len(rows) else -1


def aligned_pair(session: AuditSession, pair: int) -> Aligned:
    """Two columns: the pair's first and second side."""
    view = session.pair_view(pair)
    entries = session.entries
    assert entries is not None
    resync = np.zeros(len(view), dtype=bool)
    ends = entries.frame.numbers("resync_row")[entries.pair == pair].astype(np.float64)
    ends = ends[~np.isnan(ends)].astype(np.int64)
    resync[ends[(ends >= 0) & (ends < len(view))]] = True
    sides = (
        _side(session, view.teacher, view.teacher_step),
        _side(session, view.student, view.student_step),
    )
    dataset, result = session.dataset, session.result
    assert dataset is not None
    assert result is not None
    other = other_arguments(dataset, result, view)
    return Aligned(
        pair, view.task_id, pair_figures(view), sides, view.operation, view.similarity, view.entry, resync,
        view.first_divergence, view.first_input_difference, approximate=view.approximate, other=other,
        unlike=_unlike(entries, view, other), first_difference=difference_words(view),
    )  # fmt: skip


def _unlike(entries: Entries, view: PairView, other: OtherArguments) -> npt.NDArray[np.bool_]:
    """Rows whose entry is a divergence: all but what both do alike, with the same arguments and at no risk."""
    unlike = np.ones(len(view), dtype=bool)
    for row in np.flatnonzero((view.entry >= 0) & (view.operation == MATCH)).tolist():
        entry = int(view.entry[row])
        alike = entries.lane.of(entry) == "both" and not float(entries.risk[entry]) > 0
        unlike[row] = not alike or other.at(row)
    return unlike


def aligned_alone(session: AuditSession, trajectory: int) -> Aligned:
    """One column: a trajectory without a partner, every step a row."""
    dataset = session.dataset
    assert dataset is not None
    rows = dataset.rows(trajectory)
    n = len(rows)
    entry = np.full(n, -1, dtype=np.int32)
    if session.entries is not None:
        mine = np.flatnonzero(session.entries.trajectory == trajectory)
        for number in mine[::-1]:  # the riskiest entry of a step wins
            place = int(session.entries.step[number]) - rows.start
            if 0 <= place < n:
                entry[place] = number
    end = (dataset.end.of(trajectory) or "").replace("_", " ")
    figures = f"{n:,} steps · {end}"
    side = _side(session, trajectory, np.arange(rows.start, rows.stop, dtype=np.int64))
    return Aligned(
        None, dataset.task.of(trajectory) or "", figures, (side,), np.full(n, MATCH, dtype=np.uint8),
        np.full(n, np.nan, dtype=np.float32), entry, np.zeros(n, dtype=bool), -1, -1,
    )  # fmt: skip


def aligned_columns(session: AuditSession, found: Columns) -> Aligned:
    """Trajectories that were chosen to stand side by side."""
    dataset = session.dataset
    assert dataset is not None
    n = len(found)
    present = found.steps >= 0
    alone = present.sum(axis=0) == 1
    operation = np.full(n, SUBSTITUTE, dtype=np.uint8)
    operation[found.unanimous] = MATCH
    operation[alone & present[0]] = OPERATIONS.index(Operation.TEACHER_ONLY)
    operation[alone & ~present[0]] = OPERATIONS.index(Operation.STUDENT_ONLY)
    apart = np.flatnonzero(~found.unanimous)
    sides = tuple(_side(session, t, steps) for t, steps in zip(found.trajectories, found.steps, strict=True))
    return Aligned(
        session.selection.current.pair, dataset.task.of(found.trajectories[0]) or "", columns_figures(found), sides,
        operation, np.full(n, np.nan, dtype=np.float32), _entries_of(session, found), np.zeros(n, dtype=bool),
        int(apart[0]) if len(apart) else -1, -1, found, found.approximate,
    )  # fmt: skip


def _entries_of(session: AuditSession, found: Columns) -> npt.NDArray[np.int32]:
    """Per row the riskiest entry of its steps; those of pairs with the first column come before others."""
    entry = np.full(len(found), -1, dtype=np.int32)
    entries = session.entries
    if entries is None or not len(found):
        return entry
    flat = found.steps.ravel()
    order = np.argsort(flat, kind="stable")
    place = np.minimum(np.searchsorted(flat, entries.step, sorter=order), len(flat) - 1)
    mine = np.flatnonzero((entries.step >= 0) & (flat[order[place]] == entries.step))
    of_first = entries.teacher_trajectory[mine] == found.trajectories[0]
    # What is written last stays: in falling rank.
    mine = mine[np.lexsort((-mine, of_first))]
    entry[order[place[mine]] % len(found)] = mine
    return entry


def _side(session: AuditSession, trajectory: int, steps: npt.NDArray[np.int64]) -> Side:
    dataset = session.dataset
    assert dataset is not None
    group = dataset.group.of(trajectory) or ""
    role = session.settings.role_of(group) if session.settings is not None else None
    return Side(
        None if role is None else role.value, group, int(dataset.trial[trajectory]), trajectory, steps,
        conversation(dataset, trajectory),
    )  # fmt: skip
