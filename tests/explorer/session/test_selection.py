"""One owner of the selection: equal updates are silent, brushes combine."""

from __future__ import annotations

from explorer.session.selection import BrushMode, Selection, SelectionModel


def test_an_equal_update_is_silent() -> None:
    model, heard = SelectionModel(), []
    model.changed.connect(lambda new, old, origin: heard.append((new, old, origin)))
    model.update(origin="queue", entry=3)
    model.update(origin="map", entry=3)
    assert heard == [(Selection(entry=3), Selection(), "queue")]


def test_brushes_replace_add_intersect_and_remove() -> None:
    model = SelectionModel()
    model.brush({1, 2, 3}, origin="map")
    model.brush({3, 4}, origin="map", mode=BrushMode.ADD)
    assert model.current.brushed == {1, 2, 3, 4}
    model.brush({2, 3, 9}, origin="map", mode=BrushMode.INTERSECT)
    assert model.current.brushed == {2, 3}
    model.brush({2}, origin="map", mode=BrushMode.REMOVE)
    assert model.current.brushed == {3}
    model.brush({7}, origin="map")
    assert model.current.brushed == {7}


def test_clear_selects_nothing() -> None:
    model = SelectionModel()
    model.update(origin="x", entry=1, step=2, brushed=frozenset({1}))
    model.clear(origin="x")
    assert model.current == Selection()
