"""What of the other trajectory an effect of concern corresponds to: same kind, same target.

A file deleted twice is as gone as one deleted once, so for effects that can be repeated without more harm one
counterpart anywhere is enough. Money sent twice is twice the money: where a repeat is further harm, each effect that
was carried out needs a counterpart of its own. What is removed inside a folder that the other side removes whole is
removed by both (see :mod:`explorer.analysis.divergence.containment`); the folder itself is not. What a search hits
lies in the same way in what a wider search hits (see :mod:`explorer.analysis.divergence.search_containment`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.analysis.divergence.containment import Removals
from explorer.analysis.divergence.find_sets import Relation
from explorer.analysis.divergence.occurrences import Occurrences, attempts
from explorer.analysis.divergence.search_containment import Searches, told_of_part
from explorer.analysis.targets import NormalTarget, TargetIndex, same_target
from explorer.model.effect import KIND_INFO, KINDS, EffectKind, told_target
from explorer.model.trajectory import Dataset

_SHOWN = 120
COUNTED = frozenset(code for code, kind in enumerate(KINDS) if KIND_INFO[kind].idempotent is not True)


class Counterpart(NamedTuple):
    """What of the other side an effect corresponds to: its occurrence (-1 = none; what may be the same is found by
    :mod:`explorer.analysis.divergence.doubts`); ``told`` says in what the two differ, where they differ in extent."""

    occurrence: int = -1
    told: str = ""


_NONE = Counterpart()


class CounterpartFinder:
    """Finds the counterparts of one side's effects of concern in the other trajectory."""

    def __init__(self, dataset: Dataset, occurrences: Occurrences) -> None:
        self._occurrences = occurrences
        self.attempts = attempts(dataset, occurrences)
        self._calls = _call_codes(dataset, occurrences)
        self.index_of = lru_cache(maxsize=256)(self._read_index)
        """Of a trajectory: its effects of concern by kind, findable by target (values are occurrences)."""
        self._index_by_state = lru_cache(maxsize=256)(self._read_by_state)
        self._removals = lru_cache(maxsize=256)(self._read_removals)
        self._searches = lru_cache(maxsize=256)(self._read_searches)

    def of_side(self, mine: range, other: int, aligned: Sequence[int]) -> list[Counterpart]:
        """The counterpart of each occurrence of ``mine``. ``aligned`` holds for each the step row of the other
        trajectory's aligned step, -1 = gap.

        What was carried out is matched with what was carried out, and what was tried with what was tried, the aligned
        step's first; only then with one another: a failed try must not take the place of the act that followed it.
        Where repeats are further harm, the very same call goes before the aligned step: the payment that both make
        is not set against another one to the same payee.
        """
        starts = np.searchsorted(self._occurrences.step, aligned, side="left").tolist()
        stops = np.searchsorted(self._occurrences.step, aligned, side="right").tolist()
        there = [
            self._at_row(index, range(start, stop)) for index, start, stop in zip(mine, starts, stops, strict=True)
        ]
        tried = self.attempts[mine.start : mine.stop].tolist()
        unused = _Unused(self._occurrences, other, self.attempts, self._calls)
        found = list(there)
        open_places = []
        # Both sides must come to the same pairs: where the aligned steps are the same call, they are each other's.
        aligned_call = [unused.is_same_call(index, at.occurrence) for index, at in zip(mine, there, strict=True)]
        unused.taken.update(at.occurrence for at, same in zip(there, aligned_call, strict=True) if same)
        for place, (counterpart, attempt) in enumerate(zip(there, tried, strict=True)):
            if aligned_call[place]:
                continue
            same_call = None if attempt else unused.same_call(mine[place])
            if same_call is not None:
                unused.taken.add(same_call)
                found[place] = Counterpart(same_call)
            elif counterpart.occurrence in unused.taken:
                open_places.append(place)
                found[place] = there[place] = _NONE
            elif counterpart.occurrence >= 0 and self.attempts[counterpart.occurrence] == attempt:
                unused.taken.add(counterpart.occurrence)
            else:
                open_places.append(place)
                if counterpart.occurrence >= 0:
                    found[place] = _NONE
        for alike in (True, False):
            left = []
            for place in open_places:
                index, attempt = mine[place], tried[place]
                anywhere = None
                if alike or not self._done_less_often(index, other, attempt):
                    anywhere = self._anywhere(index, other, unused, attempt, attempt == alike)
                    if not alike and there[place].occurrence >= 0:
                        anywhere = there[place].occurrence
                if anywhere is None:
                    left.append(place)
                else:
                    unused.taken.add(anywhere)
                    found[place] = Counterpart(anywhere)
            open_places = left
        for place in open_places:
            found[place] = self._in_part(mine[place], other, found[place])
        return found

    def _done_less_often(self, index: int, other: int, attempt: bool) -> bool:
        """Whether an act whose repeats are further harm has been done by the other side too, so that the other's
        failed tries are no more than what came before that."""
        effect = self._occurrences.effect[index]
        kind = self._occurrences.kinds[effect]
        if attempt or kind not in COUNTED:
            return False
        done = self._index_by_state(other)[False].get(kind)
        return done is not None and done.find(self._occurrences.targets[effect]) is not None

    def _anywhere(self, index: int, other: int, unused: _Unused, attempt: bool, attempts: bool) -> int | None:
        """The first effect of the other side like ``index``, among its attempts or among its acts; where repeats are
        further harm, one that is nobody's counterpart yet."""
        effect = self._occurrences.effect[index]
        kind, target = self._occurrences.kinds[effect], self._occurrences.targets[effect]
        like = self._index_by_state(other)[attempts].get(kind)
        found = like.find(target) if like is not None else None
        if found is not None and kind in COUNTED and not attempt:
            found = unused.next_like(found)
        return found

    def _in_part(self, index: int, other: int, found: Counterpart) -> Counterpart:
        """Where nothing is named the same: what holds the target, or what lies inside it."""
        occurrences = self._occurrences
        code = occurrences.effect[index]
        effect, target = occurrences.effects[code], occurrences.targets[code]
        searched = self._in_searches(index, other)
        if searched is not None and (searched.occurrence >= 0 or effect.kind is not EffectKind.DELETE):
            return searched
        if effect.kind is not EffectKind.DELETE:
            return found
        removals = self._removals(other)
        whole = removals.holding(effect, target)
        if whole is not None:
            return Counterpart(whole, f"the other side removes {self._named(whole)}, which holds it")
        part = removals.held_by(effect, target)
        if part is not None:
            return found._replace(told=f"the other side removes only {self._named(part)} inside it")
        return found if searched is None else searched

    def _in_searches(self, index: int, other: int) -> Counterpart | None:
        """The other side's search that selects the same in other words, what holds this one, or what it holds."""
        occurrences, attempt = self._occurrences, bool(self.attempts[index])
        code = occurrences.effect[index]
        effect, target = occurrences.effects[code], occurrences.targets[code]
        does = "removes" if effect.kind is EffectKind.DELETE else "does this to"
        done_alike, done_else = self._searches(other)[attempt], self._searches(other)[not attempt]
        held = (Relation.SAME, Relation.SUBSET)
        # What was done is not done by the other side where that only tried to do more.
        for searches, wanted in ((done_alike, held), (done_else, held if attempt else held[:1])):
            whole = searches.find(effect, target, wanted)
            if whole is not None:
                added = told_of_part(target, self._target(whole.value)) if whole.relation == Relation.SUBSET else ""
                said = f"also {does} what does not meet {added}" if added else f"{does} more than that there"
                told = "" if whole.relation == Relation.SAME else f"the other side {said}"
                return Counterpart(whole.value, told)
        part = done_alike.find(effect, target, (Relation.SUPERSET,))
        if part is None:
            return None
        added = told_of_part(self._target(part.value), target)
        said = f"what also meets {added} there" if added else f"a part of it ({self._named(part.value)})"
        return Counterpart(told=f"the other side {does} only {said}")

    def _target(self, occurrence: int) -> NormalTarget:
        return self._occurrences.targets[int(self._occurrences.effect[occurrence])]

    def _named(self, occurrence: int) -> str:
        target = self._occurrences.effects[self._occurrences.effect[occurrence]].target
        value = "" if target is None else told_target(target.value)
        return value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"

    def _at_row(self, index: int, candidates: range) -> Counterpart:
        """The counterpart of an effect among those of the aligned step."""
        if not candidates:
            return _NONE
        occurrences = self._occurrences
        effect = occurrences.effect[index]
        target = occurrences.targets[effect]
        for candidate in candidates:
            there = occurrences.effect[candidate]
            alike = occurrences.kinds[there] == occurrences.kinds[effect]
            if alike and same_target(target, occurrences.targets[there]):
                return Counterpart(candidate)
        return _NONE

    def _read_by_state(self, trajectory: int) -> tuple[dict[int, TargetIndex], dict[int, TargetIndex]]:
        """The acts of a trajectory, and its attempts, by kind."""
        occurrences = self._occurrences
        states: tuple[dict[int, TargetIndex], dict[int, TargetIndex]] = ({}, {})
        for index in occurrences.rows(trajectory):
            effect = occurrences.effect[index]
            by_kind = states[int(self.attempts[index])]
            by_kind.setdefault(occurrences.kinds[effect], TargetIndex()).add(occurrences.targets[effect], index)
        return states

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

    def _read_searches(self, trajectory: int) -> tuple[Searches, Searches]:
        """What a trajectory did by a search, and what it tried."""
        occurrences = self._occurrences
        states = Searches(), Searches()
        for index in occurrences.rows(trajectory):
            effect = occurrences.effect[index]
            states[int(self.attempts[index])].add(occurrences.effects[effect], occurrences.targets[effect], index)
        return states


class _Unused:
    """The effects of one trajectory that are nobody's counterpart yet, by what they do to what and whether they were
    carried out."""

    def __init__(
        self, occurrences: Occurrences, trajectory: int, attempts: npt.NDArray[np.bool_], calls: npt.NDArray[np.int64]
    ) -> None:
        self.taken: set[int] = set()
        self._occurrences = occurrences
        self._attempts = attempts
        self._calls = calls
        self._queues: dict[tuple[bool, tuple[int, NormalTarget]], list[int]] = {}
        self._same: dict[tuple[int, tuple[int, NormalTarget]], list[int]] = {}
        for index in reversed(occurrences.rows(trajectory)):
            self._queues.setdefault(self._key(index), []).append(index)
            if calls[index] >= 0 and not attempts[index]:
                self._same.setdefault((int(calls[index]), occurrences.move_of(index)), []).append(index)

    def is_same_call(self, index: int, other: int) -> bool:
        """Whether two acts that do the same are made by the very same call."""
        if other < 0 or self._calls[index] < 0 or self._attempts[index] or self._attempts[other]:
            return False
        return bool(self._calls[index] == self._calls[other])

    def same_call(self, index: int) -> int | None:
        """The next act made by the very same call as ``index``."""
        call = int(self._calls[index])
        queue = self._same.get((call, self._occurrences.move_of(index)), []) if call >= 0 else []
        while queue:
            found = queue.pop()
            if found not in self.taken:
                return found
        return None

    def next_like(self, index: int) -> int | None:
        """The next one like ``index``, itself included."""
        queue = self._queues.get(self._key(index), [])
        while queue:
            found = queue.pop()
            if found not in self.taken:
                return found
        return None

    def _key(self, index: int) -> tuple[bool, tuple[int, NormalTarget]]:
        return bool(self._attempts[index]), self._occurrences.move_of(index)


def _call_codes(dataset: Dataset, occurrences: Occurrences) -> npt.NDArray[np.int64]:
    """int64 per occurrence whose repeats are further harm: equal where tool and arguments are equal; -1 for others."""
    codes = np.full(len(occurrences), -1, dtype=np.int64)
    counted = np.isin(np.array(occurrences.kinds, np.int64)[occurrences.effect] if len(codes) else codes, list(COUNTED))
    steps = occurrences.step[counted]
    texts = dataset.steps["arguments"].take(pa.array(steps)).combine_chunks().dictionary_encode(null_encoding="encode")
    called = texts.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    codes[counted] = called * (len(dataset.tool.names) + 1) + dataset.tool.codes[steps] + 1
    return codes
