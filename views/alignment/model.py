"""The state of the panel: what is laid out, which stretches are open, where one stands. Knows no Qt."""

from __future__ import annotations

from explorer.session.audit_session import AuditSession
from explorer.session.selection import Selection
from views.alignment.aligned import Aligned, aligned_alone, aligned_pair
from views.alignment.lines import AlignmentLines, LineKind, build_lines, foldable, turn_places
from views.alignment.words import CellWords


class AlignmentModel:
    """One pair or trajectory with its lines; rebuilt when a stretch opens or closes."""

    def __init__(self, session: AuditSession, aligned: Aligned) -> None:
        self.session = session
        self.aligned = aligned
        self.words = CellWords(session, aligned)
        self._turns = turn_places(aligned)
        self._folds = foldable(aligned, self.words.severity, self._turns)
        self._open: set[tuple[int, int]] = set()
        self.lines: AlignmentLines = self._build()

    @property
    def any_fold(self) -> bool:
        return bool(self._folds)

    @property
    def all_open(self) -> bool:
        return len(self._open) == len(self._folds)

    def toggle(self, row: int) -> None:
        """Open or close the stretch that holds an alignment row."""
        fold = next(((a, b) for a, b in self._folds if a <= row < b), None)
        if fold is not None:
            self._open ^= {fold}
            self.lines = self._build()

    def open_row(self, row: int) -> bool:
        """See to it that a row has a line of its own; returns whether the lines changed."""
        line = self.lines.line_of_row(row)
        if line < 0 or self.lines.kind[line] != LineKind.FOLD:
            return False
        self.toggle(row)
        return True

    def open_all(self, opened: bool) -> None:
        """Open or close every stretch."""
        self._open = set(self._folds) if opened else set()
        self.lines = self._build()

    def foldable_at(self, row: int) -> bool:
        """Whether a row belongs to a stretch that can be closed."""
        return any(a <= row < b for a, b in self._folds)

    def step(self, row: int, side: int) -> int:
        """The step (row of the dataset) in a cell, -1 at a gap."""
        return int(self.aligned.sides[side].steps[row])

    def steps_of_line(self, line: int) -> list[int]:
        """Steps of a line by column, -1 where there is none (a folded stretch: its first)."""
        row = int(self.lines.start[line])
        if self.lines.kind[line] not in (LineKind.STEP, LineKind.FOLD):
            return [-1] * len(self.aligned.sides)
        return [self.step(row, side) for side in range(len(self.aligned.sides))]

    def _build(self) -> AlignmentLines:
        return build_lines(self.aligned, [fold for fold in self._folds if fold not in self._open], self._turns)


def wanted(session: AuditSession, current: Selection) -> Aligned | None:
    """What the selection asks to be laid out: its pair, the best pair of its trajectory, or that trajectory alone."""
    if session.dataset is None:
        return None
    pair, trajectory = current.pair, current.trajectory
    if pair is not None and trajectory is not None and session.result is not None:
        pairs = session.result.frame("pairs")
        key = session.dataset.trajectory_ids[trajectory]
        if key not in (pairs.value("teacher_trajectory_id", pair), pairs.value("student_trajectory_id", pair)):
            pair = None
    if pair is None and trajectory is not None and current.entry is None:
        pair = session.pair_of(trajectory)
    if pair is not None:
        return aligned_pair(session, pair)
    return None if trajectory is None else aligned_alone(session, trajectory)
