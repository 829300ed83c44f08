"""Rates are shown with their intervals, never bare; the table can be copied."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from explorer.session.audit_session import AuditSession
from explorer.session.commands import CommandTable
from views.shared.rates import read_rates
from views.statistics.view import StatisticsView


def test_the_copied_table_has_a_line_a_rate_with_its_interval(
    qtbot: QtBot, session: AuditSession, commands: CommandTable
) -> None:
    view = StatisticsView(session, commands)
    qtbot.addWidget(view)
    lines = view.as_markdown().splitlines()
    rates = read_rates(session.result.frame("rates"))
    assert len(lines) == 2 + len(rates)
    for line, rate in zip(lines[2:], rates, strict=True):
        assert rate.group in line
        assert rate.counts in line
