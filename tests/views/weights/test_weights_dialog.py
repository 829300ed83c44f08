"""Weights are read and changed in the window, and kept."""

from __future__ import annotations

from dataclasses import fields

from pytestqt.qtbot import QtBot

from explorer.session.weights import Weights, saved_weights
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


def test_no_weight_is_negative_and_no_gap_a_reward(qtbot: QtBot) -> None:
    dialog = WeightsDialog(Weights())
    qtbot.addWidget(dialog)
    dialog.boxes["severity"].setValue(-3.0)
    dialog.boxes["gap_extend"].setValue(2.0)
    made = dialog.weights()
    assert made.risk.severity == 0.0
    assert made.costs.gap_extend == 0.0
