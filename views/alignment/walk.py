"""From where one stands to the next place of a kind: divergence, difference, unique step, the other side."""

from __future__ import annotations

from explorer.session.audit_session import AuditSession
from views.alignment.grid import AlignmentGrid

_ORIGIN = "keys"


class Walk:
    """Selects what one asks to go to from where one stands in the grid; the panel follows the selection."""

    def __init__(self, session: AuditSession, grid: AlignmentGrid) -> None:
        self._session = session
        self._grid = grid

    @property
    def row(self) -> int:
        """The alignment row one stands in, -1 = none."""
        model, line = self._grid.model, self._grid.line
        return int(model.lines.start[line]) if model is not None and 0 <= line < len(model.lines) else -1

    def go(self, direction: int) -> None:
        """Select the next (1) or previous (-1) divergence of what is shown."""
        model = self._grid.model
        if model is None:
            return
        found = model.aligned.next_divergence(self.row, direction)
        if found >= 0:
            self._session.select_entry(int(model.aligned.entry[found]), origin=_ORIGIN)

    def go_difference(self, direction: int) -> None:
        """Select the next (1) or previous (-1) place where the columns differ, of concern or not; in a trajectory
        alone, where there is nothing to differ from, the next entry."""
        model = self._grid.model
        if model is None:
            return
        aligned = model.aligned
        if len(aligned.sides) < 2:
            self.go(direction)
            return
        found = aligned.next_difference(self.row, direction)
        if found < 0:
            return
        if found in aligned.divergences:
            self._session.select_entry(int(aligned.entry[found]), origin=_ORIGIN)
            return
        steps = [model.step(found, side) for side in range(len(aligned.sides))]
        here = steps[self._grid.side]
        self._session.select_step(here if here >= 0 else max(steps), origin=_ORIGIN)

    def go_unique(self, direction: int) -> None:
        """Select the next (1) or previous (-1) step that no other column does."""
        model = self._grid.model
        if model is None or model.aligned.columns is None:
            return
        found = model.aligned.columns.next_unique(self.row, direction)
        if found is not None:
            self._session.select_step(model.step(*found), origin=_ORIGIN)

    def go_across(self) -> None:
        """Select the step that stands beside the current one."""
        model, grid = self._grid.model, self._grid
        if model is None or grid.line < 0:
            return
        steps = model.steps_of_line(grid.line)
        columns = len(steps)
        for offset in range(1, columns):
            step = steps[(grid.side + offset) % columns]
            if step >= 0:
                self._session.select_step(step, origin=_ORIGIN)
                return
