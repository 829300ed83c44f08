"""How a line of the queue is drawn: lane edge, two lines of words, columns of small marks."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPolygon
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from views.queue.model import LINE, EntryLine, HeaderLine
from views.shared import painters, theme
from views.shared.theme import Theme
from views.shared.verdicts import verdict_mark

ROW_HEIGHT = 44
_WIDE = 500
"""From this width on the marks stand in columns of their own; below, the pills go to the second line."""
_EDGE, _PAD, _GAP = 4, 12, 8
_RISK, _VERDICT, _OUTCOME, _FILTER = 34, 18, 62, 82
CHEVRON = 28
"""Width of the part of a header that opens and closes it."""


class EntryDelegate(QStyledItemDelegate):
    """Paints the lines of the queue; all rows have one height."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        line = index.data(LINE)
        if line is None:
            return
        now = theme.current()
        rect: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, now.selection)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, now.hover)
        elif isinstance(line, HeaderLine):
            painter.fillRect(rect, now.inset)
        if isinstance(line, HeaderLine):
            self._paint_header(painter, rect, line, now)
        else:
            self._paint_entry(painter, rect, line, now)
        painters.hairline(painter, rect, now)
        if option.state & QStyle.StateFlag.State_HasFocus and option.state & QStyle.StateFlag.State_Selected:
            painters.focus_frame(painter, rect.adjusted(_EDGE, 0, -1, -1), now)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, ROW_HEIGHT)

    def _paint_entry(self, painter: QPainter, rect: QRect, line: EntryLine, now: Theme) -> None:
        painters.lane_edge(painter, rect, line.lane, now, sides=line.sides)
        left = rect.left() + _EDGE + _PAD + (12 if line.indented else 0)
        right = rect.right() - _GAP
        upper = QRect(left, rect.top() + 4, right - left, 18)
        lower = QRect(left, rect.top() + 22, right - left, 18)
        wide = rect.width() >= _WIDE
        verdict = QRect(right - _VERDICT, rect.top(), _VERDICT, rect.height()) if wide else QRect(
            right - _VERDICT, upper.top(), _VERDICT, upper.height()
        )  # fmt: skip
        verdict_mark(painter, verdict, line.verdict, now)
        at = verdict.left() - 4 - _RISK
        middle = QRect(0, rect.top(), 0, rect.height()) if wide else upper
        font = theme.font()
        risk = QRect(at, middle.top(), _RISK, middle.height())
        painters.text(painter, risk, f"{line.risk:.1f}", now.text, font, align=Qt.AlignmentFlag.AlignRight)
        if wide:
            at -= _GAP + _FILTER
            filter_at, row = at, middle
            at -= _GAP + _OUTCOME
            outcome_at = at
            at -= _GAP + painters.SEVERITY_WIDTH
            severity = QRect(at, middle.top(), painters.SEVERITY_WIDTH, middle.height())
            second_right = first_right = at - _GAP
        else:
            at -= _GAP + painters.SEVERITY_WIDTH
            severity = QRect(at, upper.top(), painters.SEVERITY_WIDTH, upper.height())
            first_right = at - _GAP
            row = lower
            words = "escapes all" if line.escapes else "passes" if line.passes else "flagged"
            filter_at = right - painters.pill_width(words, theme.small_font(bold=line.passes))
            outcome_at = filter_at - 4 - painters.pill_width(painters.OUTCOME_WORDS.get(line.outcome, "?"))
            second_right = outcome_at - _GAP
        painters.severity_cells(painter, severity, line.severity, now)
        outcome = QRect(outcome_at, row.top(), _OUTCOME, row.height())
        painters.outcome_badge(painter, outcome, line.outcome, now)
        seen = QRect(filter_at, row.top(), max(_FILTER, right - filter_at), row.height())
        painters.filter_badge(painter, seen, line.passes, now, escapes_all=line.escapes and line.passes)
        upper.setRight(first_right)
        lower.setRight(second_right)
        # Keys of tasks mostly begin alike and differ at their end.
        painters.text(painter, upper, line.first, now.text, font, elide=Qt.TextElideMode.ElideMiddle)
        painters.text(painter, lower, line.second, now.secondary, theme.small_font())

    def _paint_header(self, painter: QPainter, rect: QRect, line: HeaderLine, now: Theme) -> None:
        middle = rect.center().y()
        x = rect.left() + _EDGE + 8
        with painters.kept(painter):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.secondary)
            corners = ((0, -2), (8, -2), (4, 3)) if line.open else ((1, -4), (6, 0), (1, 4))
            painter.drawPolygon(QPolygon([QPoint(x + dx, middle + dy) for dx, dy in corners]))
        right = rect.right() - _GAP - _VERDICT - 4
        risk = QRect(right - _RISK, rect.top(), _RISK, rect.height())
        painters.text(painter, risk, f"{line.risk:.1f}", now.secondary, theme.font(), align=Qt.AlignmentFlag.AlignRight)
        small = theme.small_font()
        count = f"{line.n} entries" if line.n > 1 else "1 entry"
        count += f" ({line.acts} different)" if line.acts else ""
        count += f" · {line.judged} judged" if line.judged else ""
        width = QFontMetrics(small).horizontalAdvance(count) + 4
        number = QRect(risk.left() - _GAP - width, rect.top(), width, rect.height())
        painters.text(painter, number, count, now.secondary, small, align=Qt.AlignmentFlag.AlignRight)
        name = QRect(rect.left() + CHEVRON, rect.top(), number.left() - _GAP - rect.left() - CHEVRON, rect.height())
        painters.text(painter, name, line.name, now.text, theme.font(bold=True))
