"""Columns share the width where all fit; where they do not they scroll, each wide enough to be read."""

from __future__ import annotations

import pytest

from views.alignment.geometry import WIDE_GUTTER, Geometry


@pytest.mark.parametrize("width", [720, 757, 1_100])
def test_three_columns_stand_side_by_side_in_a_panel_of_a_usual_window(width: int) -> None:
    geometry = Geometry(width, 3, WIDE_GUTTER)
    assert geometry.content == width
    assert geometry.column(2, 0).right() <= width
    assert geometry.shift_to(2, 0) == 0


def test_many_columns_scroll_and_keep_their_width() -> None:
    geometry = Geometry(757, 7, WIDE_GUTTER, pinned=True)
    assert geometry.content > 757
    assert all(geometry.column(side, 0).width() >= 225 for side in range(7))
    shift = geometry.shift_to(6, 0)
    assert geometry.column(6, 0, shift).right() <= geometry.window(6, 0).right()
    assert geometry.column(0, 0, shift) == geometry.column(0, 0)
