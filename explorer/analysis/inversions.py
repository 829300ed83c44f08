"""Order inversions: what both sides do, but the other way round."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from explorer.analysis.features import Features
from explorer.model.alignment import Pairing
from explorer.model.trajectory import IntArray, OffsetArray
from explorer.progress import Progress

_CHUNK = 4_096


def order_inversions(
    features: Features, offsets: OffsetArray, pairing: Pairing, progress: Progress | None = None
) -> npt.NDArray[np.int64]:
    """int64 per pair: how many two actions that both sides have stand in opposite order on the two sides.

    Actions are the same with equal tool, effects, targets of concern and argument sketch; the k-th of one side is the
    k-th of the other. An alignment keeps the order, so it shows such steps as gaps; this number says that they were
    moved and not left out. O(n log n) a pair, after one sort of all steps.
    """
    progress = progress or Progress()
    keys, places = _sorted_actions(features.actions(np.arange(len(features))), offsets)
    found = np.zeros(len(pairing), dtype=np.int64)
    progress.stage("order of actions", len(pairing))
    for start in range(0, len(pairing), _CHUNK):
        progress.at(start)
        part = slice(start, start + _CHUNK)
        _count_pairs(keys, places, offsets, pairing.teacher[part], pairing.student[part], found[part])
    progress.at(len(pairing))
    return found


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
