"""Which of the effects that have no counterpart may be the same as one of the other side's, though the log does not
show it: a target that is not known, a path without its folder, a process by number and by name.

Doubt is mutual: where the one may be the other's, the other may be the one's, and both stand in *cannot tell*. What a
trajectory made or started itself is no other's; what was only tried is not in doubt with what was carried out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.analysis.divergence.containment import holds
from explorer.analysis.divergence.counterparts import COUNTED, Counterpart
from explorer.analysis.divergence.find_sets import Relation
from explorer.analysis.divergence.occurrences import Occurrences
from explorer.analysis.divergence.search_containment import is_search, relation_of
from explorer.analysis.targets import NormalTarget, TargetIndex, is_loose, same_target, unresolved
from explorer.model.effect import EffectKind

_MOST = 64
"""Distinct targets of one kind that are compared one by one; what lies beyond is found by equal values only."""

Own = Callable[[int], bool]
_Sort = tuple[int, bool]
_Move = tuple[int, str, str]


class OfSide(NamedTuple):
    """One side of a pair: its effects of concern, their counterparts, and of each the other side's aligned step row
    (-1 = gap)."""

    mine: range
    counterparts: Sequence[Counterpart]
    aligned: Sequence[int]


class DoubtFinder:
    """Finds them for pairs of one dataset. ``attempts`` says of each occurrence whether it was tried only, ``own``
    whether it is on what its trajectory made or started itself."""

    def __init__(self, occurrences: Occurrences, attempts: npt.NDArray[np.bool_], own: Own) -> None:
        self._occurrences = occurrences
        self._attempts = attempts
        self._own = own
        self._certain = np.array([_is_certain(target) for target in occurrences.targets], np.bool_)

    def between(self, first: OfSide, second: OfSide) -> tuple[dict[int, int], dict[int, int]]:
        """For the left-over effects of each side that are in doubt: the effect of the other side that they may be."""
        if not first.mine or not second.mine or (self._all_certain(first.mine) and self._all_certain(second.mine)):
            return {}, {}
        sides = self._listed(first), self._listed(second)
        pairs: dict[int, int] = {}
        found = self._of_side(first, sides[1], pairs), self._of_side(second, sides[0], None)
        found[0].update(pairs)
        found[1].update((other, one) for one, other in pairs.items())
        return found

    def _of_side(self, side: OfSide, others: dict[_Sort, _Listed], pairs: dict[int, int] | None) -> dict[int, int]:
        """The doubts of one side. Where repeats are further harm, each effect stands for one of the other side's at
        most: these go to ``pairs``, which fits either side (None = they are known)."""
        occurrences = self._occurrences
        done = self._done(side.mine)
        taken: set[int] = set()
        doubted: dict[int, int] = {}
        known: dict[tuple[bool, _Sort, NormalTarget], int] = {}
        for index, counterpart, row in zip(side.mine, side.counterparts, side.aligned, strict=True):
            sort = self._sort(index, done)
            listed = others.get(sort)
            if counterpart.occurrence >= 0 or listed is None:
                continue
            target = occurrences.targets[occurrences.effect[index]]
            if not is_loose(target) and not listed.loose and not listed.has_maybe(target):
                continue
            if sort[0] in COUNTED and not sort[1]:
                if pairs is None or self._own(index):
                    continue
                at = self._first(index, row, listed.still_open(target, taken))
                if at >= 0:
                    pairs[index] = at
                    taken.add(at)
                continue
            key = bool(self._attempts[index]), sort, target
            if key not in known:
                known[key] = self._first(index, row, listed.candidates(target))
            at = known[key]
            if at >= 0 and not self._own(index):
                doubted[index] = at
        return doubted

    def _first(self, index: int, row: int, candidates: Iterable[int]) -> int:
        """The effect of the other side that one may be: of the aligned step, else the first; -1 = none."""
        best = -1
        for candidate in candidates:
            if best >= 0 and self._occurrences.step[candidate] != row:
                continue
            if self._may_be(index, candidate):
                best = candidate
                if self._occurrences.step[candidate] == row:
                    break
        return best

    def _may_be(self, first: int, second: int) -> bool:
        occurrences = self._occurrences
        one, two = int(occurrences.effect[first]), int(occurrences.effect[second])
        target, other = occurrences.targets[one], occurrences.targets[two]
        if same_target(target, other) is not None:
            return False
        effect, theirs = occurrences.effects[one], occurrences.effects[two]
        if effect.kind is EffectKind.DELETE and (
            holds((effect, target), (theirs, other)) or holds((theirs, other), (effect, target))
        ):
            return False
        if relation_of((effect, target), (theirs, other)) != Relation.UNKNOWN:
            return False
        if is_search(target) and is_search(other) and self._attempts[second] and not self._attempts[first]:
            # A try by other tests that came to nothing is no act of the other side's.
            return False
        return not self._own(second)

    def _all_certain(self, mine: range) -> bool:
        return bool(self._certain[self._occurrences.effect[mine.start : mine.stop]].all())

    def _done(self, mine: range) -> set[_Move]:
        """The moves that a side carried out at least once: its further tries of them are no more than those."""
        return {move for index in mine if not self._attempts[index] and (move := self._move(index))[0] not in COUNTED}

    def _sort(self, index: int, done: set[_Move]) -> _Sort:
        attempt = bool(self._attempts[index])
        return self._move(index)[0], attempt and self._move(index) not in done

    def _move(self, index: int) -> _Move:
        kind, target = self._occurrences.move_of(index)
        return kind, target.type, target.value

    def _listed(self, side: OfSide) -> dict[_Sort, _Listed]:
        found: dict[_Sort, _Listed] = {}
        done = self._done(side.mine)
        for index, counterpart in zip(side.mine, side.counterparts, strict=True):
            target = self._occurrences.targets[self._occurrences.effect[index]]
            listed = found.setdefault(self._sort(index, done), _Listed())
            listed.add(index, target, left_over=counterpart.occurrence < 0, tried=bool(self._attempts[index]))
        return found


def _is_certain(target: NormalTarget) -> bool:
    """Whether a target is never in doubt with another one of this sort."""
    return not is_loose(target) and (target.type != "path" or target.value.startswith("/"))


class _Listed:
    """The effects of one kind of one side: the left-over ones by target, of equal ones what was carried out before
    what was tried, and all by what they may be called."""

    __slots__ = ("_index", "_matched", "_named", "_tried", "loose")

    def __init__(self) -> None:
        self.loose: dict[NormalTarget, deque[int]] = {}
        self._named: dict[NormalTarget, deque[int]] = {}
        self._matched: dict[NormalTarget, int] = {}
        self._index = TargetIndex()
        self._tried: set[NormalTarget] = set()

    def add(self, index: int, target: NormalTarget, *, left_over: bool, tried: bool) -> None:
        self._index.add(target, index)
        if not left_over:
            if len(self._matched) < _MOST:
                self._matched.setdefault(target, index)
        else:
            kept = self.loose if is_loose(target) else self._named
            if target in kept or len(kept) < _MOST:
                held = kept.setdefault(target, deque())
                if not tried and held and target in self._tried:
                    held.appendleft(index)
                else:
                    held.append(index)
                if not tried:
                    self._tried.discard(target)
                elif len(held) == 1:
                    self._tried.add(target)

    def has_maybe(self, target: NormalTarget) -> bool:
        return self._index.maybe(target) is not None

    def candidates(self, target: NormalTarget) -> Iterator[int]:
        """What is to be compared with a target, of equal ones the first."""
        maybe = self._index.maybe(target)
        if maybe is not None:
            yield maybe
        for found in self._compared(target):
            yield found[0]
        if unresolved(target):
            # What has a counterpart may be done once more under a name that is not known.
            yield from self._matched.values()

    def still_open(self, target: NormalTarget, taken: set[int]) -> Iterator[int]:
        """The same without what is ``taken`` or has a counterpart."""
        for found in self._compared(target):
            while found and found[0] in taken:
                found.popleft()
            if found:
                yield found[0]

    def _compared(self, target: NormalTarget) -> Iterator[deque[int]]:
        yield from self.loose.values()
        if is_loose(target) or self._index.maybe(target) is not None:
            yield from self._named.values()
