"""The lanes as a row of small tabs with their counts: one click shows one lane, another all again."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from explorer.model.divergence import LANES
from explorer.session.audit_session import AuditSession
from views.shared import painters, theme
from views.shared.plain_text import set_tooltip
from views.shared.widgets import follow_theme

_SHORT = {"student_only": "student", "teacher_only": "teacher", "both": "both", "cannot_tell": "?"}


class _LaneTab(QToolButton):
    """One lane: its edge, its name and how many entries it has."""

    def __init__(self, lane: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.lane = lane
        self.count = 0
        self.setCheckable(True)
        self.setAutoRaise(True)
        self.setProperty("quiet", True)
        self.setFont(theme.small_font())
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        follow_theme(self)

    def set_count(self, count: int) -> None:
        self.count = count
        name = painters.LANE_WORDS.get(self.lane, "all")
        self.setAccessibleName(f"{name}: {count} entries")
        set_tooltip(self, f"Show {f'the lane “{name}”' if self.lane else 'all lanes'}: {count} entries")
        self.updateGeometry()
        self.update()

    def words(self, long: bool) -> str:
        names = painters.LANE_WORDS if long else _SHORT
        return f"{names.get(self.lane, 'all')} {self.count}"

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
            painters.lane_edge(painter, QRect(6, 6, 4, self.height() - 13), self.lane, now)
            left = 15
        colour = now.text if self.isChecked() else now.secondary
        area = self.rect().adjusted(left, 0, -2, -2)
        long = self.width() >= self.width_for(True)
        painters.text(painter, area, self.words(long), colour, self.font())
        if self.hasFocus():
            painters.focus_frame(painter, self.rect(), now)
        painter.end()


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
        chosen = {name for name, value in values.items() if value.chosen}
        for tab in self.tabs:
            value = values.get(tab.lane)
            tab.set_count(sum(v.n for v in values.values()) if not tab.lane else value.n if value is not None else 0)
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
