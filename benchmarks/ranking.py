"""How well numbers rank pairs, and the baselines that a ranking has to beat."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein
from real_logs import Audited
from scipy.stats import rankdata

from explorer.analysis.divergence.risk import RiskParts, total_risk
from explorer.model.effect import EffectKind, kind_mask
from explorer.model.settings import RiskWeights

FloatArray = npt.NDArray[np.float64]
_UNCHANGING = np.uint64(kind_mask({EffectKind.NONE, EffectKind.READ, EffectKind.REFUSE}))


def auroc(score: FloatArray, label: npt.NDArray[np.bool_]) -> float:
    """Probability that a positive stands above a negative, ties counted half; NaN without both."""
    positive = int(label.sum())
    negative = len(label) - positive
    if not positive or not negative:
        return float("nan")
    return float((rankdata(score)[label].sum() - positive * (positive + 1) / 2) / (positive * negative))


def precision_at(score: FloatArray, label: npt.NDArray[np.bool_], k: int = 10) -> float:
    """Expected share of positives among the first k, ties broken at random."""
    order = np.argsort(-score, kind="stable")
    cut = score[order[min(k, len(order)) - 1]]
    above, at = score > cut, score == cut
    room = min(k, len(order)) - int(above.sum())
    return float((label[above].sum() + label[at].mean() * room) / min(k, len(order)))


def interval(
    score: FloatArray, label: npt.NDArray[np.bool_], cluster: Sequence[str], draws: int = 1000, seed: int = 1
) -> tuple[float, float]:
    """95 % bootstrap over clusters (tasks) of the AUROC."""
    return _bootstrap(lambda rows: auroc(score[rows], label[rows]), cluster, draws, seed)


def _bootstrap(
    measure: Callable[[npt.NDArray[np.int64]], float], cluster: Sequence[str], draws: int, seed: int
) -> tuple[float, float]:
    names, of = np.unique(np.array(cluster, dtype=object).astype(str), return_inverse=True)
    members = [np.flatnonzero(of == place) for place in range(len(names))]
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        value = measure(np.concatenate([members[place] for place in rng.integers(0, len(names), len(names))]))
        if np.isfinite(value):
            found.append(value)
    return (float(np.quantile(found, 0.025)), float(np.quantile(found, 0.975))) if found else (np.nan, np.nan)


def risk_of(audited: Audited, side: str = "student", weights: RiskWeights | None = None) -> FloatArray:
    """Per trajectory: the largest risk of the entries this side carries (0 where there is none), summed anew where
    ``weights`` are given."""
    table = audited.divergences
    risks = table["risk"].to_pylist()
    if weights is not None:
        risks = [total_risk(RiskParts(**parts), weights) for parts in table["risk_parts"].to_pylist()]
    risk = np.zeros(audited.dataset.n_trajectories)
    at_teacher = np.array([lane == "teacher_only" for lane in table["lane"].to_pylist()], bool)
    at_teacher |= np.array([step is None for step in table["student_step"].to_pylist()], bool)
    wanted = at_teacher if side == "teacher" else ~at_teacher
    names = table[f"{side}_trajectory_id"].to_pylist()
    for place in np.flatnonzero(wanted):
        row = audited.dataset.row_of_id[names[place]]
        risk[row] = max(risk[row], risks[int(place)])
    return risk


def baselines(
    audited: Audited, first: npt.NDArray[np.int32], second: npt.NDArray[np.int32]
) -> Mapping[str, FloatArray]:
    """Scores of ``second`` against ``first`` (trajectories) by simpler means."""
    dataset, effects = audited.dataset, audited.effects
    concern = effects.concern(audited.settings.concern) == 1
    changing = ((effects.masks & ~_UNCHANGING) != 0) | (effects.masks == 0)
    changing &= np.isin(dataset.kind.codes, [dataset.kind.code("message"), dataset.kind.code("finish")], invert=True)
    arguments = dataset.steps["arguments"].to_pylist()
    calls = [(int(tool), text) for tool, text in zip(dataset.tool.codes, arguments, strict=True)]

    def per_pair(measure: Callable[[range, range], float]) -> FloatArray:
        pairs = zip(first.tolist(), second.tolist(), strict=True)
        return np.array([measure(dataset.rows(a), dataset.rows(b)) for a, b in pairs], float)

    def not_made(rows: range, other: range, keep: npt.NDArray[np.bool_] | None) -> float:
        there = {calls[row] for row in other}
        return float(sum(calls[row] not in there for row in rows if keep is None or keep[row]))

    def distance(a: range, b: range) -> float:
        return Levenshtein.normalized_distance([calls[row][0] for row in a], [calls[row][0] for row in b])

    return {
        "keyword filter (steps flagged)": per_pair(lambda a, b: float(audited.flagged[b.start : b.stop].sum())),
        "edit distance of tool names": per_pair(distance),
        "count of concern": per_pair(lambda a, b: float(concern[b.start : b.stop].sum())),
        "changing calls the other side did not make": per_pair(lambda a, b: not_made(b, a, changing)),
        "calls the other side did not make": per_pair(lambda a, b: not_made(b, a, None)),
    }


def precision_interval(
    score: FloatArray, label: npt.NDArray[np.bool_], cluster: Sequence[str], draws: int = 1000, seed: int = 1
) -> tuple[float, float]:
    """95 % bootstrap over clusters (tasks) of the precision at 10."""
    return _bootstrap(lambda rows: precision_at(score[rows], label[rows]), cluster, draws, seed)


def report(
    title: str, scores: Mapping[str, FloatArray], label: npt.NDArray[np.bool_], cluster: Sequence[str]
) -> list[str]:
    """Lines of one table: AUROC with its interval, and precision at 10."""
    lines = [f"{title}: {len(label)} pairs, {int(label.sum())} positive, {len(set(cluster))} tasks"]
    for name, score in scores.items():
        low, high = interval(score, label, cluster)
        found = f"AUROC {auroc(score, label):.3f} [{low:.3f}, {high:.3f}]"
        least, most = precision_interval(score, label, cluster)
        lines.append(f"  {name:45} {found}  precision at 10 {precision_at(score, label):.2f} [{least:.2f}, {most:.2f}]")
    return lines


@dataclass(frozen=True)
class Judged:
    """One pair of files: scores by name, the label, and the task of each pair of trajectories."""

    scores: Mapping[str, FloatArray]
    label: npt.NDArray[np.bool_]
    tasks: Sequence[str]


def pooled(title: str, parts: Sequence[Judged], draws: int = 1000, seed: int = 1) -> list[str]:
    """Lines of one table over several pairs of files: the AUROC within each, averaged by the number of pairs of a
    positive and a negative, and how far ``risk`` stands above each other score; tasks are drawn for all files at once.
    """
    names = list(parts[0].scores)
    tasks, of = np.unique([task for part in parts for task in part.tasks], return_inverse=True)
    bounds = np.cumsum([0, *(len(part.tasks) for part in parts)])
    codes = [of[start:stop] for start, stop in pairwise(bounds)]
    rng = np.random.default_rng(seed)
    found = np.full((draws + 1, len(names)), np.nan)
    for draw in range(draws + 1):
        times = np.bincount(rng.integers(0, len(tasks), len(tasks)), minlength=len(tasks)) if draw else None
        rows = [
            np.arange(len(code)) if times is None else np.repeat(np.arange(len(code)), times[code]) for code in codes
        ]
        found[draw] = [_within(parts, rows, name) for name in names]
    n_positive = sum(int(part.label.sum()) for part in parts)
    lines = [f"{title}: {bounds[-1]} pairs of {len(parts)} pairs of files, {n_positive} positive, {len(tasks)} tasks"]
    risk = found[:, names.index("risk")]
    for place, name in enumerate(names):
        low, high = np.nanquantile(found[1:, place], [0.025, 0.975])
        line = f"  {name:45} AUROC {found[0, place]:.3f} [{low:.3f}, {high:.3f}]"
        if name != "risk":
            above = risk - found[:, place]
            low, high = np.nanquantile(above[1:], [0.025, 0.975])
            line += f"  risk above it by {above[0]:+.3f} [{low:+.3f}, {high:+.3f}]"
        lines.append(line)
    return lines


def pooled_auroc(parts: Sequence[Judged], name: str = "risk") -> float:
    """The AUROC of one score within each pair of files, averaged as in :func:`pooled`."""
    return _within(parts, [np.arange(len(part.label)) for part in parts], name)


def _within(parts: Sequence[Judged], rows: Sequence[npt.NDArray[np.int64]], name: str) -> float:
    """The AUROC within each pair of files, averaged by what it is made of."""
    total = weight = 0.0
    for part, taken in zip(parts, rows, strict=True):
        label = part.label[taken]
        size = float(label.sum()) * float((~label).sum())
        if size:
            total += size * auroc(part.scores[name][taken], label)
            weight += size
    return total / weight if weight else float("nan")
