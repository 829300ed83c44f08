"""Rows that match with other arguments, and walking from difference to difference."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from explorer.model.divergence import Lane
from explorer.model.effect import EffectKind
from explorer.model.schema import Role
from explorer.session.audit_session import AuditSession
from explorer.session.commands import CommandTable
from tests.builders import build_dataset
from tests.views.audits import MadeAudit, MadeEffect, MadeEntry, MadePair, make_result, open_session
from views.alignment.aligned import aligned_pair
from views.alignment.lines import LineKind
from views.alignment.model import AlignmentModel
from views.alignment.view import AlignmentView
from views.alignment.words import SIGNS
from views.shared import theme

_TASK = "pay-rent"


def _pay(amount: float, text: str = "Rent") -> tuple[str, str, str]:
    return ("tool_call", "send_money", json.dumps({"recipient": "US1330000001212", "amount": amount, "subject": text}))


def _read(name: str) -> tuple[str, str, str]:
    return ("tool_call", "read_file", json.dumps({"file_path": name, "again": False}))


@pytest.fixture
def payments(tmp_path: Path) -> Iterator[AuditSession]:
    """Five reads of which one is of another file, four payments of which one is of another amount, one read by one
    side alone; both sides' second payment is an entry at no risk."""
    first = [*(_read(f"bill-{n}.txt") for n in range(5)), _pay(50), _pay(70), _pay(0.01), _pay(90), _read("end.txt")]
    second = [*(_read(f"bill-{n}.txt") for n in (0, 1, 7, 3, 4)), _pay(50.0), _pay(70), _pay(1000.0), _pay(90)]
    dataset = build_dataset({"a": {_TASK: first}, "b": {_TASK: second}})
    value = MadeEffect(EffectKind.VALUE_OUT, 3, "US1330000001212")
    effects = {(group, _TASK, n): [value] for group in "ab" for n in range(5, 9)}
    pair = MadePair(_TASK, "a", "b", [*((n, n) for n in range(9)), (9, None)], loose=True)
    entries = [
        MadeEntry(_TASK, Lane.BOTH, EffectKind.VALUE_OUT, 0.0, ("a", n), ("b", n), "US1330000001212", 3) for n in (6, 7)
    ]
    audit = MadeAudit((("a", Role.TEACHER), ("b", Role.STUDENT)), effects, [pair], entries)
    made = open_session(tmp_path, dataset, make_result(dataset, audit), audit.settings)
    yield made
    made.close()


@pytest.fixture
def view(payments: AuditSession, commands: CommandTable, qtbot: QtBot) -> AlignmentView:
    made = AlignmentView(payments, commands)
    qtbot.addWidget(made)
    made.resize(620, 420)
    made.show()
    payments.select_trajectory(0, origin="map")
    return made


def _row(view: AlignmentView) -> int:
    return view.walk.row


def test_rows_with_other_arguments_are_told_apart_from_equal_ones(payments: AuditSession) -> None:
    aligned = aligned_pair(payments, 0)
    assert [aligned.differs(row) for row in range(10)] == [row in (2, 7) for row in range(10)]


def test_what_differs_is_set_off_and_told(payments: AuditSession) -> None:
    words = AlignmentModel(payments, aligned_pair(payments, 0)).words
    cells = [words.cell(7, side) for side in (0, 1)]
    assert [[c.text[a:b] for a, b in c.differs] for c in cells if c is not None] == [["0.01"], ["1000.0"]]
    equal = words.cell(5, 0)
    assert equal is not None
    assert equal.differs == ()
    assert words.how(7) == "the same action, other arguments"
    assert words.how(5) == "the same"
    assert words.how(9) == "only this side acts"
    assert words.differing(7) == ["amount: 0.01 beside 1000.0"]
    assert "amount: 0.01 beside 1000.0" in words.tip(7, 1)


def test_what_one_side_has_more_of_has_a_place_on_the_other(tmp_path: Path) -> None:
    more = ("tool_call", "read_file", json.dumps({"file_path": "bill-0.txt", "again": False, "page": 2}))
    dataset = build_dataset({"a": {_TASK: [_read("bill-0.txt")]}, "b": {_TASK: [more]}})
    audit = MadeAudit(
        (("a", Role.TEACHER), ("b", Role.STUDENT)), {}, [MadePair(_TASK, "a", "b", [(0, 0)], loose=True)], []
    )
    session = open_session(tmp_path, dataset, make_result(dataset, audit), audit.settings)
    words = AlignmentModel(session, aligned_pair(session, 0)).words
    less, all_of_it = words.cell(0, 0), words.cell(0, 1)
    assert less is not None
    assert all_of_it is not None
    assert less.differs == ((len(less.text), len(less.text)),)
    assert [all_of_it.text[a:b] for a, b in all_of_it.differs] == ["  page=2"]
    session.close()


def test_other_arguments_where_something_changes_are_never_folded(payments: AuditSession) -> None:
    model = AlignmentModel(payments, aligned_pair(payments, 0))
    fold = np.flatnonzero(model.lines.kind == LineKind.FOLD)
    assert [(int(model.lines.start[n]), int(model.lines.stop[n])) for n in fold] == [(0, 6)]
    # What only reads may be folded, and the fold says how many of its rows differ.
    assert model.words.fold(0, 6, 0)[1] == "6 (1 ≈) × read_file / send_money"


def test_differences_are_walked_of_concern_or_not(view: AlignmentView, commands: CommandTable) -> None:
    view.grid.stand(-1, 0)
    seen = []
    for _ in range(4):
        commands.run("alignment.next_difference")
        seen.append(_row(view))
    assert seen == [2, 7, 9, 9]
    commands.run("alignment.previous_difference")
    assert _row(view) == 7
    view.title.back.click()
    assert _row(view) == 2
    view.title.on.click()
    assert _row(view) == 7


def test_what_both_do_alike_at_no_risk_is_no_divergence(payments: AuditSession, view: AlignmentView) -> None:
    assert view.model is not None
    assert view.model.aligned.entry[6] >= 0
    assert view.model.aligned.divergences.tolist() == [7]


def test_a_pair_with_nothing_of_concern_has_differences(tmp_path: Path, qtbot: QtBot, commands: CommandTable) -> None:
    dataset = build_dataset({"a": {_TASK: [_read("a"), _read("b")]}, "b": {_TASK: [_read("a"), _read("c")]}})
    pair = MadePair(_TASK, "a", "b", [(0, 0), (1, 1)], loose=True)
    audit = MadeAudit((("a", Role.TEACHER), ("b", Role.STUDENT)), {}, [pair], [])
    session = open_session(tmp_path, dataset, make_result(dataset, audit), audit.settings)
    view = AlignmentView(session, commands)
    qtbot.addWidget(view)
    session.select_trajectory(0, origin="map")
    assert not commands["alignment.next"].enabled()
    assert commands["alignment.next_difference"].enabled()
    commands.run("alignment.next_difference")
    assert _row(view) == 1
    session.close()


def test_answers_in_other_words_are_called_that(tmp_path: Path) -> None:
    dataset = build_dataset({"a": {_TASK: [("message", None, "All is paid.")]},
                             "b": {_TASK: [("message", None, "I will not pay.")]}})  # fmt: skip
    audit = MadeAudit(
        (("a", Role.TEACHER), ("b", Role.STUDENT)), {}, [MadePair(_TASK, "a", "b", [(0, 0)], loose=True)], []
    )
    session = open_session(tmp_path, dataset, make_result(dataset, audit), audit.settings)
    model = AlignmentModel(session, aligned_pair(session, 0))
    assert model.words.how(0) == "both answer, in other words"
    assert model.words.differing(0) == []
    session.close()


def test_the_signs_are_explained_where_they_stand(view: AlignmentView) -> None:
    assert view.heads.tip_at(10) == SIGNS
    view.grid.stand(view.model.lines.line_of_row(7) if view.model is not None else -1, 1)
    assert "other arguments; amount: 0.01 beside 1000.0" in view.grid.accessibleDescription()
    assert "other arguments" in view.grid.tip_at(QPoint(20, view.grid.rect_of(view.grid.line, 0).center().y()))


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("width", [460, 620, 1_100])
def test_narrow_and_wide_columns_are_drawn(
    view: AlignmentView, name: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theme, "current", lambda: theme.THEMES[name])
    view.resize(width, 420)
    place = view.grid.rect_of(view.grid.line, 1)
    image = view.grid.viewport().grab(place).toImage()
    assert len({image.pixelColor(x, y).rgb() for x in range(image.width()) for y in range(0, 28, 3)}) > 8
