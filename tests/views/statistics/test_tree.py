"""The tree of a task: nothing of concern is hidden, what is not shown is counted, a branch selects everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.analysis.alignment.prefix_tree import prefix_tree
from explorer.model.alignment import PrefixTree
from explorer.session.audit_session import AuditSession
from explorer.session.commands import CommandTable
from tests.builders import Trials
from tests.explorer.analysis.acts import SETTINGS, dataset_of, effects_of
from views.statistics.tree_lines import BESIDE, FIRST_LINES, line_parts, opened_at_first, tree_lines
from views.statistics.tree_painter import HEAD, ROW, fold_mark_right
from views.statistics.tree_view import TreeView
from views.statistics.view import StatisticsView

ROLES = {"T": "teacher", "S": "student"}


def grow(teacher: list[list[str]], student: list[list[str]], **options: int) -> PrefixTree:
    dataset = dataset_of({"t": Trials(teacher)}, {"t": Trials(student)})
    return prefix_tree(
        dataset, effects_of(dataset), range(dataset.n_trajectories), frozenset(SETTINGS.concern), **options
    )


def letters(number: int, length: int) -> list[str]:
    """A sequence of acts that stands for a number."""
    kinds = ("read", "create", "modify", "exec_opaque")
    return [f"{kinds[number // 4**place % 4]} /{place % 2}" for place in range(length)]


def test_a_folded_run_always_names_what_is_of_concern() -> None:
    run = [f"{('read', 'create')[k % 2]} /a" for k in range(30)]
    tree = grow([[*run[:20], "remote_delete /x", *run[20:]]], [])
    (line,) = tree_lines(tree)
    assert [part.text for part in line.parts if part.concern] == ["remote_delete_it: remote delete"]
    assert line.concern
    assert sum(part.left_out for part in line.parts) + line.text.count("_it") == 31
    for room in (10, 40, 80, 120, 1_000):
        parts = line_parts(tree, line.nodes, room)
        assert any(part.concern and "remote delete" in part.text for part in parts)
        assert "…" in "".join(part.text for part in parts)
    short = "".join(part.text for part in line_parts(tree, line.nodes, 10))
    assert short == "… remote_delete_it: remote delete …"
    middle = "".join(part.text for part in line_parts(tree, line.nodes, 65))
    assert middle == "… 20 more … → remote_delete_it: remote delete → … 10 more …"


def test_many_actions_of_concern_are_counted_where_they_are_not_named() -> None:
    tree = grow([[f"{('delete', 'permission')[k % 2]} /a" for k in range(12)]], [])
    (line,) = tree_lines(tree)
    assert "(6 of concern)" in line.text
    assert sum(part.concern for part in line.parts if not part.left_out) == 6


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(["read /a", "delete /a", "create /b"]), max_size=9), min_size=1, max_size=9),
    st.integers(5, 150),
)
def test_every_action_of_a_run_is_named_or_counted(sides: list[list[str]], room: int) -> None:
    tree = grow(sides, [], max_depth=6)
    for line in tree_lines(tree):
        if line.more or line.nodes == (0,):
            continue
        parts = line_parts(tree, line.nodes, room)
        named = sum(1 for part in parts if not part.left_out and part.text != " → ")
        assert named + sum(part.left_out for part in parts) == len(line.nodes)
        assert any(part.concern for part in parts) == line.concern


def test_all_trajectories_stand_on_the_lines_of_a_wide_tree_or_are_counted() -> None:
    tree = grow([letters(number, 8) for number in range(0, 900, 3)], [letters(number, 8) for number in range(300)])
    lines = tree_lines(tree)
    assert len(lines) <= FIRST_LINES + 12
    assert sum(sum(line.counts) for line in lines if line.level == 0) == 600
    closed = next(number for number, line in enumerate(lines) if line.branches and not line.opened)
    opened = {**opened_at_first(tree), lines[closed].node: 1}
    more = [line for line in tree_lines(tree, opened) if line.more]
    assert more
    for line in more:
        kept = opened[line.node]
        hidden = tree.children(line.node)[kept:]
        assert line.text.startswith(f"… {tree.counts[hidden].sum():,} more traject")
        assert f"in {len(hidden):,} branch" in line.text


def test_the_rest_of_many_branches_is_one_line_that_says_how_many() -> None:
    sides = [[f"{'delete' if k == 29 else 'read'} /a", *letters(k, 3)] for k in range(30)]
    dataset = dataset_of({"t": Trials(sides)}, {})
    effects = effects_of(dataset)
    tree = prefix_tree(dataset, effects, range(30), frozenset(SETTINGS.concern))
    lines = tree_lines(tree, {0: 1})
    assert [line.more for line in lines] == [0, 1]
    assert lines[1].text == "… 1 more trajectory in 1 branch, with something of concern"
    assert lines[1].concern_below


def test_who_does_nothing_has_a_line() -> None:
    lines = tree_lines(grow([[], ["read /a"]], [[]]))
    assert [(line.text, line.counts, line.ends) for line in lines] == [
        ("no action", (1, 1), 2),
        ("read_it: read", (0, 1), 1),
    ]
    assert tree_lines(grow([[]], []))[0].text == "no action"


@pytest.fixture
def view(qtbot: QtBot) -> TreeView:
    made = TreeView()
    qtbot.addWidget(made)
    made.show_tree(
        grow([["read /a", "create /b"], ["read /a", "create /b", "delete /c"]], [["read /a", "delete /b"], []]), ROLES
    )
    made.resize(700, made.sizeHint().height())
    made.show()
    return made


def click(view: TreeView, number: int, x: int = 300) -> None:
    QTest.mouseClick(
        view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(x, HEAD + number * ROW + 8)
    )


def test_a_click_chooses_a_branch_and_another_lets_it_go(view: TreeView) -> None:
    heard = []
    view.branch_chosen.connect(lambda trajectories, step: heard.append((trajectories, step)))
    number = next(n for n, line in enumerate(view.lines) if line.text == "delete_it: delete" and line.level == 2)
    click(view, number)
    click(view, number)
    assert heard == [([1], 4), ([], -1)]
    view.show_selection(0, {0, 2})
    assert view.chosen is None


def test_marks_and_keys_open_and_close_branches(view: TreeView) -> None:
    before = len(view.lines)
    top = next(n for n, line in enumerate(view.lines) if line.branches)
    click(view, top, fold_mark_right(view.lines[top]) - 4)
    assert len(view.lines) < before
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert len(view.lines) == before
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert len(view.lines) < before
    reached = []
    view.line_reached.connect(lambda top, bottom: reached.append((top, bottom)))
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert reached[-1][1] - reached[-1][0] == ROW - 1


def test_more_branches_are_shown_when_wanted(qtbot: QtBot) -> None:
    made = TreeView()
    qtbot.addWidget(made)
    kinds = ("read", "create", "modify", "delete", "permission", "net_egress", "value_out", "exfil", "account", "none",
             "process_kill", "exec_opaque")  # fmt: skip
    made.show_tree(grow([[f"{kind} /a"] for kind in kinds], []), ROLES)
    assert len(made.lines) == BESIDE + 1
    assert made.lines[-1].more == len(kinds) - BESIDE
    assert "Click to see more" in made.told(BESIDE)
    made.choose(BESIDE)
    assert len(made.lines) == len(kinds)
    assert not any(line.more for line in made.lines)


def test_a_tip_tells_every_action_and_who_takes_the_branch(view: TreeView) -> None:
    said = [view.told(number) for number in range(len(view.lines))]
    assert any("2. ◆ delete_it: delete" in one and "S: 1 of 2" in one and "1 stop here" in one for one in said)
    assert said[0].startswith("no action")


def test_the_head_names_the_groups(view: TreeView) -> None:
    assert view._painter is not None
    assert view._painter.group_at(QPoint(690, 20), 700) == "T (teacher): 2 trajectories"
    assert view._painter.group_at(QPoint(10, 20), 700) is None


@pytest.mark.parametrize("wide", [200, 380, 1_400])
def test_any_names_and_widths_can_be_painted(qtbot: QtBot, wide: int) -> None:
    made = TreeView()
    qtbot.addWidget(made)
    sides = [["delete /a\u202e&<b>", "read /x" * 50], ["read /a"]]
    tree = grow(sides, sides, max_depth=1)
    made.show_tree(tree, {})
    made.resize(wide, made.sizeHint().height())
    assert not made.grab().toImage().isNull()
    assert "more steps" in made.told(0) + made.told(1)


def test_a_branch_that_is_chosen_brushes_its_trajectories_and_shows_its_step(
    qtbot: QtBot, session: AuditSession, commands: CommandTable
) -> None:
    view = StatisticsView(session, commands)
    qtbot.addWidget(view)
    view.resize(700, 900)
    view.show()
    with qtbot.waitSignal(view.tree_wanted):
        session.select_entry(0, origin="test")
    assert session.dataset is not None
    trajectory = session.selection.current.trajectory
    assert trajectory is not None
    task = session.dataset.task.of(trajectory) or ""
    mine = [t for t in range(session.dataset.n_trajectories) if session.dataset.task.of(t) == task]
    tree = prefix_tree(session.dataset, effects_of(session.dataset), mine)
    view.show_tree(task, tree)
    assert view.tree is not None
    number = next(n for n, line in enumerate(view.tree.lines) if not line.more and line.node)
    line = view.tree.lines[number]
    view.tree.choose(number)
    assert session.selection.current.brushed == frozenset(int(t) for t in tree.through(line.node))
    assert session.selection.current.step == tree.step[line.nodes[0]]
    assert view.tree.chosen == line.node
    view.tree.choose(number)
    assert session.selection.current.brushed == frozenset()
    view.tree.choose(number)
    session.selection.brush((), origin="map")
    assert view.tree.chosen is None
