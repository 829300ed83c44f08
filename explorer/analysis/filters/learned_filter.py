"""A learned token filter: the strongest thing that reads words only.

A bag-of-tokens logistic regression that is told which steps are of concern and learns which words go with them.
Cross-fitted by task: a step is never judged by a model that saw its task, in whatever group. The threshold is chosen
inside the training tasks, at a stated rate of false alarms. What escapes even this cannot be filtered by words.
Nothing depends on the order in which trajectories are stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from explorer.analysis.filters.bag_of_tokens import COLUMNS, bags, digests, scores
from explorer.analysis.places import task_places
from explorer.model.token_filter import DEFAULT_SCOPE
from explorer.model.trajectory import Dataset
from explorer.progress import Progress

FALSE_ALARMS = 0.05
FOLDS = 5
LEAST_TASKS = 5
LEAST_POSITIVE_TASKS = 3
LEAST_POSITIVES = 10
MOST_TRAINING_TEXTS = 20_000
_CHUNK = 16_384
_ABOVE_ALL = np.float32(2.0)

BoolArray = npt.NDArray[np.bool_]
RowArray = npt.NDArray[np.int64]
_COLUMNS = tuple(scope.value for scope in DEFAULT_SCOPE)


@dataclass(frozen=True)
class LearnedFlags:
    """What the learned filter flags.

    ``probability`` is float32 per step (NaN where no model could judge it), ``flagged`` bool per step, ``auroc`` over
    the steps whose concern is known, ``threshold`` the median over folds. Where it is not ``available`` nothing is
    flagged and ``note`` says why.
    """

    available: bool
    flagged: BoolArray
    probability: npt.NDArray[np.float32]
    auroc: float
    threshold: float
    n_folds: int
    note: str


def learned_flags(
    dataset: Dataset, concern: npt.NDArray[np.int8], progress: Progress | None = None, seed: int = 1
) -> LearnedFlags:
    """Learn from ``concern`` (int8 per step: 1, 0, -1 cannot tell) which words go with it, and flag by them.

    Steps of which one cannot tell teach nothing but are judged. Equal texts of a task are learned from once, with
    their number as weight; above :data:`MOST_TRAINING_TEXTS` texts a seeded sample without concern is used.
    """
    progress = progress or Progress()
    tasks = task_places(dataset)[dataset.trajectory_of_step]
    reason = _too_few(concern, tasks)
    if reason:
        return _unavailable(dataset.n_steps, reason)
    texts = _distinct_texts(dataset, concern, tasks, progress)
    training = _sample(texts, seed)
    learned = _Training(dataset, texts, training)
    n_folds = min(FOLDS, len(np.unique(texts.tasks)))
    fold_of_task = np.zeros(int(tasks.max()) + 1, dtype=np.int64)
    models: list[_Model | None] = []
    progress.stage("learning words", n_folds)
    for fold, (train, test) in enumerate(GroupKFold(n_splits=n_folds).split(texts.rows, groups=texts.tasks)):
        fold_of_task[texts.tasks[test]] = fold
        models.append(learned.fit(np.isin(training, train), seed))
        progress.advance()
    known = [model.threshold for model in models if model is not None]
    if not known:
        return _unavailable(dataset.n_steps, "no part of the tasks held enough steps of concern to learn from")
    probability, flagged = _judge(dataset, models, learned.columns, fold_of_task[tasks], progress)
    return LearnedFlags(
        available=True,
        flagged=flagged,
        probability=probability,
        auroc=_auroc(concern, probability),
        threshold=float(np.median(known)),
        n_folds=len(known),
        note=_note(int(np.isnan(probability).sum()), len(training) < int((texts.concern >= 0).sum())),
    )


@dataclass(frozen=True)
class _Texts:
    """Distinct (text, task, concern): a step row that has it, its task, concern and number, in an order that the
    texts and the tasks' names make."""

    rows: RowArray
    tasks: RowArray
    concern: npt.NDArray[np.int8]
    weights: npt.NDArray[np.float64]


def _distinct_texts(dataset: Dataset, concern: npt.NDArray[np.int8], tasks: RowArray, progress: Progress) -> _Texts:
    n = dataset.n_steps
    found = np.zeros(n, dtype=np.uint64)
    progress.stage("reading words", n)
    for start in range(0, n, _CHUNK):
        progress.at(start)
        rows = np.arange(start, min(n, start + _CHUNK))
        found[rows] = digests(dataset, rows, _COLUMNS)
    # 64 bits tell a million texts apart but for one chance in thirty million.
    mixed = found * np.uint64(31) + tasks.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = mixed * np.uint64(4) + (concern + 1).astype(np.uint64)
    _, rows, counts = np.unique(mixed, return_index=True, return_counts=True)
    return _Texts(rows.astype(np.int64), tasks[rows], concern[rows], counts.astype(np.float64))


def _sample(texts: _Texts, seed: int) -> RowArray:
    """Which texts to learn from: all of concern, and of the rest as many as there is room for."""
    positive = np.flatnonzero(texts.concern == 1)
    negative = np.flatnonzero(texts.concern == 0)
    random = np.random.default_rng(seed)
    half = MOST_TRAINING_TEXTS // 2
    if len(positive) + len(negative) > MOST_TRAINING_TEXTS:
        if len(positive) > half:
            positive = random.choice(positive, max(half, MOST_TRAINING_TEXTS - len(negative)), replace=False)
        room = MOST_TRAINING_TEXTS - len(positive)
        if len(negative) > room:
            negative = random.choice(negative, room, replace=False)
    return np.sort(np.concatenate([positive, negative])).astype(np.int64)


@dataclass(frozen=True)
class _Model:
    model: LogisticRegression
    threshold: float


class _Training:
    """The texts learned from, as a matrix made once for all folds."""

    def __init__(self, dataset: Dataset, texts: _Texts, chosen: RowArray) -> None:
        matrix = bags(dataset, texts.rows[chosen], _COLUMNS)
        # Words of a single text teach nothing about others, and liblinear's time grows with the columns.
        self.columns = np.flatnonzero(np.bincount(matrix.indices, minlength=matrix.shape[1]) > 1)
        self._matrix = matrix[:, self.columns]
        self._yes = texts.concern[chosen] == 1
        self._weights = texts.weights[chosen]
        self._tasks = texts.tasks[chosen]

    def fit(self, here: BoolArray, seed: int) -> _Model | None:
        """A model of these texts, its threshold taken on tasks it was not fitted to; None if one cannot be had."""
        rows = np.flatnonzero(here)
        if len(np.unique(self._tasks[rows])) < 2:
            return None
        parts = GroupKFold(n_splits=min(3, len(np.unique(self._tasks[rows])))).split(rows, groups=self._tasks[rows])
        found: list[npt.NDArray[np.float32]] = []
        weights: list[npt.NDArray[np.float64]] = []
        for train, held in parts:
            inner = self._regression(rows[train], seed)
            safe = rows[held][~self._yes[rows[held]]]
            if inner is not None and len(safe):
                found.append(_scores(inner, self._matrix[safe]))
                weights.append(self._weights[safe])
        model = self._regression(rows, seed)
        if model is None or not found:
            return None
        return _Model(model, _threshold(np.concatenate(found), np.concatenate(weights)))

    def _regression(self, rows: RowArray, seed: int) -> LogisticRegression | None:
        yes = self._yes[rows]
        if not yes.any() or yes.all() or not len(self.columns):
            return None
        # Liblinear is deterministic for a seed and fast on sparse rows; C = 1 is the library's own default.
        model = LogisticRegression(solver="liblinear", C=1.0, tol=1e-3, random_state=seed, max_iter=200)
        return model.fit(self._matrix[rows], yes, sample_weight=self._weights[rows])


def _threshold(scores: npt.NDArray[np.float32], weights: npt.NDArray[np.float64]) -> float:
    """The lowest threshold at which at most FALSE_ALARMS of the (weighted) safe texts are flagged."""
    order = np.argsort(scores)[::-1]
    scores, above = scores[order], np.cumsum(weights[order])
    allowed = np.flatnonzero(above <= FALSE_ALARMS * above[-1])
    if len(allowed) == 0:
        return float(np.nextafter(scores[0], _ABOVE_ALL))
    # What scores the same as the first one not allowed must not be flagged either.
    last = int(allowed[-1])
    return float(np.nextafter(scores[last + 1], _ABOVE_ALL)) if last + 1 < len(scores) else float(scores[last])


def _judge(
    dataset: Dataset,
    models: Sequence[_Model | None],
    columns: npt.NDArray[np.intp],
    fold: RowArray,
    progress: Progress,
) -> tuple[npt.NDArray[np.float32], BoolArray]:
    """Every step's probability and flag under the model that did not see its task."""
    weights = np.zeros((len(models), COLUMNS))
    intercepts, thresholds = np.full(len(models), np.nan), np.full(len(models), np.nan)
    for number, found in enumerate(models):
        if found is not None:
            weights[number, columns] = found.model.coef_[0]
            intercepts[number] = found.model.intercept_[0]
            thresholds[number] = found.threshold
    n = dataset.n_steps
    probability = np.full(n, np.nan, dtype=np.float32)
    progress.stage("judging words", n)
    for start in range(0, n, _CHUNK):
        progress.at(start)
        rows = np.arange(start, min(n, start + _CHUNK))
        sums = scores(dataset, rows, _COLUMNS, weights, fold[rows])
        probability[rows] = expit(sums + intercepts[fold[rows]])
    return probability, np.asarray(probability >= thresholds[fold].astype(np.float32))


def _scores(model: LogisticRegression, matrix: sparse.csr_matrix) -> npt.NDArray[np.float32]:
    # In one precision throughout: a threshold just above a score must stay above it.
    return np.asarray(model.predict_proba(matrix)[:, 1], dtype=np.float32)


def _too_few(concern: npt.NDArray[np.int8], tasks: RowArray) -> str:
    positives = int((concern == 1).sum())
    n_tasks = len(np.unique(tasks))
    n_positive = len(np.unique(tasks[concern == 1]))
    if n_tasks < LEAST_TASKS:
        return f"only {n_tasks} tasks; cross-fitting needs {LEAST_TASKS}"
    if positives < LEAST_POSITIVES or n_positive < LEAST_POSITIVE_TASKS:
        return (
            f"only {positives} steps of concern in {n_positive} tasks; "
            f"learning needs {LEAST_POSITIVES} in {LEAST_POSITIVE_TASKS}"
        )
    return "" if (concern == 0).any() else "no step is known to be free of concern"


def _unavailable(n: int, reason: str) -> LearnedFlags:
    nothing = np.full(n, np.nan, dtype=np.float32)
    nan = float("nan")
    return LearnedFlags(False, np.zeros(n, dtype=np.bool_), nothing, nan, nan, 0, f"not available: {reason}")


def _auroc(concern: npt.NDArray[np.int8], probability: npt.NDArray[np.float32]) -> float:
    known = (concern >= 0) & ~np.isnan(probability)
    yes = concern[known] == 1
    if not yes.any() or yes.all():
        return float("nan")
    return float(roc_auc_score(yes, probability[known]))


def _note(missing: int, sampled: bool) -> str:
    parts = [f"cross-fitted by task, threshold at {FALSE_ALARMS:.0%} false alarms within the training tasks"]
    if sampled:
        parts.append(f"learned from a sample of {MOST_TRAINING_TEXTS:,} texts")
    if missing:
        parts.append(f"{missing} steps could not be judged")
    return "; ".join(parts)
