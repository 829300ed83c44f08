"""Whatever is done in whatever order, the window stays whole: commands in random sequences."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.app import Program
from explorer.model.schema import Role
from tests.views.windows import make_program, put_away, write_logs
from views.start.services import Source

ASKS_OR_ENDS = {"file.open", "file.quit", "help.keys", "view.menu", "view.palette", "help.tour"}
"""Commands that open a dialog of the system or of their own, or end the program."""


@pytest.fixture
def audited(qapp: QApplication, tmp_path: Path, qtbot: QtBot) -> Iterator[Program]:
    program = make_program(qapp, tmp_path)
    program.window.show()
    teacher, student, _ = write_logs(tmp_path)
    program.window.flow.read_at_once([Source((teacher,), Role.TEACHER), Source((student,), Role.STUDENT)])
    qtbot.waitUntil(lambda: bool(program.window.flow.summary.rows()), timeout=60_000)
    program.window.show_workspace()
    yield program
    put_away(program)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_commands_in_any_order_leave_a_window_that_works(audited: Program, qtbot: QtBot, seed: int) -> None:
    window, draw = audited.window, random.Random(seed)
    names = [
        command.id
        for command in window.commands
        if command.id not in ASKS_OR_ENDS and "export" not in command.id and command.id != "view.theme"
    ]
    with qtbot.captureExceptions() as caught:
        for _ in range(150):
            window.commands.run(draw.choice(names))
            QApplication.processEvents()
    assert not caught
    assert window.errors.isHidden()
    window.show_workspace()
    if audited.session.result is not None:
        assert window.stack.currentWidget() is window.workspace
