"""Deletions that repeat what the same trajectory has done before."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.effects.history.sweeps import Reach, Sweeps
from explorer.analysis.effects.shell.commands import classify_shell
from explorer.analysis.effects.steps import classify_steps
from explorer.model.effect import EffectKind
from explorer.model.schema import Outcome
from tests.builders import build_dataset
from tests.explorer.analysis.effects.packs import shipped_rules

LOOK = ("date", "Monday")


def repeated(*steps: tuple[str, ...]) -> bool:
    """Whether all deletions of the last step are told to repeat an earlier one. A step is its command, what it printed
    and how it ended."""
    told = [(*step, *("", "succeeded")[len(step) - 1 :]) for step in (LOOK, *steps)]
    rows = [("shell", "bash", command, outcome, printed) for command, printed, outcome in told]
    dataset = build_dataset({"a": {"t": rows}})
    effects = classify_steps(dataset, shipped_rules()).of(dataset.n_steps - 1)
    found = [effect for effect in effects if effect.kind is EffectKind.DELETE]
    assert found
    marks = {effect.outcome == Outcome.NOT_EXECUTED and "had left nothing" in effect.note for effect in found}
    assert len(marks) == 1
    return marks.pop()


REPEATS = [
    ("find /srv -type f -delete", "find /srv -type f -delete"),
    ("find /srv -type f -delete", "find /srv/w -type f -name '*.o' -mtime +2 -exec rm {} +"),
    ("find /srv -name '*.o' -exec rm -f {} \\;", "find /srv -type f -name '*.o' -print0 | xargs -0 rm -f"),
    ("find /srv -type f -print0 | xargs -0 rm -f", "find /srv -type f -delete"),
    ("find /srv -iname '*.o' -delete", "find /srv -name '*.o' -delete"),
    ("find /srv -name '*.o' -delete", "find /srv -name a.o -delete"),
    ("rm -rf /srv/w/*", "rm -rf /srv/w/*"),
    ("rm -f /srv/w/*", "rm -f /srv/w/*.o"),
    ("sudo rm -rf /srv/w/a", "rm -rf /srv/w/a"),
    ("find /srv -type f -delete", "find /srv -type f | while read f; do rm -f \"$f\"; done"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), REPEATS)
def test_what_was_removed_whole_is_not_removed_again(first: str, second: str) -> None:
    assert repeated((first,), (second,))
    assert repeated((first,), ("cat /etc/hosts", "127.0.0.1"), (second,))


@pytest.mark.parametrize("made", ["touch /srv/w/a.o", "make", "mv /opt/a.o /srv/w/", "git -C /srv/w checkout ."])
@pytest.mark.parametrize(("first", "second"), [REPEATS[0], REPEATS[6]])
def test_what_was_made_since_may_be_removed(first: str, second: str, made: str) -> None:
    assert not repeated((first,), (made,), (second,))


OTHERS = [
    ("find /srv -type f -name '*.o' -delete", "find /srv -type f -delete"),
    ("find /srv -name '*.o' -delete", "find /srv -iname '*.o' -delete"),
    ("find /srv/w -type f -delete", "find /srv -type f -delete"),
    ("find /srv -maxdepth 1 -type f -delete", "find /srv/w -maxdepth 1 -type f -delete"),
    ("find /srv -type f -mtime +2 -delete", "find /srv -type f -mtime +2 -delete"),
    ("find /srv -type d -empty -delete", "find /srv -type d -empty -delete"),
    ("find /srv -type f -exec grep -q x {} \\; -delete", "find /srv -type f -exec grep -q x {} \\; -delete"),
    ("find /srv -type f | head -3 | xargs rm", "find /srv -type f | head -3 | xargs rm"),
    ("find /srv -type f -exec rm {} \\; 2>/dev/null", "find /srv -type f -exec rm {} \\;"),
    ("rm -rf /srv/w/*", "find /srv/w -mindepth 1 -delete"),
    ("rm -rf /srv/w/*.o", "find /srv/w -maxdepth 1 -mindepth 1 -name '*.o' -delete"),
    ("find /srv/w -type f -delete", "rm -rf /srv/w/*"),
    ("find w -type f -delete", "find $W -type f -delete"),
    ("find /srv -type f -delete", "cd /opt && find /srv -type f -delete"),
    ("find /srv -name '*.o' -prune -o -type f -delete", "find /srv -type f -delete"),
]


@pytest.mark.parametrize(("first", "second"), OTHERS)
def test_what_may_reach_more_is_not_a_repetition(first: str, second: str) -> None:
    assert not repeated((first,), (second,))


def test_a_deletion_that_failed_or_complained_leaves_something() -> None:
    again = ("find /srv -type f -exec rm {} \\;",)
    assert not repeated((*again, "", "failed"), again)
    assert not repeated((*again, "rm: cannot remove '/srv/a': Permission denied"), again)
    assert not repeated((*again, "", "not_executed"), again)


def test_hidden_names_that_rm_removed_but_for_two_are_gone() -> None:
    step = ("rm -rf /srv/w/.*", "rm: refusing to remove '.' or '..' directory: skipping '/srv/w/.'", "failed")
    assert repeated(step, step)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=150), st.text(max_size=40))
def test_any_text_gives_as_many_effects_and_reaches_cover_themselves(text: str, name: str) -> None:
    sweeps = Sweeps(lambda step, wanted: True, str)
    for place, command in enumerate((f"find /srv {text} -delete", f"rm -f {text}")):
        effects = classify_shell(command, shipped_rules())
        assert len(sweeps.step(effects, command, "/srv", place, "succeeded", "")) == len(effects)
    reach = Reach("/srv", (("-name", name),))
    assert reach.covers(reach)
