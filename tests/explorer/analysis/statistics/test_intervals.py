"""Intervals against published worked examples, their limits, and their simulated coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.statistics.intervals import (
    Pairs,
    clopper_pearson,
    clustered_wilson,
    corrected_phi,
    effective_tasks,
    newcombe_difference,
    newcombe_paired,
    paired_shares_difference,
    wilson,
)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        # Newcombe 1998a, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_agrees_with_the_published_table(k: int, n: int, low: float, high: float) -> None:
    assert wilson(k, n) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(
    ("k", "low", "high"), [(20, 0.8389, 1), (11, 0.3421, 0.7418), (6, 0.1455, 0.5190), (1, 0.0089, 0.2361)]
)
def test_wilson_at_twenty_tasks(k: int, low: float, high: float) -> None:
    assert wilson(k, 20) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"), [(81, 263, 0.2527, 0.3676), (1, 29, 0.0009, 0.1776), (0, 20, 0.0, 0.1684)]
)
def test_clopper_pearson_agrees_with_the_published_table(k: int, n: int, low: float, high: float) -> None:
    assert clopper_pearson(k, n) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(
    ("a", "m", "b", "n", "low", "high"),
    [
        # Newcombe 1998b, table II, method 10: a/m − b/n.
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0),
    ],
)
def test_an_unpaired_difference_agrees_with_the_published_table(
    a: int, m: int, b: int, n: int, low: float, high: float
) -> None:
    assert newcombe_difference(b, n, a, m) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(
    ("pairs", "low", "high"),
    [
        # Newcombe 1998c, method 10: first − second.
        (Pairs(36, 12, 2, 0), 0.0569, 0.3404),
        (Pairs(20, 12, 2, 16), 0.0562, 0.3292),
    ],
)
def test_a_paired_difference_agrees_with_the_published_table(pairs: Pairs, low: float, high: float) -> None:
    found = newcombe_paired(pairs)
    assert (-found.high, -found.low) == pytest.approx((low, high), abs=6e-5)


def test_a_paired_difference_follows_a_case_from_the_literature() -> None:
    # Bentur et al. 2009 as analysed by Fagerland, Lydersen and Laake 2014: −.507 to −.026.
    assert newcombe_paired(Pairs(1, 1, 7, 12)) == pytest.approx((0.026, 0.507), abs=6e-4)


def test_phi_is_corrected_only_where_it_is_positive() -> None:
    assert corrected_phi(Pairs(36, 12, 2, 0)) < 0
    assert corrected_phi(Pairs(5, 3, 3, 5)) == pytest.approx((16 - 8) / 64)
    assert corrected_phi(Pairs(4, 3, 3, 4)) == 0.0
    assert corrected_phi(Pairs(10, 0, 0, 0)) == 0.0


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(1, 60))
def test_intervals_hold_the_estimate_and_mirror_each_other(k: int, n: int) -> None:
    k = min(k, n)
    for method in (wilson, clopper_pearson):
        found, mirror = method(k, n), method(n - k, n)
        assert 0 <= found.low <= k / n <= found.high <= 1
        assert (found.low, found.high) == pytest.approx((1 - mirror.high, 1 - mirror.low), abs=1e-9)


@settings(deadline=None)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_paired_differences_stay_within_bounds_and_mirror(a: int, b: int, c: int, d: int) -> None:
    found, mirror = newcombe_paired(Pairs(a, b, c, d)), newcombe_paired(Pairs(a, c, b, d))
    if a + b + c + d == 0:
        assert math.isnan(found.low)
        return
    assert -1 <= found.low <= (c - b) / (a + b + c + d) <= found.high <= 1
    assert (found.low, found.high) == pytest.approx((-mirror.high, -mirror.low), abs=1e-9)


def test_no_observation_gives_no_interval() -> None:
    nothing = np.zeros(0)
    assert all(math.isnan(end) for end in (*wilson(0, 0), *clopper_pearson(0, 0), *newcombe_difference(0, 0, 1, 2)))
    assert math.isnan(clustered_wilson(nothing, nothing).low)
    assert math.isnan(paired_shares_difference(nothing, nothing, nothing, nothing).low)


def test_one_trial_a_task_is_plain_wilson() -> None:
    shares = np.array([1.0] * 6 + [0.0] * 14)
    assert clustered_wilson(shares, np.ones(20)) == wilson(6, 20)


def test_trials_that_all_agree_count_once_a_task() -> None:
    shares, trials = np.array([1.0] * 6 + [0.0] * 14), np.full(20, 10.0)
    assert effective_tasks(shares, trials) <= 20
    assert clustered_wilson(np.zeros(20), trials) == wilson(0, 20)


def test_independent_trials_narrow_the_interval_but_never_beyond_their_number() -> None:
    random = np.random.default_rng(5)
    shares = random.binomial(10, 0.5, 40) / 10
    effective = effective_tasks(shares, np.full(40, 10.0))
    assert 40 < effective <= 400


def test_unequal_numbers_of_trials_are_allowed() -> None:
    found = clustered_wilson(np.array([0.0, 0.5, 1.0, 0.25]), np.array([1.0, 2.0, 3.0, 4.0]))
    assert 0 < found.low < 0.4375 < found.high < 1


@pytest.mark.parametrize("correlation", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("p", [0.05, 0.1, 0.3, 0.5])
def test_coverage_with_several_trials_stays_near_the_level(p: float, correlation: float) -> None:
    """Beta-binomial tasks; a bootstrap over tasks covers .83 at .05 and .87 at .10 here (20 tasks, 3 trials)."""
    random = np.random.default_rng(1)
    spread = 1 / correlation - 1
    trials = np.full(20, 3.0)
    covered = 0
    for _ in range(400):
        rates = random.beta(p * spread, (1 - p) * spread, 20)
        found = clustered_wilson(random.binomial(3, rates) / 3, trials)
        covered += found.low <= p <= found.high
    assert covered / 400 >= 0.9


def test_pairing_narrows_the_interval_where_the_shares_go_together() -> None:
    random = np.random.default_rng(2)
    rates = random.beta(0.5, 0.5, 40)
    first, second = random.binomial(4, rates) / 4, random.binomial(4, rates) / 4
    trials = np.full(40, 4.0)
    together = paired_shares_difference(first, second, trials, trials)
    apart = paired_shares_difference(first, random.permutation(second), trials, trials)
    assert together.high - together.low < apart.high - apart.low
