"""The window: top bar, errors, start flow or workspace, status bar. Holds no state of the audit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QIcon
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from explorer.execution import Work
from explorer.session.audit_session import AuditSession
from explorer.session.commands import CommandTable
from explorer.session.weights import Weights, surprise_model, weights_to_show
from views.actions import Actions, KeySheet, Palette
from views.error_panel import ErrorPanel
from views.export.dialog import ExportDialog
from views.jobs import JobRunner
from views.pairing.dialog import UnpairedDialog
from views.panels import PANELS
from views.shared import theme
from views.shared.visible import elided
from views.start.audit_work import COLUMNS, TREE
from views.start.flow import StartFlow
from views.start.plan import sample_story
from views.start.services import StartServices
from views.start.tour import STOPS, Stop, Tour
from views.status_bar import StatusBar
from views.top_bar import TopBar
from views.warm_up import WarmUp
from views.weights.dialog import WeightsDialog
from views.window_commands import add_commands
from views.workspace import Workspace

_GEOMETRY, THEME_KEY = "window/geometry", "window/theme"


class MainWindow(QMainWindow):
    """Composes the parts and connects their intents."""

    def __init__(
        self, session: AuditSession, runner: JobRunner, services: StartServices, settings: QSettings,
        icon: QIcon | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.session, self.runner, self._settings = session, runner, settings
        self.commands = CommandTable()
        self.workspace: Workspace | None = None
        self._warm_up: WarmUp | None = None
        self.tour: Tour | None = None
        if icon is not None:
            self.setWindowIcon(icon)
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self.errors = ErrorPanel(self)
        self.flow = StartFlow(session, runner, services, settings, self)
        self.actions_ = Actions(self, self.commands)
        self.top = TopBar(session, self.actions_.menu, self)
        add_commands(self, self.flow, self.top, self.commands)
        self.actions_.refresh()
        self.status = StatusBar(session, runner, self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.flow)
        middle = QWidget(self)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.top, self.errors):
            column.addWidget(widget)
        column.addWidget(self.stack, 1)
        column.addWidget(self.status)
        self.setCentralWidget(middle)
        self.palette_ = Palette(self.commands, self._search, self)
        self._connect()
        self._restore()
        self._refresh()

    def _connect(self) -> None:
        self.flow.workspace_wanted.connect(self.show_workspace)
        self.flow.statistics_wanted.connect(self.show_statistics)
        self.flow.dataset_read.connect(self._on_dataset_read)
        self.flow.unpaired_wanted.connect(self.show_unpaired)
        self.flow.failed.connect(self.errors.show_error)
        self.flow.work.failed.connect(self._on_work_ended)
        self.flow.work.cancelled.connect(self._on_work_ended)
        self.top.roles_wanted.connect(self.show_roles)
        self.top.concern_chosen.connect(self.flow.change_concern)
        self.top.filter_chosen.connect(self.flow.change_filter)
        self.top.choices_wanted.connect(self.show_concern)
        self.top.theme_wanted.connect(self.toggle_theme)
        self.status.keys_wanted.connect(self.show_keys)
        self.status.data_wanted.connect(self.show_data)
        for signal in (self.session.dataset_opened, self.session.result_accepted, self.session.closed):
            signal.connect(self._refresh)
        self.session.filters.changed.connect(self.status.refresh)

    def _restore(self) -> None:
        geometry = self._settings.value(_GEOMETRY)
        if geometry is None or not self.restoreGeometry(geometry):
            screen = self.screen().availableGeometry()
            self.resize(min(1600, screen.width()), min(1000, screen.height()))
            if screen.width() <= 1600 or screen.height() <= 1000:
                self.setWindowState(Qt.WindowState.WindowMaximized)

    def show_export(self) -> None:
        """What to hand over, and where to."""
        dialog = ExportDialog(self.session, self)
        dialog.audit_wanted.connect(self._on_audit_export_wanted)
        dialog.done_with.connect(self.status.say)
        dialog.open()

    def show_weights(self) -> None:
        """What the rank order and the alignment depend on."""
        made = self.session.settings
        shown, problem = weights_to_show() if made is None else (Weights(made.risk, made.costs), "")
        summary = None if self.session.result is None else self.session.result.summary
        dialog = WeightsDialog(shown, self, surprise=surprise_model(summary), problem=problem)
        dialog.applied.connect(self.flow.audit_again)
        dialog.open()

    def show_statistics(self) -> None:
        """The workspace, with the statistics in front."""
        self.show_workspace()
        if self.workspace is not None:
            self.workspace.raise_panel("statistics")
            self.workspace.views.statistics.show_own_trials()

    def show_unpaired(self) -> None:
        """What did not pair, and the keys by which some of it would."""
        dialog = UnpairedDialog(self.session, self.flow.mapping_text, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.aliases_chosen.connect(self._on_aliases_chosen)
        dialog.done_with.connect(self.status.say)
        dialog.open()

    def _on_aliases_chosen(self, aliases: Mapping[str, str]) -> None:
        self.show_flow()
        self.flow.rename_tasks(aliases)

    def _on_tree_wanted(self, task: str) -> None:
        if self.workspace is not None:
            self.flow.work.grow_tree(task, self.workspace.views.statistics.show_tree)

    def _on_columns_wanted(self, work: Work) -> None:
        if self.workspace is not None:
            self.flow.work.lay_columns(work, self.workspace.views.alignment.columns.take)

    def _on_work_ended(self, slot: str, error: object = None) -> None:
        if slot == COLUMNS and self.workspace is not None:
            self.workspace.views.alignment.columns.stop()
        elif slot == TREE and self.workspace is not None:
            self.workspace.views.statistics.stop_tree()

    def _on_audit_export_wanted(self, folder: Path) -> None:
        self.flow.work.export_audit(folder, self.status.say)

    # -- pages -----------------------------------------------------------------------------------------------

    def show_start(self) -> None:
        self.show_flow()
        self.flow.show_start()

    def show_compare(self) -> None:
        self.show_flow()
        self.flow.show_compare()

    def show_summary(self) -> None:
        self.show_flow()
        self.flow.show_summary()

    def show_roles(self) -> None:
        self.show_flow()
        self.flow.show_roles()

    def show_concern(self) -> None:
        self.show_flow()
        self.flow.show_concern()

    def show_data(self) -> None:
        self.flow.show_data()
        self.show_flow()

    def show_workspace(self) -> None:
        """The panels; made when they are first wanted, so that the first window is there at once."""
        if self.session.result is None:
            return
        workspace = self.make_workspace()
        self.stack.setCurrentWidget(workspace)
        workspace.restore()
        self._refresh()

    def make_workspace(self) -> Workspace:
        """The workspace, made once."""
        if self.workspace is None:
            self.workspace = Workspace(self.session, self.commands, self._settings, self)
            self.workspace.views.workbench.filter_wanted.connect(self.flow.work.hold_filter)
            self.workspace.views.statistics.tree_wanted.connect(self._on_tree_wanted)
            self.workspace.views.alignment.columns_wanted.connect(self._on_columns_wanted)
            self.stack.addWidget(self.workspace)
            self.actions_.refresh()
        return self.workspace

    def show_keys(self) -> None:
        sheet = KeySheet(self.commands, self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def show_palette(self) -> None:
        self.palette_.open_over(self)

    def show_tour(self) -> None:
        """Point at the panels one after the other."""
        self.show_workspace()
        if self.workspace is None:
            return
        told = self.flow.plan.story is not None and sample_story()
        stops = tuple(Stop(one.panel, one.title, one.text) for one in told.tour) if told else STOPS
        self.tour = Tour(self.workspace, self, stops)
        self.tour.start()

    def toggle_theme(self) -> None:
        """The other theme, kept for next time."""
        new = theme.THEMES["light" if theme.current().dark else "dark"]
        self._settings.setValue(THEME_KEY, new.name)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            # Qt polishes every widget again: half a second with a full workspace.
            app.setOverrideCursor(Qt.CursorShape.WaitCursor)
            try:
                theme.apply(app, new)
            finally:
                app.restoreOverrideCursor()

    def open_dropped(self, paths: list[str]) -> None:
        self.show_flow()
        self.flow.open_paths(paths)

    def _on_dataset_read(self) -> None:
        # While the audit runs in its worker: made at the first click, the panels would keep the person waiting.
        if self.workspace is None and self._warm_up is None:
            self._warm_up = WarmUp(("pyqtgraph", *(panel.module for panel in PANELS)), self)
            self._warm_up.done.connect(self._on_warmed_up)
            self._warm_up.start()

    def _on_warmed_up(self) -> None:
        self.make_workspace()

    # -- inside ----------------------------------------------------------------------------------------------

    def show_flow(self) -> None:
        """The pages of the start flow, at the one that was last on show."""
        self.stack.setCurrentWidget(self.flow)

    def _search(self, text: str) -> None:
        self.show_workspace()
        self.session.filters.set_text(text)

    def _refresh(self) -> None:
        self.top.refresh()
        self.status.refresh()
        title = self.session.title
        self.setWindowTitle(f"{elided(title)} — Trajectory Explorer" if title else "Trajectory Explorer")
        if self.session.result is None and self.workspace is not None and self.stack.currentWidget() is self.workspace:
            self.show_flow()

    # -- Qt --------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.open_dropped(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._settings.setValue(_GEOMETRY, self.saveGeometry())
        if self.workspace is not None:
            self.workspace.save()
        self._settings.sync()
        self.runner.shutdown()
        super().closeEvent(event)
