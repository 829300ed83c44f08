"""The window as a whole: pages, panels, menus, palette, errors, settings."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.app import Program, compose
from explorer.errors import InputError
from explorer.execution import SerialExecutor
from explorer.model.schema import Role
from tests.views.windows import make_program, put_away, write_logs
from views.actions import KeySheet
from views.panels import PANELS
from views.shared import theme
from views.start.audit_work import SLOTS
from views.start.services import Source
from views.start.tour import STOPS, Tour


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, str]:
    return write_logs(tmp_path_factory.mktemp("logs"))


@pytest.fixture
def program(qapp: QApplication, tmp_path: Path) -> Iterator[Program]:
    made = make_program(qapp, tmp_path)
    made.window.show()
    yield made
    put_away(made)


@pytest.fixture
def audited(program: Program, logs: tuple[str, str, str], qtbot: QtBot) -> Program:
    """A window with an audit in its workspace."""
    flow = program.window.flow
    flow.read_at_once([Source((logs[0],), Role.TEACHER), Source((logs[1],), Role.STUDENT)])
    qtbot.waitUntil(lambda: bool(flow.summary.rows()), timeout=60_000)
    flow.summary.first.click()
    return program


def test_heavy_libraries_stay_out_of_the_first_window() -> None:
    import subprocess

    code = (
        "import sys, explorer.app; heavy = {'pandas', 'numba', 'torch', 'umap', 'scipy', 'sklearn', 'pyqtgraph'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_it_begins_on_the_start_page(program: Program) -> None:
    window = program.window
    assert window.stack.currentWidget() is window.flow
    assert window.flow.currentWidget() is window.flow.start
    assert not window.top.search.isVisible()
    window.commands.run("file.workspace")
    assert window.workspace is None


def test_the_first_item_is_in_front_in_every_panel(audited: Program) -> None:
    window = audited.window
    assert window.workspace is not None
    assert window.stack.currentWidget() is window.workspace
    assert set(window.workspace.docks) == {panel.id for panel in PANELS}
    # The modules that are read in the background beforehand are those that the panels come from.
    assert {panel.id: panel.module for panel in PANELS} == {
        name: type(view).__module__ for name, view in window.workspace.views.by_id().items()
    }
    assert audited.session.selection.current.entry == 0
    assert window.top.search.isVisible()
    assert "2 of 3 tasks paired" in window.status.counts.text()


def test_asking_for_a_panel_behind_a_tab_shows_it(audited: Program, qtbot: QtBot) -> None:
    window = audited.window
    assert window.workspace is not None
    docks = window.workspace.docks
    window.workspace.raise_panel("map")
    qtbot.waitUntil(lambda: docks["statistics"].visibleRegion().isEmpty())
    window.commands.run("panel.statistics")
    assert not docks["statistics"].isHidden()
    qtbot.waitUntil(lambda: not docks["statistics"].visibleRegion().isEmpty())
    window.commands.run("panel.statistics")
    assert docks["statistics"].isHidden()


def test_commands_have_titles_and_menus_and_unique_keys(audited: Program) -> None:
    commands = list(audited.window.commands)
    assert all(command.title and command.menu for command in commands)
    assert {command.id for command in commands} == set(audited.window.actions_.by_id)
    menu = audited.window.actions_.menu(audited.window)
    assert len(menu.actions()) == len({command.menu for command in commands})


PROMISED = {
    "queue": ("J", "K"), "divergence": ("N", "P"), "verdict": ("1", "2", "3", "4", "5"), "note": ("A",),
    "window": ("Ctrl+Z", "Ctrl+Shift+Z", "/", "Ctrl+K", "?", "Ctrl+E", "Ctrl+O", "F1"),
}  # fmt: skip


@pytest.mark.parametrize("about", sorted(PROMISED))
def test_every_promised_key_does_something(audited: Program, about: str) -> None:
    keys = {command.shortcut for command in audited.window.commands}
    assert set(PROMISED[about]) <= keys


def test_the_samples_other_views_and_the_weights_are_commands(audited: Program) -> None:
    ids = {command.id for command in audited.window.commands}
    assert {"file.weights", "export.open", "file.sample", "file.sample.training_data"} <= ids


def test_the_palette_finds_and_runs(audited: Program, qtbot: QtBot) -> None:
    window = audited.window
    before = theme.current()
    window.show_palette()
    qtbot.keyClicks(window.palette_.field, "light or")
    qtbot.keyClick(window.palette_.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: theme.current() is not before)
    window.toggle_theme()
    assert theme.current() is before


def test_what_is_no_command_searches_the_queue(audited: Program, qtbot: QtBot) -> None:
    window = audited.window
    window.show_palette()
    qtbot.keyClicks(window.palette_.field, "/srv/cache")
    qtbot.keyClick(window.palette_.field, Qt.Key.Key_Return)
    assert audited.session.filters.text == "/srv/cache"
    assert window.top.search.text() == "/srv/cache"


def test_every_key_is_on_the_sheet(audited: Program, qtbot: QtBot) -> None:
    sheet = KeySheet(audited.window.commands, audited.window)
    qtbot.addWidget(sheet)
    from views.shared.plain_text import PlainLabel

    shown = {label.text() for label in sheet.findChildren(PlainLabel)}
    assert {command.title for command in audited.window.commands if command.shortcut} <= shown


def test_keys_walk_the_queue_and_typing_does_not(audited: Program, qtbot: QtBot) -> None:
    window = audited.window
    window.activateWindow()
    entries = audited.session.entries
    assert entries is not None
    assert len(entries) > 1
    window.actions_.by_id["queue.next"].trigger()
    assert audited.session.selection.current.entry == 1
    window.top.focus_search()
    qtbot.keyClicks(window.top.search, "jk1")
    assert audited.session.selection.current.entry == 1
    assert audited.session.findings is not None
    assert not audited.session.findings.all()


def test_another_concern_is_audited_again(audited: Program, qtbot: QtBot) -> None:
    audited.window.top.concern_chosen.emit("permission")
    qtbot.waitUntil(
        lambda: audited.session.settings is not None and audited.session.settings.concern_name == "permission",
        timeout=60_000,
    )
    assert "permission" in audited.window.top.concern.text()


def test_panels_keep_their_places(qapp: QApplication, audited: Program, tmp_path: Path) -> None:
    workspace = audited.window.workspace
    assert workspace is not None
    workspace.docks["statistics"].close()
    audited.window.close()
    again = make_program(qapp, tmp_path)
    try:
        second = again.window.make_workspace()
        second.resize(1200, 700)
        second.restore()
        assert second.docks["statistics"].isHidden()
        assert not second.docks["queue"].isHidden()
        second.reset_layout()
        assert not second.docks["statistics"].isHidden()
    finally:
        again.window.close()
        again.close()


@pytest.mark.parametrize(("height", "in_front"), [(620, "alignment"), (900, "map")])
def test_a_low_workspace_gives_its_room_to_the_alignment(
    audited: Program, qtbot: QtBot, height: int, in_front: str
) -> None:
    window = audited.window
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(1300, height + window.height() - window.make_workspace().height())
    workspace = window.make_workspace()
    qtbot.waitUntil(lambda: workspace.height() == height)
    workspace.reset_layout()
    qtbot.waitUntil(lambda: not workspace.docks[in_front].visibleRegion().isEmpty())
    behind = {dock.objectName() for dock in workspace.tabifiedDockWidgets(workspace.docks[in_front])}
    assert behind == {"map", "alignment", "statistics", "workbench"} - {in_front} - (
        {"alignment"} if in_front == "map" else set()
    )

    def height_of(panel: str) -> int:
        return workspace.docks[panel].height()

    # Docks move to their places step by step.
    qtbot.waitUntil(lambda: height_of("alignment") > height_of("step") and height_of("alignment") >= 0.44 * height)
    assert in_front != "alignment" or height_of("alignment") >= 0.55 * height


def test_every_stop_of_the_tour_points_at_a_panel(audited: Program, qtbot: QtBot) -> None:
    window = audited.window
    assert window.workspace is not None
    tour = Tour(window.workspace, window)
    tour.start()
    seen = []
    for _ in STOPS:
        seen.append(tour.title.text())
        qtbot.keyClick(tour, Qt.Key.Key_Right)
    assert seen == [stop.title for stop in STOPS]
    assert tour.isHidden()
    for panel in ("alignment", "queue"):  # what is worked with is in front again, also where the map is its tab
        qtbot.waitUntil(lambda panel=panel: not window.workspace.docks[panel].visibleRegion().isEmpty())


def test_errors_of_the_users_say_the_way_out(program: Program) -> None:
    panel = program.window.errors
    panel.show_error(InputError("it is cut short", where="a.parquet", todo="Copy it again."))
    assert panel.isVisible()
    assert panel.what.text() == "a.parquet: it is cut short"
    assert panel.todo.text() == "Copy it again."
    assert not panel.trace()


def test_a_storm_of_one_error_is_counted(program: Program) -> None:
    panel = program.window.errors
    for _ in range(50):
        try:
            raise ValueError("bad paint")
        except ValueError as error:
            panel.show_error(error)
    assert "ValueError" in panel.what.text()
    assert "bad paint" in panel.trace()
    assert panel._count == 50


def test_errors_nobody_caught_reach_the_panel(
    program: Program, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sys.excepthook
    program.hook.install()
    try:
        error = RuntimeError("from a slot")
        sys.excepthook(RuntimeError, error, None)
        qtbot.waitUntil(lambda: "from a slot" in program.window.errors.what.text())
    finally:
        program.hook.uninstall()
    assert sys.excepthook is before
    assert "from a slot" in capsys.readouterr().err


def test_a_store_that_cannot_be_written_is_told_and_nothing_is_lost(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("XDG_DATA_HOME", str(blocked))
    executors = {slot: SerialExecutor() for slot in SLOTS}
    settings = QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat)
    program = compose(qapp, executors=executors, settings=settings)
    try:
        assert program.store_problem is not None
        assert program.window.errors.what.text()
    finally:
        program.window.close()
        program.close()


def test_no_display_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from explorer import app

    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    if sys.platform == "linux":
        assert app.main([]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
