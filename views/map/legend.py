"""The legend: one line a class with its mark and count; a click hides or shows the class."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from views.map.model import PointClass
from views.map.points_item import glyph
from views.shared import painters, theme

_LINE = 22
_WIDTH = 190


class Legend(QWidget):
    """Classes of points. ``toggled`` emits the class's number."""

    toggled = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes: tuple[PointClass, ...] = ()
        self._hidden: set[int] = set()
        self._focused = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Legend of the map; space hides or shows a class")
        theme.changed.connect(self.update)

    def set_classes(self, classes: tuple[PointClass, ...]) -> None:
        """Show other classes, none hidden."""
        self._classes = classes
        self._hidden = set()
        self._focused = 0
        self.setFixedSize(self.sizeHint())
        self.update()

    @property
    def hidden(self) -> frozenset[int]:
        return frozenset(self._hidden)

    def toggle(self, number: int) -> None:
        """Hide or show a class."""
        self._hidden ^= {number}
        self.update()
        self.toggled.emit(number)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _LINE * max(len(self._classes), 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        for number, item in enumerate(self._classes):
            line = QRect(0, number * _LINE, self.width(), _LINE)
            off = number in self._hidden
            picture = glyph(item.token, now, faded=off)
            painter.drawPixmap(QPoint(line.right() - 14, line.top() + (_LINE - picture.height()) // 2), picture)
            words = f"{item.name} · {item.count:,}" + (" (hidden)" if off else "")
            painters.text(
                painter, line.adjusted(0, 0, -20, 0), words, now.secondary, theme.small_font(),
                align=Qt.AlignmentFlag.AlignRight,
            )  # fmt: skip
            if self.hasFocus() and number == self._focused:
                painters.focus_frame(painter, line, now)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = int(event.position().y()) // _LINE
        if 0 <= number < len(self._classes):
            self._focused = number
            self.toggle(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._classes:
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self._focused = (self._focused + step) % len(self._classes)
            self.update()
        elif event.key() == Qt.Key.Key_Space and self._classes:
            self.toggle(self._focused)
        else:
            super().keyPressEvent(event)
