"""What becomes of the work: which page shows a result, an error, a cancellation or the progress."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from explorer.errors import UserError
from explorer.session.effect_counts import kind_counts
from views.start.audit_work import AUDIT, READ, AuditWork
from views.start.concern_page import ConcernPage
from views.start.pages import StartPages
from views.start.plan import AuditPlan
from views.start.second_reading import SecondReading
from views.start.summary_words import fill_summary, follow_jobs


class Outcomes(QObject):
    """Listens to the work and tells the pages; ``show_summary`` leads back to what is open."""

    def __init__(
        self, pages: StartPages, work: AuditWork, plan: AuditPlan, again: SecondReading,
        show_summary: Callable[[], None],
    ) -> None:  # fmt: skip
        super().__init__(pages)
        self._pages, self._work, self._plan, self._again, self._show_summary = pages, work, plan, again, show_summary
        work.audited.connect(self._on_audited)
        work.failed.connect(self._on_failed)
        work.cancelled.connect(self._on_cancelled)
        work.runner.changed.connect(self.show_progress)

    def _on_audited(self) -> None:
        self._again.settle()
        session, page = self._work.session, self._pages.currentWidget()
        if session.result is not None and isinstance(page, ConcernPage):
            page.show_counts(kind_counts(session.result), session.result.summary)
        if self._summary_shown:
            fill_summary(self._pages.summary, session, self._plan)

    def _on_failed(self, slot: str, error: BaseException) -> None:
        if slot == READ and self._again.leave():
            self._show_summary()
            self._pages.failed.emit(error)
            return
        if slot == READ and self._pages.currentWidget() is self._pages.reading:
            self._pages.reading.show_problem(error)
        elif slot in (READ, AUDIT) and self._summary_shown:
            self._pages.summary.show_trouble(error)
        else:
            self._pages.failed.emit(error)
            return
        if not isinstance(error, UserError):
            self._pages.failed.emit(error)

    def _on_cancelled(self, slot: str) -> None:
        if (slot == READ and self._again.leave()) or (slot == AUDIT and self._again.go_back()):
            self._show_summary()
        # What else can be stopped (map, columns, filter, export) leaves a finished audit's summary as it is.
        elif slot in (READ, AUDIT) and self._summary_shown:
            self._pages.summary.show_stopped()

    def show_progress(self) -> None:
        """Tell the summary page how far reading or auditing is."""
        if self._summary_shown:
            follow_jobs(self._pages.summary, self._work.runner)

    @property
    def _summary_shown(self) -> bool:
        return self._pages.currentWidget() is self._pages.summary
