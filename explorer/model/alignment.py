"""Pairs of trajectories and their step-by-step alignment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
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
