"""Tests of differences: published values, exactness, and that pooling is not done."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from explorer.analysis.statistics.intervals import Pairs
from explorer.analysis.statistics.significance import (
    benjamini_hochberg,
    boschloo,
    mcnemar,
    shared_tasks_to_decide,
    shuffle_groups,
    sign_flip,
    tasks_to_decide,
)


def enumerated_boschloo(a: int, b: int, n: int) -> float:
    """Boschloo's test from its definition: Fisher's p as statistic, the worst nuisance rate of a fine grid."""
    counts = np.arange(n + 1)
    fisher = np.array([[stats.fisher_exact([[x, y], [n - x, n - y]]).pvalue for y in counts] for x in counts])
    extreme = (fisher <= fisher[a, b] + 1e-12).astype(float)
    rates = np.linspace(0.001, 0.999, 999)
    mass = stats.binom.pmf(counts[None, :], n, rates[:, None])
    return float(np.einsum("pi,ij,pj->p", mass, extreme, mass).max())


def test_boschloo_takes_the_groups_and_not_the_answers_as_fixed() -> None:
    # With the table turned around SciPy gives .136 and .0026: a test of another design.
    assert boschloo(6, 20, 2, 20) == pytest.approx(enumerated_boschloo(6, 2, 20), abs=1e-4)
    assert boschloo(6, 20, 2, 20) == pytest.approx(0.1539, abs=5e-5)
    assert boschloo(11, 20, 2, 20) == pytest.approx(0.0024, abs=5e-5)
    assert boschloo(2, 20, 11, 20) == pytest.approx(boschloo(11, 20, 2, 20))


def test_boschloo_says_nothing_where_there_is_nothing_to_compare() -> None:
    assert boschloo(0, 20, 0, 20) == 1.0
    assert boschloo(20, 20, 20, 20) == 1.0
    assert boschloo(0, 0, 3, 20) == 1.0


def test_boschloo_has_power_that_fisher_lacks_and_keeps_the_level() -> None:
    """.30 against .05 at 20 a side: Fisher's power is .446."""
    p = {}
    for a in range(21):
        for b in range(a):
            fisher = stats.fisher_exact([[a, b], [20 - a, 20 - b]]).pvalue
            # Boschloo is uniformly more powerful: where Fisher rejects, so does it.
            p[a, b] = (fisher <= 0.05, fisher <= 0.05 or (fisher < 0.2 and boschloo(a, 20, b, 20) <= 0.05))

    def rejected(first: float, second: float, which: int) -> float:
        one, two = stats.binom.pmf(np.arange(21), 20, first), stats.binom.pmf(np.arange(21), 20, second)
        sides = sum((one[a] * two[b] + one[b] * two[a]) * bool(hit[which]) for (a, b), hit in p.items())
        return float(sides)

    assert rejected(0.3, 0.05, 0) == pytest.approx(0.446, abs=0.001)
    assert rejected(0.3, 0.05, 1) == pytest.approx(0.544, abs=0.001)
    assert all(rejected(rate, rate, 1) <= 0.05 for rate in np.linspace(0.02, 0.98, 33))


def test_mcnemar_is_a_sign_test_on_what_differs() -> None:
    assert mcnemar(Pairs(50, 0, 0, 50)) == 1.0
    assert mcnemar(Pairs(0, 6, 0, 0)) == pytest.approx(2 * 0.5**6)
    assert mcnemar(Pairs(3, 1, 9, 7)) == mcnemar(Pairs(0, 9, 1, 0)) == pytest.approx(22 / 1024)


def test_sign_flips_are_all_tried_for_few_tasks() -> None:
    differences = np.array([1.0, 1, 1, 1, 1, 1, 0, 0, 0])
    assert sign_flip(differences) == pytest.approx(2 * 0.5**6)
    assert sign_flip(np.zeros(7)) == 1.0
    assert sign_flip(np.array([])) == 1.0


def test_sampled_sign_flips_agree_with_the_exact_test() -> None:
    differences = np.array([1.0] * 14 + [-1.0] * 6)
    exact = mcnemar(Pairs(0, 6, 14, 0))
    assert sign_flip(differences, seed=3) == pytest.approx(exact, abs=0.01)
    assert sign_flip(differences, seed=3) == sign_flip(differences, seed=3)


def test_shuffled_groups_agree_with_an_exact_test() -> None:
    first, second = np.array([1.0] * 2 + [0.0] * 18), np.array([1.0] * 11 + [0.0] * 9)
    fisher = stats.fisher_exact([[2, 11], [18, 9]]).pvalue
    assert shuffle_groups(first, second) == pytest.approx(fisher, abs=0.002)
    assert shuffle_groups(first, first) > 0.9


def test_pooled_trials_would_reject_a_true_null_and_tasks_do_not() -> None:
    random = np.random.default_rng(4)
    pooled = by_task = 0
    rounds = 120
    for _ in range(rounds):
        shares = [random.binomial(10, random.beta(0.5, 0.5, 20)) / 10 for _ in range(2)]
        counts = [round(float(s.sum() * 10)) for s in shares]
        pooled += stats.fisher_exact([counts, [200 - c for c in counts]]).pvalue <= 0.05
        by_task += shuffle_groups(shares[0], shares[1], draws=499) <= 0.05
    assert pooled / rounds > 0.25
    assert by_task / rounds < 0.12


def test_benjamini_hochberg_follows_its_own_paper() -> None:
    # The fifteen p-values of Benjamini and Hochberg 1995, section 4: four are rejected at .05.
    small = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p = np.array([*small, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0])
    q = benjamini_hochberg(p)
    assert (q <= 0.05).sum() == 4
    assert q == pytest.approx(stats.false_discovery_control(p))
    shuffled = np.random.default_rng(0).permutation(len(p))
    assert benjamini_hochberg(p[shuffled]) == pytest.approx(q[shuffled])


def test_benjamini_hochberg_leaves_out_what_was_not_tested() -> None:
    q = benjamini_hochberg(np.array([0.01, np.nan, 0.04]))
    assert np.isnan(q[1])
    assert q[[0, 2]] == pytest.approx([0.02, 0.04])
    assert len(benjamini_hochberg(np.array([]))) == 0


def test_the_tasks_that_would_decide_have_the_power_promised() -> None:
    needed = tasks_to_decide(0.3, 0.05)
    assert needed is not None
    assert 30 <= needed <= 40
    random = np.random.default_rng(0)
    a, b = random.binomial(needed, 0.3, 300), random.binomial(needed, 0.05, 300)
    known: dict[tuple[int, int], float] = {}
    for pair in zip(a.tolist(), b.tolist(), strict=True):
        if pair not in known:
            known[pair] = boschloo(pair[0], needed, pair[1], needed)
    power = np.mean([known[pair] <= 0.05 for pair in zip(a.tolist(), b.tolist(), strict=True)])
    assert 0.7 <= power <= 0.9
    assert tasks_to_decide(0.2, 0.2) is None


def test_more_shared_tasks_are_asked_for_the_smaller_the_difference() -> None:
    large = shared_tasks_to_decide(np.array([1.0] * 6 + [0.0] * 14))
    small = shared_tasks_to_decide(np.array([1.0] * 6 + [-1.0] * 4 + [0.0] * 10))
    assert large is not None
    assert small is not None
    assert 6 <= large < 40 < small
    assert shared_tasks_to_decide(np.zeros(5)) is None
    assert shared_tasks_to_decide(np.array([])) is None
