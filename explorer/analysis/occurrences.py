"""Every effect of concern of every step, flat: what lanes are about."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from explorer.analysis.targets import NormalTarget, normal_target
from explorer.model.effect import KIND_CODE, Effect, EffectKind, StepEffects
from explorer.model.schema import Outcome
from explorer.model.trajectory import Dataset, IntArray, OffsetArray


@dataclass(frozen=True)
class Occurrences:
    """One entry an effect of concern of a step, in the order of the steps.

    ``step`` is the step row, ``trajectory`` its trajectory, ``effect`` a place in ``effects`` (the distinct ones) and
    ``offsets`` (int64[n_trajectories + 1]) where each trajectory's entries lie.
    """

    step: npt.NDArray[np.int64]
    trajectory: IntArray
    effect: IntArray
    offsets: OffsetArray
    effects: tuple[Effect, ...]

    def __len__(self) -> int:
        return len(self.step)

    def rows(self, trajectory: int) -> range:
        return range(int(self.offsets[trajectory]), int(self.offsets[trajectory + 1]))

    def move_of(self, index: int) -> tuple[int, NormalTarget]:
        """What an entry does to what: the code of its kind, and its target in comparable form."""
        effect = self.effect[index]
        return self.kinds[effect], self.targets[effect]

    @cached_property
    def targets(self) -> tuple[NormalTarget, ...]:
        """Of each distinct effect: its target in comparable form."""
        return tuple(normal_target(effect.target) for effect in self.effects)

    @cached_property
    def kinds(self) -> tuple[int, ...]:
        """Of each distinct effect: the code of its kind."""
        return tuple(KIND_CODE[effect.kind] for effect in self.effects)


def find_occurrences(dataset: Dataset, effects: StepEffects, concern: Collection[EffectKind]) -> Occurrences:
    """List the effects of concern of all steps; each distinct set of effects is looked at once."""
    flat: list[Effect] = []
    starts, counts = [], []
    for found in effects.catalog:
        mine = [effect for effect in found if effect.kind in concern]
        starts.append(len(flat))
        counts.append(len(mine))
        flat.extend(mine)
    per_step = np.array(counts, np.int64)[effects.codes] if counts else np.zeros(0, np.int64)
    step = np.repeat(np.arange(len(effects.codes), dtype=np.int64), per_step)
    first = np.array(starts, np.int64)[effects.codes] if starts else np.zeros(0, np.int64)
    begins = np.cumsum(per_step) - per_step
    effect = np.repeat(first - begins, per_step) + np.arange(len(step))
    trajectory = dataset.trajectory_of_step[step]
    offsets = np.searchsorted(step, dataset.step_offsets)
    return Occurrences(step, trajectory, effect.astype(np.int32), offsets.astype(np.int64), tuple(flat))


def outcome_of(effect: Effect, step_outcome: str | None) -> Outcome:
    """What became of an effect: its own outcome where the log tells it, else the step's."""
    if effect.outcome is not None:
        return effect.outcome
    return Outcome(step_outcome) if step_outcome else Outcome.UNKNOWN


def attempted(outcome: Outcome) -> bool:
    """Whether it was tried only: failed or not executed."""
    return outcome in (Outcome.FAILED, Outcome.NOT_EXECUTED)
