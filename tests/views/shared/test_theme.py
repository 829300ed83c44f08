"""Everything that is read has a contrast of at least 4.5 : 1, in both themes."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from explorer.model.schema import Role
from views.shared import painters, theme


def _luminance(colour: QColor) -> float:
    parts = [value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in colour.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _contrast(one: QColor, two: QColor) -> float:
    low, high = sorted((_luminance(one), _luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("ground", ["window", "panel", "inset", "hover", "selection"])
def test_text_can_be_read_on_every_ground(name: str, ground: str) -> None:
    now = theme.THEMES[name]
    behind = getattr(now, ground)
    read = [now.text, now.secondary, now.accent, now.passes, now.succeeded, now.warning, now.error,
            *now.role_text.values(), *now.severity_text]  # fmt: skip
    assert min(_contrast(colour, behind) for colour in read) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark"])
def test_filled_badges_can_be_read(name: str) -> None:
    now = theme.THEMES[name]
    assert _contrast(now.on_passes, now.passes) >= 4.5
    assert _contrast(now.on_accent, now.accent) >= 4.5
    assert all(_contrast(now.panel, colour) >= 4.5 for colour in now.severity_text)


def test_every_role_has_a_colour_and_a_shape_of_its_own() -> None:
    for now in theme.THEMES.values():
        assert {role.value for role in Role} == set(now.roles) == set(now.role_text)
    assert len(set(painters.ROLE_GLYPHS.values())) == len(Role)


def test_applying_tells_everybody_and_leaves_no_token_behind(qapp: QApplication) -> None:
    heard = []
    theme.changed.connect(heard.append)
    try:
        theme.apply(qapp, theme.DARK)
        assert theme.current() is theme.DARK
        theme.apply(qapp, theme.LIGHT)
    finally:
        theme.changed.disconnect(heard.append)
    assert heard == [theme.DARK, theme.LIGHT]
    rules = [line for line in qapp.styleSheet().splitlines() if "@" in line and not line.startswith("/*")]
    assert not rules


def test_motion_stops_where_it_is_not_wanted(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    assert theme.motion_ms(1_000) <= 300
    monkeypatch.setenv("TRAJECTORY_EXPLORER_REDUCED_MOTION", "1")
    assert theme.motion_ms(200) == 0
