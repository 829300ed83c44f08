"""How alike trajectories of a task are: a group's own trials, and below them the pairs that are held against them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.session.sides import side_name
from views.shared import painters, theme
from views.shared.plain_text import set_tooltip

_ROW, _STACKED_ROW, _HEAD = 46, 58, 28
_NAME_SHARE = 0.3
"""Names that need more of the width than this stand above their histograms."""
_COLUMNS = (("mean score", 86), ("pairs", 70), ("tasks", 60), ("differ", 60))
_BAR = 30
"""Height of the fullest part of a histogram."""


class SpreadRow(NamedTuple):
    """One histogram: ``scores`` counts of equal parts of [-1, 1], the first with all below; ``differ`` the share of
    pairs with another effect of concern (None = not counted)."""

    name: str
    role: str | None
    scores: tuple[int, ...]
    mean: float | None
    pairs: int
    tasks: int
    differ: float | None

    @property
    def cells(self) -> tuple[str, ...]:
        mean = "–" if self.mean is None else f"{self.mean:.2f}".replace("-", "−")
        differ = "" if self.differ is None else f"{100 * self.differ:.0f} %"
        return mean, f"{self.pairs:,}", f"{self.tasks:,}", differ

    @property
    def sentence(self) -> str:
        mean, pairs, tasks, differ = self.cells
        told = f"; in {differ} of them an effect of concern differs" if differ else ""
        return f"{self.name}: mean score {mean} over {pairs} pairs of {tasks} tasks{told}"


def spread_rows(summary: Mapping[str, Any]) -> tuple[SpreadRow, ...]:
    """What an audit's summary says of groups against themselves and against each other, in this order; nothing where no
    group has several trials of a task."""
    roles: Mapping[str, str] = summary.get("roles", {})
    own = [
        SpreadRow(
            f"{side_name(roles, one['group'])} with itself", roles.get(one["group"]), tuple(one.get("scores", ())),
            one["mean_score"], one["pairs"], one["tasks"], one["mean_diverging"],
        )
        for one in summary.get("spread", ())
    ]  # fmt: skip
    between = [
        SpreadRow(
            f"{side_name(roles, one['second'])} with {side_name(roles, one['first'])}", roles.get(one["second"]),
            tuple(one["scores"]), one["mean_score"], one["pairs"], one["tasks"], None,
        )
        for one in summary.get("against_own_trials", ())
    ]  # fmt: skip
    return (*own, *between) if own else ()


class OwnTrials(QWidget):
    """The histograms one under the other, on one axis of scores."""

    def __init__(self, rows: Sequence[SpreadRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = tuple(rows)
        self._bins = max((len(row.scores) for row in rows), default=0)
        filled = [at for row in rows for at, count in enumerate(row.scores) if count]
        # Empty parts below the lowest score of all are left out, down to a round number.
        self._first = 0 if not filled else min(filled) * 4 // max(self._bins, 1) * self._bins // 4
        self._stacked = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        said = "\n".join(row.sentence for row in rows)
        set_tooltip(self, said)
        self.setAccessibleName(said)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(640, _HEAD + self._row_height * len(self._rows))

    def minimumSizeHint(self) -> QSize:
        return QSize(560, self.sizeHint().height())

    @property
    def _row_height(self) -> int:
        return _STACKED_ROW if self._stacked else _ROW

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        stacked = self._longest() > _NAME_SHARE * self.width()
        if stacked != self._stacked:
            self._stacked = stacked
            self.updateGeometry()

    def _longest(self) -> int:
        measure = QFontMetrics(theme.font())
        return max((measure.horizontalAdvance(row.name) for row in self._rows), default=0) + 40

    def _value(self, part: int) -> float:
        return -1 + 2 * part / max(self._bins, 1)

    def _x(self, value: float, axis: QRect) -> float:
        low = self._value(self._first)
        return axis.left() + axis.width() * (min(max(value, low), 1.0) - low) / (1 - low)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        numbers = sum(width for _, width in _COLUMNS)
        left = 26 if self._stacked else min(max(int(self.width() * 0.22), self._longest()), 260)
        axis = QRect(left, 0, max(self.width() - left - numbers - 40, 80), self.height())
        self._paint_head(painter, now, axis)
        for number, row in enumerate(self._rows):
            line = QRect(0, _HEAD + number * self._row_height, self.width(), self._row_height)
            painters.hairline(painter, line, now)
            bars = QRect(axis.left(), line.bottom() - _ROW + 1, axis.width(), _ROW)
            named = QRect(line.left(), line.top() + 2, line.width(), 20) if self._stacked else line
            right = self.width() - 8 if self._stacked else axis.left() - 8
            painters.role_mark(painter, QRect(8, named.top(), 12, named.height()), row.role, now)
            place = QRect(26, named.top(), right - 26, named.height())
            painters.text(painter, place, row.name, now.text, theme.font())
            self._paint_histogram(painter, now, row, bars)
            self._paint_cells(painter, bars, axis, row.cells, now, small=False)
        painter.end()

    def _paint_head(self, painter: QPainter, now: theme.Theme, axis: QRect) -> None:
        small, right = theme.small_font(), Qt.AlignmentFlag.AlignRight
        low = self._value(self._first)
        first = f"{low:.1f}".replace("-", "−") + (" or less" if self._first == 0 else "")
        head = QRect(axis.left(), 0, axis.width(), _HEAD)
        painters.text(painter, head, first, now.secondary, small)
        painters.text(painter, head, "1: the same", now.secondary, small, align=right)
        self._paint_cells(painter, head, axis, tuple(title for title, _ in _COLUMNS), now, small=True)

    def _paint_cells(
        self, painter: QPainter, line: QRect, axis: QRect, cells: Sequence[str], now: theme.Theme, *, small: bool
    ) -> None:
        x = axis.right() + 12
        ink, font = (now.secondary, theme.small_font()) if small else (now.text, theme.font())
        for (_, width), cell in zip(_COLUMNS, cells, strict=True):
            where = QRect(x, line.top(), width - 8, line.height())
            painters.text(painter, where, cell, ink, font, align=Qt.AlignmentFlag.AlignRight)
            x += width

    def _paint_histogram(self, painter: QPainter, now: theme.Theme, row: SpreadRow, area: QRect) -> None:
        base = area.bottom() - 6
        most = max(row.scores, default=0)
        with painters.kept(painter):
            painter.setPen(QPen(now.line, 1))
            painter.drawLine(area.left(), base, area.right(), base)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.role(row.role))
            for part in range(self._first, len(row.scores)):
                if row.scores[part]:
                    left, right = self._x(self._value(part), area), self._x(self._value(part + 1), area)
                    height = max(_BAR * row.scores[part] / most, 1.5)
                    painter.drawRect(QRectF(left + 0.5, base - height, max(right - left - 1, 1), height))
            if row.mean is not None:
                x = self._x(row.mean, area)
                painter.setPen(QPen(now.text, 2))
                painter.drawLine(QPointF(x, base - _BAR - 2), QPointF(x, base + 3))
