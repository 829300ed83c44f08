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
        self._names = ("all", "all", "all")
        self._full = "all lanes"
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
        marks = {
            "student_only": "".join(painters.ROLE_GLYPHS.get(role, "") for role in seconds),
            "teacher_only": painters.ROLE_GLYPHS.get(first, ""),
        }
        short = shorts.get(self.lane, "all")
        self._names = (marks.get(self.lane, short), short, lane_words(self.lane, first, second) or "all")
        self._full = f"the lane “{lane_words(self.lane, first, listed(seconds))}”" if self.lane else "all lanes"

    def set_count(self, count: int, acts: int) -> None:
        """How many entries the lane has, and how many different acts and attempts they are."""
        self.count = count
        different = f", {acts} different acts: each stands once for every group that lacks it" if acts < count else ""
        self.setAccessibleName(f"{self._names[-1]}: {count} entries{different}")
        set_tooltip(self, f"Show {self._full}: {count} entries{different}")
        self.updateGeometry()
        self.update()

    def words(self, length: int) -> str:
        """Name and count: 0 with the marks of roles for their names, 1 short, 2 in full."""
        return f"{self._names[length]} {self.count}"

    def width_for(self, length: int) -> int:
        around = (26 if self.lane else 18) - (6 if length == 0 else 0)
        return self.fontMetrics().horizontalAdvance(self.words(length)) + around

    def sizeHint(self) -> QSize:
        return QSize(self.width_for(1), 26)

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
        fitting = next((length for length in (2, 1) if self.width() >= self.width_for(length)), 0)
        painters.text(painter, area, self.words(fitting), colour, self.font())
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
        lengths = (length for length in (2, 1) if sum(tab.width_for(length) for tab in self.tabs) <= room)
        length = next(lengths, 0)
        wanted = [tab.width_for(length) for tab in self.tabs]
        # Where not even the marks fit, all give way alike and their words are elided.
        share = min(1.0, room / max(sum(wanted), 1))
        for tab, width in zip(self.tabs, wanted, strict=True):
            tab.setFixedWidth(int(width * share))
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
