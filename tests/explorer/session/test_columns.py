"""Trajectories side by side: from the audit's own effects, chosen per task, told as text."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explorer.analysis.audit import run_audit
from explorer.model.alignment import OPERATIONS, Operation
from explorer.model.schema import Role
from explorer.progress import Cancelled, Progress
from explorer.session.audit_session import AuditSession
from explorer.session.column_desk import MOST_COLUMNS, ColumnDesk
from explorer.session.columns import Columns, lay_columns
from explorer.session.columns_text import columns_figures, columns_text
from explorer.session.settings import make_settings
from tests.builders import Trials, build_dataset
from tests.views.audits import open_session

ROLES = {"big": Role.TEACHER, "small": Role.STUDENT, "tiny": Role.STUDENT}
END = ("finish", None, "all is done")


def _shell(*commands: str) -> list[tuple[str, str | None, str]]:
    return [*(("shell", "bash", command) for command in commands), END]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[AuditSession]:
    """A teacher's two trials and three students' on one task, another task, and a group without a role."""
    dataset = build_dataset({
        "big": {"t": Trials([_shell("ls /srv", "cat /srv/a", "du -sh /srv"), _shell("ls /srv", "du -sh /srv")]),
                "other": _shell("pwd")},
        "small": {"t": Trials([_shell("ls /srv", "rm -rf /srv/cache", "du -sh /srv"), []])},
        "tiny": {"t": _shell("ls /srv", "cat /srv/a", "cat /etc/hosts", "du -sh /srv")},
        "stranger": {"t": _shell("ls /srv")},
    })  # fmt: skip
    settings = make_settings(ROLES, with_map=False)
    made = open_session(tmp_path, dataset, run_audit(dataset, settings, Progress()), settings)
    yield made
    made.close()


def _lay(session: AuditSession, *trajectories: int, progress: Progress | None = None) -> Columns:
    return ColumnDesk(session).prepare(trajectories)(progress or Progress())


def _commands(session: AuditSession, columns: Columns) -> list[list[str]]:
    assert session.dataset is not None
    text = session.dataset.steps["arguments"]
    return [[str(text[int(step)].as_py()) if step >= 0 else "" for step in row] for row in columns.steps.T]


def test_two_columns_are_the_pair_itself(session: AuditSession) -> None:
    assert session.result is not None
    for pair in range(len(session.result.frame("pairs"))):
        view = session.pair_view(pair)
        found = _lay(session, view.teacher, view.student)
        assert found.steps[0].tolist() == view.teacher_step.tolist()
        assert found.steps[1].tolist() == view.student_step.tolist()
        assert found.unanimous.tolist() == (view.operation == OPERATIONS.index(Operation.MATCH)).tolist()


def test_where_columns_were_told_different_things_is_that_of_their_pair(tmp_path: Path) -> None:
    dataset = build_dataset(
        {"big": {"t": _shell("ls /srv", "cat /srv/a")}, "small": {"t": _shell("ls /srv", "cat /srv/b")},
         "tiny": {"t": _shell("ls /srv", "cat /srv/a")}},
        turns={("small", "t"): [(1, "user", "Rather the other one.")]},
    )  # fmt: skip
    settings = make_settings(ROLES, with_map=False)
    session = open_session(tmp_path, dataset, run_audit(dataset, settings, Progress()), settings)
    found = _lay(session, 0, 1, 2)
    assert found.told_apart.tolist() == [-1, 1, -1]
    assert session.result is not None
    text = columns_text(dataset, session.result, found, {}.get, markdown=False, safe=str)
    assert "told something else than the first column: small from row 2" in text
    for pair in range(len(session.result.frame("pairs"))):
        view = session.pair_view(pair)
        assert _lay(session, view.teacher, view.student).told_apart[1] == view.first_input_difference
    session.close()


def test_each_row_says_who_agrees_and_what_is_unique(session: AuditSession) -> None:
    found = _lay(session, 0, 1, 3, 5)
    assert _commands(session, found) == [
        ["ls /srv"] * 4,
        ["cat /srv/a", "", "rm -rf /srv/cache", "cat /srv/a"],
        ["", "", "", "cat /etc/hosts"],
        ["du -sh /srv"] * 4,
        ["all is done"] * 4,
    ]
    assert found.agreeing.tolist() == [4, 2, 1, 4, 4]
    assert found.consensus.tolist() == [True, False, False, True, True]
    assert np.argwhere(found.unique).tolist() == [[2, 1], [3, 2]]
    assert np.argwhere(found.concern).tolist() == [[2, 1]]
    assert columns_figures(found) == "4 columns · 3 of 5 rows common to all · 2 unique, 1 of concern"


def test_what_is_only_said_is_never_unique(session: AuditSession) -> None:
    dataset = session.dataset
    assert dataset is not None
    found = _lay(session, 2, 0)
    said = dataset.rows(2).stop - 1
    column, row = (int(place) for place in np.argwhere(found.steps == said)[0])
    assert not found.unique[column, row]


def test_next_unique_goes_row_by_row_and_to_the_worst_of_a_row(session: AuditSession) -> None:
    found = _lay(session, 0, 1, 3, 5)
    assert found.next_unique(-1, 1) == (1, 2)
    assert found.next_unique(1, 1) == (2, 3)
    assert found.next_unique(2, 1) is None
    assert found.next_unique(2, -1) == (1, 2)
    assert found.next_unique(1, -1) is None


def test_an_empty_trajectory_is_a_column_of_gaps_and_work_can_be_stopped(session: AuditSession) -> None:
    found = _lay(session, 0, 4)
    assert (found.steps[1] == -1).all()
    assert found.agreeing.tolist() == [1] * 4
    assert len(_lay(session, 4, 4 + 1)) == 5
    assert found.audit == session.result_folder
    with pytest.raises(Cancelled):
        _lay(session, 0, 3, progress=Progress(cancelled=lambda: True))


def test_only_empty_trajectories_give_no_rows(tmp_path: Path) -> None:
    dataset = build_dataset({"big": {"t": []}, "small": {"t": []}})
    settings = make_settings(ROLES, with_map=False)
    session = open_session(tmp_path, dataset, run_audit(dataset, settings, Progress()), settings)
    found = _lay(session, 0, 1)
    assert found.steps.shape == (2, 0)
    assert found.next_unique(-1, 1) is None
    session.close()


def test_by_default_the_pair_s_teacher_comes_first_with_a_trial_of_every_group_and_then_more(
    session: AuditSession,
) -> None:
    desk = ColumnDesk(session)
    session.select_trajectory(3, origin="test")
    assert desk.wanted(session.selection.current) == (0, 1, 3, 5)
    assert [member.group for member in desk.members(3)] == ["big", "big", "small", "small", "tiny", "stranger"]
    assert [(m.n_steps, m.concern, m.dead) for m in desk.members(3)][2:4] == [(4, 1, False), (0, 0, True)]
    session.select_trajectory(2, origin="test")
    assert len(desk.wanted(session.selection.current)) < 2


def test_a_choice_is_kept_for_its_task_and_holds_what_is_in_front(session: AuditSession) -> None:
    desk = ColumnDesk(session)
    session.select_trajectory(3, origin="test")
    desk.choose((1, 5, 3))
    assert desk.wanted(session.selection.current) == (1, 3, 5)
    session.select_trajectory(2, origin="test")
    session.select_trajectory(0, origin="test")
    # The trajectory in front was not chosen: it gets a column of its own, the first stays what the others lie beside.
    assert desk.wanted(session.selection.current) == (1, 0, 3, 5)
    assert session.dataset is not None
    assert session.dataset_folder is not None
    session.open_dataset(session.dataset_folder, "again")
    assert desk.members(0) == ()
    assert desk.wanted(session.selection.current) == ()


def test_no_more_columns_than_can_be_shown(tmp_path: Path) -> None:
    dataset = build_dataset({"one": {"t": Trials([_shell(f"ls /{n}") for n in range(14)])}})
    settings = make_settings({"one": Role.TEACHER}, with_map=False)
    session = open_session(tmp_path, dataset, run_audit(dataset, settings, Progress()), settings)
    desk = ColumnDesk(session)
    session.select_trajectory(12, origin="test")
    chosen = desk.wanted(session.selection.current)
    assert chosen == (12, 0, 1, 2, 3, 4, 5, 6, 7)
    assert len(chosen) == MOST_COLUMNS
    session.select_trajectory(13, origin="test")
    assert desk.wanted(session.selection.current) == (12, 0, 1, 2, 3, 4, 5, 6, 13)
    session.close()


def test_an_answer_is_kept_until_another_audit_and_one_about_another_is_dropped(session: AuditSession) -> None:
    desk = ColumnDesk(session)
    answer = desk.prepare((0, 3))(Progress())
    assert desk.answer((0, 3)) is None
    assert desk.accept(answer)
    assert desk.answer((0, 3)) is answer
    assert desk.answer((3, 0)) is None
    session.result_folder = Path("elsewhere")
    assert not desk.accept(answer)
    session.result_accepted.emit()
    assert desk.answer((0, 3)) is None


def test_columns_as_text_and_markdown(session: AuditSession) -> None:
    dataset, result = session.dataset, session.result
    assert dataset is not None
    assert result is not None
    found = _lay(session, 0, 1, 3)
    roles = {0: "teacher", 1: "teacher", 3: "student"}
    text = columns_text(dataset, result, found, roles.get, markdown=False, safe=str)
    assert "    2 1/3" in text
    assert "      ◆ student small, step 1: rm -rf /srv/cache [delete, flagged]" in text
    assert "teacher big · trial 1, step 0: ls /srv" in text
    marked = columns_text(dataset, result, found, roles.get, markdown=True, safe=str)
    assert "| row | k/3 | `teacher big` | `teacher big · trial 1` | `student small` |" in marked
    assert "| 2 | 1/3 | ◆ `1` `cat /srv/a` read |  | ◆ `1` `rm -rf /srv/cache` delete, flagged |" in marked
    assert columns_text(
        dataset, result, replace(found, approximate=True), roles.get, markdown=False, safe=str
    ).splitlines()[1].startswith("approximate · 3 columns")  # fmt: skip
    rows = [line for line in marked.splitlines() if line.startswith("| ")]
    assert {line.count("|") for line in rows} == {6}


def test_work_and_its_answer_can_be_sent_to_a_worker_and_back(session: AuditSession) -> None:
    work = pickle.loads(pickle.dumps(ColumnDesk(session).prepare((0, 3))))
    assert work.func is lay_columns
    assert work.args[1] == session.dataset_folder
    again = pickle.loads(pickle.dumps(work(Progress())))
    assert again.steps.tolist() == _lay(session, 0, 3).steps.tolist()
