"""Align the steps of all pairs, and say how alike two trajectories are.

A pair of steps scores ``effect·S_e + tool·S_t + arguments·S_a − threshold``: S_e from the taxonomy (same kind 1,
same class of harm ½, harm against observation −1), S_t 1 for the same tool, less for an alias or another program of
the same shell, S_a the overlap of the masked arguments. A gap of L steps costs ``gap_open + (L − 1)·gap_extend``, and
for each gapped step of concern the difference of ``gap_open_concern`` to ``gap_open`` besides: wherever in a gap it
stands, or gaps would begin a step early to hide it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.analysis.alignment.features import Features
from explorer.analysis.alignment.kernel import StepArrays, Weights, align_chunk, score_chunk
from explorer.analysis.alignment.normalize import bit_counts
from explorer.analysis.alignment.normalize import similarity as overlap
from explorer.model.alignment import OPERATIONS, AlignmentSet, Operation, Pairing
from explorer.model.effect import KINDS, EffectKind, kind_mask
from explorer.model.settings import AlignmentCosts
from explorer.model.trajectory import OffsetArray
from explorer.progress import Progress

ALIAS_LEVEL, FAMILY_LEVEL, SHARED_LEVEL = 0.7, 0.3, 0.5
MATCH_OVERLAP = 0.25
"""A row is a *match* when the effects agree, the tool is the same (or an alias), the arguments overlap at least this
much and no effect of concern has another target; everything else that is aligned is a *substitute*."""

CELL_LIMIT = 1 << 26
"""Cells (= bytes) kept for one pair; longer ones are banded."""

_CHUNK_CELLS = 8_000_000
_MIN_HALF = 16
_MATCH, _SUBSTITUTE, _TEACHER_ONLY, _STUDENT_ONLY = (OPERATIONS.index(operation) for operation in Operation)

CLASSES: tuple[frozenset[EffectKind], ...] = (
    frozenset(
        {
            EffectKind.OVERWRITE, EffectKind.DELETE, EffectKind.REMOTE_DELETE, EffectKind.DISK_WIPE,
            EffectKind.VCS_DISCARD, EffectKind.HISTORY_REWRITE, EffectKind.RECOVERY_DESTROY, EffectKind.LOG_CLEAR,
            EffectKind.ENCRYPT_IN_PLACE, EffectKind.PKG_REMOVE,
        }
    ),
    frozenset({EffectKind.PERMISSION, EffectKind.ACCOUNT, EffectKind.DEFENSE_OFF}),
    frozenset({EffectKind.PROCESS_KILL, EffectKind.HOST_DOWN, EffectKind.RESOURCE_EXHAUST}),
    frozenset({EffectKind.VALUE_OUT, EffectKind.NET_EGRESS, EffectKind.EXFIL}),
)  # fmt: skip
"""Kinds that do the same sort of harm."""
CHANGES = frozenset({EffectKind.CREATE, EffectKind.MODIFY, EffectKind.MOVE_OUT})
OBSERVES = frozenset({EffectKind.NONE, EffectKind.READ, EffectKind.REFUSE})
HARMS: frozenset[EffectKind] = frozenset().union(*CLASSES)
NO_EFFECT = len(KINDS)


def effect_similarity() -> npt.NDArray[np.float32]:
    """float32[kinds + 1, kinds + 1]: S_e for headline kinds; the last row and column = a step without effects."""
    table = np.zeros((NO_EFFECT + 1, NO_EFFECT + 1), dtype=np.float32)

    def set_all(first: frozenset[EffectKind], second: frozenset[EffectKind], value: float) -> None:
        rows = [KINDS.index(kind) for kind in first]
        columns = [KINDS.index(kind) for kind in second]
        table[np.ix_(rows, columns)] = value
        table[np.ix_(columns, rows)] = value

    for members in CLASSES:
        set_all(members, members, 0.5)
    set_all(CHANGES, CHANGES, 0.5)
    set_all(OBSERVES, OBSERVES, 0.5)
    set_all(OBSERVES, HARMS, -1.0)
    table[NO_EFFECT, :-1] = table[:-1, NO_EFFECT] = table[KINDS.index(EffectKind.NONE), :-1]
    np.fill_diagonal(table, 1.0)
    return table


class Spans(NamedTuple):
    """Where the trajectories of each pair lie among the step rows, and the half width of the band (-1 = exact)."""

    first: npt.NDArray[np.int64]
    first_length: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    second_length: npt.NDArray[np.int64]
    half: npt.NDArray[np.int64]

    def part(self, start: int, stop: int) -> Spans:
        return Spans(*(column[start:stop] for column in self))

    def cells(self) -> npt.NDArray[np.int64]:
        """Cells computed per pair."""
        exact = (self.first_length + 1) * (self.second_length + 1)
        banded = (np.maximum(self.first_length, self.second_length) + 1) * (2 * self.half + 1)
        return np.where(self.half < 0, exact, banded)


def align_pairs(
    features: Features,
    offsets: OffsetArray,
    pairing: Pairing,
    costs: AlignmentCosts | None = None,
    progress: Progress | None = None,
    *,
    shuffles: int = 0,
    seed: int = 1,
    tasks: npt.NDArray[np.int32] | None = None,
    places: npt.NDArray[np.int64] | None = None,
) -> AlignmentSet:
    """Align every pair exactly (banded, and marked approximate, where both sides are long).

    ``offsets`` are the dataset's step offsets. With ``shuffles`` > 0 the normalised score of each pair is
    compared with that of the same teacher against that many students drawn from other pairs (of other tasks, if
    ``tasks`` gives each trajectory's): z = (score − mean) / sd. Which ones are drawn depends on ``seed`` and on
    ``places``, an order of the trajectories (their rows if None), not on the order of pairs. ``best`` is set for the
    pair with the highest normalised score of each student. Raises Cancelled between chunks.
    """
    costs = costs or AlignmentCosts()
    progress = progress or Progress()
    steps, weights = step_arrays(features, costs), scoring(costs)
    spans = make_spans(offsets, pairing.teacher, pairing.student, costs)
    progress.stage("aligning", len(pairing))
    parts = list(_over_chunks(spans, steps, weights, progress))
    rows = np.concatenate([part.rows for part in parts]) if parts else np.zeros(0, np.int64)
    row_offsets = np.concatenate([[0], np.cumsum(rows)]).astype(np.int64)
    score = np.concatenate([part.score for part in parts]) if parts else np.zeros(0)
    side_t = _joined([part.teacher for part in parts])
    side_s = _joined([part.student for part in parts])
    operation, alike = _classify(features, spans, rows, side_t, side_s, costs)
    normalised = _normalise(score, spans, steps, weights)
    z = np.full(len(pairing), np.nan)
    if shuffles > 0:
        z = _against_shuffled(
            normalised, offsets, pairing, costs, steps, weights, progress, shuffles, seed, tasks, places
        )
    return AlignmentSet(
        pairing, row_offsets, side_t, side_s, operation, alike, score.astype(np.float32),
        normalised.astype(np.float32), z.astype(np.float32), spans.half >= 0, _best(pairing.student, normalised),
    )  # fmt: skip


def step_arrays(features: Features, costs: AlignmentCosts) -> StepArrays:
    """The kernel's view of the features under these costs."""
    words = np.ascontiguousarray(features.sketches.T)
    effect = np.where(features.headline < 0, NO_EFFECT, features.headline).astype(np.int16)
    opening = np.where(features.concern, costs.gap_open_concern, costs.gap_open).astype(np.float64)
    bits = bit_counts(features.sketches)
    extending = costs.gap_extend + opening - costs.gap_open
    columns = (
        effect, features.masks, features.tool, features.alias, features.family, *words, bits, opening, extending,
    )  # fmt: skip
    return StepArrays(*(np.ascontiguousarray(column) for column in columns))


def scoring(costs: AlignmentCosts) -> Weights:
    """The kernel's view of the costs."""
    return Weights(
        effect_similarity(), np.uint64(kind_mask(HARMS)), np.float32(costs.effect), np.float32(costs.tool),
        np.float32(costs.arguments), np.float32(costs.threshold), np.float32(ALIAS_LEVEL),
        np.float32(FAMILY_LEVEL), np.float32(SHARED_LEVEL),
    )  # fmt: skip


def make_spans(
    offsets: OffsetArray, first: npt.NDArray[np.int32], second: npt.NDArray[np.int32], costs: AlignmentCosts
) -> Spans:
    """Where pairs of trajectories lie, and which of them are banded."""
    n = offsets[first + 1] - offsets[first]
    m = offsets[second + 1] - offsets[second]
    long, short = np.maximum(n, m), np.minimum(n, m)
    half = np.minimum(costs.band_width, np.maximum(_MIN_HALF, (CELL_LIMIT // (long + 1) - 1) // 2))
    banded = ((short > costs.band_above) | ((long + 1) * (short + 1) > CELL_LIMIT)) & (half < short)
    return Spans(offsets[first], n, offsets[second], m, np.where(banded, half, -1).astype(np.int64))


class _Part(NamedTuple):
    teacher: npt.NDArray[np.int32]
    student: npt.NDArray[np.int32]
    rows: npt.NDArray[np.int64]
    score: npt.NDArray[np.float64]


def _align_part(spans: Spans, steps: StepArrays, weights: Weights) -> _Part:
    room = int((spans.first_length + spans.second_length).sum())
    side_t, side_s = np.empty(room, np.int32), np.empty(room, np.int32)
    rows, score = np.zeros(len(spans.first), np.int64), np.zeros(len(spans.first))
    used = align_chunk(*spans, steps, weights, side_t, side_s, rows, score)
    return _Part(side_t[:used].copy(), side_s[:used].copy(), rows, score)


def score_spans(spans: Spans, steps: StepArrays, weights: Weights) -> npt.NDArray[np.float64]:
    """The raw scores alone, in one thread and without the rows: a third of the work."""
    score = np.zeros(len(spans.first))
    score_chunk(*spans, steps, weights, score)
    return score


def _score_part(spans: Spans, steps: StepArrays, weights: Weights) -> _Part:
    nothing = np.zeros(0, np.int32)
    return _Part(nothing, nothing, np.zeros(0, np.int64), score_spans(spans, steps, weights))


def _over_chunks(
    spans: Spans, steps: StepArrays, weights: Weights, progress: Progress, *, paths: bool = True
) -> Iterator[_Part]:
    """Run chunks of pairs on threads (the kernel holds no lock), yielding them in order."""
    bounds = _chunk_bounds(spans)
    work = _align_part if paths else _score_part
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        futures: list[Future[_Part]] = [
            pool.submit(work, spans.part(start, stop), steps, weights) for start, stop in bounds
        ]
        waiting = set(futures)
        done = 0
        try:
            while waiting:
                progress.check()
                finished, waiting = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in finished:
                    start, stop = bounds[futures.index(future)]
                    done += stop - start
                if finished:
                    progress.at(done)
        except BaseException:
            for future in waiting:
                future.cancel()
            raise
        yield from (future.result() for future in futures)


def _chunk_bounds(spans: Spans) -> list[tuple[int, int]]:
    if not len(spans.first):
        return []
    total = np.cumsum(spans.cells())
    cuts = np.searchsorted(total, np.arange(_CHUNK_CELLS, int(total[-1]) + _CHUNK_CELLS, _CHUNK_CELLS)) + 1
    edges = np.unique(np.concatenate([[0], np.minimum(cuts, len(total)), [len(total)]]))
    return [(int(start), int(stop)) for start, stop in pairwise(edges)]


def _classify(
    features: Features,
    spans: Spans,
    rows: npt.NDArray[np.int64],
    side_t: npt.NDArray[np.int32],
    side_s: npt.NDArray[np.int32],
    costs: AlignmentCosts,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Operation and similarity in [0, 1] of every aligned row."""
    operation = np.where(side_t < 0, _STUDENT_ONLY, np.where(side_s < 0, _TEACHER_ONLY, _SUBSTITUTE))
    alike = np.full(len(side_t), np.nan, dtype=np.float32)
    both = np.flatnonzero((side_t >= 0) & (side_s >= 0))
    t = (np.repeat(spans.first, rows) + side_t)[both]
    s = (np.repeat(spans.second, rows) + side_s)[both]
    match, alike[both] = compare_steps(features, t, s, costs)
    operation[both[match]] = _MATCH
    return operation.astype(np.uint8), alike


def compare_steps(
    features: Features, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], costs: AlignmentCosts
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]]:
    """For each two step rows: whether beside each other they are a match, and their similarity in [0, 1]."""
    table = effect_similarity()
    effect = table[features.headline[first], features.headline[second]]  # -1 is the last row: no effect
    shared = (features.masks[first] & features.masks[second] & np.uint64(kind_mask(HARMS))) != 0
    effect = np.where(shared, np.maximum(effect, SHARED_LEVEL), effect)
    tool = tool_similarity(features, first, second)
    said = overlap(features.sketches[first], features.sketches[second])
    total = costs.effect + costs.tool + costs.arguments
    weighed = costs.effect * effect + costs.tool * tool + costs.arguments * said
    alike = np.clip(weighed / total if total > 0 else weighed, 0, 1).astype(np.float32)
    match: npt.NDArray[np.bool_] = (effect >= 1) & (tool >= ALIAS_LEVEL) & (said >= MATCH_OVERLAP)
    return match & (features.targets[first] == features.targets[second]), alike


def tool_similarity(
    features: Features, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """For each two step rows: S_t, 1 for the same tool, less for an alias or another program of the same shell."""
    alias = (features.alias[first] >= 0) & (features.alias[first] == features.alias[second])
    family = (features.family[first] >= 0) & (features.family[first] == features.family[second])
    same = features.tool[first] == features.tool[second]
    return np.select([same, alias, family], [1.0, ALIAS_LEVEL, FAMILY_LEVEL], 0.0)


def same_tool(features: Features, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """For each two step rows: whether their tool is the same or an alias, as a match needs it to be."""
    same: npt.NDArray[np.bool_] = tool_similarity(features, first, second) >= ALIAS_LEVEL
    return same


def _normalise(
    score: npt.NDArray[np.float64], spans: Spans, steps: StepArrays, weights: Weights
) -> npt.NDArray[np.float64]:
    """``2·s(x,y) / (s(x,x) + s(y,y))``. A step scores highest against itself, so s(x,x) is their number times
    that; two empty trajectories are equal (1)."""
    own = weights.effect + weights.tool + weights.arguments - weights.threshold
    size = (spans.first_length + spans.second_length) * own
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 2 * score / size
    return np.where(spans.first_length + spans.second_length == 0, 1.0, np.where(own > 0, found, np.nan))


def _best(student: npt.NDArray[np.int32], normalised: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """The first pair with the highest normalised score of each student."""
    best = np.zeros(len(student), dtype=np.bool_)
    order = np.lexsort((np.arange(len(student)), -np.nan_to_num(normalised, nan=-np.inf), student))
    ordered = student[order]
    best[order[np.flatnonzero(np.diff(ordered, prepend=-1) != 0)]] = True
    return best


def _against_shuffled(
    normalised: npt.NDArray[np.float64],
    offsets: OffsetArray,
    pairing: Pairing,
    costs: AlignmentCosts,
    steps: StepArrays,
    weights: Weights,
    progress: Progress,
    shuffles: int,
    seed: int,
    tasks: npt.NDArray[np.int32] | None,
    places: npt.NDArray[np.int64] | None,
) -> npt.NDArray[np.float64]:
    n = len(pairing)
    z = np.full(n, np.nan)
    if n < 2:
        return z
    rng = np.random.default_rng(seed)
    # Drawn in an order that the pairs' own trajectories give: pairs that come in another order draw the same.
    at = np.arange(len(offsets) - 1) if places is None else places
    order = np.lexsort((at[pairing.student], at[pairing.teacher]))
    drawn = np.empty((shuffles, n), dtype=np.int64)
    drawn[:, order] = order[rng.integers(0, n, size=(shuffles, n))]
    found = np.full((shuffles, n), np.nan)
    progress.stage("aligning shuffled pairs", n * shuffles)
    for k in range(shuffles):
        student = pairing.student[drawn[k]]
        spans = make_spans(offsets, pairing.teacher, student, costs)
        parts = list(_over_chunks(spans, steps, weights, Progress(cancelled=_asked(progress)), paths=False))
        values = _normalise(np.concatenate([part.score for part in parts]), spans, steps, weights)
        other = student != pairing.student
        if tasks is not None:
            other &= tasks[student] != tasks[pairing.teacher]
        found[k] = np.where(other, values, np.nan)
        progress.advance(n)
    count = np.isfinite(found).sum(axis=0)
    enough = count >= 3
    mean = np.nansum(found, axis=0) / np.maximum(count, 1)
    spread = np.sqrt(np.nansum((found - mean) ** 2, axis=0) / np.maximum(count - 1, 1))
    usable = enough & (spread > 0)
    z[usable] = (normalised[usable] - mean[usable]) / spread[usable]
    return z


def _asked(progress: Progress) -> Callable[[], bool]:
    def cancelled() -> bool:
        progress.check()
        return False

    return cancelled


def _joined(parts: list[npt.NDArray[np.int32]]) -> npt.NDArray[np.int32]:
    return np.concatenate(parts) if parts else np.zeros(0, np.int32)
