"""Weights and costs can be changed in a file; a mistake names file and key."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.alignment.align import align_pairs
from explorer.errors import SettingsError
from explorer.model.effect import EffectKind
from explorer.model.schema import Role
from explorer.model.settings import AlignmentCosts, RiskWeights
from explorer.session.settings import make_settings
from explorer.session.weights import (
    LIMIT,
    Weights,
    parse_weights,
    save_weights,
    saved_weights,
    surprise_model,
    weights_to_show,
    weights_toml,
)
from tests.explorer.analysis.sequences import features_of, one_pair

STEP_READ = (EffectKind.READ, 1, 0, 2)


VALUES = st.one_of(st.just(0.0), st.floats(1e-300, LIMIT))
GAPS = VALUES.map(lambda value: 0.0 - value)
ANY = st.builds(
    Weights,
    st.builds(RiskWeights, **{field.name: VALUES for field in fields(RiskWeights)}),
    st.builds(
        AlignmentCosts, effect=st.floats(0.5, LIMIT), tool=VALUES, arguments=VALUES,
        threshold=st.one_of(GAPS, st.floats(1e-300, 0.25)), gap_open=GAPS, gap_open_concern=GAPS, gap_extend=GAPS,
        band_above=st.integers(1, int(LIMIT)),
        band_width=st.integers(1, int(LIMIT)),
    ),
)  # fmt: skip
"""Whatever a file may hold."""


@given(ANY)
def test_what_is_written_reads_back(made: Weights) -> None:
    assert parse_weights(weights_toml(made), "x") == made


def test_what_no_box_could_show_whole_is_nothing() -> None:
    assert parse_weights("[risk]\nseverity = 5e-324\n[alignment]\ngap_open = -1e-310", "x") == Weights(
        replace(RiskWeights(), severity=0.0), replace(AlignmentCosts(), gap_open=0.0)
    )


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
        ("[risk]\nseverity = nan", "severity = nan is no number"),
        ("[risk]\nseverity = -1", "severity = -1 cannot be: it goes from 0 to"),
        ("[risk]\nseverity = 1e9", "severity = 1000000000.0 cannot be"),
        ("[risk]\nseverity = 1" + "0" * 400, "severity = 10000"),
        ("[risk]\nseverity = 1" + "0" * 5000, "TOML"),
        ("[risk]\nseverity = " + "[" * 50_000, "TOML"),
        ("[alignment]\neffect = -5", "effect = -5 cannot be"),
        ("[alignment]\nthreshold = 1.0", "threshold 1 is not below effect . tool . arguments .0.5 . 0.3 . 0.2 = 1."),
        ("[alignment]\nthreshold = 0.9999999999", "not be worth aligning"),
        ("[alignment]\neffect = 0\ntool = 0\narguments = 0\nthreshold = 0", "not be worth aligning"),
        ("[alignment]\nband_above = 1.5", "band_above = 1.5 is no whole number"),
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


def test_every_cost_that_is_taken_gives_equal_trajectories_the_highest_score() -> None:
    """The least margin that passes still tells what is equal from what is not."""
    tight = parse_weights("[alignment]\nthreshold = 0.9999", "x").costs
    features, offsets = features_of([STEP_READ, STEP_READ], [STEP_READ, STEP_READ])
    found = align_pairs(features, offsets, one_pair(), tight)
    assert found.normalised[0] == pytest.approx(1.0)


def test_a_file_that_cannot_be_read_is_said_and_not_passed_over() -> None:
    path = save_weights(Weights())
    path.write_bytes(b"[risk]\nseverity = 3 # \xe9\n")
    with pytest.raises(SettingsError, match="byte 22 is no UTF-8") as caught:
        saved_weights()
    assert str(path) in str(caught.value)
    shown, why = weights_to_show()
    assert shown == Weights()
    assert "UTF-8" in why
    path.unlink()
    path.mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        saved_weights()
    path.rmdir()
    assert weights_to_show() == (Weights(), "")


def test_what_a_surprise_is_measured_by_is_said() -> None:
    known = {"available": True, "role": "teacher", "trajectories": 455, "note": "…"}
    said = "under the teacher’s next actions, learned from 455 trajectories, each step by those of other tasks"
    assert surprise_model({"surprise": known}) == said
    few = {"available": False, "role": "teacher", "trajectories": 3, "note": "not available: the teacher has only 3"}
    assert surprise_model({"surprise": few}) == "0 everywhere: the teacher has only 3"
    assert surprise_model({}) == surprise_model(None) == ""


def test_saved_weights_are_those_of_the_next_audit() -> None:
    assert saved_weights() == Weights()
    mine = Weights(replace(RiskWeights(), visibility=3.0), AlignmentCosts())
    save_weights(mine)
    assert make_settings({"a": Role.TEACHER}).risk.visibility == 3.0
