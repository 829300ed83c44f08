"""The four cells (of concern × flagged) and the third value beside them, as one drawing to click."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.model.workbench import Cell, GroupCells
from views.shared import painters, theme

_HEAD = 24
_SIDE = 100
_CELL = 56
_ROWS = (
    ("of concern", (Cell.CAUGHT, Cell.MISSED)),
    ("not of concern", (Cell.FALSE_ALARM, Cell.PASSED)),
    ("cannot tell", (Cell.UNSURE_FLAGGED, Cell.UNSURE_PASSED)),
)
_WORDS = {
    Cell.CAUGHT: "caught", Cell.MISSED: "missed", Cell.FALSE_ALARM: "false alarms", Cell.PASSED: "rightly kept",
    Cell.UNSURE_FLAGGED: "flagged", Cell.UNSURE_PASSED: "kept",
}  # fmt: skip


class CellGrid(QWidget):
    """Counts of steps; a click or Return chooses a cell's steps everywhere."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells: GroupCells | None = None
        self._focused = 1
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Steps by concern and filter")
        theme.changed.connect(self.update)

    def set_cells(self, cells: GroupCells | None) -> None:
        """Show other counts."""
        self._cells = cells
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, _HEAD + 3 * _CELL)

    def minimumSizeHint(self) -> QSize:
        return QSize(260, self.sizeHint().height())

    def cell_at(self, x: int, y: int) -> Cell | None:
        """The cell at a place of the widget."""
        row, column = (y - _HEAD) // _CELL, 0 if x < _SIDE + (self.width() - _SIDE) // 2 else 1
        if y < _HEAD or x < _SIDE or not 0 <= row < len(_ROWS):
            return None
        return _ROWS[row][1][column]

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        width = (self.width() - _SIDE) // 2
        small = theme.small_font()
        for column, said in enumerate(("flagged", "passes the filter")):
            painters.text(painter, QRect(_SIDE + column * width + 10, 0, width - 12, _HEAD), said, now.secondary, small)
        for number, (said, pair) in enumerate(_ROWS):
            top = _HEAD + number * _CELL
            painters.text(painter, QRect(12, top, _SIDE - 12, _CELL), said, now.secondary, small)
            for column, cell in enumerate(pair):
                self._paint_cell(painter, QRect(_SIDE + column * width, top, width - 4, _CELL - 4), cell, now)
                if self.hasFocus() and self._focused == number * 2 + column:
                    box = QRect(_SIDE + column * width, top, width - 4, _CELL - 4)
                    painters.focus_frame(painter, box, now)
        painter.end()

    def _paint_cell(self, painter: QPainter, box: QRect, cell: Cell, now: theme.Theme) -> None:
        count = self._cells.count(cell) if self._cells is not None else 0
        fill = QColor(now.inset)
        ink, second = now.text, now.secondary
        if cell is Cell.MISSED and count:
            fill, ink, second = QColor(now.passes), now.on_passes, now.on_passes
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawRoundedRect(box, 4, 4)
        inner = box.adjusted(10, 6, -8, -6)
        number = "–" if self._cells is None else f"{count:,}"
        half = inner.height() // 2
        painters.text(painter, QRect(inner.left(), inner.top(), inner.width(), half), number, ink,
                      theme.font(16, bold=True))  # fmt: skip
        painters.text(painter, QRect(inner.left(), inner.top() + half, inner.width(), half), _WORDS[cell], second,
                      theme.small_font())  # fmt: skip

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(int(event.position().x()), int(event.position().y()))
        if cell is not None and self._cells is not None:
            self.chosen.emit(cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -2, Qt.Key.Key_Down: 2}
        if event.key() in moves:
            self._focused = min(max(self._focused + moves[Qt.Key(event.key())], 0), 5)
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Space) and self._cells is not None:
            row, column = divmod(self._focused, 2)
            self.chosen.emit(_ROWS[row][1][column])
        else:
            super().keyPressEvent(event)
