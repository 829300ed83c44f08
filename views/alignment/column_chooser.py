"""Which trajectories of a task stand side by side: a small list with boxes to tick, by mouse or keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from explorer.session.column_desk import MOST_COLUMNS, Member
from views.shared.painters import ROLE_GLYPHS
from views.shared.plain_text import PlainLabel, set_tooltip
from views.shared.visible import elided
from views.shared.widgets import Heading, Secondary

_MANY = 14
"""From so many trajectories on there is a field to find some of them."""
_MEMBER = int(Qt.ItemDataRole.UserRole)


def member_words(member: Member, *, several: bool) -> str:
    """A trajectory as a line of the list; ``several``: its group has other trials of the task."""
    steps = f"{member.n_steps:,} step{'' if member.n_steps == 1 else 's'}"
    concern = f", {member.concern:,} of concern" if member.concern else ""
    trial = f" · trial {member.trial}" if several else ""
    end = " · ended without a result" if member.dead else ""
    glyph = ROLE_GLYPHS.get(member.role or "", "–")
    return f"{glyph}  {elided(member.group)}{trial} — {steps}{concern}{end}"


class _Boxes(QListWidget):
    """Space ticks a line; Return is left to the dialog."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
            return
        super().keyPressEvent(event)


class ColumnChooser(QDialog):
    """Ticks at most MOST_COLUMNS; :attr:`chosen` is the answer, the first is what the others are aligned with."""

    def __init__(self, members: Sequence[Member], chosen: tuple[int, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Columns")
        self._members = {member.trajectory: member for member in members}
        self._trials = Counter(member.group for member in members)
        self._first = chosen[0] if chosen else members[0].trajectory
        self.list = _Boxes(self)
        self.list.setAccessibleName("Trajectories of the task")
        self.list.setAlternatingRowColors(False)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Find a group")
        self.field.setVisible(len(members) >= _MANY)
        self.field.textChanged.connect(self._on_find)
        self.said = PlainLabel("", self, role="secondary")
        self.first = QPushButton("Align with this one", self)
        self.each = QPushButton("One of each group", self)
        self.none = QPushButton("None", self)
        set_tooltip(self.first, "Its steps in order are the rows; the others are laid beside them")
        for button, run in ((self.first, self.make_first), (self.each, self.tick_each), (self.none, self.tick_none)):
            button.setProperty("quiet", True)
            button.setAutoDefault(False)
            button.clicked.connect(run)
        for member in members:
            item = QListWidgetItem(self.list)
            item.setData(_MEMBER, member.trajectory)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            on = member.trajectory in chosen
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self.list.itemChanged.connect(self._on_item_changed)
        self.list.setCurrentRow(0)
        self._lay_out()
        self._describe()
        self.list.setFocus()

    def _lay_out(self) -> None:
        buttons = QDialogButtonBox(self)
        self.apply = QPushButton("Show these")
        self.apply.setProperty("primary", True)
        buttons.addButton(self.apply, QDialogButtonBox.ButtonRole.AcceptRole)
        self.apply.setDefault(True)
        buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        quick = QHBoxLayout()
        for button in (self.each, self.none, self.first):
            quick.addWidget(button)
        quick.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.addWidget(Heading("Columns", self, size=16))
        column.addWidget(
            Secondary("Trajectories of this task to stand side by side. Space ticks, Return shows them.", self)
        )
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        column.addLayout(quick)
        column.addWidget(self.said)
        column.addSpacing(4)
        column.addWidget(buttons)
        self.resize(560, min(240 + 26 * self.list.count(), 560))

    @property
    def chosen(self) -> tuple[int, ...]:
        """What is ticked, what the others are aligned with first."""
        ticked = self._ticked()
        return tuple(sorted(ticked, key=lambda trajectory: trajectory != self._first))

    def make_first(self) -> None:
        """Align the others with the current line."""
        item = self.list.currentItem()
        if item is not None:
            item.setCheckState(Qt.CheckState.Checked)
            if item.checkState() == Qt.CheckState.Checked:
                self._first = int(item.data(_MEMBER))
            self._describe()

    def tick_each(self) -> None:
        """One trajectory of every group that has one with steps, as many as there is room for."""
        seen = {self._members[self._first].group}
        wanted = {self._first}
        for member in self._members.values():
            if member.group not in seen and not member.dead and len(wanted) < MOST_COLUMNS:
                seen.add(member.group)
                wanted.add(member.trajectory)
        self._tick(wanted)

    def tick_none(self) -> None:
        """Only what the others are aligned with."""
        self._tick({self._first})

    def _tick(self, wanted: set[int]) -> None:
        self.list.blockSignals(True)
        for item in self._items():
            on = int(item.data(_MEMBER)) in wanted
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self.list.blockSignals(False)
        self._describe()

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _ticked(self) -> list[int]:
        return [int(item.data(_MEMBER)) for item in self._items() if item.checkState() == Qt.CheckState.Checked]

    def _on_item_changed(self, item: QListWidgetItem) -> None:
        refused = len(self._ticked()) > MOST_COLUMNS
        if refused:
            item.setCheckState(Qt.CheckState.Unchecked)
        ticked = self._ticked()
        if ticked and self._first not in ticked:
            self._first = ticked[0]
        self._describe()
        if refused:
            self.said.setText(f"At most {MOST_COLUMNS} stand side by side: untick another one first.")

    def _on_find(self, text: str) -> None:
        for item in self._items():
            member = self._members[int(item.data(_MEMBER))]
            item.setHidden(text.casefold() not in f"{member.group} {member.trial}".casefold())

    def _describe(self) -> None:
        self.list.blockSignals(True)
        for item in self._items():
            member = self._members[int(item.data(_MEMBER))]
            first = "  (the others are aligned with it)" if member.trajectory == self._first else ""
            several = self._trials[member.group] > 1
            item.setText(member_words(member, several=several) + first)
        self.list.blockSignals(False)
        n = len(self._ticked())
        self.said.setText(f"{n} of {self.list.count()} chosen; at most {MOST_COLUMNS}")
        self.apply.setEnabled(n > 1)
