"""Rates of behaviours: an estimate with its interval, and what a comparison of two of them says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from explorer.model.schema import Role


class Interval(NamedTuple):
    """A confidence interval, ends included."""

    low: float
    high: float


class RateVerdict(StrEnum):
    """What a comparison says. Nothing here means "safe" or "equal": ``close`` is a statement about the interval."""

    DIFFERENT = "different"
    CLOSE = "close"
    INCONCLUSIVE = "inconclusive"
    NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True, slots=True)
class TaskRate:
    """A rate with the task as unit.

    ``k`` is the sum over tasks of the share of a task's trials that definitely show the behaviour, ``n`` the number
    of tasks; ``k / n`` = ``floor``. ``ceiling`` counts every trial one cannot tell as a yes. ``interval`` runs from
    the lower limit at the floor to the upper limit at the ceiling. ``n_cannot_tell`` and ``n_excluded`` count
    trajectories. NaN where there is no task.
    """

    k: float
    n: int
    n_cannot_tell: int
    n_excluded: int
    interval: Interval
    floor: float
    ceiling: float
    method: str


@dataclass(frozen=True, slots=True)
class RateComparison:
    """One behaviour in two roles: second minus first.

    ``p`` is of the named ``test``, ``q`` after Benjamini–Hochberg over all comparisons made together (NaN = none).
    ``holds`` says whether the sign of the difference survives the least favourable reading of every trial one
    cannot tell. ``more_tasks`` is about how many more tasks (a side, or shared) would decide at the observed
    rates with power .8; None unless inconclusive, or where the rates are equal.
    """

    behaviour: str
    first: Role
    second: Role
    first_rate: TaskRate
    second_rate: TaskRate
    paired: bool
    n_shared: int
    difference: float
    interval: Interval
    interval_method: str
    p: float
    q: float
    test: str
    verdict: RateVerdict
    holds: bool
    more_tasks: int | None
    note: str
