"""A sentence of the summary: its numbers stand out, and the whole row opens what they count."""

from __future__ import annotations

import re

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.session.summary import Sentence
from views.shared import painters, theme
from views.shared.visible import visible
from views.shared.widgets import ClickArea

_NUMBER = re.compile(r"(?<![\w.-])\d[\d,]*(?!\w|\.\w)")
_LEFT, _RIGHT, _PAD = 28, 96, 7
_OPENS = {
    "queue": "show them",
    "pairing": "pairing",
    "unpaired": "unpaired tasks",
    "filter": "the filter",
    "data": "data report",
    "statistics": "statistics",
}


class SentenceRow(ClickArea):
    """One sentence; activated by click, Return or Space."""

    def __init__(self, sentence: Sentence, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = sentence
        self._text = visible(sentence.text)
        self._hover = False
        key = sentence.weight == "key"
        self._font = theme.font(16 if key else 14, bold=key)
        self.setAccessibleName(sentence.text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    def _layout(self, width: int) -> tuple[QTextLayout, float]:
        layout = QTextLayout(self._text, self._font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WordWrap)
        layout.setTextOption(option)
        now = theme.current()
        formats = []
        for found in _NUMBER.finditer(self._text):
            shape = QTextCharFormat()
            shape.setForeground(now.passes if self.sentence.weight == "key" else now.accent)
            shape.setFontWeight(QFont.Weight.Bold)
            part = QTextLayout.FormatRange()
            part.start, part.length, part.format = found.start(), found.end() - found.start(), shape
            formats.append(part)
        layout.setFormats(formats)
        layout.beginLayout()
        height = 0.0
        while True:
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(max(width - _LEFT - _RIGHT, 80))
            line.setPosition(QPointF(0, height))
            height += line.height()
        layout.endLayout()
        return layout, height

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return int(self._layout(width)[1]) + 2 * _PAD + 2

    def sizeHint(self) -> QSize:
        width = self.width() if self.width() > 200 else 900
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(max(self.width(), 240)))

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._hover:
            painter.fillRect(self.rect(), now.hover)
        layout, height = self._layout(self.width())
        middle = self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        if self.sentence.weight == "key":
            painter.setBrush(now.passes)
            painter.drawRoundedRect(QRectF(4, middle - 8, 4, 16), 2, 2)
        elif self.sentence.weight == "warning":
            painter.setPen(now.warning)
            painter.setFont(theme.font(bold=True))
            painter.drawText(QRectF(0, 0, 16, self.height()), int(Qt.AlignmentFlag.AlignCenter), "!")
        painter.setPen(now.text)
        layout.draw(painter, QPointF(_LEFT - 8, (self.height() - height) / 2))
        says = _OPENS.get(self.sentence.opens, "")
        if self.sentence.opens == "queue" and not self.sentence.facets:
            says = "the queue"
        area = self.rect().adjusted(0, 0, -8, 0)
        colour = now.accent if self._hover or self.hasFocus() else now.secondary
        painters.text(painter, area, f"{says} →", colour, theme.small_font(), align=Qt.AlignmentFlag.AlignRight)
        painters.hairline(painter, self.rect(), now)
        if self.hasFocus():
            painters.focus_frame(painter, self.rect(), now)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def enterEvent(self, event: object) -> None:
        self._hover = True
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._hover = False
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.activated.emit()
            return
        super().keyPressEvent(event)
