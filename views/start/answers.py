"""What a page's buttons lead to: every answer of the auditor, and the page or work that follows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from explorer.session.summary import Sentence
from views.start.plan import first_entry
from views.start.recent import Recent
from views.start.services import MappingChange

if TYPE_CHECKING:
    from views.start.flow import StartFlow


class Answers(QObject):
    """Listens to the pages of a flow."""

    def __init__(self, flow: StartFlow) -> None:
        super().__init__(flow)
        self._flow = flow
        flow.start.recent_chosen.connect(self._on_recent_chosen)
        flow.reading.mapping_changed.connect(self._on_mapping_changed)
        flow.roles.key_wanted.connect(self._on_key_wanted)
        flow.roles.summary_wanted.connect(self._on_roles_chosen)
        flow.summary.back_wanted.connect(self._on_summary_left)
        flow.summary.opened.connect(self._on_sentence_opened)
        flow.summary.first_wanted.connect(self._on_first_wanted)
        flow.summary.retry_wanted.connect(self._on_retry_wanted)
        flow.data.back_wanted.connect(self._on_data_left)

    def _on_recent_chosen(self, recent: Recent) -> None:
        self._flow.open_recent(recent)

    def _on_mapping_changed(self, index: int, change: MappingChange) -> None:
        mapping = self._flow.services.change_mapping(self._flow.reading.mapping_of(index), change)
        self._flow.reading.set_mapping(index, mapping)

    def _on_key_wanted(self, columns: tuple[str, ...]) -> None:
        given = self._flow.roles.roles()
        changed = [replace(source, task=columns) for source in self._flow.plan.sources]
        self._flow.read(changed, "roles", given, self._flow.plan.story)

    def _on_roles_chosen(self) -> None:
        self._flow.plan.roles = self._flow.roles.roles()
        self._flow.show_summary()

    def on_concern_chosen(self) -> None:
        """Audit with what the concern page says (it is made late and connected then)."""
        self._flow.plan.concern, self._flow.plan.token_filter = (
            self._flow.concern.concern(),
            self._flow.concern.token_filter(),
        )
        self._flow.show_summary()

    def _on_summary_left(self) -> None:
        if self._flow.session.dataset is None:
            self._flow.work.stop()
        self._flow.show_roles()

    def _on_retry_wanted(self) -> None:
        if self._flow.plan.report is None:
            self._flow.read(
                self._flow.plan.sources, self._flow.goal, self._flow.plan.given_roles, self._flow.plan.story
            )
        else:
            self._flow.show_summary()

    def _on_data_left(self) -> None:
        if self._flow.returns_to is None:
            self._flow.workspace_wanted.emit()
        else:
            self._flow.turn_to(self._flow.returns_to)

    def _on_sentence_opened(self, sentence: Sentence) -> None:
        if sentence.opens == "pairing":
            self._flow.show_roles()
        elif sentence.opens == "unpaired":
            self._flow.unpaired_wanted.emit()
        elif sentence.opens == "filter":
            self._flow.show_concern()
        elif sentence.opens == "data":
            self._flow.show_data()
        elif sentence.opens == "statistics":
            self._flow.statistics_wanted.emit()
        else:
            self._flow.session.filters.clear()
            for facet, value in sentence.facets.items():
                self._flow.session.filters.choose(facet, (value,))
            self._go_to_first()

    def _on_first_wanted(self) -> None:
        self._flow.session.filters.clear()
        self._go_to_first()

    def _go_to_first(self) -> None:
        self._flow.workspace_wanted.emit()
        first = first_entry(self._flow.session, of_students=self._flow.plan.story is not None)
        if first is not None:
            self._flow.session.select_entry(first, origin="start")
