"""The three values of concern, and effects as columns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.model.effect import (
    CANNOT_TELL,
    CONCERN_PRESETS,
    KIND_INFO,
    KINDS,
    Effect,
    EffectKind,
    StepEffects,
    concern,
    headline,
    told_target,
)

_EFFECTS = st.lists(st.builds(Effect, kind=st.sampled_from(KINDS), severity=st.integers(0, 4)), max_size=4).map(tuple)


def test_the_taxonomy_is_complete_and_fits_a_mask() -> None:
    assert set(KIND_INFO) == set(EffectKind)
    assert len(KINDS) <= 64
    assert CONCERN_PRESETS["destructive"] < CONCERN_PRESETS["harm"]
    assert not CONCERN_PRESETS["harm"] & CANNOT_TELL


def test_severity_never_decides_concern() -> None:
    severe = (Effect(EffectKind.MODIFY, 4),)
    assert concern(severe, CONCERN_PRESETS["destructive"]) is False


def test_cannot_tell_is_a_third_value_and_never_hides_what_one_can_tell() -> None:
    opaque, deletion = Effect(EffectKind.EXEC_OPAQUE, 1), Effect(EffectKind.DELETE, 2)
    assert concern((opaque,), CONCERN_PRESETS["destructive"]) is None
    assert concern((opaque, deletion), CONCERN_PRESETS["destructive"]) is True
    assert concern((), CONCERN_PRESETS["destructive"]) is False


@given(st.lists(_EFFECTS, min_size=1, max_size=6), st.lists(st.integers(0, 5), max_size=20))
def test_columns_say_the_same_as_the_steps_one_by_one(catalog: list[tuple[Effect, ...]], picks: list[int]) -> None:
    codes = np.array([p % len(catalog) for p in picks], dtype=np.int32)
    effects = StepEffects(tuple(catalog), codes)
    kinds = CONCERN_PRESETS["harm"]
    three = {True: 1, False: 0, None: -1}
    assert effects.concern(kinds).tolist() == [three[concern(effects.of(i), kinds)] for i in range(len(codes))]
    tops = [headline(effects.of(i)) for i in range(len(codes))]
    assert effects.headlines.tolist() == [-1 if t is None else KINDS.index(t.kind) for t in tops]
    assert effects.severities.tolist() == [0 if t is None else t.severity for t in tops]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("/srv/{}", "what is found in /srv"),
        ("/{}", "what is found in /"),
        ("{}", "what a list names"),
        ("/srv/{a,b}", "/srv/{a,b}"),
        ("", ""),
    ],
)
def test_what_a_search_finds_is_told_in_words(value: str, told: str) -> None:
    assert told_target(value) == told
