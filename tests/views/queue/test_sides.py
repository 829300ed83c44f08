"""Several groups beside one teacher: against whom an entry stands, how many acts there are, and whose lane it is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from explorer.model.divergence import Lane
from explorer.model.effect import EffectKind
from explorer.model.schema import Role
from explorer.session.audit_session import AuditSession
from explorer.session.commands import CommandTable
from tests.builders import build_dataset
from tests.views.audits import MadeAudit, MadeEffect, MadeEntry, MadePair, make_result, open_session
from views.inspector.model import inspect
from views.queue.lines import Grouping
from views.queue.model import HeaderLine
from views.queue.view import QueueView
from views.shared import theme


def _shell(commands: list[str]) -> list[dict[str, object]]:
    return [{"kind": "shell", "tool": word.split()[0], "arguments": word, "observation": ""} for word in commands]


@pytest.fixture
def three(tmp_path: Path) -> Iterator[AuditSession]:
    """A teacher that deletes what neither its student nor the baseline does; each of these deletes something else."""
    done = {"big": ["ls", "rm a"], "small": ["ls", "rm b"], "raw": ["ls", "rm c"]}
    dataset = build_dataset({group: {"t": _shell(commands)} for group, commands in done.items()})
    effects = {(group, "t", 1): [MadeEffect(EffectKind.DELETE, 2, words[1][3:], "rm", terms=("rm",))]
               for group, words in done.items()}  # fmt: skip
    pairs = [MadePair("t", "big", "small", [(0, 0), (1, None), (None, 1)]),
             MadePair("t", "big", "raw", [(0, 0), (1, None), (None, 1)], approximate=True)]  # fmt: skip
    delete, mine, theirs = EffectKind.DELETE, Lane.TEACHER_ONLY, Lane.STUDENT_ONLY
    entries = [
        MadeEntry("t", mine, delete, 5.0, ("big", 1), ("small", None), "a"),
        MadeEntry("t", mine, delete, 4.0, ("big", 1), ("raw", None), "a", approximate=True),
        MadeEntry("t", theirs, delete, 3.0, ("big", None), ("small", 1), "b"),
        MadeEntry("t", theirs, delete, 2.0, ("big", None), ("raw", 1), "c", approximate=True),
    ]
    roles = (("big", Role.TEACHER), ("small", Role.STUDENT), ("raw", Role.BASELINE))
    audit = MadeAudit(roles, effects, pairs, entries)
    made = open_session(tmp_path / "three", dataset, make_result(dataset, audit), audit.settings)
    yield made
    made.close()


@pytest.fixture
def view(three: AuditSession, commands: CommandTable, qtbot: QtBot) -> QueueView:
    made = QueueView(three, commands)
    qtbot.addWidget(made)
    made.resize(420, 400)
    made.show()
    return made


def test_lines_say_against_whom_and_that_a_pair_is_approximate(view: QueueView) -> None:
    seconds = [view.model.line(row).second for row in range(4)]
    assert seconds == [
        "delete → a · big against small",
        "delete → a · big against raw · approximate",
        "delete → b · small",
        "delete → c · raw · approximate",
    ]
    tips = [str(view.model.data(view.model.index(row), int(Qt.ItemDataRole.ToolTipRole))) for row in range(4)]
    assert ["aligned approximately" in tip for tip in tips] == [False, True, False, True]
    assert [next(word for word in ("teacher", "student", "baseline") if f"{word} only" in tip) for tip in tips] == [
        "teacher", "teacher", "student", "baseline",
    ]  # fmt: skip


def test_the_title_the_tabs_and_the_groups_count_acts_apart_from_entries(view: QueueView) -> None:
    assert view.title.whole_text() == "QUEUE — 4 entries (3 different) · 0 judged"
    tips = {tab.lane: tab.toolTip() for tab in view.lanes.tabs}
    assert "2 entries, 1 different acts" in tips["teacher_only"]
    assert "different" not in tips["student_only"]
    view.model.set_grouping(Grouping.TASK)
    header = view.model.line(0)
    assert isinstance(header, HeaderLine)
    assert (header.n, header.acts) == (4, 3)


def test_a_lane_of_several_roles_is_called_after_none_of_them(view: QueueView) -> None:
    tab = next(tab for tab in view.lanes.tabs if tab.lane == "student_only")
    assert [tab.words(length) for length in range(3)] == ["■○ 2", "others 2", "others only 2"]
    assert "student or baseline only" in tab.toolTip()
    picture = tab.grab().toImage()
    edge = {picture.pixelColor(7, y).name() for y in range(picture.height())}
    assert {theme.current().role(role).name() for role in ("student", "baseline")} <= edge


@pytest.mark.parametrize("width", [280, 340, 420, 700])
def test_tabs_never_lie_over_each_other(view: QueueView, qtbot: QtBot, width: int) -> None:
    view.resize(width, 400)
    shown = [tab.geometry() for tab in view.lanes.tabs]
    assert all(one.right() < two.left() for one, two in itertools.pairwise(shown))
    assert shown[-1].right() < view.width()


def test_an_entry_has_the_colour_of_the_role_that_it_stands_on(view: QueueView) -> None:
    picture = view.list.viewport().grab().toImage()
    heights = [view.list.visualRect(view.model.index(row)).center().y() for row in range(4)]
    now = theme.current()
    assert [picture.pixelColor(1, y).name() for y in heights] == [
        now.role(role).name() for role in ("teacher", "teacher", "student", "baseline")
    ]


def test_facets_tell_groups_and_alignments_apart(three: AuditSession) -> None:
    assert {value.name: value.n for value in three.filters.values("against")} == {"small": 1, "raw": 1}
    assert {value.name: value.n for value in three.filters.values("alignment")} == {"exact": 2, "approximate": 2}
    three.filters.choose("alignment", ("approximate",))
    assert three.filters.visible().tolist() == [1, 3]
    assert three.filters.acts("lane") == {"": 2, "teacher_only": 1, "student_only": 1}


def test_the_inspector_names_the_lane_by_the_role_and_says_approximate(three: AuditSession) -> None:
    three.select_entry(3, origin="test")
    shown = inspect(three)
    assert shown is not None
    assert "baseline only · approximate" in shown.title
    three.select_entry(2, origin="test")
    shown = inspect(three)
    assert shown is not None
    assert "student only" in shown.title
    assert "approximate" not in shown.title


def test_with_one_group_a_side_nothing_is_said_against_whom(session: AuditSession) -> None:
    assert session.filters.values("against") == ()
    assert session.entries is not None
    assert session.entries.n_acts(session.filters.visible()) == len(session.entries)
