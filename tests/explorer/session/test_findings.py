"""The current state is a fold of the log; undo appends the inverse; nothing is ever lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.errors import StorageError
from explorer.model.finding import Disposition, Subject, Verdict
from explorer.session.annotation_store import AnnotationStore
from explorer.session.findings import Findings, fold

A, B = Subject("a", 1), Subject("b", 2, "c", 3, "delete")


@pytest.fixture
def store(tmp_path: Path) -> AnnotationStore:
    made = AnnotationStore(tmp_path / "f.sqlite")
    yield made
    made.close()


def test_a_verdict_a_note_and_a_disposition_live_side_by_side(store: AnnotationStore) -> None:
    findings = Findings(store, "d", "me")
    findings.judge([A], Verdict.HARMFUL)
    findings.note([A], "because")
    findings.dispose([A], Disposition.DROP)
    found = findings.of(A)
    assert found is not None
    assert (found.verdict, found.note, found.disposition) == (Verdict.HARMFUL, "because", Disposition.DROP)


def test_reopening_shows_what_was_judged(store: AnnotationStore) -> None:
    Findings(store, "d", "me").judge([A, B], Verdict.CONCERNING)
    again = Findings(store, "d", "someone else")
    assert {f.subject for f in again.all()} == {A, B}
    assert all(f.author == "me" for f in again.all())
    assert Findings(store, "another dataset", "me").all() == ()


def test_undo_brings_back_the_verdict_before_and_redo_the_one_after(store: AnnotationStore) -> None:
    findings = Findings(store, "d", "me")
    findings.judge([A], Verdict.HARMFUL)
    findings.judge([A], Verdict.FALSE_ALARM)
    findings.undo()
    assert findings.of(A).verdict is Verdict.HARMFUL
    findings.undo()
    assert findings.of(A) is None
    findings.redo()
    assert findings.of(A).verdict is Verdict.HARMFUL
    findings.redo()
    assert findings.of(A).verdict is Verdict.FALSE_ALARM
    assert not findings.can_redo


def test_who_hears_of_a_change_can_ask_at_once_what_can_be_undone(store: AnnotationStore) -> None:
    findings = Findings(store, "d", "me")
    heard: list[tuple[bool, bool]] = []
    findings.changed.connect(lambda subjects: heard.append((findings.can_undo, findings.can_redo)))
    findings.judge([A], Verdict.HARMFUL)
    findings.undo()
    findings.redo()
    assert heard == [(True, False), (False, True), (True, False)]


def test_what_could_not_be_written_can_be_tried_again(store: AnnotationStore, monkeypatch: pytest.MonkeyPatch) -> None:
    findings = Findings(store, "d", "me")
    findings.judge([A], Verdict.HARMFUL)

    def full(self: AnnotationStore, dataset: str, annotations: object) -> int:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(AnnotationStore, "append", full)
        for change in (findings.undo, lambda: findings.judge([A], Verdict.FALSE_ALARM)):
            with pytest.raises(StorageError):
                change()
    assert findings.of(A).verdict is Verdict.HARMFUL
    assert findings.can_undo
    assert not findings.can_redo
    findings.undo()
    assert findings.of(A) is None
    findings.redo()
    assert findings.of(A).verdict is Verdict.HARMFUL


def test_undo_after_a_bulk_judgement_undoes_all_of_it(store: AnnotationStore) -> None:
    findings = Findings(store, "d", "me")
    findings.judge([A], Verdict.REQUESTED)
    findings.judge([A, B], Verdict.HARMFUL)
    findings.undo()
    assert findings.of(A).verdict is Verdict.REQUESTED
    assert findings.of(B) is None


def test_an_empty_note_takes_the_note_back(store: AnnotationStore) -> None:
    findings = Findings(store, "d", "me")
    findings.note([A], "one")
    findings.note([A], "")
    assert findings.of(A) is None
    findings.undo()
    assert findings.of(A).note == "one"


def test_listeners_hear_which_subjects_changed(store: AnnotationStore) -> None:
    findings, heard = Findings(store, "d", "me"), []
    findings.changed.connect(heard.append)
    findings.judge([A, B], Verdict.HARMFUL)
    findings.undo()
    assert heard == [(A, B), (A, B)]


def test_merging_another_auditors_events_is_idempotent(store: AnnotationStore, tmp_path: Path) -> None:
    other_store = AnnotationStore(tmp_path / "other.sqlite")
    other = Findings(other_store, "d", "other")
    other.judge([B], Verdict.HARMFUL)
    findings = Findings(store, "d", "me")
    assert findings.merge(other.events) == 1
    assert findings.merge(other.events) == 0
    assert findings.of(B).author == "other"
    other_store.close()


_ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("judge"), st.sampled_from([A, B]), st.sampled_from(list(Verdict))),
        st.tuples(st.just("note"), st.sampled_from([A, B]), st.sampled_from(["", "x", "y"])),
        st.tuples(st.just("undo"), st.none(), st.none()),
        st.tuples(st.just("redo"), st.none(), st.none()),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(_ACTIONS)
def test_undoing_everything_leads_back_to_nothing_and_the_log_only_grows(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, Subject, object]]
) -> None:
    store = AnnotationStore(tmp_path_factory.mktemp("s") / "f.sqlite")
    findings = Findings(store, "d", "me")
    states = []
    length = 0
    for name, subject, value in actions:
        if name == "judge":
            findings.judge([subject], value)
        elif name == "note":
            findings.note([subject], value)
        else:
            getattr(findings, name)()
        states.append(findings.all())
        assert len(findings.events) >= length
        length = len(findings.events)
    while findings.can_undo:
        findings.undo()
    assert findings.all() == ()
    while findings.can_redo:
        findings.redo()
    written = {f.subject: (f.verdict, f.note) for f in fold(store.read("d")).values()}
    assert written == {f.subject: (f.verdict, f.note) for f in findings.all()}
    store.close()


def test_a_dataset_opened_anew_can_still_be_undone_and_another_one_not(store: AnnotationStore) -> None:
    first = Findings(store, "d", "me")
    first.judge([A], Verdict.HARMFUL)
    again, other = Findings(store, "d", "me", first), Findings(store, "e", "me", first)
    assert not other.can_undo
    again.undo()
    assert again.of(A) is None
    again.redo()
    assert again.of(A) == Findings(store, "d", "me").of(A)


def test_the_same_effect_on_two_things_is_judged_singly_and_an_old_verdict_still_counts(store: AnnotationStore) -> None:
    findings = Findings(store, "d", "me")
    first, second = Subject("t", 1, "o", 2, "delete", "/a"), Subject("t", 1, "o", 2, "delete", "/b")
    findings.judge([first.whatever_target], Verdict.CONCERNING)
    findings.judge([first], Verdict.HARMFUL)
    held = [findings.of(subject) for subject in (first, second)]
    assert [found and found.verdict for found in held] == [Verdict.HARMFUL, Verdict.CONCERNING]
