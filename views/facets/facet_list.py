"""One facet: its values with a bar and a count; a click or Space chooses a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.session.filters import FacetValue
from explorer.session.step_line import task_words
from views.shared import painters, theme
from views.shared.painters import words
from views.shared.plain_text import tooltip_text

LINE_HEIGHT = 24
_COUNT_WIDTH = 44
_BAR_SHARE = 0.34
COLLAPSED_ROWS = 6

Colours = Callable[[str, theme.Theme], QColor]
FROM_LOGS = ("group", "against", "task")
"""Facets whose values are names out of the log: shown as they are."""


class FacetList(QWidget):
    """The values of one facet. ``toggled`` emits a value's name."""

    toggled = Signal(str)
    reached = Signal(int, int)
    """The keyboard stands on a line: its top and bottom within the list."""

    def __init__(self, facet: str, colour: Colours, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.facet = facet
        self._colour = colour
        self._values: tuple[FacetValue, ...] = ()
        self._named: Mapping[str, str] = {}
        self._open = False
        self._focused = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(f"Filter by {facet}")
        theme.changed.connect(self.update)

    def set_values(self, values: Sequence[FacetValue], named: Mapping[str, str] | None = None) -> None:
        """Show other values or counts; ``named`` are words for values that have better ones than their names."""
        self._named = named or {}
        grown = len(values) != len(self._values)
        self._values = tuple(values)
        if grown:
            self._focused = 0
            self.updateGeometry()
        self.update()

    @property
    def shown(self) -> tuple[FacetValue, ...]:
        """The lines on screen: all, or the first ones while it is folded (chosen ones always)."""
        if self._open or len(self._values) <= COLLAPSED_ROWS + 1:
            return self._values
        first = self._values[:COLLAPSED_ROWS]
        return (*first, *(v for v in self._values[COLLAPSED_ROWS:] if v.chosen))

    @property
    def _has_more(self) -> bool:
        return len(self._values) > COLLAPSED_ROWS + 1

    def sizeHint(self) -> QSize:
        return QSize(200, LINE_HEIGHT * (len(self.shown) + self._has_more))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        shown = self.shown
        most = max((value.n for value in self._values), default=1) or 1
        any_chosen = any(value.chosen for value in self._values)
        for number, value in enumerate(shown):
            line = QRect(0, number * LINE_HEIGHT, self.width(), LINE_HEIGHT)
            if value.chosen:
                painter.fillRect(line, now.selection)
            bar_width = int(self.width() * _BAR_SHARE)
            name = QRect(line.left() + 12, line.top(), line.width() - bar_width - _COUNT_WIDTH - 24, LINE_HEIGHT)
            dim = any_chosen and not value.chosen
            ink = now.secondary if dim or not value.n else now.text
            mark = "✓ " if value.chosen else ""
            painters.text(painter, name, mark + self._said(value), ink, theme.font())
            bar = QRect(name.right() + 4, line.top(), bar_width, LINE_HEIGHT)
            painters.bar(painter, bar, value.n / most, self._colour(value.name, now), now)
            count = QRect(bar.right() + 4, line.top(), _COUNT_WIDTH - 4, LINE_HEIGHT)
            painters.text(
                painter, count, f"{value.n:,}", now.secondary, theme.font(), align=Qt.AlignmentFlag.AlignRight
            )
            if self.hasFocus() and number == self._focused:
                painters.focus_frame(painter, line.adjusted(2, 1, -2, -1), now)
        if self._has_more:
            line = QRect(12, len(shown) * LINE_HEIGHT, self.width() - 24, LINE_HEIGHT)
            said = "fewer" if self._open else f"{len(self._values) - len(shown)} more …"
            painters.text(painter, line, said, now.accent, theme.small_font())
            if self.hasFocus() and self._focused == len(shown):
                painters.focus_frame(painter, line, now)
        painter.end()

    def _said(self, value: FacetValue) -> str:
        if self.facet in FROM_LOGS:
            return task_words(value.name)
        return self._named.get(value.name, words(value.name))

    def tip_at(self, y: int) -> str:
        """The whole name of the value at a height, which its line may cut, and its count."""
        shown, number = self.shown, y // LINE_HEIGHT
        return f"{self._said(shown[number])}: {shown[number].n:,}" if 0 <= number < len(shown) else ""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), tooltip_text(self.tip_at(event.pos().y())), self)
            return True
        return super().event(event)

    def _activate(self, number: int) -> None:
        shown = self.shown
        if 0 <= number < len(shown):
            self.toggled.emit(shown[number].name)
        elif number == len(shown) and self._has_more:
            self._open = not self._open
            self.updateGeometry()
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._focused = int(event.position().y()) // LINE_HEIGHT
            self._activate(self._focused)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.tell_reached()

    def tell_reached(self) -> None:
        """Say where the keyboard stands."""
        self.update()
        self.reached.emit(self._focused * LINE_HEIGHT, (self._focused + 1) * LINE_HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self.shown) - (not self._has_more)
        if event.key() == Qt.Key.Key_Down and self._focused < last:
            self._focused += 1
            self.tell_reached()
        elif event.key() == Qt.Key.Key_Up and self._focused > 0:
            self._focused -= 1
            self.tell_reached()
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return):
            self._activate(self._focused)
        else:
            super().keyPressEvent(event)
