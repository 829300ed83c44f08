"""Pairing over the roles of an audit, and what each group of a second side lacks of the first.

A task of the teacher that one student lacks is a gap of that student, though another one has it: whoever compares the
two students would otherwise compare them on different tasks unawares.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.analysis.pairing.pair import pair_trajectories
from explorer.model.alignment import Pairing, Unpaired
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset

MOST_LISTED = 1_000


class GroupPairing(NamedTuple):
    """How one group of a second role pairs with the groups of the first that it shares any task with (all of them where
    it shares none): ``tasks`` that either side has, how many of
    them pair, and the trajectories of either side that have no partner *here* (they may have one elsewhere)."""

    group: str
    role: Role
    first: Role
    tasks: int
    paired_tasks: int
    pairs: int
    unpaired: tuple[Unpaired, ...]


def pair_groups(dataset: Dataset, settings: AuditSettings) -> tuple[Pairing, tuple[GroupPairing, ...]]:
    """Pair each group of the first role with each group of every other role, groups by name: in what order they were
    named must not decide between pairs that are equally good. The pairing lists as unpaired who met nobody at all,
    the second result what each group of a second role did not meet."""
    parts: list[Pairing] = []
    groups: list[GroupPairing] = []
    for first, second in settings.comparisons:
        for two in sorted(settings.groups_of(second)):
            here = {one: pair_trajectories(dataset, [one], [two]) for one in sorted(settings.groups_of(first))}
            parts += here.values()
            groups.append(_of_group(dataset, first, second, two, here))
    return Pairing(
        _join([part.teacher for part in parts]), _join([part.student for part in parts]), _alone(parts)
    ), tuple(groups)  # fmt: skip


def pairing_rows(dataset: Dataset, pairing: Pairing, groups: Sequence[GroupPairing]) -> list[dict[str, Any]]:
    """For the summary of an audit: per group of a second side what pairs and what does not, the reasons counted by
    whose trajectories they are, and the tasks concerned, at most MOST_LISTED a group; ``elsewhere`` is how many of a
    task's trajectories have a partner in another group."""
    nowhere = {one.trajectory for one in pairing.unpaired}
    return [_row(dataset, found, nowhere) for found in groups]


def _row(dataset: Dataset, found: GroupPairing, nowhere: set[int]) -> dict[str, Any]:
    own = dataset.group.code(found.group)
    counts: dict[str, Counter[str]] = {"own": Counter(), found.first.value: Counter()}
    tasks: Counter[tuple[str, str, str]] = Counter()
    elsewhere: Counter[tuple[str, str, str]] = Counter()
    for row, reason in found.unpaired:
        side = "own" if dataset.group.codes[row] == own else found.first.value
        counts[side][reason] += 1
        key = (dataset.task.of(row) or "", dataset.group.of(row) or "", reason)
        tasks[key] += 1
        elsewhere[key] += row not in nowhere
    return {
        "group": found.group,
        "role": found.role.value,
        "with": found.first.value,
        "tasks": found.tasks,
        "paired_tasks": found.paired_tasks,
        "pairs": found.pairs,
        "unpaired": {side: dict(sorted(reasons.items())) for side, reasons in counts.items() if reasons},
        "n_unpaired_tasks": len({task for task, _, _ in tasks}),
        "unpaired_tasks": [
            {"task": key[0], "group": key[1], "trajectories": count, "elsewhere": elsewhere[key], "reason": key[2]}
            for key, count in sorted(tasks.items())[:MOST_LISTED]
        ],
    }


def _of_group(dataset: Dataset, first: Role, second: Role, two: str, by_group: Mapping[str, Pairing]) -> GroupPairing:
    # A group of another world, which shares no task with this one, leaves no gaps in it.
    own = _tasks(dataset, two)
    met = {one: part for one, part in by_group.items() if _tasks(dataset, one) & own} or by_group
    parts = list(met.values())
    codes = [dataset.group.code(name) for name in (two, *met)]
    tasks = np.unique(dataset.task.codes[np.isin(dataset.group.codes, codes)])
    students = _join([part.student for part in parts])
    paired = np.unique(dataset.task.codes[students])
    return GroupPairing(two, second, first, len(tasks), len(paired), len(students), _alone(parts))


def _tasks(dataset: Dataset, group: str) -> set[int]:
    return set(np.unique(dataset.task.codes[dataset.group.codes == dataset.group.code(group)]).tolist())


def _alone(parts: Sequence[Pairing]) -> tuple[Unpaired, ...]:
    """Who met nobody in any of these parts, with the first reason given, in the order of rows."""
    met: set[int] = set()
    for part in parts:
        met.update(part.teacher.tolist(), part.student.tolist())
    alone: dict[int, Unpaired] = {}
    for part in parts:
        for one in part.unpaired:
            if one.trajectory not in met:
                alone.setdefault(one.trajectory, one)
    return tuple(alone[row] for row in sorted(alone))


def _join(parts: Sequence[npt.NDArray[np.int32]]) -> npt.NDArray[np.int32]:
    return np.concatenate(parts).astype(np.int32) if parts else np.zeros(0, dtype=np.int32)
