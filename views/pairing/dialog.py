"""Unpaired tasks: why each has no partner, and the keys by which some would find one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from explorer.errors import UserError
from explorer.session.audit_session import AuditSession
from explorer.session.files import write_text
from explorer.session.unpaired import AlikeKey, aliases_in_force, alike_keys, by_hand, unpaired_tasks
from views.pairing.rows import ROLE_COLUMNS, AlikeModel, RowsModel, UnpairedModel
from views.pairing.table import RowsTable
from views.shared.plain_text import PlainLabel, set_tooltip
from views.shared.widgets import EmptyState, Heading, Secondary, SectionTitle

MappingText = Callable[[Mapping[str, str]], str]
"""The mapping in force with these task aliases in place of its own, as the TOML that ``--mapping`` takes."""

_WIDTH, _HEIGHT, _MARGIN = 1120, 720, 80
_EMPTY_WIDTH, _EMPTY_HEIGHT, _AROUND = 520, 260, 290
_NONE_ALIKE = (
    "No key of one side looks like one of the other; keys that differ in a number are other tasks. If two are one task "
    "nevertheless, select both below and name them as one."
)


class UnpairedDialog(QDialog):
    """``aliases_chosen`` emits the task aliases that are to be in force from now on, those held before included."""

    aliases_chosen = Signal(object)
    done_with = Signal(str)
    """One sentence about what was written or copied."""

    def __init__(self, session: AuditSession, mapping_text: MappingText, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mapping_text = mapping_text
        self._settings = session.settings
        self.setWindowTitle("Unpaired tasks")
        room = parent.size() if parent is not None else None
        self._room = QSize(_WIDTH, _HEIGHT)
        if room is not None:
            self._room = self._room.boundedTo(QSize(room.width() - _MARGIN, room.height() - _MARGIN))
        result = session.result
        held = aliases_in_force(session.load_report)
        self.alike = AlikeModel(alike_keys(result, held))
        self.unpaired = UnpairedModel(() if result is None else unpaired_tasks(result))
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search task, group or reason")
        self.search.setAccessibleName("Search unpaired tasks")
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(320)
        self.alike_title = SectionTitle("", self)
        self.unpaired_title = SectionTitle("", self)
        self.all = QPushButton("Check all shown", self)
        self.all.setProperty("quiet", True)
        self.alike_table = RowsTable(self.alike, "keys that look alike", (0, 2), self)
        self.unpaired_table = RowsTable(self.unpaired, "not paired", (0, 3), self)
        self.together = QPushButton("Name as one task", self)
        self.together.setProperty("quiet", True)
        set_tooltip(
            self.together, "Select two tasks below, one of each side: the second side's is named like the first's."
        )
        self.no_alike = Secondary(_NONE_ALIKE, self)
        self.foot = Secondary("", self)
        self.error = PlainLabel("", self, wrap=True, role="error")
        self.error.hide()
        self.copy = QPushButton("Copy as TOML", self)
        self.save = QPushButton("Save mapping …", self)
        self.leave = QPushButton("Close", self)
        self.apply = QPushButton("Accept", self)
        self.apply.setProperty("primary", True)
        self.apply.setDefault(True)
        self.empty = EmptyState("", "", parent=self)
        self._lay_out(_summary(session, self.unpaired))
        self._connect()
        self._show_state(session)
        self._refresh()

    def _lay_out(self, words: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(6)
        top = QHBoxLayout()
        titles = QVBoxLayout()
        titles.addWidget(Heading("Unpaired tasks", self, size=16))
        self.words = Secondary(words, self)
        titles.addWidget(self.words)
        top.addLayout(titles, 1)
        top.addWidget(self.search, 1, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(top)
        column.addSpacing(8)
        self._body = QWidget(self)
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(self.alike_title, 1)
        head.addWidget(self.all)
        body.addLayout(head)
        body.addWidget(self.alike_table, 4)
        body.addWidget(self.no_alike)
        body.addSpacing(10)
        foot = QHBoxLayout()
        foot.addWidget(self.unpaired_title, 1)
        foot.addWidget(self.together)
        body.addLayout(foot)
        body.addWidget(self.unpaired_table, 5)
        body.addStretch(0)
        column.addWidget(self._body, 1)
        column.addWidget(self.empty, 1)
        column.addSpacing(4)
        column.addWidget(self.foot)
        column.addWidget(self.error)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.copy, self.save):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        self.leave.setAutoDefault(False)
        row.addWidget(self.leave)
        row.addWidget(self.apply)
        column.addLayout(row)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._on_search_changed)
        for button in (self.all, self.together):
            button.setAutoDefault(False)
        self.together.clicked.connect(self._on_together_clicked)
        self.unpaired_table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self._on_selection_changed()
        self.all.clicked.connect(self._on_all_clicked)
        self.alike.chosen_changed.connect(self._refresh)
        self.copy.clicked.connect(self.copy_toml)
        self.save.clicked.connect(self._on_save_clicked)
        self.leave.clicked.connect(self.reject)
        self.apply.clicked.connect(self._on_apply_clicked)

    # -- what is shown ---------------------------------------------------------------------------------------

    def _show_state(self, session: AuditSession) -> None:
        some_alike, some_unpaired = bool(self.alike.rows), bool(self.unpaired.rows)
        settings = session.settings
        if some_alike or some_unpaired:
            pass
        elif session.result is None or settings is None:
            self.empty.say("Nothing is audited yet", "What does not pair is known once the data was audited.")
        elif not settings.comparisons:
            self.empty.say(
                "Nothing is compared", "All groups have one role. Give two of them different ones: File → Roles and "
                "pairing …",
            )  # fmt: skip
        else:
            self.empty.say("Every trajectory has a partner", "There is no key to be named anew.")
        self.empty.setVisible(not (some_alike or some_unpaired))
        self._body.setVisible(some_alike or some_unpaired)
        for widget in (self.search, self.copy, self.save, self.apply, self.foot):
            widget.setVisible(some_alike or some_unpaired)
        self.unpaired_table.setVisible(some_unpaired)
        self.together.setVisible(some_unpaired)
        self.words.setVisible(some_unpaired)
        self._show_alike()
        if not (some_alike or some_unpaired):
            self.resize(_EMPTY_WIDTH, _EMPTY_HEIGHT)
            return
        tables = sum(table.maximumHeight() for table in (self.alike_table, self.unpaired_table))
        # Room for some more rows by hand; a dialog of few rows is no larger than they need.
        self.resize(self._room.width(), min(self._room.height(), _AROUND + tables))

    def _show_alike(self) -> None:
        """What there is to be checked, or that there is nothing; tables are no higher than their rows."""
        some = bool(self.alike.rows)
        for widget in (self.alike_table, self.all, self.copy, self.save, self.apply, self.foot):
            widget.setVisible(some)
        self.no_alike.setVisible(not some)
        for column in ROLE_COLUMNS:
            self.alike_table.setColumnHidden(column, all(row.accepted for row in self.alike.rows))
        for table, model in ((self.alike_table, self.alike), (self.unpaired_table, self.unpaired)):
            table.setMaximumHeight(table.height_of(len(model.rows)))
        (self.apply if some else self.leave).setDefault(True)

    def _refresh(self) -> None:
        held = sum(row.accepted for row in self.alike.rows)
        offered = len(self.alike.rows) - held
        counts = [f"{held:,} ACCEPTED"] if held else []
        counts += [f"{offered:,} OFFERED"] if offered and held else [f"{offered:,}"] if offered else []
        self.alike_title.setText(" · ".join(["KEYS THAT LOOK ALIKE", *(counts or ["NONE"]), *_found(self.alike)]))
        n = f"{len(self.unpaired.rows):,}" if self.unpaired.rows else "NONE"
        self.unpaired_title.setText(" · ".join(["NOT PAIRED", n, *_found(self.unpaired)]))
        accepted, back = self.alike.accepted, self.alike.taken_back
        self.apply.setEnabled(bool(accepted or back))
        self.apply.setText(_verb(len(accepted), len(back)))
        for button in (self.copy, self.save):
            button.setEnabled(bool(self.alike.aliases))
        self.all.setEnabled(bool(self.alike.shown))
        self.all.setText("Uncheck all shown" if self.alike.all_shown_chosen else "Check all shown")
        pairs = sum(row.pairs for row in accepted)
        if accepted or back:
            at_most = "At most " if any(row.similarity < 0 for row in accepted) else ""
            more = f"{at_most}{pairs:,} more {'pair' if pairs == 1 else 'pairs'}. " if accepted else ""
            self.foot.setText(
                f"{more}The sources are read and audited again with the same choices; what was judged is kept."
            )
        else:
            back_again = "Uncheck a name to take it back. " if held else ""
            offer = "Check the keys that mean the same task. " if offered else ""
            self.foot.setText(f"{offer}{back_again}The sources are not changed.")

    # -- handlers --------------------------------------------------------------------------------------------

    def copy_toml(self) -> None:
        """Put the mapping with what is checked on the clipboard."""
        QGuiApplication.clipboard().setText(self._mapping_text(self.alike.aliases))
        self.foot.setText("The mapping is on the clipboard; the command line takes it as a file: --mapping FILE.toml.")

    def save_to(self, target: str) -> None:
        """Write the mapping with what is checked; an error is said in the dialog and nothing is lost."""
        try:
            write_text(Path(target), self._mapping_text(self.alike.aliases))
        except UserError as error:
            self.error.setText(str(error))
            self.error.show()
            return
        self.error.hide()
        self.foot.setText(f"Saved. The command line takes it as --mapping {target}")
        self.done_with.emit(f"mapping saved: {target}")

    def _on_save_clicked(self) -> None:
        target, _ = QFileDialog.getSaveFileName(self, "Save mapping", "mapping.toml", "TOML (*.toml)")
        if target:
            self.save_to(target)

    def _on_search_changed(self, text: str) -> None:
        self.alike.set_search(text)
        self.unpaired.set_search(text)
        self._refresh()

    def _on_all_clicked(self) -> None:
        self.alike.toggle(range(self.alike.rowCount()))

    def _selected_pair(self) -> AlikeKey | None:
        rows = [self.unpaired.shown[index.row()] for index in self.unpaired_table.selectionModel().selectedRows()]
        return by_hand(rows[0], rows[1], self._settings) if len(rows) == 2 and self._settings is not None else None

    def _on_selection_changed(self) -> None:
        self.together.setEnabled(self._selected_pair() is not None)

    def _on_together_clicked(self) -> None:
        made = self._selected_pair()
        if made is not None:
            self.unpaired_table.clearSelection()
            self.alike.add_chosen(made)
            self._show_alike()

    def _on_apply_clicked(self) -> None:
        aliases = self.alike.aliases
        self.accept()
        self.aliases_chosen.emit(aliases)


def _summary(session: AuditSession, unpaired: UnpairedModel) -> str:
    """How much has no partner at all, and how much only some groups lack."""
    alone = [row for row in unpaired.rows if not row.lacking_in]
    trajectories, tasks = sum(row.trajectories for row in alone), len({row.task for row in alone})
    total = session.result.summary["counts"]["trajectories"] if session.result is not None else 0
    has, of_tasks = "has" if trajectories == 1 else "have", "task" if tasks == 1 else "tasks"
    some = len({row.task for row in unpaired.rows if row.lacking_in})
    lacks = f" {some:,} {'task pairs' if some == 1 else 'tasks pair'} with some groups only." if some else ""
    return f"{trajectories:,} of {total:,} trajectories {has} no partner, in {tasks:,} {of_tasks}.{lacks}"


def _found(model: RowsModel[Any]) -> tuple[str, ...]:
    """How many rows a search leaves, where it leaves some out."""
    return (f"{len(model.shown):,} SHOWN",) if len(model.shown) < len(model.rows) else ()


def _verb(accepted: int, back: int) -> str:
    if accepted and back:
        return f"Accept {accepted:,}, take {back:,} back"
    if back:
        return f"Take {back:,} back"
    return f"Accept {accepted:,}" if accepted else "Accept"
