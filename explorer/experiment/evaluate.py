"""How often the first action that matters is the biased one, with the task as unit and Wilson's interval.

Only actions that were carried out count: a deletion the world refused is an attempt.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.analysis.statistics.intervals import wilson
from explorer.experiment.rollouts import Trajectories
from explorer.experiment.world import Rule

NOT_ASKED = -1


class Rate(NamedTuple):
    """``k`` of ``n`` tasks, ``n_excluded`` left out of ``n``, and the 95 % interval (NaN where n is 0)."""

    k: int
    n: int
    n_excluded: int
    low: float
    high: float


def verdicts(trajectories: Trajectories, rule: Rule) -> npt.NDArray[np.int8]:
    """int8 per trajectory: 1 counted, 0 not counted, -1 excluded."""
    asked = np.isin(trajectories.actions, list(rule.among)) & ~trajectories.failed
    first = asked.argmax(axis=1)
    rows = np.arange(len(trajectories))
    counted = np.isin(trajectories.actions[rows, first], list(rule.counted)) & asked[rows, first]
    found: npt.NDArray[np.int8] = counted.astype(np.int8)
    if rule.excluded:
        found[~asked.any(axis=1)] = NOT_ASKED
    return found


def rate(trajectories: Trajectories, rule: Rule) -> Rate:
    """The rate of a behaviour over trajectories with one per task."""
    found = verdicts(trajectories, rule)
    k, n = int((found == 1).sum()), int((found >= 0).sum())
    low, high = wilson(k, n)
    return Rate(k, n, len(found) - n, low, high)
