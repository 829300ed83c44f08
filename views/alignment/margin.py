"""What stands between gutter and columns where many are side by side: how many agree, and the ground of what is
unique."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from views.shared import painters, theme
from views.shared.theme import Theme

_LEFT, _BAR = 18, 24
GLYPH = 7


def agreement(painter: QPainter, rect: QRect, agreeing: tuple[int, int], n: int, now: Theme) -> None:
    """How many of ``n`` columns do the commonest thing, as a bar and as "k/n"; over a folded stretch from the least
    to the most. What all do is pale, what less than half do is set off."""
    least, most = agreeing
    colour = now.faint if least == n else now.secondary if least * 2 > n else now.accent
    painters.bar(painter, QRect(rect.left() + _LEFT, rect.top(), _BAR, rect.height()), least / max(n, 1), colour, now)
    word = f"{least}/{n}" if least == most else f"{least}–{most}"
    place = QRect(rect.left() + _LEFT + _BAR + 4, rect.top(), rect.width() - _LEFT - _BAR - 8, rect.height())
    ink = now.secondary if least * 2 > n else now.text
    painters.text(painter, place, word, ink, theme.small_font(bold=least * 2 <= n), align=Qt.AlignmentFlag.AlignRight)


def unique_colour(severity: int, now: Theme, *, concern: bool) -> QColor:
    """The colour of a unique step: of its severity where it is of concern."""
    return now.severity_text[min(max(severity, 1), 4)] if concern else now.accent


def unique_ground(painter: QPainter, rect: QRect, severity: int, now: Theme, *, concern: bool) -> None:
    """The ground of a step that nobody else does: a diamond; an edge at its left and a tint where it changes
    something, stronger where it is of concern."""
    colour = unique_colour(severity, now, concern=concern)
    if severity or concern:
        tint = QColor(colour)
        tint.setAlpha(56 if concern else 26)
        painter.fillRect(rect.adjusted(0, 0, 0, -1), tint)
        painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height() - 1), colour)
    diamond(painter, QRect(rect.left() + 5, rect.top(), GLYPH, rect.height()), colour, filled=concern)


def told_apart(painter: QPainter, rect: QRect, now: Theme) -> None:
    """The line over the first step after a column was told something else than the first one, with a small flag."""
    painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 2), now.warning)
    with painters.kept(painter):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.warning)
        x, y = rect.right() - 8, rect.top() + 2
        painter.drawPolygon(QPolygonF([QPointF(x, y), QPointF(x + 8, y), QPointF(x + 4, y + 6)]))


def diamond(painter: QPainter, rect: QRect, colour: QColor, *, filled: bool) -> None:
    """The mark of what is unique, centred; filled where it is of concern."""
    centre, half = QRectF(rect).center(), min(rect.width(), rect.height()) / 2
    corners = [(0.0, -half), (half, 0.0), (0.0, half), (-half, 0.0)]
    with painters.kept(painter):
        painter.setPen(colour)
        painter.setBrush(colour if filled else Qt.BrushStyle.NoBrush)
        painter.drawPolygon(QPolygonF([QPointF(centre.x() + x, centre.y() + y) for x, y in corners]))
