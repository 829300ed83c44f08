"""Drawings say by shape what they say by colour."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from views.shared import painters, theme

pytestmark = pytest.mark.usefixtures("qapp")
_BOX = QRect(0, 0, 120, 24)


def _drawn(draw: object, *args: object, **kwargs: object) -> QImage:
    image = QImage(_BOX.size(), QImage.Format.Format_ARGB32)
    image.fill(theme.LIGHT.panel)
    painter = QPainter(image)
    draw(painter, _BOX, *args, **kwargs)  # type: ignore[operator]  # any of the painters
    painter.end()
    return image


def _shape(image: QImage) -> tuple[bool, ...]:
    ground = theme.LIGHT.panel.rgb()
    return tuple(image.pixel(x, y) != ground for x in range(image.width()) for y in range(image.height()))


def test_marks_of_roles_differ_without_colour(qapp: QApplication) -> None:
    roles = [*painters.ROLE_GLYPHS, None]
    shapes = {_shape(_drawn(painters.role_mark, role, theme.LIGHT)) for role in roles}
    assert len(shapes) == len(roles)


def test_severity_is_counted_in_cells() -> None:
    def filled(severity: int) -> int:
        image = _drawn(painters.severity_cells, severity, theme.LIGHT)
        want = theme.LIGHT.severity[severity]
        middle = 12
        return sum(image.pixelColor(3 + cell * 8, middle) == QColor(want) for cell in range(4))

    assert [filled(severity) for severity in (1, 2, 3, 4)] == [1, 2, 3, 4]


def test_passes_is_the_only_filled_badge_of_the_filter() -> None:
    def is_filled(passes: bool | None) -> bool:
        image = _drawn(painters.filter_badge, passes, theme.LIGHT)
        return image.pixelColor(5, 12) == theme.LIGHT.passes

    assert [is_filled(passes) for passes in (True, False, None)] == [True, False, False]


def test_no_data_is_not_a_rate_of_zero() -> None:
    nothing = _drawn(painters.interval, math.nan, 0.0, 1.0, QColor("#C8701A"), theme.LIGHT)
    zero = _drawn(painters.interval, 0.0, 0.0, 0.1, QColor("#C8701A"), theme.LIGHT)
    assert nothing != zero


def test_painters_restore_the_painter() -> None:
    image = QImage(_BOX.size(), QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    before = (painter.pen(), painter.brush(), painter.renderHints())
    painters.hatch(painter, _BOX, theme.DARK)
    painters.pill(painter, _BOX, "x" * 500, theme.DARK.text)
    painters.lane_edge(painter, _BOX, "both", theme.DARK)
    painters.text(painter, _BOX, "\u202e<b>", theme.DARK.text, theme.mono_font())
    assert (painter.pen(), painter.brush(), painter.renderHints()) == before
    painter.end()
