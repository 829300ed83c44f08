"""The prefix tree of the selected task with its title, tied to the selection."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.model.alignment import PrefixTree
from explorer.session.audit_session import AuditSession
from explorer.session.selection import Selection
from explorer.session.step_line import task_words
from views.shared import theme
from views.shared.plain_text import PlainLabel
from views.shared.widgets import Secondary
from views.statistics.tree_view import TreeView

ORIGIN = "tree"


class TreePanel(QWidget):
    """Title, a line of help, and the tree. A chosen branch brushes its trajectories and puts its step in front."""

    line_reached = Signal(int, int)
    """Top and bottom, in this panel, of the line that the keyboard reached."""

    def __init__(self, session: AuditSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.title = PlainLabel("Where the groups part: select an entry to see the tree of its task", wrap=True)
        self.title.setFont(theme.font(bold=True))
        self.help = Secondary(
            "Each line is what these trajectories do in the same order, repeats as one. ◆ is of concern, ◇ has "
            "something of concern further down. A click selects a branch's trajectories everywhere; → and ← open "
            "and close it."
        )
        self.help.hide()
        self.tree = TreeView()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 16, 0, 0)
        column.setSpacing(4)
        for widget in (self.title, self.help, self.tree):
            column.addWidget(widget)
        self.tree.branch_chosen.connect(self._on_branch_chosen)
        self.tree.line_reached.connect(self._on_line_reached)

    def wait_for(self, task: str) -> None:
        """Say that the tree of a task is being grown; what was shown before is put away."""
        self.title.setText(f"Where the groups part: {task_words(task)} — its tree is being grown …")
        self.help.hide()
        self.tree.put_away()

    def give_up(self, task: str) -> None:
        """Say that the tree was not grown."""
        if not self.tree.lines:
            said = "its tree was not grown; select another task and this one again"
            self.title.setText(f"Where the groups part: {task_words(task)} — {said}")

    def show_tree(self, task: str, tree: PrefixTree) -> None:
        """Show a task's prefix tree."""
        settings = self._session.settings
        if settings is None:
            return
        roles = {group: role.value if (role := settings.role_of(group)) else None for group in tree.groups}
        n = len(tree.trajectories)
        who = "groups" if len(tree.groups) > 1 else "trials"
        self.title.setText(f"Where the {who} part: {task_words(task)} — {n:,} trajectories")
        self.help.show()
        self.tree.show_tree(tree, roles)
        self.show_selection(self._session.selection.current)

    def show_selection(self, selection: Selection) -> None:
        """Mark what is selected elsewhere."""
        self.tree.show_selection(selection.trajectory, selection.brushed)

    def _on_branch_chosen(self, trajectories: list[int], step: int) -> None:
        self._session.selection.brush(trajectories, origin=ORIGIN)
        if step >= 0:
            self._session.select_step(step, origin=ORIGIN)
        elif trajectories:
            self._session.select_trajectory(trajectories[0], origin=ORIGIN)

    def _on_line_reached(self, top: int, bottom: int) -> None:
        above = self.tree.y()
        self.line_reached.emit(above + top, above + bottom)
