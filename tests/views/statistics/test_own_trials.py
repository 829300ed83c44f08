"""Histograms of pairs beside a group's own trials."""

from __future__ import annotations

from typing import Any

from pytestqt.qtbot import QtBot

from explorer.model.result import AuditResult
from explorer.session.audit_session import AuditSession
from explorer.session.commands import CommandTable
from explorer.session.own_trials import NO_TRIALS
from views.shared import theme
from views.shared.widgets import Secondary
from views.statistics.own_trials import OwnTrials, spread_rows
from views.statistics.view import StatisticsView

BINS = 40


def counts(**at: int) -> list[int]:
    made = [0] * BINS
    for place, count in at.items():
        made[int(place[1:])] = count
    return made


def summary(**changes: Any) -> dict[str, Any]:
    between = {
        "first": "big", "second": "small", "pairs": 40, "tasks": 10, "mean_score": -0.25,
        "scores": counts(_10=30, _20=10),
        "own_group": "big", "own_tasks": 10, "own_mean_score": 0.5, "difference": -0.75, "low": -0.9, "high": -0.6,
        "judged": 40, "unusual": 30,
    }  # fmt: skip
    own = {"group": "big", "tasks": 10, "pairs": 15, "mean_score": 0.5, "mean_diverging": 0.2, "scores": counts(_39=15)}
    made = {"roles": {"big": "teacher", "small": "student"}, "spread": [own], "against_own_trials": [between]}
    return {**made, **changes}


def test_groups_stand_beside_themselves_first_then_beside_each_other() -> None:
    rows = spread_rows(summary())
    assert [row.name for row in rows] == ["teacher with itself", "student with teacher"]
    assert [row.role for row in rows] == ["teacher", "student"]
    assert rows[0].cells == ("0.50", "15", "10", "20 %")
    assert rows[1].cells == ("−0.25", "40", "10", "")
    assert rows[0].sentence.endswith("in 20 % of them an effect of concern differs")
    assert spread_rows(summary(spread=[])) == ()


def test_bars_stand_where_the_scores_are(qtbot: QtBot) -> None:
    made = OwnTrials(spread_rows(summary()))
    qtbot.addWidget(made)
    made.resize(800, made.sizeHint().height())
    picture = made.grab().toImage()
    now = theme.current()

    def columns(role: str, top: int) -> list[int]:
        name = now.role(role).name()
        # From the right of the role's mark on.
        return [x for x in range(40, picture.width()) if any(
            picture.pixelColor(x, y).name() == name for y in range(top, top + 40)
        )]  # fmt: skip

    own, between = columns("teacher", 30), columns("student", 76)
    assert own
    assert between
    # The own trials fill the last part alone; the pairs lie to the left, in two parts.
    assert min(own) > max(between)
    assert max(own) - min(own) < max(between) - min(between)


def test_long_names_stand_above_their_histograms(qtbot: QtBot) -> None:
    roles = {"big": "teacher", "big two": "teacher", "small": "student"}
    made = OwnTrials(spread_rows(summary(roles=roles)))
    qtbot.addWidget(made)
    made.show()
    made.resize(1600, 200)
    beside = made.sizeHint().height()
    made.resize(560, 200)
    assert made.sizeHint().height() > beside
    assert not made.grab().isNull()


def test_the_panel_tells_the_verdict_below_the_histograms(
    qtbot: QtBot, session: AuditSession, commands: CommandTable
) -> None:
    assert session.result is not None
    session.result = AuditResult(session.result.tables, {**session.result.summary, **summary()})
    view = StatisticsView(session, commands)
    qtbot.addWidget(view)
    view.resize(700, 300)
    view.show()
    said = [label.whole_text() for label in view.findChildren(Secondary)]
    assert any(text.startswith("Student and teacher are less alike than the teacher’s own trials") for text in said)
    (made,) = view.findChildren(OwnTrials)
    view.show_own_trials()
    qtbot.waitUntil(lambda: not made.visibleRegion().isEmpty())


def test_without_trials_the_panel_says_that_nothing_can_be_told(
    qtbot: QtBot, session: AuditSession, commands: CommandTable
) -> None:
    assert session.result is not None
    none = summary(spread=[])
    none["against_own_trials"][0]["own_group"] = None
    session.result = AuditResult(session.result.tables, {**session.result.summary, **none})
    view = StatisticsView(session, commands)
    qtbot.addWidget(view)
    assert view.findChildren(OwnTrials) == []
    assert NO_TRIALS in [label.whole_text() for label in view.findChildren(Secondary)]
