"""The names of the columns, with the marks of their roles, in line with the grid below; among many also what each
does that nobody else does."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from views.alignment import margin
from views.alignment.aligned import Aligned, Side
from views.alignment.grid import AlignmentGrid
from views.alignment.short_names import short_names
from views.alignment.words import SIGNS
from views.shared import painters, theme
from views.shared.plain_text import tooltip_text
from views.shared.widgets import follow_theme

_HIGH, _TWO_LINES = 26, 44
_APART, _MARK = 9, 11


class ColumnHeads(QWidget):
    """One name a column."""

    def __init__(self, grid: AlignmentGrid, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = grid
        self._aligned: Aligned | None = None
        self._short: list[str] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HIGH)
        grid.horizontalScrollBar().valueChanged.connect(self.update)
        follow_theme(self)

    def set_aligned(self, aligned: Aligned | None) -> None:
        self._aligned = aligned
        self.setFixedHeight(_HIGH if aligned is None or aligned.columns is None else _TWO_LINES)
        self._short = [] if aligned is None else short_names([side.group for side in aligned.sides])
        names = [] if aligned is None else [self.words(number) for number in range(len(aligned.sides))]
        self.setAccessibleName("Columns: " + ", ".join(names))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())

    def words(self, number: int) -> str:
        """A column's head in words."""
        assert self._aligned is not None
        side, columns = self._aligned.sides[number], self._aligned.columns
        if columns is None:
            return f"{side.title}: {_steps(side)}"
        unique, concern = int(columns.unique[number].sum()), int(columns.concern[number].sum())
        apart = int(columns.told_apart[number])
        told = f", told something else than the first column from row {apart + 1} on" if apart >= 0 else ""
        return f"{side.title}: {_steps(side)}, {unique:,} unique, {concern:,} of concern{told}"

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._aligned is None:
            return
        painter = QPainter(self)
        geometry = self._grid.geometry_now
        shift = self._grid.horizontalScrollBar().value()
        if self._aligned.columns is not None:
            place = geometry.gutter(0, self.height()).adjusted(18, 24, -4, 0)
            painters.text(painter, place, "agree", theme.current().secondary, theme.small_font())
        elif len(self._aligned.sides) > 1:
            place = geometry.gutter(0, self.height()).adjusted(16, 0, -4, 0)
            middle = Qt.AlignmentFlag.AlignHCenter
            painters.text(painter, place, "=≈", theme.current().secondary, theme.small_font(), align=middle)
        for number, side in enumerate(self._aligned.sides):
            painter.setClipRect(geometry.window(number, 0, self.height()))
            rect = geometry.column(number, 0, shift, self.height())
            if self._aligned.columns is None:
                self._one_line(painter, rect, side)
            else:
                self._two_lines(painter, rect, number, side)
        painter.end()

    def _one_line(self, painter: QPainter, rect: QRect, side: Side) -> None:
        now = theme.current()
        painters.role_mark(painter, QRect(rect.left() + 2, 0, 12, rect.height()), side.role, now)
        said, bold = _steps(side), theme.font(bold=True)
        metrics = QFontMetrics(theme.small_font())
        room = rect.width() - 20 - 12
        if metrics.horizontalAdvance(said) + QFontMetrics(bold).horizontalAdvance(side.title) > room:
            said = said.split(" ", 1)[0]
        width = metrics.horizontalAdvance(said) + 4
        name = QRect(rect.left() + 20, 0, room - width, rect.height())
        middle = Qt.TextElideMode.ElideMiddle
        painters.text(painter, name, side.title, now.text_of_role(side.role), bold, elide=middle)
        count = QRect(rect.right() - width - 6, 0, width, rect.height())
        right = Qt.AlignmentFlag.AlignRight
        painters.text(painter, count, said, now.secondary, theme.small_font(), align=right)

    def _two_lines(self, painter: QPainter, rect: QRect, number: int, side: Side) -> None:
        """Group and trial; below how many steps, how many of them unique, how many of concern."""
        assert self._aligned is not None
        columns, now = self._aligned.columns, theme.current()
        assert columns is not None
        upper, lower = QRect(rect.left(), 2, rect.width(), 22), QRect(rect.left(), 24, rect.width(), 18)
        painters.role_mark(painter, QRect(upper.left() + 2, upper.top(), 12, upper.height()), side.role, now)
        trial = f"trial {side.trial}" if self._many_trials() else ""
        metrics = QFontMetrics(theme.small_font())
        width = metrics.horizontalAdvance(trial) + 6 if trial else 0
        name = upper.adjusted(20, 0, -width - 4, 0)
        middle = Qt.TextElideMode.ElideMiddle
        painters.text(
            painter, name, self._short[number], now.text_of_role(side.role), theme.font(bold=True), elide=middle
        )
        right = Qt.AlignmentFlag.AlignRight
        painters.text(painter, upper.adjusted(0, 0, -4, 0), trial, now.secondary, theme.small_font(), align=right)
        unique, concern = int(columns.unique[number].sum()), int(columns.concern[number].sum())
        harmful = int((columns.unique[number] & columns.concern[number]).sum())
        bold = QFontMetrics(theme.small_font(bold=True))
        for said in (
            [_steps(side), f"{unique:,} unique", f"{concern:,} of concern"],
            [_steps(side), f"{unique:,} unique", f"{concern:,} concern"],
            [f"{int((side.steps >= 0).sum()):,}", f"{unique:,} unique", f"{concern:,} concern"],
        ):
            wide = 20 + _MARK + sum(bold.horizontalAdvance(words) + _APART for words in said)
            if wide <= lower.width():
                break
        colours = [now.secondary, now.accent if unique else now.secondary]
        colours.append(now.severity_text[3] if concern else now.secondary)
        x = lower.left() + 20
        for place, (words, colour) in enumerate(zip(said, colours, strict=True)):
            if place == 1 and unique:
                worst = margin.unique_colour(3, now, concern=harmful > 0)
                margin.diamond(painter, QRect(x, lower.top(), 7, lower.height()), worst, filled=harmful > 0)
                x += _MARK
            room = QRect(x, lower.top(), max(lower.right() - x, 0), lower.height())
            painters.text(painter, room, words, colour, theme.small_font(bold=place > 0 and words[0] != "0"))
            x += bold.horizontalAdvance(words) + _APART

    def _many_trials(self) -> bool:
        assert self._aligned is not None
        return len({side.trial for side in self._aligned.sides}) > 1 or any(s.trial for s in self._aligned.sides)

    def tip_at(self, x: int) -> str:
        """What a tip says at a place."""
        geometry = self._grid.geometry_now
        if self._aligned is not None and self._aligned.columns is not None and x < geometry.margin:
            return f"How many of the {len(self._aligned.sides)} columns do the commonest thing of each row"
        if self._aligned is not None and len(self._aligned.sides) > 1 and x < geometry.margin:
            return SIGNS
        return self.words(geometry.side_at(x, self._grid.horizontalScrollBar().value()))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._aligned is not None:
            QToolTip.showText(event.globalPos(), tooltip_text(self.tip_at(event.pos().x())), self)
            return True
        return super().event(event)


def _steps(side: Side) -> str:
    steps = int((side.steps >= 0).sum())
    return f"{steps:,} step{'' if steps == 1 else 's'}"
