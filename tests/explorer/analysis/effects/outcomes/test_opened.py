"""What a failed command did all the same: files that ``>`` emptied, and hidden names that ``rm`` removed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.effects.outcomes.opened import with_opened, with_rest_removed
from explorer.analysis.effects.shell.commands import classify_shell, simple_commands
from explorer.analysis.effects.steps import classify_steps
from explorer.model.effect import Effect, EffectKind
from explorer.model.schema import Outcome
from tests.builders import build_dataset
from tests.explorer.analysis.effects.packs import shipped_rules

_K = EffectKind
_FILES = (_K.CREATE, _K.OVERWRITE, _K.MODIFY)


def effects_of(command: str, printed: str, *before: tuple[str, str], outcome: str = "failed") -> tuple[Effect, ...]:
    """The effects of a command that ends so, behind steps that ended well."""
    steps = [("shell", "bash", text, "succeeded", said) for text, said in before]
    dataset = build_dataset({"a": {"t": [*steps, ("shell", "bash", command, outcome, printed)]}})
    return classify_steps(dataset, shipped_rules()).of(len(steps))


def write_of(command: str, printed: str, *before: tuple[str, str]) -> Effect:
    (found,) = [effect for effect in effects_of(command, printed, *before) if effect.kind in _FILES]
    return found


OPENED = [
    ("awk '{print $1' /srv/in.csv > /srv/out.csv", "awk: line 1: syntax error at or near ,\n"),
    ("report --all > /srv/out.csv", "bash: report: command not found"),
    ("report --all > /srv/out.csv", "/bin/bash: line 1: report: command not found"),
    ("find /srv -name '*.t' -exec cat {} + > /srv/out.csv", "cat: /srv/out.csv: input file is output file"),
    ("sort /srv/a | uniq -z5 > /srv/out.csv", "uniq: invalid option -- '5'"),
    ("ls /srv; sort /srv/missing > /srv/out.csv", "a b\nsort: cannot read: /srv/missing: No such file or directory"),
]


@pytest.mark.parametrize(("command", "printed"), OPENED)
def test_a_redirect_empties_its_file_though_the_command_fails(command: str, printed: str) -> None:
    assert write_of(command, printed).outcome == Outcome.SUCCEEDED


def test_a_file_that_was_seen_before_is_overwritten_by_a_failed_command() -> None:
    effect = write_of("report > /srv/plan.md", "bash: report: command not found", ("cat /srv/plan.md", "# Plan"))
    assert (effect.kind, effect.outcome) == (_K.OVERWRITE, Outcome.SUCCEEDED)


def test_silence_counts_where_the_trajectory_shows_outputs() -> None:
    assert write_of("grep x /srv/a > /srv/out", "", ("ls /srv", "a")).outcome == Outcome.SUCCEEDED
    assert write_of("grep x /srv/a > /srv/out", "").outcome is None


NOT_OPENED = [
    ("report > /srv/out.csv", "bash: /srv/out.csv: Permission denied"),
    ("report > /srv/no/out.csv", "/bin/bash: line 1: /srv/no/out.csv: No such file or directory"),
    ("report > /srv", "bash: /srv: Is a directory"),
    ("report < /srv/in > /srv/out.csv", "bash: /srv/in: No such file or directory"),
    ("report 'a > /srv/out.csv", "bash: -c: line 1: unexpected EOF while looking for matching `''"),
    ("report $((1 / 0)) > /srv/out.csv", "bash: line 1: 1 / 0 : division by 0 (error token is \"0 \")"),
    ("python -c 'import x; y()' > /srv/out.csv", "x;: line 1: python: command not found"),
    ("cd /srv/w && report > /srv/out.csv", "bash: cd: /srv/w: No such file or directory"),
    ("for f in /srv/*.t; do sort $f > /srv/out.csv; done", "sort: no"),
    ("report > /srv/out.csv", "This command is not allowed here."),
]  # fmt: skip


@pytest.mark.parametrize(("command", "printed"), NOT_OPENED)
def test_what_the_shell_may_not_have_opened_did_not_succeed(command: str, printed: str) -> None:
    writes = [effect for effect in effects_of(command, printed) if effect.kind in _FILES]
    assert all(effect.outcome != Outcome.SUCCEEDED for effect in writes)


def test_appending_leaves_the_content_alone() -> None:
    assert write_of("report >> /srv/out.csv", "bash: report: command not found").outcome is None


SKIPPED = "rm: refusing to remove '.' or '..' directory: skipping '{}'\n"


def test_rm_that_passes_over_dots_only_removed_the_rest() -> None:
    printed = SKIPPED.format("/srv/w/.") + SKIPPED.format("/srv/w/..")
    (effect,) = [found for found in effects_of("rm -rf /srv/w/.*", printed) if found.kind is _K.DELETE]
    assert effect.outcome == Outcome.SUCCEEDED
    (effect,) = [
        found
        for found in effects_of("rm -rf /srv/w/.*", f"{printed}rm: cannot remove '/srv/w/.a': Permission denied")
        if found.kind is _K.DELETE
    ]
    assert effect.outcome is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_texts_give_as_many_effects(command: str, printed: str) -> None:
    effects = classify_shell(f"{command} > /srv/out", shipped_rules())
    found = with_opened(effects, command, simple_commands(command), printed, "failed", mute=False)
    assert len(with_rest_removed(found, printed, "failed")) == len(effects)
