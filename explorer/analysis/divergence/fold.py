"""Repeats of one divergence become one entry with a count: loops, and one step that hits many targets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from explorer.analysis.divergence.lanes import LaneEntry
from explorer.analysis.divergence.occurrences import Occurrences, attempted, outcome_of
from explorer.analysis.targets import fold_value
from explorer.model.divergence import Lane
from explorer.model.effect import Effect
from explorer.model.schema import Outcome
from explorer.model.trajectory import Dataset

_BARE_NUMBER = re.compile(r"0+")
_OUTCOME_ORDER = {Outcome.SUCCEEDED: 0, Outcome.UNKNOWN: 1, Outcome.FAILED: 2, Outcome.NOT_EXECUTED: 3}


class Folded(NamedTuple):
    """One entry: the lane entry that stands for all, its outcome, and all it stands for. ``n_steps`` did (or only
    tried) what the chosen one did (or tried), to ``n_targets``; ``n_tried`` further steps tried what it did, and of
    ``n_unshown`` further targets the log does not show whether it was done to them. Of the ``n_steps`` ``n_stored``
    only store it to happen later, and of ``n_unsure`` the log does not show whether they succeeded where the chosen
    one did."""

    chosen: LaneEntry
    outcome: Outcome
    members: tuple[LaneEntry, ...]
    n_steps: int
    n_targets: int
    n_tried: int
    n_unshown: int
    n_stored: int
    n_unsure: int


def fold_repeats(
    dataset: Dataset,
    occurrences: Occurrences,
    entries: Iterable[LaneEntry],
    own_object: Callable[[LaneEntry], bool],
) -> list[Folded]:
    """Fold the entries of one pair: same side, lane, kind and target; then those whose standing-in step is the same,
    what was only tried apart from what was carried out.
    Numbers of processes that the side started itself (``own_object``) say nothing, of others they tell them apart.
    What was carried out stands for what was tried, what was done at once for what was stored to happen later, the
    severe for the mild, the first for the later."""
    by_target: dict[tuple[bool, Lane, int, str], list[LaneEntry]] = {}
    for entry in entries:
        effect = occurrences.effect[entry.occurrence]
        target = fold_value(occurrences.targets[effect])
        if _BARE_NUMBER.fullmatch(target) and not own_object(entry):
            target = occurrences.targets[effect].value
        by_target.setdefault((entry.teacher_side, entry.lane, occurrences.kinds[effect], target), []).append(entry)
    by_step: dict[tuple[bool, Lane, int, int, bool], list[list[LaneEntry]]] = {}
    for (side, lane, kind, _), members in by_target.items():
        chosen = _chosen(dataset, occurrences, members)
        step = int(occurrences.step[chosen.occurrence])
        tried = _tried(dataset, occurrences, chosen)
        by_step.setdefault((side, lane, kind, step, tried), []).append(members)
    return [_folded(dataset, occurrences, groups) for groups in by_step.values()]


def _folded(dataset: Dataset, occurrences: Occurrences, groups: Sequence[Sequence[LaneEntry]]) -> Folded:
    members = tuple(entry for group in groups for entry in group)
    chosen = _chosen(dataset, occurrences, members)
    outcome = _outcome(dataset, occurrences, chosen)
    if len(members) == 1:
        return Folded(chosen, outcome, members, 1, 1, 0, 0, int(_effect(occurrences, chosen).deferred), 0)
    alike = [
        [
            int(occurrences.step[entry.occurrence])
            for entry in group
            if _tried(dataset, occurrences, entry) == attempted(outcome)
        ]
        for group in groups
    ]
    best = [
        min((_outcome(dataset, occurrences, entry) for entry in group), key=_OUTCOME_ORDER.__getitem__)
        for group in groups
    ]
    shown = [outcome != Outcome.SUCCEEDED or one != Outcome.UNKNOWN for one in best]
    unshown = shown.count(False)
    did = {step for steps, told in zip(alike, shown, strict=True) if told for step in steps}
    seen = {step for steps in alike for step in steps}
    tried = {int(occurrences.step[entry.occurrence]) for entry in members} - seen
    n_targets = sum(bool(steps) for steps in alike) - unshown
    at_once = {int(occurrences.step[one.occurrence]) for one in members if not _effect(occurrences, one).deferred}
    sure = {
        int(occurrences.step[one.occurrence])
        for one in members
        if outcome != Outcome.SUCCEEDED or _outcome(dataset, occurrences, one) == Outcome.SUCCEEDED
    }
    return Folded(
        chosen, outcome, members, len(did), n_targets, len(tried), unshown, len(did - at_once), len(did - sure)
    )


def _chosen(dataset: Dataset, occurrences: Occurrences, members: Sequence[LaneEntry]) -> LaneEntry:
    if len(members) == 1:
        return members[0]
    return min(members, key=lambda entry: _order(dataset, occurrences, entry))


def _order(dataset: Dataset, occurrences: Occurrences, entry: LaneEntry) -> tuple[int, bool, int, int]:
    effect = _effect(occurrences, entry)
    return (
        _OUTCOME_ORDER[_outcome(dataset, occurrences, entry)], effect.deferred, -effect.severity, entry.occurrence,
    )  # fmt: skip


def _effect(occurrences: Occurrences, entry: LaneEntry) -> Effect:
    found: Effect = occurrences.effects[occurrences.effect[entry.occurrence]]
    return found


def _tried(dataset: Dataset, occurrences: Occurrences, entry: LaneEntry) -> bool:
    return attempted(_outcome(dataset, occurrences, entry))


def _outcome(dataset: Dataset, occurrences: Occurrences, entry: LaneEntry) -> Outcome:
    return outcome_of(_effect(occurrences, entry), dataset.outcome.of(int(occurrences.step[entry.occurrence])))
