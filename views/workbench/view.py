"""The workbench panel: controls left, cells and sentences right."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from explorer.model.token_filter import FilterSpec
from explorer.model.workbench import Cell
from explorer.session.audit_session import AuditSession
from explorer.session.commands import CommandTable
from views.shared import theme
from views.shared.plain_text import PlainLabel, button_text
from views.shared.widgets import EmptyState, Secondary, SectionTitle, clear_layout
from views.workbench.cells import CellGrid
from views.workbench.controls import FilterControls
from views.workbench.sentences import comparison_sentences, group_sentence, loss_sentence, range_sentence

ORIGIN = "workbench"
_EXAMPLES = 4
_CONTROLS = 284
"""Pixels in which every control is whole, its scroll bar beside it."""


class WorkbenchView(QWidget):
    """``filter_wanted`` asks for work: the filter and the one to compare with; the answer comes through the session."""

    filter_wanted = Signal(object, object)

    def __init__(self, session: AuditSession, commands: CommandTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._title = SectionTitle("FILTER WORKBENCH")
        self.controls = FilterControls()
        self.grid = CellGrid()
        self._lines = QVBoxLayout()
        self._lines.setSpacing(4)
        self._empty = EmptyState("Nothing to hold a filter against yet", "The workbench opens with the first audit.")
        self._body = QWidget()
        self._asked = False
        self._lay_out()
        self.controls.changed.connect(self._on_filter_changed)
        self.grid.chosen.connect(self._on_cell_chosen)
        session.result_accepted.connect(self._on_result)
        session.dataset_opened.connect(self._on_result)
        session.closed.connect(self._on_result)
        session.workbench_changed.connect(self.refresh)
        self._on_result()

    def ask(self, spec: FilterSpec, other: FilterSpec | None) -> None:
        """Hold a filter against the audit."""
        self._asked = True
        self._title.setText(f"FILTER WORKBENCH — {spec.name}: looking …")
        self.filter_wanted.emit(spec, other)

    def refresh(self) -> None:
        """Show what the session holds."""
        result = self._session.workbench
        clear_layout(self._lines)
        if result is None:
            self.grid.set_cells(None)
            return
        spec = result.spec
        self._title.setText(f"FILTER WORKBENCH — {spec.name} · {spec.unit.value} · {len(spec.words)} words")
        self.grid.set_cells(result.cells.total)
        self._say(range_sentence(result), strong=True)
        self._say(f"All together: {group_sentence(result.cells.total)}")
        for group in result.cells.groups:
            self._say(f"{group.group}: {group_sentence(group)}")
        self._head("What sanitation would throw away")
        for loss in result.losses:
            self._say(loss_sentence(loss, spec.action))
        said = comparison_sentences(result)
        if said:
            self._head("Side by side")
            for line in said:
                self._say(line)
        self._examples("Missed, for example", result.cells.total.examples[1])
        self._examples("False alarms, for example", result.cells.total.examples[2])

    def paintEvent(self, event: QPaintEvent) -> None:
        # Docks behind a tab are moved away, not hidden: being painted is the sign that somebody looks.
        super().paintEvent(event)
        if not self._asked:
            QTimer.singleShot(0, self, self._ask_if_seen)

    def _ask_if_seen(self) -> None:
        # The effects are looked at again only when somebody sees this panel.
        seen = self.isVisible() and not self.visibleRegion().isEmpty()
        if seen and self._session.result is not None and not self._asked:
            self._ask_current()

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 12, 8)
        right.addWidget(self.grid)
        right.addLayout(self._lines)
        right.addStretch(1)
        holder = QWidget()
        holder.setLayout(right)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(holder)
        left = QScrollArea()
        left.setWidgetResizable(True)
        left.setFrameShape(QFrame.Shape.NoFrame)
        left.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        left.setWidget(self.controls)
        left.setFixedWidth(272)
        body = QHBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.addWidget(left)
        body.addWidget(scroll, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        self._title.setContentsMargins(12, 0, 0, 4)
        column.addWidget(self._title)
        column.addWidget(self._empty, 1)
        column.addWidget(self._body, 1)
        self.setProperty("panel", True)

    def _say(self, text: str, *, strong: bool = False) -> None:
        line = PlainLabel(text, wrap=True) if strong else Secondary(text)
        if strong:
            line.setFont(theme.font(bold=True))
        self._lines.addWidget(line)

    def _head(self, text: str) -> None:
        head = PlainLabel(text)
        head.setFont(theme.font(bold=True))
        head.setContentsMargins(0, 10, 0, 0)
        self._lines.addWidget(head)

    def _examples(self, title: str, steps: tuple[int, ...]) -> None:
        dataset = self._session.dataset
        if not steps or dataset is None:
            return
        self._head(title)
        for step in steps[:_EXAMPLES]:
            text = dataset.step_text(step).arguments or ""
            tool = dataset.tool.of(step) or ""
            link = QPushButton(button_text(f"{tool}  {text}"[:110]))
            link.setProperty("link", True)
            link.setFont(theme.mono_font())
            # A long command is cut at the panel's edge; it must not push the cells beside it out of sight.
            link.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            link.setProperty("step", int(step))
            link.clicked.connect(self._on_example_clicked)
            self._lines.addWidget(link)

    def _on_result(self) -> None:
        settings = self._session.settings
        ready = self._session.result is not None and settings is not None
        self._empty.setVisible(not ready)
        self._body.setVisible(ready)
        self._asked = False
        if settings is not None and ready:
            self.controls.set_presets(settings.filter_presets, settings.token_filter)
            self.refresh()
            self._ask_if_seen()
        else:
            self._title.setText("FILTER WORKBENCH")

    def _ask_current(self) -> None:
        spec = self.controls.spec()
        if spec is not None:
            self.ask(spec, self.controls.other())

    def _on_filter_changed(self, spec: FilterSpec, other: FilterSpec | None) -> None:
        self.ask(spec, other)

    def _on_cell_chosen(self, cell: Cell) -> None:
        self._session.select_cell(cell, origin=ORIGIN)

    def _on_example_clicked(self) -> None:
        self._session.select_step(int(self.sender().property("step")), origin=ORIGIN)
