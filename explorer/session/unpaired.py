"""What did not pair, and the names by which it would: what the window, the command line and the report list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from explorer.model.result import AuditResult, Frame
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings


class UnpairedTask(NamedTuple):
    """Trajectories of one task that have no partner for one reason: ``trajectories`` of the task's ``of``. Where
    they have one in some groups, ``lacking_in`` is the group in which they have none."""

    task: str
    groups: tuple[str, ...]
    trajectories: int
    of: int
    reason: str
    lacking_in: str = ""


class AlikeKey(NamedTuple):
    """A task's key that may mean the same task as a key of the other side, or was accepted as such.

    ``key`` is (to be) named ``becomes``. Of one that was accepted neither roles, similarity nor its own trajectories
    are known any more (-1): the dataset knows only what the task is called now; ``pairs`` are then those it has, else
    those it would add. One made by hand (:func:`by_hand`) has no similarity (-1) and adds at most ``pairs``.
    """

    key: str
    becomes: str
    key_role: str
    becomes_role: str
    similarity: float
    key_trajectories: int
    becomes_trajectories: int
    pairs: int
    accepted: bool


def unpaired_tasks(result: AuditResult) -> tuple[UnpairedTask, ...]:
    """Every task with trajectories that have no partner, by reason; sorted by task, then reason. Where several groups
    are compared with the first side, trajectories that only some of these lack are listed too, each with the group."""
    frame = result.frame("trajectories")
    reason, task, group, role = (frame.coded(name) for name in ("unpaired_reason", "task_id", "group", "role"))
    alone = reason.codes >= 0
    sizes = np.bincount(task.codes[(role.codes >= 0) & (task.codes >= 0)], minlength=len(task.names))
    # Sorted by task's code, reason's code, group's code: the groups of a row follow one another.
    gaps = _gaps(result, dict(zip(task.names, sizes.tolist(), strict=True)))
    three = np.stack([task.codes[alone], reason.codes[alone], group.codes[alone]])
    found, counts = np.unique(three, axis=1, return_counts=True)
    if not found.size:
        return tuple(sorted(gaps, key=_order))
    starts = np.flatnonzero(np.r_[True, (np.diff(found[:2], axis=1) != 0).any(axis=0)])
    ends = [*starts[1:].tolist(), found.shape[1]]
    totals = np.add.reduceat(counts, starts).tolist()
    tasks, reasons, groups = found.tolist()
    made = (
        UnpairedTask(
            task.names[tasks[start]], tuple(sorted(group.names[code] for code in groups[start:end])), total,
            int(sizes[tasks[start]]), reason.names[reasons[start]],
        )
        for start, end, total in zip(starts.tolist(), ends, totals, strict=True)
    )  # fmt: skip
    return tuple(sorted([*made, *gaps], key=_order))


def _order(one: UnpairedTask) -> tuple[str, str, tuple[str, ...]]:
    return one.task, one.reason, one.groups


def _gaps(result: AuditResult, sizes: Mapping[str, int]) -> list[UnpairedTask]:
    """What has a partner in one group, but none in another: at most as many tasks a group as the audit lists."""
    pairing = result.summary.get("pairing", ())
    if len(pairing) < 2:
        return []
    return [
        UnpairedTask(
            one["task"], (one["group"],), one["elsewhere"], sizes[one["task"]],
            f"no partner in {other['group']}: {one['reason']}", other["group"],
        )
        for other in pairing
        for one in other["unpaired_tasks"]
        if one["elsewhere"]  # who has no partner at all is listed for that
    ]  # fmt: skip


def aliases_in_force(load_report: Mapping[str, Any]) -> dict[str, str]:
    """The task aliases that the open dataset was read with: a task's key → the key it is paired by."""
    reports = load_report.get("reports", (load_report,))
    return {
        alias: key for report in reports for alias, key in (report.get("mapping") or {}).get("task_aliases", {}).items()
    }


def alike_keys(result: AuditResult | None, aliases: Mapping[str, str]) -> tuple[AlikeKey, ...]:
    """The aliases in force, then the suggestions of an audit, the most alike first."""
    pairs: Counter[str] = Counter()
    trajectories: Counter[str] = Counter()
    if result is not None and aliases:
        pairs, trajectories = _by_task(result.frame("pairs")), _by_task(result.frame("trajectories"))
    held = [
        AlikeKey(key, becomes, "", "", -1.0, -1, trajectories[becomes], pairs[becomes], True)
        for key, becomes in sorted(aliases.items())
    ]
    suggested = [] if result is None else result.summary.get("key_suggestions", ())
    return (*held, *(
        AlikeKey(
            one["second"], one["first"], one["second_role"], one["first_role"], float(one["similarity"]),
            int(one["second_trajectories"]), int(one["first_trajectories"]), int(one["more_pairs"]), False,
        )
        for one in suggested
    ))  # fmt: skip


def by_hand(one: UnpairedTask, two: UnpairedTask, settings: AuditSettings) -> AlikeKey | None:
    """Two unpaired tasks as one, the second side's named like the first side's; None if they stand on one side."""
    if not settings.comparisons:
        return None
    first = settings.comparisons[0][0]
    sides = [{settings.role_of(group) for group in task.groups} for task in (one, two)]
    if one.task == two.task or (first in sides[0]) == (first in sides[1]):
        return None
    both = zip((one, two), sides, strict=True)
    (becomes, becomes_roles), (key, key_roles) = sorted(both, key=lambda side: first not in side[1])
    return AlikeKey(
        key.task, becomes.task, _role_named(key_roles), _role_named(becomes_roles), -1.0, key.trajectories,
        becomes.trajectories, key.trajectories * becomes.trajectories, False,
    )  # fmt: skip


def _role_named(roles: Collection[Role | None]) -> str:
    return next((role.value for role in Role if role in roles), "")


def chosen_aliases(rows: Iterable[AlikeKey]) -> dict[str, str]:
    """The aliases that chosen rows make, each leading to the name that its task ends up with."""
    direct = {row.key: row.becomes for row in rows}
    made = {}
    for key in direct:
        seen, name = {key}, direct[key]
        while name in direct and name not in seen:
            seen.add(name)
            name = direct[name]
        if name != key:
            made[key] = name
    return made


def _by_task(frame: Frame) -> Counter[str]:
    task = frame.coded("task_id")
    counts = np.bincount(task.codes[task.codes >= 0], minlength=len(task.names))
    return Counter(dict(zip(task.names, counts.tolist(), strict=True)))
