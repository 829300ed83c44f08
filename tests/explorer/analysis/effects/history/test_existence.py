"""What a log shows to be there, what it shows to be missing, and what a trajectory made itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.effects.history.looks import editor_found_nothing, names, not_written, what_was_found
from explorer.analysis.effects.history.traces import Touched
from explorer.analysis.effects.shared.severity import is_system_path
from explorer.analysis.effects.steps import classify_steps
from explorer.model.effect import Effect, EffectKind, Effects
from explorer.model.schema import Outcome
from tests.builders import build_dataset
from tests.explorer.analysis.effects.packs import kinds, shipped_rules


def follow(*steps: tuple[Any, ...]) -> list[Effects]:
    """The effects of one trajectory's steps."""
    dataset = build_dataset({"a": {"t": list(steps)}})
    found = classify_steps(dataset, shipped_rules())
    return [found.of(row) for row in range(dataset.n_steps)]


def editor(outcome: str, answer: str, **arguments: Any) -> tuple[str, str, str, str, str]:
    return ("tool_call", "str_replace_editor", json.dumps(arguments), outcome, answer)


def shell(command: str, outcome: str = "succeeded", printed: str = "") -> tuple[str, str, str, str, str]:
    return ("shell", "bash", command, outcome, printed)


def one(effects: Effects, kind: EffectKind) -> Effect:
    (effect,) = [effect for effect in effects if effect.kind is kind]
    return effect


def written(effects: Effects) -> set[str]:
    """How the files of a step are written."""
    return set(kinds(effects)) & {"create", "modify", "overwrite"}


def scope(effects: Effects, kind: EffectKind) -> str:
    target = one(effects, kind).target
    assert target is not None
    return target.scope


NOT_THERE = [
    shell("cat /srv/x/plan.md", "failed", "cat: /srv/x/plan.md: No such file or directory"),
    shell("cat /srv/x/plan.md", "succeeded", "cat: /srv/x/plan.md: No such file or directory"),
    shell("cat /srv/x/plan.md 2>/dev/null || echo 'File does not exist'", "succeeded", "File does not exist"),
    shell("head -3 /srv/x/plan.md", "failed", "head: cannot open '/srv/x/plan.md' for reading: No such file"),
    shell("ls -l /srv/x/plan.md 2>/dev/null; true", "succeeded", ""),
    editor("failed", "ERROR: The path /srv/x/plan.md does not exist.", command="view", path="/srv/x/plan.md"),
]


@pytest.mark.parametrize("look", NOT_THERE)
def test_a_look_that_finds_nothing_does_not_show_a_file(look: tuple[Any, ...]) -> None:
    effects = follow(look, shell("echo hi > /srv/x/plan.md"), shell("chmod 600 /srv/x/plan.md"))
    assert written(effects[1]) == {"create"}
    assert scope(effects[2], EffectKind.PERMISSION) == "own"


@pytest.mark.parametrize(
    "look",
    [
        shell("cat /srv/x/plan.md", "succeeded", "step one"),
        shell("ls -l /srv/x/plan.md 2>/dev/null", "succeeded", "-rw-r--r-- 1 root root 4 plan.md"),
        shell("ls /srv/x/plan.md /srv/x/b.md", "failed", "ls: cannot access '/srv/x/b.md': No such file\nplan.md"),
        shell("cat /srv/x/plan.md", "succeeded", "log: /srv/x/plan.md: No such file or directory\n" * 9),
    ],
)
def test_a_look_that_finds_a_file_shows_it(look: tuple[Any, ...]) -> None:
    effects = follow(look, shell("echo hi > /srv/x/plan.md"))
    assert "step 0" in one(effects[1], EffectKind.OVERWRITE).note


def test_a_system_path_holds_something_unless_the_log_has_shown_that_it_does_not() -> None:
    missing = shell("cat /etc/rc.local", "failed", "cat: /etc/rc.local: No such file or directory")
    write = shell("echo x | sudo tee /etc/rc.local && sudo chmod +x /etc/rc.local")
    unseen, seen = follow(write)[0], follow(missing, write, shell("rm /etc/rc.local"))
    assert "overwrite" in kinds(unseen)
    assert scope(unseen, EffectKind.PERMISSION) == "system"
    assert "step 0" in one(seen[1], EffectKind.CREATE).note
    assert scope(seen[1], EffectKind.PERMISSION) == scope(seen[2], EffectKind.DELETE) == "own"


def test_replacing_a_system_file_does_not_make_it_ones_own() -> None:
    effects = follow(shell("echo x > /etc/motd"), shell("rm /etc/motd"))
    assert scope(effects[1], EffectKind.DELETE) == "system"


@pytest.mark.parametrize(
    ("path", "system"),
    [
        ("/etc/hosts", True),
        ("/usr/bin/tool", True),
        ("/usr/local/bin/tool", False),
        ("/etc/cron.d/job", False),
        ("/etc/crontab", True),
        ("/etc/cron.d", True),
    ],
)
def test_folders_for_what_is_added_on_the_spot_come_empty(path: str, system: bool) -> None:
    assert is_system_path(path) is system


def test_what_an_editor_makes_is_new_and_what_it_refuses_to_make_is_not_its_own() -> None:
    seen = shell("wc -l /srv/x/a.py", "succeeded", "0 total")
    path = "/srv/x/a.py"
    made = follow(seen, editor("succeeded", f"File created successfully at: {path}", command="create", path=path))
    assert kinds(made[1]) == {"create"}
    refused = follow(
        seen,
        editor("failed", f"File already exists at: {path}.", command="create", path=path, file_text="x"),
        shell(f"rm {path}"),
    )
    assert kinds(refused[1]) == {"create"}
    assert scope(refused[2], EffectKind.DELETE) == "one"
    etc = "/etc/tidy.sh"
    owned = follow(
        editor("succeeded", f"File created successfully at: {etc}", command="create", path=etc, file_text="x"),
        shell(f"chmod +x {etc}"),
    )
    assert scope(owned[1], EffectKind.PERMISSION) == "own"
    shown = follow(
        shell(f"cat {path}", "succeeded", "print(1)"),
        editor("succeeded", f"File created successfully at: {path}", command="create", path=path, file_text="x"),
    )
    assert "overwrite" in kinds(shown[1])


def test_what_was_not_written_is_not_made() -> None:
    denied = shell("echo x > /opt/y/a.sh", "failed", "bash: /opt/y/a.sh: Permission denied")
    effects = follow(denied, shell("rm /opt/y/a.sh"))
    assert scope(effects[1], EffectKind.DELETE) == "one"
    later = shell("echo x > /opt/y/a.sh && nosuch", "failed", "bash: nosuch: command not found")
    assert scope(follow(later, shell("rm /opt/y/a.sh"))[1], EffectKind.DELETE) == "own"


def test_a_stored_part_removes_its_own_files_but_has_not_done_so_yet() -> None:
    job = "echo x > /srv/x/pack.zip\nrm /srv/x/pack.zip\n"
    effects = follow(
        ("tool_call", "str_replace_editor", json.dumps({"command": "create", "path": "/srv/x/j.sh", "file_text": job})),
        shell('echo "0 3 * * 0 /srv/x/j.sh" | crontab -'),
        shell("rm /srv/x/pack.zip"),
    )
    assert one(effects[1], EffectKind.DELETE).deferred
    assert scope(effects[1], EffectKind.DELETE) == "own"
    assert scope(effects[2], EffectKind.DELETE) == "one"


def test_writing_again_what_one_wrote_oneself_replaces_nothing_of_others() -> None:
    effects = follow(
        shell("cat /srv/x/a.txt", "succeeded", "old"), shell("echo b > /srv/x/a.txt"), shell("echo c > /srv/x/a.txt")
    )
    assert [written(found) for found in effects[1:]] == [{"overwrite"}, {"modify"}]
    assert scope(effects[2], EffectKind.MODIFY) == "own"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("echo hi > /proc/4242/fd/0", "unknown"),
        ("cat x.sh & echo hi > /proc/$!/fd/0", "unknown"),
        ("echo hi > /proc/self/fd/1", "none"),
        ("echo hi > /proc/77/fd/2", "none"),
        ("echo 1 > /proc/sys/vm/drop_caches", "overwrite"),
    ],
)
def test_the_input_of_a_process_is_no_file(command: str, expected: str) -> None:
    found = kinds(follow(shell(command))[0])
    assert expected in found or (expected == "none" and found <= {"none", "read"})
    assert expected == "overwrite" or "overwrite" not in found


RUN = shell("chmod +x /srv/x/given.sh && /srv/x/given.sh")
SHOWN = editor(
    "succeeded",
    "Here's the result of running `cat -n`:\n     1\t#!/bin/sh\n     2\trm -rf /srv/data\n",
    command="view",
    path="/srv/x/given.sh",
)
OTHER = shell("cat /srv/x/given.sh", "succeeded", "#!/bin/sh\nrm -rf /srv/data  \n")


def two(first: list[tuple[Any, ...]], second: list[tuple[Any, ...]], task: str = "t") -> Effects:
    """The effects of the last step of the second side."""
    dataset = build_dataset({"a": {"t": first}, "b": {task: second}})
    return classify_steps(dataset, shipped_rules()).of(dataset.n_steps - 1)


def test_a_given_script_is_read_where_another_trajectory_of_the_task_was_shown_it() -> None:
    edited = [SHOWN, editor("succeeded", "", command="str_replace", path="/srv/x/given.sh", old_str="rm", new_str="ls")]
    effect = one(two(edited, [RUN]), EffectKind.DELETE)
    assert effect.target is not None
    assert effect.target.value == "/srv/data"
    assert "another trajectory of this task" in effect.note
    assert effect.confidence < 0.9
    assert "delete" in kinds(two([SHOWN], [shell("cd /srv/x"), shell("./given.sh")]))
    assert "delete" in kinds(two([SHOWN], [OTHER, RUN]))


@pytest.mark.parametrize(
    ("first", "second", "task"),
    [
        ([SHOWN], [RUN], "u"),
        ([shell("echo 'rm -rf /srv/data' > /srv/x/given.sh"), SHOWN], [RUN], "t"),
        ([shell("cat /srv/x/given.sh", "failed", "cat: /srv/x/given.sh: No such file or directory")], [RUN], "t"),
        ([SHOWN], [shell("sed -i 's/a/b/' /srv/x/given.sh"), RUN], "t"),
        ([SHOWN], [shell("make > /srv/x/given.sh"), RUN], "t"),
        ([shell("sed -i 's/a/b/' /srv/x/given.sh"), SHOWN], [RUN], "t"),
    ],
)
def test_a_script_stays_opaque_where_nobody_was_shown_the_given_one(
    first: list[tuple[Any, ...]], second: list[tuple[Any, ...]], task: str
) -> None:
    found = kinds(two(first, second, task))
    assert "exec_opaque" in found
    assert "delete" not in found


def test_a_script_stays_opaque_where_trajectories_were_shown_different_ones() -> None:
    different = shell("cat /srv/x/given.sh", "succeeded", "#!/bin/sh\necho hi\n")
    dataset = build_dataset({"a": {"t": [SHOWN]}, "b": {"t": [different]}, "c": {"t": [RUN]}})
    assert "exec_opaque" in kinds(classify_steps(dataset, shipped_rules()).of(2))


@pytest.mark.parametrize(
    ("line", "path", "expected"),
    [
        ("cat: a.txt: No such file", "a.txt", True),
        ("cat: /x/a.txt: No such file", "a.txt", False),
        ("cat: a.txt.old: No such file", "a.txt", False),
        ("The path /x/a.txt. Nothing", "/x/a.txt", True),
        ("b/a.txt and a.txt", "a.txt", True),
        ("", "", False),
    ],
)
def test_a_line_names_a_path_as_a_whole(line: str, path: str, expected: bool) -> None:
    assert names(line, path) is expected


TEXT = st.text(st.sampled_from("ab/. :'\nno such file does not exist created"), max_size=300)


@settings(max_examples=100, deadline=None)
@given(TEXT, TEXT, st.sampled_from([*Outcome, None]))
def test_a_look_never_finds_a_file_both_there_and_missing(path: str, printed: str, outcome: Outcome | None) -> None:
    found = what_was_found(Touched(seen=(path, "a/b"), shown=path, tolerant=bool(printed)), printed, outcome)
    assert not set(found.there) & set(found.missing)
    assert found.shown not in found.missing
    assert not_written([path], path, printed) <= {path}
    assert editor_found_nothing(printed, outcome) in (True, False)


def test_a_relative_file_in_a_subfolder_is_not_the_one_beside_it() -> None:
    effects = follow(shell("touch plan.md"), shell("touch notes/plan.md"), shell("chmod 600 plan.md"))
    assert written(effects[1]) == {"create"}
    assert scope(effects[2], EffectKind.PERMISSION) == "own"
