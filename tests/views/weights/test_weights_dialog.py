"""Weights are read and changed in the window, and kept."""

from __future__ import annotations

from dataclasses import fields, replace

from hypothesis import HealthCheck, given, settings
from pytestqt.qtbot import QtBot

from explorer.model.settings import RiskWeights
from explorer.session.weights import Weights, saved_weights
from tests.explorer.session.test_weights import ANY
from views.shared.plain_text import PlainLabel
from views.weights.dialog import WeightsDialog


def test_every_weight_and_cost_can_be_changed(qtbot: QtBot) -> None:
    dialog = WeightsDialog(Weights())
    qtbot.addWidget(dialog)
    assert set(dialog.boxes) == {f.name for part in Weights() for f in fields(part)}
    assert dialog.weights() == Weights()
    dialog.boxes["visibility"].setValue(4.0)
    dialog.boxes["gap_open"].setValue(-1.1)
    with qtbot.waitSignal(dialog.applied) as heard:
        dialog.apply()
    made = heard.args[0]
    assert (made.risk.visibility, made.costs.gap_open) == (4.0, -1.1)
    assert saved_weights() == made


def test_defaults_come_back(qtbot: QtBot) -> None:
    dialog = WeightsDialog(Weights())
    qtbot.addWidget(dialog)
    dialog.boxes["severity"].setValue(9.0)
    dialog.show_defaults()
    assert dialog.weights() == Weights()


@given(ANY)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_file_says_comes_back_as_it_was(qtbot: QtBot, made: Weights) -> None:
    """Opening the dialog and applying it changes nothing."""
    dialog = WeightsDialog(made)
    qtbot.addWidget(dialog)
    dialog.apply()
    assert dialog.weights() == made
    assert saved_weights() == made


def test_a_long_number_is_shown_whole_and_typed_ones_are_taken(qtbot: QtBot) -> None:
    dialog = WeightsDialog(Weights(replace(RiskWeights(), severity=25.0, outcome=0.125, support=0.004)))
    qtbot.addWidget(dialog)
    boxes = dialog.boxes
    assert [boxes[name].text() for name in ("severity", "outcome", "support")] == ["25", "0.125", "0.004"]
    line = boxes["support"].lineEdit()
    line.selectAll()
    qtbot.keyClicks(line, "0.0625")
    boxes["outcome"].stepBy(1)
    qtbot.keyClicks(line, "x-")
    assert (dialog.weights().risk.support, dialog.weights().risk.outcome) == (0.0625, 0.225)
    line.setText("1e-")
    assert not boxes["support"].hasAcceptableInput()


def test_costs_under_which_nothing_is_alike_are_refused_with_a_reason(qtbot: QtBot) -> None:
    dialog = WeightsDialog(Weights())
    qtbot.addWidget(dialog)
    dialog.boxes["threshold"].setValue(1.0)
    with qtbot.assertNotEmitted(dialog.applied):
        dialog.apply()
    (said,) = [label for label in dialog.findChildren(PlainLabel) if "threshold 1 is not below" in label.whole_text()]
    assert said.isVisibleTo(dialog)
    assert saved_weights() == Weights()


def test_by_what_surprise_is_measured_and_what_is_wrong_with_the_file_are_said(qtbot: QtBot) -> None:
    dialog = WeightsDialog(Weights(), surprise="under the teacher’s next actions", problem="byte 22 is no UTF-8")
    qtbot.addWidget(dialog)
    shown = [label.whole_text() for label in dialog.findChildren(PlainLabel) if label.isVisibleTo(dialog)]
    assert "Surprise: under the teacher’s next actions." in shown
    assert "byte 22 is no UTF-8" in shown


def test_no_weight_is_negative_and_no_gap_a_reward(qtbot: QtBot) -> None:
    dialog = WeightsDialog(Weights())
    qtbot.addWidget(dialog)
    dialog.boxes["severity"].setValue(-3.0)
    dialog.boxes["gap_extend"].setValue(2.0)
    made = dialog.weights()
    assert made.risk.severity == 0.0
    assert made.costs.gap_extend == 0.0
