"""How unusual scores are, in words: pairs of two groups beside one group's own trials."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from explorer.session.sides import side_name

NO_TRIALS = "No group has several trials of a task: how unusual the scores of its pairs are cannot be told."
_MOST = 6


def unusual_words(share: float, n: int, scope: str, whose: str) -> str:
    """One pair held against a group's own trials; ``whose`` is what that group is called."""
    if not n or math.isnan(share):
        return "how unusual: cannot tell, no group has several trials of a task"
    percent = f"{100 * share:.0f}"
    if percent == "100" and share < 1:
        percent = ">99"
    where = " of this task" if scope == "task" else ""
    return f"less alike than {percent} % of {n:,} {'pair' if n == 1 else 'pairs'} of the {whose}’s own trials{where}"


def own_trials_sentences(summary: Mapping[str, Any]) -> list[str]:
    """Each two groups that are compared, beside one group's own trials, task by task; or that nothing can be said."""
    rows = [row for row in summary.get("against_own_trials", ()) if row["own_group"] is not None]
    if not rows:
        return [NO_TRIALS] if "against_own_trials" in summary else []
    roles = summary["roles"]
    said = [_sentence(row, roles) for row in rows[:_MOST]]
    more = len(rows) - _MOST
    return (
        [*said, f"{more} more comparisons of groups are under against_own_trials in audit.json."] if more > 0 else said
    )


def _sentence(row: Mapping[str, Any], roles: Mapping[str, str]) -> str:
    first, second, own = (side_name(roles, row[key]) for key in ("first", "second", "own_group"))
    judged = f"{row['judged']:,} {'pair' if row['judged'] == 1 else 'pairs'}"
    counted = (
        f"{row['unusual']:,} of {judged} {'is' if row['unusual'] == 1 else 'are'} less alike than 95 % of those trials "
        f"(by chance {0.05 * row['judged']:.0f} would be)."
    )
    if row["difference"] is None:
        return f"{_capital(second)} and {first} share no task of which the {own} has several trials; {counted}"
    between = row["own_mean_score"] + row["difference"]
    scores = f"mean score {_number(between)} against {_number(row['own_mean_score'])} over {row['own_tasks']:,} "
    scores += "task" if row["own_tasks"] == 1 else "tasks"
    if row["low"] is None or row["low"] <= 0 <= row["high"]:
        said = f"Whether {second} and {first} are less alike than the {own}’s own trials cannot be told"
    else:
        less = "less" if row["high"] < 0 else "more"
        said = f"{_capital(second)} and {first} are {less} alike than the {own}’s own trials"
    return f"{said}: {scores}{_difference(row)}. {counted}"


def _difference(row: Mapping[str, Any]) -> str:
    if row["low"] is None:
        return ", and one task says nothing about others"
    return f", difference {row['difference']:+.2f} [{row['low']:+.2f}, {row['high']:+.2f}]".replace("-", "−")


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
