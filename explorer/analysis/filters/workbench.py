"""How a filter's verdicts fall on what steps really do: the four cells, what is lost, two filters side by side."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from explorer.analysis.filters.token_filter import Flags, trajectory_drops
from explorer.analysis.statistics.intervals import NOTHING, hybrid_difference, wilson
from explorer.model.effect import KINDS, EffectKind, StepEffects, kind_mask
from explorer.model.rate import Interval
from explorer.model.token_filter import FilterAction, FilterSpec
from explorer.model.trajectory import Dataset
from explorer.model.workbench import (
    CELLS,
    ComparisonRow,
    FilterCells,
    FilterComparison,
    GroupCells,
    SanitationLoss,
    Share,
)

EXAMPLES = 20
MOST_KINDS = 5

BoolArray = npt.NDArray[np.bool_]
Concern = npt.NDArray[np.int8]


def cell_codes(concern: Concern, flagged: BoolArray) -> npt.NDArray[np.int8]:
    """int8 per step: its place in CELLS. Selecting a cell is comparing with a code."""
    first = np.where(concern == 1, 0, np.where(concern == 0, 2, 4))
    return (first + ~flagged).astype(np.int8)


def cells(
    dataset: Dataset,
    concern: Concern,
    flagged: BoolArray,
    effects: StepEffects,
    kinds: Collection[EffectKind],
    groups: Collection[str] | None = None,
) -> FilterCells:
    """The four cells, and what one cannot tell, for all chosen groups together and each.

    ``concern`` is int8 per step (1, 0, -1), ``kinds`` the list it was made with; ``groups`` None = all.
    """
    names = [name for name in dataset.group.names if groups is None or name in groups]
    owner = dataset.group.codes[dataset.trajectory_of_step]
    codes = cell_codes(concern, flagged)
    members = {name: owner == dataset.group.code(name) for name in names}
    everyone = np.isin(owner, [dataset.group.code(name) for name in names])
    return FilterCells(
        _group_cells(dataset, "", everyone, codes, effects, kinds),
        tuple(_group_cells(dataset, name, mask, codes, effects, kinds) for name, mask in members.items()),
    )


def _group_cells(
    dataset: Dataset,
    name: str,
    members: BoolArray,
    codes: npt.NDArray[np.int8],
    effects: StepEffects,
    kinds: Collection[EffectKind],
) -> GroupCells:
    rows = [np.flatnonzero(members & (codes == place)) for place in range(len(CELLS))]
    counts = tuple(len(found) for found in rows)
    caught, missed, alarm, passed = rows[:4]
    return GroupCells(
        group=name,
        counts=counts,
        examples=tuple(_spread(dataset, found) for found in rows),
        recall=_share(dataset, caught, missed),
        false_alarms=_share(dataset, alarm, passed),
        missed_kinds=_kinds(effects, missed, kinds),
    )


def _spread(dataset: Dataset, rows: npt.NDArray[np.intp]) -> tuple[int, ...]:
    """Some of the rows, one a trajectory as long as there are trajectories."""
    owners = dataset.trajectory_of_step[rows]
    starts = np.flatnonzero(np.r_[True, owners[1:] != owners[:-1]]) if len(rows) else np.zeros(0, np.intp)
    turn = np.arange(len(rows)) - np.repeat(starts, np.diff(np.r_[starts, len(rows)]))
    order = np.lexsort((rows, turn))[:EXAMPLES]
    return tuple(rows[order].tolist())


def _share(dataset: Dataset, hits: npt.NDArray[np.intp], misses: npt.NDArray[np.intp]) -> Share:
    k, n = len(hits), len(hits) + len(misses)
    return Share(k, n, _ratio_interval(*_by_task(dataset, hits, misses)))


def _by_task(
    dataset: Dataset, hits: npt.NDArray[np.intp], misses: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Per task with any such step: how many hits, and how many in all."""
    task = dataset.task.codes[dataset.trajectory_of_step]
    size = len(dataset.task.names)
    found = np.bincount(task[hits], minlength=size)
    total = found + np.bincount(task[misses], minlength=size)
    return found[total > 0], total[total > 0]


def _ratio_interval(hits: npt.NDArray[np.int64], totals: npt.NDArray[np.int64]) -> Interval:
    """Wilson for a share of steps, which come in clusters (tasks) of unequal size.

    The number of steps is divided by the design effect of the ratio estimator (variance between tasks over the
    binomial one); never fewer than one answer a task where the tasks say nothing about their spread.
    """
    n, tasks = int(totals.sum()), len(totals)
    if n == 0:
        return NOTHING
    p = float(hits.sum()) / n
    effective = float(min(tasks, n))
    if 0 < p < 1 and tasks > 1:
        residual = hits - p * totals
        variance = tasks / (tasks - 1) * float((residual**2).sum()) / n**2
        if variance > 0:
            # Above one answer a step it cannot be; below one in all there is nothing to be said.
            effective = min(max(p * (1 - p) / variance, 1.0), float(n))
    return wilson(p * effective, effective)


def _kinds(
    effects: StepEffects, rows: npt.NDArray[np.intp], kinds: Collection[EffectKind]
) -> tuple[tuple[str, int], ...]:
    masks = effects.masks[rows] & np.uint64(kind_mask(kinds))
    counts = [(str(kind), int(((masks >> np.uint64(code)) & np.uint64(1)).sum())) for code, kind in enumerate(KINDS)]
    return tuple(sorted((pair for pair in counts if pair[1]), key=lambda pair: -pair[1])[:MOST_KINDS])


def sanitation_loss(
    dataset: Dataset, concern: Concern, flags: Flags, spec: FilterSpec, group: str | None = None
) -> SanitationLoss:
    """What sanitation by this filter would throw away and what it would leave, for a group or all of them.

    Redaction throws no step away: it changes the text, and leaves every action where it was.
    """
    chosen = np.ones(dataset.n_trajectories, dtype=np.bool_)
    if group is not None:
        chosen = np.asarray(dataset.group.codes == dataset.group.code(group))
    steps = chosen[dataset.trajectory_of_step]
    lost = trajectory_drops(dataset, flags, spec) & chosen
    gone = lost[dataset.trajectory_of_step]
    if spec.action is FilterAction.DROP_STEP:
        gone = gone | (flags.flagged & steps)
    owner = dataset.trajectory_of_step
    n = dataset.n_trajectories
    suspect = np.bincount(owner[concern != 0], minlength=n) > 0
    left = np.bincount(owner[(concern == 1) & steps & ~gone], minlength=n) > 0
    safe = chosen & ~suspect & (dataset.lengths > 0)
    return SanitationLoss(
        group=group or "",
        n_steps=int(steps.sum()),
        n_trajectories=int(chosen.sum()),
        steps_dropped=int(gone.sum()),
        safe_steps_dropped=int((gone & (concern == 0)).sum()),
        n_safe_steps=int((steps & (concern == 0)).sum()),
        concern_steps_left=int((steps & ~gone & (concern == 1)).sum()),
        n_concern_steps=int((steps & (concern == 1)).sum()),
        unsure_steps_left=int((steps & ~gone & (concern == -1)).sum()),
        trajectories_dropped=int(lost.sum()),
        safe_trajectories_dropped=int((lost & safe).sum()),
        n_safe_trajectories=int(safe.sum()),
        concern_trajectories_left=int(left.sum()),
    )


def compare(
    dataset: Dataset,
    concern: Concern,
    first: BoolArray,
    second: BoolArray,
    names: tuple[str, str] = ("first", "second"),
) -> FilterComparison:
    """Two filters over the same steps: which flags what the other does not.

    The interval of the difference in recall takes the two as independent and is therefore wide: both read the same
    steps, and mostly agree.
    """
    rows = []
    for value, meaning in ((1, True), (0, False), (-1, None)):
        here = concern == value
        only = [np.flatnonzero(here & first & ~second), np.flatnonzero(here & second & ~first)]
        rows.append(
            ComparisonRow(
                meaning, int((here & first & second).sum()), len(only[0]), len(only[1]),
                int((here & ~first & ~second).sum()), _spread(dataset, only[0]), _spread(dataset, only[1]),
            )
        )  # fmt: skip
    yes = concern == 1
    shares = [_share(dataset, np.flatnonzero(yes & flags), np.flatnonzero(yes & ~flags)) for flags in (first, second)]
    if not yes.any():
        return FilterComparison(*names, tuple(rows), float("nan"), NOTHING)
    interval = hybrid_difference(shares[0].value, shares[0].interval, shares[1].value, shares[1].interval)
    return FilterComparison(*names, tuple(rows), shares[1].value - shares[0].value, interval)
