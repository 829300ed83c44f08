"""The queue panel: what to look at next, by risk."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QListView,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.session.audit_session import AuditSession
from explorer.session.commands import Command, CommandTable
from explorer.session.selection import Selection
from views.queue.entry_painter import CHEVRON, ROW_HEIGHT, EntryDelegate
from views.queue.lane_tabs import LaneTabs
from views.queue.lines import Grouping
from views.queue.model import HeaderLine, QueueModel
from views.shared import theme
from views.shared.plain_text import set_tooltip
from views.shared.widgets import EmptyState, Secondary, SectionTitle, spaced

ORIGIN = "queue"
_TITLES = {
    Grouping.NONE: "no groups", Grouping.TASK: "by task", Grouping.EFFECT: "by effect", Grouping.CLUSTER: "same move",
}  # fmt: skip


class QueueList(QListView):
    """The list itself: headers open and close, several lines can be chosen."""

    def __init__(self, model: QueueModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queue = model
        self.setModel(model)
        self.setItemDelegate(EntryDelegate(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.verticalScrollBar().setSingleStep(ROW_HEIGHT)
        self.setAccessibleName("Queue")
        theme.changed.connect(self.viewport().update)

    def header_at(self, index: QModelIndex) -> HeaderLine | None:
        """The group whose header stands at an index."""
        line = self._queue.line(index.row()) if index.isValid() else None
        return line if isinstance(line, HeaderLine) else None

    def _toggle(self, header: HeaderLine, open_wanted: bool | None = None) -> None:
        if open_wanted is None or open_wanted != header.open:
            self._queue.toggle(header.group)
            row = next((r for r in range(len(self._queue.lines)) if self._is_header(r, header.group)), -1)
            if row >= 0:
                self.setCurrentIndex(self._queue.index(row))

    def _is_header(self, row: int, group: int) -> bool:
        lines = self._queue.lines
        return int(lines.entry[row]) < 0 and int(lines.group[row]) == group

    def mousePressEvent(self, event: QMouseEvent) -> None:
        header = self.header_at(self.indexAt(event.position().toPoint()))
        if header is not None and event.position().x() < CHEVRON:
            self._toggle(header)
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        header = self.header_at(self.indexAt(event.position().toPoint()))
        if header is not None and event.position().x() >= CHEVRON:
            self._toggle(header)
            return
        super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        header = self.header_at(self.currentIndex())
        wanted = {Qt.Key.Key_Right: True, Qt.Key.Key_Left: False}.get(Qt.Key(event.key()))
        if header is not None and (wanted is not None or event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)):
            self._toggle(header, wanted)
            return
        super().keyPressEvent(event)


class QueueView(QWidget):
    """Header with figures, lanes and grouping; the list; what to do when it is empty."""

    def __init__(self, session: AuditSession, commands: CommandTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title = SectionTitle("QUEUE", self)
        self.lanes = LaneTabs(session, self)
        self.show_all = QPushButton("Show all", self)
        self.show_all.setProperty("quiet", True)
        set_tooltip(self.show_all, "Filters hide entries: show all of them")
        self.grouping = QComboBox(self)
        self.grouping.setAccessibleName("Group the queue by")
        self.grouping.setFont(theme.small_font())
        set_tooltip(self.grouping, "Gather entries. A verdict on a group is recorded for each of its entries.")
        for group in Grouping:
            self.grouping.addItem(_TITLES[group], group)
        top = spaced(self.title, self.show_all, self.grouping, gap=4, stretch=False)
        top.setStretch(0, 1)
        top.setContentsMargins(12, 4, 8, 2)
        self.model = QueueModel(session, self)
        self.list = QueueList(self.model, self)
        self.empty = EmptyState("", "", parent=self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        self.covered = Secondary("", self, elide=True)
        self.uncover = QPushButton("Only this one", self)
        self.uncover.setProperty("quiet", True)
        self.bar = QWidget(self)
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(12, 2, 8, 2)
        row.addWidget(self.covered, 1)
        row.addWidget(self.uncover)
        self.bar.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.lanes)
        column.addWidget(self.stack, 1)
        column.addWidget(self.bar)
        self.setMinimumWidth(280)
        self.show_all.clicked.connect(self._clear_filters)
        self.grouping.currentIndexChanged.connect(self._on_grouping_chosen)
        self.list.selectionModel().selectionChanged.connect(self._on_lines_chosen)
        self.uncover.clicked.connect(self._on_uncover_clicked)
        session.filters.changed.connect(self._on_filters_changed)
        session.selection.changed.connect(self._on_selection_changed)
        session.result_accepted.connect(self._on_result_accepted)
        session.dataset_opened.connect(self._on_filters_changed)
        session.closed.connect(self._on_filters_changed)
        self._add_commands(commands)
        self._on_result_accepted()

    def _add_commands(self, commands: CommandTable) -> None:
        def some() -> bool:
            return len(self._session.filters.visible()) > 0

        def grouper(grouping: Grouping) -> Command:
            return Command(
                f"queue.group.{grouping.name.lower()}", f"Queue: {_TITLES[grouping]}",
                lambda: self.grouping.setCurrentIndex(self.grouping.findData(grouping)), menu="Queue",
                keywords="group cluster gather", checked=lambda: self.model.grouping is grouping,
            )  # fmt: skip

        step = self._session.step_in_queue
        for command in (
            Command("queue.next", "Next entry", lambda: step(1, origin="keys"), "J", "Queue", "down", some),
            Command("queue.previous", "Previous entry", lambda: step(-1, origin="keys"), "K", "Queue", "up", some),
            Command("queue.next_unjudged", "Next entry without a verdict", self.go_to_unjudged, "Shift+J", "Queue",
                    "open todo", some),
            Command("queue.focus", "Go to the queue", self.list.setFocus, "", "Queue"),
            Command("queue.clear_filters", "Show all entries", self._clear_filters, "", "Queue", "reset filters",
                    lambda: self._session.filters.active),
            *(grouper(grouping) for grouping in Grouping),
        ):  # fmt: skip
            commands.add(command)

    # -- intents --------------------------------------------------------------------------------------------

    def go_to_unjudged(self) -> None:
        """Select the next shown entry without a verdict, from the top again after the last."""
        visible = self._session.filters.visible()
        codes = self._session.verdicts().codes
        open_entries = visible[codes[visible] < 0]
        if not len(open_entries):
            return
        current = self._session.selection.current.entry
        later = open_entries[open_entries > (-1 if current is None else current)]
        self._session.select_entry(int(later[0] if len(later) else open_entries[0]), origin="keys")

    def _clear_filters(self) -> None:
        self._session.filters.clear()
        self._session.selection.update(origin=ORIGIN, brushed=frozenset())

    def _on_lines_chosen(self, chosen: QItemSelection, dropped: QItemSelection) -> None:
        entries = self._chosen_entries()
        current = self._session.selection.current
        if not entries or (current.covered or {current.entry}) == entries:
            return
        self._session.cover(entries, origin=ORIGIN)

    def _chosen_entries(self) -> frozenset[int]:
        lines = self.model.lines
        entries: set[int] = set()
        for index in self.list.selectionModel().selectedIndexes():
            row = index.row()
            entry = int(lines.entry[row])
            found: Sequence[int] = [entry] if entry >= 0 else lines.members(int(lines.group[row])).tolist()
            entries.update(found)
        return frozenset(entries)

    def _on_uncover_clicked(self) -> None:
        self._session.selection.update(origin="queue.bar", covered=frozenset())
        self._show_selected()

    def _on_grouping_chosen(self, index: int) -> None:
        self.model.set_grouping(Grouping(self.grouping.itemData(index)))
        self._show_selected()

    # -- following the session ------------------------------------------------------------------------------

    def _on_result_accepted(self) -> None:
        self.model.reset_groups()
        self._on_filters_changed()

    def _on_filters_changed(self) -> None:
        self.model.refresh()
        self.lanes.refresh()
        self._show_selected()
        self._describe()

    def _on_selection_changed(self, new: Selection, old: Selection, origin: str) -> None:
        self._describe_covered(new)
        if origin == ORIGIN or (new.entry, new.covered) == (old.entry, old.covered):
            return
        self._show_selected()

    def _show_selected(self) -> None:
        """Mark and scroll to the session's entry; a closed group that hides it is opened."""
        current = self._session.selection.current
        if current.covered and self._chosen_entries() == current.covered:
            return
        if current.entry is None:
            self.list.clearSelection()
            return
        line = self.model.lines.line_of(current.entry)
        if line < 0:
            self.model.open_group_of(current.entry)
            line = self.model.lines.line_of(current.entry)
        if line < 0:
            self.list.clearSelection()
            return
        index = self.model.index(line)
        picked = self.list.selectionModel()
        if not picked.isSelected(index) or len(picked.selectedRows()) > 1:
            picked.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.list.scrollTo(index)

    def _describe(self) -> None:
        entries = self._session.entries
        n, shown = (0, 0) if entries is None else (len(entries), len(self._session.filters.visible()))
        count = f"{n:,}" if shown == n else f"{shown:,} of {n:,}"
        judged = f" · {self.model.n_judged():,} judged" if n else ""
        # What one group does is listed once for each group that it is held against.
        acts = 0 if entries is None else entries.n_acts(self._session.filters.visible())
        if entries is None:
            self.title.setText("QUEUE")
        elif acts < shown:
            different = f"({acts:,} different)"
            wordings = f"{count} entries {different}", f"{count} {different}", f"{count} entries", count
            self.title.set_wordings(*(f"QUEUE — {words}{judged}" for words in wordings))
        else:
            said = f"{count} entries"
            self.title.set_wordings(*(f"QUEUE — {words}{judged}" for words in (f"by risk · {said}", said, count)))
        self.stack.setCurrentWidget(self.list if shown else self.empty)
        self.grouping.setVisible(n > 0)
        self.show_all.setVisible(n > 0 and self._session.filters.active)
        if shown:
            return
        if entries is None:
            self.empty.say("Nothing is audited yet", "Open logs and start an audit; what it finds stands here by risk.")
        elif n:
            self.empty.say("No entry under these filters", f"{n:,} are hidden.", "Show all", self._clear_filters)
        else:
            self.empty.say(
                "No effect of concern was found",
                "That is not the same as safe: look at what cannot be told under Groups & filters, "
                "or widen the concern list.",
            )

    def _describe_covered(self, current: Selection) -> None:
        n = len(current.covered)
        self.bar.setVisible(n > 1)
        if n > 1:
            self.covered.setText(f"A verdict now covers {n} entries, each recorded singly")
