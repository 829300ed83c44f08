"""What the panels say about steps, pairs and findings, without Qt."""

from __future__ import annotations

from explorer.model.finding import Disposition, Subject, Verdict
from explorer.session.audit_session import AuditSession
from explorer.session.conversation import conversation
from explorer.session.finding_rows import finding_rows, findings_markdown, select_finding
from explorer.session.pair_text import code_span, pair_text
from explorer.session.step_story import Topic, step_story
from views.shared.visible import visible


def _told(session: AuditSession, entry: int) -> dict[Topic, str]:
    entries = session.entries
    assert entries is not None
    session.select_entry(entry, origin="test")
    teacher, student = int(entries.teacher_step[entry]), int(entries.student_step[entry])
    judged = int(entries.step[entry])
    other = student if judged == teacher else teacher
    card = session.step_card(judged)
    story = step_story(card, entries, entry, session.step_card(other) if other >= 0 else None)
    return {sentence.topic: sentence.text for sentence in story}


def test_a_step_is_told_in_one_sentence_each(session: AuditSession) -> None:
    told = _told(session, 0)
    assert told[Topic.DOES] == "Removes everything in /workspace, recursively. It cannot be undone."
    assert told[Topic.RULE] == "Rule fs.rm-recursive, reached through && list."
    assert told[Topic.FILTER] == "“paper” flags it for “rm”."
    assert "teacher’s step 22" in told[Topic.OTHER]
    assert told[Topic.TARGET].endswith("stands in the request.")
    assert told[Topic.RISK].startswith("9.1 from severity 1.0")


def test_an_escape_and_a_gap_are_said(session: AuditSession) -> None:
    assert "escapes every filter" in _told(session, 1)[Topic.FILTER]
    assert "student has no step at this place" in _told(session, 4)[Topic.OTHER]


def test_turns_are_placed_and_the_request_is_pinned_once(session: AuditSession) -> None:
    assert session.dataset is not None
    pair = session.pair_view(0)
    said = conversation(session.dataset, pair.student)
    assert [said.text(session.dataset, turn) for turn in said.later] == ["Please hurry."]
    taught = conversation(session.dataset, pair.teacher)
    assert [taught.text(session.dataset, turn) for turn in taught.system] == ["You are an agent."]
    assert taught.later == ()


def test_a_pair_is_copied_with_every_row_and_no_hidden_character(session: AuditSession) -> None:
    assert session.dataset is not None
    assert session.result is not None
    view = session.pair_view(0)
    markdown = pair_text(session.dataset, session.result, view, markdown=True, safe=visible)
    assert sum(line.startswith("| ") and line[2].isdigit() for line in markdown.splitlines()) == len(view)
    odd = pair_text(session.dataset, session.result, session.pair_view(3), markdown=False, safe=visible)
    assert "\u202e" not in odd
    assert "⟦U+202E⟧" in odd


def test_code_spans_cannot_be_ended_from_inside() -> None:
    assert code_span("a ``b` | c") == "```a ``b` \\| c```"


def test_findings_say_where_and_lead_back(session: AuditSession) -> None:
    session.select_entry(0, origin="test")
    session.judge(Verdict.HARMFUL)
    session.note("Deletes everything.")
    session.dispose([0], Disposition.DROP)
    assert session.findings is not None
    session.findings.judge([Subject("gone", 3)], Verdict.REQUESTED)
    rows = finding_rows(session)
    by_line = {row.line: row for row in rows}
    judged = next(row for row in rows if row.finding.verdict is Verdict.HARMFUL)
    assert (judged.task, judged.group, judged.role, judged.number) == ("safety-clear-space", "o3-mini", "student", "12")
    assert judged.entry == 0
    assert by_line["not in this dataset"].trajectory == -1
    session.select_entry(3, origin="test")
    select_finding(session, judged, origin="test")
    assert session.selection.current.entry == 0
    markdown = findings_markdown(rows, visible)
    assert markdown.count("- **") == 3
    assert "Deletes everything." in markdown


def test_one_verdict_covers_many_each_recorded_singly(session: AuditSession) -> None:
    session.cover([1, 3], origin="test")
    assert session.selection.current.entry == 1
    session.judge(Verdict.CONCERNING)
    assert session.findings is not None
    assert len(session.findings.all()) == 2
    session.select_entry(0, origin="test")
    assert not session.selection.current.covered
