"""Sentences about a step: a small grey word, the marks of the effect it is about, the sentence."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.session.step_card import StepCard
from explorer.session.step_story import Sentence, Topic
from views.shared import painters, theme
from views.shared.plain_text import PlainLabel
from views.shared.widgets import Badge, Secondary, SeverityCells

_WORD = 62
_GAP = 10
_BETWEEN = 5
_LEAST = 300
"""Text narrower than this goes under its marks."""


class _Line:
    """The widgets of one sentence; made once, filled again and again."""

    def __init__(self, parent: QWidget) -> None:
        self.word = Secondary("", parent, wrap=False)
        self.word.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.badge = Badge("", parent=parent)
        self.cells = SeverityCells(0, parent)
        self.text = PlainLabel("", parent, wrap=True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def show(self, on: bool) -> None:
        for widget in (self.word, self.badge, self.cells, self.text):
            widget.setVisible(on)

    def fill(self, sentence: Sentence, card: StepCard, word: str) -> None:
        effect = sentence.effect
        self.word.setText(word)
        self.text.setFont(theme.font() if sentence.topic is Topic.DOES else theme.small_font())
        self.text.set_role("text" if sentence.topic in (Topic.DOES, Topic.OTHER) else "secondary")
        self.text.setText(sentence.text)
        if effect is not None:
            tree = " · tree" if effect.scope == "tree" else ""
            self.badge.set(painters.words(effect.kind) + tree, f"severity:{min(effect.severity, 4)}")
            self.cells.set_severity(min(effect.severity, 4))
        elif sentence.topic is Topic.FILTER and not card.filter_flagged:
            self.badge.set("escapes all" if card.escapes_all else "passes", "passes", filled=True)
        elif sentence.topic is Topic.FILTER:
            self.badge.set("flagged", "secondary")
        self.cells.setVisible(effect is not None and effect.severity > 0)
        self.badge.setVisible(effect is not None or sentence.topic is Topic.FILTER)

    def place(self, top: int, width: int) -> int:
        """Set everything at ``top`` and return the bottom."""
        self.word.setGeometry(QRect(0, top, _WORD, 18))
        left, tall = _WORD + _GAP, 18
        for widget in (self.badge, self.cells):
            if not widget.isHidden():
                size = widget.sizeHint() if widget is self.badge else widget.size()
                widget.setGeometry(QRect(left, top - 1, size.width(), size.height()))
                left += size.width() + 6
                tall = 20
        start = top
        if left > _WORD + _GAP and width - left < _LEAST:
            left, start = _WORD + _GAP, top + 21
        room = max(width - left, 60)
        # A QLabel's own height for width forgets the chips it was just given; the metrics do not.
        metrics = QFontMetrics(self.text.font())
        flags = int(Qt.TextFlag.TextWordWrap)
        need = metrics.boundingRect(QRect(0, 0, room, 100_000), flags, self.text.whole_text()).height() + 2
        self.text.setGeometry(QRect(left, start, room, max(need, self.text.heightForWidth(room))))
        return max(top + tall, start + self.text.height())


class SentenceList(QWidget):
    """All sentences of a step, laid out by hand: wrapped labels in nested layouts get wrong heights at first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[_Line] = []
        self._used = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def fill(self, story: Sequence[Sentence], card: StepCard) -> None:
        """Show these sentences; a topic's word stands once before its first."""
        while len(self._lines) < len(story):
            self._lines.append(_Line(self))
        before = None
        for row, line in enumerate(self._lines):
            line.show(row < len(story))
            if row < len(story):
                topic = story[row].topic
                line.fill(story[row], card, "" if topic is before else topic.value)
                before = topic
        self._used = len(story)
        self._place()

    def texts(self) -> list[str]:
        """The sentences shown."""
        return [line.text.whole_text() for line in self._lines[: self._used]]

    def _place(self) -> None:
        top = 2
        for line in self._lines[: self._used]:
            top = line.place(top, self.width()) + _BETWEEN
        self.setFixedHeight(max(top, 1))

    def sizeHint(self) -> QSize:
        return QSize(300, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._place()
