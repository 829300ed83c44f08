"""What the other side did where one side has an effect of concern: for the explanation and for the risk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from explorer.analysis.divergence.containment import holds
from explorer.analysis.divergence.differing import Differing, differing_fields, surplus
from explorer.analysis.divergence.explanation import OtherSide
from explorer.analysis.divergence.find_selection import compared_target
from explorer.analysis.divergence.lanes import LaneEntry, LaneFinder
from explorer.analysis.divergence.occurrences import Occurrences, attempted, outcome_of
from explorer.analysis.divergence.support import SupportFinder
from explorer.analysis.targets import normal_target, same_target, unresolved
from explorer.model.divergence import Lane
from explorer.model.effect import Effect, EffectKind, Effects, StepEffects, headline
from explorer.model.schema import Outcome
from explorer.model.trajectory import Dataset

_CHANGES_NOTHING = frozenset({EffectKind.NONE, EffectKind.READ, EffectKind.REFUSE})


class Beside(NamedTuple):
    """``told`` for the explanation; ``severity`` of what the other side does to the same target (0 = nothing),
    ``outcome`` of its counterpart (None = none) and ``surplus``, the share of the own amount over the counterpart's."""

    told: OtherSide
    severity: int
    outcome: Outcome | None
    surplus: float


class OtherSideFinder:
    """Looks at the other trajectory of a pair; ``names`` say by group what a side is called."""

    def __init__(
        self,
        dataset: Dataset,
        effects: StepEffects,
        occurrences: Occurrences,
        lanes: LaneFinder,
        support: SupportFinder,
        names: Sequence[str],
    ) -> None:
        self._dataset = dataset
        self._effects = effects
        self._occurrences = occurrences
        self._lanes = lanes
        self._support = support
        self._names = names

    def beside(self, entry: LaneEntry, other: int) -> Beside:
        """What the trajectory ``other`` did beside an entry."""
        dataset, occurrences = self._dataset, self._occurrences
        start = int(dataset.step_offsets[other])
        code = int(occurrences.effect[entry.occurrence])
        kind, target = occurrences.effects[code].kind, occurrences.targets[code]
        does = same_kind = tool = number = became_same = became_there = None
        may_be_same = False
        if entry.other_step >= 0:
            row = start + entry.other_step
            there, outcome = self._effects.of(row), dataset.outcome.of(row)
            number, does, tool = dataset.step_number(row), _telling(there, outcome), dataset.tool.of(row)
            became_there = None if does is None else outcome_of(does, outcome)
            alike = [effect for effect in there if effect.kind == kind]
            if alike:
                same_kind = next((one for one in alike if not attempted(outcome_of(one, outcome))), alike[0])
                became_same = outcome_of(same_kind, outcome)
                one, two = (occurrences.effects[code], target), (same_kind, normal_target(compared_target(same_kind)))
                may_be_same = same_target(target, two[1]) is not False and not (holds(one, two) or holds(two, one))
        counterpart, same_place, became, milder = None, False, None, False
        differing: tuple[Differing, ...] = ()
        if entry.counterpart >= 0:
            at = int(occurrences.step[entry.counterpart])
            counterpart, same_place = dataset.step_number(at), at == start + entry.other_step
            became = self.became(entry.counterpart)
            differing = differing_fields(
                dataset.step_text(int(occurrences.step[entry.occurrence])).arguments, dataset.step_text(at).arguments
            )
        severity = self._severity(entry, other, code)
        if entry.lane == Lane.BOTH:
            milder = severity < occurrences.effects[code].severity
        alone = entry.lane in (Lane.STUDENT_ONLY, Lane.TEACHER_ONLY)
        index = self._lanes.index_of(other).get(occurrences.kinds[code]) if alone else None
        told = OtherSide(
            self._names[dataset.group.codes[other]], number, tool, does, became_there, same_kind, became_same,
            may_be_same, counterpart, same_place, became, milder, differing,
            index is not None and index.find(target) is not None,
            index is not None and (unresolved(target) or index.holds_unknown or index.maybe(target) is not None),
            self._support.trials_with(other, occurrences.kinds[code], target) if alone else (0, 0),
        )  # fmt: skip
        return Beside(told, severity, became, surplus(differing))

    def became(self, occurrence: int) -> Outcome:
        """What became of an effect."""
        effect = self._occurrences.effects[self._occurrences.effect[occurrence]]
        return outcome_of(effect, self._dataset.outcome.of(int(self._occurrences.step[occurrence])))

    def _severity(self, entry: LaneEntry, other: int, code: int) -> int:
        """Severity of what the other side does to the same target, as the counterpart or at the aligned step."""
        occurrences = self._occurrences
        if entry.counterpart >= 0:
            return int(occurrences.effects[occurrences.effect[entry.counterpart]].severity)
        if entry.other_step < 0:
            return 0
        row = int(self._dataset.step_offsets[other]) + entry.other_step
        first, stop = np.searchsorted(occurrences.step, [row, row + 1])
        target = occurrences.targets[code]
        there = [int(occurrences.effect[index]) for index in range(int(first), int(stop))]
        return max(
            (
                occurrences.effects[one].severity
                for one in there
                if target.value and same_target(target, occurrences.targets[one])
                if not attempted(outcome_of(occurrences.effects[one], self._dataset.outcome.of(row)))
            ),
            default=0,
        )


def _telling(effects: Effects, outcome: str | None) -> Effect | None:
    """What a step is told by: the most severe of what it carried out, as far as the log shows, or where that changes
    nothing, of what it tried to change. Of a step that failed only what is known to have been done counts as that."""
    became = [(effect, outcome_of(effect, outcome)) for effect in effects]
    sure = headline([effect for effect, so in became if so == Outcome.SUCCEEDED])
    done = sure if outcome == Outcome.FAILED else headline([effect for effect, so in became if not attempted(so)])
    if done is not None and done.kind not in _CHANGES_NOTHING:
        return done if sure is None or sure.severity < done.severity else sure
    tried = headline([effect for effect in effects if effect.kind not in _CHANGES_NOTHING])
    return tried or done or headline(effects)
