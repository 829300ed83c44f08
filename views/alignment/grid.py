"""The scrolling surface: only the lines on screen are put into words and drawn."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from views.alignment.geometry import LINE_HEIGHT, PINNED_FROM, WIDE_GUTTER, Geometry
from views.alignment.line_painter import LinePainter, mark_words
from views.alignment.lines import LineKind
from views.alignment.model import AlignmentModel
from views.alignment.words import standing
from views.shared import painters, theme
from views.shared.plain_text import tooltip_text


class AlignmentGrid(QAbstractScrollArea):
    """Rows of aligned steps. Emits what one wants; the panel decides."""

    step_wanted = Signal(int)
    """A step (row of the dataset) was clicked or reached with the keys."""
    fold_wanted = Signal(int)
    """A folded stretch is to be opened or closed (one of its alignment rows)."""
    scrolled = Signal(int, int)
    """First and last alignment row on screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: AlignmentModel | None = None
        self.line = -1
        self.side = 0
        self._hover = -1
        self._height = 0
        """Of the viewport before: Qt does not tell it of a panel that was taken out of the window and put back."""
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(LINE_HEIGHT)
        self.horizontalScrollBar().setSingleStep(24)
        self.setAccessibleName("Alignment")
        self.setCornerWidget(QWidget(self))  # Qt's own is drawn in the style's colours
        theme.changed.connect(self.viewport().update)

    @property
    def geometry_now(self) -> Geometry:
        """Where the columns stand."""
        if self._model is None:
            return Geometry(self.viewport().width(), 1)
        aligned = self._model.aligned
        if aligned.columns is None:
            return Geometry(self.viewport().width(), len(aligned.sides))
        width = self.viewport().width()
        return Geometry(width, len(aligned.sides), WIDE_GUTTER, width >= PINNED_FROM)

    @property
    def model(self) -> AlignmentModel | None:
        """What is shown."""
        return self._model

    def set_model(self, model: AlignmentModel | None) -> None:
        """Show something else, from its beginning."""
        self._model = model
        self.line, self.side, self._hover = -1, 0, -1
        self.relayout()
        self.verticalScrollBar().setValue(0)

    def relayout(self) -> None:
        """The lines changed: fit the scroll bars."""
        height = len(self._model.lines) * LINE_HEIGHT if self._model is not None else 0
        self.verticalScrollBar().setRange(0, max(height - self.viewport().height(), 0))
        self.verticalScrollBar().setPageStep(self.viewport().height())
        self.horizontalScrollBar().setRange(0, self.geometry_now.content - self.viewport().width())
        self.horizontalScrollBar().setPageStep(self.viewport().width())
        self._tell_scrolled()
        self.viewport().update()

    def stand(self, line: int, side: int) -> None:
        """Make a line the current one and bring it on screen with some lines around it."""
        self.line, self.side = line, side
        if line >= 0:
            self._describe()
            top, page = line * LINE_HEIGHT, self.viewport().height()
            bar = self.verticalScrollBar()
            if top < bar.value() or top + LINE_HEIGHT > bar.value() + page:
                bar.setValue(top - max(page // 3 - LINE_HEIGHT, 0))
            self._show_side()
        self.viewport().update()

    def _show_side(self) -> None:
        """Scroll sideways so that the column one stands in is seen as a whole."""
        bar = self.horizontalScrollBar()
        bar.setValue(self.geometry_now.shift_to(self.side, bar.value()))

    def line_at(self, place: QPoint) -> int:
        """The line under a point of the viewport, -1 below the last."""
        line = (place.y() + self.verticalScrollBar().value()) // LINE_HEIGHT
        return line if self._model is not None and 0 <= line < len(self._model.lines) else -1

    def rect_of(self, line: int, side: int) -> QRect:
        """Where a cell stands in the viewport."""
        top = line * LINE_HEIGHT - self.verticalScrollBar().value()
        return self.geometry_now.column(side, top, self.horizontalScrollBar().value())

    def _describe(self) -> None:
        if self._model is None or self._model.lines.kind[self.line] != LineKind.STEP:
            return
        row, columns = int(self._model.lines.start[self.line]), self._model.aligned.columns
        cell = self._model.words.cell(row, self.side)
        how = self._model.words.how(row) if columns is None else standing(columns, row, self.side)
        how = "; ".join((how, *self._model.words.differing(row)))
        how = f" ({how})" if how else ""
        self.setAccessibleDescription("" if cell is None else f"step {cell.number}: {cell.text}{how}")

    def _tell_scrolled(self) -> None:
        if self._model is None or not len(self._model.lines):
            return
        first = self.verticalScrollBar().value() // LINE_HEIGHT
        last = min(first + self.viewport().height() // LINE_HEIGHT, len(self._model.lines) - 1)
        starts = self._model.lines.start
        self.scrolled.emit(int(starts[min(first, len(starts) - 1)]), int(starts[last]))

    def _choose(self, line: int, side: int) -> None:
        """Go to a line: a fold opens, a gap leads to the side that acts."""
        model = self._model
        if model is None or not 0 <= line < len(model.lines):
            return
        steps = model.steps_of_line(line)
        if all(step < 0 for step in steps):
            return
        if steps[side] < 0:
            side = next(n for n, step in enumerate(steps) if step >= 0)
        self.stand(line, side)
        if model.lines.kind[line] == LineKind.STEP:
            self.step_wanted.emit(steps[side])

    def _walk(self, by: int) -> None:
        """Go ``by`` lines further, over lines that are no steps."""
        model = self._model
        if model is None or not len(model.lines):
            return
        line, step = self.line, 1 if by > 0 else -1
        target = min(max(line + by, 0), len(model.lines) - 1)
        while 0 <= target < len(model.lines) and model.lines.kind[target] not in (LineKind.STEP, LineKind.FOLD):
            target += step
        self._choose(target, self.side)

    def _walk_across(self, by: int) -> None:
        """Go to the next column that acts in this line."""
        model = self._model
        if model is None or not 0 <= self.line < len(model.lines):
            return
        steps = model.steps_of_line(self.line)
        side = self.side + by
        while 0 <= side < len(steps) and steps[side] < 0:
            side += by
        if 0 <= side < len(steps):
            self._choose(self.line, side)

    # -- Qt -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        now = theme.current()
        painter.fillRect(self.viewport().rect(), now.panel)
        model = self._model
        if model is not None:
            offset = self.verticalScrollBar().value()
            drawer = LinePainter(model, self.geometry_now, self.horizontalScrollBar().value())
            first = (offset + event.rect().top()) // LINE_HEIGHT
            last = min((offset + event.rect().bottom()) // LINE_HEIGHT, len(model.lines) - 1)
            for line in range(first, last + 1):
                drawer.paint(painter, line, line * LINE_HEIGHT - offset, current=line == self.line, side=self.side,
                             hover=line == self._hover)  # fmt: skip
            if self.geometry_now.pinned and self.horizontalScrollBar().value():
                # What lies right of this line has scrolled under what stays.
                edge = self.geometry_now.window(1, 0).left() - 1
                painter.fillRect(QRect(edge, 0, 1, self.viewport().height()), now.faint)
        if self.hasFocus():
            painters.focus_frame(painter, self.viewport().rect(), now)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.relayout()
        if self.line >= 0:
            self._show_side()
            self._keep_line(self._height)
        self._height = self.viewport().height()

    def _keep_line(self, height_before: int) -> None:
        """A line that was seen before the panel became lower is seen afterwards."""
        bar, top = self.verticalScrollBar(), self.line * LINE_HEIGHT
        least = min(top + LINE_HEIGHT - self.viewport().height(), top)
        if bar.value() <= top < bar.value() + height_before and bar.value() < least:
            bar.setValue(least)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self._tell_scrolled()
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._model is None:
            super().mousePressEvent(event)
            return
        place = event.position().toPoint()
        line = self.line_at(place)
        if line < 0:
            return
        if self._model.lines.kind[line] == LineKind.FOLD:
            self.fold_wanted.emit(int(self._model.lines.start[line]))
            return
        self._choose(line, self.geometry_now.side_at(place.x(), self.horizontalScrollBar().value()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        model = self._model
        page = max(self.viewport().height() // LINE_HEIGHT - 1, 1)
        steps = {
            Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: page, Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_Home: -(10**9), Qt.Key.Key_End: 10**9,
        }  # fmt: skip
        key = Qt.Key(event.key())
        if event.matches(QKeySequence.StandardKey.Copy) and model is not None and self.line >= 0:
            if model.lines.kind[self.line] == LineKind.STEP:
                QGuiApplication.clipboard().setText(model.words.whole(int(model.lines.start[self.line]), self.side))
        elif key in steps:
            self._walk(steps[key])
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and model is not None:
            self._walk_across(1 if key == Qt.Key.Key_Right else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and model is not None and self.line >= 0:
            self.fold_wanted.emit(int(model.lines.start[self.line]))
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._point_at(self.line_at(event.position().toPoint()))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._point_at(-1)
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), tooltip_text(self.tip_at(event.pos())), self.viewport())
            return True
        return super().viewportEvent(event)

    def _point_at(self, line: int) -> None:
        if line != self._hover:
            self._hover = line
            self.viewport().update()

    def tip_at(self, place: QPoint) -> str:
        """What a tip says at a point."""
        line, model = self.line_at(place), self._model
        if line < 0 or model is None:
            return ""
        kind = LineKind(int(model.lines.kind[line]))
        side = self.geometry_now.side_at(place.x(), self.horizontalScrollBar().value())
        row = int(model.lines.start[line])
        if kind is LineKind.STEP and model.aligned.columns is not None and place.x() < self.geometry_now.margin:
            return model.words.agreement(row)
        if kind is LineKind.STEP:
            return model.words.tip(row, side)
        if kind is LineKind.FOLD:
            return f"{int(model.lines.stop[line]) - row} rows. Click to open."
        if kind is LineKind.TURN:
            turn = int(model.lines.turn[line, side])
            return ": ".join(model.words.turn(side, turn, 1_500)) if turn >= 0 else ""
        return mark_words(model.aligned, kind)
