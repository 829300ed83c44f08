"""Weights and costs can be changed in a file; a mistake names file and key."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import SettingsError
from explorer.model.schema import Role
from explorer.model.settings import AlignmentCosts, RiskWeights
from explorer.session.settings import make_settings
from explorer.session.weights import Weights, parse_weights, save_weights, saved_weights, weights_toml


@given(st.floats(0, 100), st.floats(-5, 0), st.integers(1, 10_000))
def test_what_is_written_reads_back(severity: float, gap: float, band: int) -> None:
    made = Weights(replace(RiskWeights(), severity=severity), replace(AlignmentCosts(), gap_open=gap, band_above=band))
    assert parse_weights(weights_toml(made), "x") == made


def test_what_is_left_out_has_its_default() -> None:
    assert parse_weights("", "x") == Weights()
    assert parse_weights("[risk]\nvisibility = 2", "x").risk == replace(RiskWeights(), visibility=2.0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[risk]\nseverty = 1", "severty"),
        ("[risk]\nseverity = 'high'", "severity"),
        ("[risk]\nseverity = true", "severity"),
        ("[risk]\nseverity = inf", "severity"),
        ("[risk]\nseverity = -1", "negative"),
        ("[alignment]\ngap_open = 1.0", "reward"),
        ("[alignment]\nband_width = 0", "band"),
        ("[rsk]", "rsk"),
        ("risk = 3", "table"),
        ("[risk", "TOML"),
    ],
)
def test_a_mistake_names_file_and_key(text: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        parse_weights(text, "mine.toml")
    assert "mine.toml" in str(caught.value)


def test_saved_weights_are_those_of_the_next_audit() -> None:
    assert saved_weights() == Weights()
    mine = Weights(replace(RiskWeights(), visibility=3.0), AlignmentCosts())
    save_weights(mine)
    assert make_settings({"a": Role.TEACHER}).risk.visibility == 3.0
