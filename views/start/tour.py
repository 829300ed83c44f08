"""A guided tour: a few plain steps that point at the panels; any key or click of its own ends it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from views.shared import theme
from views.shared.plain_text import PlainLabel
from views.shared.widgets import Secondary, spaced


class Stop(NamedTuple):
    """One step of the tour."""

    panel: str
    title: str
    text: str


STOPS = (
    Stop("queue", "Begin with the queue",
         "Entries by risk. The coloured edge says on which side the effect stands; the filled badge marks what the "
         "word filter lets through. J and K go up and down."),
    Stop("alignment", "See both sides",
         "The request stays pinned. Teacher left, student right, gaps hatched; N and P go from divergence to "
         "divergence. A mark shows where what the two were told first differs."),
    Stop("step", "Read why",
         "The exact characters are underlined; below, what they do, by which rule, and what the filter saw."),
    Stop("step", "Judge with one key",
         "1 harmful, 2 concerning, 3 requested, 4 false alarm, 5 cannot tell; A writes a note. It is saved at once, "
         "Ctrl+Z takes it back."),
    Stop("facets", "Narrow it down",
         "Every line counts what it would leave. Below, rates of behaviours, each with its interval."),
    Stop("map", "See the shape",
         "Each point is a trajectory, placed by what it does. Draw a lasso and every panel follows."),
)  # fmt: skip


# Parts of panels that a story may point at by name.
_PANELS = {"rates": "facets", "verdict": "step", "filters": "facets", "inspector": "step"}


class Tourable(Protocol):
    """What the tour points into."""

    def view_of(self, panel: str) -> QWidget | None: ...

    def raise_panel(self, panel: str) -> None: ...


class Tour(QWidget):
    """An overlay with one panel left clear and a card beside it."""

    def __init__(self, workspace: Tourable, window: QWidget, stops: Sequence[Stop] = STOPS) -> None:
        super().__init__(window)
        self._workspace, self._window = workspace, window
        self._stops = tuple(stops)
        self._place = 0
        self._clear = QRect()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.card = QFrame(self)
        self.card.setProperty("panel", True)
        self.card.setFixedWidth(340)
        self.title = PlainLabel("", self.card, wrap=True)
        self.title.setFont(theme.font(15, bold=True))
        self.text = PlainLabel("", self.card, wrap=True)
        self.count = Secondary("", self.card, wrap=False)
        self.next = QPushButton("Next", self.card)
        self.next.setProperty("primary", True)
        self.next.clicked.connect(self.forward)
        self.end = QPushButton("End the tour", self.card)
        self.end.setProperty("quiet", True)
        self.end.clicked.connect(self.finish)
        column = QVBoxLayout(self.card)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(8)
        for widget in (self.title, self.text):
            column.addWidget(widget)
        row = spaced(self.count, self.end, stretch=False)
        row.insertStretch(1, 1)
        row.addWidget(self.next)
        column.addLayout(row)

    def start(self) -> None:
        """From the first stop."""
        self._place = 0
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
        self._show_stop()
        self.next.setFocus()

    def forward(self) -> None:
        """The next stop; after the last one it ends."""
        self._place += 1
        if self._place >= len(self._stops):
            self.finish()
        else:
            self._show_stop()

    def finish(self) -> None:
        """Put the tour away, with what is worked with in front again."""
        for panel in ("alignment", "queue"):
            if self._workspace.view_of(panel) is not None:
                self._workspace.raise_panel(panel)
        self.hide()
        self.deleteLater()

    def _show_stop(self) -> None:
        stop = self._stops[self._place]
        panel = _PANELS.get(stop.panel, stop.panel)
        view = self._workspace.view_of(panel)
        if view is None:
            self.forward()
            return
        self._workspace.raise_panel(panel)
        self.next.setFocus()
        self.title.setText(stop.title)
        self.text.setText(stop.text)
        self.count.setText(f"{self._place + 1} of {len(self._stops)}")
        self.next.setText("Done" if self._place == len(self._stops) - 1 else "Next")
        corner = self.mapFromGlobal(view.mapToGlobal(QPoint(0, 0)))
        self._clear = QRect(corner, view.size())
        self.card.adjustSize()
        self.card.move(self._card_place())
        self.update()

    def _card_place(self) -> QPoint:
        """Beside the panel where there is room, else over its middle."""
        card, clear, gap = self.card.size(), self._clear, 16
        top = min(max(clear.top(), gap), self.height() - card.height() - gap)
        if clear.left() - card.width() - gap > 0:
            return QPoint(clear.left() - card.width() - gap, top)
        if clear.right() + card.width() + gap < self.width():
            return QPoint(clear.right() + gap, top)
        return QPoint((self.width() - card.width()) // 2, max((self.height() - card.height()) // 2, gap))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setClipRegion(QRegion(self.rect()) - QRegion(self._clear))
        painter.fillRect(self.rect(), QColor(0, 0, 0, 110))
        painter.setClipping(False)
        painter.setPen(theme.current().accent)
        painter.drawRect(self._clear.adjusted(0, 0, -1, -1))
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.finish()
        elif event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.forward()
        else:
            super().keyPressEvent(event)
