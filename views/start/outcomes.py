"""What becomes of the work: which page shows a result, an error, a cancellation or the progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from explorer.errors import UserError
from explorer.session.effect_counts import kind_counts
from views.start.audit_work import AUDIT, READ
from views.start.concern_page import ConcernPage
from views.start.summary_words import fill_summary, follow_jobs

if TYPE_CHECKING:
    from views.start.flow import StartFlow


class Outcomes(QObject):
    """Listens to the work of a flow."""

    def __init__(self, flow: StartFlow) -> None:
        super().__init__(flow)
        self._flow = flow
        flow.work.audited.connect(self._on_audited)
        flow.work.failed.connect(self._on_failed)
        flow.work.cancelled.connect(self._on_cancelled)
        flow.runner.changed.connect(self.show_progress)

    def _on_audited(self) -> None:
        self._flow.stay()
        result = self._flow.session.result
        page = self._flow.currentWidget()
        if result is not None and isinstance(page, ConcernPage):
            page.show_counts(kind_counts(result), result.summary)
        if self._flow.currentWidget() is self._flow.summary:
            fill_summary(self._flow.summary, self._flow.session, self._flow.plan)

    def _on_failed(self, slot: str, error: BaseException) -> None:
        if slot == READ and self._flow.leave_reading_again():
            self._flow.failed.emit(error)
            return
        if slot == READ and self._flow.currentWidget() is self._flow.reading:
            self._flow.reading.show_problem(error)
        elif slot in (READ, AUDIT) and self._flow.currentWidget() is self._flow.summary:
            self._flow.summary.show_trouble(error)
        else:
            self._flow.failed.emit(error)
            return
        if not isinstance(error, UserError):
            self._flow.failed.emit(error)

    def _on_cancelled(self, slot: str) -> None:
        if slot == READ and self._flow.leave_reading_again():
            return
        if slot == AUDIT and self._flow.go_back():
            return
        # What else can be stopped (map, columns, filter, export) leaves a finished audit's summary as it is.
        if slot in (READ, AUDIT) and self._flow.currentWidget() is self._flow.summary:
            self._flow.summary.show_stopped()

    def show_progress(self) -> None:
        """Tell the summary page how far reading or auditing is."""
        if self._flow.currentWidget() is self._flow.summary:
            follow_jobs(self._flow.summary, self._flow.runner)
