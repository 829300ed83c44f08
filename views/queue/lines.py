"""The queue's lines as arrays: entries in the order of risk, or under the headers of their groups. Knows no Qt."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from explorer.session.entries import Entries

IntArray = npt.NDArray[np.int64]


class Grouping(StrEnum):
    """What entries are gathered by."""

    NONE = "none"
    TASK = "task"
    EFFECT = "effect"
    CLUSTER = "same move"


@dataclass(frozen=True)
class Lines:
    """What the list shows: ``entry`` is the queue entry of each line, -1 at a header; ``group`` the number of its
    group (-1 without grouping). Groups are in the order of their riskiest entry; ``order`` holds all shown entries
    group by group and ``starts`` where each group begins in it."""

    entry: IntArray
    group: IntArray
    order: IntArray
    starts: IntArray

    def __len__(self) -> int:
        return len(self.entry)

    @property
    def n_groups(self) -> int:
        return max(len(self.starts) - 1, 0)

    def members(self, group: int) -> IntArray:
        """Entries of a group, the riskiest first, whether it is open or not."""
        return self.order[int(self.starts[group]) : int(self.starts[group + 1])]

    def line_of(self, entry: int) -> int:
        """The line of an entry, -1 if it is not shown."""
        found = np.flatnonzero(self.entry == entry)
        return int(found[0]) if len(found) else -1

    def group_of(self, entry: int) -> int:
        """The group that holds an entry, open or not; -1 if none does."""
        found = np.flatnonzero(self.order == entry)
        return int(np.searchsorted(self.starts, found[0], side="right")) - 1 if len(found) and self.n_groups else -1


NO_LINES = Lines(*(np.zeros(0, dtype=np.int64) for _ in range(4)))


def keys(entries: Entries, grouping: Grouping) -> npt.NDArray[np.int64] | None:
    """The group key of every entry, None without grouping."""
    if grouping is Grouping.TASK:
        return entries.task.codes.astype(np.int64)
    if grouping is Grouping.EFFECT:
        return entries.effect.codes.astype(np.int64)
    if grouping is Grouping.CLUSTER:
        return np.asarray(entries.cluster).astype(np.int64)
    return None


def build(visible: IntArray, key: npt.NDArray[np.int64] | None, closed: Collection[int] = ()) -> Lines:
    """Lines of the ``visible`` entries (ascending by rank); groups whose *key* is in ``closed`` show their header
    only."""
    if key is None or not len(visible):
        return Lines(visible, np.full(len(visible), -1, dtype=np.int64), visible, np.zeros(0, dtype=np.int64))
    mine = key[visible]
    found, first, inverse, counts = np.unique(mine, return_index=True, return_inverse=True, return_counts=True)
    by_risk = np.argsort(first, kind="stable")
    place = np.empty(len(found), dtype=np.int64)
    place[by_risk] = np.arange(len(found))
    group_of = place[inverse]
    order = visible[np.argsort(group_of, kind="stable")]
    sizes = counts[by_risk]
    starts = np.concatenate(([0], np.cumsum(sizes)))
    groups = np.repeat(np.arange(len(found)), sizes)
    # A header goes before the first entry of each group.
    entry = np.insert(order, starts[:-1], -1)
    group = np.insert(groups, starts[:-1], np.arange(len(found)))
    if closed:
        shut = np.isin(found[by_risk], list(closed))
        kept = (entry < 0) | ~shut[group]
        entry, group = entry[kept], group[kept]
    return Lines(entry, group, order, starts)
