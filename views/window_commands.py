"""What can be done from anywhere in the window, as commands."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from explorer.session.commands import Command, CommandTable
from views.start.plan import other_sample_views

if TYPE_CHECKING:
    from views.main_window import MainWindow


class WindowCommands:
    """Adds the window's own commands to a table; panels add theirs."""

    def __init__(self, window: MainWindow, table: CommandTable) -> None:
        self._window = window
        self._session = window.session
        add = table.add
        data, result, busy = self._has_dataset, self._has_result, self._is_busy
        add(Command("file.open", "Audit one dataset …", self._choose_files, "Ctrl+O", "File", "open load parquet"))
        add(Command("file.compare", "Compare …", window.show_compare, "Ctrl+Shift+O", "File", "teacher student open"))
        add(Command("file.sample", "Open the sample", self._open_sample, "", "File", "demo example"))
        for view in other_sample_views():
            add(
                Command(
                    f"file.sample.{view.id}", f"Open the sample: {view.title.lower()}",
                    partial(self._open_sample, view.id), "", "File", "demo example",
                )
            )  # fmt: skip
        add(Command("file.start", "Start page", window.show_start, "Ctrl+Home", "File", "recent"))
        add(Command("file.summary", "Summary", window.show_summary, "Ctrl+1", "File", "sentences overview", data))
        add(Command("file.roles", "Roles and pairing …", window.show_roles, "Ctrl+2", "File", "group key task", data))
        add(
            Command(
                "file.concern", "What concerns you …", window.show_concern, "Ctrl+3", "File", "effects filter", data
            )
        )
        add(Command("file.data", "Data report", window.show_data, "Ctrl+4", "File", "quality problems rejected", data))
        add(
            Command(
                "file.unpaired", "Unpaired tasks …", window.show_unpaired, "Ctrl+7", "File",
                "pairing partner alias mapping key", data,
            )
        )  # fmt: skip
        add(Command("file.workspace", "Workspace", window.show_workspace, "Ctrl+5", "File", "queue map panels", result))
        add(Command("file.continue", "Continue", window.flow.go_on, "Ctrl+Return", "File", "next page", self._in_flow))
        add(Command("export.open", "Export …", window.show_export, "Ctrl+E", "File", "findings report csv", data))
        add(
            Command(
                "file.weights",
                "Risk and alignment …",
                window.show_weights,
                "Ctrl+6",
                "File",
                "weights costs rank",
                data,
            )
        )
        add(Command("file.quit", "Quit", window.close, "Ctrl+Q", "File", "exit"))
        add(Command("edit.undo", "Undo", self._undo, "Ctrl+Z", "Edit", "verdict note", self._can_undo))
        add(Command("edit.redo", "Redo", self._redo, "Ctrl+Shift+Z", "Edit", "verdict note", self._can_redo))
        add(Command("view.search", "Search", self._focus_search, "/", "View", "find text filter", result))
        add(Command("view.palette", "Command palette", window.show_palette, "Ctrl+K", "View", "commands"))
        add(Command("view.theme", "Light or dark", window.toggle_theme, "Ctrl+Shift+L", "View", "theme colours"))
        add(Command("view.menu", "Menu", self._open_menu, "F10", "View", "menu bar"))
        add(Command("view.cancel", "Cancel what runs", window.runner.cancel_all, "Ctrl+.", "View", "stop job", busy))
        add(Command("help.keys", "Keys", window.show_keys, "?", "Help", "shortcuts sheet"))
        add(Command("help.tour", "Guided tour", window.show_tour, "F1", "Help", "introduction", result))

    def _choose_files(self) -> None:
        self._window.show_flow()
        self._window.flow.choose_files()

    def _open_sample(self, view_id: str | None = None) -> None:
        self._window.show_flow()
        self._window.flow.open_sample(view_id)

    def _open_menu(self) -> None:
        self._window.top.open_menu()

    def _focus_search(self) -> None:
        self._window.show_workspace()
        self._window.top.focus_search()

    def _undo(self) -> None:
        if self._session.findings is not None:
            self._session.findings.undo()

    def _redo(self) -> None:
        if self._session.findings is not None:
            self._session.findings.redo()

    def _can_undo(self) -> bool:
        return self._session.findings is not None and self._session.findings.can_undo

    def _can_redo(self) -> bool:
        return self._session.findings is not None and self._session.findings.can_redo

    def _in_flow(self) -> bool:
        return self._window.stack.currentWidget() is self._window.flow

    def _has_dataset(self) -> bool:
        return self._session.dataset is not None

    def _has_result(self) -> bool:
        return self._session.result is not None

    def _is_busy(self) -> bool:
        return bool(self._window.runner.jobs())
