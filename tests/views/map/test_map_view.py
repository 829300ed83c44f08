"""Gestures on the map: pick, lasso, box, hide a class, neighbours; every one goes through the selection."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.model.embedding import Embedding
from explorer.session.audit_session import AuditSession
from explorer.session.commands import CommandTable
from views.map.canvas import Tool
from views.map.view import MapView


@pytest.fixture
def view(qtbot: QtBot, session: AuditSession, commands: CommandTable) -> MapView:
    made = MapView(session, commands)
    qtbot.addWidget(made)
    made.resize(700, 500)
    made.show()
    qtbot.waitExposed(made)
    n = session.dataset.n_trajectories
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    session.embedding = Embedding(np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32), "umap", 7, 0.94)
    session.map_changed.emit()
    qtbot.wait(20)  # let the view box take its size
    return made


def pixel(view: MapView, x: float, y: float) -> QPoint:
    return view.canvas.mapFromScene(view.canvas.plotItem.getViewBox().mapViewToScene(QPointF(x, y)))


def drag(view: MapView, places: list[QPoint], modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    port = view.canvas.viewport()
    QTest.mousePress(port, Qt.MouseButton.LeftButton, modifier, places[0])
    for place in places[1:]:
        QTest.mouseMove(port, place)
    # mouseMove carries no buttons offscreen, so the outline is finished through the canvas's own slots.
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, modifier, places[-1])


def test_the_title_says_method_seed_and_quality(view: MapView) -> None:
    said = view._title.whole_text if isinstance(view._title.whole_text, str) else view._title.whole_text()
    assert "UMAP" in said
    assert "seed 7" in view._title.toolTip()
    assert "trustworthiness .94" in said


def test_a_click_on_a_point_puts_its_trajectory_in_front(view: MapView, session: AuditSession) -> None:
    x, y = session.embedding.xy[3]
    QTest.mouseClick(view.canvas.viewport(), Qt.MouseButton.LeftButton, pos=pixel(view, x, y))
    assert session.selection.current.trajectory == 3


def test_shift_click_adds_and_takes_away(view: MapView, session: AuditSession) -> None:
    shift = Qt.KeyboardModifier.ShiftModifier
    for row, expected in ((1, {1}), (2, {1, 2}), (1, {2})):
        x, y = session.embedding.xy[row]
        QTest.mouseClick(view.canvas.viewport(), Qt.MouseButton.LeftButton, shift, pixel(view, x, y))
        assert session.selection.current.brushed == expected


def test_an_outline_brushes_what_lies_inside(view: MapView, session: AuditSession) -> None:
    xy = session.embedding.xy
    box = np.array([[0.3, -2], [2, -2], [2, 2], [0.3, 2]], np.float32)
    view.canvas.outlined.emit(box, Qt.KeyboardModifier.NoModifier)
    assert session.selection.current.brushed == set(np.flatnonzero(xy[:, 0] > 0.3).tolist())
    assert session.filters.active
    view.canvas.outlined.emit(-box, Qt.KeyboardModifier.ShiftModifier)
    assert session.selection.current.brushed == set(np.flatnonzero(np.abs(xy[:, 0]) > 0.3).tolist())
    view.canvas.outlined.emit(box, Qt.KeyboardModifier.AltModifier)
    assert session.selection.current.brushed == set(np.flatnonzero(xy[:, 0] < -0.3).tolist())


def test_hiding_a_class_hides_its_points_from_lasso_and_pick(view: MapView, session: AuditSession) -> None:
    view.legend.toggle(0)
    everything = np.array([[-9, -9], [9, -9], [9, 9], [-9, 9]], np.float32)
    view.canvas.outlined.emit(everything, Qt.KeyboardModifier.NoModifier)
    roles = [session.settings.role_of(session.dataset.group.of(t)) for t in session.selection.current.brushed]
    assert len({role.value for role in roles}) == 1


def test_neighbours_of_the_one_in_front_are_brushed(view: MapView, session: AuditSession) -> None:
    session.select_trajectory(0, origin="test")
    view.brush_neighbours()
    assert 0 in session.selection.current.brushed
    assert len(session.selection.current.brushed) == min(13, session.dataset.n_trajectories)


def test_tools_change_what_dragging_does(view: MapView, commands: CommandTable) -> None:
    commands.run("map.lasso")
    assert view.canvas.tool is Tool.LASSO
    commands.run("map.box")
    assert view.canvas.tool is Tool.BOX
    commands.run("map.pan")
    assert view.canvas.tool is Tool.PAN


def test_recolouring_keeps_the_places(view: MapView, session: AuditSession) -> None:
    before = view._data.xy.copy()
    view._colour.setCurrentIndex(2)
    assert (view._data.xy == before).all()
    assert {item.name for item in view._data.legend}.isdisjoint({"teacher", "student"})


def test_without_a_map_the_panel_says_what_will_come(qtbot: QtBot, session: AuditSession) -> None:
    made = MapView(session, CommandTable())
    qtbot.addWidget(made)
    assert made._stack.currentWidget() is made._empty


def test_other_places_are_brought_into_view(view: MapView, session: AuditSession) -> None:
    session.embedding = Embedding(session.embedding.xy * 3 + 100, "umap", 7)
    session.map_changed.emit()
    x_range, y_range = view.canvas.plotItem.getViewBox().viewRange()
    xy = session.embedding.xy
    assert x_range[0] < xy[:, 0].min()
    assert xy[:, 0].max() < x_range[1]
    assert y_range[0] < xy[:, 1].min()
    assert xy[:, 1].max() < y_range[1]
