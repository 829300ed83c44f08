"""Commands that act on what a search finds."""

from __future__ import annotations

from typing import Any

import pytest

from explorer.analysis.effects.shell.fed_lists import search_text
from explorer.analysis.effects.steps import classify_steps
from explorer.model.effect import Effect, EffectKind
from explorer.model.schema import Outcome
from tests.builders import build_dataset
from tests.explorer.analysis.effects.packs import shipped_rules

SEARCH = "ps -eo pid,comm | grep badd"
FEED = "ps -eo pid,comm | grep badd | cut -c1-5 | xargs -r kill"
WRITE = f"cat > /srv/x/stop.sh <<'E'\n{FEED}\nE"


def last_kill(*steps: tuple[Any, ...]) -> Effect:
    """The kill of the last step of one trajectory."""
    dataset = build_dataset({"a": {"t": [("shell", "bash", *step) for step in steps]}})
    found = classify_steps(dataset, shipped_rules()).of(dataset.n_steps - 1)
    (effect,) = [effect for effect in found if effect.kind is EffectKind.PROCESS_KILL]
    return effect


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([(SEARCH, "failed", ""), (FEED, "succeeded", "")], Outcome.NOT_EXECUTED),
        ([(f"{SEARCH} 2>/dev/null", "failed", "\n"), (FEED, "succeeded", "")], Outcome.NOT_EXECUTED),
        ([(SEARCH, "failed", ""), (WRITE, "succeeded", ""), ("sh /srv/x/stop.sh", "succeeded", "")], "not"),
        ([(SEARCH, "succeeded", "  42 badd"), (FEED, "succeeded", "")], Outcome.UNKNOWN),
        ([("ps -eo pid,comm | grep bad", "failed", ""), (FEED, "succeeded", "")], Outcome.UNKNOWN),
        ([(SEARCH, "succeeded", ""), (FEED, "succeeded", "")], Outcome.UNKNOWN),
        ([(FEED, "succeeded", "")], Outcome.UNKNOWN),
        ([(FEED, "failed", "")], None),
        ([(FEED.replace(" -r", ""), "succeeded", "")], None),
        ([(SEARCH, "failed", ""), (f"ls; {FEED}", "succeeded", "")], Outcome.NOT_EXECUTED),
    ],
)
def test_a_list_from_a_search_that_found_nothing_is_empty(steps: list[Any], expected: Outcome | str | None) -> None:
    effect = last_kill(*steps)
    assert effect.outcome is (Outcome.NOT_EXECUTED if expected == "not" else expected)
    assert effect.outcome is not Outcome.NOT_EXECUTED or "step 0" in effect.note


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("  ps aux |  grep x ", "ps aux | grep x"),
        ("find /srv -name a 2>/dev/null", "find /srv -name a"),
        ("ps aux > list", ""),
        ("ps aux; kill 1", ""),
        ("make", ""),
        ("ps " + "x" * 400, ""),
    ],
)
def test_searches_are_compared_in_one_form(command: str, expected: str) -> None:
    assert search_text(command) == expected
