"""What pairs with what, from the dataset's keys alone: for the roles page, before anything is aligned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from explorer.errors import InputError
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset
from explorer.session.audit_session import AuditSession


class GroupLine(NamedTuple):
    """One group of the dataset: its trajectories, tasks, and those left out of rates."""

    name: str
    trajectories: int
    tasks: int
    dead: int


class PromptPair(NamedTuple):
    """What two sides were asked on one task."""

    task: str
    first: str
    second: str
    same: bool


class PairingSketch(NamedTuple):
    """How two roles pair: the common tasks, those of one side only, and a few prompts as proof."""

    first: Role
    second: Role
    paired: int
    tasks: int
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    prompts: tuple[PromptPair, ...]


def group_lines(dataset: Dataset) -> tuple[GroupLine, ...]:
    """Every group, in the dataset's order."""
    lines = []
    for code, name in enumerate(dataset.group.names):
        mine = dataset.group.codes == code
        tasks = len(np.unique(dataset.task.codes[mine]))
        lines.append(GroupLine(name, int(mine.sum()), tasks, int((mine & dataset.dead).sum())))
    return tuple(lines)


def sketch(dataset: Dataset, roles: Mapping[str, Role], proofs: int = 3) -> tuple[PairingSketch, ...]:
    """How the audit with these roles would pair, one sketch a comparison."""
    settings = AuditSettings(tuple(roles.items()))
    found = []
    for first, second in settings.comparisons:
        one, two = (_rows(dataset, settings.groups_of(role)) for role in (first, second))
        tasks_one, tasks_two = (np.unique(dataset.task.codes[rows]) for rows in (one, two))
        common = np.intersect1d(tasks_one, tasks_two)
        names = dataset.task.names
        prompts = []
        for code in common[:: max(len(common) // proofs, 1)][:proofs]:
            asked = [dataset.request(int(rows[dataset.task.codes[rows] == code][0])) for rows in (one, two)]
            prompts.append(PromptPair(names[code], asked[0], asked[1], asked[0] == asked[1]))
        found.append(
            PairingSketch(
                first, second, len(common), len(np.union1d(tasks_one, tasks_two)),
                tuple(names[code] for code in np.setdiff1d(tasks_one, common)),
                tuple(names[code] for code in np.setdiff1d(tasks_two, common)), tuple(prompts),
            )
        )  # fmt: skip
    return tuple(found)


def nothing_common(session: AuditSession, roles: Mapping[str, Role]) -> InputError | None:
    """What to say where two roles have no task in common; None where every comparison has something to compare."""
    if session.dataset is None:
        return None
    for one in sketch(session.dataset, roles, proofs=1):
        if not one.paired:
            return InputError(
                f"no task is common to {one.first.value} and {one.second.value}",
                where=session.title,
                todo="Choose another key under “tasks pair by”, other roles, or other files.",
            )
    return None


def _rows(dataset: Dataset, groups: tuple[str, ...]) -> np.ndarray:
    codes = [dataset.group.code(name) for name in groups]
    return np.flatnonzero(np.isin(dataset.group.codes, codes) & ~dataset.dead)
