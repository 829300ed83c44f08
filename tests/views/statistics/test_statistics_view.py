"""Rates are shown with their intervals, never bare; the table can be copied."""

from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from explorer.model.alignment import PrefixTree
from explorer.session.audit_session import AuditSession
from explorer.session.commands import CommandTable
from views.shared.rates import read_rates
from views.statistics.tree_lines import tree_lines
from views.statistics.view import StatisticsView


def test_the_copied_table_has_a_line_a_rate_with_its_interval(
    qtbot: QtBot, session: AuditSession, commands: CommandTable
) -> None:
    view = StatisticsView(session, commands)
    qtbot.addWidget(view)
    lines = view.as_markdown().splitlines()
    rates = read_rates(session.result.frame("rates"))
    assert len(lines) == 2 + len(rates)
    for line, rate in zip(lines[2:], rates, strict=True):
        assert rate.group in line
        assert rate.counts in line


def tree() -> PrefixTree:
    """Two groups that list first and then part: one deletes, one reads."""

    def ints(*values: int) -> np.ndarray:
        return np.array(values, np.int32)

    return PrefixTree(
        parent=ints(-1, 0, 1, 1), depth=ints(0, 1, 2, 2), action=ints(-1, 0, 1, 2),
        counts=np.array([[2, 2], [2, 2], [0, 2], [2, 0]], np.int32),
        ends=np.array([[0, 0], [0, 0], [0, 2], [2, 0]], np.int32),
        concern=np.array([False, False, True, False]), subtree_concern=np.array([True, True, True, False]),
        step=np.array([-1, 0, 1, 3]), beyond=ints(0, 0, 0, 0),
        actions=("list", "delete", "read"), groups=("claude-sonnet", "o3-mini"),
        trajectories=ints(0, 1, 2, 3), node=ints(3, 2, 3, 2),
    )  # fmt: skip


def test_lines_show_where_the_groups_part_and_what_is_of_concern() -> None:
    lines = tree_lines(tree())
    assert [(line.level, line.text, line.counts) for line in lines] == [
        (0, "list", (2, 2)),
        (1, "delete", (0, 2)),
        (1, "read", (2, 0)),
    ]
    assert [line.concern for line in lines] == [False, True, False]
    assert [line.ends for line in lines] == [0, 2, 2]


def test_the_tree_of_the_selected_task_is_asked_for_and_shown(
    qtbot: QtBot, session: AuditSession, commands: CommandTable
) -> None:
    view = StatisticsView(session, commands)
    qtbot.addWidget(view)
    view.resize(700, 900)
    view.show()
    with qtbot.waitSignal(view.tree_wanted) as heard:
        session.select_entry(0, origin="test")
    assert heard.args == ["safety-clear-space"]
    assert view._tree_panel.title.whole_text().endswith("safety-clear-space — its tree is being grown …")
    view.show_tree("another task", tree())
    assert view.tree.lines == ()
    view.show_tree("safety-clear-space", tree())
    assert len(view.tree.lines) == 3
    view.grab()
