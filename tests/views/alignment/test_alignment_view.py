"""The alignment panel, one test a gesture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from explorer.session.audit_session import AuditSession
from explorer.session.commands import CommandTable
from views.alignment.aligned import aligned_pair
from views.alignment.grid import AlignmentGrid
from views.alignment.lines import LineKind
from views.alignment.model import AlignmentModel
from views.alignment.title_bar import TitleBar
from views.alignment.view import AlignmentView
from views.alignment.words import CellWords


@pytest.fixture
def view(session: AuditSession, commands: CommandTable, qtbot: QtBot) -> AlignmentView:
    made = AlignmentView(session, commands)
    qtbot.addWidget(made)
    made.resize(900, 420)
    made.show()
    return made


def _press(qtbot: QtBot, view: AlignmentView, line: int, side: int) -> None:
    place = view.grid.rect_of(line, side).center()
    qtbot.mouseClick(view.grid.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def test_an_entry_brings_its_pair_with_figures_and_request(view: AlignmentView, session: AuditSession) -> None:
    assert view.stack.currentWidget() is view.empty
    session.select_entry(0, origin="queue")
    assert view.title.whole_text().startswith(
        "ALIGNMENT — safety-clear-space · agreement .15 · first divergence row 2 · z -1.8"
    )
    assert view.title.name.whole_text() == "ALIGNMENT — safety-clear-space"
    assert view.title.figures.whole_text().startswith("agreement .15")
    assert "z: how much more alike" in view.title.toolTip()
    assert "Help me delete unnecessary files." in view.request.peek.text()
    assert view.model is not None
    assert int(view.model.lines.start[view.grid.line]) == 9
    assert view.grid.side == 1


def test_the_current_line_stays_on_screen_when_the_panel_becomes_lower(
    view: AlignmentView, session: AuditSession
) -> None:
    session.select_entry(0, origin="queue")
    for height in (420, 330, 260, 220, 150, 260, 420):
        view.resize(900, height)
        if view.grid.viewport().height() < view.grid.rect_of(0, 0).height():
            continue  # no room for any line
        line = view.grid.rect_of(view.grid.line, 0)
        assert view.grid.viewport().rect().contains(line), height


def test_approximate_is_said(view: AlignmentView, session: AuditSession) -> None:
    session.select_entry(1, origin="queue")
    assert view.title.whole_text().startswith("APPROXIMATE ALIGNMENT — ")


def test_click_on_either_side_selects_its_raw_step(qtbot: QtBot, view: AlignmentView, session: AuditSession) -> None:
    session.select_entry(0, origin="queue")
    _press(qtbot, view, view.grid.line, 0)
    assert session.dataset is not None
    assert session.selection.current.step == session.dataset.rows(0)[8]
    assert session.selection.current.entry == 0
    _press(qtbot, view, 0, 1)
    assert session.selection.current.step == session.dataset.rows(4)[0]
    assert session.selection.current.entry is None


def test_click_opens_a_folded_stretch(qtbot: QtBot, view: AlignmentView, session: AuditSession) -> None:
    session.select_entry(0, origin="queue")
    assert view.model is not None
    before = len(view.model.lines)
    fold = int(np.flatnonzero(view.model.lines.kind == LineKind.FOLD)[0])
    _press(qtbot, view, fold, 0)
    assert len(view.model.lines) == before + 5
    qtbot.keyClick(view.grid, Qt.Key.Key_Return)
    assert len(view.model.lines) == before


def test_next_and_previous_divergence(view: AlignmentView, session: AuditSession, commands: CommandTable) -> None:
    session.select_trajectory(0, origin="map")
    commands.run("alignment.next")
    assert session.selection.current.entry == 5
    commands.run("alignment.next")
    assert session.selection.current.entry == 5
    commands.run("alignment.previous")
    assert session.selection.current.entry == 0


def test_keys_walk_over_rows_and_sides(qtbot: QtBot, view: AlignmentView, session: AuditSession) -> None:
    session.select_entry(0, origin="queue")
    assert session.dataset is not None
    qtbot.keyClick(view.grid, Qt.Key.Key_Left)
    assert session.selection.current.step == session.dataset.rows(0)[8]
    qtbot.keyClick(view.grid, Qt.Key.Key_End)
    assert session.selection.current.step == session.dataset.rows(0)[11]
    qtbot.keyClick(view.grid, Qt.Key.Key_Home)
    assert session.selection.current.step == session.dataset.rows(0)[0]
    # Down goes over the mark to the next step.
    qtbot.keyClick(view.grid, Qt.Key.Key_Down)
    assert session.selection.current.step == session.dataset.rows(0)[1]


def test_other_side_of_the_row(view: AlignmentView, session: AuditSession, commands: CommandTable) -> None:
    session.select_entry(0, origin="queue")
    commands.run("alignment.other_side")
    assert session.dataset is not None
    assert session.selection.current.step == session.dataset.rows(0)[8]


def test_request_opens_in_full_with_what_the_system_said(
    qtbot: QtBot, view: AlignmentView, session: AuditSession
) -> None:
    session.select_entry(0, origin="queue")
    qtbot.mouseClick(view.request.more, Qt.MouseButton.LeftButton)
    assert view.request.whole.isVisible()
    assert "You are an agent." in view.request.whole.shown_text()


def test_copy_as_markdown_and_text(view: AlignmentView, session: AuditSession, commands: CommandTable) -> None:
    session.select_entry(0, origin="queue")
    commands.run("alignment.copy_markdown")
    assert QGuiApplication.clipboard().text().startswith("### `safety-clear-space`")
    commands.run("alignment.copy_text")
    assert "rm -rf /workspace/*" in QGuiApplication.clipboard().text()


def test_copy_key_takes_the_whole_action(qtbot: QtBot, view: AlignmentView, session: AuditSession) -> None:
    session.select_entry(2, origin="queue")
    qtbot.keyClick(view.grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("rm ⟦U+202E⟧gol.app")


def test_overview_leads_to_a_row(qtbot: QtBot, view: AlignmentView, session: AuditSession) -> None:
    session.select_entry(0, origin="queue")
    qtbot.mouseClick(view.overview, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(5, 1))
    assert view.grid.line == 0
    assert session.selection.current.entry == 0


def test_one_dataset_shows_one_column(alone: AuditSession, commands: CommandTable, qtbot: QtBot) -> None:
    view = AlignmentView(alone, commands)
    qtbot.addWidget(view)
    alone.select_entry(0, origin="queue")
    assert view.title.whole_text() == "TRAJECTORY — clean · 3 steps · finished"
    assert not view.title.copy.isVisibleTo(view)
    view.resize(600, 300)
    assert not view.grab().isNull()


def test_nothing_selected_says_what_to_do(view: AlignmentView, session: AuditSession) -> None:
    assert view.empty.title.text() == "Nothing is selected"
    session.close()
    assert view.empty.title.text() == "No logs are open"


def test_tips_are_plain(view: AlignmentView, session: AuditSession) -> None:
    session.select_entry(2, origin="queue")
    tip = view.grid.tip_at(view.grid.rect_of(view.grid.line, 1).center())
    assert "⟦U+202E⟧" in tip
    assert tip.startswith("step 6 · exec opaque · severity 1")


def test_only_lines_on_screen_are_put_into_words(qtbot: QtBot, session: AuditSession) -> None:
    small = aligned_pair(session, 0)
    n = 100_000
    sides = tuple(replace(side, steps=np.resize(side.steps, n)) for side in small.sides)
    large = replace(
        small, sides=sides, operation=np.full(n, 1, dtype=np.uint8), similarity=np.ones(n, dtype=np.float32),
        entry=np.full(n, -1, dtype=np.int32), resync=np.zeros(n, dtype=bool),
        other=None, unlike=None,
    )  # fmt: skip
    grid = AlignmentGrid()
    qtbot.addWidget(grid)
    grid.resize(800, 400)
    grid.show()
    asked: set[int] = set()
    cell = CellWords.cell

    def counted(self: CellWords, row: int, side: int) -> object:
        asked.add(row)
        return cell(self, row, side)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CellWords, "cell", counted)
        grid.set_model(AlignmentModel(session, large))
        for place in np.linspace(0, grid.verticalScrollBar().maximum(), 20):
            grid.verticalScrollBar().setValue(int(place))
            grid.viewport().grab()
    assert grid.verticalScrollBar().maximum() > 2_000_000
    assert len(asked) < 600


def test_the_line_under_the_pointer_is_set_off(qtbot: QtBot, view: AlignmentView, session: AuditSession) -> None:
    session.select_entry(0, origin="queue")
    rect = view.grid.rect_of(0, 0)
    before = view.grid.viewport().grab(rect).toImage()
    qtbot.mouseMove(view.grid.viewport(), rect.center())
    qtbot.waitUntil(lambda: view.grid.viewport().grab(rect).toImage() != before)


def test_a_long_task_shows_its_end_and_its_figures_a_line_of_their_own(qtbot: QtBot) -> None:
    bar = TitleBar()
    qtbot.addWidget(bar)
    bar.resize(720, 50)
    bar.show()
    bar.say(
        "ALIGNMENT", "a suite of tasks · a task with quite a name · an injection · the_last_part_of_it", "agreement .50"
    )
    assert bar.name.whole_text().startswith("ALIGNMENT — …")
    assert bar.name.whole_text().endswith("_of_it")
    assert bar.figures.geometry().top() >= bar.name.geometry().bottom()
    bar.resize(1400, 50)
    assert "a suite of tasks" in bar.name.whole_text()
    bar.say("ALIGNMENT", "a task", "agreement .50 · z +1.6 · order inversions 1")
    room = bar.figures.fontMetrics().horizontalAdvance("agreement .50 · z +1.6 · order")
    assert bar.figures.fitting(room) == "agreement .50 · z +1.6 · …"
    bar.say("ALIGNMENT")
    assert not bar.figures.isVisibleTo(bar)
