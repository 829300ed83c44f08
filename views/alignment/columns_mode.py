"""Whether many trajectories stand side by side, which ones, and the wait for what is worked out about them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from explorer.session.audit_session import AuditSession
from explorer.session.column_desk import ColumnDesk
from explorer.session.columns import Columns
from explorer.session.selection import Selection
from views.alignment.aligned import Aligned, aligned_columns


class ColumnsMode(QObject):
    """Asks for columns one at a time: what is wanted meanwhile is asked for when the answer has come, because new work
    would end the old by force."""

    work_wanted = Signal(object)
    """Work to be run elsewhere; its answer goes to :meth:`take`."""
    changed = Signal()
    """An answer came, or none will."""

    def __init__(self, session: AuditSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.desk = ColumnDesk(session)
        self.on = False
        self._asked: tuple[int, ...] = ()
        for signal in (session.dataset_opened, session.result_accepted, session.closed):
            signal.connect(self._on_audit_changed)

    @property
    def waiting(self) -> int:
        """How many columns are being worked out, 0 = none."""
        return len(self._asked)

    def possible(self, current: Selection) -> int:
        """How many trajectories there are to stand side by side with the one in front."""
        if current.trajectory is None:
            return 0
        return len(self.desk.members(current.trajectory))

    def aligned(self, current: Selection) -> Aligned | None:
        """The columns for what is selected; None where they are not wanted, or not there yet (then they are asked
        for)."""
        chosen = self.desk.wanted(current) if self.on else ()
        if len(chosen) < 2:
            return None
        found = self.desk.answer(chosen)
        if found is not None:
            return aligned_columns(self._session, found)
        if not self._asked:
            self._asked = chosen
            self.work_wanted.emit(self.desk.prepare(chosen))
        return None

    def holds(self, aligned: Aligned, current: Selection) -> bool:
        """Whether columns on show already hold what is selected."""
        return self.on and current.trajectory in {side.trajectory for side in aligned.sides}

    def take(self, columns: Columns) -> None:
        """The answer to what was asked for."""
        self._asked = ()
        self.desk.accept(columns)
        self.changed.emit()

    def stop(self) -> None:
        """No answer will come: what stands there stays, and columns are off."""
        self._asked = ()
        self.on = False
        self.changed.emit()

    def _on_audit_changed(self) -> None:
        self._asked = ()
