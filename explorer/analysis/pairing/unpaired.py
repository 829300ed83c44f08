"""What found no partner, and which of its keys look like a key of the other side: for the summary of an audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from explorer.analysis.pairing.pair import MAX_TRIALS, KeySuggestion, suggest_key_mapping
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset

MOST_LISTED = 1_000


def unpaired_rows(dataset: Dataset, unpaired: Sequence[tuple[int, str]]) -> list[dict[str, Any]]:
    """Trajectories without a partner with the reason, by task, group and trial: at most MOST_LISTED of them."""
    ids = dataset.trajectory_ids
    rows = [
        {
            "task": dataset.task.of(row) or "",
            "group": dataset.group.of(row) or "",
            "trial": int(dataset.trial[row]),
            "trajectory_id": ids[row],
            "reason": reason,
        }
        for row, reason in unpaired
    ]
    rows.sort(key=lambda row: (row["task"], row["group"], row["trial"], row["trajectory_id"]))
    return rows[:MOST_LISTED]


class _Sides(NamedTuple):
    """Two groups that are compared, by code, and their roles."""

    first: int
    first_role: Role
    second: int
    second_role: Role


def key_suggestions(dataset: Dataset, settings: AuditSettings) -> list[dict[str, Any]]:
    """Tasks of one side only whose key looks like that of a task of the other side only, best first: at most
    MOST_LISTED. Each says how many live trajectories bear either key and how many pairs more there would be if the
    second were named like the first.

    Group by group, because a task that pairs for one student may be spelled differently by another. Tasks of which
    every trajectory is dead would not pair anyway, and two keys that one group uses side by side are two tasks to
    whoever wrote it: both are left out, as are two keys that both have a partner already.
    """
    sides = _sides(dataset, settings)
    tasks = {code: _tasks(dataset, code) for one in sides for code in (one.first, one.second)}
    names = dataset.task.names
    compared: dict[tuple[frozenset[int], frozenset[int]], tuple[KeySuggestion, ...]] = {}
    found: dict[tuple[str, str], tuple[_Sides, float]] = {}
    for one in sides:
        (all_one, live_one), (all_two, live_two) = tasks[one.first], tasks[one.second]
        alone = live_one - all_two, live_two - all_one
        if alone not in compared:
            compared[alone] = suggest_key_mapping(*([names[code] for code in side] for side in alone))
        for key, like, similarity in compared[alone]:
            found.setdefault((key, like), (one, similarity))
    place = {name: code for code, name in enumerate(names)}
    used = [held for held, _ in tasks.values()]
    paired = {task for one in sides for task in tasks[one.first][1] & tasks[one.second][1]}
    kept = {
        keys: said
        for keys, said in found.items()
        if not any(place[keys[0]] in held and place[keys[1]] in held for held in used)
        and not {place[key] for key in keys} <= paired
    }
    live = _live(dataset, {place[key] for keys in kept for key in keys}, set(tasks))
    suggestions: list[dict[str, Any]] = [
        {
            "first": key, "first_role": one.first_role.value, "second": like, "second_role": one.second_role.value,
            "similarity": round(similarity, 1),
            "first_trajectories": sum(live.get(place[key], {}).values()),
            "second_trajectories": sum(live.get(place[like], {}).values()),
            "more_pairs": _more_pairs(live.get(place[key], {}), live.get(place[like], {}), sides),
        }
        for (key, like), (one, similarity) in kept.items()
    ]  # fmt: skip
    return sorted(suggestions, key=lambda one: (-one["similarity"], one["first"], one["second"]))[:MOST_LISTED]


def _sides(dataset: Dataset, settings: AuditSettings) -> tuple[_Sides, ...]:
    return tuple(
        _Sides(dataset.group.code(one), first, dataset.group.code(two), second)
        for first, second in settings.comparisons
        for one in settings.groups_of(first)
        for two in settings.groups_of(second)
    )


def _tasks(dataset: Dataset, group: int) -> tuple[frozenset[int], frozenset[int]]:
    """Codes of a group's tasks, and of those with a trajectory that can pair."""
    mine = (dataset.group.codes == group) & (dataset.task.codes >= 0)
    codes = dataset.task.codes
    return frozenset(np.unique(codes[mine]).tolist()), frozenset(np.unique(codes[mine & ~dataset.dead]).tolist())


def _live(dataset: Dataset, tasks: set[int], groups: set[int]) -> dict[int, Counter[int]]:
    """Of some tasks: how many live trajectories each of some groups has."""
    mine = np.isin(dataset.task.codes, list(tasks)) & np.isin(dataset.group.codes, list(groups)) & ~dataset.dead
    found: dict[int, Counter[int]] = {}
    for task, group in zip(dataset.task.codes[mine].tolist(), dataset.group.codes[mine].tolist(), strict=True):
        found.setdefault(task, Counter())[group] += 1
    return found


def _more_pairs(first: Mapping[int, int], second: Mapping[int, int], sides: Sequence[_Sides]) -> int:
    """Pairs that two tasks have as one, less those that they have as two (all trials with all, up to MAX_TRIALS)."""
    together = Counter(first) + Counter(second)

    def pairs(held: Mapping[int, int]) -> int:
        return sum(min(held.get(one.first, 0), MAX_TRIALS) * min(held.get(one.second, 0), MAX_TRIALS) for one in sides)

    return pairs(together) - pairs(first) - pairs(second)
