"""The prefix tree of a task: at which action the groups part, with counts and branches of concern marked."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.model.alignment import PrefixTree
from views.shared import painters, theme
from views.statistics.tree_lines import TreeLine, tree_lines

_ROW = 24
_INDENT = 16
_COUNT = 44


class TreeView(QWidget):
    """Lines of a tree; a column of counts per group, headed by the group's mark."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[TreeLine, ...] = ()
        self._groups: tuple[str, ...] = ()
        self._roles: Mapping[str, str | None] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_tree(self, tree: PrefixTree, roles: Mapping[str, str | None]) -> None:
        """Show a task's tree; ``roles`` of its groups."""
        self.lines = tree_lines(tree)
        self._groups = tree.groups
        self._roles = roles
        said = "; ".join(f"{line.text}: {sum(line.counts)}" for line in self.lines[:20])
        self.setAccessibleName(f"Prefix tree: {said}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(560, _ROW * (len(self.lines) + 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(360, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        right = self.width() - _COUNT * len(self._groups) - 8
        for column, group in enumerate(self._groups):
            box = QRect(right + column * _COUNT, 0, _COUNT, _ROW)
            painters.role_mark(painter, box, self._roles.get(group), now)
        visible = event.rect()
        for number, line in enumerate(self.lines, 1):
            box = QRect(0, number * _ROW, self.width(), _ROW)
            if box.intersects(visible):
                self._paint_line(painter, box, line, right, now)
        painter.end()

    def _paint_line(self, painter: QPainter, box: QRect, line: TreeLine, right: int, now: theme.Theme) -> None:
        painters.hairline(painter, box, now)
        left = 8 + min(line.level, 20) * _INDENT
        if line.concern or line.concern_below:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(now.severity[4])
            painter.setBrush(now.severity[4] if line.concern else Qt.BrushStyle.NoBrush)
            x, y = left + 5.0, box.center().y() + 0.5
            painter.drawPolygon(QPolygonF([QPointF(x, y - 4), QPointF(x + 4, y), QPointF(x, y + 4), QPointF(x - 4, y)]))
        ink = now.severity_text[4] if line.concern else now.text
        stop = f"   ⏹ {line.ends} stop here" if line.ends else ""
        painters.text(
            painter, QRect(left + 14, box.top(), right - left - 20, _ROW), line.text + stop, ink, theme.mono_font()
        )
        for column, count in enumerate(line.counts):
            cell = QRect(right + column * _COUNT, box.top(), _COUNT, _ROW)
            painters.text(painter, cell, f"{count}" if count else "·", now.text if count else now.secondary,
                          theme.font(), align=Qt.AlignmentFlag.AlignHCenter)  # fmt: skip
