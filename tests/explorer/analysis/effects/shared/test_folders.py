"""Which folder a relative path means: inside one command, and along a trajectory."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.effects.shared.folders import entered, failed_folders, joined, logged_folder
from explorer.analysis.effects.shell.commands import classify_shell, folder_after
from explorer.analysis.effects.steps import classify_steps
from explorer.model.effect import EffectKind, Effects
from explorer.model.schema import Outcome
from tests.builders import build_dataset
from tests.explorer.analysis.effects.packs import shipped_rules

REMOVED = frozenset({EffectKind.DELETE, EffectKind.VCS_DISCARD})


def removed(effects: Effects) -> list[str]:
    return [effect.target.value for effect in effects if effect.kind in REMOVED and effect.target is not None]


def follow(*steps: Any) -> list[list[str]]:
    """What each step of one trajectory removes; a step is a command, or (command, what it printed[, outcome])."""
    made = [step if isinstance(step, tuple) else (step, "") for step in steps]
    dataset = build_dataset(
        {
            "a": {
                "t": [
                    ("shell", "bash", command, (*rest, "succeeded")[0] if rest else "succeeded", printed)
                    for command, printed, *rest in made
                ]
            }
        }
    )
    found = classify_steps(dataset, shipped_rules())
    return [removed(found.of(row)) for row in range(dataset.n_steps)]


@pytest.mark.parametrize(
    ("command", "paths", "after"),
    [
        ("cd /srv/a && rm -rf ./*", ["/srv/a/*"], "/srv/a"),
        ("cd /srv; cd a && rm x/", ["/srv/a/x"], "/srv/a"),
        ("rm x", ["x"], ""),
        ("cd build && rm x", ["build/x"], "build"),
        ("cd build && rm ../x", ["x"], "build"),
        ("cd /srv/a/../b; rm x", ["/srv/b/x"], "/srv/b"),
        ("cd; rm x", ["~/x"], "~"),
        ("cd /a; cd /b; cd -; rm x", ["/a/x"], "/a"),
        ("pushd /a; rm x; popd; rm y", ["/a/x", "y"], ""),
        ("popd; rm y", ["$PWD/y"], "$PWD"),
        ("cd $DIR && rm x", ["$DIR/x"], "$DIR"),
        ('cd "$(dirname $0)"; rm x', ["$PWD/x"], "$PWD"),
        ("(cd /a; rm x); rm y", ["/a/x", "y"], ""),
        ("cd /a | cat; rm y", ["y"], ""),
        ("bash -c 'cd /a && rm x'; rm y", ["/a/x", "y"], ""),
        ("echo $(cd /a; rm x); rm y", ["/a/x", "y"], ""),
        ("cd /a; ssh host rm x", ["x"], "/a"),
        ("cd /a; sudo rm x", ["/a/x"], "/a"),
        ("cd /a || exit 1; rm x", ["/a/x"], "/a"),
        ("cd /a || cd /b; rm x", ["/a/x"], "/a"),
        ("if true; then cd /a; rm x; else rm y; fi; rm z", ["/a/x", "y", "$PWD/z"], "$PWD"),
        ("for d in a b; do cd $d; rm x; done", ["$PWD/x"], "$PWD"),
        ("cd /r && git clean -fd", ["/r"], "/r"),
        ("git -C /r reset --hard; rm x", ["/r", "x"], ""),
        ("cd /a && find /b -mtime +3 -delete", ["/b/{}"], "/a"),
        ("cd /a && find . -mtime +3 -exec rm {} \\;", ["/a/{}"], "/a"),
        ('cd /a && rm "$PWD/x" ~/y "$F"', ["/a/x", "~/y", "$F"], "/a"),
        ("cd /a && rm C:/x", ["C:/x"], "/a"),
    ],
)
def test_a_path_is_seen_from_where_the_command_starts(command: str, paths: list[str], after: str) -> None:
    assert removed(classify_shell(command, shipped_rules())) == paths
    assert folder_after(command) == after


def test_the_severity_is_that_of_the_path_as_it_is_written() -> None:
    *_, there = classify_shell("cd /srv/build && rm -rf ./*", shipped_rules())
    *_, plain = classify_shell("rm -rf ./*", shipped_rules())
    assert there.severity == plain.severity
    assert there.span is not None
    assert there.span.start == len("cd /srv/build && ")


def test_what_is_removed_in_two_folders_is_two_effects() -> None:
    assert removed(classify_shell("cd /a; rm x; cd /b; rm x", shipped_rules())) == ["/a/x", "/b/x"]


@pytest.mark.parametrize(
    "printed",
    [
        "bash: cd: /mnt/chroot: No such file or directory",
        "bash: line 1: cd: /mnt/chroot: Permission denied\n",
        "sh: 1: cd: can't cd to /mnt/chroot",
        "cd: no such file or directory: /mnt/chroot",
    ],
)
def test_after_a_folder_could_not_be_entered_the_old_one_holds(printed: str) -> None:
    assert failed_folders(printed) == {"/mnt/chroot"}
    assert follow(("cd /mnt/chroot; rm -rf ./*", printed)) == [["./*"]]
    assert follow("cd /srv", ("cd /mnt/chroot; rm -rf ./*", printed)) == [[], ["/srv/*"]]
    assert follow("cd /srv", ("cd /mnt/chroot", printed), "rm x") == [[], [], ["/srv/x"]]
    assert follow(("cd $ROOT; rm -rf ./*", printed)) == [["./*"]]


def test_what_a_failed_change_of_folder_kept_from_running_was_meant_for_the_new_folder() -> None:
    dataset = build_dataset(
        {
            "a": {
                "t": [
                    (
                        "shell", "bash", "cd /mnt/chroot && rm -rf ./*; rm y", "succeeded",
                        "bash: cd: /mnt/chroot: No such file or directory",
                    )
                ]
            }
        }
    )  # fmt: skip
    first, second = [effect for effect in classify_steps(dataset, shipped_rules()).of(0) if effect.kind in REMOVED]
    assert (first.target and first.target.value, first.outcome) == ("/mnt/chroot/*", Outcome.NOT_EXECUTED)
    assert (second.target and second.target.value, second.outcome) == ("y", None)


@pytest.mark.parametrize(
    ("steps", "last"),
    [
        (["cd /srv", "rm x"], ["/srv/x"]),
        (["cd /srv", "cd a", "rm x"], ["/srv/a/x"]),
        (["cd a", "rm x"], ["a/x"]),
        (["cd /srv", "cd $A", "rm x"], ["$A/x"]),
        (["cd /srv", "(cd /b)", "rm x"], ["/srv/x"]),
        (["cd /srv && ls", "cd .. && rm x"], ["/x"]),
        (["cd /srv", ("cd /b", "", "not_executed"), "rm x"], ["/srv/x"]),
        (["cd /srv", ("cd /b", "", "failed"), "rm x"], ["/srv/x"]),
        (["cd /srv", ("cd /b && make", "make: Error 1", "failed"), "rm x"], ["/b/x"]),
        ([("ls", "a\n[Current working directory: /work]\n[Command finished]"), "rm x"], ["/work/x"]),
        ([("ls", "(Open file: n/a)\n(Current directory: /work)\nbash-$"), "rm x"], ["/work/x"]),
        (["cd /srv", ("ls", "[Current working directory: /work]"), "rm x"], ["/work/x"]),
        ([("rm x", "[Current working directory: /work]")], ["/work/x"]),
        (['{"command": "rm x", "workdir": "/given"}'], ["/given/x"]),
        (["cd /srv", "ssh host rm x"], ["x"]),
    ],
)
def test_a_folder_holds_until_the_next_change_and_the_log_is_believed_first(steps: list[Any], last: list[str]) -> None:
    assert follow(*steps)[-1] == last


def test_files_are_known_under_their_full_names() -> None:
    dataset = build_dataset(
        {
            "a": {
                "t": [
                    ("shell", "bash", "cd /srv/x"),
                    ("shell", "bash", "echo 'rm -rf /srv/data' > clean.sh"),
                    ("shell", "bash", "cd / && bash /srv/x/clean.sh"),
                ]
            }
        }
    )
    (effect,) = [effect for effect in classify_steps(dataset, shipped_rules()).of(2) if effect.kind in REMOVED]
    assert effect.target is not None
    assert effect.target.value == "/srv/data"
    assert "resolved from /srv/x/clean.sh" in effect.note


def test_a_chain_of_folders_that_never_ends_is_given_up() -> None:
    folder = ""
    for _ in range(10_000):
        folder = entered(folder, "deeper")
    assert folder.startswith("$PWD")
    assert len(folder) <= 1_000


@pytest.mark.parametrize("rest", ["", " && make", "; cat x | sort", "\nls", " ;ls"])
def test_a_plain_change_of_folder_is_read_as_the_whole_grammar_reads_it(rest: str) -> None:
    assert folder_after(f"cd a/b{rest}") == "a/b"
    assert folder_after(f"cd a/b{rest}", {"nowhere"}) == "a/b"
    assert folder_after(f"cd a/b{rest}\ncd c") == "a/b/c"
    assert folder_after(f"(cd a/b){rest}") == ""


PART = st.sampled_from(["a", "b", ".", "..", "$X", "*", "~", ""])
PATHS = st.lists(PART, min_size=1, max_size=4).map("/".join)


@settings(max_examples=300, deadline=None)
@given(PATHS, PATHS, PATHS)
def test_joining_never_moves_a_rooted_path_and_goes_step_by_step(first: str, second: str, path: str) -> None:
    folder = entered(entered("", first), second)
    found = joined(folder, path)
    if path.startswith(("/", "~", "$")):
        assert found == path
    if folder.startswith("/") and path and not path.startswith(("~", "$")):
        assert found.startswith("/")
    assert joined("", path) == path


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_any_output_gives_an_answer(printed: str) -> None:
    assert isinstance(logged_folder(printed), str)
    assert all(len(name) <= 400 for name in failed_folders(printed))
    assert isinstance(folder_after(f"cd {printed[:80]}"), str)
