"""The panels of an audit as docks: moved, closed, tabbed, restored."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget, QWidget

from explorer.session.audit_session import AuditSession
from explorer.session.commands import Command, CommandTable
from views.panels import PANELS, make_views
from views.shared import theme
from views.shared.plain_text import set_tooltip

_STATE = "workspace/state/v1"
_LOW = 760
"""A workspace lower than this has no room for map, alignment and step above one another."""


class Grip(QWidget):
    """The slim handle of a dock: panels carry their own titles."""

    def __init__(self, title: str, parent: QDockWidget) -> None:
        super().__init__(parent)
        self.setFixedHeight(9)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        set_tooltip(self, f"{title}: drag to move, double-click to float, right-click to close")
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(40, 9)

    def minimumSizeHint(self) -> QSize:
        return QSize(20, 9)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), now.panel)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.line)
        painter.drawRoundedRect(self.width() // 2 - 12, 4, 24, 3, 1.5, 1.5)
        painter.end()


class Workspace(QMainWindow):
    """Docks around nothing: the whole area belongs to the panels."""

    def __init__(
        self, session: AuditSession, commands: CommandTable, settings: QSettings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Widget)
        self._settings = settings
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.docks: dict[str, QDockWidget] = {}
        self.views = make_views(session, commands)
        self._by_id = self.views.by_id()
        for panel in PANELS:
            view = self._by_id[panel.id]
            view.setProperty("panel", True)
            view.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
            dock = QDockWidget(panel.title, self)
            dock.setObjectName(panel.id)
            dock.setTitleBarWidget(Grip(panel.title, dock))
            dock.setWidget(view)
            self.docks[panel.id] = dock
            toggle = dock.toggleViewAction()
            commands.add(
                Command(f"panel.{panel.id}", f"Show {panel.title.lower()}", _Toggle(dock), "", "Panels",
                        "dock panel hide close", checked=_Shown(toggle))
            )  # fmt: skip
        commands.add(
            Command("panel.reset", "Put the panels back in place", self.reset_layout, "", "Panels", "layout dock")
        )
        self._arranged = False

    def restore(self) -> None:
        """The layout of last time, else the designed one (called when the size is known)."""
        if self._arranged:
            return
        self._arranged = True
        self._arrange()
        state = self._settings.value(_STATE)
        if state is not None:
            self.restoreState(state)
        self._plain_tabs()

    def save(self) -> None:
        """Keep the layout for next time."""
        if self._arranged:
            self._settings.setValue(_STATE, self.saveState())

    def reset_layout(self) -> None:
        """The designed layout."""
        for dock in self.docks.values():
            dock.setFloating(False)
            self.removeDockWidget(dock)
        self._arrange()
        self._plain_tabs()

    def raise_panel(self, panel: str) -> None:
        """Bring a panel to the front and the keyboard into it."""
        dock = self.docks[panel]
        dock.show()
        dock.raise_()
        self._by_id[panel].setFocus()

    def view_of(self, panel: str) -> QWidget | None:
        """What a panel shows; None for a name that no panel has."""
        return self._by_id.get(panel)

    def _plain_tabs(self) -> None:
        # The bars are made by Qt when docks are tabbed; their base line would be drawn in the style's own grey.
        for bar in self.findChildren(QTabBar):
            bar.setDrawBase(False)

    def _arrange(self) -> None:
        docks = self.docks
        horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        width, height = max(self.width(), 1000), max(self.height(), 600)
        low = height < _LOW
        # What is read comes first: where there is no room above the alignment, the map stands behind it as a tab.
        first, behind = ("alignment", "map") if low else ("map", "")
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, docks["facets"])
        self.splitDockWidget(docks["facets"], docks[first], horizontal)
        self.splitDockWidget(docks[first], docks["queue"], horizontal)
        if not low:
            self.splitDockWidget(docks["map"], docks["alignment"], vertical)
        self.splitDockWidget(docks["alignment"], docks["step"], vertical)
        tabs = [name for name in (first, behind, "statistics", "workbench") if name]
        for name, next_name in pairwise(tabs):
            self.tabifyDockWidget(docks[name], docks[next_name])
        self.tabifyDockWidget(docks["queue"], docks["findings"])
        for dock in docks.values():
            dock.show()
        docks[first].raise_()
        docks["queue"].raise_()
        # A small window leaves the room to what is read: the actions side by side.
        left, right = round(min(320, width * 0.2)), round(min(500, width * (0.32 if width >= 1400 else 0.29)))
        self.resizeDocks(
            [docks["facets"], docks[first], docks["queue"]], [left, width - left - right, right], horizontal
        )
        step = round(min(max(height * 0.27, 224), 290))
        if low:
            self.resizeDocks([docks["alignment"], docks["step"]], [height - step, step], vertical)
        else:
            top = round((height - step) * 0.38)
            self.resizeDocks(
                [docks["map"], docks["alignment"], docks["step"]], [top, height - step - top, step], vertical
            )


class _Toggle:
    def __init__(self, dock: QDockWidget) -> None:
        self._dock = dock

    def __call__(self) -> None:
        # A panel behind another tab is open but not seen: who asks for it wants to see it, not to close it.
        behind = not self._dock.isHidden() and self._dock.visibleRegion().isEmpty()
        self._dock.setVisible(self._dock.isHidden() or behind)
        if not self._dock.isHidden():
            self._dock.raise_()


class _Shown:
    def __init__(self, action: QAction) -> None:
        self._action = action

    def __call__(self) -> bool:
        return self._action.isChecked()
