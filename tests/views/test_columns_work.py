"""Columns in the whole window: worked out elsewhere, stopped, failed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.app import Program
from explorer.errors import InputError
from explorer.execution import SerialExecutor
from explorer.model.schema import Role
from explorer.progress import Progress
from tests.views.windows import NeverEnding, make_program, put_away, write_logs
from views.alignment.view import AlignmentView
from views.start.audit_work import COLUMNS
from views.start.services import Source


class _Failing:
    """An executor in which nothing succeeds."""

    def submit(self, work: object) -> Any:
        def fail(progress: Progress) -> None:
            raise InputError("there is no room", todo="Try again.")

        return SerialExecutor().submit(fail)

    def shutdown(self) -> None:
        """Nothing runs."""


@pytest.fixture
def program(qapp: QApplication, tmp_path: Path, qtbot: QtBot) -> Iterator[Program]:
    """A window with an audit in its workspace and the first entry in front."""
    made = make_program(qapp, tmp_path)
    made.window.show()
    logs, flow = write_logs(tmp_path), made.window.flow
    flow.read_at_once([Source((logs[0],), Role.TEACHER), Source((logs[1],), Role.STUDENT)])
    qtbot.waitUntil(lambda: bool(flow.summary.rows()), timeout=60_000)
    flow.summary.first.click()
    yield made
    put_away(made)


def _view(program: Program, executor: Any) -> AlignmentView:
    program.runner._executors[COLUMNS] = executor
    assert program.window.workspace is not None
    return program.window.workspace.views.alignment


def _sides(view: AlignmentView) -> int:
    assert view.model is not None
    return len(view.model.aligned.sides)


def test_columns_come_from_their_own_worker(program: Program, qtbot: QtBot) -> None:
    view = _view(program, SerialExecutor())
    program.window.commands.run("alignment.columns")
    qtbot.waitUntil(lambda: view.model is not None and view.model.aligned.columns is not None)
    assert "2 columns" in view.title.whole_text()
    assert not program.window.errors.isVisible()


def test_columns_under_way_can_be_stopped(program: Program, qtbot: QtBot) -> None:
    view = _view(program, NeverEnding())
    program.window.commands.run("alignment.columns")
    assert program.runner.is_running(COLUMNS)
    assert "laying out 2 columns" in view.title.whole_text()
    program.runner.cancel(COLUMNS)
    qtbot.waitUntil(lambda: not view.columns.waiting)
    assert not view.columns.on
    # The summary behind the panels is still that of a finished audit.
    assert program.window.flow.summary.rows()
    assert program.window.flow.summary.what.text() != "Stopped."
    assert "laying out" not in view.title.whole_text()
    assert not program.window.errors.isVisible()


def test_columns_that_fail_are_told_and_the_pair_stays(program: Program, qtbot: QtBot) -> None:
    view = _view(program, _Failing())
    program.window.commands.run("alignment.columns")
    qtbot.waitUntil(lambda: not view.columns.waiting)
    assert "there is no room" in program.window.errors.what.text()
    assert _sides(view) == 2
    assert view.model is not None
    assert view.model.aligned.columns is None


def test_another_audit_while_columns_are_under_way_starts_anew(program: Program, qtbot: QtBot) -> None:
    view = _view(program, NeverEnding())
    program.window.commands.run("alignment.columns")
    assert view.columns.waiting == 2
    program.runner._executors[COLUMNS] = SerialExecutor()
    program.session.result_accepted.emit()
    qtbot.waitUntil(lambda: view.model is not None and view.model.aligned.columns is not None)
    assert not view.columns.waiting
