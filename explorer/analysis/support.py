"""How usual an effect is among the other side's trials of the same task."""

from __future__ import annotations

from collections import defaultdict

from explorer.analysis.lanes import LaneFinder
from explorer.analysis.targets import NormalTarget
from explorer.model.trajectory import Dataset

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

    def share(self, other: int, kind: int, target: NormalTarget) -> float:
        """The share of the trials of ``other``'s group and task that have the effect: 1 for each that has it on
        this target, a half on another one."""
        key = int(self._dataset.group.codes[other]), int(self._dataset.task.codes[other])
        return self._share(self._trials.get(key, []), kind, target)

    def share_beside(self, own: int, kind: int, target: NormalTarget) -> float:
        """The same over every other trajectory of ``own``'s task, whatever its group; 0 if it is the only one."""
        rows = self._of_task.get(int(self._dataset.task.codes[own]), [])
        return self._share([row for row in rows[:65] if row != own][:64], kind, target)

    def _share(self, rows: list[int], kind: int, target: NormalTarget) -> float:
        if not rows:
            return 0.0
        found = 0.0
        for row in rows:
            index = self._lanes.index_of(row).get(kind)
            if index is not None:
                found += 1.0 if index.find(target) is not None else _OTHER_TARGET
        return found / len(rows)
