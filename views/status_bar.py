"""The bottom of the window: saved, jobs, what pairs, keys."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from explorer.session.audit_session import AuditSession
from views.job_panel import JobPanel
from views.jobs import JobRunner
from views.shared.plain_text import button_text, set_tooltip
from views.shared.widgets import Secondary, rule

SAID_MS = 8000


class StatusBar(QWidget):
    """Quiet facts; the counts open the data report."""

    keys_wanted = Signal()
    data_wanted = Signal()

    def __init__(self, session: AuditSession, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setProperty("bar", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.saved = Secondary("", self, wrap=False)
        self.jobs = JobPanel(runner, self)
        self.counts = QPushButton("", self)
        self.counts.clicked.connect(self.data_wanted)
        self._said = Secondary("", self, wrap=False)
        self._said.hide()
        self.keys = QPushButton("? keys", self)
        self.keys.clicked.connect(self.keys_wanted)
        for button in (self.counts, self.keys):
            button.setProperty("quiet", True)
            button.setFont(self.saved.font())
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(16)
        row.addWidget(self.saved)
        row.addWidget(self.jobs)
        row.addWidget(self.counts)
        row.addWidget(self._said)
        row.addStretch(1)
        row.addWidget(self.keys)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(rule(self))
        column.addLayout(row)
        self.setFixedHeight(30)
        self.refresh()

    def say(self, text: str) -> None:
        """One sentence about something that was done; it goes away by itself."""
        self._said.setText(text)
        self._said.show()
        QTimer.singleShot(SAID_MS, self._said.hide)

    def refresh(self) -> None:
        """Say where findings are kept and what pairs."""
        findings = self._session.findings
        self.saved.setVisible(findings is not None)
        if findings is not None:
            judged = sum(1 for finding in findings.all() if finding.verdict is not None)
            self.saved.setText("✓ saved" + (f" · {judged:,} judged" if judged else ""))
        result, dataset = self._session.result, self._session.dataset
        self.counts.setVisible(dataset is not None)
        if dataset is None:
            return
        said = f"{dataset.n_trajectories:,} trajectories · {dataset.n_steps:,} steps"
        counts = result.summary.get("counts") if result is not None else None
        if counts is not None:
            if counts["pairs"]:
                unpaired = sum(counts["unpaired"].values())
                said = f"{counts['paired_tasks']:,} of {counts['tasks']:,} tasks paired"
                said += f" · {unpaired:,} trajectories not paired" if unpaired else ""
            if counts["dead"]:
                said += f" · {counts['dead']:,} dead"
        self.counts.setText(button_text(said))
        set_tooltip(self.counts, "Open the data report")
