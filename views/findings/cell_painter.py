"""How a cell of the findings is drawn: a verdict with its key, a group with its role's mark, text."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from views.findings.model import COLUMNS, ROW, cell_words, judged
from views.shared import painters, theme
from views.shared.verdicts import verdict_mark

ROW_HEIGHT = 32


class FindingDelegate(QStyledItemDelegate):
    """Paints one cell."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row = index.data(ROW)
        if row is None:
            return
        now = theme.current()
        rect: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, now.selection)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, now.hover)
        column = COLUMNS[index.column()]
        inner = rect.adjusted(8, 0, -8, 0)
        if column == "verdict":
            if row.finding.verdict is not None:
                mark = QRect(inner.left(), inner.top(), 16, inner.height())
                verdict_mark(painter, mark, row.finding.verdict, now)
            text = QRect(inner.left() + 22, inner.top(), inner.width() - 22, inner.height())
            painters.text(painter, text, judged(row), now.text, theme.font())
        elif column == "group":
            painters.role_mark(painter, QRect(inner.left(), inner.top(), 10, inner.height()), row.role or None, now)
            text = QRect(inner.left() + 16, inner.top(), inner.width() - 16, inner.height())
            painters.text(painter, text, row.group, now.text, theme.font())
        else:
            loud = column in ("task", "effect", "note")
            words = cell_words(row, column)
            font = theme.font() if loud else theme.small_font()
            painters.text(painter, inner, words, now.text if loud else now.secondary, font)
        painters.hairline(painter, rect, now)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, ROW_HEIGHT)
