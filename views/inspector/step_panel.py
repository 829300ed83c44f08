"""The step itself: its arguments with the evidence underlined, what is said of it, and its texts."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from explorer.session.audit_session import AuditSession
from views.inspector.model import Inspected, raw_text
from views.inspector.sentence_list import SentenceList
from views.shared import theme
from views.shared.plain_text import PlainText
from views.shared.widgets import RoleMark, Secondary, SectionTitle


class Tab(IntEnum):
    """What of a step is shown."""

    STEP = 0
    DIFF = 1
    THOUGHT = 2
    OBSERVATION = 3
    RAW = 4


_NAMES = {
    Tab.STEP: "Explained", Tab.DIFF: "Diff", Tab.THOUGHT: "Thought", Tab.OBSERVATION: "Observation",
    Tab.RAW: "Raw",
}  # fmt: skip


class DiffPage(QWidget):
    """The arguments of both sides, what the other lacks set off."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 8)
        row.setSpacing(8)
        self.marks, self.names, self.texts = [], [], []
        for _ in range(2):
            mark, name, text = RoleMark(None, self), Secondary("", self, elide=True), PlainText(self)
            head = QHBoxLayout()
            head.addWidget(mark)
            head.addWidget(name, 1)
            column = QVBoxLayout()
            column.setSpacing(2)
            column.addLayout(head)
            column.addWidget(text, 1)
            row.addLayout(column, 1)
            self.marks.append(mark)
            self.names.append(name)
            self.texts.append(text)

    def fill(self, inspected: Inspected) -> None:
        """Teacher left, student right, whichever of the two is selected."""
        mine, theirs = inspected.compared()
        sides = [(inspected.other, *theirs), (inspected.card, *mine)]
        if inspected.card.role == "teacher":
            sides.reverse()
        for place, (card, text, spans) in enumerate(sides):
            self.marks[place].set_role(None if card is None else card.role)
            if card is None:
                missing = "no step stands here on the other side" if inspected.paired else "there is no pair"
                self.names[place].setText(missing)
                self.texts[place].set_text("")
                continue
            number = card.log_id if card.log_id is not None else str(card.index)
            self.names[place].setText(f"{card.role or ''} {card.group} · step {number}".strip())
            self.texts[place].set_text(text)
            self.texts[place].mark_each([(start, end, "warning") for start, end in spans])


class StepPanel(QWidget):
    """A title, tabs, and one page for each; pages are filled when they are looked at."""

    def __init__(self, session: AuditSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._inspected: Inspected | None = None
        self._filled: set[Tab] = set()
        self.title = SectionTitle("STEP", self)
        self.tabs = QTabBar(self)
        self.tabs.setDrawBase(False)
        self.tabs.setStyleSheet("QTabBar::tab { padding: 4px 8px; }")
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        for tab in Tab:
            self.tabs.addTab(_NAMES[tab])
        self.tabs.setFont(theme.small_font())
        self.title.setContentsMargins(12, 8, 8, 0)
        under = QHBoxLayout()
        under.setContentsMargins(4, 0, 8, 0)
        under.addWidget(self.tabs, 1)
        self.evidence = PlainText(self, fit=6)
        self.sentences = SentenceList(self)
        self.diff = DiffPage(self)
        self.thought, self.observation, self.raw = PlainText(self), PlainText(self), PlainText(self)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self._explained())
        self.pages.addWidget(self.diff)
        for viewer in (self.thought, self.observation, self.raw):
            self.pages.addWidget(self._padded(viewer))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.title)
        column.addLayout(under)
        column.addWidget(self.pages, 1)
        self.tabs.currentChanged.connect(self._on_tab_chosen)

    def show_step(self, inspected: Inspected) -> None:
        """Another step: the page in front is filled now, the others when they are opened."""
        self._inspected = inspected
        self._filled.clear()
        self.title.setText(inspected.title)
        self.tabs.setTabEnabled(Tab.DIFF, inspected.paired)
        self.tabs.setTabEnabled(Tab.THOUGHT, bool(inspected.card.thought))
        self.tabs.setTabEnabled(Tab.OBSERVATION, bool(inspected.card.observation))
        if not self.tabs.isTabEnabled(self.tabs.currentIndex()):
            self.tabs.setCurrentIndex(Tab.STEP)
        self._fill(Tab(self.tabs.currentIndex()))

    def go_to(self, tab: Tab) -> None:
        """Show a page."""
        if self.tabs.isTabEnabled(tab):
            self.tabs.setCurrentIndex(tab)

    def _on_tab_chosen(self, index: int) -> None:
        self.pages.setCurrentIndex(index)
        self._fill(Tab(index))

    def _fill(self, tab: Tab) -> None:
        found = self._inspected
        if found is None or tab in self._filled:
            return
        self._filled.add(tab)
        if tab is Tab.STEP:
            self.evidence.set_text(found.card.arguments or found.card.thought or found.card.kind)
            self.evidence.mark_each(found.evidence if found.card.arguments else ())
            self.sentences.fill(found.story, found.card)
            self._scroll.verticalScrollBar().setValue(0)
        elif tab is Tab.DIFF:
            self.diff.fill(found)
        elif tab is Tab.THOUGHT:
            self.thought.set_text(found.card.thought)
        elif tab is Tab.OBSERVATION:
            self.observation.set_text(found.card.observation)
        else:
            self.raw.set_text(raw_text(self._session, found.card))

    def _explained(self) -> QWidget:
        inner = QWidget(self)
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 4, 12, 8)
        column.setSpacing(8)
        column.addWidget(self.evidence)
        column.addWidget(self.sentences)
        column.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidget(inner)
        return self._scroll

    def _padded(self, viewer: QWidget) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 4, 12, 8)
        column.addWidget(viewer)
        return page
