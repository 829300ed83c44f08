"""How unusual the score of a pair is, held against the trial-to-trial scores of one group: its own spread is the null.

Two trials of one model on one task differ too. A pair of two groups says something only where it is less alike than
such trials are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from explorer.analysis.statistics.spread import Spread, histogram
from explorer.model.alignment import AlignmentSet
from explorer.model.trajectory import Dataset

UNUSUAL = 0.05
"""A pair is counted as unusual where at most this share of the null and itself is no more alike: of trials of one
group one in twenty would be."""

FEW = 19
"""Scores of one task below which nothing could be unusual among them: then all tasks of the group are the null."""

SAME_TASK, ALL_TASKS = "task", "all_tasks"
_DIGITS = 6


class Unusual(NamedTuple):
    """One value a pair: ``share`` of the null's scores that are higher (NaN = no null or no score), how many they are
    (``n``, 0 = none), of which tasks (``scope``: task, all_tasks, None) and of which ``group``."""

    share: npt.NDArray[np.float64]
    n: npt.NDArray[np.int64]
    scope: list[str | None]
    group: list[str | None]


def unusual_pairs(dataset: Dataset, alignments: AlignmentSet, spreads: Sequence[Spread]) -> Unusual:
    """Hold every pair against its first side's own trials; where that group has none, against its second side's."""
    pairing, names = alignments.pairing, dataset.group.names
    score = np.round(alignments.normalised.astype(np.float64), _DIGITS)
    size = len(pairing)
    share, n = np.full(size, np.nan), np.zeros(size, dtype=np.int64)
    scope: list[str | None] = [None] * size
    group: list[str | None] = [None] * size
    by_group = {names.index(spread.group): spread for spread in spreads if spread.n_pairs}
    sides = dataset.group.codes[pairing.teacher], dataset.group.codes[pairing.student]
    task = dataset.task.codes[pairing.teacher]
    null_of = np.where(
        np.isin(sides[0], list(by_group)), sides[0], np.where(np.isin(sides[1], list(by_group)), sides[1], -1)
    )
    for code, spread in by_group.items():
        usable = np.isfinite(spread.pair_scores)
        own, own_task = np.round(spread.pair_scores[usable], _DIGITS), spread.pair_tasks[usable]
        pooled = np.sort(own)
        mine = np.flatnonzero((null_of == code) & np.isfinite(score))
        order = np.lexsort((own, own_task))
        in_tasks, tasks = own[order], own_task[order]
        for one, members in _by(task[mine], mine):
            start, stop = np.searchsorted(tasks, [one, one + 1])
            here = in_tasks[start:stop]
            alone = len(here) >= FEW
            null = here if alone else pooled
            if not len(null):
                continue
            share[members] = 1 - np.searchsorted(null, score[members], side="right") / len(null)
            n[members] = len(null)
            for pair in members.tolist():
                scope[pair], group[pair] = SAME_TASK if alone else ALL_TASKS, spread.group
    return Unusual(share, n, scope, group)


def against_own(
    dataset: Dataset, alignments: AlignmentSet, unusual: Unusual, spreads: Sequence[Spread]
) -> list[dict[str, Any]]:
    """For each two groups that are compared: their scores beside the null's, task by task, as plain values for the
    audit's summary. ``difference`` is the mean over tasks that have both of (score of the pairs − score of the own
    trials), with its 95 % t interval; None where too few tasks have both."""
    pairing, names = alignments.pairing, dataset.group.names
    own = {spread.group: spread for spread in spreads if spread.n_pairs}
    sides = np.stack([dataset.group.codes[pairing.teacher], dataset.group.codes[pairing.student]])
    found = []
    for first, second in np.unique(sides, axis=1).T.tolist():
        mine = np.flatnonzero((sides[0] == first) & (sides[1] == second) & np.isfinite(alignments.normalised))
        score = alignments.normalised[mine].astype(np.float64)
        tasks, means = _task_means(dataset.task.codes[pairing.teacher[mine]], score)
        null = next((own[names[side]] for side in (first, second) if names[side] in own), None)
        row: dict[str, Any] = {
            "first": names[first], "second": names[second], "pairs": len(mine), "tasks": len(tasks),
            "mean_score": _rounded(float(means.mean())) if len(means) else None, "scores": histogram(score),
            "own_group": None if null is None else null.group,
            "own_tasks": 0, "own_mean_score": None, "difference": None, "low": None, "high": None,
            "judged": int((unusual.n[mine] > 0).sum()),
            "unusual": int(_is_unusual(unusual, mine).sum()),
        }  # fmt: skip
        if null is not None:
            _add_difference(row, dataset, null, tasks, means)
        found.append(row)
    # By name: an audit says the same in whatever order groups and rows come.
    return sorted(found, key=lambda one: (one["first"], one["second"]))


def _add_difference(
    row: dict[str, Any], dataset: Dataset, null: Spread, tasks: npt.NDArray[np.int32], means: npt.NDArray[np.float64]
) -> None:
    own = dict(zip(null.tasks, null.scores.tolist(), strict=True))
    both = [
        (mean, own[name])
        for mean, name in zip(means.tolist(), (dataset.task.names[code] for code in tasks), strict=True)
        if name in own and np.isfinite(own[name])
    ]
    row["own_tasks"] = len(both)
    if not both:
        return
    values = np.array(both)
    differences = values[:, 0] - values[:, 1]
    row["own_mean_score"] = _rounded(float(values[:, 1].mean()))
    row["difference"] = _rounded(float(differences.mean()))
    if len(both) > 1:
        reach = float(stats.t.ppf(0.975, len(both) - 1) * differences.std(ddof=1) / np.sqrt(len(both)))
        row["low"], row["high"] = (_rounded(float(differences.mean()) + sign * reach) for sign in (-1, 1))


def _is_unusual(unusual: Unusual, pairs: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """A permutation test's p: the pair itself counts among those that are no more alike."""
    n = unusual.n[pairs]
    no_more_alike = 1 + np.round(n * (1 - np.nan_to_num(unusual.share[pairs])))
    found: npt.NDArray[np.bool_] = (n > 0) & (no_more_alike / (n + 1) <= UNUSUAL)
    return found


def _by(keys: npt.NDArray[np.int32], rows: npt.NDArray[np.int64]) -> list[tuple[int, npt.NDArray[np.int64]]]:
    """Rows gathered by key."""
    order = np.argsort(keys, kind="stable")
    distinct, starts = np.unique(keys[order], return_index=True)
    return list(zip(distinct.tolist(), np.split(rows[order], starts[1:]), strict=True)) if len(distinct) else []


def _task_means(
    tasks: npt.NDArray[np.int32], scores: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    distinct, inverse, counts = np.unique(tasks, return_inverse=True, return_counts=True)
    return distinct, np.bincount(inverse, weights=scores, minlength=len(distinct)) / np.maximum(counts, 1)


def _rounded(value: float) -> float:
    return round(value, 4)
