"""What a page's buttons lead to: every answer of the auditor, and the page or work that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QObject

from explorer.model.schema import Role
from explorer.session.audit_session import AuditSession
from explorer.session.sample import StoryView
from explorer.session.summary import Sentence
from views.start.concern_page import ConcernPage
from views.start.pages import StartPages
from views.start.plan import AuditPlan, first_entry
from views.start.recent import Recent
from views.start.services import MappingChange, Source, StartServices


class Ways(Protocol):
    """Where an answer can lead to."""

    def open_recent(self, recent: Recent) -> None: ...

    def read(
        self, sources: Sequence[Source], goal: str, roles: Mapping[str, Role] | None = None,
        view: StoryView | None = None,
    ) -> None: ...  # fmt: skip

    def show_roles(self) -> None: ...

    def show_concern(self) -> None: ...

    def show_data(self) -> None: ...

    def show_summary(self) -> None: ...

    def leave_summary(self) -> None: ...


class Answers(QObject):
    """Listens to the pages, writes choices into the plan and takes the way that follows."""

    def __init__(
        self, pages: StartPages, session: AuditSession, plan: AuditPlan, services: StartServices, ways: Ways
    ) -> None:
        super().__init__(pages)
        self._pages, self._session, self._plan, self._services, self._ways = pages, session, plan, services, ways
        pages.start.recent_chosen.connect(self._on_recent_chosen)
        pages.reading.mapping_changed.connect(self._on_mapping_changed)
        pages.roles.key_wanted.connect(self._on_key_wanted)
        pages.roles.summary_wanted.connect(self._on_roles_chosen)
        pages.summary.back_wanted.connect(self._on_summary_left)
        pages.summary.opened.connect(self._on_sentence_opened)
        pages.summary.first_wanted.connect(self._on_first_wanted)
        pages.concern_made.connect(self._on_concern_made)

    def _on_recent_chosen(self, recent: Recent) -> None:
        self._ways.open_recent(recent)

    def _on_mapping_changed(self, index: int, change: MappingChange) -> None:
        mapping = self._services.change_mapping(self._pages.reading.mapping_of(index), change)
        self._pages.reading.set_mapping(index, mapping)

    def _on_key_wanted(self, columns: tuple[str, ...]) -> None:
        given = self._pages.roles.roles()
        changed = [replace(source, task=columns) for source in self._plan.sources]
        self._ways.read(changed, "roles", given, self._plan.story)

    def _on_roles_chosen(self) -> None:
        self._plan.roles = self._pages.roles.roles()
        self._ways.show_summary()

    def _on_concern_made(self, page: ConcernPage) -> None:
        page.back_wanted.connect(self._on_concern_left)
        page.summary_wanted.connect(self._on_concern_chosen)

    def _on_concern_left(self) -> None:
        self._ways.show_roles()

    def _on_concern_chosen(self) -> None:
        page = self._pages.concern
        self._plan.concern, self._plan.token_filter = page.concern(), page.token_filter()
        self._ways.show_summary()

    def _on_summary_left(self) -> None:
        self._ways.leave_summary()

    def _on_sentence_opened(self, sentence: Sentence) -> None:
        if sentence.opens == "pairing":
            self._ways.show_roles()
        elif sentence.opens == "unpaired":
            self._pages.unpaired_wanted.emit()
        elif sentence.opens == "filter":
            self._ways.show_concern()
        elif sentence.opens == "data":
            self._ways.show_data()
        elif sentence.opens == "statistics":
            self._pages.statistics_wanted.emit()
        else:
            self._session.filters.clear()
            for facet, value in sentence.facets.items():
                self._session.filters.choose(facet, (value,))
            self._go_to_first()

    def _on_first_wanted(self) -> None:
        self._session.filters.clear()
        self._go_to_first()

    def _go_to_first(self) -> None:
        self._pages.workspace_wanted.emit()
        first = first_entry(self._session, of_students=self._plan.story is not None)
        if first is not None:
            self._session.select_entry(first, origin="start")
