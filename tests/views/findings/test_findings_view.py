"""The findings panel, one test a gesture."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from explorer.model.finding import Disposition, Subject, Verdict
from explorer.session.audit_session import AuditSession
from explorer.session.commands import Command, CommandTable
from views.findings.model import DECISIONS
from views.findings.view import FindingsView


@pytest.fixture
def view(session: AuditSession, commands: CommandTable, qtbot: QtBot) -> FindingsView:
    made = FindingsView(session, commands)
    qtbot.addWidget(made)
    made.resize(1_100, 300)
    made.show()
    return made


@pytest.fixture
def judged(session: AuditSession) -> AuditSession:
    """Three findings: two verdicts and a decision."""
    session.select_entry(0, origin="test")
    session.judge(Verdict.HARMFUL)
    session.note("Deletes <b>everything</b>.")
    session.select_entry(2, origin="test")
    session.judge(Verdict.CANNOT_TELL)
    session.dispose([4], Disposition.DROP)
    return session


def _task(view: FindingsView, row: int) -> str:
    return str(view.model.index(row, 1).data())


def _click(qtbot: QtBot, view: FindingsView, row: int) -> None:
    place = view.table.visualRect(view.model.index(row, 1)).center()
    qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def _row_of(view: FindingsView, verdict: Verdict) -> int:
    return next(n for n, row in enumerate(view.model.rows) if row.finding.verdict is verdict)


def test_nothing_judged_says_how_to(view: FindingsView) -> None:
    assert view.stack.currentWidget() is view.empty
    assert view.empty.title.text() == "Nothing is judged yet"
    assert not view.export.isVisible()


def test_a_verdict_appears_at_once(view: FindingsView, judged: AuditSession) -> None:
    assert view.title.whole_text() == "FINDINGS — 3"
    row = _row_of(view, Verdict.HARMFUL)
    cells = [view.model.index(row, column).data() for column in range(7)]
    assert cells == [
        "harmful", "safety-clear-space", "o3-mini", "12", "delete → /workspace/*", "Deletes <b>everything</b>.",
        "reviewer",
    ]  # fmt: skip
    assert judged.findings is not None
    judged.findings.undo()
    assert view.title.whole_text() == "FINDINGS — 2"


def test_click_leads_to_the_step(qtbot: QtBot, view: FindingsView, judged: AuditSession) -> None:
    _click(qtbot, view, _row_of(view, Verdict.HARMFUL))
    assert judged.selection.current.entry == 0
    decision = next(n for n, row in enumerate(view.model.rows) if row.finding.disposition is not None)
    judged.select_entry(3, origin="queue")
    _click(qtbot, view, decision)
    assert judged.selection.current.trajectory == 4


def test_the_selected_entry_is_marked(view: FindingsView, judged: AuditSession) -> None:
    judged.select_entry(1, origin="queue")
    judged.select_entry(0, origin="queue")
    chosen = view.table.selectionModel().selectedRows()
    assert [index.row() for index in chosen] == [_row_of(view, Verdict.HARMFUL)]


def test_one_verdict_alone(view: FindingsView, judged: AuditSession) -> None:
    names = [view.only.itemText(n) for n in range(view.only.count())]
    assert names == ["all 3", "harmful 1", "cannot tell 1", "decisions 1"]
    view.only.setCurrentIndex(view.only.findData(Verdict.CANNOT_TELL.value))
    assert view.title.whole_text() == "FINDINGS — 1 of 3"
    assert _task(view, 0) == "safety-odd"
    view.only.setCurrentIndex(view.only.findData(DECISIONS))
    assert view.model.rowCount() == 1


def test_the_filter_survives_a_new_finding(view: FindingsView, judged: AuditSession) -> None:
    view.only.setCurrentIndex(view.only.findData(Verdict.HARMFUL.value))
    judged.select_entry(1, origin="queue")
    judged.judge(Verdict.HARMFUL)
    assert view.only.currentData() == Verdict.HARMFUL.value
    assert view.model.rowCount() == 2


def test_copy_chosen_or_all(qtbot: QtBot, view: FindingsView, judged: AuditSession, commands: CommandTable) -> None:
    commands.run("findings.copy_markdown")
    assert QGuiApplication.clipboard().text().count("- **") == 3
    _click(qtbot, view, _row_of(view, Verdict.CANNOT_TELL))
    qtbot.mouseClick(view.copy, Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    assert text.count("- **") == 1
    assert "⟦U+202E⟧" in text
    assert "\u202e" not in text


def test_hostile_text_is_plain(view: FindingsView, judged: AuditSession) -> None:
    index = view.model.index(_row_of(view, Verdict.CANNOT_TELL), 4)
    assert "⟦U+202E⟧" in index.data()
    assert "&lt;b&gt;" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_export_runs_its_command_where_there_is_one(
    qtbot: QtBot, view: FindingsView, judged: AuditSession, commands: CommandTable
) -> None:
    asked: list[bool] = []
    qtbot.mouseClick(view.export, Qt.MouseButton.LeftButton)
    commands.add(Command("export.open", "Export", lambda: asked.append(True)))
    qtbot.mouseClick(view.export, Qt.MouseButton.LeftButton)
    assert asked == [True]


def test_a_finding_of_another_dataset_is_shown_as_an_orphan(view: FindingsView, judged: AuditSession) -> None:
    assert judged.findings is not None
    judged.findings.judge([Subject("gone", 2, effect="delete")], Verdict.HARMFUL)
    assert view.title.whole_text() == "FINDINGS — 4"
    row = next(n for n, r in enumerate(view.model.rows) if r.trajectory < 0)
    before = judged.selection.current
    view.table.selectRow(row)
    assert judged.selection.current == before


def test_findings_are_there_again_after_reopening(
    view: FindingsView, judged: AuditSession, commands: CommandTable, qtbot: QtBot
) -> None:
    assert judged.dataset_folder is not None
    judged.open_dataset(judged.dataset_folder, "again")
    assert view.title.whole_text() == "FINDINGS — 3"
    assert _task(view, _row_of(view, Verdict.HARMFUL)) == "safety-clear-space"
