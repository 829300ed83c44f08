"""Deletions that met nothing: only a look that shows all proves that a name is not there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.effects.history.folder_looks import FolderLook, folder_look, listing
from explorer.analysis.effects.steps import classify_steps
from explorer.model.effect import Effect, EffectKind
from explorer.model.schema import Outcome
from tests.builders import build_dataset
from tests.explorer.analysis.effects.packs import shipped_rules

LONG = "total 8\ndrwxr-xr-x 2 a a 4096 Jan  1 10:00 .\ndrwxr-xr-x 9 a a 4096 Jan  1 10:00 ..\n"
FILE = "-rw-r--r-- 1 a a 12 Jan  1 10:00 {}\n"


def shell(command: str, printed: str = "", outcome: str = "succeeded") -> tuple[str, str, str, str, str]:
    return ("shell", "bash", command, outcome, printed)


def deletion(*steps: tuple[Any, ...]) -> Effect:
    """The deletion of the last step."""
    dataset = build_dataset({"a": {"t": list(steps)}})
    effects = classify_steps(dataset, shipped_rules()).of(dataset.n_steps - 1)
    (found,) = [effect for effect in effects if effect.kind is EffectKind.DELETE]
    return found


PROOFS = [
    (shell("ls -la /srv/w", LONG + FILE.format("plan.md")), "find /srv/w -name '*.log' -delete"),
    (shell("ls -la /srv/w", LONG + FILE.format("plan.md")), "rm -f /srv/w/.trace"),
    (shell("ls /srv/w", "plan.md  notes.md"), "rm -rf /srv/w/build.log"),
    (shell("ls /srv/w", "plan.md  notes.md"), "rm -f /srv/w/*.log"),
    (shell("find /srv/w", "/srv/w\n/srv/w/a\n/srv/w/a/plan.md"), "find /srv/w -type f -name '*.log' -delete"),
    (shell("find /srv -type f -name '*.log'", ""), "find /srv -type f -name '*.log' -delete"),
    (shell("cat /srv/w/x.log", "cat: /srv/w/x.log: No such file or directory", "failed"), "rm -f /srv/w/x.log"),
    (shell("cd /srv/w && ls -A", "plan.md"), "rm -f build.log"),
    (
        (
            "tool_call", "str_replace_editor", json.dumps({"command": "view", "path": "/srv/w"}), "succeeded",
            "Here's the files and directories up to 2 levels deep in /srv/w, excluding hidden items:\n/srv/w/\n"
            "/srv/w/plan.md",
        ),
        "rm -f /srv/w/x.log",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("look", "command"), PROOFS)
def test_what_a_look_shows_not_to_be_there_is_not_removed(look: tuple[Any, ...], command: str) -> None:
    effect = deletion(shell("date", "Monday"), look, shell(command))
    assert effect.outcome == Outcome.NOT_EXECUTED
    assert effect.note.startswith("not executed: step ")


UNSURE = [
    (shell("ls /srv/w", "plan.md  notes.md"), "find /srv/w -name '*.log' -delete"),
    (shell("du -sh /srv/w/*", "4.0K\t/srv/w/plan.md\n4.0K\t/srv/w/notes.md"), "find /srv/w -name '*.log' -delete"),
]


@pytest.mark.parametrize(("look", "command"), UNSURE)
def test_a_look_that_leaves_hidden_names_out_makes_a_search_unknown(look: tuple[Any, ...], command: str) -> None:
    assert deletion(look, shell(command)).outcome == Outcome.UNKNOWN


NO_PROOF = [
    (shell("ls /srv/w", "plan.md"), "rm -rf /srv/w/.trace"),
    (shell("ls /srv/w", "plan.md  old"), "find /srv/w -name '*.log' -delete"),
    (shell("ls -la /srv/w | head -3", LONG), "rm -f /srv/w/x.log"),
    (shell("ls /srv/w", "plan.md\n<response clipped>"), "rm -f /srv/w/x.log"),
    (shell("ls -la /srv/w", ""), "rm -f /srv/w/x.log"),
    (shell("ls /srv/w", "plan.md", "failed"), "rm -f /srv/w/x.log"),
    (shell("ls /srv/other", "plan.md"), "rm -f /srv/w/x.log"),
    (shell("ls /srv/w", "plan.md  x.log"), "rm -f /srv/w/x.log"),
    (shell("find /srv/w -name '*.txt'", ""), "find /srv/w -name '*.log' -delete"),
    (shell("find /srv/w -maxdepth 1", "/srv/w\n/srv/w/sub"), "find /srv/w -name '*.log' -delete"),
    (shell("ls /srv/w", "plan.md"), "rm /srv/w/x.log"),
    (shell("ls /srv/w", "plan.md"), 'rm -f "/srv/w/$name"'),
    (shell("ls -la /srv/w", LONG + FILE.format("X.LOG")), "find /srv/w -iname 'x.log' -delete"),
]


@pytest.mark.parametrize(("look", "command"), NO_PROOF)
def test_a_look_that_does_not_show_all_proves_nothing(look: tuple[Any, ...], command: str) -> None:
    assert deletion(look, shell(command)).outcome is None


@pytest.mark.parametrize("look", ["ls -A /srv/w", "find /srv/w -name '*.log'"])
def test_an_empty_output_proves_nothing_where_the_log_shows_no_outputs(look: str) -> None:
    delete = shell("find /srv/w -name '*.log' -delete")
    assert deletion(shell("date"), shell(look), delete).outcome is None
    assert deletion(shell("date", "Monday"), shell(look), delete).outcome == Outcome.NOT_EXECUTED


BETWEEN = [
    shell("echo hi > /srv/w/x.log"),
    shell("./prepare.sh", "done"),
    shell("tar xf /srv/all.tar -C /srv/w"),
    shell("mv /srv/old/x.log /srv/w/"),
    ("tool_call", "write_file", json.dumps({"path": "/srv/w/x.log", "content": "hi"}), "succeeded", "written"),
]


@pytest.mark.parametrize("between", BETWEEN)
def test_what_may_have_come_there_since_may_be_removed(between: tuple[Any, ...]) -> None:
    look = shell("ls -la /srv/w", LONG + FILE.format("plan.md"))
    assert deletion(look, between, shell("rm -f /srv/w/x.log")).outcome is None


def test_another_file_that_was_written_since_changes_nothing() -> None:
    look = shell("ls -la /srv/w", LONG + FILE.format("plan.md"))
    effect = deletion(look, shell("echo hi > /srv/w/y.txt"), shell("rm -f /srv/w/x.log"))
    assert effect.outcome == Outcome.NOT_EXECUTED


def test_a_file_made_in_the_same_command_is_removed() -> None:
    look = shell("ls -la /srv/w", LONG + FILE.format("plan.md"))
    assert deletion(look, shell("touch /srv/w/x.log && rm -f /srv/w/x.log")).outcome is None


def test_what_another_trajectory_was_shown_at_its_beginning_counts_for_one_that_did_nothing() -> None:
    look = shell("ls -la /srv/w", LONG + FILE.format("plan.md"))
    acts = [shell("rm -f /srv/w/x.log")]

    def outcome(one: list[Any], other: list[Any]) -> Outcome | None:
        dataset = build_dataset({"a": {"t": one}, "b": {"t": other}})
        effects = classify_steps(dataset, shipped_rules())
        rows = dataset.rows(dataset.group.codes.tolist().index(dataset.group.names.index("a")))
        return effects.of(rows.stop - 1)[0].outcome

    assert outcome(acts, [look, shell("rm -f /srv/w/plan.md")]) == Outcome.NOT_EXECUTED
    assert outcome(acts, [shell("rm -rf /srv/w/*"), look]) is None
    assert outcome([shell("./make.sh"), *acts], [look, shell("rm -f /srv/w/plan.md")]) is None


@given(st.text(max_size=200), st.sampled_from(["ls", "du", "find", "view"]), st.booleans(), st.integers(0, 1))
@settings(max_examples=150)
def test_any_text_is_a_listing_or_none(printed: str, form: str, long: bool, depth: int) -> None:
    found = listing(FolderLook(form, "/srv/w", depth=depth, long=long), "/srv/w", printed)
    assert found is None or (found.likely or not found.whole)


@given(st.text(alphabet="lsfinddu -a'*/|head\"cd&;\n", max_size=120))
def test_any_command_is_a_look_or_none(command: str) -> None:
    look = folder_look(command)
    assert look is None or look.form in ("ls", "find", "du")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("find /srv/w -name '*.log' -delete", True),
        ("rm -f /srv/w/x.log", True),
        ("rm /srv/w/x.log", False),
    ],
)
def test_a_deletion_that_would_say_nothing_is_not_told_to_have_met_something(command: str, told: bool) -> None:
    effect = deletion(shell("date", "Monday"), shell(command))
    assert effect.outcome is None
    assert ("is not shown" in effect.note) is told


@pytest.mark.parametrize("command", ["find /srv/w -name '*.log' -print -delete", "rm -fv /srv/w/x.log"])
def test_a_deletion_that_names_what_it_removes_tells_by_what_it_says(command: str) -> None:
    assert deletion(shell("date", "Monday"), shell(command)).outcome == Outcome.NOT_EXECUTED
    effect = deletion(shell("date", "Monday"), shell(command, "/srv/w/x.log"))
    assert effect.outcome is None
    assert "is not shown" not in effect.note


def test_what_was_seen_before_is_known_to_have_been_there() -> None:
    effect = deletion(shell("cat /srv/w/x.log", "a line"), shell("rm -f /srv/w/x.log"))
    assert "is not shown" not in effect.note
