"""The left panel: groups with their roles, facets with counts, rates with intervals."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from explorer.session.audit_session import AuditSession
from explorer.session.commands import Command, CommandTable
from explorer.session.filters import ESCAPES, PASSES
from views.facets.facet_list import LINE_HEIGHT, Colours, FacetList
from views.shared import theme
from views.shared.painters import words
from views.shared.plain_text import PlainLabel
from views.shared.rates import RatesList, read_rates
from views.shared.widgets import EmptyState, RoleMark, Secondary, SectionTitle, clear_layout, rule

_TITLES = {
    "lane": "Lane", "token filter": "Token filter", "effect": "Effect", "outcome": "Outcome", "group": "Group",
    "against": "Held against", "verdict": "Verdict", "target from": "Target comes from", "alignment": "Alignment",
    "task": "Task",
}  # fmt: skip
_VERDICT_TOKENS = {"harmful": 4, "concerning": 3, "requested": 1, "false_alarm": 1, "cannot_tell": 0}


def _colour_of(facet: str) -> Colours:
    def passing(name: str, now: theme.Theme) -> QColor:
        return now.passes if name in (PASSES, ESCAPES) else now.faint

    def outcome(name: str, now: theme.Theme) -> QColor:
        return now.succeeded if name == "succeeded" else now.faint

    def verdict(name: str, now: theme.Theme) -> QColor:
        return now.severity[_VERDICT_TOKENS[name]] if name in _VERDICT_TOKENS else now.faint

    def plain(name: str, now: theme.Theme) -> QColor:
        return now.severity[3] if facet == "effect" else now.faint

    return {"token filter": passing, "outcome": outcome, "verdict": verdict}.get(facet, plain)


class _Scroll(QScrollArea):
    """Leaves it to the lists to say what is to be seen: Qt would bring a list on screen with 50 pixels around it and
    so stop amid a title, the first one often."""

    def focusNextPrevChild(self, forward: bool) -> bool:
        bar = self.verticalScrollBar()
        before = bar.value()
        moved = super().focusNextPrevChild(forward)
        bar.setValue(before)
        reached = self.focusWidget()
        if moved and isinstance(reached, FacetList):
            reached.tell_reached()
        return moved


class FacetsView(QWidget):
    """Who takes part, what is shown, how often it happens."""

    def __init__(self, session: AuditSession, commands: CommandTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._title = SectionTitle("GROUPS & FILTERS")
        self._reset = QPushButton("show all")
        self._reset.setProperty("quiet", True)
        self._reset.clicked.connect(self._on_reset_clicked)
        self._groups = QVBoxLayout()
        self._rates = QVBoxLayout()
        self.lists = {
            facet: FacetList(facet, self._lane_colour if facet == "lane" else _colour_of(facet))
            for facet in session.filters.facets
        }
        self._headers: dict[str, PlainLabel] = {}
        self._empty = EmptyState("Nothing to filter yet", "Groups, filters and rates appear with the first audit.")
        self._body = QWidget()
        self._lay_out()
        session.dataset_opened.connect(self.refresh)
        session.result_accepted.connect(self.refresh)
        session.closed.connect(self.refresh)
        session.filters.changed.connect(self.refresh_counts)
        commands.add(
            Command("filters.clear", "Show all entries", self._on_reset_clicked, "Shift+Esc", "View", "filter reset",
                    self._is_filtered)
        )  # fmt: skip
        self.refresh()

    def refresh(self) -> None:
        """Read groups, facets and rates anew."""
        self._show_groups()
        self._show_rates()
        self.refresh_counts()

    def refresh_counts(self) -> None:
        """Counts only: something was filtered or judged."""
        session = self._session
        ready = session.entries is not None
        self._empty.setVisible(not ready and session.dataset is None)
        self._body.setVisible(ready or session.dataset is not None)
        total = len(session.entries) if session.entries is not None else 0
        shown = len(session.filters.visible())
        self._title.setText(f"SHOWING {shown:,} OF {total:,} ENTRIES" if ready else "GROUPS & FILTERS")
        self._reset.setVisible(self._is_filtered())
        for facet, view in self.lists.items():
            values = session.filters.values(facet)
            useful = len(values) > 1 or any(value.chosen for value in values)
            view.set_values(
                values, session.entries.lane_names if facet == "lane" and session.entries is not None else None
            )
            view.setVisible(useful)
            self._headers[facet].setVisible(useful)

    def _lane_colour(self, name: str, now: theme.Theme) -> QColor:
        """The colour of the role that a lane stands for; of several second roles the student's, which comes first."""
        entries = self._session.entries
        first, seconds = ("teacher", ("student",)) if entries is None else entries.roles_of_sides
        return now.role({"student_only": seconds[0], "teacher_only": first}.get(name))

    def _is_filtered(self) -> bool:
        return self._session.filters.active

    def _lay_out(self) -> None:
        inner = QVBoxLayout(self._body)
        inner.setContentsMargins(0, 0, 0, 12)
        inner.setSpacing(0)
        inner.addWidget(self._header("Groups"))
        inner.addLayout(self._groups)
        for facet, view in self.lists.items():
            header = self._header(_TITLES[facet])
            self._headers[facet] = header
            inner.addWidget(header)
            inner.addWidget(view)
            view.toggled.connect(partial(self._on_toggled, facet))
            view.reached.connect(partial(self._on_reached, facet))
        inner.addSpacing(8)
        inner.addLayout(self._rates)
        inner.addStretch(1)
        self._scroll = scroll = _Scroll()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._body)
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 8, 4)
        head.addWidget(self._title, 1)
        head.addWidget(self._reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._empty)
        column.addWidget(scroll, 1)
        self.setProperty("panel", True)

    @staticmethod
    def _header(text: str) -> PlainLabel:
        label = PlainLabel(text, wrap=True)
        label.setFont(theme.font(bold=True))
        label.setContentsMargins(12, 12, 8, 4)
        return label

    def _show_groups(self) -> None:
        clear_layout(self._groups)
        dataset, settings = self._session.dataset, self._session.settings
        if dataset is None:
            return
        for code, name in enumerate(dataset.group.names):
            role = settings.role_of(name) if settings is not None else None
            if settings is not None and role is None:
                continue
            mine = dataset.group.codes == code
            dead = int((mine & dataset.dead).sum())
            line = QHBoxLayout()
            line.setContentsMargins(12, 2, 10, 2)
            line.setSpacing(6)
            line.addWidget(RoleMark(role.value if role is not None else None))
            line.addWidget(PlainLabel(name, elide=True), 1)
            said = (role.value + " · " if role is not None else "") + f"{int(mine.sum()):,}"
            line.addWidget(Secondary(said + (f" ({dead} dead)" if dead else ""), wrap=False))
            holder = QWidget()
            holder.setLayout(line)
            self._groups.addWidget(holder)

    def _show_rates(self) -> None:
        clear_layout(self._rates)
        result, settings = self._session.result, self._session.settings
        if result is None or settings is None:
            return
        rates = read_rates(result.frame("rates"))
        titles = {behaviour.id: behaviour.title for behaviour in settings.behaviours}
        said = {c["behaviour"]: c for c in result.summary.get("comparisons", ())}
        if rates:
            self._rates.addWidget(rule())
        for behaviour in dict.fromkeys(rate.behaviour for rate in rates):
            mine = tuple(rate for rate in rates if rate.behaviour == behaviour)
            self._rates.addWidget(self._header(titles.get(behaviour, words(behaviour))))
            self._rates.addWidget(RatesList(mine))
            if behaviour in said:
                line = Secondary(said[behaviour]["sentence"])
                line.setContentsMargins(12, 2, 10, 4)
                self._rates.addWidget(line)

    def _on_toggled(self, facet: str, value: str) -> None:
        self._session.filters.toggle(facet, value)

    def _on_reached(self, facet: str, top: int, bottom: int) -> None:
        """Scroll as far as it takes to show a list with its title, or a line of a list that is too long for that."""
        view, bar, room = self.lists[facet], self._scroll.verticalScrollBar(), self._scroll.viewport().height()
        first, last = self._headers[facet].y(), view.y() + view.height()
        if last - first > room:
            first, last = first if top == 0 else view.y() + top, view.y() + bottom
        if first < bar.value():
            bar.setValue(first)
        elif last > bar.value() + room:
            # To the next whole line: half a title at the upper edge reads as a fault.
            bar.setValue(min((y for y in self._line_tops() if y >= last - room), default=last - room))
            if bar.value() > first:
                bar.setValue(first)

    def _line_tops(self) -> list[int]:
        tops = [part.y() for part in self._body.children() if isinstance(part, QWidget) and part.isVisible()]
        lists = [view for view in self.lists.values() if view.isVisible()]
        return tops + [y for view in lists for y in range(view.y(), view.y() + view.height(), LINE_HEIGHT)]

    def _on_reset_clicked(self) -> None:
        self._session.filters.clear()
        self._session.selection.brush((), origin="facets")
