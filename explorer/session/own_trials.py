"""How unusual scores are, in words: pairs of two groups beside one group's own trials."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from explorer.session.sides import side_name

NO_TRIALS = "No group has several trials of a task: how unusual the scores of its pairs are cannot be told."
_MOST = 2
"""Comparisons that are told one by one where little room is."""
_LESS, _MORE, _UNSURE = "less", "more", "unsure"


def unusual_words(share: float, n: int, scope: str, whose: str) -> str:
    """One pair held against a group's own trials; ``whose`` is what that group is called."""
    if not n or math.isnan(share):
        return "how unusual: cannot tell, no group repeats a task"
    percent = f"{100 * share:.0f}"
    if percent == "100" and share < 1:
        percent = ">99"
    where = " of this task" if scope == "task" else ""
    return f"less alike than {percent} % of {n:,} {'pair' if n == 1 else 'pairs'} of the {whose}’s own trials{where}"


def own_trials_sentences(summary: Mapping[str, Any], most: int = _MOST) -> list[str]:
    """Each two groups that are compared, beside one group's own trials, task by task; more than ``most`` of them in one
    sentence. Or that nothing can be said."""
    rows = [row for row in summary.get("against_own_trials", ()) if row["own_group"] is not None]
    if not rows:
        return [NO_TRIALS] if "against_own_trials" in summary else []
    roles = summary["roles"]
    return [_together(rows, roles)] if len(rows) > most else [_sentence(row, roles) for row in rows]


def _together(rows: Sequence[Mapping[str, Any]], roles: Mapping[str, str]) -> str:
    """Many comparisons at once, with the one that is least alike."""
    verdicts = Counter(_verdict(row) for row in rows)
    parts = []
    if verdicts[_LESS]:
        worst = min((row for row in rows if _verdict(row) == _LESS), key=lambda row: float(row["difference"]))
        names = " with ".join(side_name(roles, worst[key]) for key in ("second", "first"))
        parts.append(f"{verdicts[_LESS]} are less alike than a group’s own trials (the most {names}: {_scores(worst)})")
    if verdicts[_MORE]:
        parts.append(f"{verdicts[_MORE]} are more alike")
    if verdicts[_UNSURE]:
        parts.append(f"of {verdicts[_UNSURE]} it cannot be told")
    return f"Of {len(rows)} comparisons of groups, each by its own 95 % interval: {'; '.join(parts)}."


def _verdict(row: Mapping[str, Any]) -> str:
    if row["low"] is None or row["low"] <= 0 <= row["high"]:
        return _UNSURE
    return _LESS if row["high"] < 0 else _MORE


def _scores(row: Mapping[str, Any]) -> str:
    between = row["own_mean_score"] + row["difference"]
    tasks = f"{row['own_tasks']:,} {'task' if row['own_tasks'] == 1 else 'tasks'}"
    said = f"mean score {_number(between)} against {_number(row['own_mean_score'])} over {tasks}"
    return said + _difference(row)


def _sentence(row: Mapping[str, Any], roles: Mapping[str, str]) -> str:
    first, second, own = (side_name(roles, row[key]) for key in ("first", "second", "own_group"))
    judged = f"{row['judged']:,} {'pair' if row['judged'] == 1 else 'pairs'}"
    counted = (
        f"{row['unusual']:,} of {judged} {'is' if row['unusual'] == 1 else 'are'} less alike than 95 % of those trials "
        f"(by chance {0.05 * row['judged']:.0f} would be)."
    )
    if row["difference"] is None:
        return f"{_capital(second)} and {first} share no task of which the {own} has several trials; {counted}"
    verdict = _verdict(row)
    if verdict == _UNSURE:
        said = f"Whether {second} and {first} are less alike than the {own}’s own trials cannot be told"
    else:
        said = f"{_capital(second)} and {first} are {verdict} alike than the {own}’s own trials"
    return f"{said}: {_scores(row)}. {counted}"


def _difference(row: Mapping[str, Any]) -> str:
    if row["low"] is None:
        return ", and one task says nothing about others"
    return f", difference {row['difference']:+.2f} [{row['low']:+.2f}, {row['high']:+.2f}]".replace("-", "−")


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
