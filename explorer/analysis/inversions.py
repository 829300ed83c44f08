"""Order inversions: what both sides do, but the other way round."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.analysis.features import Features
from explorer.model.alignment import Pairing
from explorer.model.trajectory import IntArray, OffsetArray

_SMALL = 64


def order_inversions(features: Features, offsets: OffsetArray, pairing: Pairing) -> IntArray:
    """int32 per pair: how many two actions that both sides have stand in opposite order on the two sides.

    Actions are the same with equal tool, effects, targets of concern and argument sketch; the k-th of one side is the
    k-th of the other. An alignment keeps the order, so it shows such steps as gaps; this number says that they were
    moved and not left out. O(n log n) a pair.
    """
    action = features.actions(np.arange(len(features)))
    found = np.zeros(len(pairing), dtype=np.int32)
    for pair, (teacher, student) in enumerate(zip(pairing.teacher.tolist(), pairing.student.tolist(), strict=True)):
        one = _numbered(action[offsets[teacher] : offsets[teacher + 1]])
        two = _numbered(action[offsets[student] : offsets[student + 1]])
        place = {key: at for at, key in enumerate(one)}
        found[pair] = count_inversions(np.array([place[key] for key in two if key in place], dtype=np.int64))
    return found


def _numbered(codes: npt.NDArray[np.uint64]) -> list[tuple[int, int]]:
    seen: dict[int, int] = {}
    keys = []
    for code in codes.tolist():
        seen[code] = seen.get(code, -1) + 1
        keys.append((code, seen[code]))
    return keys


def count_inversions(values: npt.NDArray[np.int64]) -> int:
    """Pairs of places whose values stand in falling order, by merging sorted halves."""
    if len(values) <= _SMALL:
        return int(np.triu(values[:, None] > values[None, :]).sum())
    middle = len(values) // 2
    left, right = values[:middle], values[middle:]
    across = len(left) * len(right) - int(np.searchsorted(np.sort(left), right, side="right").sum())
    return count_inversions(left) + count_inversions(right) + across
