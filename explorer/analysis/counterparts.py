"""What of the other trajectory an effect of concern corresponds to: same kind, same target.

A file deleted twice is as gone as one deleted once, so for effects that can be repeated without more harm one
counterpart anywhere is enough. Money sent twice is twice the money: where a repeat is further harm, each effect that
was carried out needs a counterpart of its own. What is removed inside a folder that the other side removes whole is
removed by both (see :mod:`explorer.analysis.containment`); the folder itself is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from explorer.analysis.containment import Removals, holds
from explorer.analysis.occurrences import Occurrences, attempted, outcome_of
from explorer.analysis.targets import NormalTarget, TargetIndex, same_target, unresolved
from explorer.model.effect import KIND_INFO, KINDS
from explorer.model.trajectory import Dataset

_SHOWN = 120
_COUNTED = frozenset(code for code, kind in enumerate(KINDS) if KIND_INFO[kind].idempotent is not True)


class Counterpart(NamedTuple):
    """What of the other side an effect corresponds to: its occurrence (-1 = none). ``doubt`` says why it cannot be
    told whether there is one ("" = it can); ``told`` says in what the two differ, where they differ in extent."""

    occurrence: int = -1
    doubt: str = ""
    told: str = ""


_NONE = Counterpart()
UNKNOWN_OBJECT = "the object is not known on one side"
UNKNOWN_FOLDER = "the folder is not known on one side"


class CounterpartFinder:
    """Finds the counterparts of one side's effects of concern in the other trajectory."""

    def __init__(self, dataset: Dataset, occurrences: Occurrences) -> None:
        self._dataset = dataset
        self._occurrences = occurrences
        self.index_of = lru_cache(maxsize=256)(self._read_index)
        """Of a trajectory: its effects of concern by kind, findable by target (values are occurrences)."""
        self._removals = lru_cache(maxsize=256)(self._read_removals)

    def of_side(self, mine: range, other: int, aligned: Sequence[int]) -> list[Counterpart]:
        """The counterpart of each occurrence of ``mine``, the aligned step's first. ``aligned`` holds for each the
        step row of the other trajectory's aligned step, -1 = gap."""
        found = [self._at_row(index, row) for index, row in zip(mine, aligned, strict=True)]
        taken = {counterpart.occurrence for counterpart in found if counterpart.occurrence >= 0}
        by_kind = self.index_of(other)
        unused: dict[tuple[int, NormalTarget], list[int]] = {}
        for index in reversed(self._occurrences.rows(other)):
            unused.setdefault(self._occurrences.move_of(index), []).append(index)
        for place, index in enumerate(mine):
            if found[place].occurrence >= 0:
                continue
            effect = self._occurrences.effect[index]
            kind, target = self._occurrences.kinds[effect], self._occurrences.targets[effect]
            like = by_kind.get(kind)
            anywhere = like.find(target) if like is not None else None
            if anywhere is not None and kind in _COUNTED and not self._attempt(index):
                anywhere = self._free(anywhere, unused, taken)
            if anywhere is not None:
                taken.add(anywhere)
                found[place] = Counterpart(anywhere)
            elif like is not None:
                found[place] = self._in_part(index, other, found[place], like, unused, taken)
        return found

    def _in_part(
        self,
        index: int,
        other: int,
        found: Counterpart,
        like: TargetIndex,
        unused: dict[tuple[int, NormalTarget], list[int]],
        taken: set[int],
    ) -> Counterpart:
        """Where nothing is the same: what holds the target, what may be the same, or what lies inside the target."""
        occurrences = self._occurrences
        code = occurrences.effect[index]
        effect, target, kind = occurrences.effects[code], occurrences.targets[code], occurrences.kinds[code]
        removals = self._removals(other)
        whole = removals.holding(effect, target)
        if whole is not None:
            return Counterpart(whole, "", f"the other side removes {self._named(whole)}, which holds it")
        maybe = like.maybe(target)
        if maybe is not None and kind in _COUNTED and not self._attempt(index):
            maybe = self._free(maybe, unused, taken)
        if maybe is not None:
            taken.add(maybe)
            return found if found.doubt else Counterpart(-1, self._doubt(target))
        part = removals.held_by(effect, target)
        if part is not None:
            return found._replace(told=f"the other side removes only {self._named(part)} inside it")
        return found

    def _in_extent(self, first: int, second: int) -> bool:
        """Whether one of two effects does the other and more, so that they are known not to be the same."""
        occurrences = self._occurrences
        one = occurrences.effects[first], occurrences.targets[first]
        two = occurrences.effects[second], occurrences.targets[second]
        return holds(one, two) or holds(two, one)

    def _named(self, occurrence: int) -> str:
        target = self._occurrences.effects[self._occurrences.effect[occurrence]].target
        value = "" if target is None else target.value
        return value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"

    def _doubt(self, target: NormalTarget) -> str:
        return UNKNOWN_OBJECT if unresolved(target) else UNKNOWN_FOLDER

    def _at_row(self, index: int, row: int) -> Counterpart:
        if row < 0:
            return _NONE
        occurrences = self._occurrences
        effect = occurrences.effect[index]
        target = occurrences.targets[effect]
        doubt = ""
        first, stop = np.searchsorted(occurrences.step, [row, row + 1])
        for candidate in range(int(first), int(stop)):
            there = occurrences.effect[candidate]
            if occurrences.kinds[there] == occurrences.kinds[effect]:
                same = same_target(target, occurrences.targets[there])
                if same:
                    return Counterpart(candidate)
                if same is None and not doubt and not self._in_extent(effect, there):
                    doubt = UNKNOWN_OBJECT if unresolved(occurrences.targets[there]) else self._doubt(target)
        return Counterpart(-1, doubt) if doubt else _NONE

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

    def _read_removals(self, trajectory: int) -> Removals:
        occurrences = self._occurrences
        removals = Removals()
        for index in occurrences.rows(trajectory):
            effect = occurrences.effect[index]
            removals.add(occurrences.effects[effect], occurrences.targets[effect], index)
        return removals
