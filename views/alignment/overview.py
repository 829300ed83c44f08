"""The strip beside the alignment: where the two differ and where entries stand, all of it at once; a click goes
there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.model.alignment import OPERATIONS, Operation
from views.alignment.aligned import Aligned
from views.alignment.model import AlignmentModel
from views.shared import theme
from views.shared.plain_text import set_tooltip
from views.shared.theme import Theme

WIDTH = 16
_LOOKED_AT = 2_000
"""Matching rows whose arguments are compared for the strip."""


def buckets(values: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """The largest value in each of at most ``size`` equal stretches."""
    n = len(values)
    if not n or size <= 0:
        return np.zeros(0, dtype=np.int64)
    edges = np.unique(np.arange(min(size, n)) * n // min(size, n))
    return np.maximum.reduceat(values, edges)


def _loudness(aligned: Aligned, now: Theme) -> tuple[npt.NDArray[np.int64], list[QColor]]:
    """Rows by how much they matter, so that a bucket shows its loudest, and the colour of each level. A pair: match,
    other arguments or substitute, one side alone. Many columns: all agree, most do, fewer do, something unique, unique
    and of concern."""
    columns = aligned.columns
    if columns is None:
        order = [Operation.MATCH, Operation.SUBSTITUTE, Operation.TEACHER_ONLY, Operation.STUDENT_ONLY]
        rank = np.array([order.index(operation) for operation in OPERATIONS], dtype=np.int64)
        level = rank[aligned.operation]
        if aligned.other is not None:
            other = [row for row in aligned.other.candidates[:_LOOKED_AT].tolist() if aligned.differs(row)]
            level[other] = np.maximum(level[other], 1)
        return level, [now.line, now.faint, now.role("teacher"), now.role("student")]
    level = np.where(columns.unanimous, 0, np.where(columns.consensus, 1, 2)).astype(np.int64)
    level[columns.unique.any(axis=0)] = 3
    level[(columns.unique & columns.concern).any(axis=0)] = 4
    return level, [now.line, now.line, now.faint, now.accent, now.severity_text[3]]


class Overview(QWidget):
    """A map of all rows, top to bottom."""

    row_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: AlignmentModel | None = None
        self._picture: QPixmap | None = None
        self._window = (0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setFixedWidth(WIDTH)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Overview of the alignment")
        set_tooltip(self, "Where the columns differ and entries stand. Click to go there.")
        theme.changed.connect(self._on_theme_changed)

    def set_model(self, model: AlignmentModel | None) -> None:
        self._model = model
        self._picture = None
        self.update()

    def set_window(self, first_row: int, last_row: int) -> None:
        """Which alignment rows are on screen."""
        if self._window != (first_row, last_row):
            self._window = (first_row, last_row)
            self.update()

    def _on_theme_changed(self, new: Theme) -> None:
        self._picture = None
        self.update()

    def _draw(self, model: AlignmentModel) -> QPixmap:
        now = theme.current()
        picture = QPixmap(self.size())
        picture.fill(now.inset)
        aligned = model.aligned
        n = len(aligned)
        if not n:
            return picture
        height = self.height()
        loud, colours = _loudness(aligned, now)
        loud = buckets(loud, height)
        severity = np.zeros(n, dtype=np.int64)
        marked = np.flatnonzero(aligned.entry >= 0)
        if len(marked) and model.session.entries is not None:
            severity[marked] = 1 + np.asarray(model.session.entries.severity)[aligned.entry[marked]].astype(np.int64)
        worst = buckets(severity, height)
        painter = QPainter(picture)
        count = len(loud)
        for index in range(count):
            top, bottom = index * height // count, (index + 1) * height // count
            if loud[index]:
                pale = QColor(colours[loud[index]])
                pale.setAlpha(150)
                painter.fillRect(QRect(8, top, 5, max(bottom - top, 1)), pale)
            if worst[index]:
                mark = now.severity[min(max(int(worst[index]) - 1, 1), 4)]
                painter.fillRect(QRect(2, top, 6, max(bottom - top, 3)), mark)
        painter.end()
        return picture

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 80)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._model is None:
            painter.end()
            return
        if self._picture is None or self._picture.size() != self.size():
            self._picture = self._draw(self._model)
        painter.drawPixmap(0, 0, self._picture)
        n = len(self._model.aligned)
        first, last = self._window
        if n and last - first + 1 < n:
            top = first * self.height() // n
            bottom = max((last + 1) * self.height() // n, top + 6)
            painter.setPen(theme.current().secondary)
            painter.drawRect(QRect(0, top, self.width() - 1, bottom - top - 1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._go(event)

    def _go(self, event: QMouseEvent) -> None:
        if self._model is not None and len(self._model.aligned):
            n = len(self._model.aligned)
            row = int(event.position().y()) * n // max(self.height(), 1)
            self.row_wanted.emit(min(max(row, 0), n - 1))
