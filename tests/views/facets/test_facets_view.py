"""Choosing a value filters the queue; counts follow; show all brings everything back."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.session.audit_session import AuditSession
from explorer.session.commands import CommandTable
from views.facets.view import FacetsView


def made(qtbot: QtBot, session: AuditSession, commands: CommandTable) -> FacetsView:
    view = FacetsView(session, commands)
    qtbot.addWidget(view)
    view.resize(280, 900)
    view.show()
    return view


def test_a_click_on_a_value_shows_only_its_entries(qtbot: QtBot, session: AuditSession, commands: CommandTable) -> None:
    view = made(qtbot, session, commands)
    lanes = view.lists["lane"]
    first = lanes.shown[0]
    QTest.mouseClick(lanes, Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
    assert session.filters.chosen == {"lane": frozenset({first.name})}
    assert len(session.filters.visible()) == first.n
    QTest.mouseClick(lanes, Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
    assert not session.filters.active


def test_the_tip_of_a_line_says_its_whole_name(qtbot: QtBot, session: AuditSession, commands: CommandTable) -> None:
    tasks = made(qtbot, session, commands).lists["task"]
    first = tasks.shown[0]
    assert tasks.tip_at(3) == f"{first.name}: {first.n:,}"
    assert tasks.tip_at(10_000) == ""


def test_counts_of_other_facets_follow_the_choice(qtbot: QtBot, session: AuditSession, commands: CommandTable) -> None:
    view = made(qtbot, session, commands)
    session.filters.choose("lane", {"teacher_only"})
    effects = {value.name: value.n for value in view.lists["effect"].shown}
    assert sum(effects.values()) == len(session.filters.visible())


def test_space_chooses_with_the_keyboard(qtbot: QtBot, session: AuditSession, commands: CommandTable) -> None:
    view = made(qtbot, session, commands)
    effects = view.lists["effect"]
    effects.setFocus()
    QTest.keyClick(effects, Qt.Key.Key_Down)
    QTest.keyClick(effects, Qt.Key.Key_Space)
    assert session.filters.chosen["effect"] == {effects.shown[1].name}


def test_show_all_clears_filters_and_brush(qtbot: QtBot, session: AuditSession, commands: CommandTable) -> None:
    made(qtbot, session, commands)
    session.filters.choose("lane", {"both"})
    session.selection.brush({0}, origin="test")
    commands.run("filters.clear")
    assert not session.filters.active
    assert session.selection.current.brushed == frozenset()
    assert len(session.filters.visible()) == len(session.entries)


def test_tab_scrolls_only_as_far_as_a_list_needs(qtbot: QtBot, session: AuditSession, commands: CommandTable) -> None:
    view = made(qtbot, session, commands)
    qtbot.waitExposed(view)
    bar, viewport = view._scroll.verticalScrollBar(), view._scroll.viewport()
    first, second, third = [facet for facet in view.lists if view.lists[facet].isVisible()][:3]
    bottom = view.lists[second].geometry().bottom() + 1
    view.resize(280, view.height() - viewport.height() + bottom + 10)
    qtbot.waitUntil(lambda: viewport.height() == bottom + 10)
    view.lists[first].setFocus()
    QTest.keyClick(view.lists[first], Qt.Key.Key_Tab)
    assert view.focusWidget() is view.lists[second]
    assert bar.value() == 0  # every line was on screen
    QTest.keyClick(view.lists[second], Qt.Key.Key_Tab)
    assert view.focusWidget() is view.lists[third]
    assert bar.value() <= view._headers[third].y()
    assert view.lists[third].geometry().bottom() < bar.value() + viewport.height()
    assert bar.value() in view._line_tops()
    bar.setValue(bar.maximum())
    while view.focusWidget() is not view.lists[first]:
        QTest.keyClick(view.focusWidget(), Qt.Key.Key_Backtab)
    assert bar.value() <= view._headers[first].y()


def test_the_keyboard_takes_the_list_along(qtbot: QtBot, session: AuditSession, commands: CommandTable) -> None:
    view = made(qtbot, session, commands)
    view.resize(280, 200)
    effects = view.lists["effect"]
    effects.setFocus()
    bar, viewport = view._scroll.verticalScrollBar(), view._scroll.viewport()
    for _ in range(len(effects.shown) - 1):
        QTest.keyClick(effects, Qt.Key.Key_Down)
    assert effects.y() + effects.height() <= bar.value() + viewport.height()
    assert effects.y() >= bar.value() - viewport.height()
