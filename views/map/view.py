"""The map panel: header, tools, the plot, legend and the card of the point under the pointer."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from explorer.model.embedding import Embedding
from explorer.session.audit_session import AuditSession
from explorer.session.commands import Command, CommandTable
from explorer.session.selection import BrushMode, Selection
from explorer.session.step_line import task_words
from views.map.canvas import REACH, MapCanvas, Tool
from views.map.legend import Legend
from views.map.model import ColourBy, MapPoints, map_points
from views.shared import theme
from views.shared.plain_text import PlainLabel, set_tooltip
from views.shared.widgets import EmptyState, SectionTitle

ORIGIN = "map"
NEIGHBOURS = 12
_METHOD_WORDS = {"pca": "PCA", "umap": "UMAP"}


class MapView(QWidget):
    """Trajectories as points, linked with every other panel."""

    def __init__(self, session: AuditSession, commands: CommandTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._data: MapPoints | None = None
        self._shown: Embedding | None = None
        self._title = SectionTitle("MAP")
        self._colour = QComboBox()
        self._colour.addItems([f"colour by {by.value}" for by in ColourBy])
        self._colour.setAccessibleName("Colour points by")
        self._colour.currentIndexChanged.connect(self._on_colour_changed)
        self._clear = QToolButton()
        self._clear.setText("clear selection")
        self._clear.setProperty("quiet", True)
        self._clear.clicked.connect(self._on_clear_clicked)
        self.canvas = MapCanvas()
        self.legend = Legend(self.canvas)
        self._card = PlainLabel("", self.canvas, wrap=True)
        self._card.setObjectName("mapCard")
        self._card.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._card.setMargin(8)
        self._card.setMaximumWidth(320)
        self._card.hide()
        self._empty = EmptyState(
            "No map yet", "Trajectories appear here by what they did, as soon as an audit is done."
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.canvas)
        self._lay_out()
        self._connect()
        self._register(commands)
        self._dress(theme.current())
        self.refresh()

    def refresh(self) -> None:
        """Read places and classes anew."""
        by = list(ColourBy)[self._colour.currentIndex()]
        new_places = self._session.embedding is not self._shown
        self._shown = self._session.embedding
        self._data = map_points(self._session, by)
        self._stack.setCurrentWidget(self.canvas if len(self._data) else self._empty)
        self.canvas.points.set_points(self._data)
        self.legend.set_classes(self._data.legend)
        self._place_legend()
        embedding = self._session.embedding
        if embedding is not None:
            method = _METHOD_WORDS.get(embedding.method, embedding.method)
            said = f"MAP — {len(self._data):,} trajectories · {method}"
            if not math.isnan(embedding.quality):
                said += f" · trustworthiness {embedding.quality:.2f}".replace(" 0.", " .")
            self._title.setText(said)
            set_tooltip(
                self._title,
                f"{said}, seed {embedding.seed}. Trajectories that act alike lie near each other; trustworthiness says "
                "how far neighbours on the map are neighbours in the full space (1 = all). Distances between far "
                "groups mean little.",
            )
        else:
            self._title.setText("MAP")
        if new_places and len(self._data):
            self.canvas.clear_outline()
            self.canvas.fit()
        self._show_state()

    def set_tool(self, tool: Tool) -> None:
        """Pan, lasso or box."""
        self.canvas.set_tool(tool)
        self._tools[tool].setChecked(True)

    def brush_neighbours(self) -> None:
        """Brush the selected trajectory and those nearest to it on the map."""
        point = self._selected_point()
        if self._data is None or point < 0:
            return
        near = [point, *self._data.neighbours(point, NEIGHBOURS).tolist()]
        self._session.selection.brush((int(self._data.rows[p]) for p in near), origin=ORIGIN)
        self._show_state()

    # -- inside ---------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._tools: dict[Tool, QToolButton] = {}
        group = QButtonGroup(self)
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 8, 4)
        head.setSpacing(0)
        head.addWidget(self._title, 1)
        for tool, tip in (
            (Tool.PAN, "Drag to move, wheel to zoom, click to pick"),
            (Tool.LASSO, "Drag around points; Shift adds, Alt removes"),
            (Tool.BOX, "Drag a box; Shift adds, Alt removes"),
        ):
            button = QToolButton()
            button.setText(tool.value)
            button.setCheckable(True)
            button.setProperty("quiet", True)
            button.setFont(theme.small_font())
            set_tooltip(button, tip)
            button.clicked.connect(self._on_tool_clicked)
            button.setProperty("tool", tool.value)
            group.addButton(button)
            head.addWidget(button)
            self._tools[tool] = button
        self._tools[Tool.PAN].setChecked(True)
        head.addWidget(self._clear)
        head.addWidget(self._colour)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._stack, 1)
        self.setProperty("panel", True)

    def _connect(self) -> None:
        session = self._session
        session.map_changed.connect(self.refresh)
        session.result_accepted.connect(self.refresh)
        session.dataset_opened.connect(self.refresh)
        session.closed.connect(self.refresh)
        session.selection.changed.connect(self._on_selection_changed)
        session.filters.changed.connect(self._show_state)
        self.canvas.picked.connect(self._on_picked)
        self.canvas.outlined.connect(self._on_outlined)
        self.canvas.hovered.connect(self._on_hovered)
        self.canvas.left.connect(self._card.hide)
        self.legend.toggled.connect(self._on_legend_toggled)
        self.canvas.installEventFilter(self)
        theme.changed.connect(self._dress)

    def _register(self, commands: CommandTable) -> None:
        has = self._has_points
        commands.add(Command("map.fit", "Fit the map", self.canvas.fit, "Shift+F", "Map", "zoom whole", has))
        commands.add(Command("map.pan", "Move on the map by dragging", self._pan, "", "Map", "", has))
        commands.add(Command("map.lasso", "Lasso points on the map", self._lasso, "Shift+L", "Map", "select", has))
        commands.add(Command("map.box", "Box points on the map", self._box, "Shift+B", "Map", "select", has))
        commands.add(Command("map.neighbours", "Select the neighbours of the trajectory in front",
                             self.brush_neighbours, "Shift+N", "Map", "nearest similar", has))  # fmt: skip
        commands.add(Command("map.clear", "Clear the selected points", self._on_clear_clicked, "", "Map", "", has))

    def _has_points(self) -> bool:
        return self._data is not None and len(self._data) > 0

    def _pan(self) -> None:
        self.set_tool(Tool.PAN)

    def _lasso(self) -> None:
        self.set_tool(Tool.LASSO)

    def _box(self) -> None:
        self.set_tool(Tool.BOX)

    def _show_state(self) -> None:
        data, entries = self._data, self._session.entries
        if data is None:
            return
        hidden = np.isin(data.classes, list(self.legend.hidden))
        brushed = self._session.selection.current.brushed
        faded = None
        if brushed:
            faded = ~np.isin(data.rows, np.fromiter(brushed, dtype=np.int64))
        marked = np.zeros(0, dtype=np.int64)
        if entries is not None and len(entries):
            shown = self._session.filters.visible()[:20]
            trajectories = np.unique(entries.trajectory[shown])
            marked = np.flatnonzero(np.isin(data.rows, trajectories))
        self._clear.setVisible(bool(brushed))
        self.canvas.points.set_state(hidden=hidden, faded=faded, marked=marked, selected=self._selected_point())
        if brushed:
            self._clear.setText(f"clear selection ({len(brushed):,})")

    def _selected_point(self) -> int:
        trajectory = self._session.selection.current.trajectory
        if self._data is None or trajectory is None:
            return -1
        found = np.flatnonzero(self._data.rows == trajectory)
        return int(found[0]) if len(found) else -1

    def _near(self, x: float, y: float) -> int:
        if self._data is None:
            return -1
        shown = ~np.isin(self._data.classes, list(self.legend.hidden))
        return self._data.nearest(x, y, self.canvas.pixels_per_unit(), REACH, shown)

    def _on_picked(self, x: float, y: float, modifiers: Qt.KeyboardModifier) -> None:
        point = self._near(x, y)
        if self._data is None:
            return
        if point < 0:
            self._session.selection.brush((), origin=ORIGIN)
        elif modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier):
            row = int(self._data.rows[point])
            held = self._session.selection.current.brushed
            mode = BrushMode.REMOVE if row in held else BrushMode.ADD
            self._session.selection.brush({row}, origin=ORIGIN, mode=mode)
        else:
            self._session.select_trajectory(int(self._data.rows[point]), origin=ORIGIN)
        self._show_state()

    def _on_outlined(self, polygon: np.ndarray, modifiers: Qt.KeyboardModifier) -> None:
        if self._data is None:
            return
        shown = ~np.isin(self._data.classes, list(self.legend.hidden))
        rows = self._data.rows[self._data.inside(polygon, shown)]
        mode = BrushMode.REPLACE
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            mode = BrushMode.ADD
        elif modifiers & Qt.KeyboardModifier.AltModifier:
            mode = BrushMode.REMOVE
        self._session.selection.brush(rows.tolist(), origin=ORIGIN, mode=mode)
        self._show_state()

    def _on_hovered(self, place: tuple[float, float]) -> None:
        point = self._near(*place)
        dataset = self._session.dataset
        if point < 0 or self._data is None or dataset is None:
            self._card.hide()
            return
        row = int(self._data.rows[point])
        lines = [
            f"{dataset.group.of(row)} · {task_words(dataset.task.of(row) or '')} · trial {int(dataset.trial[row])}"
        ]
        lines.append(f"{int(dataset.lengths[row])} steps · {(dataset.end.of(row) or '').replace('_', ' ')}")
        result = self._session.result
        if result is not None:
            frame = result.frame("trajectories")
            risk = frame.value("risk", row)
            lines.append(
                f"{frame.value('n_concern', row)} steps of concern · risk {'–' if risk is None else f'{risk:.1f}'}"
            )
        self._card.setText("\n".join(lines))
        self._card.adjustSize()
        scene = self.canvas.plotItem.getViewBox().mapViewToScene(QPointF(*place))
        at = self.canvas.mapFromScene(scene)
        x = min(at.x() + 14, self.canvas.width() - self._card.width() - 4)
        y = min(at.y() + 14, self.canvas.height() - self._card.height() - 4)
        self._card.move(max(x, 4), max(y, 4))
        self._card.show()

    def _on_selection_changed(self, new: Selection, old: Selection, origin: str) -> None:
        if origin != ORIGIN or new.trajectory != old.trajectory:
            if not new.brushed and old.brushed:
                self.canvas.clear_outline()
            self._show_state()

    def _on_legend_toggled(self, number: int) -> None:
        self._show_state()

    def _on_colour_changed(self, index: int) -> None:
        self.refresh()

    def _on_tool_clicked(self) -> None:
        self.set_tool(Tool(self.sender().property("tool")))

    def _on_clear_clicked(self) -> None:
        self.canvas.clear_outline()
        self._session.selection.brush((), origin=ORIGIN)
        self._show_state()

    def _dress(self, new: theme.Theme) -> None:
        self._card.setStyleSheet(
            f"#mapCard {{ background: {new.panel.name()}; border: 1px solid {new.line.name()}; border-radius: 4px; }}"
        )

    def _place_legend(self) -> None:
        self.legend.move(max(self.canvas.width() - self.legend.width() - 12, 0), 8)
        self.legend.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.canvas and event.type() == QEvent.Type.Resize:
            self._place_legend()
        return super().eventFilter(watched, event)
