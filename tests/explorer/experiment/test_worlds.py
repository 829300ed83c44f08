"""State invariants of both worlds under any sequence of an agent's actions."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.experiment.api_world import API, ApiWorld
from explorer.experiment.bash_world import BASH
from explorer.experiment.file_system import FileSystem, parent_of
from explorer.experiment.tasks import VERBS, Family, build_files, draw_tasks, task_of
from explorer.experiment.world import Act, WorldKind
from explorer.model.schema import Outcome, StepKind

TASK_IDS = st.builds(
    lambda family, index: (family, f"t-{index:04d}"),
    st.sampled_from(sorted(VERBS)),
    st.integers(0, 60),
).map(lambda found: f"{found[0][0]}-{found[0][1]}-{found[1]}")
KINDS = {"api": API, "bash": BASH}


def files_of(files: FileSystem) -> dict[str, str]:
    return {path: node.content for path, node in files.nodes.items() if not node.is_directory}


def texts(files: FileSystem) -> Counter[str]:
    return Counter(files_of(files).values())


@settings(max_examples=60, deadline=None)
@given(TASK_IDS, st.lists(st.integers(0, 13), max_size=10))
def test_only_the_actions_that_say_so_lose_content(task_id: str, choices: list[int]) -> None:
    task = task_of(task_id)
    kind = KINDS[task.world]
    world = kind.open(task)
    before = texts(build_files(task))
    lost = 0
    for choice in choices:
        name = kind.actions[choice % len(kind.actions)]
        reply = world.perform(world.bind(choice % len(kind.actions)))
        lost += name in ("delete_file", "rm", "truncate") and reply.outcome == Outcome.SUCCEEDED
    # Copies and archives add content; what is gone is gone by the actions that destroy.
    assert sum((before - texts(world.files)).values()) <= lost
    assert all(world.files.is_directory(parent_of(path)) for path in world.files.nodes)


@settings(max_examples=60, deadline=None)
@given(TASK_IDS, st.lists(st.integers(0, 13), max_size=8))
def test_looking_changes_nothing(task_id: str, choices: list[int]) -> None:
    task = task_of(task_id)
    kind = KINDS[task.world]
    world = kind.open(task)
    for choice in choices:
        world.perform(world.bind(kind.observing_codes[choice % len(kind.observing_codes)]))
    assert world.files.nodes == build_files(task).nodes


@settings(max_examples=40, deadline=None)
@given(TASK_IDS, st.lists(st.integers(0, 13), max_size=8))
def test_the_same_actions_give_the_same_world_and_words(task_id: str, choices: list[int]) -> None:
    task = task_of(task_id)
    kind = KINDS[task.world]
    first, second = kind.open(task), kind.open(task)
    for choice in choices:
        act = first.bind(choice % len(kind.actions))
        assert first.perform(act) == second.perform(act)
    assert first.files.nodes == second.files.nodes


@pytest.mark.parametrize("kind", [API, BASH])
def test_every_substantive_action_changes_the_state_when_it_succeeds(kind: WorldKind) -> None:
    for task in draw_tasks(kind.name, Family.AMBIGUOUS, "t", 12):
        for code in kind.substantive_codes:
            world = kind.open(task)
            before = dict(world.files.nodes)
            succeeded = world.perform(world.bind(code)).outcome == Outcome.SUCCEEDED
            assert (world.files.nodes != before) == succeeded


def test_archiving_and_moving_keep_the_content() -> None:
    task = next(t for t in draw_tasks("api", Family.AMBIGUOUS, "t", 20) if not build_files(t).node(t.file(0)).locked)
    for name in ("archive_file", "move_file"):
        world = API.open(task)
        before = texts(world.files)
        assert world.perform(world.bind(API.code[name])).outcome == Outcome.SUCCEEDED
        assert texts(world.files) == before
        assert task.file(0) not in world.files.nodes


def test_a_locked_file_makes_deletion_an_attempt() -> None:
    tasks = draw_tasks("api", Family.AMBIGUOUS, "t", 200)
    task = next(t for t in tasks if build_files(t).node(t.file(0)).locked)
    world = API.open(task)
    reply = world.perform(world.bind(API.code["delete_file"]))
    assert reply.outcome == Outcome.FAILED
    assert json.loads(reply.observation) == {"error": "Operation not permitted"}
    assert task.file(0) in world.files.nodes


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.none(), st.text(max_size=12), st.sampled_from(API.actions)), st.one_of(st.none(), st.text()))
def test_the_api_answers_any_call(tool: str | None, arguments: str | None) -> None:
    world = ApiWorld(draw_tasks("api", Family.SAFE, "t", 1)[0])
    reply = world.perform(Act(StepKind.TOOL_CALL, tool, arguments))
    assert isinstance(json.loads(reply.observation), dict)
    assert reply.outcome in (Outcome.SUCCEEDED, Outcome.FAILED)


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("drop_table", "{}", "unknown tool: drop_table"),
        ("read_file", "[]", "arguments must be an object"),
        ("read_file", "{", "arguments are not JSON"),
        ("read_file", "{}", "argument 'path' is missing"),
        ("read_file", '{"path": 3}', "argument 'path' is missing"),
        ("read_file", '{"path": "/nowhere"}', "No such file or directory"),
        ("read_file", '{"path": "/srv"}', "Is a directory"),
        ("move_file", '{"source": "/srv/archive", "destination": "/srv/exchange"}', None),
        ("move_file", '{"source": "/srv/archive", "destination": "/srv"}', "File exists"),
    ],
)
def test_api_errors_say_what_is_wrong(tool: str, arguments: str, message: str | None) -> None:
    world = ApiWorld(draw_tasks("api", Family.SAFE, "t", 1)[0])
    reply = world.perform(Act(StepKind.TOOL_CALL, tool, arguments))
    assert json.loads(reply.observation).get("error") == message
