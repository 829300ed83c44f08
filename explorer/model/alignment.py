"""Pairs of trajectories and their step-by-step alignment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.model.trajectory import IntArray, OffsetArray


class Operation(StrEnum):
    """What an aligned row is. "pair" also covers student–baseline and the like: *teacher* is its first side."""

    MATCH = "match"
    SUBSTITUTE = "substitute"
    TEACHER_ONLY = "teacher_only"
    STUDENT_ONLY = "student_only"


OPERATIONS: tuple[Operation, ...] = tuple(Operation)


class FirstDifference(StrEnum):
    """In what two aligned steps differ at the first row that is no match: the first of these that applies."""

    ONE_SIDE = "one_side"
    """Only one side acts there."""
    OTHER_EFFECT = "other_effect"
    OTHER_TOOL = "other_tool"
    OTHER_ARGUMENTS = "other_arguments"
    """The same effect by the same tool, but the arguments (or the target, which is one of them) differ."""


FIRST_DIFFERENCES: tuple[FirstDifference, ...] = tuple(FirstDifference)


class Unpaired(NamedTuple):
    """A trajectory without a partner, and why."""

    trajectory: int
    reason: str


@dataclass(frozen=True)
class Pairing:
    """Which trajectories are compared: int32 rows of the trajectories table, one entry a pair.

    ``best`` marks, for each second-side trajectory with several candidate partners, the one it aligned best with;
    before alignment it is all False.
    """

    teacher: IntArray
    student: IntArray
    unpaired: tuple[Unpaired, ...] = ()

    def __len__(self) -> int:
        return len(self.teacher)


@dataclass(frozen=True)
class AlignmentSet:
    """Alignments of all pairs of a pairing, flat with offsets.

    Row ``r`` of pair ``p`` (``offsets[p] <= r < offsets[p + 1]``) holds the teacher's and the student's step
    *within its trajectory* (-1 = gap), the operation's code (position in :data:`OPERATIONS`) and the similarity
    in [0, 1] (NaN at gaps). Per pair: raw score, ``2·s(x,y)/(s(x,x)+s(y,y))``, z against shuffled pairs (NaN =
    not computed), agreement = matched rows / rows, ``approximate`` = banded.
    """

    pairing: Pairing
    offsets: OffsetArray
    teacher_step: IntArray
    student_step: IntArray
    operation: npt.NDArray[np.uint8]
    similarity: npt.NDArray[np.float32]
    score: npt.NDArray[np.float32]
    normalised: npt.NDArray[np.float32]
    z: npt.NDArray[np.float32]
    approximate: npt.NDArray[np.bool_]
    best: npt.NDArray[np.bool_]

    def rows(self, pair: int) -> range:
        return range(int(self.offsets[pair]), int(self.offsets[pair + 1]))


@dataclass(frozen=True)
class MultiAlignment:
    """One teacher and any number of other trajectories of a task, as columns with common rows.

    ``trajectories`` int32[columns], the teacher first; ``cells`` int32[rows, columns]: step within its trajectory, -1 =
    gap. Two steps of a row agree where a pair would show them as a match. bool[rows, columns]: ``common`` whether a
    column does the commonest thing of its row, ``alone`` whether it has a step there that agrees with nobody's,
    ``elsewhere`` whether another column does exactly the same in another row. ``approximate`` = one of the pairs was
    banded.
    """

    trajectories: IntArray
    cells: npt.NDArray[np.int32]
    common: npt.NDArray[np.bool_]
    alone: npt.NDArray[np.bool_]
    elsewhere: npt.NDArray[np.bool_]
    approximate: bool = False

    @property
    def agreeing(self) -> IntArray:
        """int32[rows]: how many columns do the commonest thing of the row."""
        return np.asarray(self.common.sum(axis=1, dtype=np.int32))

    @property
    def consensus(self) -> npt.NDArray[np.bool_]:
        """bool[rows]: more than half of the columns do the same."""
        return self.agreeing * 2 > len(self.trajectories)

    @property
    def unique(self) -> npt.NDArray[np.bool_]:
        """bool[rows, columns]: what no other column does, neither there nor anywhere else."""
        return self.alone & ~self.elsewhere


@dataclass(frozen=True)
class PrefixTree:
    """The trajectories of a task as a tree of actions; every node is one common beginning.

    Node 0 is the root (nothing done yet). Per node: ``parent`` (-1 for the root), ``depth`` (actions from the root),
    ``action`` (position in ``actions``, -1 for the root), ``counts`` int32[nodes, groups] trajectories that pass
    through, ``ends`` likewise that stop there, ``concern`` whether its action has an effect of concern, and
    ``subtree_concern`` whether it or anything below it has. ``step`` is the step row of the action in one of these
    trajectories (one with the effect of concern if there is any; -1 for the root). At the greatest depth ``beyond``
    says how many steps of the longest trajectory follow that are not told apart; their effects of concern count as
    the node's own. Children stand after their parents. ``groups`` are names, ``node`` int32 per trajectory of
    ``trajectories`` the node it ends in.
    """

    parent: IntArray
    depth: IntArray
    action: IntArray
    counts: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int32]
    concern: npt.NDArray[np.bool_]
    subtree_concern: npt.NDArray[np.bool_]
    step: npt.NDArray[np.int64]
    beyond: IntArray
    actions: tuple[str, ...]
    groups: tuple[str, ...]
    trajectories: IntArray
    node: IntArray

    def __len__(self) -> int:
        return len(self.parent)

    def children(self, node: int) -> IntArray:
        """The nodes right below one, those with most trajectories first."""
        order, starts = self._by_parent
        return order[starts[node] : starts[node + 1]]

    def through(self, node: int) -> IntArray:
        """The trajectories (rows of the trajectories table) that pass through a node."""
        at = self.node.copy()
        for _ in range(int(self.depth.max(initial=0)) - int(self.depth[node])):
            deeper = self.depth[at] > self.depth[node]
            if not deeper.any():
                break
            at[deeper] = self.parent[at[deeper]]
        found: IntArray = self.trajectories[at == node]
        return found

    @cached_property
    def _by_parent(self) -> tuple[IntArray, npt.NDArray[np.int64]]:
        """All nodes but the root by parent, of one parent those with most trajectories first; where each begins."""
        nodes = np.arange(len(self))
        order = np.lexsort((nodes, -self.counts.sum(axis=1), self.parent))[1:].astype(np.int32)
        return order, np.searchsorted(self.parent[order], np.arange(len(self) + 1))

    @property
    def partings(self) -> IntArray:
        """The nodes at which the groups part: at least two ways on, and not every group takes them in the same
        shares."""
        found = []
        n_children = np.bincount(self.parent[1:], minlength=len(self.parent))
        for node in np.flatnonzero(n_children > 1):
            below = self.counts[self.children(int(node))].astype(float)
            share = below / np.maximum(below.sum(axis=0, keepdims=True), 1)
            present = below.sum(axis=0) > 0
            if present.sum() > 1 and (np.ptp(share[:, present], axis=1) > 0).any():
                found.append(int(node))
        return np.array(found, np.int32)
