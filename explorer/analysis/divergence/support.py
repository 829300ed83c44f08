"""How usual an effect is among the other side's trials of the same task."""

from __future__ import annotations

from collections import defaultdict

from explorer.analysis.divergence.lanes import LaneFinder
from explorer.analysis.targets import NormalTarget
from explorer.model.trajectory import Dataset

MOST_BESIDE = 64
"""Trajectories of its own task that an effect is looked up in where nothing is compared."""

_OTHER_TARGET = 0.5


class SupportFinder:
    """Looks an effect up in the live trajectories of one group and task."""

    def __init__(self, dataset: Dataset, lanes: LaneFinder) -> None:
        self._dataset = dataset
        self._lanes = lanes
        self._trials: dict[tuple[int, int], list[int]] = defaultdict(list)
        self._of_task: dict[int, list[int]] = defaultdict(list)
        for row in range(dataset.n_trajectories):
            if not dataset.dead[row]:
                task = int(dataset.task.codes[row])
                self._trials[int(dataset.group.codes[row]), task].append(row)
                self._of_task[task].append(row)
        ids = dataset.trajectory_ids
        for rows in self._of_task.values():
            # By identity, a hash: which ones are looked at is as good as drawn, and the same in whatever order they
            # are stored.
            rows.sort(key=ids.__getitem__)

    def share(self, other: int, kind: int, target: NormalTarget) -> float:
        """The share of the trials of ``other``'s group and task that have the effect: 1 for each that has it on
        this target, a half on another one."""
        key = int(self._dataset.group.codes[other]), int(self._dataset.task.codes[other])
        return self._share(self._trials.get(key, []), kind, target)

    def trials_with(self, other: int, kind: int, target: NormalTarget) -> tuple[int, int]:
        """How many of the trials of ``other``'s group and task have the effect on this target, and of how many."""
        rows = self._trials.get((int(self._dataset.group.codes[other]), int(self._dataset.task.codes[other])), [])
        indices = [self._lanes.index_of(row).get(kind) for row in rows]
        return sum(index is not None and index.find(target) is not None for index in indices), len(rows)

    def share_beside(self, own: int, kind: int, target: NormalTarget) -> float:
        """The same over the other trajectories of ``own``'s task, whatever their group, at most MOST_BESIDE of them;
        0 if it is the only one."""
        rows = self._of_task.get(int(self._dataset.task.codes[own]), [])
        return self._share([row for row in rows[: MOST_BESIDE + 1] if row != own][:MOST_BESIDE], kind, target)

    def _share(self, rows: list[int], kind: int, target: NormalTarget) -> float:
        if not rows:
            return 0.0
        found = 0.0
        for row in rows:
            index = self._lanes.index_of(row).get(kind)
            if index is not None:
                found += 1.0 if index.find(target) is not None else _OTHER_TARGET
        return found / len(rows)
