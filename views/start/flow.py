"""Leads from files to the summary: which page comes when, and which work is started for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QSettings, Signal
from PySide6.QtWidgets import QWidget

from explorer.errors import StorageError, UserError
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings
from explorer.model.token_filter import FilterSpec
from explorer.session.audit_session import AuditSession
from explorer.session.effect_counts import kind_counts
from explorer.session.sample import StoryView
from views.jobs import JobRunner
from views.start.answers import Answers
from views.start.audit_work import AUDIT, AuditWork
from views.start.named import ask_for_files, sources_of
from views.start.outcomes import Outcomes
from views.start.pages import StartPages
from views.start.pairing import nothing_common
from views.start.plan import AuditPlan, sample_story
from views.start.recent import Recent, add_recent, read_recent
from views.start.second_reading import SecondReading
from views.start.services import ReportLike, Source, StartServices
from views.start.summary_words import fill_summary


class StartFlow(StartPages):
    """Leads from one page to the next."""

    dataset_read = Signal()

    def __init__(
        self, session: AuditSession, runner: JobRunner, services: StartServices, settings: QSettings,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(services, parent)
        self.session, self.runner, self.services, self._settings = session, runner, services, settings
        self.work = AuditWork(session, runner, services, self)
        self.plan = AuditPlan()
        self.goal = "summary"
        self.returns_to: QWidget | None = None
        self._again = SecondReading(self.work, self.plan, services)
        self._connect()
        self._answers = Answers(self, session, self.plan, services, self)
        self._outcomes = Outcomes(self, self.work, self.plan, self._again, self.show_summary)
        self.show_start()

    def _connect(self) -> None:
        self.start.audit_wanted.connect(self.choose_files)
        self.start.compare_wanted.connect(self.show_compare)
        self.start.sample_wanted.connect(self.open_sample)
        self.compare.back_wanted.connect(self.show_start)
        self.compare.sources_chosen.connect(self.open_sources)
        self.data.unpaired_wanted.connect(self.unpaired_wanted)
        self.roles.unpaired_wanted.connect(self.unpaired_wanted)
        self.reading.back_wanted.connect(self.show_start)
        self.reading.preview_wanted.connect(self.work.preview)
        self.reading.read_wanted.connect(self.read)
        self.reading.failed.connect(self.failed)
        self.roles.back_wanted.connect(self.show_start)
        self.roles.concern_wanted.connect(self.show_concern)
        self.summary.cancel_wanted.connect(self.runner.cancel_all)
        self.summary.retry_wanted.connect(self._on_retry_wanted)
        self.data.back_wanted.connect(self._on_data_left)
        self.work.previewed.connect(self.reading.show_preview)
        self.work.read_done.connect(self._on_read)

    # -- ways in ---------------------------------------------------------------------------------------------

    def show_start(self) -> None:
        """The first page, with what was open lately."""
        self.start.show_recent(read_recent(self._settings))
        self.turn_to(self.start)

    def show_compare(self) -> None:
        self.turn_to(self.compare)

    def choose_files(self) -> None:
        """Ask for the files of one dataset."""
        names = ask_for_files(self, "Trajectories of one dataset")
        if names:
            self.open_sources((Source(names),))

    def open_sample(self, view_id: str | None = None) -> None:
        """A view of the embedded sample, straight to its summary."""
        told = sample_story()
        if told is not None:
            view = told.view(view_id)
            self.read((Source(view.paths),), "summary", view.roles, view)

    def read_at_once(self, sources: Sequence[Source]) -> None:
        """Sources that need no look at how they are read, straight to their summary."""
        self.read(sources, "summary")

    def open_recent(self, recent: Recent) -> None:
        """What was opened before, read as it was then."""
        try:
            mappings = [self.services.mapping_of(text) if text else None for text in recent.mappings]
        except UserError as error:
            self.failed.emit(error)
            mappings = []
        mappings += [None] * (len(recent.sources) - len(mappings))
        pairs = zip(recent.sources, mappings, strict=True)
        self.read([replace(source, mapping=mapping) for source, mapping in pairs], "summary")

    def open_paths(self, paths: Sequence[str]) -> None:
        """What was dropped or named on the command line: one is audited, several are compared."""
        sources = sources_of(paths)
        if len(sources) == 1:
            self.open_sources(sources)
        elif sources:
            self.compare.show_sources(sources)
            self.turn_to(self.compare)

    def open_sources(self, sources: Sequence[Source]) -> None:
        """Show how sources would be read."""
        self.turn_to(self.reading)
        self.reading.show_sources(sources)

    # -- pages -----------------------------------------------------------------------------------------------

    def show_roles(self) -> None:
        """Roles and pairing of the open dataset."""
        dataset, report = self.session.dataset, self.plan.report
        if dataset is None or report is None:
            self.show_start()
            return
        self.roles.show_dataset(dataset, self.plan.roles, report.candidate_keys, report.task_columns)
        self.turn_to(self.roles)

    def show_concern(self) -> None:
        """What concerns you, with the counts of the last audit."""
        if self.currentWidget() is self.roles:
            self.plan.roles = self.roles.roles()
        made = self.session.settings
        if made is not None:
            self.concern.show_choice(made.concern, made.token_filter)
        result = self.session.result
        if result is not None:
            self.concern.show_counts(kind_counts(result), result.summary)
        self.turn_to(self.concern)

    def show_data(self) -> None:
        """The data report of the open dataset."""
        if self.session.dataset is not None:
            self.returns_to = self.currentWidget() if self.isVisible() else None
            result = self.session.result
            self.data.show_report(
                self.session.load_report, self.session.dataset, None if result is None else result.summary
            )
            self.turn_to(self.data)

    def show_summary(self) -> None:
        """The summary, audited anew if the settings are others than those of the result on show."""
        self.turn_to(self.summary)
        settings = self._make_settings()
        if settings is None:
            return
        if self.session.result is not None and self.session.settings == settings:
            fill_summary(self.summary, self.session, self.plan)
            return
        self.goal = "summary"
        if not (self.runner.is_running(AUDIT) and self.work.settings == settings):
            self.work.audit(settings)
        self._outcomes.show_progress()

    def change_concern(self, concern: str) -> None:
        """Audit again with other effects of concern."""
        self.plan.concern = concern
        self.audit_again()

    def change_filter(self, token_filter: FilterSpec) -> None:
        """Audit again with another filter."""
        self.plan.token_filter = token_filter
        self.audit_again()

    def audit_again(self) -> None:
        """Audit the open dataset with the choices as they are now."""
        settings = self._make_settings()
        if settings is not None:
            self.goal = "workspace"
            self.work.audit(settings)

    def leave_summary(self) -> None:
        """Back to the roles; reading that is not done is stopped."""
        if self.session.dataset is None:
            self.work.stop()
        self.show_roles()

    def _on_data_left(self) -> None:
        if self.returns_to is None:
            self.workspace_wanted.emit()
        else:
            self.turn_to(self.returns_to)

    # -- work ------------------------------------------------------------------------------------------------

    def read(
        self, sources: Sequence[Source], goal: str, roles: Mapping[str, Role] | None = None,
        view: StoryView | None = None,
    ) -> None:  # fmt: skip
        """Read sources and audit them; ``goal`` is the page to stop at ("roles" or "summary")."""
        self._again.forget()
        self.plan.begin(sources, roles, view)
        self.goal = goal
        self._start_reading(sources, self.plan.title)

    def _start_reading(self, sources: Sequence[Source], title: str) -> None:
        self.turn_to(self.summary)
        self.summary.heading.setText(title)
        self.summary.purpose.setText(" | ".join(path for source in sources for path in source.paths))
        self.summary.show_working("Reading …", 0, 0)
        try:
            self.work.read(sources, title)
        except StorageError as error:
            self.summary.show_trouble(error)

    def rename_tasks(self, aliases: Mapping[str, str]) -> None:
        """Read the open sources again with tasks named anew, and audit with the choices as they are. Until they are
        read the dataset and its audit stay as they are; what is cancelled or cannot be read leaves them so."""
        sources = self._again.begin(aliases)
        if sources:
            self.goal = "summary"
            self._start_reading(sources, self.session.title)

    def mapping_text(self, aliases: Mapping[str, str]) -> str:
        """The mapping in force with these task aliases in place of its own, as TOML for all sources."""
        made = [self.services.rename_tasks(source.mapping, aliases) for source in self.plan.sources]
        return self.services.shared_text(made, () if self.plan.report is None else self.plan.report.task_columns)

    def _on_retry_wanted(self) -> None:
        if self.plan.report is None:
            self.read(self.plan.sources, self.goal, self.plan.given_roles, self.plan.story)
        else:
            self.show_summary()

    def _on_read(self, report: ReportLike) -> None:
        self._again.take()
        self.plan.take(report)
        if self.plan.story is None:
            write = self.services.mapping_text
            texts = tuple("" if one.mapping is None else write(one.mapping) for one in self.plan.sources)
            add_recent(self._settings, Recent(self.session.title, self.plan.sources, texts))
        self.dataset_read.emit()
        settings = self._make_settings()
        apart = nothing_common(self.session, self.plan.roles)
        if apart is not None:
            self.failed.emit(apart)
        if self.goal == "roles" or apart is not None:
            self.show_roles()
        if settings is not None:
            self.work.audit(settings)

    def _make_settings(self) -> AuditSettings | None:
        try:
            return self.plan.settings()
        except UserError as error:
            # Nothing is going to be audited: who waits on the summary's page is told there, too.
            self.summary.show_trouble(error)
            self.failed.emit(error)
            return None
