"""The points as one item of the plot: glyphs while there are few, a raster when there are many."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from views.map.model import BoolArray, MapPoints
from views.map.raster import rasterise
from views.shared import painters, theme

GLYPHS_UP_TO = 20_000
_SIZE = 9
_GROUP_COLOURS = ("#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377", "#777777", "#E07B39")


def colour_of(token: str, now: theme.Theme) -> QColor:
    """The colour a theme token of the legend stands for."""
    kind, _, value = token.partition(":")
    if kind == "role":
        return now.role(value)
    if kind == "severity":
        return now.severity[int(value)]
    if kind == "group":
        return QColor(_GROUP_COLOURS[int(value) % len(_GROUP_COLOURS)])
    colour = getattr(now, token)
    assert isinstance(colour, QColor)
    return colour


def glyph(token: str, now: theme.Theme, *, faded: bool) -> QPixmap:
    """The mark of one class: roles by their shape, everything else round."""
    picture = QPixmap(_SIZE + 2, _SIZE + 2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    kind, _, value = token.partition(":")
    if faded:
        painter.setOpacity(0.22)
    else:
        painter.setOpacity(0.85)
    if kind == "role":
        painters.role_mark(painter, QRect(1, 1, _SIZE, _SIZE), value, now)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour_of(token, now))
        painter.drawEllipse(QPointF(_SIZE / 2 + 1, _SIZE / 2 + 1), _SIZE / 2 - 0.5, _SIZE / 2 - 0.5)
    painter.end()
    return picture


class PointsItem(pg.GraphicsObject):
    """Draws :class:`MapPoints`; recolouring or reselecting changes arrays only."""

    def __init__(self) -> None:
        super().__init__()
        self._points: MapPoints | None = None
        self._hidden: BoolArray = np.zeros(0, dtype=bool)
        self._faded: BoolArray | None = None
        self._marked: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._selected = -1
        self._bounds = QRectF()
        self._glyphs: dict[tuple[str, bool], QPixmap] = {}
        # Qt takes the marks of a class in one call; a Python object per mark would cost more than drawing it.
        self._fragments = pg.Qt.internals.PrimitiveArray(QPainter.PixmapFragment, 10)
        theme.changed.connect(self._on_theme_changed)

    def set_points(self, points: MapPoints) -> None:
        """Show other points (or the same in other places or classes)."""
        self.prepareGeometryChange()
        self._points = points
        self._hidden = np.zeros(len(points), dtype=bool)
        self._faded = None
        self._glyphs.clear()
        if len(points):
            low, high = points.xy.min(axis=0), points.xy.max(axis=0)
            self._bounds = QRectF(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
        else:
            self._bounds = QRectF()
        self.update()

    def set_state(
        self, *, hidden: BoolArray, faded: BoolArray | None, marked: npt.NDArray[np.int64], selected: int
    ) -> None:
        """Which points are hidden (legend), greyed (not selected), marked (of concern), and the one in front."""
        self._hidden, self._faded, self._marked, self._selected = hidden, faded, marked, selected
        self.update()

    def _on_theme_changed(self, new: theme.Theme) -> None:
        self._glyphs.clear()
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        points = self._points
        if points is None or not len(points):
            return
        now = theme.current()
        transform = painter.transform()
        scale = np.array([transform.m11(), transform.m22()], dtype=np.float32)
        pixels = points.xy * scale
        pixels += np.array([transform.dx(), transform.dy()], dtype=np.float32)
        painter.save()
        painter.resetTransform()
        device = painter.device()
        width, height = int(device.width()), int(device.height())
        shown = ~self._hidden
        if len(points) <= GLYPHS_UP_TO:
            shown &= (pixels[:, 0] > -_SIZE) & (pixels[:, 0] < width + _SIZE)
            shown &= (pixels[:, 1] > -_SIZE) & (pixels[:, 1] < height + _SIZE)
            self._paint_glyphs(painter, points, pixels, np.flatnonzero(shown), now)
        else:
            self._paint_raster(painter, points, pixels, shown, width, height, now)
        self._paint_marks(painter, pixels, shown, now)
        painter.restore()

    def _paint_glyphs(
        self, painter: QPainter, points: MapPoints, pixels: npt.NDArray[np.float32],
        shown: npt.NDArray[np.int64], now: theme.Theme,
    ) -> None:  # fmt: skip
        faded = self._faded if self._faded is not None else np.zeros(len(points), dtype=bool)
        # Greyed points first, so that selected ones are never covered.
        for pale in (True, False):
            for kind, item in enumerate(points.legend):
                mine = shown[(faded[shown] == pale) & (points.classes[shown] == kind)]
                if not len(mine):
                    continue
                picture = self._glyphs.get((item.token, pale))
                if picture is None:
                    picture = self._glyphs[item.token, pale] = glyph(item.token, now, faded=pale)
                self._fragments.resize(len(mine))
                cells = self._fragments.ndarray()
                cells[:, :2] = pixels[mine]
                cells[:, 2:] = (0, 0, picture.width(), picture.height(), 1, 1, 0, 1)
                first, count = self._fragments.drawargs()
                painter.drawPixmapFragments(first, count, picture)

    def _paint_raster(
        self, painter: QPainter, points: MapPoints, pixels: npt.NDArray[np.float32], shown: BoolArray,
        width: int, height: int, now: theme.Theme,
    ) -> None:  # fmt: skip
        colours = [(c.red(), c.green(), c.blue()) for c in (colour_of(k.token, now) for k in points.legend)]
        grey = now.faint
        faded, classes = self._faded, points.classes
        if not shown.all():
            pixels, classes = pixels[shown], classes[shown]
            faded = None if faded is None else faded[shown]
        picture = rasterise(
            pixels, classes, colours, width, height, faded=faded, fade=(grey.red(), grey.green(), grey.blue())
        )
        image = QImage(picture.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        painter.drawImage(0, 0, image)

    def _paint_marks(
        self, painter: QPainter, pixels: npt.NDArray[np.float32], shown: BoolArray, now: theme.Theme
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(now.severity[4])
        painter.setPen(QPen(now.panel, 1.5))
        for point in self._marked:
            if shown[point]:
                self._diamond(painter, float(pixels[point, 0]), float(pixels[point, 1]), 6)
        if 0 <= self._selected < len(pixels) and not self._hidden[self._selected]:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(now.text, 2))
            painter.drawEllipse(QPointF(*map(float, pixels[self._selected])), 9, 9)

    @staticmethod
    def _diamond(painter: QPainter, x: float, y: float, radius: float) -> None:
        path = QPainterPath()
        path.moveTo(x, y - radius)
        path.lineTo(x + radius, y)
        path.lineTo(x, y + radius)
        path.lineTo(x - radius, y)
        path.closeSubpath()
        painter.drawPath(path)
