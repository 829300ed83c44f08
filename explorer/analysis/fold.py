"""Repeats of one divergence become one entry with a count: loops, and one step that hits many targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from explorer.analysis.lanes import LaneEntry
from explorer.analysis.occurrences import Occurrences, outcome_of
from explorer.analysis.targets import fold_value
from explorer.model.divergence import Lane
from explorer.model.schema import Outcome
from explorer.model.trajectory import Dataset

_OUTCOME_ORDER = {Outcome.SUCCEEDED: 0, Outcome.UNKNOWN: 1, Outcome.FAILED: 2, Outcome.NOT_EXECUTED: 3}


class Folded(NamedTuple):
    """One entry: the lane entry that stands for all, its outcome, and all it stands for."""

    chosen: LaneEntry
    outcome: Outcome
    members: tuple[LaneEntry, ...]
    n_steps: int
    n_targets: int


def fold_repeats(dataset: Dataset, occurrences: Occurrences, entries: Iterable[LaneEntry]) -> list[Folded]:
    """Fold the entries of one pair: same side, lane, kind and target (process numbers apart); then those whose
    standing-in step is the same. What was carried out stands for what was tried, the severe for the mild, the
    first for the later."""
    by_target: dict[tuple[bool, Lane, int, str], list[LaneEntry]] = {}
    for entry in entries:
        effect = occurrences.effect[entry.occurrence]
        target = fold_value(occurrences.targets[effect])
        by_target.setdefault((entry.teacher_side, entry.lane, occurrences.kinds[effect], target), []).append(entry)
    by_step: dict[tuple[bool, Lane, int, int], list[list[LaneEntry]]] = {}
    for (side, lane, kind, _), members in by_target.items():
        chosen = min(members, key=lambda entry: _order(dataset, occurrences, entry))
        step = int(occurrences.step[chosen.occurrence])
        by_step.setdefault((side, lane, kind, step), []).append(members)
    return [_folded(dataset, occurrences, groups) for groups in by_step.values()]


def _folded(dataset: Dataset, occurrences: Occurrences, groups: Sequence[Sequence[LaneEntry]]) -> Folded:
    members = tuple(entry for group in groups for entry in group)
    chosen = min(members, key=lambda entry: _order(dataset, occurrences, entry))
    steps = {int(occurrences.step[entry.occurrence]) for entry in members}
    return Folded(chosen, _outcome(dataset, occurrences, chosen), members, len(steps), len(groups))


def _order(dataset: Dataset, occurrences: Occurrences, entry: LaneEntry) -> tuple[int, int, int]:
    effect = occurrences.effects[occurrences.effect[entry.occurrence]]
    return (_OUTCOME_ORDER[_outcome(dataset, occurrences, entry)], -effect.severity, entry.occurrence)


def _outcome(dataset: Dataset, occurrences: Occurrences, entry: LaneEntry) -> Outcome:
    effect = occurrences.effects[occurrences.effect[entry.occurrence]]
    return outcome_of(effect, dataset.outcome.of(int(occurrences.step[entry.occurrence])))
