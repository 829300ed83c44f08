"""What runs, in the status bar: the stage in words, a bar after half a second, and Cancel."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from views.jobs import BAR_AFTER_SECONDS, Job, JobRunner
from views.shared.widgets import Secondary


def job_words(job: Job) -> str:
    """One line about a job: what it does and how far it is."""
    stage, done, total = job.sample
    if job.cancelling:
        return f"{job.title}: stopping …"
    if not stage:
        return f"{job.title} …"
    return f"{job.title}: {stage} {done:,} of {total:,}" if total else f"{job.title}: {stage} …"


class JobPanel(QWidget):
    """Follows a :class:`~views.jobs.JobRunner`."""

    def __init__(self, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self.words = Secondary("no jobs running", self, wrap=False)
        self.bar = QProgressBar(self)
        self.bar.setFixedWidth(140)
        self.bar.setTextVisible(False)
        self.stop = QPushButton("Cancel", self)
        self.stop.setProperty("quiet", True)
        self.stop.clicked.connect(self._on_stop_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self.words, self.bar, self.stop):
            row.addWidget(widget)
        # The bar may be due while no progress arrives.
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.timeout.connect(self.refresh)
        runner.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what runs now."""
        jobs = self._runner.jobs()
        if not jobs:
            self.words.setText("no jobs running")
            self.bar.hide()
            self.stop.hide()
            self._due.stop()
            return
        job = min(jobs, key=lambda one: one.began)
        more = f" · {len(jobs) - 1} more" if len(jobs) > 1 else ""
        self.words.setText(job_words(job) + more)
        late = job.seconds >= BAR_AFTER_SECONDS
        self.bar.setVisible(late)
        self.stop.setVisible(late)
        self.stop.setEnabled(not job.cancelling)
        if not late and not self._due.isActive():
            self._due.start(int(BAR_AFTER_SECONDS * 1000) + 20)
        self.bar.setRange(0, job.sample.total)
        self.bar.setValue(min(job.sample.done, job.sample.total))

    def _on_stop_clicked(self) -> None:
        self._runner.cancel_all()
