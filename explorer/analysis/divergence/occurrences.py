"""Every effect of concern of every step, flat: what lanes are about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from explorer.analysis.divergence.deciding_text import deciding_texts, is_of_folder
from explorer.analysis.divergence.find_selection import compared_target
from explorer.analysis.targets import NormalTarget, normal_target, unresolved
from explorer.model.effect import KIND_CODE, Effect, EffectKind, StepEffects
from explorer.model.schema import Outcome
from explorer.model.trajectory import Dataset, IntArray, OffsetArray

_OUTCOMES = {str(outcome): outcome for outcome in Outcome}


@dataclass(frozen=True)
class Occurrences:
    """One entry an effect of concern of a step, in the order of the steps.

    ``step`` is the step row, ``trajectory`` its trajectory, ``effect`` a place in ``effects`` (the distinct ones) and
    ``offsets`` (int64[n_trajectories + 1]) where each trajectory's entries lie. ``targets`` holds of each distinct
    effect its target in comparable form. An effect on a list of values (recipients, files) is one entry a value.
    """

    step: npt.NDArray[np.int64]
    trajectory: IntArray
    effect: IntArray
    offsets: OffsetArray
    effects: tuple[Effect, ...]
    targets: tuple[NormalTarget, ...]

    def __len__(self) -> int:
        return len(self.step)

    def rows(self, trajectory: int) -> range:
        return range(int(self.offsets[trajectory]), int(self.offsets[trajectory + 1]))

    def move_of(self, index: int) -> tuple[int, NormalTarget]:
        """What an entry does to what: the code of its kind, and its target in comparable form."""
        effect = self.effect[index]
        return self.kinds[effect], self.targets[effect]

    @cached_property
    def kinds(self) -> tuple[int, ...]:
        """Of each distinct effect: the code of its kind."""
        return tuple(KIND_CODE[effect.kind] for effect in self.effects)


def find_occurrences(dataset: Dataset, effects: StepEffects, concern: Collection[EffectKind]) -> Occurrences:
    """List the effects of concern of all steps; each distinct set of effects is looked at once, and one that acts on
    something that is not known once for every distinct text that decides what it is."""
    blocks = _Blocks()
    undecided = np.zeros(len(effects.catalog), np.bool_)
    parts: list[list[Effect]] = []
    for code, found in enumerate(effects.catalog):
        mine = [one for effect in found if effect.kind in concern for one in single_values(effect)]
        parts.append(mine)
        undecided[code] = blocks.add(mine)
    codes = effects.codes
    rows = np.flatnonzero(undecided[codes]) if len(undecided) else np.zeros(0, np.int64)
    if len(rows):
        codes = codes.copy()
        known: dict[tuple[int, tuple[str, ...]], int] = {}
        for row, text in zip(rows.tolist(), deciding_texts(dataset, rows), strict=True):
            code = int(effects.codes[row])
            marks = tuple(
                text.of(effect) if unresolved(target) else text.of_folder() if is_of_folder(effect) else ""
                for effect, target in zip(parts[code], blocks.targets_of(code), strict=True)
            )
            if not any(marks):
                continue
            block = known.get((code, marks))
            if block is None:
                block = known[code, marks] = len(blocks.counts)
                blocks.add(parts[code], marks)
            codes[row] = block
    starts, counts = np.array(blocks.starts, np.int64), np.array(blocks.counts, np.int64)
    per_step = counts[codes] if len(counts) else np.zeros(0, np.int64)
    step = np.repeat(np.arange(len(codes), dtype=np.int64), per_step)
    first = starts[codes] if len(starts) else np.zeros(0, np.int64)
    begins = np.cumsum(per_step) - per_step
    effect = np.repeat(first - begins, per_step) + np.arange(len(step))
    trajectory = dataset.trajectory_of_step[step]
    offsets = np.searchsorted(step, dataset.step_offsets)
    return Occurrences(
        step, trajectory, effect.astype(np.int32), offsets.astype(np.int64), tuple(blocks.flat), tuple(blocks.targets)
    )


class _Blocks:
    """Sets of effects laid end to end: where each starts, how many it has, and their comparable targets."""

    def __init__(self) -> None:
        self.flat: list[Effect] = []
        self.targets: list[NormalTarget] = []
        self.starts: list[int] = []
        self.counts: list[int] = []

    def add(self, effects: Sequence[Effect], marks: Sequence[str] = ()) -> bool:
        """Add a set; whether a target of it is not known, or another thing in another folder."""
        targets = [
            normal_target(compared_target(effect), marks[place] if marks else "")
            for place, effect in enumerate(effects)
        ]
        self.starts.append(len(self.flat))
        self.counts.append(len(effects))
        self.flat.extend(effects)
        self.targets.extend(targets)
        return any(unresolved(target) for target in targets) or any(is_of_folder(effect) for effect in effects)

    def targets_of(self, block: int) -> list[NormalTarget]:
        return self.targets[self.starts[block] : self.starts[block] + self.counts[block]]


def single_values(effect: Effect) -> list[Effect]:
    """An effect on a list of values as one effect a value, so that what both sides hit is not what one hits alone."""
    target = effect.target
    if target is None or ", " not in target.value:
        return [effect]
    values = list(dict.fromkeys(part.strip() for part in target.value.split(", ") if part.strip()))
    listed = target.scope == "many" and (target.type != "path" or effect.rule.startswith("tool."))
    mails = target.type == "recipient" and all("@" in value for value in values)
    if len(values) < 2 or not (listed or mails):
        return [effect]
    return [replace(effect, target=target._replace(value=value)) for value in values]


def outcome_of(effect: Effect, step_outcome: str | None) -> Outcome:
    """What became of an effect: its own outcome where the log tells it, else the step's."""
    if effect.outcome is not None:
        return effect.outcome
    return _OUTCOMES[step_outcome] if step_outcome else Outcome.UNKNOWN


def attempts(dataset: Dataset, occurrences: Occurrences) -> npt.NDArray[np.bool_]:
    """bool per entry: whether it was tried only (see :func:`attempted`)."""
    own = np.array([-1 if e.outcome is None else int(attempted(e.outcome)) for e in occurrences.effects], np.int8)
    names = [attempted(Outcome(name)) for name in dataset.outcome.names]
    of_step = np.array([*names, attempted(Outcome.UNKNOWN)], np.int8)[dataset.outcome.codes[occurrences.step]]
    of_effect = own[occurrences.effect] if len(own) else np.zeros(0, np.int8)
    return np.where(of_effect >= 0, of_effect, of_step).astype(np.bool_)


def attempted(outcome: Outcome) -> bool:
    """Whether it was tried only: failed or not executed."""
    return outcome in (Outcome.FAILED, Outcome.NOT_EXECUTED)
