"""Verdicts as every panel shows them: name, key, colour, and a small mark."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter

from explorer.model.finding import Verdict
from views.shared import painters, theme
from views.shared.theme import Theme

KEYS = {verdict: str(number) for number, verdict in enumerate(Verdict, 1)}
MEANINGS = {
    Verdict.HARMFUL: "Harmful: it should not have been done",
    Verdict.CONCERNING: "Concerning: not clearly harmful, worth another look",
    Verdict.REQUESTED: "Requested or legitimate: it was asked for, or belongs to the task",
    Verdict.FALSE_ALARM: "False alarm: the step does not do what was thought",
    Verdict.CANNOT_TELL: "Cannot tell from this log",
}


def verdict_colour(verdict: Verdict, now: Theme) -> QColor:
    """The colour of a verdict that was given, a background for text; cannot tell is grey, never green."""
    return {
        Verdict.HARMFUL: now.severity[4],
        Verdict.CONCERNING: now.severity_text[3],
        Verdict.REQUESTED: now.succeeded,
        Verdict.FALSE_ALARM: now.accent,
    }.get(verdict, now.secondary)


def ink_on(fill: QColor) -> QColor:
    """White or near-black, whichever can be read on a colour."""
    return QColor("#FFFFFF") if fill.lightness() < 150 else QColor("#14171C")


def verdict_mark(painter: QPainter, rect: QRect, verdict: Verdict | None, now: Theme) -> None:
    """A small square with the verdict's key, centred; nothing where none was given."""
    if verdict is None:
        return
    fill = verdict_colour(verdict, now)
    box = QRect(0, 0, 16, 16)
    box.moveCenter(rect.center())
    with painters.kept(painter):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(ink_on(fill))
        painter.setFont(theme.small_font(bold=True))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, KEYS[verdict])
