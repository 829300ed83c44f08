"""Confidence intervals for proportions and their differences.

Counts may be fractional: with several trials a task, ``k`` is a sum of shares. Sources: Wilson 1927; Clopper and
Pearson 1934; Newcombe 1998 (hybrid score intervals, method 10 for independent and for paired proportions);
Donner and Zou 2012 (the same recipe with any correlation); Korn and Graubard 1998 (effective sample size with its
own uncertainty).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from explorer.model.rate import Interval

LEVEL = 0.95
NOTHING = Interval(float("nan"), float("nan"))

FloatArray = npt.NDArray[np.float64]


class Pairs(NamedTuple):
    """A 2×2 table of paired yes/no answers: both, only the first, only the second, neither."""

    both: int
    first_only: int
    second_only: int
    neither: int

    @property
    def n(self) -> int:
        return self.both + self.first_only + self.second_only + self.neither


def z_of(level: float = LEVEL) -> float:
    """The two-sided standard normal quantile (1.959964 at .95)."""
    return float(stats.norm.ppf(0.5 + level / 2))


def wilson(k: float, n: float, level: float = LEVEL) -> Interval:
    """Wilson's score interval of ``k`` out of ``n``; NaN without observations."""
    if n <= 0:
        return NOTHING
    z, p = z_of(level), min(max(k / n, 0.0), 1.0)
    middle = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low = 0.0 if p == 0 else max(0.0, (middle - half) / scale)
    high = 1.0 if p == 1 else min(1.0, (middle + half) / scale)
    return Interval(low, high)


def clopper_pearson(k: float, n: float, level: float = LEVEL) -> Interval:
    """The "strict" interval: coverage never below the level, for counts."""
    if n <= 0:
        return NOTHING
    tail = (1 - level) / 2
    low = 0.0 if k <= 0 else float(stats.beta.ppf(tail, k, n - k + 1))
    high = 1.0 if k >= n else float(stats.beta.ppf(1 - tail, k + 1, n - k))
    return Interval(low, high)


def effective_tasks(shares: FloatArray, trials: FloatArray, level: float = LEVEL) -> float:
    """How many independent yes/no answers a mean of task shares is worth.

    ``shares`` are the per-task shares of yes, ``trials`` how many trials each stands on. With one trial a task it
    is the number of tasks. Otherwise ``p(1−p)`` over the variance of the mean estimated from the spread between
    tasks, reduced for the uncertainty of that spread (Korn–Graubard: squared ratio of the normal to the t
    quantile), never above the number of trials, and never below the number of tasks' worth of answers reduced the
    same way. Where all shares are equal (0 of everything) the spread says nothing about the correlation within a
    task; then tasks, not trials, are counted.
    """
    n = len(shares)
    if n == 0:
        return 0.0
    if n == 1 or bool(np.all(trials <= 1)):
        return float(n)
    p = float(shares.mean())
    spread = float(shares.var(ddof=1))
    if spread <= 0 or p <= 0 or p >= 1:
        return float(n)
    ratio = (z_of(level) / float(stats.t.ppf(0.5 + level / 2, n - 1))) ** 2
    return float(min(max(n * p * (1 - p) / spread, n) * ratio, trials.sum()))


def clustered_wilson(shares: FloatArray, trials: FloatArray, level: float = LEVEL) -> Interval:
    """Wilson's interval of the mean of task shares with a design effect; see :func:`effective_tasks`."""
    if len(shares) == 0:
        return NOTHING
    effective = effective_tasks(shares, trials, level)
    return wilson(float(shares.mean()) * effective, effective, level)


def hybrid_difference(
    first: float, first_limits: Interval, second: float, second_limits: Interval, correlation: float = 0.0
) -> Interval:
    """Newcombe's hybrid: an interval of ``second − first`` from each side's own interval.

    ``correlation`` between the two estimates is 0 for independent groups (method 10 of the unpaired paper) and the
    phi coefficient for paired answers (method 10 of the paired one).
    """
    below, above = second - second_limits.low, second_limits.high - second
    under, over = first - first_limits.low, first_limits.high - first
    low = below * below + over * over - 2 * correlation * below * over
    high = above * above + under * under - 2 * correlation * above * under
    d = second - first
    return Interval(max(-1.0, d - math.sqrt(max(low, 0.0))), min(1.0, d + math.sqrt(max(high, 0.0))))


def newcombe_difference(k1: float, n1: float, k2: float, n2: float, level: float = LEVEL) -> Interval:
    """Interval of ``k2/n2 − k1/n1`` for independent groups (hybrid score, without continuity correction)."""
    if n1 <= 0 or n2 <= 0:
        return NOTHING
    return hybrid_difference(k1 / n1, wilson(k1, n1, level), k2 / n2, wilson(k2, n2, level))


def newcombe_paired(pairs: Pairs, level: float = LEVEL) -> Interval:
    """Interval of ``second − first`` for paired answers (Newcombe's method 10, phi corrected for continuity)."""
    n = pairs.n
    if n <= 0:
        return NOTHING
    first, second = pairs.both + pairs.first_only, pairs.both + pairs.second_only
    return hybrid_difference(
        first / n, wilson(first, n, level), second / n, wilson(second, n, level), corrected_phi(pairs)
    )


def corrected_phi(pairs: Pairs) -> float:
    """Newcombe's phi: 0 where a margin is empty, its numerator lowered by n/2 where it is positive (not below 0)."""
    first, second = pairs.both + pairs.first_only, pairs.both + pairs.second_only
    margins = float(first) * (pairs.n - first) * second * (pairs.n - second)
    if margins <= 0:
        return 0.0
    product = float(pairs.both * pairs.neither - pairs.first_only * pairs.second_only)
    if product > 0:
        product = max(product - pairs.n / 2, 0.0)
    return product / math.sqrt(margins)


def paired_shares_difference(
    first: FloatArray, second: FloatArray, first_trials: FloatArray, second_trials: FloatArray, level: float = LEVEL
) -> Interval:
    """Interval of the mean difference of task shares over the same tasks, several trials each.

    The hybrid of the two clustered Wilson intervals with the correlation of the shares; a positive correlation is
    shrunk by one standard error, as method 10 shrinks phi, since it narrows the interval.
    """
    n = len(first)
    if n == 0:
        return NOTHING
    correlation = 0.0
    if n > 2 and first.std() > 0 and second.std() > 0:
        correlation = float(np.corrcoef(first, second)[0, 1])
        if correlation > 0:
            correlation = max(0.0, correlation - (1 - correlation**2) / math.sqrt(n - 1))
    return hybrid_difference(
        float(first.mean()), clustered_wilson(first, first_trials, level),
        float(second.mean()), clustered_wilson(second, second_trials, level), correlation,
    )  # fmt: skip
