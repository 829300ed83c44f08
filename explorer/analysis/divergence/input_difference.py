"""Where what the two sides were *told* first differs: after that, a divergence may be the environment's doing."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyarrow as pa

from explorer.analysis.divergence.comparable import digest, same_call
from explorer.analysis.divergence.lanes import PairRows
from explorer.model.effect import EffectKind, StepEffects, kind_mask
from explorer.model.schema import Speaker
from explorer.model.trajectory import Dataset

_MAX_READS = 2_000
_DIGESTS = 20_000
_OBSERVES = np.uint64(kind_mask({EffectKind.READ, EffectKind.NONE}))


class InputDifference:
    """Finds the first row of a pair before which the two sides were told different things."""

    def __init__(self, dataset: Dataset, effects: StepEffects) -> None:
        self._dataset = dataset
        self._observes = ((effects.masks & ~_OBSERVES) == 0) & (effects.masks != 0)
        self._said = lru_cache(maxsize=64)(self._read_said)
        # A result of a teacher meets those of all its students: it is read and masked once.
        self._digest = lru_cache(maxsize=_DIGESTS)(self._digest_of)
        self._arguments = dataset.steps["arguments"]
        self._observations = dataset.steps["observation"]

    def first_row(self, teacher: int, student: int, rows: PairRows) -> int | None:
        """The first row of the pair that follows a difference of input; None if none is seen.

        Compared are what user and system said, turn by turn, and the results of aligned steps that only observe
        and were called with the same arguments; both whole, but for what a machine makes up anew each time (see
        :mod:`explorer.analysis.divergence.comparable`).
        """
        found = [
            row
            for row in (self._turns(teacher, student, rows), self._results(teacher, student, rows))
            if row is not None
        ]
        return min(found, default=None)

    def _turns(self, teacher: int, student: int, rows: PairRows) -> int | None:
        first, second = self._said(teacher), self._said(student)
        n = len(rows.teacher_step)
        for place in range(max(len(first), len(second))):
            one = first[place] if place < len(first) else None
            two = second[place] if place < len(second) else None
            if one is not None and two is not None and one[1] == two[1] and _same(one[2], two[2]):
                continue
            places = [
                _row_of(row_of, turn[0], n)
                for row_of, turn in ((rows.row_of_teacher, one), (rows.row_of_student, two))
                if turn is not None
            ]
            return min(max(places), n - 1) if n else None
        return None

    def _results(self, teacher: int, student: int, rows: PairRows) -> int | None:
        start_t, start_s = int(self._dataset.step_offsets[teacher]), int(self._dataset.step_offsets[student])
        aligned = np.flatnonzero((rows.teacher_step >= 0) & (rows.student_step >= 0))
        t, s = rows.teacher_step[aligned] + start_t, rows.student_step[aligned] + start_s
        both = np.flatnonzero(self._observes[t] & self._observes[s])[:_MAX_READS]
        for place in both:
            one, two = int(t[place]), int(s[place])
            if not same_call(_text(self._arguments, one), _text(self._arguments, two)):
                continue
            first, second = _text(self._observations, one), _text(self._observations, two)
            if first is None or second is None or first == second or self._digest(one) == self._digest(two):
                continue
            row = int(aligned[place]) + 1
            return row if row < len(rows.teacher_step) else None
        return None

    def _digest_of(self, row: int) -> bytes:
        return digest(_text(self._observations, row) or "")

    def _read_said(self, trajectory: int) -> list[tuple[int, str, str]]:
        return [
            (turn.before_step, turn.speaker, turn.text)
            for turn in self._dataset.turns_of(trajectory)
            if turn.speaker in (Speaker.USER, Speaker.SYSTEM)
        ]


def _row_of(row_of: np.ndarray, step: int, n: int) -> int:
    return int(row_of[step]) if step < len(row_of) else n


def _text(column: pa.ChunkedArray, row: int) -> str | None:
    value: str | None = column[row].as_py()
    return value


def _same(first: str, second: str) -> bool:
    return first == second or digest(first) == digest(second)
