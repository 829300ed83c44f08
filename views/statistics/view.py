"""The statistics panel: for each behaviour the groups' rates with intervals and, in words, what they decide."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from explorer.model.alignment import PrefixTree
from explorer.session.audit_session import AuditSession
from explorer.session.commands import Command, CommandTable
from explorer.session.own_trials import own_trials_sentences
from explorer.session.selection import Selection
from views.shared import painters, theme
from views.shared.plain_text import PlainLabel
from views.shared.rates import read_rates
from views.shared.widgets import EmptyState, Secondary, SectionTitle, clear_layout
from views.statistics.forest import COLUMNS, Forest, cells, forest_columns
from views.statistics.own_trials import OwnTrials, spread_rows
from views.statistics.tree_panel import TreePanel
from views.statistics.tree_view import TreeView

_COMPARED = 24
"""Comparisons of groups that are told one by one."""


class StatisticsView(QWidget):
    """All behaviours, one under the other, then the tree of the selected task.

    ``tree_wanted`` asks for a task's prefix tree; the answer comes through :meth:`show_tree`.
    """

    tree_wanted = Signal(str)

    def __init__(self, session: AuditSession, commands: CommandTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._title = SectionTitle("STATISTICS")
        self._column = QVBoxLayout()
        self._column.setContentsMargins(16, 4, 16, 16)
        self._column.setSpacing(4)
        body = QWidget()
        body.setLayout(self._column)
        scroll = self._scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        self._title.setContentsMargins(12, 0, 0, 0)
        column.addWidget(self._title)
        column.addWidget(scroll, 1)
        self.setProperty("panel", True)
        self._tree_panel: TreePanel | None = None
        self._own_head: PlainLabel | None = None
        self._task = ""
        session.selection.changed.connect(self._on_selection_changed)
        session.result_accepted.connect(self.refresh)
        session.dataset_opened.connect(self.refresh)
        session.closed.connect(self.refresh)
        commands.add(
            Command("statistics.copy", "Copy the rates as a table", self.copy, "", "Edit", "csv markdown statistics")
        )
        self.refresh()

    def refresh(self) -> None:
        """Read the rates anew."""
        clear_layout(self._column)
        self._tree_panel = None
        self._own_head = None
        result, settings = self._session.result, self._session.settings
        if result is None or settings is None:
            self._column.addWidget(
                EmptyState(
                    "No rates yet", "They appear with the first audit: how many tasks of each group show a behaviour."
                )
            )
            return
        rates = read_rates(result.frame("rates"))
        columns = forest_columns(rates)
        titles = {behaviour.id: behaviour.title for behaviour in settings.behaviours}
        self._column.addWidget(
            Secondary("The unit is the task. A dot is a rate, the line its 95 % interval, the pale band what “cannot "
                      "tell” leaves open. Attempts are not counted as acts; dead trajectories are left out.")
        )  # fmt: skip
        for behaviour in dict.fromkeys(rate.behaviour for rate in rates):
            head = PlainLabel(titles.get(behaviour, painters.words(behaviour)))
            head.setFont(theme.font(bold=True))
            head.setContentsMargins(0, 12, 0, 0)
            self._column.addWidget(head)
            self._column.addWidget(Forest(tuple(rate for rate in rates if rate.behaviour == behaviour), columns))
            for said in result.summary.get("comparisons", ()):
                if said["behaviour"] == behaviour:
                    self._column.addWidget(Secondary(said["sentence"]))
        self._add_spread()
        self._tree_panel = TreePanel(self._session)
        self._tree_panel.line_reached.connect(self._on_line_reached)
        self._column.addWidget(self._tree_panel)
        self._column.addStretch(1)
        self._task = ""
        self._ask_if_seen()

    def show_tree(self, task: str, tree: PrefixTree) -> None:
        """Show a task's prefix tree."""
        if self._tree_panel is not None and self._session.dataset is not None and task == self._task:
            self._tree_panel.show_tree(task, tree)

    def stop_tree(self) -> None:
        """The tree was not grown: cancelled, or it failed."""
        if self._tree_panel is not None and self._task:
            self._tree_panel.give_up(self._task)

    @property
    def tree(self) -> TreeView | None:
        """The tree of the selected task; None before the first audit."""
        return None if self._tree_panel is None else self._tree_panel.tree

    def paintEvent(self, event: QPaintEvent) -> None:
        # Docks behind a tab are moved away, not hidden: being painted is the sign that somebody looks.
        super().paintEvent(event)
        QTimer.singleShot(0, self, self._ask_if_seen)

    def _ask_if_seen(self) -> None:
        """Ask for the selected task's tree, once somebody sees this panel."""
        dataset, trajectory = self._session.dataset, self._session.selection.current.trajectory
        if dataset is None or trajectory is None or self._session.result is None:
            return
        task = dataset.task.of(trajectory) or ""
        if task != self._task and self.isVisible() and not self.visibleRegion().isEmpty():
            self._task = task
            if self._tree_panel is not None:
                self._tree_panel.wait_for(task)
            self.tree_wanted.emit(task)

    def _on_selection_changed(self, new: Selection, old: Selection, origin: str) -> None:
        if new.trajectory != old.trajectory:
            self._ask_if_seen()
        if self._tree_panel is not None:
            self._tree_panel.show_selection(new)

    def _on_line_reached(self, top: int, bottom: int) -> None:
        if self._tree_panel is not None:
            above = self._tree_panel.y()
            self._scroll.ensureVisible(0, above + top, 0, 8)
            self._scroll.ensureVisible(0, above + bottom, 0, 8)

    def _add_spread(self) -> None:
        """How alike a group is to itself, and pairs beside it: what a divergence between two groups must be held
        against."""
        result = self._session.result
        summary = result.summary if result is not None else {}
        rows, told = spread_rows(summary), own_trials_sentences(summary, most=_COMPARED)
        if not rows and not told:
            return
        head = PlainLabel("How alike: pairs beside a group’s own trials")
        head.setFont(theme.font(bold=True))
        head.setContentsMargins(0, 16, 0, 0)
        self._column.addWidget(head)
        self._own_head = head
        if rows:
            self._column.addWidget(
                Secondary("Two trials of one group on one task differ too. Bars are pairs by their score, the line is "
                          "the mean; “differ” is how many of them have another effect of concern.")
            )  # fmt: skip
            self._column.addWidget(OwnTrials(rows))
        for sentence in told:
            self._column.addWidget(Secondary(sentence))

    def show_own_trials(self) -> None:
        """Scroll to what is said of pairs beside a group's own trials."""
        if self._own_head is not None:
            # Once the panel has its place: one that was behind a tab is laid out when it comes to the front.
            QTimer.singleShot(0, self, self._scroll_to_own)

    def _scroll_to_own(self) -> None:
        if self._own_head is not None:
            self._scroll.verticalScrollBar().setValue(self._own_head.y())

    def copy(self) -> None:
        """Put the rates on the clipboard as a Markdown table."""
        from PySide6.QtGui import QGuiApplication

        QGuiApplication.clipboard().setText(self.as_markdown())

    def as_markdown(self) -> str:
        """The rates as a Markdown table."""
        result = self._session.result
        if result is None:
            return ""
        lines = ["| behaviour | group | role | " + " | ".join(COLUMNS) + " | method |"]
        lines.append("|" + "---|" * (4 + len(COLUMNS)))
        for rate in read_rates(result.frame("rates")):
            said = " | ".join(cells(rate))
            lines.append(f"| {rate.behaviour} | {rate.group} | {rate.role or ''} | {said} | {rate.method} |")
        return "\n".join(lines)
