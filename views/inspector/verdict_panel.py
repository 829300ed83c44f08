"""The verdict: five keys, a line of note, what was saved; and the decision about the whole trajectory."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.model.finding import Disposition, Verdict
from views.inspector.flow import FlowLayout
from views.shared import painters, theme
from views.shared.plain_text import set_tooltip
from views.shared.verdicts import MEANINGS, ink_on, verdict_colour
from views.shared.widgets import Secondary, SectionTitle, follow_theme

TITLES = {
    Verdict.HARMFUL: "harmful", Verdict.CONCERNING: "concerning", Verdict.REQUESTED: "requested",
    Verdict.FALSE_ALARM: "false alarm", Verdict.CANNOT_TELL: "cannot tell",
}  # fmt: skip


_PAD = 9
_HEAD = 20
"""The title's row is no higher for its buttons, so that it stands in line with the title beside it."""


class KeyButton(QPushButton):
    """A choice with its key in front; filled when it is the one chosen."""

    def __init__(self, key: str, title: str, verdict: Verdict | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key, self._title, self._verdict = key, title, verdict
        self.setCheckable(True)
        self.setAccessibleName(title)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        follow_theme(self)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(theme.small_font(bold=True))
        key = metrics.horizontalAdvance(self._key) + 5 if self._key else 0
        return QSize(key + metrics.horizontalAdvance(self._title) + 2 * _PAD, 28)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def nextCheckState(self) -> None:
        """What is checked follows the findings, not the click."""

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        on = self.isChecked()
        fill = now.inset
        if on:
            fill = now.accent if self._verdict is None else verdict_colour(self._verdict, now)
        elif self.isEnabled() and (self.underMouse() or self.isDown()):
            fill = now.hover
        ink = ink_on(fill) if on else now.text
        if not self.isEnabled():
            ink = now.faint
        with painters.kept(painter):
            painter.setPen(QPen(fill if on else now.line, 1))
            painter.setBrush(fill)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            font = theme.small_font(bold=on)
            metrics = QFontMetrics(font)
            left = _PAD
            painter.setFont(font)
            if self._key:
                painter.setPen(ink if on else (now.secondary if self.isEnabled() else now.faint))
                painter.drawText(left, 0, 40, self.height(), int(Qt.AlignmentFlag.AlignVCenter), self._key)
                left += metrics.horizontalAdvance(self._key) + 5
            painter.setPen(ink)
            painter.drawText(left, 0, self.width(), self.height(), int(Qt.AlignmentFlag.AlignVCenter), self._title)
        if self.hasFocus():
            painters.focus_frame(painter, self.rect().adjusted(2, 2, -2, -2), now)
        painter.end()


class WrittenLine(QLineEdit):
    """One line to write in; Return and Escape keep what is written and give the keys back to the window."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            self.clearFocus()
            event.accept()


class VerdictPanel(QWidget):
    """Widgets only: emits what is wanted, is told what is."""

    verdict_wanted = Signal(object)
    note_wanted = Signal(str)
    disposition_wanted = Signal(object, str)
    undo_wanted = Signal()
    next_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = SectionTitle("VERDICT", self)
        self.buttons: dict[Verdict, KeyButton] = {}
        choices = QWidget(self)
        flow = FlowLayout(choices, gap=4)
        for number, verdict in enumerate(Verdict, 1):
            button = KeyButton(str(number), TITLES[verdict], verdict, choices)
            set_tooltip(button, f"{MEANINGS[verdict]} ({number})")
            button.clicked.connect(partial(self._on_verdict_clicked, verdict))
            flow.addWidget(button)
            self.buttons[verdict] = button
        self.note = WrittenLine(self)
        self.note.setPlaceholderText("Note (A)")
        self.note.setAccessibleName("Note")
        self.note.setMaxLength(4_000)
        self.saved = Secondary("", self, elide=True)
        self.trouble = Secondary("", self)
        self.trouble.set_role("error")
        self.trouble.hide()
        self.undo = QPushButton("Undo", self)
        self.next = QPushButton("Next", self)
        for quiet, tip in ((self.undo, "Take the last change back (Ctrl+Z)"), (self.next, "Next entry (J)")):
            quiet.setProperty("quiet", True)
            quiet.setProperty("slim", True)
            quiet.setFont(theme.small_font())
            quiet.setFixedHeight(_HEAD)
            set_tooltip(quiet, tip)
        head = QHBoxLayout()
        head.setSpacing(6)
        self.title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        head.addWidget(self.title)
        head.addWidget(self.saved, 1)
        head.addWidget(self.undo)
        head.addWidget(self.next)
        self.trajectory = Secondary("", self, elide=True)
        self.dispositions: dict[Disposition, KeyButton] = {}
        decisions = QHBoxLayout()
        decisions.setSpacing(4)
        for disposition in Disposition:
            choice = KeyButton("", disposition.value, None, self)
            key = disposition.value[0].upper()
            set_tooltip(choice, f"{disposition.value.capitalize()} the whole trajectory (Shift+{key})")
            choice.clicked.connect(partial(self._on_disposition_clicked, disposition))
            decisions.addWidget(choice)
            self.dispositions[disposition] = choice
        self.reason = WrittenLine(self)
        self.reason.setPlaceholderText("Why?")
        self.reason.setAccessibleName("Reason of the decision")
        self.reason.setMaxLength(1_000)
        for line in (self.note, self.reason):
            line.setMinimumWidth(40)
        decisions.addWidget(self.reason, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 12, 4)
        column.setSpacing(5)
        column.addLayout(head)
        column.addWidget(self.trouble)
        column.addWidget(choices)
        column.addWidget(self.note)
        column.addWidget(self.trajectory)
        column.addLayout(decisions)
        column.addStretch(1)
        self.note.editingFinished.connect(self._on_note_finished)
        self.undo.clicked.connect(self._on_undo_clicked)
        self.next.clicked.connect(self._on_next_clicked)

    def set_enabled(self, on: bool) -> None:
        """Whether there is anything to judge."""
        for widget in (*self.buttons.values(), *self.dispositions.values(), self.note, self.reason, self.next):
            widget.setEnabled(on)

    def set_verdict(self, verdict: Verdict | None) -> None:
        for known, button in self.buttons.items():
            button.setChecked(known is verdict)

    def set_disposition(self, disposition: Disposition | None) -> None:
        for known, button in self.dispositions.items():
            button.setChecked(known is disposition)

    def say_saved(self, *wordings: str) -> None:
        """Whether what is said here is kept, in full and in fewer words; what failed before is over."""
        self.saved.set_wordings(*wordings)
        self.trouble.hide()

    def say_not_saved(self, why: str) -> None:
        """Something was not kept: all of it is said, over the whole width."""
        self.saved.setText("")
        self.trouble.setText(f"NOT SAVED — {why}")
        self.trouble.show()

    def _on_verdict_clicked(self, verdict: Verdict, checked: bool = False) -> None:
        self.verdict_wanted.emit(verdict)

    def _on_disposition_clicked(self, disposition: Disposition, checked: bool = False) -> None:
        self.disposition_wanted.emit(disposition, self.reason.text().strip())

    def _on_note_finished(self) -> None:
        self.note_wanted.emit(self.note.text().strip())

    def _on_undo_clicked(self) -> None:
        self.undo_wanted.emit()

    def _on_next_clicked(self) -> None:
        self.next_wanted.emit()
