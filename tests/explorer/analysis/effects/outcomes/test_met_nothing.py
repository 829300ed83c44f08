"""Deletions of which the same command shows that they met nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.effects.outcomes.met_nothing import COUNTED, SILENT, TWICE, may_tell, with_nothing_met
from explorer.analysis.effects.shell.commands import classify_shell, simple_commands
from explorer.analysis.effects.steps import classify_steps
from explorer.model.effect import Effect, EffectKind
from explorer.model.schema import Outcome
from tests.builders import build_dataset
from tests.explorer.analysis.effects.packs import shipped_rules


def deletions(command: str, printed: str, *, before: str = "a  b", outcome: str = "succeeded") -> list[Effect]:
    """The deletions of a command behind a look that printed ``before``."""
    steps = [("shell", "bash", "date", "succeeded", before), ("shell", "bash", command, outcome, printed)]
    effects = classify_steps(build_dataset({"a": {"t": steps}}), shipped_rules()).of(1)
    return [effect for effect in effects if effect.kind is EffectKind.DELETE]


def marked(command: str, printed: str, **told: str) -> set[str]:
    """The reasons why the deletions of a command were not executed."""
    return {
        note
        for effect in deletions(command, printed, **told)
        for note in (COUNTED, SILENT, TWICE)
        if effect.outcome == Outcome.NOT_EXECUTED and effect.note.endswith(note)
    }


COUNTS = [
    "find /srv -name '*.o' -mtime +2 -delete -print | wc -l",
    "find /srv -name '*.o' -mtime +2 -print -delete | sort | wc -l | tr -d ' '; echo",
    "cd /srv && find . -name '*.o' -exec rm -f {} \\; -exec echo -n x \\; | wc -c",
    "find /srv -name '*.o' -exec rm {} \\; -exec printf 'x\\n' \\; | wc -l",
    "find /srv -name '*.o' -exec rm -v {} + | wc -l",
]


@pytest.mark.parametrize("command", COUNTS)
def test_a_count_of_nothing_shows_that_nothing_was_removed(command: str) -> None:
    assert marked(command, "0\n") == {COUNTED}
    assert marked(command, "2\n") == set()
    assert marked(command, "0\n", outcome="failed") == set()


NO_COUNTS = [
    "find /srv -name '*.o' -delete | wc -l",
    "find /srv -name '*.o' -delete -name 'a*' -print | wc -l",
    "find /srv -name '*.o' -exec rm {} \\; -exec echo -n x \\; | wc -l",
    "find /srv -name '*.o' -print0 -delete | wc -l",
    "find /srv -name '*.o' -print -delete | grep -v o | wc -l",
    "find /srv -name '*.o' -print -delete | wc -l /srv/list",
    "find /srv -name '*.o' -print -delete > /srv/list; ls /srv/x | wc -l",
    "find /srv -name '*.a' -print -o -name '*.o' -delete | wc -l",
]


@pytest.mark.parametrize("command", NO_COUNTS)
def test_a_count_of_something_else_tells_nothing(command: str) -> None:
    assert marked(command, "0\n") == set()


SILENCES = [
    "find /srv -name '*.o' -mmin +5 -exec rm -v {} \\;",
    "find /srv -name '*.o' -mmin +5 -print -delete",
    "find /srv -name '*.o' -mmin +5 -delete -print 2>/dev/null",
    "sudo rm -rfv /srv/build/*.o",
    "find /srv -name '*.o' -print0 | xargs -0 rm -fv",
]


@pytest.mark.parametrize("command", SILENCES)
def test_the_silence_of_what_names_its_removals_shows_that_there_were_none(command: str) -> None:
    assert marked(command, "") == {SILENT}
    assert marked(command, "removed '/srv/a.o'") == set()
    assert marked(command, "", before="") == set()


NO_SILENCES = [
    "find /srv -name '*.o' -print0 | xargs -0 rm -f",
    "find /srv -name '*.o' -print -delete > /srv/list",
    "find /srv -name '*.o' -print -delete | tail -0",
    "find /srv -name '*.o' -delete",
    "rm -rf -- -v /srv/build",
    "if true; then rm -rfv /srv/build; fi",
]


@pytest.mark.parametrize("command", NO_SILENCES)
def test_a_silence_that_hides_names_tells_nothing(command: str) -> None:
    assert marked(command, "") == set()


@pytest.mark.parametrize(
    "command",
    [
        "find /srv -type d -name tmp -delete -exec rm -rf {} +",
        "find /srv -name '*.o' -delete -print0 | xargs -0 rm -f",
        "find /srv -type f -delete -exec sh -c 'rm -rf {}' \\;",
    ],
)
def test_what_is_deleted_before_it_is_handed_on_is_removed_once(command: str) -> None:
    assert marked(command, "", before="") == {TWICE}
    assert any(effect.outcome is None for effect in deletions(command, "", before=""))


@pytest.mark.parametrize(
    "command",
    [
        "find /srv -name '*.o' -print0 -delete | xargs -0 rm -rf",
        "find /srv -name '*.o' -delete -exec rm -rf /opt/w \\;",
        "find /srv -name '*.o' -delete; rm -rf /srv/*.o",
    ],
)
def test_what_is_handed_on_before_or_is_another_place_may_be_removed(command: str) -> None:
    assert TWICE not in marked(command, "", before="")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120), st.sampled_from(["", "0", "0\n", "x"]))
def test_any_text_gives_as_many_effects(tail: str, printed: str) -> None:
    command = f"find /srv -name x -delete -print {tail}"
    effects = classify_shell(command, shipped_rules())
    assert len(with_nothing_met(effects, command, simple_commands(command), printed)) == len(effects)


def test_a_cheap_look_passes_over_what_cannot_tell() -> None:
    assert may_tell("find /srv -name x -delete -print | wc -l", "0\n")
    assert may_tell("rm -rfv /srv/x", "")
    assert not may_tell("rm -rf /srv/x", "")
    assert not may_tell("rm -rfv /srv/x", "removed " * 100)
