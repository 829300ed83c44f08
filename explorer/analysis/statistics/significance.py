"""Tests of differences between rates, with the task as the unit.

Sources: Boschloo 1970 (through SciPy); McNemar's exact test; the sign-flip permutation of per-task differences;
Benjamini and Hochberg 1995; Connor 1987 and the usual normal approximation for the number of tasks.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import stats

from explorer.analysis.statistics.intervals import Pairs, z_of

ALPHA = 0.05
POWER = 0.8
ALL_PATTERNS = 16
"""Up to so many tasks every pattern of signs is looked at."""
DRAWS = 9_999
LARGE_SIDE = 100
"""Above so many tasks a side Boschloo's test costs seconds; a permutation takes its place."""

FloatArray = npt.NDArray[np.float64]
_TIE = 1e-12


def boschloo(k1: int, n1: int, k2: int, n2: int) -> float:
    """Two-sided p of Boschloo's exact test for two independent groups; 1 where a group is empty."""
    if n1 == 0 or n2 == 0 or k1 + k2 in (0, n1 + n2):
        return 1.0
    found = stats.boschloo_exact([[k1, k2], [n1 - k1, n2 - k2]]).pvalue
    return min(1.0, float(found))


def mcnemar(pairs: Pairs) -> float:
    """Two-sided p of the exact McNemar test: a sign test on the tasks that answer differently."""
    differing = pairs.first_only + pairs.second_only
    if differing == 0:
        return 1.0
    return float(stats.binomtest(pairs.first_only, differing, 0.5).pvalue)


def sign_flip(differences: FloatArray, seed: int = 1, draws: int = DRAWS) -> float:
    """Two-sided p of the permutation that flips the sign of each task's difference.

    All patterns up to :data:`ALL_PATTERNS` tasks with a difference (p = share at least as extreme), else
    ``(1 + #extreme) / (draws + 1)``. Tasks without a difference change nothing and are left out.
    """
    moved = np.abs(differences[differences != 0]).astype(np.float64)
    observed = abs(float(differences.sum()))
    t = len(moved)
    if t == 0:
        return 1.0
    if t <= ALL_PATTERNS:
        patterns = np.arange(1 << t, dtype=np.int64)[:, None] >> np.arange(t) & 1
        sums = np.abs((1 - 2 * patterns) @ moved)
        return float(np.mean(sums >= observed - _TIE))
    random = np.random.default_rng(seed)
    extreme = 0
    for size in _batches(draws, t):
        signs = random.integers(0, 2, size=(size, t)) * 2 - 1
        extreme += int(np.sum(np.abs(signs @ moved) >= observed - _TIE))
    return (1 + extreme) / (draws + 1)


def shuffle_groups(first: FloatArray, second: FloatArray, seed: int = 1, draws: int = DRAWS) -> float:
    """Two-sided p of the permutation of whole tasks between two independent groups of task shares."""
    n1, n2 = len(first), len(second)
    if n1 == 0 or n2 == 0:
        return 1.0
    pooled = np.concatenate([first, second])
    total = float(pooled.sum())
    observed = abs(float(second.mean() - first.mean()))
    random = np.random.default_rng(seed)
    extreme = 0
    for size in _batches(draws, len(pooled)):
        chosen = random.permuted(np.broadcast_to(pooled, (size, len(pooled))), axis=1)[:, :n1].sum(axis=1)
        extreme += int(np.sum(np.abs((total - chosen) / n2 - chosen / n1) >= observed - _TIE))
    return (1 + extreme) / (draws + 1)


def benjamini_hochberg(p: FloatArray) -> FloatArray:
    """q-values in the order given; NaN stays NaN and is not counted."""
    q = np.full(len(p), np.nan)
    known = np.flatnonzero(~np.isnan(p))
    if len(known) == 0:
        return q
    order = known[np.argsort(p[known], kind="stable")]
    m = len(order)
    scaled = p[order] * m / np.arange(1, m + 1)
    q[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return q


def tasks_to_decide(p1: float, p2: float, *, alpha: float = ALPHA, power: float = POWER) -> int | None:
    """Tasks a side at which two independent groups with these true rates differ significantly with this power.

    Normal approximation; None where the rates are equal.
    """
    d = abs(p1 - p2)
    if d == 0:
        return None
    middle = (p1 + p2) / 2
    spread = z_of(1 - alpha) * math.sqrt(2 * middle * (1 - middle))
    reach = _reach(power) * math.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    return math.ceil(((spread + reach) / d) ** 2)


def shared_tasks_to_decide(differences: FloatArray, *, alpha: float = ALPHA, power: float = POWER) -> int | None:
    """Shared tasks at which a paired test decides, if the tasks to come are like these (Connor 1987).

    With yes/no answers the mean square of the differences is the share of tasks that answer differently.
    """
    d = abs(float(differences.mean())) if len(differences) else 0.0
    if d == 0:
        return None
    square = float(np.mean(differences**2))
    spread = z_of(1 - alpha) * math.sqrt(square)
    reach = _reach(power) * math.sqrt(max(square - d * d, 0.0))
    # With all differences alike the formula may fall below what any sign test can reach.
    return max(math.ceil(((spread + reach) / d) ** 2), math.ceil(1 - math.log2(alpha)))


def _reach(power: float) -> float:
    return float(stats.norm.ppf(power))


def _batches(draws: int, width: int) -> list[int]:
    size = max(1, min(draws, 2_000_000 // max(1, width)))
    return [min(size, draws - start) for start in range(0, draws, size)]
