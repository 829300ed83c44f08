"""The numbers of a forest stand whole within its width, or not at all."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from views.shared import theme
from views.shared.rates import Rate
from views.statistics.forest import COLUMNS, Forest, cells, forest_columns
from views.statistics.tree_painter import in_two_lines


def _rate(group: str, k: float = 15, n: int = 68) -> Rate:
    return Rate("any", group, "teacher", k, n, 0.14, 0.5, 0.22, 0.38, 3, 2, "wilson")


RATES = (_rate("gpt-4o"), _rate("a-model-with-a-name-that-goes-on-and-on-2024-07-18", 1_115, 13_450))


@pytest.mark.parametrize("width", [300, 420, 560, 610, 700, 900, 1_400])
def test_nothing_reaches_over_the_edge(qtbot: QtBot, width: int) -> None:
    columns = forest_columns(RATES)
    name, axis, numbers = columns.placed(width)
    assert name >= 90
    assert axis >= 80
    least = Forest(RATES, columns)
    qtbot.addWidget(least)
    if width >= least.minimumSizeHint().width():
        assert name + axis + sum(numbers) <= width
        assert len(numbers) >= 3


def test_every_column_holds_its_title_and_its_widest_number(qtbot: QtBot) -> None:
    columns, text = forest_columns(RATES), QFontMetrics(theme.font())
    assert len(columns.numbers) == len(COLUMNS)
    for rate in RATES:
        for wide, cell in zip(columns.numbers, cells(rate), strict=True):
            assert text.horizontalAdvance(cell) < wide
    assert columns.placed(1_400)[2] == columns.numbers
    assert len(columns.placed(500)[2]) < len(COLUMNS)


def test_forests_without_rates_have_room_for_their_titles(qtbot: QtBot) -> None:
    assert all(wide > 16 for wide in forest_columns(()).numbers)


def test_a_name_is_parted_at_a_joint_and_stays_within_its_column(qtbot: QtBot) -> None:
    metrics = QFontMetrics(theme.small_font())
    width = metrics.horizontalAdvance("gpt-4o-mini-20")
    assert in_two_lines("gpt-4o", width, metrics) == ("gpt-4o",)
    assert in_two_lines("gpt-4o-mini-2024-07-18", width, metrics) == ("gpt-4o-mini-", "2024-07-18")
    for name in ("x" * 60, "a-" + "x" * 60, "-" * 60, "a name of several words that is far too long for it"):
        lines = in_two_lines(name, width, metrics)
        assert len(lines) == 2
        assert all(metrics.horizontalAdvance(line) <= width for line in lines)
