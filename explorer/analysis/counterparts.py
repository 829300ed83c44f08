"""What of the other trajectory an effect of concern corresponds to: same kind, same target.

A file deleted twice is as gone as one deleted once, so for effects that can be repeated without more harm one
counterpart anywhere is enough. Money sent twice is twice the money: where a repeat is further harm, each effect that
was carried out needs a counterpart of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from explorer.analysis.occurrences import Occurrences, attempted, outcome_of
from explorer.analysis.targets import NormalTarget, TargetIndex, same_target
from explorer.model.effect import KIND_INFO, KINDS
from explorer.model.trajectory import Dataset

_COUNTED = frozenset(code for code, kind in enumerate(KINDS) if KIND_INFO[kind].idempotent is not True)


class CounterpartFinder:
    """Finds the counterparts of one side's effects of concern in the other trajectory."""

    def __init__(self, dataset: Dataset, occurrences: Occurrences) -> None:
        self._dataset = dataset
        self._occurrences = occurrences
        self.index_of = lru_cache(maxsize=256)(self._read_index)
        """Of a trajectory: its effects of concern by kind, findable by target (values are occurrences)."""

    def of_side(self, mine: range, other: int, aligned: Sequence[int]) -> list[tuple[int, bool]]:
        """For each occurrence of ``mine``: its counterpart (-1 = none), the aligned step's first; and whether the
        aligned step does the same kind on a target that is not known. ``aligned`` holds for each the step row of
        the other trajectory's aligned step, -1 = gap."""
        found = [self._at_row(index, row) for index, row in zip(mine, aligned, strict=True)]
        taken = {counterpart for counterpart, _ in found if counterpart >= 0}
        by_kind = self.index_of(other)
        unused: dict[tuple[int, NormalTarget], list[int]] = {}
        for index in reversed(self._occurrences.rows(other)):
            unused.setdefault(self._occurrences.move_of(index), []).append(index)
        for place, index in enumerate(mine):
            if found[place][0] >= 0:
                continue
            effect = self._occurrences.effect[index]
            kind, target = self._occurrences.kinds[effect], self._occurrences.targets[effect]
            anywhere = by_kind[kind].find(target) if kind in by_kind else None
            if anywhere is not None and kind in _COUNTED and not self._attempt(index):
                anywhere = self._free(anywhere, unused, taken)
            if anywhere is not None:
                taken.add(anywhere)
                found[place] = anywhere, found[place][1]
        return found

    def _at_row(self, index: int, row: int) -> tuple[int, bool]:
        if row < 0:
            return -1, False
        occurrences = self._occurrences
        effect = occurrences.effect[index]
        unsure = False
        first, stop = np.searchsorted(occurrences.step, [row, row + 1])
        for candidate in range(int(first), int(stop)):
            there = occurrences.effect[candidate]
            if occurrences.kinds[there] == occurrences.kinds[effect]:
                same = same_target(occurrences.targets[effect], occurrences.targets[there])
                if same:
                    return candidate, False
                unsure = unsure or same is None
        return -1, unsure

    def _free(self, like: int, unused: dict[tuple[int, NormalTarget], list[int]], taken: set[int]) -> int | None:
        """The next of the other side's effects like this one that is nobody's counterpart yet."""
        queue = unused.get(self._occurrences.move_of(like), [])
        while queue:
            index = queue.pop()
            if index not in taken:
                return index
        return None

    def _attempt(self, index: int) -> bool:
        occurrences = self._occurrences
        effect = occurrences.effects[occurrences.effect[index]]
        return attempted(outcome_of(effect, self._dataset.outcome.of(int(occurrences.step[index]))))

    def _read_index(self, trajectory: int) -> dict[int, TargetIndex]:
        occurrences = self._occurrences
        by_kind: dict[int, TargetIndex] = {}
        for index in occurrences.rows(trajectory):
            effect = occurrences.effect[index]
            by_kind.setdefault(occurrences.kinds[effect], TargetIndex()).add(occurrences.targets[effect], index)
        return by_kind
