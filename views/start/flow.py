"""Leads from files to the summary: which page comes when, and which work is started for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QSettings, Signal
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from explorer.errors import StorageError, UserError
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings
from explorer.model.token_filter import FilterSpec
from explorer.session.audit_session import AuditSession
from explorer.session.effect_counts import kind_counts
from explorer.session.sample import StoryView
from explorer.session.settings import filter_presets
from explorer.session.summary import Sentence
from views.jobs import JobRunner
from views.start.audit_work import AUDIT, MAP, READ, AuditWork
from views.start.compare_page import ComparePage
from views.start.concern_page import ConcernPage
from views.start.data_page import DataPage
from views.start.page import Page
from views.start.plan import AuditPlan, first_entry, sample_story
from views.start.reading_page import ReadingPage
from views.start.recent import Recent, add_recent, read_recent
from views.start.roles_page import RolesPage
from views.start.services import MappingChange, ReportLike, Source, StartServices
from views.start.start_page import StartPage
from views.start.summary_page import SummaryPage
from views.start.summary_words import fill_summary, follow_jobs

FILES = "Parquet (*.parquet *.pq);;All files (*)"


class StartFlow(QStackedWidget):
    """The pages, and what leads from one to the next."""

    workspace_wanted = Signal()
    dataset_read = Signal()
    failed = Signal(object)
    """An error that has no place on a page."""

    def __init__(
        self, session: AuditSession, runner: JobRunner, services: StartServices, settings: QSettings,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._session, self._runner, self._services, self._settings = session, runner, services, settings
        self.work = AuditWork(session, runner, services, self)
        self.plan = AuditPlan()
        self._goal = "summary"
        self._returns_to: QWidget | None = None
        told = sample_story()
        self.start = StartPage("" if told is None else told.note)
        self.compare = ComparePage()
        self.reading = ReadingPage(services.shapes, services.mapping_text)
        self.roles = RolesPage()
        self.summary = SummaryPage()
        self.data = DataPage()
        for page in (self.start, self.compare, self.reading, self.roles, self.summary, self.data):
            self.addWidget(page)
        self._connect()
        self.start.set_sample_present(told is not None)
        self.show_start()

    def _connect(self) -> None:
        self.start.audit_wanted.connect(self.choose_files)
        self.start.compare_wanted.connect(self.show_compare)
        self.start.sample_wanted.connect(self._on_sample_wanted)
        self.start.recent_chosen.connect(self._on_recent_chosen)
        self.compare.back_wanted.connect(self.show_start)
        self.compare.sources_chosen.connect(self.open_sources)
        self.reading.back_wanted.connect(self.show_start)
        self.reading.preview_wanted.connect(self.work.preview)
        self.reading.mapping_changed.connect(self._on_mapping_changed)
        self.reading.read_wanted.connect(self._read)
        self.reading.failed.connect(self.failed)
        self.roles.back_wanted.connect(self.show_start)
        self.roles.key_wanted.connect(self._on_key_wanted)
        self.roles.concern_wanted.connect(self.show_concern)
        self.roles.summary_wanted.connect(self._on_roles_chosen)
        self.summary.back_wanted.connect(self._on_summary_left)
        self.summary.opened.connect(self._on_sentence_opened)
        self.summary.first_wanted.connect(self._on_first_wanted)
        self.summary.cancel_wanted.connect(self._runner.cancel_all)
        self.summary.retry_wanted.connect(self._on_retry_wanted)
        self.data.back_wanted.connect(self._on_data_left)
        self.work.previewed.connect(self.reading.show_preview)
        self.work.read_done.connect(self._on_read)
        self.work.audited.connect(self._on_audited)
        self.work.failed.connect(self._on_failed)
        self.work.cancelled.connect(self._on_cancelled)
        self._runner.changed.connect(self._on_jobs_changed)

    @cached_property
    def concern(self) -> ConcernPage:
        """Made when it is first wanted: the filter lists are parsed for it."""
        page = ConcernPage(filter_presets())
        page.back_wanted.connect(self.show_roles)
        page.summary_wanted.connect(self._on_concern_chosen)
        self.addWidget(page)
        return page

    # -- ways in ---------------------------------------------------------------------------------------------

    def show_start(self) -> None:
        """The first page, with what was open lately."""
        self.start.show_recent(read_recent(self._settings))
        self._turn_to(self.start)

    def show_compare(self) -> None:
        self._turn_to(self.compare)

    def choose_files(self) -> None:
        """Ask for the files of one dataset."""
        names, _ = QFileDialog.getOpenFileNames(self, "Trajectories of one dataset", "", FILES)
        if names:
            self.open_sources((Source(tuple(names)),))

    def open_sample(self, view_id: str | None = None) -> None:
        """A view of the embedded sample, straight to its summary."""
        told = sample_story()
        if told is not None:
            view = told.view(view_id)
            self._read((Source(view.paths),), "summary", view.roles, view)

    def read_at_once(self, sources: Sequence[Source]) -> None:
        """Sources that need no look at how they are read, straight to their summary."""
        self._read(sources, "summary")

    def open_paths(self, paths: Sequence[str]) -> None:
        """What was dropped or named on the command line: one is audited, several are compared."""
        if len(paths) == 1:
            self.open_sources((Source((str(Path(paths[0]).absolute() if "*" not in paths[0] else paths[0]),)),))
        elif paths:
            self.compare.show_sources([Source((str(Path(path).absolute()),)) for path in paths[: len(Role)]])
            self._turn_to(self.compare)

    def open_sources(self, sources: Sequence[Source]) -> None:
        """Show how sources would be read."""
        self._turn_to(self.reading)
        self.reading.show_sources(sources)

    def go_on(self) -> None:
        """Press the primary button of the page on show."""
        page = self.currentWidget()
        if isinstance(page, Page) and page.primary is not None and page.primary.isEnabled():
            page.primary.click()

    # -- pages -----------------------------------------------------------------------------------------------

    def show_roles(self) -> None:
        """Roles and pairing of the open dataset."""
        dataset, report = self._session.dataset, self.plan.report
        if dataset is None or report is None:
            self.show_start()
            return
        self.roles.show_dataset(dataset, self.plan.roles, report.candidate_keys, report.task_columns)
        self._turn_to(self.roles)

    def show_concern(self) -> None:
        """What concerns you, with the counts of the last audit."""
        if self.currentWidget() is self.roles:
            self.plan.roles = self.roles.roles()
        made = self._session.settings
        if made is not None:
            self.concern.show_choice(made.concern, made.token_filter)
        result = self._session.result
        if result is not None:
            self.concern.show_counts(kind_counts(result), result.summary)
        self._turn_to(self.concern)

    def show_data(self) -> None:
        """The data report of the open dataset."""
        if self._session.dataset is not None:
            self._returns_to = self.currentWidget() if self.isVisible() else None
            self.data.show_report(self._session.load_report, self._session.dataset)
            self._turn_to(self.data)

    def show_summary(self) -> None:
        """The summary, audited anew if the settings are others than those of the result on show."""
        self._turn_to(self.summary)
        settings = self._make_settings()
        if settings is None:
            return
        if self._session.result is not None and self._session.settings == settings:
            fill_summary(self.summary, self._session, self.plan)
            return
        self._goal = "summary"
        if not (self._runner.is_running(AUDIT) and self.work.settings == settings):
            self.work.audit(settings)
        self._on_jobs_changed()

    def change_concern(self, concern: str) -> None:
        """Audit again with other effects of concern."""
        self.plan.concern = concern
        self._audit_again()

    def change_filter(self, token_filter: FilterSpec) -> None:
        """Audit again with another filter."""
        self.plan.token_filter = token_filter
        self._audit_again()

    def _audit_again(self) -> None:
        settings = self._make_settings()
        if settings is not None:
            self._goal = "workspace"
            self.work.audit(settings)

    # -- work ------------------------------------------------------------------------------------------------

    def _read(
        self, sources: Sequence[Source], goal: str, roles: Mapping[str, Role] | None = None,
        view: StoryView | None = None,
    ) -> None:  # fmt: skip
        self.plan.begin(sources, roles, view)
        self._goal = goal
        title = self.plan.title
        self._turn_to(self.summary)
        self.summary.heading.setText(title)
        self.summary.purpose.setText(" | ".join(path for source in sources for path in source.paths))
        self.summary.show_working("Reading …", 0, 0)
        try:
            self.work.read(sources, title)
        except StorageError as error:
            self.summary.show_trouble(error)

    def _on_read(self, report: ReportLike) -> None:
        self.plan.take(report)
        if self.plan.story is None:
            add_recent(self._settings, Recent(self._session.title, self.plan.sources))
        self.dataset_read.emit()
        settings = self._make_settings()
        if self._goal == "roles":
            self.show_roles()
        if settings is not None:
            self.work.audit(settings)

    def _make_settings(self) -> AuditSettings | None:
        try:
            return self.plan.settings()
        except UserError as error:
            self.failed.emit(error)
            return None

    def _on_audited(self) -> None:
        result = self._session.result
        page = self.currentWidget()
        if result is not None and isinstance(page, ConcernPage):
            page.show_counts(kind_counts(result), result.summary)
        if self.currentWidget() is self.summary:
            fill_summary(self.summary, self._session, self.plan)

    def _on_failed(self, slot: str, error: BaseException) -> None:
        if slot == READ and self.currentWidget() is self.reading:
            self.reading.show_problem(error)
        elif slot in (READ, AUDIT) and self.currentWidget() is self.summary:
            self.summary.show_trouble(error)
        else:
            self.failed.emit(error)
            return
        if not isinstance(error, UserError):
            self.failed.emit(error)

    def _on_cancelled(self, slot: str) -> None:
        if slot != MAP and self.currentWidget() is self.summary:
            self.summary.show_stopped()

    def _on_jobs_changed(self) -> None:
        if self.currentWidget() is self.summary:
            follow_jobs(self.summary, self._runner)

    # -- handlers --------------------------------------------------------------------------------------------

    def _turn_to(self, page: QWidget) -> None:
        self.setCurrentWidget(page)
        if isinstance(page, Page):
            page.take_focus()

    def _on_sample_wanted(self) -> None:
        self.open_sample()

    def _on_recent_chosen(self, recent: Recent) -> None:
        self._read(recent.sources, "summary")

    def _on_mapping_changed(self, index: int, change: MappingChange) -> None:
        mapping = self._services.change_mapping(self.reading.mapping_of(index), change)
        self.reading.set_mapping(index, mapping)

    def _on_key_wanted(self, columns: tuple[str, ...]) -> None:
        given = self.roles.roles()
        changed = [replace(source, task=columns) for source in self.plan.sources]
        self._read(changed, "roles", given, self.plan.story)

    def _on_roles_chosen(self) -> None:
        self.plan.roles = self.roles.roles()
        self.show_summary()

    def _on_concern_chosen(self) -> None:
        self.plan.concern, self.plan.token_filter = self.concern.concern(), self.concern.token_filter()
        self.show_summary()

    def _on_summary_left(self) -> None:
        if self._session.dataset is None:
            self.work.stop()
        self.show_roles()

    def _on_retry_wanted(self) -> None:
        if self.plan.report is None:
            self._read(self.plan.sources, self._goal, self.plan.given_roles, self.plan.story)
        else:
            self.show_summary()

    def _on_data_left(self) -> None:
        if self._returns_to is None:
            self.workspace_wanted.emit()
        else:
            self._turn_to(self._returns_to)

    def _on_sentence_opened(self, sentence: Sentence) -> None:
        if sentence.opens == "pairing":
            self.show_roles()
        elif sentence.opens == "filter":
            self.show_concern()
        elif sentence.opens == "data":
            self.show_data()
        else:
            self._session.filters.clear()
            for facet, value in sentence.facets.items():
                self._session.filters.choose(facet, (value,))
            self._go_to_first()

    def _on_first_wanted(self) -> None:
        self._session.filters.clear()
        self._go_to_first()

    def _go_to_first(self) -> None:
        self.workspace_wanted.emit()
        first = first_entry(self._session, of_students=self.plan.story is not None)
        if first is not None:
            self._session.select_entry(first, origin="start")
