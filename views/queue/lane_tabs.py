"""The lanes as a row of small tabs with their counts: one click shows one lane, another all again."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from explorer.model.divergence import LANES
from explorer.session.audit_session import AuditSession
from explorer.session.sides import lane_words, listed
from views.shared import painters, theme
from views.shared.plain_text import set_tooltip
from views.shared.widgets import follow_theme

_OTHERS = "others"
"""What a lane of several roles is called where there is no room for all of them."""


class _LaneTab(QToolButton):
    """One lane: its edge, its name and how many entries it has."""

    def __init__(self, lane: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.lane = lane
        self.count = 0
        self._short, self._long, self._full = "all", "all", "all lanes"
        self._sides: tuple[str, ...] = ("teacher", "student")
        self.setCheckable(True)
        self.setAutoRaise(True)
        self.setProperty("quiet", True)
        self.setFont(theme.small_font())
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        follow_theme(self)

    def set_sides(self, first: str, seconds: tuple[str, ...]) -> None:
        """Name the lane by the roles on the two sides: of several second ones none may stand for the others."""
        self._sides = (first, *seconds)
        second = seconds[0] if len(seconds) == 1 else _OTHERS
        shorts = {"student_only": second, "teacher_only": first, "both": "both", "cannot_tell": "?"}
        self._short = shorts.get(self.lane, "all")
        self._long = lane_words(self.lane, first, second) or "all"
        self._full = f"the lane “{lane_words(self.lane, first, listed(seconds))}”" if self.lane else "all lanes"

    def set_count(self, count: int, acts: int) -> None:
        """How many entries the lane has, and how many different acts and attempts they are."""
        self.count = count
        different = f", {acts} different acts: each stands once for every group that lacks it" if acts < count else ""
        self.setAccessibleName(f"{self._long}: {count} entries{different}")
        set_tooltip(self, f"Show {self._full}: {count} entries{different}")
        self.updateGeometry()
        self.update()

    def words(self, long: bool) -> str:
        return f"{self._long if long else self._short} {self.count}"

    def width_for(self, long: bool) -> int:
        return self.fontMetrics().horizontalAdvance(self.words(long)) + (26 if self.lane else 18)

    def sizeHint(self) -> QSize:
        return QSize(self.width_for(False), 26)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        if self.isChecked():
            painter.fillRect(self.rect().adjusted(0, 0, 0, -3), now.selection)
            painter.fillRect(QRect(0, self.height() - 2, self.width(), 2), now.accent)
        elif self.underMouse():
            painter.fillRect(self.rect().adjusted(0, 0, 0, -3), now.hover)
        left = 8
        if self.lane:
            self._paint_edge(painter, QRect(6, 6, 4, self.height() - 13), now)
            left = 15
        colour = now.text if self.isChecked() else now.secondary
        area = self.rect().adjusted(left, 0, -2, -2)
        long = self.width() >= self.width_for(True)
        painters.text(painter, area, self.words(long), colour, self.font())
        if self.hasFocus():
            painters.focus_frame(painter, self.rect(), now)
        painter.end()

    def _paint_edge(self, painter: QPainter, edge: QRect, now: theme.Theme) -> None:
        """The lane's colour; those of all second roles, one under the other, where there are several."""
        first, *seconds = self._sides
        if self.lane != "student_only" or len(seconds) < 2:
            painters.lane_edge(painter, edge, self.lane, now, sides=(first, seconds[0]))
            return
        top = edge.top()
        for number, role in enumerate(seconds, 1):
            bottom = edge.top() + edge.height() * number // len(seconds)
            painter.fillRect(QRect(edge.left(), top, edge.width(), bottom - top), now.role(role))
            top = bottom


class LaneTabs(QWidget):
    """All lanes of the queue; follows and sets the session's filter."""

    def __init__(self, session: AuditSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(2)
        self.tabs: list[_LaneTab] = []
        for lane in ("", *(lane.value for lane in LANES)):
            tab = _LaneTab(lane, self)
            tab.clicked.connect(partial(self._on_clicked, lane))
            row.addWidget(tab)
            self.tabs.append(tab)
        row.addStretch(1)

    def refresh(self) -> None:
        """Read counts and choice from the filters."""
        values = {value.name: value for value in self._session.filters.values("lane")}
        entries, acts = self._session.entries, self._session.filters.acts("lane")
        chosen = {name for name, value in values.items() if value.chosen}
        for tab in self.tabs:
            value = values.get(tab.lane)
            if entries is not None:
                tab.set_sides(*entries.roles_of_sides)
            n = sum(v.n for v in values.values()) if not tab.lane else value.n if value is not None else 0
            tab.set_count(n, acts.get(tab.lane, n))
            tab.setChecked(tab.lane in chosen if tab.lane else not chosen)
        self.setVisible(bool(values))
        self._share()

    def _share(self) -> None:
        room = self.width() - 16 - 2 * len(self.tabs)
        long = sum(tab.width_for(True) for tab in self.tabs) <= room
        for tab in self.tabs:
            tab.setFixedWidth(tab.width_for(long))
        layout = self.layout()
        if layout is not None:
            layout.activate()

    def _on_clicked(self, lane: str, checked: bool = False) -> None:
        held = self._session.filters.chosen.get("lane", frozenset())
        self._session.filters.choose("lane", () if not lane or held == {lane} else (lane,))
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 28)
