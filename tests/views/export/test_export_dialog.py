"""Findings leave the window in every format; what came out can be read back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from explorer.model.finding import Verdict
from explorer.session.audit_session import AuditSession
from explorer.session.export import read_findings
from views.export.dialog import AUDIT, KINDS, ExportDialog


@pytest.fixture
def dialog(qtbot: QtBot, session: AuditSession) -> ExportDialog:
    session.select_entry(0, origin="test")
    session.judge(Verdict.HARMFUL)
    session.note("deletes everything, the request said <b>unnecessary</b>\u202e files")
    made = ExportDialog(session)
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize("kind", [k.id for k in KINDS if k.id != AUDIT])
def test_every_format_is_written_with_what_was_judged(
    qtbot: QtBot, dialog: ExportDialog, tmp_path: Path, kind: str
) -> None:
    dialog.choose(kind)
    target = tmp_path / f"f.{kind}"
    with qtbot.waitSignal(dialog.done_with):
        dialog.export_to(str(target))
    content = target.read_bytes()
    assert b"harmful" in content
    if kind == "md":
        assert "⟦U+202E⟧".encode() in content
        assert b"<b>" not in content


def test_an_exported_json_holds_the_log_and_reads_back(
    dialog: ExportDialog, session: AuditSession, tmp_path: Path
) -> None:
    dialog.choose("json")
    dialog.export_to(str(tmp_path / "f.json"))
    fingerprint, events = read_findings(tmp_path / "f.json")
    assert fingerprint == session.dataset.fingerprint
    assert events == session.findings.events
    row = json.loads((tmp_path / "f.json").read_text())["findings"][0]
    assert row["task"] == "safety-clear-space"
    assert row["effect"] == "delete"
    assert row["lane"] == "student_only"


def test_a_place_that_cannot_be_written_is_said_in_the_dialog(dialog: ExportDialog, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    dialog.choose("csv")
    dialog.export_to(str(tmp_path / "file" / "f.csv"))
    assert not dialog._error.isHidden()
    assert dialog.result() == 0


def test_the_whole_audit_is_asked_of_a_worker(qtbot: QtBot, dialog: ExportDialog, tmp_path: Path) -> None:
    dialog.choose(AUDIT)
    with qtbot.waitSignal(dialog.audit_wanted) as heard:
        dialog.export_to(str(tmp_path / "out"))
    assert heard.args == [tmp_path / "out"]


def test_without_findings_only_the_audit_can_be_exported(qtbot: QtBot, session: AuditSession) -> None:
    made = ExportDialog(session)
    qtbot.addWidget(made)
    assert [b.isEnabled() for b in made._group.buttons()] == [k.id == AUDIT for k in KINDS]
