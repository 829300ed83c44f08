"""Small drawings with one meaning each, the same in every panel.

Every function takes a painter, a rectangle and the theme, changes nothing it does not restore, and says by shape
what it says by colour.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap, QPolygonF

from views.shared import theme as themes
from views.shared.theme import Theme
from views.shared.visible import elided

ROLE_GLYPHS = {"teacher": "●", "student": "■", "baseline": "○", "control": "▲", "reference": "◇"}
"""The marks of roles where only text can be shown."""

OUTCOME_WORDS = {"succeeded": "done", "failed": "attempt", "not_executed": "attempt", "unknown": "?"}
PILL_HEIGHT = 18
# Combined once: Python's flags are slow to combine, and painters do it for every word on screen.
_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
_CENTRED = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextSingleLine)


@contextmanager
def kept(painter: QPainter) -> Iterator[QPainter]:
    """Save and restore the painter, antialiased in between."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    try:
        yield painter
    finally:
        painter.restore()


def words(name: str) -> str:
    """An identifier of ours (``process_kill``) as a person reads it."""
    return name.replace("_", " ")


def role_mark(painter: QPainter, rect: QRect, role: str | None, theme: Theme) -> None:
    """The mark of a role, centred: ● teacher, ■ student, ○ baseline, ▲ control, ◇ reference, – none."""
    size = min(rect.width(), rect.height(), 10)
    centre = QPointF(QRectF(rect).center())
    colour = theme.role(role)
    half = size / 2
    with kept(painter):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        if role == "teacher":
            painter.drawEllipse(centre, half, half)
        elif role == "student":
            painter.drawRect(QRectF(centre.x() - half + 0.5, centre.y() - half + 0.5, size - 1, size - 1))
        elif role == "control":
            painter.drawPolygon(_polygon(centre, half, 3, -90))
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour, 1.6))
            if role == "baseline":
                painter.drawEllipse(centre, half - 0.8, half - 0.8)
            elif role == "reference":
                painter.drawPolygon(_polygon(centre, half - 0.4, 4, -90))
            else:
                painter.drawLine(QPointF(centre.x() - half, centre.y()), QPointF(centre.x() + half, centre.y()))


def severity_cells(painter: QPainter, rect: QRect, severity: int, theme: Theme) -> None:
    """Four cells, as many filled as the severity says, in the colour of that severity; left-aligned."""
    width, height, gap = 6, 10, 2
    top = rect.center().y() - height // 2 + 1
    with kept(painter):
        painter.setPen(Qt.PenStyle.NoPen)
        for cell in range(4):
            painter.setBrush(theme.severity[severity] if cell < severity else theme.severity[0])
            painter.drawRoundedRect(QRectF(rect.left() + cell * (width + gap), top, width, height), 1, 1)


SEVERITY_WIDTH = 4 * 6 + 3 * 2


def pill_width(text: str, font: QFont | None = None) -> int:
    """The width a pill with this text takes."""
    metrics = QFontMetrics(font or themes.small_font())
    return metrics.horizontalAdvance(elided(text)) + 16


def pill(
    painter: QPainter, rect: QRect, text: str, colour: QColor, *, filled: bool = False, on: QColor | None = None
) -> int:
    """A rounded badge at the left of ``rect``, vertically centred; outlined, or filled with ``on`` as text colour.

    Returns its width (cut to the rectangle's).
    """
    shown = elided(text)
    font = themes.small_font(bold=filled)
    width = min(QFontMetrics(font).horizontalAdvance(shown) + 16, rect.width())
    ink = on if filled and on is not None else colour
    ratio = painter.device().devicePixelRatioF()
    key = (shown, width, colour.rgba(), ink.rgba(), filled, ratio)
    picture = _pills.get(key)
    if picture is None:
        if len(_pills) >= _PILLS_KEPT:
            _pills.clear()
        picture = _pills[key] = _pill_picture(shown, width, font, colour, ink, filled, ratio)
    painter.drawPixmap(rect.left(), round(rect.center().y() - PILL_HEIGHT / 2), picture)
    return width


_PILLS_KEPT = 512
_pills: dict[tuple[str, int, int, int, bool, float], QPixmap] = {}
"""Pills drawn before: the same few stand in every row, and drawing one costs as much as the rest of a row."""


def _pill_picture(
    shown: str, width: int, font: QFont, colour: QColor, ink: QColor, filled: bool, ratio: float
) -> QPixmap:
    picture = QPixmap(round(max(width, 1) * ratio), round((PILL_HEIGHT + 1) * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    box = QRectF(0.5, 0.5, width - 1, PILL_HEIGHT)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1))
    painter.setBrush(colour if filled else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box.adjusted(0, 0, 0, -0.5), PILL_HEIGHT / 2, PILL_HEIGHT / 2)
    painter.setPen(ink)
    painter.setFont(font)
    cut = QFontMetrics(font).elidedText(shown, Qt.TextElideMode.ElideRight, max(width - 12, 8))
    painter.drawText(box, _CENTRED, cut)
    painter.end()
    return picture


def filter_badge(
    painter: QPainter, rect: QRect, passes: bool | None, theme: Theme, *, escapes_all: bool = False
) -> int:
    """What the token filter says: *passes* is the one filled violet badge, *flagged* an outline, ``?`` unknown.

    What escapes every filter has a double edge and says so.
    """
    if passes is None:
        return pill(painter, rect, "?", theme.secondary)
    if not passes:
        return pill(painter, rect, "flagged", theme.secondary)
    text = "escapes all" if escapes_all else "passes"
    return pill(painter, rect, text, theme.passes, filled=True, on=theme.on_passes)


def outcome_badge(painter: QPainter, rect: QRect, outcome: str, theme: Theme) -> int:
    """*done* green, *attempt* grey (failed or not executed), ``?`` where the log does not say."""
    colour = theme.succeeded if outcome == "succeeded" else theme.secondary
    return pill(painter, rect, OUTCOME_WORDS.get(outcome, "?"), colour)


def effect_badge(
    painter: QPainter, rect: QRect, kind: str, severity: int, theme: Theme, *, filled: bool = False
) -> int:
    """An effect's kind in the colour of its severity; filled where it is the one in front."""
    colour = theme.severity_text[severity]
    return pill(painter, rect, words(kind), colour, filled=filled, on=theme.panel)


def lane_edge(
    painter: QPainter, rect: QRect, lane: str | None, theme: Theme, width: int = 4,
    sides: tuple[str, str] = ("teacher", "student"),
) -> None:  # fmt: skip
    """The coloured left edge of a row: the second side, the first, both (halved), cannot tell (hatched grey); ``sides``
    are the roles of the first and the second, whose colours they have."""
    first, second = sides
    edge = QRect(rect.left(), rect.top(), width, rect.height())
    with kept(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if lane == "both":
            half = edge.height() // 2
            painter.fillRect(edge.adjusted(0, 0, 0, -half), theme.role(first))
            painter.fillRect(edge.adjusted(0, edge.height() - half, 0, 0), theme.role(second))
        elif lane == "cannot_tell":
            painter.fillRect(edge, QBrush(theme.faint, Qt.BrushStyle.Dense4Pattern))
        elif lane is not None:
            painter.fillRect(edge, theme.role({"student_only": second, "teacher_only": first}.get(lane)))


def bar(painter: QPainter, rect: QRect, fraction: float, colour: QColor, theme: Theme) -> None:
    """A thin horizontal bar on its track, ``fraction`` in [0, 1]."""
    height = 6
    track = QRectF(rect.left(), rect.center().y() - height / 2 + 0.5, rect.width(), height)
    with kept(painter):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.inset)
        painter.drawRoundedRect(track, 3, 3)
        if fraction > 0:
            painter.setBrush(colour)
            width = max(track.width() * min(fraction, 1.0), 3.0)
            painter.drawRoundedRect(QRectF(track.left(), track.top(), width, height), 3, 3)


def interval(
    painter: QPainter, rect: QRect, value: float, low: float, high: float, colour: QColor, theme: Theme, *,
    floor: float | None = None, ceiling: float | None = None, role: str | None = None,
) -> None:  # fmt: skip
    """A rate as a dot with its interval on a hairline from 0 to 1; floor and ceiling (what "cannot tell" leaves
    open) as a thin pale band. NaN draws the hairline only: no data is not zero."""
    inner = QRectF(rect.left() + 6, rect.top(), rect.width() - 12, rect.height())
    middle = inner.center().y()

    def at(share: float) -> float:
        return inner.left() + min(max(share, 0.0), 1.0) * inner.width()

    with kept(painter):
        painter.setPen(QPen(theme.line, 1))
        painter.drawLine(QPointF(inner.left(), middle), QPointF(inner.right(), middle))
        for end in (inner.left(), inner.right()):
            painter.drawLine(QPointF(end, middle - 3), QPointF(end, middle + 3))
        if math.isnan(value):
            return
        if floor is not None and ceiling is not None and ceiling > floor:
            pale = QColor(colour)
            pale.setAlpha(60)
            painter.fillRect(QRectF(at(floor), middle - 4, max(at(ceiling) - at(floor), 1), 8), pale)
        painter.setPen(QPen(colour, 2))
        painter.drawLine(QPointF(at(low), middle), QPointF(at(high), middle))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        if role is not None:
            role_mark(painter, QRect(int(at(value)) - 5, int(middle) - 5, 10, 10), role, theme)
        else:
            painter.drawEllipse(QPointF(at(value), middle), 4, 4)


def hatch(painter: QPainter, rect: QRect, theme: Theme) -> None:
    """Diagonal lines: nothing stands here on this side."""
    with kept(painter):
        painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
        painter.setPen(QPen(theme.line, 1))
        step = 8
        for x in range(rect.left() - rect.height(), rect.right() + step, step):
            # Anchored at the window's grid, so that neighbouring gaps join.
            start = x - (x - rect.top()) % step
            painter.drawLine(QPointF(start, rect.bottom() + 1), QPointF(start + rect.height() + 1, rect.top()))


def hairline(painter: QPainter, rect: QRect, theme: Theme) -> None:
    """The rule under a row."""
    painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.line)


def focus_frame(painter: QPainter, rect: QRect, theme: Theme) -> None:
    """Where the keyboard is."""
    with kept(painter):
        painter.setPen(QPen(theme.accent, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)


def text(
    painter: QPainter, rect: QRect, content: str, colour: QColor, font: QFont, *,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft, elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> None:  # fmt: skip
    """One line of any text, made visible, cut to the rectangle and vertically centred."""
    with kept(painter):
        painter.setFont(font)
        painter.setPen(colour)
        cut = QFontMetrics(font).elidedText(elided(content, 400), elide, rect.width())
        painter.drawText(rect, int(align) | _MIDDLE, cut)


def _polygon(centre: QPointF, radius: float, corners: int, first_degrees: float) -> QPolygonF:
    points = []
    for corner in range(corners):
        angle = math.radians(first_degrees + corner * 360 / corners)
        points.append(QPointF(centre.x() + radius * math.cos(angle), centre.y() + radius * math.sin(angle)))
    return QPolygonF(points)
