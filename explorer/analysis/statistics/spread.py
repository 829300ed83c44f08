"""How alike a group is to itself: trial against trial, the null for a divergence between two groups."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.analysis.alignment.align import align_pairs
from explorer.analysis.alignment.features import Features, step_features
from explorer.analysis.pairing.pair import pair_trajectories
from explorer.model.alignment import AlignmentSet
from explorer.model.effect import StepEffects
from explorer.model.settings import AlignmentCosts, AuditSettings
from explorer.model.trajectory import Dataset
from explorer.progress import Progress

BINS = 40
"""Parts of a histogram of normalised scores."""


class Spread(NamedTuple):
    """Trial against trial within a group, the task as the unit.

    ``tasks`` those with two or more live trials; per task the mean normalised score (``scores``) and the
    share of pairs in which one trial has an effect of concern on a target that the other has not (``diverging``).
    Per pair its normalised score (``pair_scores``, NaN where the costs give none) and the code of its task.
    """

    group: str
    tasks: tuple[str, ...]
    n_pairs: int
    scores: npt.NDArray[np.float64]
    diverging: npt.NDArray[np.float64]
    pair_scores: npt.NDArray[np.float64]
    pair_tasks: npt.NDArray[np.int32]

    @property
    def mean_score(self) -> float:
        """Mean over tasks; NaN without any."""
        return float(self.scores.mean()) if len(self.scores) else float("nan")

    @property
    def mean_diverging(self) -> float:
        """Mean over tasks of the share of diverging pairs; NaN without any."""
        return float(self.diverging.mean()) if len(self.diverging) else float("nan")


def self_spread(
    dataset: Dataset,
    features: Features,
    groups: Iterable[str],
    costs: AlignmentCosts | None = None,
    progress: Progress | None = None,
    *,
    max_trials: int = 8,
) -> list[Spread]:
    """The spread of each group against itself; groups with one trial a task give an empty one."""
    found = []
    for group in groups:
        pairing = pair_trajectories(dataset, [group], [group], max_trials=max_trials)
        aligned = align_pairs(features, dataset.step_offsets, pairing, costs, progress)
        found.append(_spread(dataset, features, aligned, group))
    return found


def spreads_of_audit(
    dataset: Dataset,
    effects: StepEffects,
    settings: AuditSettings,
    progress: Progress | None = None,
    features: Features | None = None,
) -> list[Spread]:
    """The spreads of the groups with a role that have several live trials of some task; nothing is read otherwise,
    nor where the ``features`` are given."""
    live = np.flatnonzero(~dataset.dead)
    keys = np.stack([dataset.group.codes[live], dataset.task.codes[live]])
    distinct, counts = np.unique(keys, axis=1, return_counts=True)
    several = {dataset.group.names[code] for code in distinct[0, counts > 1]}
    groups = [group for group, _ in settings.roles if group in several]
    if not groups:
        return []
    features = features or step_features(dataset, effects, settings.concern, progress)
    return self_spread(dataset, features, groups, settings.costs, progress)


def spread_summary(spreads: Iterable[Spread]) -> list[dict[str, object]]:
    """The spreads of groups that have several trials of a task, as plain values for the audit's summary."""
    return [
        {
            "group": spread.group,
            "tasks": len(spread.tasks),
            "pairs": spread.n_pairs,
            "mean_score": round(spread.mean_score, 4),
            "mean_diverging": round(spread.mean_diverging, 4),
            "scores": histogram(spread.pair_scores),
        }
        for spread in spreads
        if spread.n_pairs
    ]


def histogram(scores: npt.NDArray[np.float64]) -> list[int]:
    """How many normalised scores lie in each of BINS equal parts of [-1, 1]; the first holds those below too."""
    known = scores[np.isfinite(scores)]
    counts, _ = np.histogram(np.clip(known, -1, 1), bins=BINS, range=(-1, 1))
    return [int(count) for count in counts]


def _spread(dataset: Dataset, features: Features, aligned: AlignmentSet, group: str) -> Spread:
    pairing = aligned.pairing
    task = dataset.task.codes[pairing.teacher]
    sets = {row: _acts(dataset, features, row) for row in {*pairing.teacher.tolist(), *pairing.student.tolist()}}
    differs = np.array([
        sets[a] != sets[b] for a, b in zip(pairing.teacher.tolist(), pairing.student.tolist(), strict=True)
    ], dtype=float)  # fmt: skip
    codes = np.unique(task)
    return Spread(
        group,
        tuple(dataset.task.names[code] for code in codes),
        len(pairing),
        np.array([aligned.normalised[task == code].mean() for code in codes], dtype=float),
        np.array([differs[task == code].mean() for code in codes], dtype=float),
        aligned.normalised.astype(np.float64),
        task,
    )


def _acts(dataset: Dataset, features: Features, trajectory: int) -> Collection[int]:
    rows = dataset.rows(trajectory)
    return {int(code) for code in features.targets[rows.start : rows.stop] if code > 0}
