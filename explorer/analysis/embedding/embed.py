"""Places on a map, and distances in the full space.

The 2-D map is for orientation. Ranking is done in the full space, where a rare thing is found at rank 2–19 and not,
as on a map, at rank 24–508.
"""

from __future__ import annotations

import io
import re
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.analysis.embedding.encode import Matrix
from explorer.model.embedding import Embedding
from explorer.progress import Progress

LEAST_FOR_UMAP = 15
"""With fewer distinct trajectories UMAP has no neighbourhoods to keep; the map is then a PCA and says so."""
NEIGHBOURS = 15
NEAREST_TEACHERS = 5
_TRUST_SAMPLE = 2_000
_TRUST_NEIGHBOURS = 10
_BLOCK = 2_048
_EPOCH = re.compile(r"(\d+)\s*/\s*(\d+)")


def first_picture(matrix: Matrix, seed: int = 1, progress: Progress | None = None) -> Embedding:
    """PCA to two dimensions, at once. Any number of trajectories, identical ones included."""
    progress = progress or Progress()
    progress.stage("first map", 1)
    n = len(matrix)
    if n == 0:
        return Embedding(np.zeros((0, 2), np.float32), "pca", seed)
    centred = matrix.astype(np.float64) - matrix.mean(axis=0, dtype=np.float64)
    # Eigenvectors of the small covariance matrix: exact, and the same on every call.
    _, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, ::-1][:, :2]
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    xy = np.zeros((n, 2), dtype=np.float32)
    xy[:, : axes.shape[1]] = centred @ (axes * np.where(signs == 0, 1, signs))
    progress.at(1)
    return Embedding(xy, "pca", seed, _quality(matrix, xy, seed))


def umap_embedding(
    matrix: Matrix,
    seed: int = 1,
    progress: Progress | None = None,
    groups: npt.NDArray[np.int32] | None = None,
) -> Embedding:
    """UMAP to two dimensions; the same seed gives the same map (it works on one thread for that).

    Identical trajectories share a place. With ``groups`` (code per trajectory) the map is fitted to equally many
    distinct trajectories of each group and the others are placed on it, so that a large group does not shape it
    alone. Falls back to PCA (``method`` says so) with too few distinct trajectories. Raises Cancelled.
    """
    progress = progress or Progress()
    progress.stage("map", 0)
    distinct, first, inverse = np.unique(matrix, axis=0, return_index=True, return_inverse=True)
    if len(distinct) < LEAST_FOR_UMAP:
        return first_picture(matrix, seed, progress)
    fitted = np.arange(len(distinct)) if groups is None else _balanced(groups[first], seed)
    placed = np.full((len(distinct), 2), np.nan, dtype=np.float32)
    model = _umap(min(NEIGHBOURS, len(fitted) - 1), seed, progress)
    with warnings.catch_warnings():
        # Said of every seeded fit: one thread is what makes the map reproducible, and it is asked for here.
        warnings.filterwarnings("ignore", "n_jobs value .* overridden to 1 by setting random_state", UserWarning)
        placed[fitted] = model.fit_transform(distinct[fitted])
        rest = np.setdiff1d(np.arange(len(distinct)), fitted)
        if len(rest):
            placed[rest] = model.transform(distinct[rest])
    progress.check()
    xy = placed[inverse.reshape(-1)]
    return Embedding(xy, "umap", seed, _quality(distinct, placed, seed))


def _umap(neighbours: int, seed: int, progress: Progress) -> Any:
    with warnings.catch_warnings():
        # A variant of UMAP that is not used here wants Tensorflow.
        warnings.filterwarnings("ignore", "Tensorflow not installed", ImportWarning)
        import umap

    # tqdm writes its bar into the sink, whence progress is read and through which a cancel reaches the loop.
    bar = {"file": _BarSink(progress), "disable": False, "mininterval": 0.05, "bar_format": "{n_fmt}/{total_fmt}"}
    return umap.UMAP(
        n_neighbors=neighbours,
        n_components=2,
        min_dist=0.1,
        metric="euclidean",
        # It begins where the first picture ends: what a person has seen moves, and does not jump.
        init="pca",
        random_state=seed,
        n_jobs=1,
        tqdm_kwds=bar,
    )


class _BarSink(io.TextIOBase):
    """A file that understands "12/200" and raises Cancelled from its writes."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __deepcopy__(self, memo: object) -> _BarSink:
        return self

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        found = _EPOCH.search(text)
        if found:
            done, total = int(found[1]), int(found[2])
            if self._progress.sample.total != total:
                self._progress.stage("map", total)
            self._progress.at(done)
        else:
            self._progress.check()
        return len(text)


def _balanced(groups: npt.NDArray[np.int32], seed: int) -> npt.NDArray[np.intp]:
    """Equally many of each group (at least what UMAP needs in all), chosen by the seed."""
    random = np.random.default_rng(seed)
    codes, counts = np.unique(groups, return_counts=True)
    size = max(int(counts.min()), -(-LEAST_FOR_UMAP // len(codes)) * 2)
    parts = [
        random.choice(members, min(size, len(members)), replace=False)
        for members in (np.flatnonzero(groups == code) for code in codes)
    ]
    return np.sort(np.concatenate(parts))


def _quality(matrix: Matrix, xy: npt.NDArray[np.float32], seed: int) -> float:
    """Trustworthiness of the map's neighbourhoods on a sample; NaN where there are too few points."""
    n = len(matrix)
    if n < 2 * _TRUST_NEIGHBOURS + 2:
        return float("nan")
    from sklearn.manifold import trustworthiness

    rows = np.arange(n)
    if n > _TRUST_SAMPLE:
        rows = np.sort(np.random.default_rng(seed).choice(n, _TRUST_SAMPLE, replace=False))
    return float(trustworthiness(matrix[rows], xy[rows], n_neighbors=_TRUST_NEIGHBOURS))


def neighbours(matrix: Matrix, row: int, k: int = NEIGHBOURS) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    """The k nearest other trajectories in the full space, nearest first, and their distances. Exact."""
    distances = np.linalg.norm(matrix - matrix[row], axis=1)
    distances[row] = np.inf
    k = max(0, min(k, len(matrix) - 1))
    order = np.lexsort((np.arange(len(matrix)), distances))[:k]
    return order, distances[order].astype(np.float32)


def rank_against(
    matrix: Matrix, reference_rows: npt.NDArray[np.int_], progress: Progress | None = None
) -> npt.NDArray[np.float32]:
    """Per trajectory: mean distance to its nearest teacher trajectories (5, or all if fewer), itself left out.

    Large = acts like none of them. NaN where there is none to compare with. Rank by it, do not convict by it.
    """
    progress = progress or Progress()
    reference = np.unique(np.asarray(reference_rows, dtype=np.intp))
    found = np.full(len(matrix), np.nan, dtype=np.float32)
    if len(reference) == 0:
        return found
    teachers = matrix[reference].astype(np.float64)
    squares = (teachers**2).sum(axis=1)
    place = np.full(len(matrix), -1, dtype=np.intp)
    place[reference] = np.arange(len(reference))
    progress.stage("distance to the teacher", len(matrix))
    for start in range(0, len(matrix), _BLOCK):
        block = matrix[start : start + _BLOCK].astype(np.float64)
        gaps = (block**2).sum(axis=1)[:, None] + squares - 2 * block @ teachers.T
        own = place[start : start + _BLOCK]
        mine = np.flatnonzero(own >= 0)
        gaps[mine, own[mine]] = np.inf
        k = min(NEAREST_TEACHERS, len(reference))
        nearest = np.sqrt(np.maximum(np.partition(gaps, k - 1, axis=1)[:, :k], 0))
        usable = np.isfinite(nearest)
        count = usable.sum(axis=1)
        total = np.where(usable, nearest, 0).sum(axis=1)
        found[start : start + _BLOCK] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        progress.at(min(len(matrix), start + _BLOCK))
    return found
