"""The surface of the map: pan and zoom, lasso and box, picking and hovering."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem, QWidget

from views.map.points_item import PointsItem
from views.shared import theme

REACH = 12.0
"""How near, in pixels, a click or hover must be to a point."""


class Tool(StrEnum):
    """What dragging does."""

    PAN = "pan"
    LASSO = "lasso"
    BOX = "box"


class MapCanvas(pg.PlotWidget):
    """A plot without axes that holds one :class:`PointsItem`.

    ``picked``: a click at (x, y) in map units with the keyboard modifiers; ``outlined``: a closed polygon
    (float32[m, 2]) drawn by lasso or box with the modifiers; ``hovered``: the pointer at (x, y), or None outside.
    """

    picked = Signal(float, float, object)
    outlined = Signal(object, object)
    hovered = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self.tool = Tool.PAN
        self.points = PointsItem()
        self.plotItem.hideAxis("left")
        self.plotItem.hideAxis("bottom")
        self.plotItem.hideButtons()
        self.plotItem.setMenuEnabled(False)
        self.setAspectLocked(True)
        box = self.plotItem.getViewBox()
        box.setDefaultPadding(0.08)
        box.setMouseMode(pg.ViewBox.PanMode)
        self.addItem(self.points)
        self._outline = QGraphicsPathItem()
        self._outline.setZValue(10)
        box.addItem(self._outline, ignoreBounds=True)
        self._trail: list[QPointF] = []
        self._pressed: QPointF | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("Map of trajectories")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed(theme.current())

    def set_tool(self, tool: Tool) -> None:
        """Choose what dragging does."""
        self.tool = tool
        self.setCursor(Qt.CursorShape.ArrowCursor if tool is Tool.PAN else Qt.CursorShape.CrossCursor)

    def pixels_per_unit(self) -> tuple[float, float]:
        """How many pixels a map unit has, across and down."""
        size = self.plotItem.getViewBox().viewPixelSize()
        return (1.0 / size[0] if size[0] else 1.0, 1.0 / size[1] if size[1] else 1.0)

    def fit(self) -> None:
        """Show every point."""
        bounds = self.points.boundingRect()
        if bounds.isNull() and not bounds.topLeft().isNull():
            bounds = bounds.adjusted(-1, -1, 1, 1)
        self.plotItem.getViewBox().setRange(bounds if not bounds.isNull() else QRectF(-1, -1, 2, 2), padding=0.08)

    def clear_outline(self) -> None:
        """Forget the lasso that is drawn."""
        self._trail = []
        self._outline.setPath(QPainterPath())

    def _on_theme_changed(self, new: theme.Theme) -> None:
        self.setBackground(new.panel)
        pen = QPen(new.passes, 1.5, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        fill = QColor(new.passes)
        fill.setAlpha(24)
        self._outline.setPen(pen)
        self._outline.setBrush(QBrush(fill))

    def _place(self, event: QMouseEvent) -> QPointF:
        scene = self.mapToScene(event.position().toPoint())
        found: QPointF = self.plotItem.getViewBox().mapSceneToView(scene)
        return found

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position()
        if self.tool is not Tool.PAN and event.button() == Qt.MouseButton.LeftButton:
            self._trail = [self._place(event)]
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._trail and event.buttons() & Qt.MouseButton.LeftButton and self.tool is not Tool.PAN:
            self._extend(self._place(event))
            event.accept()
            return
        if not event.buttons():
            place = self._place(event)
            self.hovered.emit((place.x(), place.y()))
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        moved = self._pressed is not None and (event.position() - self._pressed).manhattanLength() > 4
        left = event.button() == Qt.MouseButton.LeftButton
        if left and not moved:
            place = self._place(event)
            self.clear_outline()
            self.picked.emit(place.x(), place.y(), event.modifiers())
        elif left and self.tool is not Tool.PAN and len(self._trail) >= 2:
            self.outlined.emit(self._polygon(), event.modifiers())
            event.accept()
            self._trail = []
            return
        self._trail = []
        super().mouseReleaseEvent(event)

    def leaveEvent(self, event: object) -> None:
        self.left.emit()
        super().leaveEvent(event)

    def _extend(self, place: QPointF) -> None:
        if self.tool is Tool.LASSO:
            self._trail.append(place)
        else:
            self._trail = [self._trail[0], place]
        path = QPainterPath()
        corners = self._polygon()
        path.moveTo(float(corners[0, 0]), float(corners[0, 1]))
        for x, y in corners[1:]:
            path.lineTo(float(x), float(y))
        path.closeSubpath()
        self._outline.setPath(path)

    def _polygon(self) -> npt.NDArray[np.float32]:
        if self.tool is Tool.BOX:
            a, b = self._trail[0], self._trail[-1]
            corners = [(a.x(), a.y()), (b.x(), a.y()), (b.x(), b.y()), (a.x(), b.y())]
        else:
            corners = [(p.x(), p.y()) for p in self._trail]
        return np.array(corners, dtype=np.float32)
