"""The map, and distances in the full space."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.analysis.embedding.embed import first_picture, neighbours, rank_against, umap_embedding
from explorer.progress import Cancelled, Progress, ProgressSample


def clusters(n: int = 60, seed: int = 0) -> np.ndarray:
    matrix = np.random.default_rng(seed).normal(size=(n, 6)).astype(np.float32)
    matrix[n // 2 :] += 8
    return matrix


def apart(xy: np.ndarray) -> bool:
    """Whether the two halves are farther from each other than they are wide."""
    half = len(xy) // 2
    gap = np.linalg.norm(xy[:half].mean(axis=0) - xy[half:].mean(axis=0))
    return bool(gap > xy[:half].std() + xy[half:].std())


def test_the_first_picture_keeps_what_is_apart_apart() -> None:
    matrix = clusters()
    found = first_picture(matrix)
    assert found.method == "pca"
    assert found.xy.shape == (60, 2)
    assert found.xy.dtype == np.float32
    assert apart(found.xy)
    assert 0.5 < found.quality <= 1
    assert np.array_equal(found.xy, first_picture(matrix).xy)


@pytest.mark.parametrize("n", [0, 1, 2, 14])
def test_too_few_for_umap_are_placed_by_pca_and_it_is_said(n: int) -> None:
    found = umap_embedding(clusters(n) if n > 1 else np.ones((n, 6), np.float32))
    assert found.method == "pca"
    assert found.xy.shape == (n, 2)
    assert np.isfinite(found.xy).all()


def test_identical_trajectories_are_no_neighbourhood() -> None:
    found = umap_embedding(np.zeros((50, 4), np.float32))
    assert found.method == "pca"
    assert not found.xy.any()


def test_a_single_dimension_is_enough_for_a_picture() -> None:
    found = first_picture(np.arange(5, dtype=np.float32)[:, None])
    assert found.xy.shape == (5, 2)
    assert np.ptp(found.xy[:, 0]) == pytest.approx(4)


@pytest.mark.slow
def test_umap_repeats_by_seed_reports_progress_and_shares_places_of_the_identical() -> None:
    matrix = clusters()
    matrix[:5] = matrix[0]
    samples: list[ProgressSample] = []
    found = umap_embedding(matrix, 3, Progress(report=samples.append))
    assert found.method == "umap"
    assert np.isfinite(found.xy).all()
    assert apart(found.xy)
    assert (found.xy[:5] == found.xy[0]).all()
    assert samples[-1].done == samples[-1].total > 0
    assert np.array_equal(found.xy, umap_embedding(matrix, 3).xy)


@pytest.mark.slow
def test_umap_is_cancelled_from_its_own_loop() -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 5

    with pytest.raises(Cancelled):
        umap_embedding(clusters(), 1, Progress(cancelled=cancelled))


@pytest.mark.slow
def test_a_balanced_fit_places_everybody() -> None:
    groups = np.repeat(np.array([0, 1], np.int32), [50, 10])
    found = umap_embedding(clusters(), 1, groups=groups)
    assert found.method == "umap"
    assert np.isfinite(found.xy).all()


def test_neighbours_are_exact_and_leave_the_point_out() -> None:
    matrix = clusters()
    rows, distances = neighbours(matrix, 7, 5)
    expected = np.argsort(np.linalg.norm(matrix - matrix[7], axis=1))[1:6]
    assert rows.tolist() == expected.tolist()
    assert (np.diff(distances) >= 0).all()
    assert len(neighbours(matrix, 7, 500)[0]) == 59
    assert len(neighbours(matrix[:1], 0)[0]) == 0


def test_what_acts_like_no_teacher_ranks_first() -> None:
    random = np.random.default_rng(0)
    matrix = random.normal(size=(2_500, 16)).astype(np.float32)
    matrix[2_000] += 6
    scores = rank_against(matrix, np.arange(1_000))
    assert int(scores.argmax()) == 2_000


def test_the_rank_is_the_mean_distance_to_the_nearest_teachers_without_oneself() -> None:
    matrix = clusters(40)
    reference = np.arange(10)
    scores = rank_against(matrix, reference)
    for row in (3, 25):
        others = np.array([r for r in reference if r != row])
        nearest = np.sort(np.linalg.norm(matrix[others].astype(np.float64) - matrix[row], axis=1))[:5]
        assert scores[row] == pytest.approx(nearest.mean(), rel=1e-5)


def test_without_teachers_there_is_no_rank() -> None:
    assert np.isnan(rank_against(clusters(), np.array([], dtype=int))).all()
    alone = rank_against(clusters(4), np.array([2]))
    assert np.isnan(alone[2])
    assert np.isfinite(alone[[0, 1, 3]]).all()
