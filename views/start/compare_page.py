"""Compare: which files hold which role. One file with several groups needs no more than the first row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout

from explorer.model.schema import Role
from explorer.session.settings import default_roles
from views.shared.plain_text import PlainLabel
from views.shared.widgets import RoleMark, Secondary, rule
from views.start.named import ask_for_files
from views.start.page import Page
from views.start.services import Source

_WORDS = {
    Role.TEACHER: "the agent whose trajectories are learnt from",
    Role.STUDENT: "the agent that was trained on them",
    Role.BASELINE: "the same student before distillation",
    Role.CONTROL: "a student of an unbiased teacher",
    Role.REFERENCE: "a trusted agent",
}


class RoleRow(QFrame):
    """One role: its mark, its files."""

    changed = Signal()

    def __init__(self, role: Role) -> None:
        super().__init__()
        self.role = role
        self.setAcceptDrops(True)
        name = PlainLabel(role.value, self)
        name.setMinimumWidth(72)
        words = Secondary(_WORDS[role], self, wrap=False)
        words.setMinimumWidth(270)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("a Parquet file, a folder, or a glob; drop files here")
        self.field.setAccessibleName(f"Files of the {role.value}")
        self.field.textChanged.connect(self.changed)
        choose = QPushButton("Choose …", self)
        choose.setAccessibleName(f"Choose files of the {role.value}")
        choose.clicked.connect(self._on_choose_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 6, 0, 6)
        row.setSpacing(8)
        row.addWidget(RoleMark(role.value, self))
        row.addWidget(name)
        row.addWidget(words)
        row.addWidget(self.field, 1)
        row.addWidget(choose)

    def paths(self) -> tuple[str, ...]:
        """What was named; several paths are separated by ``|``."""
        return tuple(part.strip() for part in self.field.text().split("|") if part.strip())

    def set_paths(self, paths: Sequence[str]) -> None:
        self.field.setText(" | ".join(paths))

    def _on_choose_clicked(self) -> None:
        names = ask_for_files(self, f"Files of the {self.role.value}")
        if names:
            self.set_paths(names)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            self.set_paths(paths)
            event.acceptProposedAction()


class ComparePage(Page):
    """Files by role."""

    back_wanted = Signal()
    sources_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__(
            "Compare",
            "Name the files of at least two roles, or one file that holds several groups: roles and pairing are "
            "checked on the next pages.",
        )
        self.rows = {role: RoleRow(role) for role in Role}
        column = QVBoxLayout()
        column.setSpacing(0)
        for row in self.rows.values():
            column.addWidget(row)
            column.addWidget(rule(self))
            row.changed.connect(self._on_changed)
        self.body.addLayout(column)
        self.hint = Secondary("", self)
        self.body.addWidget(self.hint)
        self.body.addStretch(1)
        self.add_back("Back").clicked.connect(self.back_wanted)
        self.next = self.add_next("Read them", primary=True)
        self.next.clicked.connect(self._on_next_clicked)
        self._on_changed()

    def show_sources(self, sources: Sequence[Source]) -> None:
        """Fill the rows; sources without a role get the one that their names say, else the first is the teacher's and
        all others are students: one teacher with many checkpoints is what several files mostly are."""
        for row in self.rows.values():
            row.field.clear()
        # The number keeps files of one name in two folders apart.
        guessed = default_roles([f"{Path(source.paths[0]).stem}_{place}" for place, source in enumerate(sources)])
        for source, guess in zip(sources, guessed.values(), strict=True):
            row = self.rows[source.role or guess]
            row.set_paths((*row.paths(), *source.paths))
        self.rows[Role.TEACHER].field.setFocus(Qt.FocusReason.OtherFocusReason)

    def take_focus(self) -> None:
        empty = next((row for row in self.rows.values() if not row.paths()), None)
        if self.next.isEnabled() or empty is None:
            super().take_focus()
        else:
            empty.field.setFocus()

    def sources(self) -> tuple[Source, ...]:
        """What is named now; a single row is read as one dataset with groups."""
        filled = [row for row in self.rows.values() if row.paths()]
        if len(filled) == 1:
            return (Source(filled[0].paths()),)
        return tuple(Source(row.paths(), row.role) for row in filled)

    def _on_changed(self) -> None:
        filled = [row for row in self.rows.values() if row.paths()]
        missing = [
            path for row in filled for path in row.paths() if "*" not in path and not Path(path).expanduser().exists()
        ]
        self.next.setEnabled(bool(filled) and not missing)
        if missing:
            self.hint.setText(f"There is no file or folder {missing[0]}")
        elif len(filled) == 1:
            self.hint.setText("One source: its groups get their roles after reading.")
        elif not filled:
            self.hint.setText("Nothing named yet.")
        else:
            self.hint.setText(f"{len(filled)} sources.")

    def _on_next_clicked(self) -> None:
        self.sources_chosen.emit(self.sources())
