"""One step, and one thing said, as the reading sheet shows them."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from views.shared import theme
from views.shared.painters import OUTCOME_WORDS
from views.shared.plain_text import PlainLabel, PlainText
from views.shared.widgets import Badge, Secondary, rule

_LINES = 5


class TurnView(QFrame):
    """Who said what before the first step."""

    def __init__(self, speaker: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(Secondary(speaker, self))
        words = PlainText(self, mono=False, fit=3)
        words.set_text(text)
        column.addWidget(words)


class StepSketchView(QFrame):
    """Number, kind, tool, outcome; arguments; what it led to."""

    def __init__(self, number: int, step: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        name = PlainLabel(f"step {number}" + (f" (log: {step.log_id})" if step.log_id else ""), self, role="secondary")
        name.setFont(theme.small_font())
        tool = PlainLabel(step.tool or step.kind.replace("_", " "), self, elide=True)
        tool.setFont(theme.mono_font(bold=True))
        head.addWidget(name)
        head.addWidget(tool, 1)
        done = step.outcome == "succeeded"
        head.addWidget(Badge(OUTCOME_WORDS.get(step.outcome, "?"), "succeeded" if done else "secondary", parent=self))
        column.addLayout(head)
        for title, text in (("", step.arguments), ("thought", step.thought), ("observation", step.observation)):
            if not text:
                continue
            if title:
                column.addWidget(Secondary(title, self))
            view = PlainText(self, mono=title != "thought", fit=_LINES)
            view.set_text(text)
            column.addWidget(view)
        column.addWidget(rule(self))
