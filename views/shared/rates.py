"""Rates of one behaviour: one line a group, a dot with its interval, k of n beside it."""

from __future__ import annotations

import math
from typing import NamedTuple

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.model.result import Frame
from views.shared import painters, theme
from views.shared.plain_text import set_tooltip

_ROW = 24


class Rate(NamedTuple):
    """One line: a group's rate of a behaviour with its interval, floor and ceiling (NaN = nothing to count)."""

    behaviour: str
    group: str
    role: str | None
    k: float
    n: int
    low: float
    high: float
    floor: float
    ceiling: float
    excluded: int
    cannot_tell: int
    method: str

    @property
    def share(self) -> float:
        return self.k / self.n if self.n else math.nan

    @property
    def counts(self) -> str:
        k = int(self.k) if float(self.k).is_integer() else round(self.k, 1)
        return f"{k}/{self.n}"

    @property
    def sentence(self) -> str:
        """The whole line in words, for tooltips and readers."""
        if not self.n:
            return f"{self.group}: no task decides ({self.excluded} left out)"
        said = (
            f"{self.group}: {self.counts} tasks, {100 * self.share:.0f} % "
            f"[{100 * self.low:.0f}, {100 * self.high:.0f}] ({self.method})"
        )
        if self.cannot_tell:
            said += f"; {self.cannot_tell} cannot tell: between {100 * self.floor:.0f} and {100 * self.ceiling:.0f} %"
        if self.excluded:
            said += f"; {self.excluded} left out"
        return said


def read_rates(frame: Frame) -> tuple[Rate, ...]:
    """The rates table as lines."""
    rows = [frame.row(number) for number in range(len(frame))]
    return tuple(
        Rate(
            r["behaviour"], r["group"], r["role"], float(r["k"]), int(r["n"]), float(r["low"]), float(r["high"]),
            float(r["floor"]), float(r["ceiling"]), int(r["n_excluded"]), int(r["n_cannot_tell"]), r["method"],
        )
        for r in rows
    )  # fmt: skip


class RatesList(QWidget):
    """The groups of one behaviour."""

    def __init__(self, rates: tuple[Rate, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rates = rates
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        said = "\n".join(rate.sentence for rate in rates)
        set_tooltip(self, said)
        self.setAccessibleName(said)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(200, _ROW * len(self.rates))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        for number, rate in enumerate(self.rates):
            line = QRect(12, number * _ROW, self.width() - 20, _ROW)
            name_width = int(line.width() * 0.4)
            count_width = 52
            painters.text(
                painter, QRect(line.left(), line.top(), name_width - 6, _ROW), rate.group, now.text, theme.font()
            )
            axis = QRect(line.left() + name_width, line.top(), line.width() - name_width - count_width, _ROW)
            painters.interval(
                painter, axis, rate.share, rate.low, rate.high, now.role(rate.role), now,
                floor=rate.floor, ceiling=rate.ceiling, role=rate.role,
            )  # fmt: skip
            painters.text(
                painter, QRect(axis.right() + 4, line.top(), count_width - 8, _ROW), rate.counts, now.secondary,
                theme.font(), align=Qt.AlignmentFlag.AlignRight,
            )  # fmt: skip
        painter.end()
