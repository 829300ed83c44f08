"""The tree of a task is grown from what the audit found, and speaks of rows of the whole dataset."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from explorer.analysis.audit import run_audit
from explorer.model.alignment import PrefixTree
from explorer.model.schema import End, Role
from explorer.progress import Progress
from explorer.session.audit_session import AuditSession
from explorer.session.settings import make_settings
from explorer.session.tree_work import run_tree
from tests.builders import Trials, build_dataset
from tests.views.audits import open_session


def _shell(*commands: str) -> list[tuple[str, str, str]]:
    return [("shell", "bash", command) for command in commands]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[AuditSession]:
    """Two groups on two tasks, a dead trajectory, and a group without a role."""
    dataset = build_dataset(
        {
            "big": {"other": _shell("pwd"), "t": Trials([_shell("ls /srv", "du -sh /srv"), _shell("ls /srv")])},
            "small": {"t": _shell("ls /srv", "rm -rf /srv/cache", "du -sh /srv"), "dead": _shell("ls")},
            "stranger": {"t": _shell("ls /srv")},
        },
        ends={("small", "dead"): End.ERROR},
    )
    settings = make_settings({"big": Role.TEACHER, "small": Role.STUDENT}, with_map=False)
    made = open_session(tmp_path, dataset, run_audit(dataset, settings, Progress()), settings)
    yield made
    made.close()


def _grow(session: AuditSession, task: str) -> PrefixTree:
    assert session.dataset_folder is not None
    assert session.result_folder is not None
    assert session.settings is not None
    work = partial(run_tree, session.opener, session.dataset_folder, session.result_folder, session.settings, task)
    told, tree = pickle.loads(pickle.dumps(work))(Progress())
    assert told == task
    return tree


def test_trajectories_and_steps_are_rows_of_the_dataset(session: AuditSession) -> None:
    assert session.dataset is not None
    tree = _grow(session, "t")
    assert [(session.dataset.group.of(t), session.dataset.task.of(t)) for t in tree.trajectories.tolist()] == [
        ("big", "t"), ("big", "t"), ("small", "t"),
    ]  # fmt: skip
    for node in range(1, len(tree)):
        step = int(tree.step[node])
        assert session.dataset.trajectory_of_step[step] in tree.through(node)
    (deleting,) = [node for node in range(len(tree)) if tree.concern[node]]
    assert session.dataset.step_text(int(tree.step[deleting])).arguments == "rm -rf /srv/cache"
    assert tree.actions[tree.action[deleting]] == "bash: delete"


def test_only_live_trajectories_of_groups_with_a_role_take_part(session: AuditSession) -> None:
    tree = _grow(session, "t")
    assert tree.groups == ("big", "small")
    assert tree.counts[0].tolist() == [2, 1]
    for task in ("dead", "nobody did this"):
        none = _grow(session, task)
        assert (len(none), none.groups, len(none.trajectories)) == (1, (), 0)
