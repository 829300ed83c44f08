"""What can be done from anywhere in the window, as commands."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from explorer.session.commands import Command, CommandTable
from views.start.flow import StartFlow
from views.start.plan import other_sample_views
from views.top_bar import TopBar


class Window(Protocol):
    """What the commands ask of a window, besides its parts."""

    def show_flow(self) -> None: ...

    def show_start(self) -> None: ...

    def show_compare(self) -> None: ...

    def show_summary(self) -> None: ...

    def show_roles(self) -> None: ...

    def show_concern(self) -> None: ...

    def show_data(self) -> None: ...

    def show_unpaired(self) -> None: ...

    def show_workspace(self) -> None: ...

    def show_weights(self) -> None: ...

    def show_export(self) -> None: ...

    def show_palette(self) -> None: ...

    def show_keys(self) -> None: ...

    def show_tour(self) -> None: ...

    def toggle_theme(self) -> None: ...

    def close(self) -> bool: ...


def add_commands(window: Window, flow: StartFlow, top: TopBar, table: CommandTable) -> None:
    """Add the window's own commands to a table; panels add theirs."""
    session = flow.session

    def data() -> bool:
        return session.dataset is not None

    def result() -> bool:
        return session.result is not None

    def busy() -> bool:
        return bool(flow.runner.jobs())

    def in_flow() -> bool:
        return not flow.isHidden()

    def choose_files() -> None:
        window.show_flow()
        flow.choose_files()

    def open_sample(view_id: str | None = None) -> None:
        window.show_flow()
        flow.open_sample(view_id)

    def focus_search() -> None:
        window.show_workspace()
        top.focus_search()

    def undo() -> None:
        if session.findings is not None:
            session.findings.undo()

    def redo() -> None:
        if session.findings is not None:
            session.findings.redo()

    def can_undo() -> bool:
        return session.findings is not None and session.findings.can_undo

    def can_redo() -> bool:
        return session.findings is not None and session.findings.can_redo

    add = table.add
    add(Command("file.open", "Audit one dataset …", choose_files, "Ctrl+O", "File", "open load parquet"))
    add(Command("file.compare", "Compare …", window.show_compare, "Ctrl+Shift+O", "File", "teacher student open"))
    add(Command("file.sample", "Open the sample", open_sample, "", "File", "demo example"))
    for view in other_sample_views():
        add(
            Command(
                f"file.sample.{view.id}", f"Open the sample: {view.title.lower()}",
                partial(open_sample, view.id), "", "File", "demo example",
            )
        )  # fmt: skip
    add(Command("file.start", "Start page", window.show_start, "Ctrl+Home", "File", "recent"))
    add(Command("file.summary", "Summary", window.show_summary, "Ctrl+1", "File", "sentences overview", data))
    add(Command("file.roles", "Roles and pairing …", window.show_roles, "Ctrl+2", "File", "group key task", data))
    add(Command("file.concern", "What concerns you …", window.show_concern, "Ctrl+3", "File", "effects filter", data))
    add(Command("file.data", "Data report", window.show_data, "Ctrl+4", "File", "quality problems rejected", data))
    add(
        Command(
            "file.unpaired", "Unpaired tasks …", window.show_unpaired, "Ctrl+7", "File",
            "pairing partner alias mapping key", data,
        )
    )  # fmt: skip
    add(Command("file.workspace", "Workspace", window.show_workspace, "Ctrl+5", "File", "queue map panels", result))
    add(Command("file.continue", "Continue", flow.go_on, "Ctrl+Return", "File", "next page", in_flow))
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
    add(Command("edit.undo", "Undo", undo, "Ctrl+Z", "Edit", "verdict note", can_undo))
    add(Command("edit.redo", "Redo", redo, "Ctrl+Shift+Z", "Edit", "verdict note", can_redo))
    add(Command("view.search", "Search", focus_search, "/", "View", "find text filter", result))
    add(Command("view.palette", "Command palette", window.show_palette, "Ctrl+K", "View", "commands"))
    add(Command("view.theme", "Light or dark", window.toggle_theme, "Ctrl+Shift+L", "View", "theme colours"))
    add(Command("view.menu", "Menu", top.open_menu, "F10", "View", "menu bar"))
    add(Command("view.cancel", "Cancel what runs", flow.runner.cancel_all, "Ctrl+.", "View", "stop job", busy))
    add(Command("help.keys", "Keys", window.show_keys, "?", "Help", "shortcuts sheet"))
    add(Command("help.tour", "Guided tour", window.show_tour, "F1", "Help", "introduction", result))
