"""The names of the columns, with the marks of their roles, in line with the grid below."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from views.alignment.aligned import Aligned
from views.alignment.grid import AlignmentGrid
from views.shared import painters, theme
from views.shared.widgets import follow_theme


class ColumnHeads(QWidget):
    """One name a column."""

    def __init__(self, grid: AlignmentGrid, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = grid
        self._aligned: Aligned | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(26)
        grid.horizontalScrollBar().valueChanged.connect(self.update)
        follow_theme(self)

    def set_aligned(self, aligned: Aligned | None) -> None:
        self._aligned = aligned
        names = [] if aligned is None else [side.title for side in aligned.sides]
        self.setAccessibleName("Columns: " + ", ".join(names))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._aligned is None:
            return
        painter = QPainter(self)
        now = theme.current()
        geometry = self._grid.geometry_now
        shift = self._grid.horizontalScrollBar().value()
        for number, side in enumerate(self._aligned.sides):
            rect = geometry.column(number, 0, shift, self.height())
            painters.role_mark(painter, QRect(rect.left() + 2, 0, 12, self.height()), side.role, now)
            steps = int((side.steps >= 0).sum())
            name = QRect(rect.left() + 20, 0, rect.width() - 100, self.height())
            painters.text(painter, name, side.title, now.text_of_role(side.role), theme.font(bold=True))
            count = QRect(rect.right() - 84, 0, 78, self.height())
            right = Qt.AlignmentFlag.AlignRight
            painters.text(
                painter,
                count,
                f"{steps:,} step{'' if steps == 1 else 's'}",
                now.secondary,
                theme.small_font(),
                align=right,
            )
        painter.end()
