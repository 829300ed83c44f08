"""What to export, then where to: one dialog, nothing overwritten without the file dialog's own question."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from explorer.errors import UserError
from explorer.session.audit_session import AuditSession
from explorer.session.export_work import export_findings
from views.shared.plain_text import PlainLabel
from views.shared.widgets import Heading, Secondary

AUDIT = "audit"


class Kind(NamedTuple):
    """One thing that can be exported."""

    id: str
    title: str
    note: str


KINDS = (
    Kind("md", "Findings as Markdown", "for a pull request or a report"),
    Kind("json", "Findings as JSON", "with the whole log of judgements; can be read back and merged"),
    Kind("csv", "Findings as CSV", "for a spreadsheet; no cell is taken for a formula"),
    Kind("parquet", "Findings as Parquet", "joined by trajectory and step"),
    Kind("jsonl", "Findings as JSON lines", "one finding a line"),
    Kind(
        AUDIT, "The audit's files and report", "Parquet tables, audit.json and a self-contained report.html in a folder"
    ),
)


class ExportDialog(QDialog):
    """``audit_wanted`` asks for the whole audit to be written into a folder (that takes a worker)."""

    audit_wanted = Signal(object)
    done_with = Signal(str)
    """One sentence about what was written."""

    def __init__(self, session: AuditSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle("Export")
        self.setMinimumWidth(460)
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(4)
        column.addWidget(Heading("Export", size=16))
        n = len(session.findings.all()) if session.findings is not None else 0
        column.addWidget(Secondary(f"{n:,} findings on {session.title or 'this dataset'}"))
        column.addSpacing(8)
        for number, kind in enumerate(KINDS):
            button = QRadioButton(kind.title)
            button.setEnabled(session.result is not None if kind.id == AUDIT else n > 0)
            self._group.addButton(button, number)
            column.addWidget(button)
            note = Secondary(kind.note)
            note.setContentsMargins(24, 0, 0, 4)
            column.addWidget(note)
        first = next((b for b in self._group.buttons() if b.isEnabled()), None)
        if first is not None:
            first.setChecked(True)
        self._error = PlainLabel("", wrap=True, role="error")
        self._error.hide()
        column.addWidget(self._error)
        buttons = QDialogButtonBox()
        self._export = buttons.addButton("Export …", QDialogButtonBox.ButtonRole.AcceptRole)
        self._export.setProperty("primary", True)
        self._export.setEnabled(first is not None)
        buttons.addButton("Close", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._on_export_clicked)
        buttons.rejected.connect(self.reject)
        column.addSpacing(8)
        column.addWidget(buttons)

    def choose(self, kind: str) -> None:
        """Choose what to export."""
        self._group.button([k.id for k in KINDS].index(kind)).setChecked(True)

    def export_to(self, target: str) -> None:
        """Write what is chosen; an error is said in the dialog and nothing is lost."""
        kind = KINDS[self._group.checkedId()]
        if kind.id == AUDIT:
            self.audit_wanted.emit(Path(target))
            self.accept()
            return
        try:
            n = export_findings(self._session, Path(target), kind.id)
        except UserError as error:
            self._error.setText(str(error))
            self._error.show()
            return
        self.done_with.emit(f"{n:,} findings in {target}")
        self.accept()

    def _on_export_clicked(self) -> None:
        kind = KINDS[self._group.checkedId()]
        if kind.id == AUDIT:
            target = QFileDialog.getExistingDirectory(self, "An empty folder for the audit's files")
        else:
            target, _ = QFileDialog.getSaveFileName(self, kind.title, f"findings.{kind.id}", f"*.{kind.id}")
        if target:
            self.export_to(target)
