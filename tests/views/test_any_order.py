"""The four panels of an audit together: whatever is done in whatever order, nothing fails and they agree."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from explorer.session.audit_session import AuditSession
from explorer.session.commands import CommandTable
from views.alignment.view import AlignmentView
from views.findings.view import FindingsView
from views.inspector.view import InspectorView
from views.queue.view import QueueView
from views.shared import theme

ROUNDS = 150
_KEYS = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_End,
         Qt.Key.Key_Home)  # fmt: skip


class _Desk:
    """The panels over one session, and what a person may do with them."""

    def __init__(self, session: AuditSession, qtbot: QtBot) -> None:
        self.session, self.qtbot = session, qtbot
        self.commands = CommandTable()
        self.queue = QueueView(session, self.commands)
        self.alignment = AlignmentView(session, self.commands)
        self.inspector = InspectorView(session, self.commands)
        self.findings = FindingsView(session, self.commands)
        for view in (self.queue, self.alignment, self.inspector, self.findings):
            qtbot.addWidget(view)
            view.resize(700, 400)
            view.show()

    def act(self, chance: random.Random) -> None:
        """One action."""
        session = self.session
        assert session.dataset is not None
        assert session.entries is not None
        if chance.random() < 0.5:
            self.commands.run(chance.choice([command.id for command in self.commands]))
            return
        act = chance.choice((
            lambda: session.select_entry(chance.randrange(len(session.entries)), origin="map"),
            lambda: session.select_trajectory(chance.randrange(session.dataset.n_trajectories), origin="map"),
            lambda: session.select_step(chance.randrange(session.dataset.n_steps), origin="map"),
            lambda: session.filters.set_text(chance.choice(("", "rm", "zzz"))),
            lambda: session.filters.toggle("lane", chance.choice(("student_only", "teacher_only", "both"))),
            lambda: session.cover({0, len(session.entries) - 1}, origin="map"),
            lambda: self.qtbot.keyClick(self.alignment.grid, chance.choice(_KEYS)),
            lambda: self.qtbot.keyClick(self.queue.list, chance.choice(_KEYS)),
            lambda: self.inspector.verdict.note.setText(chance.choice(("", "a note", "\u202eevil"))),
            lambda: self.findings.table.selectRow(0),
            lambda: session.selection.clear(origin="map"),
        ))  # fmt: skip
        act()

    def agree(self) -> None:
        """What the panels show is what is selected."""
        current = self.session.selection.current
        if current.step is None:
            assert self.inspector.stack.currentWidget() is self.inspector.empty
            return
        assert self.inspector.inspected is not None
        assert self.inspector.inspected.card.step == current.step
        model = self.alignment.model
        assert model is not None
        row = model.aligned.row_of_step(current.step)
        assert row >= 0
        here = self.alignment.grid.line
        # One may stand on a stretch that folds while a step elsewhere is selected.
        assert model.lines.line_of_row(row) == here or model.foldable_at(int(model.lines.start[here]))
        chosen = self.queue._chosen_entries()
        if current.covered:
            assert chosen <= current.covered or not chosen
        elif chosen:
            assert chosen == {current.entry}


@pytest.mark.parametrize("which", ["session", "alone", "many"])
def test_panels_agree_whatever_is_done(which: str, request: pytest.FixtureRequest, qtbot: QtBot) -> None:
    desk = _Desk(request.getfixturevalue(which), qtbot)
    chance = random.Random(7)
    for _ in range(ROUNDS):
        desk.act(chance)
        desk.agree()


def test_a_change_of_theme_repaints_everything(session: AuditSession, qtbot: QtBot) -> None:
    desk = _Desk(session, qtbot)
    session.select_entry(0, origin="map")
    before = theme.current()
    views = (desk.queue, desk.alignment, desk.inspector, desk.findings)
    light = [view.grab().toImage() for view in views]
    try:
        theme._notifier.theme = theme.DARK
        theme.changed.emit(theme.DARK)
        dark = [view.grab().toImage() for view in views]
    finally:
        theme._notifier.theme = before
        theme.changed.emit(before)
    assert all(a != b for a, b in zip(light, dark, strict=True))
