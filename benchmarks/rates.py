"""Simulated coverage of the intervals and level of the tests, with several trials a task.

Run by hand:  python -m benchmarks.rates > benchmarks/rates.txt
"""

from __future__ import annotations

import time

import numpy as np
from scipy import stats

from benchmarks.made_up import MACHINE
from explorer.analysis.statistics.intervals import (
    Pairs,
    clustered_wilson,
    newcombe_paired,
    paired_shares_difference,
    wilson,
)
from explorer.analysis.statistics.significance import boschloo, mcnemar, shuffle_groups, sign_flip

ROUNDS = 2_000
RATES = (0.05, 0.1, 0.3, 0.5)


def task_rates(random: np.random.Generator, p: float, correlation: float, n: int) -> np.ndarray:
    """Beta-distributed rates of tasks with the given correlation within a task."""
    if correlation == 0:
        return np.full(n, p)
    spread = 1 / correlation - 1
    return random.beta(p * spread, (1 - p) * spread, n)


def bootstrap(random: np.random.Generator, shares: np.ndarray) -> tuple[float, float]:
    means = shares[random.integers(0, len(shares), (400, len(shares)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def coverage() -> None:
    print("\ncoverage at a nominal .95 (mean width), rates " + ", ".join(map(str, RATES)))
    print("  first the interval reported, with its design effect; for comparison boot = percentile bootstrap over")
    print("  tasks, pooled = Wilson of all trials as if they were independent")
    for n in (10, 20, 50):
        for trials in (3, 10):
            for correlation in (0.0, 0.2, 0.5, 0.9):
                line = f"  {n} tasks × {trials} trials, correlation {correlation}: "
                for p in RATES:
                    random = np.random.default_rng(1)
                    hits, width = np.zeros(3), 0.0
                    rounds = ROUNDS // 4
                    for _ in range(rounds):
                        shares = random.binomial(trials, task_rates(random, p, correlation, n)) / trials
                        ours = clustered_wilson(shares, np.full(n, float(trials)))
                        boot = bootstrap(random, shares)
                        pooled = wilson(shares.sum() * trials, n * trials)
                        hits += [low <= p <= high for low, high in (ours, boot, pooled)]
                        width += ours.high - ours.low
                    a, b, c = hits / rounds
                    line += f" {a:.3f} ({width / rounds:.2f}) boot {b:.2f} pooled {c:.2f} |"
                print(line)


def paired_coverage() -> None:
    print("\npaired difference, coverage at .95: 20 tasks, one trial (method 10) and three (shares)")
    for p1, p2 in ((0.1, 0.3), (0.3, 0.3)):
        for correlation in (0.0, 0.5):
            random = np.random.default_rng(2)
            hit = np.zeros(2)
            for _ in range(ROUNDS):
                # A shared normal makes a task easy or hard for both sides.
                shared = random.normal(size=20) * np.sqrt(correlation)
                rest = np.sqrt(1 - correlation)
                one = stats.norm.cdf((stats.norm.ppf(p1) - shared) / rest)
                two = stats.norm.cdf((stats.norm.ppf(p2) - shared) / rest)
                a, b = random.random(20) < one, random.random(20) < two
                pairs = Pairs(int((a & b).sum()), int((a & ~b).sum()), int((b & ~a).sum()), int((~a & ~b).sum()))
                first, second = random.binomial(3, one) / 3, random.binomial(3, two) / 3
                three = np.full(20, 3.0)
                found = (newcombe_paired(pairs), paired_shares_difference(first, second, three, three))
                hit += [low <= p2 - p1 <= high for low, high in found]
            print(f"  {p1}→{p2}, latent correlation {correlation}: {hit[0] / ROUNDS:.3f}, {hit[1] / ROUNDS:.3f}")


def level() -> None:
    print("\nrejections of a true null at .05: 20 tasks a side, 10 trials, correlation .5, rate .3")
    random = np.random.default_rng(3)
    rounds = ROUNDS // 2
    pooled = permuted = 0
    for _ in range(rounds):
        sides = [random.binomial(10, task_rates(random, 0.3, 0.5, 20)) for _ in range(2)]
        counts = [int(side.sum()) for side in sides]
        pooled += stats.fisher_exact([counts, [200 - count for count in counts]]).pvalue <= 0.05
        permuted += shuffle_groups(sides[0] / 10, sides[1] / 10, draws=499) <= 0.05
    print(f"  Fisher over pooled trials {pooled / rounds:.3f}; permutation of tasks {permuted / rounds:.3f}")
    flips = sum(
        sign_flip((random.binomial(3, rate) - random.binomial(3, rate)) / 3, draws=499) <= 0.05
        for rate in (task_rates(random, 0.3, 0.5, 20) for _ in range(rounds))
    )
    print(f"  sign flips over shared tasks, 3 trials: {flips / rounds:.3f}")
    print(f"  McNemar 9 of 10 differing: {mcnemar(Pairs(0, 9, 1, 10)):.4f}")


def main() -> None:
    print(MACHINE)
    some, many = boschloo(6, 20, 2, 20), boschloo(11, 20, 2, 20)
    print(f"Boschloo 6/20 against 2/20: p = {some:.4f}; 11/20 against 2/20: {many:.4f}")
    started = time.perf_counter()
    for _ in range(20):
        boschloo(6, 20, 2, 20)
    print(f"  {(time.perf_counter() - started) / 20 * 1000:.0f} ms each")
    coverage()
    paired_coverage()
    level()


if __name__ == "__main__":
    main()
