"""Rates of one behaviour as a forest: a line a group with its interval on a common axis, and the numbers beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from views.shared import painters, theme
from views.shared.plain_text import set_tooltip
from views.shared.rates import Rate
from views.shared.visible import elided

_ROW = 28
COLUMNS = ("k / n", "rate", "95 % interval", "floor – ceiling", "left out")
"""What is needed most comes first: where there is no room for all, the last ones are not shown."""
_MARK, _APART, _END = 26, 16, 8
_NAME, _MOST_NAME, _AXIS = 90, 260, 80
"""The least and the most room for a group's name, and the least for the axis."""


def cells(rate: Rate) -> tuple[str, ...]:
    """What stands in the columns for one rate."""
    if not rate.n:
        return (rate.counts, "–", "–", "–", f"{rate.excluded}")
    return (
        rate.counts,
        f"{100 * rate.share:.0f} %",
        f"[{100 * rate.low:.0f}, {100 * rate.high:.0f}]",
        f"{100 * rate.floor:.0f} – {100 * rate.ceiling:.0f} %",
        f"{rate.excluded}",
    )


class ForestColumns(NamedTuple):
    """The room that names and each column of numbers want, so that several forests stand in line."""

    name: int
    numbers: tuple[int, ...]

    def placed(self, width: int) -> tuple[int, int, tuple[int, ...]]:
        """What a forest ``width`` wide gives to the names, to the axis and to the numbers that it has room for."""
        numbers = self.numbers
        while len(numbers) > 1 and _NAME + _AXIS + sum(numbers) + _END > width:
            numbers = numbers[:-1]
        room = width - sum(numbers) - _END
        name = min(max(min(self.name, room - _AXIS), _NAME), _MOST_NAME)
        return name, max(room - name, _AXIS), numbers


def forest_columns(rates: Sequence[Rate]) -> ForestColumns:
    """Measured on everything that is shown."""
    small, text = QFontMetrics(theme.small_font()), QFontMetrics(theme.font())
    names = max((text.horizontalAdvance(elided(rate.group, 400)) for rate in rates), default=0)
    told = list(zip(*map(cells, rates), strict=True)) or [()] * len(COLUMNS)
    wide = (
        max(small.horizontalAdvance(title), *(text.horizontalAdvance(cell) for cell in column), 0) + _APART
        for title, column in zip(COLUMNS, told, strict=True)
    )
    return ForestColumns(_MARK + names + _APART, tuple(wide))


class Forest(QWidget):
    """The groups of one behaviour: mark, name, interval on a common axis from 0 to 100 %, and the numbers."""

    def __init__(self, rates: tuple[Rate, ...], columns: ForestColumns, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rates, self._columns = rates, columns
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        said = "\n".join(rate.sentence for rate in rates)
        set_tooltip(self, said)
        self.setAccessibleName(said)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(640, _ROW * (len(self._rates) + 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(_NAME + _AXIS + sum(self._columns.numbers[:3]) + _END, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        name_width, axis_width, numbers = self._columns.placed(self.width())
        self._head(painter, now, name_width, axis_width, numbers)
        for number, rate in enumerate(self._rates, 1):
            line = QRect(0, number * _ROW, self.width(), _ROW)
            painters.hairline(painter, line, now)
            painters.role_mark(painter, QRect(8, line.top(), 12, _ROW), rate.role, now)
            name = QRect(_MARK, line.top(), name_width - _MARK - 4, _ROW)
            middle = Qt.TextElideMode.ElideMiddle
            painters.text(painter, name, rate.group, now.text, theme.font(), elide=middle)
            axis = QRect(name_width, line.top(), axis_width, _ROW)
            painters.interval(
                painter, axis, rate.share, rate.low, rate.high, now.role(rate.role), now,
                floor=rate.floor if rate.n else math.nan, ceiling=rate.ceiling if rate.n else math.nan, role=rate.role,
            )  # fmt: skip
            x = axis.right() + 1
            for width, cell in zip(numbers, cells(rate), strict=False):
                painters.text(painter, QRect(x, line.top(), width, _ROW), cell, now.text, theme.font(),
                              align=Qt.AlignmentFlag.AlignRight)  # fmt: skip
                x += width
        painter.end()

    def _head(
        self, painter: QPainter, now: theme.Theme, name_width: int, axis_width: int, numbers: tuple[int, ...]
    ) -> None:
        small = theme.small_font()
        axis = QRect(name_width, 0, axis_width, _ROW)
        painters.text(painter, axis.adjusted(2, 0, 0, 0), "0 %", now.secondary, small)
        painters.text(painter, axis.adjusted(0, 0, -2, 0), "100 %", now.secondary, small,
                      align=Qt.AlignmentFlag.AlignRight)  # fmt: skip
        x = axis.right() + 1
        for width, title in zip(numbers, COLUMNS, strict=False):
            painters.text(painter, QRect(x, 0, width, _ROW), title, now.secondary, small,
                          align=Qt.AlignmentFlag.AlignRight)  # fmt: skip
            x += width
