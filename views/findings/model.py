"""Findings as a table model."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from explorer.model.finding import Verdict
from explorer.session.audit_session import AuditSession
from explorer.session.finding_rows import FindingRow, finding_rows
from views.shared import painters
from views.shared.plain_text import tooltip_text
from views.shared.visible import elided

Index = QModelIndex | QPersistentModelIndex
ROW = int(Qt.ItemDataRole.UserRole)
"""The role under which the delegate reads a :class:`FindingRow`."""
COLUMNS = ("verdict", "task", "group", "step", "effect", "note", "who", "when")
DECISIONS = "decisions"
"""The filter value of findings that decide on a trajectory."""


def when(row: FindingRow) -> str:
    """Time in the auditor's own zone."""
    try:
        return datetime.fromisoformat(row.finding.time).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return row.finding.time


def judged(row: FindingRow) -> str:
    """The verdict, or the decision about a trajectory, in words."""
    finding = row.finding
    parts = [painters.words(finding.verdict.value)] if finding.verdict else []
    parts += [finding.disposition.value] if finding.disposition else []
    return " · ".join(parts) or "note"


def cell_words(row: FindingRow, column: str) -> str:
    """One cell, as the log or the auditor wrote it."""
    effect = painters.words(row.effect)
    return {
        "verdict": judged(row), "task": row.task, "group": row.group, "step": row.number,
        "effect": f"{effect} → {row.target}" if row.target else effect or row.line, "note": row.finding.note,
        "who": row.finding.author, "when": when(row),
    }[column]  # fmt: skip


class FindingsModel(QAbstractTableModel):
    """Findings of the open dataset, the latest first, of one verdict or all."""

    def __init__(self, session: AuditSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._all: list[FindingRow] = []
        self._shown: list[FindingRow] = []
        self._only = ""

    @property
    def rows(self) -> list[FindingRow]:
        """What is shown."""
        return self._shown

    @property
    def n_all(self) -> int:
        return len(self._all)

    def counts(self) -> dict[str, int]:
        """How many findings there are of each verdict, and of decisions."""
        found = {verdict.value: sum(row.finding.verdict is verdict for row in self._all) for verdict in Verdict}
        return {**found, DECISIONS: sum(row.finding.disposition is not None for row in self._all)}

    def show_only(self, value: str) -> None:
        """Show one verdict, decisions, or (empty) everything."""
        self._only = value
        self._choose()

    def refresh(self) -> None:
        """Read the findings anew."""
        self._all = finding_rows(self._session)
        self._choose()

    def _choose(self) -> None:
        self.beginResetModel()
        self._shown = [row for row in self._all if self._wanted(row)]
        self.endResetModel()

    def _wanted(self, row: FindingRow) -> bool:
        if not self._only:
            return True
        if self._only == DECISIONS:
            return row.finding.disposition is not None
        return row.finding.verdict is not None and row.finding.verdict.value == self._only

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._shown):
            return None
        row = self._shown[index.row()]
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return elided(cell_words(row, COLUMNS[index.column()]))
        if role == Qt.ItemDataRole.ToolTipRole:
            lines = [f"{judged(row)} · {row.task} · {row.group}", row.line, row.finding.note]
            return tooltip_text("\n".join(line for line in lines if line))
        return None
