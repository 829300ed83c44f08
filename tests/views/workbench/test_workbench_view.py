"""Typing a list asks for an answer; the answer fills the cells; a cell selects its steps everywhere."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from explorer.analysis.audit import hold_against
from explorer.execution import SerialExecutor
from explorer.model.effect import CONCERN_PRESETS, Effect, EffectKind, StepEffects
from explorer.model.token_filter import FilterSpec
from explorer.model.workbench import Cell
from explorer.progress import Progress
from explorer.session.audit_session import AuditSession
from explorer.session.commands import CommandTable
from explorer.session.workbench import RangeLine, WorkbenchResult
from views.workbench.view import WorkbenchView

PAPER = FilterSpec("paper", ("rm", "delete"))


def answer(session: AuditSession, spec: FilterSpec, other: FilterSpec | None) -> WorkbenchResult:
    """What a worker would send, from effects made of words: everything with rm, kill or chmod is of concern."""
    from explorer.analysis.audit import Judged

    dataset = session.dataset
    texts = dataset.steps["arguments"].to_pylist()
    kinds = {"rm": EffectKind.DELETE, "kill": EffectKind.PROCESS_KILL, "chmod": EffectKind.PERMISSION}
    catalog = ((Effect(EffectKind.READ, 0),), *(((Effect(kind, 2)),) for kind in kinds.values()))
    codes = [next((i + 1 for i, word in enumerate(kinds) if word in text), 0) for text in texts]
    effects = StepEffects(catalog, np.array(codes, np.int32))
    judged = Judged(effects, effects.concern(CONCERN_PRESETS["destructive"]), np.ones(len(codes), bool))
    held = hold_against(dataset, judged, session.settings, spec, other, Progress())
    lines = tuple(RangeLine(r.name, r.unit.value, r.passes, r.n) for r in held.range)
    return WorkbenchResult(spec, held.cells, held.losses, lines, held.codes, held.taking_part, held.comparison)


@pytest.fixture
def view(qtbot: QtBot, session: AuditSession, commands: CommandTable) -> WorkbenchView:
    made = WorkbenchView(session, commands)
    qtbot.addWidget(made)

    def reply(spec: FilterSpec, other: FilterSpec | None) -> None:
        running = SerialExecutor().submit(lambda progress: answer(session, spec, other))
        session.accept_workbench(running.result())

    made.filter_wanted.connect(reply)
    made.resize(900, 700)
    made.controls.set_presets((PAPER, FilterSpec("chmod", ("chmod",))), PAPER)
    made.show()
    qtbot.waitUntil(lambda: session.workbench is not None)
    return made


def test_opening_the_panel_asks_for_the_audits_own_filter(view: WorkbenchView, session: AuditSession) -> None:
    assert session.workbench is not None
    assert session.workbench.spec.words == PAPER.words


def test_typing_words_asks_again_shortly_after(qtbot: QtBot, view: WorkbenchView, session: AuditSession) -> None:
    view.controls._words.setText("")
    QTest.keyClicks(view.controls._words, "pkill, chmod")
    with qtbot.waitSignal(view.filter_wanted, timeout=2000):
        pass
    assert session.workbench.spec.words == ("pkill", "chmod")
    assert session.workbench.spec.name == "your words"


def test_counts_add_up_to_all_steps(view: WorkbenchView, session: AuditSession) -> None:
    total = session.workbench.cells.total
    assert sum(total.count(cell) for cell in Cell) == session.dataset.n_steps
    assert total.count(Cell.CAUGHT) + total.count(Cell.MISSED) == total.recall.n


def test_a_click_on_missed_brushes_its_trajectories(view: WorkbenchView, session: AuditSession) -> None:
    x = view.grid.width() - 20
    assert view.grid.cell_at(x, 40) is Cell.MISSED
    QTest.mouseClick(view.grid, Qt.MouseButton.LeftButton, pos=QPoint(x, 40))
    steps = session.workbench.steps(Cell.MISSED)
    assert len(steps)
    owners = set(session.dataset.trajectory_of_step[steps].tolist())
    assert session.selection.current.brushed == owners
    assert session.selection.current.step == steps[0]
    shown = session.filters.visible()
    assert set(session.entries.step[shown].tolist()) <= set(steps.tolist())
    session.filters.clear()
    assert len(session.filters.visible()) == len(session.entries)


def test_a_second_list_is_compared(qtbot: QtBot, view: WorkbenchView, session: AuditSession) -> None:
    with qtbot.waitSignal(view.filter_wanted, timeout=2000):
        view.controls._other.setCurrentIndex(2)
    made = session.workbench.comparison
    assert (made.first, made.second) == ("paper", "chmod")
    assert sum(r.both + r.first_only + r.second_only + r.neither for r in made.rows) == session.dataset.n_steps


def test_without_words_nothing_is_asked(qtbot: QtBot, view: WorkbenchView) -> None:
    view.controls._words.setText("")
    assert view.controls.spec() is None
    with qtbot.assertNotEmitted(view.filter_wanted, wait=500):
        view.controls._on_words_edited("")


def test_cells_and_controls_are_whole_in_a_narrow_panel(qtbot: QtBot, view: WorkbenchView) -> None:
    view.resize(612, 300)
    for part in (view.grid, view.controls):
        holder = part
        while not isinstance(holder, QScrollArea):
            holder = holder.parentWidget()
        qtbot.waitUntil(lambda area=holder: area.widget().width() <= area.viewport().width())
