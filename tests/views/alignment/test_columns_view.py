"""Many trajectories side by side, one test a gesture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from explorer.model.effect import EffectKind
from explorer.model.schema import Role
from explorer.progress import Progress
from explorer.session.audit_session import AuditSession
from explorer.session.commands import CommandTable
from tests.builders import Trials, build_dataset
from tests.views.audits import MadeAudit, MadeEffect, make_result, open_session
from views.alignment.column_chooser import ColumnChooser, member_words
from views.alignment.lines import LineKind
from views.alignment.view import AlignmentView
from views.shared import theme

LOOK = ["ls", "pwd", "du", "df", "id", "env"]


class Shown:
    """A panel whose work runs at the next turn of the event loop, or never."""

    def __init__(self, session: AuditSession, qtbot: QtBot) -> None:
        self.commands = CommandTable()
        self.view = AlignmentView(session, self.commands)
        qtbot.addWidget(self.view)
        self.view.resize(900, 400)
        self.view.show()
        self.asked: list[Callable[[Progress], object]] = []
        self.answers = True
        self.view.columns_wanted.connect(self._on_wanted)
        self._qtbot = qtbot

    def _on_wanted(self, work: Callable[[Progress], object]) -> None:
        self.asked.append(work)
        if self.answers:
            QTimer.singleShot(0, self.view, partial(self._answer, work))

    def _answer(self, work: Callable[[Progress], object]) -> None:
        self.view.columns.take(work(Progress()))

    @property
    def sides(self) -> list[int]:
        assert self.view.model is not None
        return [side.trajectory for side in self.view.model.aligned.sides]

    def run(self, name: str) -> None:
        self.commands.run(f"alignment.{name}")

    def wait(self, sides: int) -> None:
        self._qtbot.waitUntil(lambda: len(self.sides) == sides)


@pytest.fixture
def shown(many: AuditSession, qtbot: QtBot) -> Shown:
    """One teacher with three students; the first entry in front."""
    many.select_entry(0, origin="queue")
    return Shown(many, qtbot)


@pytest.fixture
def trials(tmp_path: Path) -> Iterator[AuditSession]:
    """Four trials of one group that is audited alone; the third one deletes."""
    commands = [LOOK, LOOK, [*LOOK, "rm x"], [*LOOK[:3], "cat y", *LOOK[3:]]]
    steps = Trials([[("shell", "bash", command) for command in trial] for trial in commands])
    dataset = build_dataset({"one": {"t": steps}})
    audit = MadeAudit((("one", Role.TEACHER),), {("one", "t", 6): [MadeEffect(EffectKind.DELETE, 2, "x", "rm")]})
    session = open_session(tmp_path, dataset, make_result(dataset, audit), audit.settings)
    yield session
    session.close()


def test_the_pair_stays_until_the_columns_are_there(shown: Shown) -> None:
    shown.answers = False
    shown.run("columns")
    assert len(shown.sides) == 2
    assert shown.view.title.whole_text() == "ALIGNMENT — t · laying out 4 columns …"
    shown.view.columns.take(shown.asked[0](Progress()))  # type: ignore[arg-type]  # what the work makes
    assert shown.sides == [0, 1, 2, 3]
    assert shown.view.title.whole_text() == (
        "ALIGNMENT — t · 4 columns · 1 of 3 rows common to all · 2 unique, 0 of concern"
    )
    shown.run("columns")
    assert len(shown.sides) == 2
    # What was worked out is shown at once the next time.
    shown.run("columns")
    assert len(shown.sides) == 4
    assert len(shown.asked) == 1


def test_another_selection_while_one_waits_is_asked_for_afterwards(shown: Shown, many: AuditSession) -> None:
    shown.answers = False
    shown.run("columns")
    shown.view.columns.desk.choose((0, 1, 3))
    many.select_entry(1, origin="queue")
    assert len(shown.asked) == 1
    shown.view.columns.take(shown.asked[0](Progress()))  # type: ignore[arg-type]  # what the work makes
    assert len(shown.asked) == 2
    shown.view.columns.take(shown.asked[1](Progress()))  # type: ignore[arg-type]  # what the work makes
    assert shown.sides == [0, 1, 3]


def test_work_that_was_stopped_leaves_the_pair(shown: Shown) -> None:
    shown.answers = False
    shown.run("columns")
    shown.view.columns.stop()
    assert len(shown.sides) == 2
    assert "laying out" not in shown.view.title.whole_text()
    shown.answers = True
    shown.run("columns")
    shown.wait(4)


def test_entries_of_columns_on_show_change_nothing_but_the_place(shown: Shown, many: AuditSession) -> None:
    shown.run("columns")
    shown.wait(4)
    model = shown.view.model
    many.select_entry(1, origin="queue")
    assert shown.view.model is model
    assert model is not None
    assert many.selection.current.step in model.steps_of_line(shown.view.grid.line)
    assert shown.view.grid.side == 3
    shown.run("next")
    shown.run("previous")
    assert shown.view.model is model
    assert shown.view.grid.horizontalScrollBar().maximum() > 0


def test_keys_go_to_what_only_one_column_does(shown: Shown, many: AuditSession) -> None:
    shown.run("columns")
    shown.wait(4)
    model = shown.view.model
    assert model is not None
    assert model.aligned.columns is not None
    many.select_step(int(model.aligned.sides[0].steps[0]), origin="test")
    seen = []
    for _ in range(4):
        shown.run("next_unique")
        seen.append(many.selection.current.step)
    unique = np.unique(model.aligned.columns.steps[model.aligned.columns.unique]).tolist()
    assert seen[-1] == seen[-2]
    assert set(seen) <= set(unique)
    shown.run("previous_unique")
    assert many.selection.current.step in unique
    assert many.selection.current.step != seen[-1]


def test_right_and_left_go_over_gaps_and_bring_the_column_on_screen(
    shown: Shown, many: AuditSession, qtbot: QtBot
) -> None:
    shown.view.resize(520, 400)
    shown.run("columns")
    shown.wait(4)
    grid, model = shown.view.grid, shown.view.model
    assert model is not None
    many.select_step(int(model.aligned.sides[0].steps[0]), origin="test")
    for _ in range(5):
        qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.side == 3
    rect = grid.rect_of(grid.line, 3)
    assert rect.right() <= grid.viewport().width()
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    for _ in range(5):
        qtbot.keyClick(grid, Qt.Key.Key_Left)
    assert grid.side == 0
    assert grid.rect_of(grid.line, 0).left() >= grid.geometry_now.margin


def test_heads_and_tips_say_how_each_column_stands(shown: Shown) -> None:
    shown.run("columns")
    shown.wait(4)
    view, model = shown.view, shown.view.model
    assert model is not None
    assert view.heads.words(0) == "teacher t0: 3 steps, 2 unique, 0 of concern"
    assert "student s3: 3 steps, 0 unique, 1 of concern" in view.heads.accessibleName()
    columns = model.aligned.columns
    assert columns is not None
    side, row = (int(place) for place in np.argwhere(columns.unique)[0])
    assert "unique: no other column does this" in model.words.tip(row, side)
    assert "4 of 4 columns do the same here" in model.words.tip(0, 0)
    view.grid.stand(model.lines.line_of_row(0), 0)
    assert view.grid.accessibleDescription().endswith(": ls (4 of 4 columns do the same here)")
    gutter = QPoint(20, view.grid.rect_of(model.lines.line_of_row(row), 0).center().y())
    assert view.grid.tip_at(gutter).endswith(f"unique: {model.aligned.sides[side].title}")
    assert view.heads.tip_at(20) == "How many of the 4 columns do the commonest thing of each row"
    assert view.heads.tip_at(view.heads.width() - 30).startswith("student s3")


def test_what_a_column_was_told_differently_is_marked(qtbot: QtBot, tmp_path: Path) -> None:
    steps = [("shell", "bash", command) for command in LOOK]
    turns = {("two", "t"): [(2, "user", "Only look, please.")]}
    dataset = build_dataset({"one": {"t": steps}, "two": {"t": steps}}, turns=turns)
    audit = MadeAudit((("one", Role.TEACHER), ("two", Role.STUDENT)))
    session = open_session(tmp_path, dataset, make_result(dataset, audit), audit.settings)
    session.select_trajectory(0, origin="map")
    shown = Shown(session, qtbot)
    shown.run("columns")
    shown.wait(2)
    view, model = shown.view, shown.view.model
    assert model is not None
    assert view.heads.words(1).endswith("told something else than the first column from row 3 on")
    assert "told something else than the first column since row 3" in model.words.tip(4, 1)
    assert "told" not in model.words.tip(1, 1)
    assert "told" not in model.words.tip(4, 0)
    assert int(model.lines.line_of_row(2)) >= 0
    assert model.lines.kind[model.lines.line_of_row(2)] == LineKind.STEP
    assert not view.grab().isNull()
    session.close()


@pytest.mark.parametrize("name", ["light", "dark"])
def test_columns_are_drawn_in_both_themes(shown: Shown, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theme, "current", lambda: theme.THEMES[name])
    shown.run("columns")
    shown.wait(4)
    view = shown.view
    assert view.heads.height() > 26
    image = view.grid.viewport().grab().toImage()
    assert len({image.pixelColor(x, y).rgb() for x in range(0, image.width(), 3) for y in range(0, 140, 3)}) > 8
    assert not view.overview.grab().isNull()


def test_trials_of_one_group_without_any_pair(trials: AuditSession, qtbot: QtBot) -> None:
    trials.select_trajectory(1, origin="map")
    shown = Shown(trials, qtbot)
    assert shown.view.title.whole_text().startswith("TRAJECTORY")
    shown.run("columns")
    shown.wait(4)
    assert shown.sides == [1, 0, 2, 3]
    assert shown.view.heads.words(2).startswith("teacher one · trial 2: 7 steps, 1 unique, 1 of concern")
    # Looking at another trial keeps what is laid out.
    model = shown.view.model
    trials.select_trajectory(3, origin="map")
    assert shown.view.model is model
    shown.run("copy_markdown")
    assert "| 8 | 1/4 |" in QGuiApplication.clipboard().text()
    assert "`rm x` delete" in QGuiApplication.clipboard().text()
    shown.run("copy_text")
    assert "rm x [delete" in QGuiApplication.clipboard().text()


def test_what_all_do_alike_is_folded_and_what_is_unique_is_not(trials: AuditSession, qtbot: QtBot) -> None:
    assert trials.dataset is not None
    trials.select_step(trials.dataset.rows(2).stop - 1, origin="map")
    shown = Shown(trials, qtbot)
    shown.view.columns.desk.choose((0, 1, 2))
    shown.run("columns")
    shown.wait(3)
    model = shown.view.model
    assert model is not None
    # Where they part there is a mark; what stands before it is one line.
    kinds = [LineKind(int(kind)) for kind in model.lines.kind]
    assert kinds == [LineKind.FOLD, LineKind.MARK_DIVERGENCE, LineKind.STEP]
    assert int(model.lines.stop[0]) == 6
    assert model.aligned.columns is not None
    assert model.aligned.columns.unique[2, 6]
    assert not shown.view.grab().isNull()


def test_the_overview_leads_to_a_row_of_the_columns(trials: AuditSession, qtbot: QtBot) -> None:
    trials.select_trajectory(0, origin="map")
    shown = Shown(trials, qtbot)
    shown.run("columns")
    shown.wait(4)
    view = shown.view
    bottom = QPoint(5, view.overview.height() - 2)
    qtbot.mouseClick(view.overview, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, bottom)
    assert view.model is not None
    assert view.grid.line == len(view.model.lines) - 1


def _open(shown: Shown) -> ColumnChooser:
    shown.run("choose_columns")
    assert shown.view.chooser is not None
    return shown.view.chooser


def test_columns_are_chosen_with_the_keys_alone(shown: Shown, qtbot: QtBot) -> None:
    chooser = _open(shown)
    assert chooser.said.text() == "4 of 4 chosen; at most 9"
    assert chooser.list.item(1).text() == "■  s1 — 3 steps"
    chooser.list.setCurrentRow(2)
    qtbot.keyClick(chooser.list, Qt.Key.Key_Space)
    assert chooser.chosen == (0, 1, 3)
    qtbot.keyClick(chooser.list, Qt.Key.Key_Return)
    shown.wait(3)
    assert shown.sides == [0, 1, 3]
    # It is remembered.
    shown.run("columns")
    shown.run("columns")
    assert shown.sides == [0, 1, 3]
    assert shown.view.title.choose.text() == "3 of 4 ▾"
    chooser = _open(shown)
    qtbot.keyClick(chooser.list, Qt.Key.Key_Escape)
    assert chooser.result() == QDialog.DialogCode.Rejected
    assert shown.sides == [0, 1, 3]


def test_another_one_can_be_aligned_with(shown: Shown, many: AuditSession, qtbot: QtBot) -> None:
    chooser = _open(shown)
    chooser.list.setCurrentRow(2)
    qtbot.mouseClick(chooser.first, Qt.MouseButton.LeftButton)
    assert "aligned with it" in chooser.list.item(2).text()
    assert "aligned with it" not in chooser.list.item(0).text()
    qtbot.mouseClick(chooser.apply, Qt.MouseButton.LeftButton)
    shown.wait(4)
    assert shown.sides == [2, 0, 1, 3]
    # What is in front was unticked: the first column comes to the front instead.
    assert many.selection.current.trajectory == 1
    chooser = _open(shown)
    chooser.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    chooser.accept()
    shown.wait(3)
    assert many.selection.current.trajectory == 2


def test_fewer_than_two_cannot_be_shown_and_more_than_nine_are_refused(qtbot: QtBot, tmp_path: Path) -> None:
    steps = Trials([[("shell", "bash", "ls")] for _ in range(14)])
    dataset = build_dataset({"one": {"t": steps}})
    audit = MadeAudit((("one", Role.TEACHER),))
    session = open_session(tmp_path, dataset, make_result(dataset, audit), audit.settings)
    session.select_trajectory(0, origin="map")
    shown = Shown(session, qtbot)
    chooser = _open(shown)
    assert chooser.said.text() == "9 of 14 chosen; at most 9"
    chooser.list.item(12).setCheckState(Qt.CheckState.Checked)
    assert chooser.list.item(12).checkState() == Qt.CheckState.Unchecked
    assert chooser.said.text().startswith("At most 9")
    chooser.field.setText("13")
    assert [chooser.list.item(row).isHidden() for row in (0, 13)] == [True, False]
    chooser.none.click()
    assert chooser.chosen == (0,)
    assert not chooser.apply.isEnabled()
    chooser.each.click()
    assert chooser.chosen == (0,)
    assert member_words(shown.view.columns.desk.members(0)[13], several=True) == "●  one · trial 13 — 1 step"
    chooser.reject()
    session.close()
