"""The head of the alignment panel: what is shown with its buttons, and below it the figures on a line of their own."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from views.shared import theme
from views.shared.plain_text import set_tooltip
from views.shared.widgets import Secondary, SectionTitle

_ROOMY = 760
_TASK_LEAST = 40
_BETWEEN = " · "
_MEANINGS = {
    "agreement ": "Agreement: the share of rows in which both take the same action.",
    " z ": "z: how much more alike the two are than the first is to the other side’s trajectories of other tasks, in "
    "standard deviations; below 0: less alike.",
    "how unusual": "How unusual: the pair’s agreement beside that of pairs of one group’s own trials of a task.",
    "order inversions": "Order inversions: pairs of like actions that the two take in the other order.",
}
"""What a figure means, by the words it begins with."""


def _small(text: str, tip: str, parent: QWidget) -> QPushButton:
    button = QPushButton(text, parent)
    button.setProperty("quiet", True)
    set_tooltip(button, tip)
    button.setAccessibleName(tip)
    button.setFont(theme.small_font())
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


class TitleBar(QWidget):
    """Widgets only: the panel says what they show and listens to the buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._task, self._figures = "ALIGNMENT", "", ""
        self._can_copy = False
        self.name = SectionTitle("ALIGNMENT", self)
        self.figures = Secondary("", self, wrap=False, elide=True)
        self.back = _small("▲", "The difference before (,)", self)
        self.on = _small("▼", "The next difference (.)", self)
        self.all = _small("Columns", "The trajectories of this task side by side, or the pair alone (C)", self)
        self.choose = _small("Choose", "Which trajectories stand side by side (Shift+C)", self)
        self.folds = _small("Unfold", "Show every row of the folded stretches", self)
        self.copy = _small("Copy", "Copy the alignment as Markdown (Ctrl+Shift+C)", self)
        for label in (self.name, self.figures):  # the bar's own tip says more than a label's
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self.name, 1)
        for button in (self.back, self.on, self.all, self.choose, self.folds, self.copy):
            top.addWidget(button)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 8, 2)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.figures)

    def say(self, name: str, task: str = "", figures: str = "") -> None:
        """What is shown, the task and the figures."""
        self._name, self._task, self._figures = name, task, figures
        # What matters least comes last: whole figures are left out from the end, none is cut in the middle.
        parts = figures.split(_BETWEEN)
        shorter = (_BETWEEN.join((*parts[:n], "…")) for n in range(len(parts) - 1, 0, -1))
        self.figures.set_wordings(figures, *shorter)
        self.figures.setVisible(bool(figures))
        meant = [meaning for words, meaning in _MEANINGS.items() if words in f" {figures}"]
        set_tooltip(self, "\n".join((self.whole_text(), *meant)))
        self._fit()

    def allow_copy(self, on: bool) -> None:
        """Offer to copy where there is something to copy and room for a button that is also in the menu."""
        self._can_copy = on
        self._fit()

    def whole_text(self) -> str:
        """Everything that is said, on one line."""
        said = f"{self._name} — {self._task}" if self._task else self._name
        return _BETWEEN.join(part for part in (said, self._figures) if part)

    def _fit(self) -> None:
        """Of a task that is too long its end is shown, by which one tells tasks apart."""
        self.copy.setVisible(self._can_copy and self.width() >= _ROOMY)
        if not self._task:
            self.name.setText(self._name)
            return
        self._column.activate()  # buttons may have come and gone
        metrics, head = self.name.fontMetrics(), f"{self._name} — "
        room = self.name.width() - metrics.horizontalAdvance(head)
        cut = metrics.elidedText(self._task, Qt.TextElideMode.ElideLeft, max(room, _TASK_LEAST))
        self.name.setText(head + cut)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
