"""The summary in plain sentences; every number opens its rows. While the audit runs, the page says what it does."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from explorer.errors import UserError
from explorer.session.summary import Sentence
from views.shared.plain_text import PlainLabel, button_text
from views.shared.widgets import RoleMark, Secondary, SectionTitle, clear_layout
from views.start.page import Page
from views.start.sentence_row import SentenceRow


class SummaryPage(Page):
    """Sentences, or the progress towards them, or why there are none."""

    opened = Signal(object)
    first_wanted = Signal()
    back_wanted = Signal()
    cancel_wanted = Signal()
    retry_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("Summary")
        self.groups = QVBoxLayout()
        self.groups.setSpacing(2)
        self.body.addLayout(self.groups)
        self.working = QWidget(self)
        column = QVBoxLayout(self.working)
        column.setContentsMargins(0, 24, 0, 0)
        self.stage = PlainLabel("", self.working)
        self.bar = QProgressBar(self.working)
        self.bar.setTextVisible(False)
        self.bar.setMaximumWidth(420)
        self.stop = QPushButton("Cancel", self.working)
        self.stop.clicked.connect(self.cancel_wanted)
        for widget in (self.stage, self.bar):
            column.addWidget(widget)
        row = QHBoxLayout()
        row.addWidget(self.stop)
        row.addStretch(1)
        column.addLayout(row)
        self.body.addWidget(self.working)
        self.trouble = QWidget(self)
        sad = QVBoxLayout(self.trouble)
        sad.setContentsMargins(0, 24, 0, 0)
        self.what = PlainLabel("", self.trouble, wrap=True, role="error")
        self.todo = PlainLabel("", self.trouble, wrap=True)
        self.again = QPushButton("Try again", self.trouble)
        self.again.clicked.connect(self.retry_wanted)
        sad.addWidget(self.what)
        sad.addWidget(self.todo)
        line = QHBoxLayout()
        line.addWidget(self.again)
        line.addStretch(1)
        sad.addLayout(line)
        self.body.addWidget(self.trouble)
        self.sentences = QVBoxLayout()
        self.sentences.setSpacing(0)
        self.body.addLayout(self.sentences)
        self.body.addStretch(1)
        self.add_back("Back").clicked.connect(self.back_wanted)
        self.first = self.add_next("Open the first item", primary=True)
        self.first.clicked.connect(self.first_wanted)
        self._state("none")

    def rows(self) -> tuple[SentenceRow, ...]:
        """The sentences on show."""
        items = (self.sentences.itemAt(index) for index in range(self.sentences.count()))
        return tuple(w for item in items if item is not None and isinstance(w := item.widget(), SentenceRow))

    def show_working(self, words: str, done: int, total: int) -> None:
        """Say what is going on."""
        self._state("working")
        self.stage.setText(words)
        self.bar.setRange(0, total)
        self.bar.setValue(min(done, total))

    def show_trouble(self, error: BaseException) -> None:
        """Say why there is no summary, and the way out."""
        self._state("trouble")
        if isinstance(error, UserError):
            self.what.setText(error.what if error.where is None else f"{error.where}: {error.what}")
            self.todo.setText(error.todo or "")
        else:
            self.what.setText(f"The audit stopped: {error}")
            self.todo.setText("The panel above holds a trace that can be copied.")

    def show_stopped(self) -> None:
        """Cancelled: say so, offer to go on."""
        self._state("trouble")
        self.what.setText("Stopped.")
        self.todo.setText("Nothing was changed.")

    def show_sentences(
        self,
        title: str,
        sentences: Sequence[Sentence],
        groups: Sequence[tuple[str | None, str]],
        measured: Sequence[str] = (),
    ) -> None:
        """The finished summary; ``groups`` are (role, words), ``measured`` what the sample's own experiment found."""
        self._state("done")
        self.heading.setText(title)
        self.purpose.setText("Every line opens what it counts.")
        self._clear()
        for role, words in groups:
            holder = QWidget(self)
            row = QHBoxLayout(holder)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(6)
            row.addWidget(RoleMark(role, holder))
            row.addWidget(PlainLabel(words, holder, elide=True), 1)
            self.groups.addWidget(holder)
        for sentence in sentences:
            line = SentenceRow(sentence, self)
            line.activated.connect(self._on_row_activated)
            self.sentences.addWidget(line)
        if measured:
            head = SectionTitle("MEASURED BY THE EXPERIMENT THAT MADE THE SAMPLE", self)
            head.setContentsMargins(0, 20, 0, 4)
            self.sentences.addWidget(head)
            for words in measured:
                self.sentences.addWidget(Secondary(words, self))
        if not sentences:
            self.sentences.addWidget(Secondary("There is nothing to say about an empty dataset.", self))
        self.first.setFocus()

    def _clear(self) -> None:
        for layout in (self.groups, self.sentences):
            clear_layout(layout)

    def _state(self, state: str) -> None:
        self.working.setVisible(state == "working")
        self.trouble.setVisible(state == "trouble")
        self.first.setEnabled(state == "done")
        self.first.setText(button_text("Open the first item"))
        if state != "done":
            self._clear()

    def _on_row_activated(self) -> None:
        row = self.sender()
        if isinstance(row, SentenceRow):
            self.opened.emit(row.sentence)
