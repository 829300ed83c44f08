"""What is near, what lies inside, and which class a point belongs to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from explorer.model.embedding import Embedding
from explorer.session.audit_session import AuditSession
from views.map.model import ColourBy, MapPoints, map_points
from views.map.raster import rasterise

_XY = arrays.arrays(np.float32, st.tuples(st.integers(1, 40), st.just(2)), elements=st.floats(-10, 10, width=32))


def points(xy: np.ndarray) -> MapPoints:
    n = len(xy)
    return MapPoints(np.arange(n), xy.astype(np.float32), np.zeros(n, np.int16), ())


@given(_XY, st.floats(-10, 10), st.floats(-10, 10))
def test_the_nearest_point_is_the_nearest(xy: np.ndarray, x: float, y: float) -> None:
    shown = np.ones(len(xy), bool)
    found = points(xy).nearest(x, y, (1.0, 1.0), 1000.0, shown)
    distances = ((xy - np.array([x, y], np.float32)) ** 2).sum(axis=1)
    assert distances[found] == pytest.approx(distances.min(), rel=1e-4, abs=1e-4)


def test_hidden_points_are_not_found_and_reach_ends() -> None:
    made = points(np.array([[0, 0], [1, 0]]))
    assert made.nearest(0, 0, (1, 1), 5, np.array([False, True])) == 1
    assert made.nearest(9, 9, (1, 1), 5, np.array([True, True])) == -1


@settings(max_examples=50)
@given(_XY, st.floats(0.5, 8), st.floats(0.5, 8))
def test_a_box_as_polygon_holds_exactly_what_lies_in_it(xy: np.ndarray, w: float, h: float) -> None:
    box = np.array([[-w, -h], [w, -h], [w, h], [-w, h]], np.float32)
    found = set(points(xy).inside(box, np.ones(len(xy), bool)).tolist())
    strictly = {i for i, (x, y) in enumerate(xy) if abs(x) < w - 1e-4 and abs(y) < h - 1e-4}
    at_most = {i for i, (x, y) in enumerate(xy) if abs(x) <= w + 1e-4 and abs(y) <= h + 1e-4}
    assert strictly <= found <= at_most


def test_a_lasso_with_a_dent_leaves_the_dent_out() -> None:
    made = points(np.array([[0.5, 2.5], [2.5, 2.5], [2.0, 0.5]]))
    dented = np.array([[0, 0], [4, 0], [4, 4], [2.4, 0.9], [0, 4]], np.float32)
    assert made.inside(dented, np.ones(3, bool)).tolist() == [0, 2]


def test_neighbours_are_in_order_and_leave_the_point_itself_out() -> None:
    made = points(np.array([[0, 0], [3, 0], [1, 0], [2, 0]]))
    assert made.neighbours(0, 2).tolist() == [2, 3]
    assert made.neighbours(0, 99).tolist() == [2, 3, 1]
    assert points(np.zeros((1, 2))).neighbours(0, 3).tolist() == []


@pytest.mark.parametrize("by", list(ColourBy))
def test_every_point_has_a_class_in_the_legend(session: AuditSession, by: ColourBy) -> None:
    n = session.dataset.n_trajectories
    xy = np.random.default_rng(1).normal(size=(n, 2)).astype(np.float32)
    xy[0] = np.nan
    session.embedding = Embedding(xy, "pca", 1)
    made = map_points(session, by)
    assert len(made) == n - 1
    assert 0 not in made.rows
    assert made.classes.max() < len(made.legend)
    assert sum(item.count for item in made.legend) == len(made)


def test_the_raster_shows_every_point_inside_and_nothing_else() -> None:
    pixels = np.array([[10, 10], [30, 20], [-5, 3], [100, 100]], np.float32)
    picture = rasterise(pixels, np.array([0, 1, 0, 0], np.int16), [(255, 0, 0), (0, 0, 255)], 40, 30)
    assert picture.shape == (30, 40, 4)
    blue, _, red, alpha = picture[10, 10]
    assert red > 100
    assert blue == 0
    assert alpha > 100
    assert picture[20, 30, 0] > 100
    assert picture[0:4, 20:38].sum() == 0
    assert (picture[..., :3].max(axis=2) <= picture[..., 3]).all()  # premultiplied


def test_faded_points_are_paler_than_the_others() -> None:
    pixels = np.array([[10, 10], [20, 10]], np.float32)
    picture = rasterise(
        pixels, np.zeros(2, np.int16), [(200, 0, 0)], 40, 30, faded=np.array([True, False]), fade=(90, 90, 90)
    )
    assert picture[10, 10, 3] < picture[10, 20, 3]
