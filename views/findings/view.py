"""The findings panel: a table, a filter by verdict, copies, the way to an export."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from explorer.model.finding import Subject, Verdict
from explorer.session.audit_session import AuditSession
from explorer.session.commands import Command, CommandTable
from explorer.session.finding_rows import FindingRow, findings_markdown, select_finding
from explorer.session.selection import Selection
from views.findings.cell_painter import ROW_HEIGHT, FindingDelegate
from views.findings.model import COLUMNS, DECISIONS, FindingsModel
from views.shared import painters, theme
from views.shared.plain_text import set_tooltip
from views.shared.visible import visible
from views.shared.widgets import EmptyState, SectionTitle, spaced

ORIGIN = "findings"
EXPORT = "export.open"
"""The command the export button runs; whoever offers the export adds it."""
_WIDTHS = {"verdict": 110, "task": 140, "group": 130, "step": 56, "effect": 160, "note": 160, "who": 90, "when": 130}
_LEAVES = {"who": 900, "step": 760, "when": 640, "group": 540}
"""Columns that give way where the panel is narrower than this."""


class FindingsView(QWidget):
    """What was judged; a click leads there."""

    def __init__(self, session: AuditSession, commands: CommandTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._commands = commands
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title = SectionTitle("FINDINGS", self)
        self.only = QComboBox(self)
        self.only.setAccessibleName("Which findings are shown")
        self.copy = QPushButton("Copy", self)
        set_tooltip(self.copy, "Copy the chosen findings (or all shown) as Markdown")
        self.export = QPushButton("Export …", self)
        for button in (self.copy, self.export):
            button.setProperty("quiet", True)
        self.model = FindingsModel(session, self)
        self.table = QTableView(self)
        self._dress_table()
        self.empty = EmptyState("", "", parent=self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        top = spaced(self.title, self.only, self.copy, self.export, stretch=False)
        top.setStretch(0, 1)
        top.setContentsMargins(12, 4, 8, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.stack, 1)
        for command in (
            Command("findings.copy_markdown", "Copy findings as Markdown", self.copy_markdown, "", "Findings",
                    "clipboard report", lambda: bool(self.model.rows)),
            Command("findings.focus", "Go to the findings", self.table.setFocus, "", "Findings"),
        ):  # fmt: skip
            commands.add(command)
        self.only.currentIndexChanged.connect(self._on_only_chosen)
        self.copy.clicked.connect(self.copy_markdown)
        self.export.clicked.connect(self._on_export_clicked)
        self.table.selectionModel().selectionChanged.connect(self._on_row_chosen)
        session.dataset_opened.connect(self._on_dataset_opened)
        session.result_accepted.connect(self.refresh)
        session.closed.connect(self.refresh)
        session.selection.changed.connect(self._on_selection_changed)
        self._on_dataset_opened()

    def _dress_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setItemDelegate(FindingDelegate(table))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setMouseTracking(True)
        table.setTabKeyNavigation(False)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setAccessibleName("Findings")
        rows = table.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        head = table.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        head.setFont(theme.small_font())
        for number, name in enumerate(COLUMNS):
            table.setColumnWidth(number, _WIDTHS[name])
        for name in ("effect", "note"):
            head.setSectionResizeMode(COLUMNS.index(name), QHeaderView.ResizeMode.Stretch)
        theme.changed.connect(table.viewport().update)

    # -- intents --------------------------------------------------------------------------------------------

    def copy_markdown(self) -> None:
        """Put the chosen findings, or all shown, on the clipboard."""
        QGuiApplication.clipboard().setText(findings_markdown(self._chosen() or self.model.rows, visible))

    def _chosen(self) -> Sequence[FindingRow]:
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.rows[row] for row in rows]

    def _on_row_chosen(self, chosen: QItemSelection, dropped: QItemSelection) -> None:
        found = self._chosen()
        if len(found) == 1:
            select_finding(self._session, found[0], origin=ORIGIN)

    def _on_only_chosen(self, index: int) -> None:
        self.model.show_only(str(self.only.itemData(index) or ""))
        self._describe()

    def _on_export_clicked(self) -> None:
        if any(command.id == EXPORT for command in self._commands):
            self._commands.run(EXPORT)

    # -- following the session ------------------------------------------------------------------------------

    def _on_dataset_opened(self) -> None:
        if self._session.findings is not None:
            self._session.findings.changed.connect(self._on_findings_changed)
        self.refresh()

    def _on_findings_changed(self, subjects: tuple[Subject, ...]) -> None:
        self.refresh()

    def _on_selection_changed(self, new: Selection, old: Selection, origin: str) -> None:
        if origin == ORIGIN or new.entry == old.entry:
            return
        row = next((n for n, r in enumerate(self.model.rows) if r.entry is not None and r.entry == new.entry), -1)
        if row < 0:
            self.table.clearSelection()
        elif row not in {index.row() for index in self.table.selectionModel().selectedRows()}:
            self.table.selectRow(row)

    def refresh(self) -> None:
        """Show the findings as they are now."""
        self.model.refresh()
        self._list_choices()
        self._describe()

    def _list_choices(self) -> None:
        held = self.only.currentData() or ""
        counts = self.model.counts()
        names = [("", f"all {self.model.n_all}")]
        names += [(v.value, f"{painters.words(v.value)} {counts[v.value]}") for v in Verdict if counts[v.value]]
        names += [(DECISIONS, f"{DECISIONS} {counts[DECISIONS]}")] if counts[DECISIONS] else []
        for number, (value, name) in enumerate(names):
            if number < self.only.count():
                self.only.setItemText(number, name)
                self.only.setItemData(number, value)
            else:
                self.only.addItem(name, value)
        while self.only.count() > len(names):
            self.only.removeItem(self.only.count() - 1)
        kept = next((n for n, (value, _) in enumerate(names) if value == held), 0)
        self.only.setCurrentIndex(kept)
        self.model.show_only(names[kept][0])

    def _describe(self) -> None:
        n, shown = self.model.n_all, len(self.model.rows)
        self.title.setText("FINDINGS" + (f" — {n}" if shown == n else f" — {shown} of {n}") if n else "FINDINGS")
        for widget in (self.only, self.copy, self.export):
            widget.setVisible(n > 0)
        self.stack.setCurrentWidget(self.table if shown else self.empty)
        if self._session.dataset is None:
            self.empty.say("No logs are open", "Findings are kept with their dataset and shown when it is opened.")
        elif not n:
            self.empty.say(
                "Nothing is judged yet",
                "Choose an entry and press 1 to 5. Verdicts are saved at once and found again with this dataset.",
            )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for name, least in _LEAVES.items():
            self.table.setColumnHidden(COLUMNS.index(name), self.width() < least)
