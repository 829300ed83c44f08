"""Order inversions: what both sides do, but the other way round."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from explorer.analysis.alignment.features import Features
from explorer.model.alignment import Pairing
from explorer.model.trajectory import IntArray, OffsetArray
from explorer.progress import Progress

_CHUNK = 4_096


class OrderInversions(NamedTuple):
    """int64 per pair: ``found`` how many two actions that both sides have stand in opposite order on the two sides,
    ``possible`` how many there would be if all stood in reverse: m (m - 1) / 2 of m actions that both have."""

    found: npt.NDArray[np.int64]
    possible: npt.NDArray[np.int64]

    @property
    def share(self) -> npt.NDArray[np.float32]:
        """float32 per pair: found of possible (0 = the same order, 0.5 = as by chance, 1 = reversed); NaN where
        fewer than two actions are common. Kendall's distance, normalised (Kendall 1938)."""
        some = self.possible > 0
        return np.where(some, self.found / np.maximum(self.possible, 1), np.nan).astype(np.float32)


def order_inversions(
    features: Features, offsets: OffsetArray, pairing: Pairing, progress: Progress | None = None
) -> OrderInversions:
    """How many two actions that both sides of each pair have stand in opposite order, and of how many.

    Actions are the same with equal tool, effects, targets of concern and argument sketch. Of an action that is
    repeated the k-th of one side is the k-th of the other, and what one side repeats more often is left out: so each
    action stands for one of the other side. An alignment keeps the order, so it shows such steps as gaps; this says
    that they were moved and not left out. The count grows with the square of the length; the share can be compared.
    O(n log n) a pair, after one sort of all steps.
    """
    progress = progress or Progress()
    keys, places = _sorted_actions(features.actions(np.arange(len(features))), offsets)
    found, common = np.zeros(len(pairing), dtype=np.int64), np.zeros(len(pairing), dtype=np.int64)
    progress.stage("order of actions", len(pairing))
    for start in range(0, len(pairing), _CHUNK):
        progress.at(start)
        part = slice(start, start + _CHUNK)
        _count_pairs(keys, places, offsets, pairing.teacher[part], pairing.student[part], found[part], common[part])
    progress.at(len(pairing))
    return OrderInversions(found, common * (common - 1) // 2)


def _sorted_actions(
    actions: npt.NDArray[np.uint64], offsets: OffsetArray
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Per trajectory its actions in rising order of (action, k-th of its kind) as one key, and where each stands."""
    n = len(actions)
    step = np.arange(n)
    trajectory = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    _, action = np.unique(actions, return_inverse=True)
    order = np.lexsort((step, action, trajectory))
    action, trajectory = action[order], trajectory[order]
    begins = np.ones(n, dtype=np.bool_)
    begins[1:] = (np.diff(action) != 0) | (np.diff(trajectory) != 0)
    nth = step - np.maximum.accumulate(np.where(begins, step, 0))
    keys = action.astype(np.int64) * (int(nth.max(initial=0)) + 1) + nth
    return keys, (order - offsets[trajectory]).astype(np.int64)


def count_inversions(values: npt.NDArray[np.int64]) -> int:
    """Pairs of places whose values stand in falling order."""
    return int(_inversions(values.copy(), np.empty_like(values)))


@njit(nogil=True, cache=True)
def _count_pairs(
    keys: npt.NDArray[np.int64],
    places: npt.NDArray[np.int64],
    offsets: OffsetArray,
    teachers: IntArray,
    students: IntArray,
    found: npt.NDArray[np.int64],
    n_common: npt.NDArray[np.int64],
) -> None:
    for pair in range(len(teachers)):
        one, one_stop = offsets[teachers[pair]], offsets[teachers[pair] + 1]
        two, two_stop = offsets[students[pair]], offsets[students[pair] + 1]
        at = np.full(two_stop - two, -1, dtype=np.int64)
        while one < one_stop and two < two_stop:
            if keys[one] == keys[two]:
                at[places[two]] = places[one]
                one += 1
                two += 1
            elif keys[one] < keys[two]:
                one += 1
            else:
                two += 1
        common = at[at >= 0]
        n_common[pair] = len(common)
        found[pair] = _inversions(common, np.empty_like(common))


@njit(nogil=True, cache=True)
def _inversions(values: npt.NDArray[np.int64], spare: npt.NDArray[np.int64]) -> int:
    """By merging ever longer sorted stretches; ``values`` and ``spare`` are used up."""
    n, width, found = len(values), 1, 0
    while width < n:
        for start in range(0, n, 2 * width):
            middle, stop = min(start + width, n), min(start + 2 * width, n)
            left, right = start, middle
            for place in range(start, stop):
                if left < middle and (right >= stop or values[left] <= values[right]):
                    spare[place] = values[left]
                    left += 1
                else:
                    spare[place] = values[right]
                    right += 1
                    found += middle - left
        values, spare = spare, values
        width *= 2
    return found
