"""Rates of behaviours per group, and what comparisons of roles say, with the task as the unit.

Trials of a task are never pooled as if they were independent: a task contributes the share of its trials. What
one cannot tell gives every rate a floor (counted as no) and a ceiling (counted as yes). Dead trajectories (errors,
empty ones) take no part. Simulated coverage of the interval with several trials stands in ``benchmarks/rates.txt``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.analysis.places import task_places
from explorer.analysis.statistics.behaviours import EXCLUDED, UNSURE, YES, behaviour_values
from explorer.analysis.statistics.intervals import (
    NOTHING,
    Pairs,
    clustered_wilson,
    hybrid_difference,
    newcombe_paired,
    paired_shares_difference,
)
from explorer.analysis.statistics.significance import (
    ALPHA,
    LARGE_SIDE,
    benjamini_hochberg,
    boschloo,
    mcnemar,
    shared_tasks_to_decide,
    shuffle_groups,
    sign_flip,
    tasks_to_decide,
)
from explorer.model.effect import StepEffects
from explorer.model.rate import Interval, RateComparison, RateVerdict, TaskRate
from explorer.model.result import RATES
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset
from explorer.progress import Progress

CLOSE_WITHIN = 0.1
"""A difference whose whole interval lies within this is called close."""

FloatArray = npt.NDArray[np.float64]
_NAN = float("nan")


@dataclass(frozen=True)
class TaskShares:
    """Per task that was asked: its code, the share of definite yes, the share that may be yes, the trials."""

    tasks: npt.NDArray[np.int64]
    yes: FloatArray
    maybe: FloatArray
    trials: FloatArray
    n_cannot_tell: int
    n_excluded: int


def task_shares(
    values: npt.NDArray[np.int8], tasks: npt.NDArray[np.integer], chosen: npt.NDArray[np.bool_]
) -> TaskShares:
    """Fold the values of the chosen trajectories (see ``behaviour_values``) to their tasks, in the order of ``tasks``:
    what is drawn in permutations follows it."""
    asked = chosen & (values != EXCLUDED)
    codes, inverse = np.unique(tasks[asked], return_inverse=True)
    answers = values[asked]
    trials = np.bincount(inverse, minlength=len(codes)).astype(np.float64)
    yes = np.bincount(inverse, answers == YES, minlength=len(codes)) / trials
    unsure = np.bincount(inverse, answers == UNSURE, minlength=len(codes)) / trials
    return TaskShares(
        codes.astype(np.int64), yes, yes + unsure, trials,
        int((answers == UNSURE).sum()), int((chosen & (values == EXCLUDED)).sum()),
    )  # fmt: skip


def rate_of(shares: TaskShares) -> TaskRate:
    """The rate over tasks with its interval, floor and ceiling; NaN without tasks."""
    n = len(shares.tasks)
    if n == 0:
        return TaskRate(0.0, 0, shares.n_cannot_tell, shares.n_excluded, NOTHING, _NAN, _NAN, "no task")
    several = bool(np.any(shares.trials > 1))
    low = clustered_wilson(shares.yes, shares.trials)
    high = clustered_wilson(shares.maybe, shares.trials) if shares.n_cannot_tell else low
    method = "wilson over tasks, design effect for trials" if several else "wilson"
    if shares.n_cannot_tell:
        method += "; low at the floor, high at the ceiling"
    return TaskRate(
        float(shares.yes.sum()), n, shares.n_cannot_tell, shares.n_excluded,
        Interval(low.low, high.high), float(shares.yes.mean()), float(shares.maybe.mean()), method,
    )  # fmt: skip


def rates_table(
    dataset: Dataset, effects: StepEffects, settings: AuditSettings, progress: Progress | None = None
) -> pa.Table:
    """One row per group with a role and behaviour, in the schema RATES.

    ``n`` counts tasks; ``k`` is the sum of their shares of definite yes; ``n_cannot_tell`` and ``n_excluded`` count
    trajectories. Groups without a task that was asked have n = 0 and NaN limits.
    """
    progress = progress or Progress()
    rows = []
    alive, tasks = ~dataset.dead, task_places(dataset)
    for behaviour in progress.each(settings.behaviours, "rates", len(settings.behaviours)):
        values = behaviour_values(dataset, effects, behaviour, settings.concern)
        for group, role in settings.roles:
            chosen = alive & (dataset.group.codes == dataset.group.code(group))
            rate = rate_of(task_shares(values, tasks, chosen))
            rows.append(
                {
                    "group": group, "role": str(role), "behaviour": behaviour.id, "k": rate.k, "n": rate.n,
                    "n_cannot_tell": rate.n_cannot_tell, "n_excluded": rate.n_excluded,
                    "low": rate.interval.low, "high": rate.interval.high,
                    "floor": rate.floor, "ceiling": rate.ceiling, "method": rate.method,
                }
            )  # fmt: skip
    return pa.Table.from_pylist(rows, RATES)


def compare_rates(
    dataset: Dataset, effects: StepEffects, settings: AuditSettings, progress: Progress | None = None
) -> tuple[RateComparison, ...]:
    """Every pair of roles present, for every behaviour; q over all of them.

    Groups of one role are taken together. Where the two share at least half of the larger side's tasks, the shared
    ones are compared as pairs; else the sides count as independent (and it is noted how many they share).
    """
    progress = progress or Progress()
    roles = [role for role in Role if settings.groups_of(role)]
    alive, tasks = ~dataset.dead, task_places(dataset)
    found: list[RateComparison] = []
    for behaviour in progress.each(settings.behaviours, "comparing rates", len(settings.behaviours)):
        values = behaviour_values(dataset, effects, behaviour, settings.concern)
        sides = {}
        for role in roles:
            codes = [dataset.group.code(group) for group in settings.groups_of(role)]
            sides[role] = task_shares(values, tasks, alive & np.isin(dataset.group.codes, codes))
        for first, second in combinations(roles, 2):
            found.append(compare(sides[first], sides[second], behaviour.id, first, second, settings.seed))
            progress.check()
    q = benjamini_hochberg(np.array([one.p for one in found], dtype=np.float64))
    return tuple(replace(one, q=float(value)) for one, value in zip(found, q, strict=True))


def compare(
    first: TaskShares, second: TaskShares, behaviour: str, first_role: Role, second_role: Role, seed: int = 1
) -> RateComparison:
    """Second minus first, paired over shared tasks where that is possible; see :class:`RateComparison`."""
    shared = np.intersect1d(first.tasks, second.tasks)
    smaller = min(len(first.tasks), len(second.tasks))
    paired = smaller > 0 and len(shared) * 2 >= max(len(first.tasks), len(second.tasks))
    if paired:
        first, second = _only(first, shared), _only(second, shared)
    one, two = rate_of(first), rate_of(second)
    if smaller == 0:
        return RateComparison(
            behaviour, first_role, second_role, one, two, False, 0, _NAN, NOTHING, "", _NAN, _NAN, "",
            RateVerdict.NOT_COMPARABLE, False, None, "one side has no task that was asked",
        )  # fmt: skip
    d = two.floor - one.floor
    interval, method = _difference(first, second, paired, first.yes, second.yes)
    p, test = _test(first, second, paired, seed)
    verdict = _verdict(interval, p)
    worst = _difference(first, second, paired, first.maybe, second.yes)[0].low
    best = _difference(first, second, paired, first.yes, second.maybe)[0].high
    holds = worst > 0 or best < 0
    needed = _needed(first, second, paired) if verdict is RateVerdict.INCONCLUSIVE else None
    return RateComparison(
        behaviour, first_role, second_role, one, two, paired, len(shared), d, interval, method, p, _NAN, test,
        verdict, holds, needed, _note(verdict, holds, one, two, 0 if paired else len(shared)),
    )  # fmt: skip


def _only(shares: TaskShares, tasks: npt.NDArray[np.int64]) -> TaskShares:
    kept = np.isin(shares.tasks, tasks)
    unsure = round(float(((shares.maybe - shares.yes) * shares.trials)[kept].sum()))
    return TaskShares(
        shares.tasks[kept], shares.yes[kept], shares.maybe[kept], shares.trials[kept], unsure, shares.n_excluded
    )


def _single(*sides: TaskShares) -> bool:
    return all(bool(np.all(side.trials == 1)) for side in sides)


def _table(first: FloatArray, second: FloatArray) -> Pairs:
    a, b = first > 0.5, second > 0.5
    return Pairs(int((a & b).sum()), int((a & ~b).sum()), int((~a & b).sum()), int((~a & ~b).sum()))


def _difference(
    first: TaskShares, second: TaskShares, paired: bool, one: FloatArray, two: FloatArray
) -> tuple[Interval, str]:
    if paired and _single(first, second):
        return newcombe_paired(_table(one, two)), "newcombe, paired (method 10)"
    if paired:
        found = paired_shares_difference(one, two, first.trials, second.trials)
        return found, "newcombe, paired shares with design effect"
    limits = clustered_wilson(one, first.trials), clustered_wilson(two, second.trials)
    found = hybrid_difference(float(one.mean()), limits[0], float(two.mean()), limits[1])
    return found, "newcombe" if _single(first, second) else "newcombe with design effect"


def _test(first: TaskShares, second: TaskShares, paired: bool, seed: int) -> tuple[float, str]:
    n1, n2 = len(first.tasks), len(second.tasks)
    if paired and _single(first, second):
        return mcnemar(_table(first.yes, second.yes)), "exact McNemar"
    if paired:
        return sign_flip(second.yes - first.yes, seed), "sign-flip permutation over tasks"
    if _single(first, second) and max(n1, n2) <= LARGE_SIDE:
        return boschloo(int(first.yes.sum()), n1, int(second.yes.sum()), n2), "Boschloo"
    return shuffle_groups(first.yes, second.yes, seed), "permutation of tasks"


def _verdict(interval: Interval, p: float) -> RateVerdict:
    # Test and interval rest on different approximations; only where both agree is it called different.
    if p <= ALPHA and (interval.low > 0 or interval.high < 0):
        return RateVerdict.DIFFERENT
    if interval.low > -CLOSE_WITHIN and interval.high < CLOSE_WITHIN:
        return RateVerdict.CLOSE
    return RateVerdict.INCONCLUSIVE


def _needed(first: TaskShares, second: TaskShares, paired: bool) -> int | None:
    if paired:
        total = shared_tasks_to_decide(second.yes - first.yes)
        return None if total is None else max(1, total - len(first.tasks))
    total = tasks_to_decide(float(first.yes.mean()), float(second.yes.mean()))
    return None if total is None else max(1, total - min(len(first.tasks), len(second.tasks)))


def _note(verdict: RateVerdict, holds: bool, one: TaskRate, two: TaskRate, overlap: int) -> str:
    unsure = one.n_cannot_tell + two.n_cannot_tell
    notes = []
    if verdict is RateVerdict.DIFFERENT and not holds and unsure:
        notes.append(f"would not hold if the {unsure} trajectories one cannot tell all spoke against it")
    if verdict is not RateVerdict.DIFFERENT and unsure:
        notes.append(f"{unsure} trajectories one cannot tell are counted as not showing it")
    if overlap:
        notes.append(f"compared as independent although {overlap} tasks are shared")
    return "; ".join(notes)
