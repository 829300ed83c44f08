"""How well numbers rank pairs, and the baselines that a ranking has to beat."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein
from real_logs import Audited
from scipy.stats import rankdata

from explorer.model.effect import EffectKind, kind_mask

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


def risk_of(audited: Audited, side: str = "student") -> FloatArray:
    """Per trajectory: the largest risk of the entries this side carries (0 where there is none)."""
    table = audited.divergences
    risk = np.zeros(audited.dataset.n_trajectories)
    at_teacher = np.array([lane == "teacher_only" for lane in table["lane"].to_pylist()], bool)
    at_teacher |= np.array([step is None for step in table["student_step"].to_pylist()], bool)
    wanted = at_teacher if side == "teacher" else ~at_teacher
    names = table[f"{side}_trajectory_id"].to_pylist()
    for place in np.flatnonzero(wanted):
        row = audited.dataset.row_of_id[names[place]]
        risk[row] = max(risk[row], table["risk"][int(place)].as_py())
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
