"""Roles and pairing: what each group is in this audit, by which key tasks pair, and prompts side by side as proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from explorer.model.schema import Role
from explorer.model.trajectory import Dataset
from explorer.session.step_line import task_words
from views.shared import painters, theme
from views.shared.plain_text import PlainLabel, PlainText, button_text
from views.shared.widgets import RoleMark, Secondary, SectionTitle, clear_layout, rule, spaced
from views.start.page import Page
from views.start.pairing import PairingSketch, group_lines, sketch
from views.start.services import CandidateKeyLike

_NO_ROLE = "takes no part"
_LISTED = 12


class RolesPage(Page):
    """Groups with their roles left, pairing right."""

    back_wanted = Signal()
    summary_wanted = Signal()
    concern_wanted = Signal()
    key_wanted = Signal(object)
    unpaired_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("Roles and pairing", "What each group is in this audit. Any two roles can be compared.")
        self._dataset: Dataset | None = None
        self._keys: tuple[CandidateKeyLike, ...] = ()
        self.boxes: dict[str, QComboBox] = {}
        self._marks: dict[str, RoleMark] = {}
        self.groups = QGridLayout()
        self.groups.setHorizontalSpacing(16)
        self.groups.setVerticalSpacing(6)
        self.swap = QPushButton("Swap teacher and student", self)
        self.swap.clicked.connect(self.swap_roles)
        self.pairing = PlainLabel("", self, wrap=True)
        self.pairing.setFont(theme.font(15, bold=True))
        self.listed = Secondary("", self)
        self.unpaired = QPushButton("Unpaired tasks …", self)
        self.unpaired.clicked.connect(self.unpaired_wanted)
        self.keys = QVBoxLayout()
        self.keys.setSpacing(4)
        self._key_group = QButtonGroup(self)
        self._key_group.idClicked.connect(self._on_key_clicked)
        self.proofs = QVBoxLayout()
        self.proofs.setSpacing(12)
        self._lay_out()
        self.add_back("Back").clicked.connect(self.back_wanted)
        self.next = self.add_next("What concerns you")
        self.finish = self.add_next("Show the summary", primary=True)
        self.next.clicked.connect(self.concern_wanted)
        self.finish.clicked.connect(self.summary_wanted)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(SectionTitle("GROUPS", self))
        left.addLayout(self.groups)
        left.addLayout(spaced(self.swap))
        left.addSpacing(12)
        left.addWidget(SectionTitle("TASKS PAIR BY", self))
        left.addLayout(self.keys)
        left.addSpacing(12)
        left.addWidget(self.pairing)
        left.addWidget(self.listed)
        left.addLayout(spaced(self.unpaired))
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(SectionTitle("THE SAME TASKS? PROMPTS SIDE BY SIDE", self))
        right.addLayout(self.proofs)
        right.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(32)
        row.addLayout(left, 4)
        row.addLayout(right, 5)
        self.body.addLayout(row, 1)

    # -- what is shown ---------------------------------------------------------------------------------------

    def show_dataset(
        self, dataset: Dataset, roles: Mapping[str, Role], keys: Sequence[CandidateKeyLike], task: Sequence[str]
    ) -> None:
        """Show a dataset that was just read, with first guesses."""
        self._dataset = dataset
        clear_layout(self.groups)
        self.boxes, self._marks = {}, {}
        for column, title in enumerate(("", "group", "role", "trajectories", "tasks", "dead")):
            head = Secondary(title, self, wrap=False)
            if column > 2:
                head.setAlignment(Qt.AlignmentFlag.AlignRight)
            self.groups.addWidget(head, 0, column)
        order = list(Role)
        lines = sorted(group_lines(dataset), key=lambda one: order.index(roles[one.name]) if one.name in roles else 9)
        for row, line in enumerate(lines, 1):
            role = roles.get(line.name)
            mark = RoleMark(None if role is None else role.value, self)
            name = PlainLabel(line.name, self, elide=True)
            box = QComboBox(self)
            box.setAccessibleName(f"Role of {line.name}")
            box.addItem(_NO_ROLE, "")
            for one in Role:
                box.addItem(f"{painters.ROLE_GLYPHS[one.value]}  {one.value}", one.value)
            box.setCurrentIndex(0 if role is None else list(Role).index(role) + 1)
            box.currentIndexChanged.connect(self._on_role_chosen)
            self.boxes[line.name], self._marks[line.name] = box, mark
            for column, widget in enumerate((mark, name, box)):
                self.groups.addWidget(widget, row, column)
            for column, number in enumerate((line.trajectories, line.tasks, line.dead), 3):
                cell = PlainLabel(f"{number:,}", self, role="text" if number else "secondary")
                cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.groups.addWidget(cell, row, column)
        self.groups.setColumnStretch(1, 1)
        self._show_keys(keys, task)
        self._refresh()

    def roles(self) -> dict[str, Role]:
        """The chosen roles; groups without one are left out."""
        chosen = {name: str(box.currentData()) for name, box in self.boxes.items()}
        return {name: Role(value) for name, value in chosen.items() if value}

    def swap_roles(self) -> None:
        """Teachers become students and the other way round."""
        other = {Role.TEACHER.value: Role.STUDENT.value, Role.STUDENT.value: Role.TEACHER.value}
        for box in self.boxes.values():
            value = other.get(str(box.currentData()))
            if value is not None:
                box.setCurrentIndex(box.findData(value))

    def _show_keys(self, keys: Sequence[CandidateKeyLike], task: Sequence[str]) -> None:
        clear_layout(self.keys)
        for button in self._key_group.buttons():
            self._key_group.removeButton(button)
        self._keys = tuple(keys)[:8]
        several = len(self.boxes) > 1
        for number, key in enumerate(self._keys):
            says = f"{key.paired:,} of {key.tasks:,} tasks pair" if several else f"{key.tasks:,} tasks"
            if key.repeats:
                says += f"; {key.repeats:,} trajectories share task and trial"
            button = QRadioButton(button_text(", ".join(key.columns)), self)
            button.setAccessibleDescription(says)
            button.setChecked(tuple(key.columns) == tuple(task))
            self._key_group.addButton(button, number)
            holder = QWidget(self)
            row = QHBoxLayout(holder)
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(button)
            row.addStretch(1)
            row.addWidget(Secondary(says, holder, wrap=False))
            self.keys.addWidget(holder)
        if not self._keys:
            self.keys.addWidget(Secondary("The log names no task; trajectories pair by their request.", self))

    def _refresh(self) -> None:
        assert self._dataset is not None
        roles = self.roles()
        for name, mark in self._marks.items():
            mark.set_role(roles[name].value if name in roles else None)
        present = set(roles.values())
        self.swap.setVisible({Role.TEACHER, Role.STUDENT} <= present)
        found = sketch(self._dataset, roles)
        clear_layout(self.proofs)
        if not roles:
            self.pairing.setText("No group takes part. Give at least one group a role.")
        elif not found:
            self.pairing.setText("One role: an audit of one dataset, without pairs.")
        self.listed.setText("")
        self.unpaired.setVisible(any(one.only_first or one.only_second for one in found))
        self.finish.setEnabled(bool(roles))
        self.next.setEnabled(bool(roles))
        if not found:
            self.proofs.addWidget(Secondary("Nothing is paired in an audit of one dataset.", self))
            return
        self.pairing.setText("\n".join(_pairing_words(one) for one in found))
        self.listed.setText("\n".join(filter(None, (_listed_words(one) for one in found))))
        for one in found[:1]:
            self._show_proofs(one)

    def _show_proofs(self, one: PairingSketch) -> None:
        if not one.prompts:
            self.proofs.addWidget(
                Secondary("No task is common to both sides: choose another key, or other files.", self)
            )
            return
        for prompt in one.prompts:
            same = "the same words" if prompt.same else "different words"
            self.proofs.addWidget(Secondary(f"{task_words(prompt.task)} · {same}", self, wrap=False, elide=True))
            sides = QHBoxLayout()
            sides.setSpacing(8)
            for role, text in ((one.first, prompt.first), (one.second, prompt.second)):
                view = PlainText(self, mono=False, fit=5)
                view.edit.setAccessibleName(f"Prompt of the {role.value}")
                view.set_text(text or "(nothing was asked)")
                sides.addWidget(view, 1)
            self.proofs.addLayout(sides)
        self.proofs.addWidget(rule(self))

    # -- handlers --------------------------------------------------------------------------------------------

    def _on_role_chosen(self, index: int) -> None:
        self._refresh()

    def _on_key_clicked(self, number: int) -> None:
        self.key_wanted.emit(tuple(self._keys[number].columns))


def _pairing_words(one: PairingSketch) -> str:
    listed = one.tasks - one.paired
    more = f"; {listed:,} listed below" if listed else ""
    return f"{one.first.value} and {one.second.value}: {one.paired:,} of {one.tasks:,} tasks pair{more}."


def _listed_words(one: PairingSketch) -> str:
    lines = []
    for role, names in ((one.first, one.only_first), (one.second, one.only_second)):
        if names:
            more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
            lines.append(f"{role.value} only: {', '.join(map(task_words, names[:_LISTED]))}{more}")
    return "\n".join(lines)
