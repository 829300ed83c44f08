"""Gotoh's affine-gap global alignment, compiled, over many pairs of trajectories.

O. Gotoh, "An improved algorithm for matching biological sequences", J. Mol. Biol. 162 (1982) 705–708.
Scores live in two rows of three states; one byte a cell holds where each state came from. A gap costs the opening at
its first step and the extension at each further one (both may differ from step to step); a gap on one side may follow
a gap on the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

NO_CELLS = -1.0e30
_FROM_MATCH, _FROM_TEACHER, _FROM_STUDENT = 0, 1, 2


class StepArrays(NamedTuple):
    """Columns of all steps, addressed by step row: see :class:`explorer.analysis.alignment.features.Features`.
    ``sketch0`` … ``sketch3`` are the four words of the sketches, ``bits`` their number of set bits and ``opening`` the
    cost of a gap that begins at the step,
    ``extending`` of one that goes on over it."""

    effect: npt.NDArray[np.int16]
    masks: npt.NDArray[np.uint64]
    tool: npt.NDArray[np.int32]
    alias: npt.NDArray[np.int32]
    family: npt.NDArray[np.int32]
    sketch0: npt.NDArray[np.uint64]
    sketch1: npt.NDArray[np.uint64]
    sketch2: npt.NDArray[np.uint64]
    sketch3: npt.NDArray[np.uint64]
    bits: npt.NDArray[np.int32]
    opening: npt.NDArray[np.float64]
    extending: npt.NDArray[np.float64]


class States(NamedTuple):
    """One row of scores: the path so far ends in an aligned pair, in a gap of the second side, of the first."""

    match: npt.NDArray[np.float64]
    first: npt.NDArray[np.float64]
    second: npt.NDArray[np.float64]


class Weights(NamedTuple):
    """Scalars of the scoring, and the table of effect similarities (float32[kinds + 1, kinds + 1])."""

    effects: npt.NDArray[np.float32]
    harmful: np.uint64
    effect: np.float32
    tool: np.float32
    arguments: np.float32
    threshold: np.float32
    alias_level: np.float32
    family_level: np.float32
    shared_level: np.float32


@intrinsic
def _ctpop(typing_context: Any, value: Any) -> Any:
    """Number of set bits of a uint64, as the machine's own instruction."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        found = builder.ctpop(args[0])
        return builder.trunc(found, ir.IntType(32))

    return types.int32(types.uint64), generate


_popcount: Callable[[np.uint64], int] = cast(Any, _ctpop)


@njit(nogil=True, cache=True)
def _steps_of(s: StepArrays, start: int, stop: int) -> StepArrays:
    """The columns of one trajectory, so that loops over it begin at 0 (which lets them become vector code)."""
    return StepArrays(
        s.effect[start:stop], s.masks[start:stop], s.tool[start:stop], s.alias[start:stop], s.family[start:stop],
        s.sketch0[start:stop], s.sketch1[start:stop], s.sketch2[start:stop], s.sketch3[start:stop],
        s.bits[start:stop], s.opening[start:stop], s.extending[start:stop],
    )  # fmt: skip


@njit(nogil=True, cache=True)
def _from(states: States, low: int) -> States:
    """The row from column ``low`` on."""
    return States(states.match[low:], states.first[low:], states.second[low:])


@njit(nogil=True, cache=True)
def _score_row(s: StepArrays, i: int, o: StepArrays, w: Weights, scores: npt.NDArray[np.float32]) -> None:
    """Scores of step ``i`` of ``s`` against every step of ``o``, into ``scores[1:]``.

    Three loops without branches: a compiler checks only a few arrays for overlap before it gives up on vectors.
    """
    count = len(o.bits)
    word0, word1, word2, word3 = s.sketch0[i], s.sketch1[i], s.sketch2[i], s.sketch3[i]
    own_bits = s.bits[i]
    for j in range(count):
        shared = (
            _popcount(word0 & o.sketch0[j])
            + _popcount(word1 & o.sketch1[j])
            + _popcount(word2 & o.sketch2[j])
            + _popcount(word3 & o.sketch3[j])
        )
        size = own_bits + o.bits[j]
        said = np.float32(2 * shared) / np.float32(max(size, np.int32(1)))
        scores[j + 1] = w.arguments * (np.float32(1.0) if size == 0 else said) - w.threshold
    tool = s.tool[i]
    # -1 = none equals nothing: on this side it becomes a code that no step has.
    alias = s.alias[i] if s.alias[i] >= 0 else np.int32(-2)
    family = s.family[i] if s.family[i] >= 0 else np.int32(-2)
    for j in range(count):
        named = w.family_level if family == o.family[j] else np.float32(0.0)
        named = w.alias_level if alias == o.alias[j] else named
        named = np.float32(1.0) if tool == o.tool[j] else named
        scores[j + 1] += w.tool * named
    table = w.effects[s.effect[i]]
    mask = s.masks[i] & w.harmful
    for j in range(count):
        level = w.shared_level if (mask & o.masks[j]) != 0 else np.float32(-2.0)
        scores[j + 1] += w.effect * max(table[o.effect[j]], level)


@njit(nogil=True, cache=True)
def _advance_row(
    before: States,
    now: States,
    scores: npt.NDArray[np.float32],
    opening: npt.NDArray[np.float64],
    extending: npt.NDArray[np.float64],
    opens: npt.NDArray[np.float64],
    way: npt.NDArray[np.uint8],
    opening_a: float,
    extending_a: float,
    count: int,
) -> None:
    """One row of the recurrence for ``count`` columns; place j + 1 of the states is column j."""
    bm, ba, bb = before.match, before.first, before.second
    nm, na = now.match, now.first
    for j in range(count):
        value = max(bm[j], ba[j])
        origin = np.uint8(_FROM_TEACHER) if ba[j] > bm[j] else np.uint8(_FROM_MATCH)
        origin = np.uint8(_FROM_STUDENT) if bb[j] > value else origin
        nm[j + 1] = max(value, bb[j]) + scores[j]
        value = max(bm[j + 1], bb[j + 1]) + opening_a
        came = np.uint8(_FROM_STUDENT << 2) if bb[j + 1] > bm[j + 1] else np.uint8(0)
        longer = ba[j + 1] + extending_a
        came = np.uint8(_FROM_TEACHER << 2) if longer > value else came
        na[j + 1] = max(value, longer)
        way[j] = origin | came
    _close_row(now, opening, extending, opens, way, count)


@njit(nogil=True, cache=True)
def _close_row(
    now: States,
    opening: npt.NDArray[np.float64],
    extending: npt.NDArray[np.float64],
    opens: npt.NDArray[np.float64],
    way: npt.NDArray[np.uint8],
    count: int,
) -> None:
    """The state that depends on the column to the left, kept apart because it alone is serial."""
    nm, na, nb = now.match, now.first, now.second
    for j in range(count - 1):
        opens[j] = max(nm[j + 1], na[j + 1]) + opening[j]
        way[j + 1] |= np.uint8(_FROM_TEACHER << 4) if na[j + 1] > nm[j + 1] else np.uint8(0)
    last = NO_CELLS
    nb[1] = last
    for j in range(count - 1):
        last = max(opens[j], last + extending[j])
        nb[j + 2] = last
    for j in range(count - 1):
        longer = np.uint8(15) & way[j + 1] | np.uint8(_FROM_STUDENT << 4)
        way[j + 1] = longer if nb[j + 2] > opens[j] else way[j + 1]


@njit(nogil=True, cache=True)
def _fill(
    a: StepArrays, b: StepArrays, half: int, w: Weights, trace: npt.NDArray[np.uint8], keep: bool
) -> tuple[float, int]:
    """Best score of aligning the steps ``a`` with ``b``, and the state it ends in.

    ``half`` < 0: every cell; else only cells within ``half`` of the line from corner to corner (a is the longer).
    With ``keep`` the origins go to ``trace`` (row i at ``i · width``).
    """
    n, m = len(a.bits), len(b.bits)
    width = m + 1 if half < 0 else 2 * half + 1
    before = States(np.full(m + 3, NO_CELLS), np.full(m + 3, NO_CELLS), np.full(m + 3, NO_CELLS))
    now = States(np.full(m + 3, NO_CELLS), np.full(m + 3, NO_CELLS), np.full(m + 3, NO_CELLS))
    scores = np.zeros(m + 1, dtype=np.float32)
    opens = np.empty(m + 1)
    way = np.zeros(m + 1, dtype=np.uint8)
    high = m if half < 0 else min(m, half)
    now.match[1] = 0.0
    _close_row(now, b.opening, b.extending, opens, way, high + 1)
    if keep:
        trace[max(half, 0) : max(half, 0) + high + 1] = way[: high + 1]
    even, odd = now, before
    for i in range(1, n + 1):
        if half < 0:
            _score_row(a, i - 1, b, w, scores)
            if keep:
                way = trace[i * width : (i + 1) * width]
            # Written out twice: exchanging the two rows costs as much as filling a short one.
            if i & 1:
                _advance_row(
                    even, odd, scores, b.opening, b.extending, opens, way, a.opening[i - 1], a.extending[i - 1], m + 1
                )
            else:
                _advance_row(
                    odd, even, scores, b.opening, b.extending, opens, way, a.opening[i - 1], a.extending[i - 1], m + 1
                )
            continue
        before, now = (even, odd) if i & 1 else (odd, even)
        centre = (i * m) // n
        low, high = max(0, centre - half), min(m, centre + half)
        left = max(0, low - 1)
        _score_row(a, i - 1, _steps_of(b, left, high), w, scores[left:])
        if keep:
            place = i * width - (centre - half) + low
            way = trace[place : place + high + 1 - low]
        # The column that has left the band must not be read back from two rows ago.
        now.match[low] = now.first[low] = now.second[low] = NO_CELLS
        _advance_row(
            _from(before, low), _from(now, low), scores[low:], b.opening[low:], b.extending[low:], opens, way,
            a.opening[i - 1], a.extending[i - 1], high + 1 - low,
        )  # fmt: skip
    now = odd if n & 1 else even
    state, value = _FROM_MATCH, now.match[m + 1]
    if now.first[m + 1] > value:
        state, value = _FROM_TEACHER, now.first[m + 1]
    if now.second[m + 1] > value:
        state, value = _FROM_STUDENT, now.second[m + 1]
    return value, state


@njit(nogil=True, cache=True)
def _walk_back(
    n: int,
    m: int,
    half: int,
    state: int,
    trace: npt.NDArray[np.uint8],
    end: int,
    side_a: npt.NDArray[np.int32],
    side_b: npt.NDArray[np.int32],
) -> int:
    """Write the path so that it ends before ``end``; returns its number of rows."""
    width = m + 1 if half < 0 else 2 * half + 1
    i, j, place = n, m, end
    while i > 0 or j > 0:
        base = 0 if half < 0 else (i * m) // n - half
        came = trace[i * width - base + j]
        place -= 1
        if state == _FROM_MATCH:
            i -= 1
            j -= 1
            side_a[place] = i
            side_b[place] = j
            state = came & 3
        elif state == _FROM_TEACHER:
            i -= 1
            side_a[place] = i
            side_b[place] = -1
            state = (came >> 2) & 3
        else:
            j -= 1
            side_a[place] = -1
            side_b[place] = j
            state = (came >> 4) & 3
    return end - place


@njit(nogil=True, cache=True)
def align_chunk(
    first: npt.NDArray[np.int64],
    first_length: npt.NDArray[np.int64],
    second: npt.NDArray[np.int64],
    second_length: npt.NDArray[np.int64],
    half: npt.NDArray[np.int64],
    s: StepArrays,
    w: Weights,
    side_a: npt.NDArray[np.int32],
    side_b: npt.NDArray[np.int32],
    rows: npt.NDArray[np.int64],
    score: npt.NDArray[np.float64],
) -> int:
    """Align each pair of a chunk; paths are packed one after another; returns their total number of rows.

    ``first``/``second`` are step rows where the two trajectories begin. A negative ``half`` is exact.
    """
    largest = 1
    for p in range(len(first)):
        n, m = first_length[p], second_length[p]
        cells = (n + 1) * (m + 1) if half[p] < 0 else (max(n, m) + 1) * (2 * half[p] + 1)
        largest = max(largest, cells)
    trace = np.empty(largest, dtype=np.uint8)
    used = 0
    for p in range(len(first)):
        n, m = first_length[p], second_length[p]
        end = used + n + m
        # A banded alignment runs along the longer side, so that the band moves by at most one cell a row.
        a, b = _steps_of(s, first[p], first[p] + n), _steps_of(s, second[p], second[p] + m)
        if half[p] >= 0 and m > n:
            value, state = _fill(b, a, half[p], w, trace, True)
            count = _walk_back(m, n, half[p], state, trace, end, side_b, side_a)
        else:
            value, state = _fill(a, b, half[p], w, trace, True)
            count = _walk_back(n, m, half[p], state, trace, end, side_a, side_b)
        for k in range(count):
            side_a[used + k] = side_a[end - count + k]
            side_b[used + k] = side_b[end - count + k]
        rows[p] = count
        score[p] = value
        used += count
    return used


@njit(nogil=True, cache=True)
def score_chunk(
    first: npt.NDArray[np.int64],
    first_length: npt.NDArray[np.int64],
    second: npt.NDArray[np.int64],
    second_length: npt.NDArray[np.int64],
    half: npt.NDArray[np.int64],
    s: StepArrays,
    w: Weights,
    score: npt.NDArray[np.float64],
) -> None:
    """The scores of :func:`align_chunk` without the paths."""
    nothing = np.empty(1, dtype=np.uint8)
    for p in range(len(first)):
        n, m = first_length[p], second_length[p]
        a, b = _steps_of(s, first[p], first[p] + n), _steps_of(s, second[p], second[p] + m)
        if half[p] >= 0 and m > n:
            score[p] = _fill(b, a, half[p], w, nothing, False)[0]
        else:
            score[p] = _fill(a, b, half[p], w, nothing, False)[0]
