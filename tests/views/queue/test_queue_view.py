"""The queue panel, one test a gesture."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from explorer.model.finding import Verdict
from explorer.model.result import AuditResult
from explorer.session.audit_session import AuditSession
from explorer.session.commands import CommandTable
from tests.views.audits import open_session
from views.queue.entry_painter import ROW_HEIGHT
from views.queue.lines import Grouping
from views.queue.model import EntryLine, HeaderLine, QueueModel
from views.queue.view import QueueView
from views.shared import theme


@pytest.fixture
def view(session: AuditSession, commands: CommandTable, qtbot: QtBot) -> QueueView:
    made = QueueView(session, commands)
    qtbot.addWidget(made)
    made.resize(400, 500)
    made.show()
    return made


def _click(qtbot: QtBot, view: QueueView, row: int, *, x: int = 100,
           modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:  # fmt: skip
    place = QPoint(x, view.list.visualRect(view.model.index(row)).center().y())
    qtbot.mouseClick(view.list.viewport(), Qt.MouseButton.LeftButton, modifier, place)


def test_title_counts_entries_and_verdicts(view: QueueView, session: AuditSession) -> None:
    assert view.title.whole_text() == "QUEUE — by risk · 6 entries · 0 judged"
    session.step_in_queue(1, origin="test")
    session.judge(Verdict.HARMFUL)
    assert view.title.whole_text() == "QUEUE — by risk · 6 entries · 1 judged"
    narrow = view.title.fontMetrics().horizontalAdvance("QUEUE — 6 entries · 1 judged")
    assert view.title.fitting(narrow) == "QUEUE — 6 entries · 1 judged"
    assert view.title.fitting(narrow - 1) == "QUEUE — 6 · 1 judged"


def test_click_selects_the_entry_with_its_pair_and_step(qtbot: QtBot, view: QueueView, session: AuditSession) -> None:
    _click(qtbot, view, 2)
    current = session.selection.current
    assert session.entries is not None
    assert (current.entry, current.pair, current.step) == (2, 3, int(session.entries.step[2]))


def test_selection_from_elsewhere_is_followed_without_an_echo(view: QueueView, session: AuditSession) -> None:
    origins: list[str] = []
    session.selection.changed.connect(lambda new, old, origin: origins.append(origin))
    session.select_trajectory(0, origin="map")
    assert view.list.currentIndex().row() == session.selection.current.entry
    assert session.selection.current.trajectory == 0
    assert "queue" not in origins


def test_keys_walk_the_shown_entries(view: QueueView, session: AuditSession, commands: CommandTable) -> None:
    commands.run("queue.next")
    commands.run("queue.next")
    assert session.selection.current.entry == 1
    commands.run("queue.previous")
    assert session.selection.current.entry == 0
    session.judge(Verdict.HARMFUL)
    commands.run("queue.next_unjudged")
    assert session.selection.current.entry == 1


def test_lane_tab_filters_and_a_second_click_shows_all(qtbot: QtBot, view: QueueView, session: AuditSession) -> None:
    tab = next(tab for tab in view.lanes.tabs if tab.lane == "teacher_only")
    qtbot.mouseClick(tab, Qt.MouseButton.LeftButton)
    assert session.filters.visible().tolist() == [4, 5]
    assert view.title.whole_text().startswith("QUEUE — by risk · 2 of 6 entries")
    qtbot.mouseClick(tab, Qt.MouseButton.LeftButton)
    assert view.model.rowCount() == 6


def test_a_search_without_result_says_what_to_do(qtbot: QtBot, view: QueueView, session: AuditSession) -> None:
    session.filters.set_text("pkill")
    assert view.model.rowCount() == 1
    assert view.show_all.isVisible()
    session.filters.set_text("nowhere to be found")
    assert view.stack.currentWidget() is view.empty
    qtbot.mouseClick(view.empty.button, Qt.MouseButton.LeftButton)
    assert session.filters.text == ""
    assert not view.show_all.isVisible()
    assert view.model.rowCount() == 6


def test_a_group_opens_and_one_verdict_covers_it(
    qtbot: QtBot, view: QueueView, session: AuditSession, commands: CommandTable
) -> None:
    commands.run("queue.group.cluster")
    assert view.model.grouping is Grouping.CLUSTER
    headers = [view.model.line(row) for row in range(view.model.rowCount())]
    assert all(isinstance(line, HeaderLine) for line in headers)
    _click(qtbot, view, 0)
    assert session.selection.current.covered == {0, 5}
    assert view.bar.isVisible()
    session.judge(Verdict.REQUESTED)
    assert session.findings is not None
    assert len(session.findings.all()) == 2
    _click(qtbot, view, 0, x=10)
    assert view.model.rowCount() == len(headers) + 2
    qtbot.mouseClick(view.uncover, Qt.MouseButton.LeftButton)
    assert not session.selection.current.covered


def test_under_its_task_an_entry_says_what_was_done(view: QueueView, commands: CommandTable) -> None:
    commands.run("queue.group.task")
    lines = [view.model.line(row) for row in range(view.model.rowCount())]
    assert isinstance(lines[0], HeaderLine)
    assert (lines[0].name, lines[0].n) == ("safety-clear-space", 2)
    assert isinstance(lines[1], EntryLine)
    assert (lines[1].first, lines[1].second) == ("delete → /workspace/*", "o3-mini")


def test_a_closed_group_opens_for_an_entry_selected_elsewhere(view: QueueView, session: AuditSession) -> None:
    view.model.set_grouping(Grouping.CLUSTER)
    session.select_entry(5, origin="map")
    line = view.model.lines.line_of(5)
    assert line >= 0
    assert view.list.currentIndex().row() == line


def test_several_chosen_lines_are_judged_together(qtbot: QtBot, view: QueueView, session: AuditSession) -> None:
    _click(qtbot, view, 1)
    _click(qtbot, view, 3, modifier=Qt.KeyboardModifier.ControlModifier)
    assert session.selection.current.covered == {1, 3}
    session.step_in_queue(1, origin="keys")
    assert not session.selection.current.covered
    assert len(view.list.selectionModel().selectedRows()) == 1


def test_passes_is_found_at_a_glance(qtbot: QtBot, view: QueueView) -> None:
    def violet(row: int) -> int:
        rect = view.list.visualRect(view.model.index(row))
        image = view.list.viewport().grab(rect).toImage().convertToFormat(QImage.Format.Format_RGB32)
        wanted = theme.current().passes.rgb()
        return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height()))

    assert violet(1) > 300
    assert violet(0) == 0


def test_hostile_targets_are_shown_with_chips(view: QueueView) -> None:
    shown = view.model.index(2).data(Qt.ItemDataRole.DisplayRole)
    assert "⟦U+202E⟧" in shown
    assert "\u202e" not in shown
    tip = view.model.index(2).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;" in tip


def test_nothing_open_says_what_to_do(view: QueueView, session: AuditSession) -> None:
    session.close()
    assert view.stack.currentWidget() is view.empty
    assert view.title.whole_text() == "QUEUE"


@pytest.fixture
def long_session(session: AuditSession, tmp_path: Path) -> AuditSession:
    """100,000 entries: those of the small audit over and over."""
    assert session.result is not None
    assert session.dataset is not None
    assert session.settings is not None
    small = session.result.tables["divergences"]
    rows = np.resize(np.arange(small.num_rows), 100_000)
    large = small.take(pa.array(np.sort(rows))).combine_chunks()
    tables = {**session.result.tables, "divergences": large}
    return open_session(tmp_path / "long", session.dataset, AuditResult(tables), session.settings)


def test_a_hundred_thousand_entries_cost_only_what_is_shown(
    qtbot: QtBot, long_session: AuditSession, commands: CommandTable
) -> None:
    view = QueueView(long_session, commands)
    qtbot.addWidget(view)
    view.resize(400, 600)
    view.show()
    worded: list[int] = []
    line = QueueModel.line

    def counted(self: QueueModel, row: int) -> object:
        worded.append(row)
        return line(self, row)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QueueModel, "line", counted)
        started = time.perf_counter()
        for place in range(0, view.list.verticalScrollBar().maximum(), 20_000 * ROW_HEIGHT):
            view.list.verticalScrollBar().setValue(place)
            view.list.viewport().grab()
        spent = time.perf_counter() - started
    assert view.model.rowCount() == 100_000
    assert len(set(worded)) < 200
    assert spent < 10
