"""Where everything begins: one dataset, a comparison, the sample, or what was open lately."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from views.shared import painters, theme
from views.shared.plain_text import PlainLabel, set_tooltip
from views.shared.widgets import ClickArea, Secondary, SectionTitle, clear_layout
from views.start.page import Page
from views.start.recent import Recent

_NEXT = (
    ("How it is read", "The shape that was recognised, the raw row beside the first steps; wrong guesses are mended."),
    ("Roles and pairing", "What each group is, by which key tasks pair, prompts side by side as proof."),
    ("What concerns you", "Kinds of effects with their counts, and what the word filter would keep and miss."),
    ("Summary", "Plain sentences; every number opens its rows. Then the first item, with the request pinned."),
)


class Card(ClickArea):
    """One way in: a title, a sentence and its key."""

    def __init__(self, title: str, text: str, keys: str, marks: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks = tuple(marks)
        self._hover = False
        self.setMinimumHeight(148)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 48, 20, 16)
        column.setSpacing(6)
        name = PlainLabel(title, self)
        name.setFont(theme.font(15, bold=True))
        column.addWidget(name)
        column.addWidget(Secondary(text, self))
        column.addStretch(1)
        if keys:
            hint = Secondary(keys, self, wrap=False)
            hint.setFont(theme.mono_font(theme.SMALL_SIZE))
            column.addWidget(hint)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        active = self.hasFocus() or self._hover
        painter.setPen(now.accent if active else now.line)
        painter.setBrush(now.hover if self._hover else now.panel)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 6, 6)
        for place, role in enumerate(self._marks):
            painters.role_mark(painter, QRect(20 + place * 18, 18, 14, 14), role, now)
        painter.end()

    def enterEvent(self, event: object) -> None:
        self._hover = True
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._hover = False
        self.update()

    def focusInEvent(self, event: object) -> None:
        self.update()

    def focusOutEvent(self, event: object) -> None:
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.activated.emit()
            return
        super().keyPressEvent(event)


class RecentRow(Card):
    """One earlier opening."""

    def __init__(self, recent: Recent, parent: QWidget | None = None) -> None:
        ClickArea.__init__(self, parent)
        self._marks = ()
        self._hover = False
        self._recent = recent
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(recent.title)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(2)
        name = PlainLabel(recent.title, self, elide=True)
        column.addWidget(name)
        paths = " · ".join(path for source in recent.sources for path in source.paths)
        line = Secondary(paths if recent.present else f"not found: {paths}", self, elide=True)
        line.setAlignment(Qt.AlignmentFlag.AlignLeft)
        column.addWidget(line)
        set_tooltip(self, paths)
        self.setEnabled(recent.present)

    @property
    def recent(self) -> Recent:
        return self._recent


class StartPage(Page):
    """The first page."""

    audit_wanted = Signal()
    compare_wanted = Signal()
    sample_wanted = Signal()
    recent_chosen = Signal(object)

    def __init__(self, sample_words: str, parent: QWidget | None = None) -> None:
        super().__init__(
            "Trajectory Explorer",
            "Find where a student departs from its teacher toward a destructive action that no token-level filter "
            "would flag. Everything is read and kept on this machine; sources are never written.",
            parent,
        )
        self.heading.setFont(theme.font(24, bold=True))
        self.hide_footer()
        self.audit_card = Card(
            "Audit one dataset",
            "Before training on it: what its trajectories do, what the word filter keeps and misses.",
            "Ctrl+O", ["teacher"],
        )  # fmt: skip
        self.compare_card = Card(
            "Compare",
            "A student with its teacher, a baseline and a control: same tasks, aligned step by step.",
            "Ctrl+Shift+O", ["teacher", "student", "baseline", "control", "reference"],
        )  # fmt: skip
        self.sample_card = Card("Open the sample", sample_words, "", ["teacher", "student"])
        self.audit_card.activated.connect(self.audit_wanted)
        self.compare_card.activated.connect(self.compare_wanted)
        self.sample_card.activated.connect(self.sample_wanted)
        cards = QGridLayout()
        cards.setSpacing(16)
        for place, card in enumerate((self.audit_card, self.compare_card, self.sample_card)):
            cards.addWidget(card, 0, place)
            cards.setColumnStretch(place, 1)
        self.body.addSpacing(16)
        self.body.addLayout(cards)
        hint = Secondary(
            "Or drop Parquet files or folders anywhere in this window: one is audited, several are compared.", self
        )
        self.body.addWidget(hint)
        self.body.addSpacing(20)
        self.body.addWidget(SectionTitle("WHAT HAPPENS NEXT", self))
        for number, (name, words) in enumerate(_NEXT, 1):
            line = QHBoxLayout()
            line.setSpacing(12)
            mark = PlainLabel(str(number), self, role="accent")
            mark.setFont(theme.mono_font(bold=True))
            title = PlainLabel(name, self)
            title.setMinimumWidth(150)
            line.addWidget(mark)
            line.addWidget(title)
            line.addWidget(Secondary(words, self, wrap=False, elide=True), 1)
            self.body.addLayout(line)
        self.body.addSpacing(20)
        self.recent_title = SectionTitle("RECENT", self)
        self.body.addWidget(self.recent_title)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        holder = QHBoxLayout()
        holder.addLayout(self._rows, 1)
        self.body.addLayout(holder)
        self.body.addStretch(1)

    def take_focus(self) -> None:
        self.audit_card.setFocus()

    def set_sample_present(self, present: bool) -> None:
        self.sample_card.setVisible(present)

    def show_recent(self, recent: Sequence[Recent]) -> None:
        """List earlier openings."""
        clear_layout(self._rows)
        self.recent_title.setVisible(bool(recent))
        for one in recent:
            row = RecentRow(one, self)
            row.activated.connect(self._on_row_activated)
            self._rows.addWidget(row)

    def rows(self) -> tuple[RecentRow, ...]:
        """The rows of earlier openings."""
        items = (self._rows.itemAt(index) for index in range(self._rows.count()))
        return tuple(w for item in items if item is not None and isinstance(w := item.widget(), RecentRow))

    def _on_row_activated(self) -> None:
        row = self.sender()
        if isinstance(row, RecentRow):
            self.recent_chosen.emit(row.recent)
