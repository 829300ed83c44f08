"""The inspector panel: STEP and VERDICT, beside each other where there is room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from explorer.errors import UserError
from explorer.model.finding import Disposition, Finding, Subject, Verdict
from explorer.session.audit_session import AuditSession
from explorer.session.commands import Command, CommandTable
from explorer.session.selection import Selection
from explorer.session.step_line import task_words
from views.inspector.model import Inspected, inspect, step_markdown
from views.inspector.step_panel import StepPanel, Tab
from views.inspector.verdict_panel import VerdictPanel
from views.shared.verdicts import MEANINGS
from views.shared.widgets import EmptyState

_WIDE = 560
_VERDICT, _ANY_WIDTH = 260, 16_777_215


class InspectorView(QWidget):
    """Follows the selected step; writes verdicts, notes and decisions through the session, at once."""

    def __init__(self, session: AuditSession, commands: CommandTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._commands = commands
        self._subjects: list[Subject] = []
        self._noted = ""
        self.inspected: Inspected | None = None
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.step = StepPanel(session, self)
        self.verdict = VerdictPanel(self)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.verdict)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self.step, 3)
        self._row.addWidget(scroll, 2)
        self._beside = scroll
        page = QWidget(self)
        page.setLayout(self._row)
        self.empty = EmptyState("No step is selected", "Choose an entry of the queue, a point of the map, or a row of "
                                "the alignment.", parent=self)  # fmt: skip
        self.stack = QStackedWidget(self)
        self.stack.addWidget(page)
        self.stack.addWidget(self.empty)
        self._page = page
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.stack)
        self._add_commands(commands)
        self.verdict.verdict_wanted.connect(self.judge)
        self.verdict.note_wanted.connect(self._on_note_wanted)
        self.verdict.disposition_wanted.connect(self.dispose)
        self.verdict.undo_wanted.connect(self.undo)
        self.verdict.next_wanted.connect(self._on_next_wanted)
        session.selection.changed.connect(self._on_selection_changed)
        session.result_accepted.connect(self.reload)
        session.dataset_opened.connect(self._on_dataset_opened)
        session.closed.connect(self.reload)
        self._on_dataset_opened()

    def _add_commands(self, commands: CommandTable) -> None:
        def some() -> bool:
            return self.inspected is not None

        def can_undo() -> bool:
            return self._session.findings is not None and self._session.findings.can_undo

        def can_redo() -> bool:
            return self._session.findings is not None and self._session.findings.can_redo

        for number, verdict in enumerate(Verdict, 1):
            title = MEANINGS[verdict].split(":")[0]
            words = "judge " + MEANINGS[verdict]
            give = partial(self.judge, verdict)
            commands.add(Command(f"verdict.{verdict.value}", title, give, str(number), "Verdict", words, some))
        # The window itself offers undo and redo; a panel used alone brings them.
        if not any(command.id == "edit.undo" for command in commands):
            commands.add(Command("edit.undo", "Undo", self.undo, "Ctrl+Z", "Edit", "take back", can_undo))
            commands.add(Command("edit.redo", "Redo", self.redo, "Ctrl+Shift+Z", "Edit", "again", can_redo))
        for command in (
            Command("verdict.clear", "Take the verdict back", self.clear, "0", "Verdict", "remove", some),
            Command("note.edit", "Write a note", self.edit_note, "A", "Verdict", "annotate comment", some),
            *(
                Command(f"trajectory.{d.value}", f"{d.value.capitalize()} the trajectory", partial(self._decide, d),
                        f"Shift+{d.value[0].upper()}", "Verdict", "disposition dataset", some)
                for d in Disposition
            ),
            Command("step.copy_markdown", "Copy the step as Markdown", self.copy_step, "", "Step", "clipboard", some),
            *(
                Command(f"step.{tab.name.lower()}", f"Step: {title}", partial(self.step.go_to, tab), "", "Step", "",
                        some)
                for tab, title in ((Tab.STEP, "explanation"), (Tab.DIFF, "difference to the other side"),
                                   (Tab.THOUGHT, "thought"), (Tab.OBSERVATION, "observation"), (Tab.RAW, "raw text"))
            ),
        ):  # fmt: skip
            commands.add(command)

    # -- intents --------------------------------------------------------------------------------------------

    def judge(self, verdict: Verdict) -> None:
        """Give what is in front a verdict."""
        self._saving(lambda: self._session.judge(verdict))

    def clear(self) -> None:
        """Take the verdict of what is in front back."""
        findings, subjects = self._session.findings, self._session.subjects()
        if findings is not None:
            self._saving(lambda: findings.clear(subjects))

    def dispose(self, disposition: Disposition, reason: str = "") -> None:
        """Decide on the trajectory in front."""
        trajectory = self._session.selection.current.trajectory
        if trajectory is not None:
            self._saving(lambda: self._session.dispose([trajectory], disposition, reason))

    def _decide(self, disposition: Disposition) -> None:
        self.dispose(disposition, self.verdict.reason.text().strip())

    def undo(self) -> None:
        """Take the last change back."""
        if self._session.findings is not None:
            self._saving(self._session.findings.undo)

    def redo(self) -> None:
        """Make the change taken back again."""
        if self._session.findings is not None:
            self._saving(self._session.findings.redo)

    def edit_note(self) -> None:
        """Put the cursor into the note."""
        self.verdict.note.setFocus()
        self.verdict.note.end(False)

    def copy_step(self) -> None:
        """Put the step with its explanation on the clipboard."""
        if self.inspected is not None:
            QGuiApplication.clipboard().setText(step_markdown(self.inspected))

    def _on_note_wanted(self, text: str) -> bool:
        """Save the note of what is in front if it changed; False where it could not be saved."""
        findings = self._session.findings
        if findings is None or not self._subjects or text == self._noted:
            return True
        subjects = self._subjects
        if not self._saving(lambda: findings.note(subjects, text)):
            return False
        self._noted = text
        return True

    def _on_next_wanted(self) -> None:
        self._session.step_in_queue(1, origin="keys")

    def _saving(self, change: Callable[[], object]) -> bool:
        """Make a change; where it cannot be saved say so in its place and keep what was typed."""
        try:
            change()
        except UserError as error:
            self.verdict.say_not_saved(f"{error.what}. {error.todo or ''}")
            return False
        return True

    # -- following the session ------------------------------------------------------------------------------

    def _on_dataset_opened(self) -> None:
        if self._session.findings is not None:
            self._session.findings.changed.connect(self._on_findings_changed)
        self.reload()

    def _on_findings_changed(self, subjects: tuple[Subject, ...]) -> None:
        self._show_finding()

    def _on_selection_changed(self, new: Selection, old: Selection, origin: str) -> None:
        if (new.entry, new.step, new.trajectory) != (old.entry, old.step, old.trajectory):
            self.reload()
        elif new.covered != old.covered:
            self._take_subjects()

    def reload(self) -> None:
        """Show the selected step."""
        self.inspected = inspect(self._session)
        self.stack.setCurrentWidget(self.empty if self.inspected is None else self._page)
        if self.inspected is not None:
            self.step.show_step(self.inspected)
        self._take_subjects()

    def _take_subjects(self) -> None:
        """What is judged changes: a note still being written belongs to what was in front before."""
        unsaved = self.verdict.note.text().strip()
        kept = self._on_note_wanted(unsaved)
        self._subjects = self._session.subjects() if self.inspected is not None else []
        self.verdict.set_enabled(bool(self._subjects))
        self.verdict.title.setText(
            "VERDICT" + (f" · for {len(self._subjects)} entries" if len(self._subjects) > 1 else "")
        )
        self.verdict.reason.clear()
        self._show_finding()
        if not kept:
            self.verdict.say_not_saved(f"the note before: {unsaved}")

    def _show_finding(self) -> None:
        findings = self._session.findings
        found = findings.of(self._subjects[0]) if findings is not None and self._subjects else None
        self.verdict.set_verdict(None if found is None else found.verdict)
        note = "" if found is None else found.note
        # What is being typed is not overwritten by a verdict given meanwhile.
        if not self.verdict.note.hasFocus() or self.verdict.note.text().strip() == self._noted:
            self.verdict.note.setText(note)
            self.verdict.note.setCursorPosition(0)
        self._noted = note
        self._show_decision()
        self.verdict.undo.setEnabled(findings is not None and findings.can_undo)
        self.verdict.say_saved(*self._saved_words(found))

    def _show_decision(self) -> None:
        dataset, findings = self._session.dataset, self._session.findings
        trajectory = self._session.selection.current.trajectory
        found = None
        if dataset is not None and findings is not None and trajectory is not None:
            found = findings.of(Subject(dataset.trajectory_ids[trajectory]))
            group, task = dataset.group.of(trajectory) or "", task_words(dataset.task.of(trajectory) or "")
            self.verdict.trajectory.setText(f"The whole trajectory of {group} on {task}:")
        self.verdict.set_disposition(None if found is None else found.disposition)

    def _saved_words(self, found: Finding | None) -> tuple[str, ...]:
        """Whether a verdict is kept, in full and in fewer words."""
        if found is None:
            return "not judged yet", "unjudged", ""
        try:
            time = datetime.fromisoformat(found.time).astimezone().strftime("%H:%M")
        except ValueError:
            time = found.time
        return f"saved {time} · {found.author}", f"saved {time}", "saved"

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        # Buttons need no more room than this; what is left is for the sentences.
        self._beside.setMaximumWidth(_VERDICT if wide else _ANY_WIDTH)
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
