"""The inspector, one test a gesture."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from explorer.errors import StorageError
from explorer.model.finding import Disposition, Subject, Verdict
from explorer.session.annotation_store import AnnotationStore
from explorer.session.audit_session import AuditSession
from explorer.session.commands import CommandTable
from views.inspector.model import inspect
from views.inspector.step_panel import Tab
from views.inspector.view import InspectorView


@pytest.fixture
def view(session: AuditSession, commands: CommandTable, qtbot: QtBot) -> InspectorView:
    made = InspectorView(session, commands)
    qtbot.addWidget(made)
    made.resize(900, 300)
    made.show()
    return made


def _verdict(session: AuditSession) -> Verdict | None:
    assert session.findings is not None
    subject = session.subject()
    found = session.findings.of(subject) if subject is not None else None
    return None if found is None else found.verdict


def test_nothing_selected_says_what_to_do(view: InspectorView) -> None:
    assert view.stack.currentWidget() is view.empty


def test_a_step_is_titled_explained_and_its_evidence_underlined(view: InspectorView, session: AuditSession) -> None:
    session.select_entry(0, origin="queue")
    assert view.step.title.whole_text() == "STEP 12 OF o3-mini · student only · succeeded"
    assert view.step.evidence.marks_shown() == ("rm -rf /workspace/*",)
    told = view.step.sentences.texts()
    assert told[0] == "Removes everything in /workspace, recursively. It cannot be undone."
    assert any("“paper” flags it for “rm”." in text for text in told)


def test_evidence_takes_the_colour_of_its_severity(session: AuditSession) -> None:
    session.select_entry(0, origin="queue")
    found = inspect(session)
    assert found is not None
    assert found.evidence == ((0, 19, "severity:3"),)


def test_long_sentences_are_shown_whole(view: InspectorView, session: AuditSession) -> None:
    view.resize(340, 600)
    session.select_entry(1, origin="queue")
    for line in view.step.sentences._lines[: len(view.step.sentences.texts())]:
        assert line.text.height() >= line.text.heightForWidth(line.text.width())


def test_hostile_arguments_are_shown_with_chips(view: InspectorView, session: AuditSession) -> None:
    session.select_entry(2, origin="queue")
    shown = view.step.evidence.shown_text()
    assert "⟦U+202E⟧" in shown
    assert "<b>x</b>" in shown
    assert "\u200b" not in shown


def test_pages_are_filled_when_they_are_opened(
    view: InspectorView, session: AuditSession, commands: CommandTable
) -> None:
    session.select_entry(0, origin="queue")
    assert view.step.raw.text() == ""
    commands.run("step.raw")
    assert "── observation" in view.step.raw.text()
    assert "built.parquet, row 4" in view.step.raw.text()
    commands.run("step.observation")
    assert view.step.observation.text().startswith("output of rm -rf")
    session.select_entry(1, origin="queue")
    assert view.step.tabs.currentIndex() == Tab.OBSERVATION
    assert view.step.observation.text() == "output of pkill -f bot.py"


def test_arguments_are_compared_with_the_other_side(
    view: InspectorView, session: AuditSession, commands: CommandTable
) -> None:
    session.select_entry(0, origin="queue")
    commands.run("step.diff")
    teacher, student = view.step.diff.texts
    assert teacher.marks_shown() == ("root/.cache/ms-playwright",)
    assert student.marks_shown()[0] == "workspace"
    # A gap: nothing stands on the student's side.
    session.select_entry(4, origin="queue")
    assert "no step stands here" in view.step.diff.names[1].whole_text()


def test_number_keys_give_the_verdict_and_it_can_be_undone(
    view: InspectorView, session: AuditSession, commands: CommandTable
) -> None:
    session.select_entry(0, origin="queue")
    assert commands["verdict.harmful"].shortcut == "1"
    commands.run("verdict.harmful")
    assert _verdict(session) is Verdict.HARMFUL
    assert view.verdict.buttons[Verdict.HARMFUL].isChecked()
    assert view.verdict.saved.whole_text().endswith("reviewer")
    assert view.verdict.undo.isEnabled()
    commands.run("edit.undo")
    assert _verdict(session) is None
    assert not view.verdict.undo.isEnabled()
    assert not view.verdict.buttons[Verdict.HARMFUL].isChecked()
    commands.run("edit.redo")
    assert _verdict(session) is Verdict.HARMFUL
    commands.run("verdict.clear")
    assert _verdict(session) is None


def test_a_click_gives_the_verdict(qtbot: QtBot, view: InspectorView, session: AuditSession) -> None:
    session.select_entry(1, origin="queue")
    qtbot.mouseClick(view.verdict.buttons[Verdict.FALSE_ALARM], Qt.MouseButton.LeftButton)
    assert _verdict(session) is Verdict.FALSE_ALARM
    qtbot.mouseClick(view.verdict.buttons[Verdict.CANNOT_TELL], Qt.MouseButton.LeftButton)
    assert [b.isChecked() for b in view.verdict.buttons.values()] == [False, False, False, False, True]


def test_a_note_is_saved_on_return(qtbot: QtBot, view: InspectorView, session: AuditSession) -> None:
    session.select_entry(0, origin="queue")
    qtbot.keyClicks(view.verdict.note, "everything")
    qtbot.keyClick(view.verdict.note, Qt.Key.Key_Return)
    assert session.findings is not None
    subject = session.subject()
    assert subject is not None
    found = session.findings.of(subject)
    assert found is not None
    assert found.note == "everything"


def test_a_note_being_written_stays_with_its_entry(qtbot: QtBot, view: InspectorView, session: AuditSession) -> None:
    session.select_entry(0, origin="queue")
    first = session.subject()
    qtbot.keyClicks(view.verdict.note, "half a thou")
    session.select_entry(1, origin="queue")
    assert session.findings is not None
    assert first is not None
    found = session.findings.of(first)
    assert found is not None
    assert found.note == "half a thou"
    assert view.verdict.note.text() == ""
    second = session.subject()
    assert second is not None
    assert session.findings.of(second) is None


def test_several_entries_are_judged_singly(view: InspectorView, session: AuditSession, commands: CommandTable) -> None:
    session.cover([1, 3], origin="queue")
    assert view.verdict.title.whole_text() == "VERDICT · for 2 entries"
    commands.run("verdict.concerning")
    assert session.findings is not None
    assert [f.verdict for f in session.findings.all()] == [Verdict.CONCERNING] * 2


def test_the_trajectory_is_decided_apart_with_a_reason(
    qtbot: QtBot, view: InspectorView, session: AuditSession, commands: CommandTable
) -> None:
    session.select_entry(0, origin="queue")
    qtbot.keyClicks(view.verdict.reason, "deletes everything")
    qtbot.mouseClick(view.verdict.dispositions[Disposition.DROP], Qt.MouseButton.LeftButton)
    assert session.findings is not None
    assert session.dataset is not None
    found = session.findings.of(Subject(session.dataset.trajectory_ids[4]))
    assert found is not None
    assert found.disposition is Disposition.DROP
    assert session.findings.events[-1].reason == "deletes everything"
    assert view.verdict.dispositions[Disposition.DROP].isChecked()
    assert _verdict(session) is None
    commands.run("trajectory.keep")
    assert view.verdict.dispositions[Disposition.KEEP].isChecked()


def test_what_cannot_be_saved_is_said_and_kept(
    qtbot: QtBot, view: InspectorView, session: AuditSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: AnnotationStore, dataset: str, annotations: object) -> int:
        raise StorageError("the disk is full", todo="Free some space.")

    session.select_entry(0, origin="queue")
    monkeypatch.setattr(AnnotationStore, "append", full)
    qtbot.keyClicks(view.verdict.note, "important")
    qtbot.keyClick(view.verdict.note, Qt.Key.Key_Return)
    assert not view.verdict.trouble.isHidden()
    assert view.verdict.trouble.whole_text() == "NOT SAVED — the disk is full. Free some space."
    assert view.verdict.note.text() == "important"
    session.select_entry(1, origin="queue")
    assert view.verdict.trouble.whole_text() == "NOT SAVED — the note before: important"


def test_note_key_puts_the_cursor_there(
    qtbot: QtBot, view: InspectorView, session: AuditSession, commands: CommandTable
) -> None:
    session.select_entry(0, origin="queue")
    qtbot.waitExposed(view)
    view.activateWindow()
    commands.run("note.edit")
    qtbot.waitUntil(view.verdict.note.hasFocus)


def test_a_step_without_an_entry_can_be_judged(
    view: InspectorView, session: AuditSession, commands: CommandTable
) -> None:
    assert session.dataset is not None
    session.select_step(session.dataset.rows(0).start, origin="alignment")
    commands.run("verdict.requested")
    assert session.findings is not None
    assert session.findings.all()[0].subject == Subject(session.dataset.trajectory_ids[0], 0)


def test_copy_holds_step_and_reasons(view: InspectorView, session: AuditSession, commands: CommandTable) -> None:
    session.select_entry(2, origin="queue")
    commands.run("step.copy_markdown")
    text = QGuiApplication.clipboard().text()
    assert "⟦U+202E⟧" in text
    assert "- filter: It passes “paper”" in text


def test_without_a_pair_there_is_no_difference_page(alone: AuditSession, commands: CommandTable, qtbot: QtBot) -> None:
    view = InspectorView(alone, commands)
    qtbot.addWidget(view)
    alone.select_entry(0, origin="queue")
    assert not view.step.tabs.isTabEnabled(Tab.DIFF)
    assert view.step.title.whole_text() == "STEP 8 OF o3-mini · succeeded"


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_the_keys_go_back_to_the_window_when_a_note_is_done(
    qtbot: QtBot, view: InspectorView, session: AuditSession, commands: CommandTable, key: Qt.Key
) -> None:
    session.select_entry(0, origin="queue")
    qtbot.waitExposed(view)
    view.activateWindow()
    commands.run("note.edit")
    qtbot.waitUntil(view.verdict.note.hasFocus)
    qtbot.keyClicks(view.verdict.note, "done")
    qtbot.keyClick(view.verdict.note, key)
    assert not view.verdict.note.hasFocus()
    subject = session.subject()
    assert session.findings is not None
    assert subject is not None
    found = session.findings.of(subject)
    assert found is not None
    assert found.note == "done"
