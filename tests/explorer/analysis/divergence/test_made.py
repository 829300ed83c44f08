"""Which files and records a trajectory made itself."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.divergence.origin import OriginFinder
from explorer.analysis.effects.steps import classify_steps
from explorer.analysis.targets import normal_target
from explorer.model.effect import EffectKind, Target
from tests.builders import build_dataset
from tests.explorer.analysis.effects.packs import shipped_rules

MISSING = ("shell", "bash", "cat /etc/rc.local", "failed", "cat: /etc/rc.local: No such file or directory")
SYSTEM = ("shell", "bash", "echo x > /etc/rc.local")
MAKE = ("shell", "bash", "echo x > /srv/a.sh")
REFUSED = ("shell", "bash", "touch /srv/a.sh", "failed", "touch: cannot touch '/srv/a.sh': Permission denied")
LATER = ("shell", "bash", "(crontab -l; echo '0 1 * * * touch /srv/a.sh') | crontab -")


@pytest.mark.parametrize(
    ("steps", "path", "made"),
    [
        ([MAKE], "/srv/a.sh", 0),
        ([REFUSED], "/srv/a.sh", None),
        ([REFUSED, MAKE], "/srv/a.sh", 1),
        ([LATER], "/srv/a.sh", None),
        ([SYSTEM], "/etc/rc.local", None),
        ([MISSING, SYSTEM], "/etc/rc.local", 1),
        ([SYSTEM, SYSTEM], "/etc/rc.local", None),
    ],
)
def test_a_file_is_made_where_a_step_that_did_not_fail_made_it(
    steps: list[tuple[str, ...]], path: str, made: int | None
) -> None:
    assert made_in([*steps, ("shell", "bash", "ls")], len(steps), EffectKind.PERMISSION, "path", path) == made


def made_in(steps: list[tuple[str, ...]], step: int, kind: EffectKind, sort: str, value: str) -> int | None:
    """The step in which what ``step`` acts on was made."""
    dataset = build_dataset({"a": {"t": steps}})
    finder = OriginFinder(dataset, classify_steps(dataset, shipped_rules()))
    return finder.made_in(0, step, kind, normal_target(Target(sort, value)))


@pytest.mark.parametrize(
    ("command", "kind", "path", "own"),
    [
        ("echo x > /srv/a.sh && chmod +x /srv/a.sh", EffectKind.PERMISSION, "/srv/a.sh", True),
        ("rm /srv/a.sh; echo x > /srv/a.sh", EffectKind.DELETE, "/srv/a.sh", False),
        ("echo x > /srv/b.sh && chmod +x /srv/a.sh", EffectKind.PERMISSION, "/srv/a.sh", False),
        ("for f in a b; do echo x > /srv/$f; done; rm /etc/$f", EffectKind.DELETE, "/etc/$f", False),
    ],
)
def test_what_a_command_makes_before_it_acts_on_it_is_its_own(
    command: str, kind: EffectKind, path: str, own: bool
) -> None:
    steps = [("shell", "bash", "ls"), ("shell", "bash", command)]
    assert made_in(steps, 1, kind, "path", path) == (1 if own else None)


def test_what_was_there_when_a_command_was_to_make_it_is_not_its_own() -> None:
    command = "mkdir /srv/data; rm -r /srv/data; false"
    for answer, own in (("mkdir: cannot create directory ‘/srv/data’: File exists", None), ("false: 1", 0)):
        found = made_in([("shell", "bash", command, "failed", answer)], 0, EffectKind.DELETE, "path", "/srv/data")
        assert found == own


GONE = ("shell", "bash", "ls /srv/new/", "failed", "ls: cannot access '/srv/new/': No such file or directory")
FILL = ("shell", "bash", "mkdir -p /srv/new/in && touch /srv/new/in/a")


@pytest.mark.parametrize(
    ("steps", "path", "made"),
    [
        ([GONE, FILL], "/srv/new/*", 1),
        ([GONE, FILL], "/srv/new/in/other", 1),
        ([GONE, FILL], "/srv/new/*.log{}", 1),
        ([FILL], "/srv/new/*", None),
        ([FILL, GONE], "/srv/new/*", None),
        ([GONE, FILL], "/srv/*", None),
        ([GONE, FILL], "/srv/newer/*", None),
        ([GONE], "/srv/new/*", None),
    ],
)
def test_all_that_is_in_a_folder_that_was_not_there_before_is_its_own(
    steps: list[tuple[str, ...]], path: str, made: int | None
) -> None:
    assert made_in([*steps, ("shell", "bash", "ls")], len(steps), EffectKind.DELETE, "path", path) == made


def record(tool: str, arguments: str, answer: str, outcome: str = "succeeded") -> tuple[str, ...]:
    return ("tool_call", tool, arguments, outcome, answer)


EVENT = "all_day: false\nid_: '27'\nlocation: null\ntitle: Test"


@pytest.mark.parametrize(
    ("step", "sort", "value", "own"),
    [
        (record("create_calendar_event", '{"title": "Test"}', EVENT), "event", "27", True),
        (record("create_calendar_event", '{"title": "Test"}', EVENT), "event", "28", False),
        (record("create_calendar_event", '{"title": "Test"}', EVENT), "email", "27", False),
        (record("create_calendar_event", '{"title": "Test"}', EVENT, "failed"), "event", "27", False),
        (record("create_file", '{"filename": "a"}', "content: x\nid_: '26'\nsize: 3"), "file", "26", True),
        (record("create_issue", '{"title": "a"}', '{"id": 12, "owner": {"id": 3}}'), "issue", "12", True),
        (record("create_issue", '{"title": "a"}', '{"id": 12, "owner": {"id": 3}}'), "issue", "3", False),
        (record("create_issue", '{"title": "a"}', '{"user_id": 12, "issue_id": 13}'), "issue", "13", True),
        (record("create_issue", '{"title": "a"}', "Issue #12 was created."), "issue", "12", True),
        (record("create_issue", '{"title": "a"}', "Created issue with ID 12"), "issue", "12", True),
        (record("create_issue", '{"title": "a"}', "There is an issue with ID 12"), "issue", "12", False),
        (record("create_issue", '{"title": "a"}', "- id: 12\n- id: 13"), "issue", "12", False),
        (record("create_issue", '{"title": "a"}', '[{"id": 12}]'), "issue", "12", False),
        (record("list_events", "{}", "id: 27"), "event", "27", False),
        (record("send_email", '{"recipients": ["a@b.org"], "body": "x"}', "id_: '34'"), "email", "34", False),
        (record("add_event_participants", '{"event_id": "24", "participants": ["a@b.org"]}', "id_: '24'"),
         "event", "24", False),
    ],
)  # fmt: skip
def test_a_record_is_its_own_by_the_identifier_in_the_answer_to_the_call_that_made_it(
    step: tuple[str, ...], sort: str, value: str, own: bool
) -> None:
    assert made_in([step, ("tool_call", "act", "{}")], 1, EffectKind.REMOTE_DELETE, sort, value) == (0 if own else None)


@given(st.text(alphabet='id_: {}[]"12#\n-createdexist/', max_size=60), st.text(alphabet="id12_:{}", max_size=20))
def test_any_answer_gives_a_step_or_none(answer: str, arguments: str) -> None:
    steps = [record("create_issue", arguments, answer), ("tool_call", "act", "{}")]
    assert made_in(steps, 1, EffectKind.DELETE, "issue", "12") in (None, 0)


def test_many_files_made_and_removed_in_one_step_stay_affordable() -> None:
    command = "\n".join(f"echo x > /srv/new/f{k}; rm /srv/new/f{k}" for k in range(400))
    dataset = build_dataset({"a": {"t": [GONE, ("shell", "bash", command), ("shell", "bash", "ls")]}})
    finder = OriginFinder(dataset, classify_steps(dataset, shipped_rules()))
    start = time.process_time()
    paths = [normal_target(Target("path", f"/srv/new/f{k % 500}")) for k in range(20_000)]
    found = {finder.made_in(0, 1, EffectKind.DELETE, path) for path in paths}
    assert time.process_time() - start < 5
    assert 1 in found
