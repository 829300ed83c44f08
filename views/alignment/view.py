"""The alignment panel: request, columns, rows, overview; next and previous divergence or unique step; copies."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from explorer.session.audit_session import AuditSession
from explorer.session.columns_text import columns_text
from explorer.session.commands import CommandTable
from explorer.session.pair_text import pair_text
from explorer.session.selection import Selection
from explorer.session.step_line import task_words
from views.alignment.aligned import Aligned
from views.alignment.column_chooser import ColumnChooser
from views.alignment.column_heads import ColumnHeads
from views.alignment.columns_mode import ColumnsMode
from views.alignment.commands import Parts, add_commands
from views.alignment.grid import AlignmentGrid
from views.alignment.model import AlignmentModel, wanted
from views.alignment.overview import Overview
from views.alignment.request_box import RequestBox, asked
from views.alignment.title_bar import TitleBar
from views.alignment.walk import Walk
from views.shared.visible import visible
from views.shared.widgets import EmptyState

ORIGIN = "alignment"


class AlignmentView(QWidget):
    """Shows what the selection asks for, and sends where one goes.

    ``columns_wanted`` asks for work to be run elsewhere; its answer comes through ``columns.take``.
    """

    columns_wanted = Signal(object)

    def __init__(self, session: AuditSession, commands: CommandTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.model: AlignmentModel | None = None
        self.chooser: ColumnChooser | None = None
        self.columns = ColumnsMode(session, self)
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title = TitleBar(self)
        self.request = RequestBox(self)
        self.grid = AlignmentGrid(self)
        self.walk = Walk(session, self.grid)
        self.heads = ColumnHeads(self.grid, self)
        self.overview = Overview(self)
        self.empty = EmptyState("", "", parent=self)
        self.stack = QStackedWidget(self)
        self._lay_out()
        self.grid.step_wanted.connect(self._on_step_wanted)
        self.grid.fold_wanted.connect(self.toggle_fold)
        self.grid.scrolled.connect(self.overview.set_window)
        self.overview.row_wanted.connect(self._on_row_wanted)
        self.columns.work_wanted.connect(self.columns_wanted)
        self.columns.changed.connect(self.reload)
        add_commands(self, Parts(self.grid, self.request, self.columns, self.walk), commands)
        bar = self.title
        for button, name in ((bar.back, "previous_difference"), (bar.on, "next_difference"),
                             (bar.folds, "toggle_folds"), (bar.all, "columns"), (bar.choose, "choose_columns"),
                             (bar.copy, "copy_markdown")):  # fmt: skip
            button.clicked.connect(commands[f"alignment.{name}"].run)
        session.selection.changed.connect(self._on_selection_changed)
        session.result_accepted.connect(self.reload)
        session.dataset_opened.connect(self.reload)
        session.closed.connect(self.reload)
        self.reload()

    def _lay_out(self) -> None:
        pinned = QHBoxLayout()
        pinned.setContentsMargins(12, 2, 12, 4)
        pinned.addWidget(self.request)
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        body.addWidget(self.grid, 1)
        body.addWidget(self.overview)
        page = QWidget(self)
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addLayout(pinned)
        inner.addWidget(self.heads)
        inner.addLayout(body, 1)
        self.stack.addWidget(page)
        self.stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.title)
        column.addWidget(self.stack, 1)
        self._page = page

    # -- intents --------------------------------------------------------------------------------------------

    def toggle_fold(self, row: int) -> None:
        """Open the stretch at a row, or close the one it belongs to."""
        if self.model is None:
            return
        self.model.toggle(row)
        self.grid.relayout()
        self.grid.stand(self.model.lines.line_of_row(row), self.grid.side)

    def toggle_all(self) -> None:
        """Unfold everything, or fold it again."""
        if self.model is None:
            return
        row = int(self.model.lines.start[self.grid.line]) if self.grid.line >= 0 else -1
        self.model.open_all(not self.model.all_open)
        self._describe_folds()
        self.grid.relayout()
        self.grid.stand(self.model.lines.line_of_row(row), self.grid.side)

    def copy_shown(self, markdown: bool) -> None:
        """Put the pair or the columns on the clipboard, hidden characters made visible."""
        session = self._session
        if self.model is None or session.result is None or session.dataset is None or not self.can_copy:
            return
        aligned = self.model.aligned
        if aligned.columns is not None:
            roles = {side.trajectory: side.role for side in aligned.sides}
            text = columns_text(
                session.dataset, session.result, aligned.columns, roles.get, markdown=markdown, safe=visible
            )
        else:
            assert aligned.pair is not None
            view = session.pair_view(aligned.pair)
            text = pair_text(session.dataset, session.result, view, markdown=markdown, safe=visible)
        QGuiApplication.clipboard().setText(text)

    @property
    def current(self) -> Selection:
        """What is selected."""
        return self._session.selection.current

    @property
    def can_copy(self) -> bool:
        """Whether there is something to compare on show."""
        return self.model is not None and (
            self.model.aligned.pair is not None or self.model.aligned.columns is not None
        )

    def toggle_columns(self) -> None:
        """Show the trajectories of the task as columns, or the pair alone again."""
        self.columns.on = not self.columns.on
        self.reload()

    def choose_columns(self) -> None:
        """Ask which trajectories stand side by side."""
        current = self._session.selection.current
        if self.columns.possible(current) < 2 or current.trajectory is None:
            return
        members = self.columns.desk.members(current.trajectory)
        self.chooser = ColumnChooser(members, self.columns.desk.wanted(current), self)
        self.chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.chooser.accepted.connect(self._on_columns_chosen)
        self.chooser.open()

    def _on_columns_chosen(self) -> None:
        if self.chooser is None:
            return
        chosen, current = self.chooser.chosen, self._session.selection.current
        self.chooser = None
        self.columns.desk.choose(chosen)
        self.columns.on = True
        if current.trajectory not in chosen:
            # What is in front always has a column: one that was unticked gives its place to the first.
            self._session.select_trajectory(chosen[0], origin=ORIGIN)
        self.reload()

    def _on_step_wanted(self, step: int) -> None:
        self._session.select_step(step, origin=ORIGIN)

    def _on_row_wanted(self, row: int) -> None:
        if self.model is not None:
            self.grid.stand(self.model.lines.line_of_row(row), self.grid.side)

    # -- following the session ------------------------------------------------------------------------------

    def reload(self) -> None:
        """Another dataset, another result, or none."""
        self._show(self._wanted(self._session.selection.current))
        self._stand_at_selection()

    def _wanted(self, current: Selection) -> Aligned | None:
        """The columns if they are on and there, else the pair or the trajectory."""
        return self.columns.aligned(current) or wanted(self._session, current)

    def _on_selection_changed(self, new: Selection, old: Selection, origin: str) -> None:
        if (new.pair, new.trajectory, new.step, new.entry) == (old.pair, old.trajectory, old.step, old.entry):
            return
        held = self._holds(new)
        if not held:
            self._show(self._wanted(new))
        if origin != ORIGIN or not held:
            self._stand_at_selection()

    def _holds(self, current: Selection) -> bool:
        """Whether what is laid out already shows what is selected."""
        if self.model is None:
            return False
        aligned = self.model.aligned
        if aligned.columns is not None:
            return self.columns.holds(aligned, current)
        shown = {side.trajectory for side in aligned.sides}
        if current.entry is not None and (current.pair is not None or aligned.pair is not None):
            return current.pair == aligned.pair
        return current.trajectory in shown and (current.pair is None or current.pair == aligned.pair)

    def _show(self, aligned: Aligned | None) -> None:
        self.model = None if aligned is None else AlignmentModel(self._session, aligned)
        self.grid.set_model(self.model)
        self.overview.set_model(self.model)
        self.heads.set_aligned(aligned)
        bar = self.title
        for button in (bar.back, bar.on):
            button.setVisible(aligned is not None)
        bar.allow_copy(self.can_copy)
        self._describe_folds()
        possible = self.columns.possible(self._session.selection.current)
        side_by_side = aligned is not None and aligned.columns is not None
        bar.all.setVisible(aligned is not None and possible > 1)
        bar.all.setText("Columns")
        bar.choose.setVisible(side_by_side)
        if aligned is not None and side_by_side:
            bar.all.setText("One only" if aligned.pair is None else "Pair only")
            bar.choose.setText(f"{len(aligned.sides)} of {possible} ▾")
        if aligned is None:
            self.title.say("ALIGNMENT")
            self.stack.setCurrentWidget(self.empty)
            self._say_empty()
            return
        self._name(aligned)
        self.request.set_request(*asked(self._session, aligned))
        if len(aligned):
            self.stack.setCurrentWidget(self._page)
        else:
            self.stack.setCurrentWidget(self.empty)
            self.empty.say("Nothing was done here", "The trajectory has no steps: it ended before the first action.")

    def _name(self, aligned: Aligned) -> None:
        """The title: what it is, the task and the figures. That a pair is approximate comes first, so that no width
        cuts it off."""
        name = "ALIGNMENT" if len(aligned.sides) > 1 else "TRAJECTORY"
        name = f"APPROXIMATE {name}" if aligned.approximate else name
        waiting = self.columns.waiting
        figures = f"laying out {waiting} columns …" if waiting and aligned.columns is None else aligned.figures
        self.title.say(name, task_words(aligned.task), figures)

    def _describe_folds(self) -> None:
        self.title.folds.setVisible(self.model is not None and self.model.any_fold)
        if self.model is not None:
            self.title.folds.setText("Fold" if self.model.all_open else "Unfold")

    def _say_empty(self) -> None:
        if self._session.dataset is None:
            self.empty.say("No logs are open", "Open teacher and student logs; a selected entry is shown here.")
        elif self._session.result is None:
            self.empty.say("Not audited yet", "Start the audit, or choose a trajectory to read it alone.")
        else:
            self.empty.say("Nothing is selected", "Choose an entry of the queue, or a point of the map.")

    def _stand_at_selection(self) -> None:
        """Go to the selected step's cell; a stretch that hides it is opened."""
        current = self._session.selection.current
        if self.model is None:
            return
        row = -1 if current.step is None else self.model.aligned.row_of_step(current.step)
        side = max(self.model.aligned.side_of_step(current.step), 0) if current.step is not None else 0
        if row < 0 and current.entry is not None:
            row = self.model.aligned.row_of_entry(current.entry)
        if row >= 0 and self.model.open_row(row):
            self._describe_folds()
            self.grid.relayout()
        self.grid.stand(self.model.lines.line_of_row(row), side)
