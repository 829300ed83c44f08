"""The composition root of the window: the only place where Qt, the session, the workers and the loaders meet.

Nothing heavy is imported here: pandas, numba, torch and umap live in the workers, the plotting library comes with
the first workspace.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import resources
from pathlib import Path
from typing import IO, Any

from PySide6.QtCore import QCoreApplication, QEventLoop, QSettings, Qt, QTimer
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication

from explorer import __version__
from explorer.errors import StorageError, UserError
from explorer.execution import Executor, SpawnedWorker, Work
from explorer.model.trajectory import Dataset
from explorer.session.annotation_store import AnnotationStore
from explorer.session.artifact_store import ArtifactStore
from explorer.session.audit_session import AuditSession
from explorer.session.places import cache_folder, findings_file, log_folder
from views.error_panel import ExceptionHook
from views.jobs import JobRunner
from views.main_window import THEME_KEY, MainWindow
from views.shared import theme
from views.start.audit_work import AUDIT, COLUMNS, EXPORT, MAP, READ, TREE, WORKBENCH
from views.start.services import MappingChange, Source, StartServices

ORGANISATION = "trajectory-explorer"
_READER_MEMORY = 6 << 30
_READER_WARM = ("loaders.combine", "loaders.preview")
_ANALYSIS_WARM = ("explorer.analysis.audit",)
_COLUMNS_WARM = ("explorer.analysis.alignment.multi_align",)


# -- what the start flow needs from the loaders --------------------------------------------------------------


def _request(source: Source) -> Any:
    from loaders.base import ReadRequest

    return ReadRequest(source.paths, mapping=source.mapping, task=source.task)


def _preview(source: Source) -> Work:
    from loaders.preview import preview

    return partial(preview, _request(source))


def _read(sources: Sequence[Source], folder: Path) -> Work:
    from loaders.combine import read_sources

    return partial(read_sources, tuple(_request(source) for source in sources), folder)


def _open(folder: Path) -> Dataset:
    from loaders.registry import open_dataset

    return open_dataset(folder)


def _change_mapping(mapping: Any, change: MappingChange) -> Any:
    from loaders.base import ColumnMapping

    held = mapping or ColumnMapping()
    if change.what == "task":
        return replace(held, task=(change.value,) if change.value else ())
    if change.what.startswith("column:"):
        role = change.what.partition(":")[2]
        columns = {name: column for name, column in held.columns.items() if name != role}
        return replace(held, columns={**columns, role: change.value} if change.value else columns)
    return replace(held, **{change.what: change.value or None})


def _mapping_text(mapping: Any) -> str:
    from loaders.column_mapping import to_toml

    return to_toml(mapping)


def _rename_tasks(mapping: Any, aliases: Mapping[str, str]) -> Any:
    from loaders.column_mapping import with_aliases

    return with_aliases(mapping, aliases)


def _mapping_of(text: str) -> Any:
    from loaders.column_mapping import from_toml

    return from_toml(text, "the mapping kept for this dataset")


def _shared_text(mappings: Sequence[Any], task: Sequence[str]) -> str:
    from loaders.column_mapping import in_common, to_toml

    shared = replace(in_common(mappings), task=tuple(task))
    if all(mapping == mappings[0] for mapping in mappings):
        return to_toml(shared)
    return "# The sources are read in different ways; only what they have in common is here.\n" + to_toml(shared)


def _shapes() -> tuple[tuple[str, str], ...]:
    from loaders.registry import ROW_LOADERS, STEP_ROWS

    return tuple((loader.name, loader.title) for loader in (STEP_ROWS, *ROW_LOADERS))


def services() -> StartServices:
    """The loaders as functions."""
    return StartServices(
        preview=_preview, read=_read, change_mapping=_change_mapping, mapping_text=_mapping_text, shapes=_shapes,
        rename_tasks=_rename_tasks, mapping_of=_mapping_of, shared_text=_shared_text,
    )  # fmt: skip


# -- composition ---------------------------------------------------------------------------------------------


@dataclass
class Program:
    """Everything that lives as long as the window."""

    session: AuditSession
    runner: JobRunner
    window: MainWindow
    hook: ExceptionHook
    settings: QSettings
    store_problem: UserError | None = None

    def close(self) -> None:
        """Stop the workers and give the files back."""
        self.hook.uninstall()
        self.runner.shutdown()
        self.session.close()
        self.session.cache.close()


def workers() -> dict[str, Executor]:
    """One spawned process per kind of work; none is started before it is needed."""
    cores = os.cpu_count() or 1
    memory = _READER_MEMORY if sys.platform == "linux" else None
    return {
        READ: SpawnedWorker(threads=1, memory_bytes=memory, warm=_READER_WARM),
        AUDIT: SpawnedWorker(threads=max(1, cores - 1), warm=_ANALYSIS_WARM),
        MAP: SpawnedWorker(threads=max(1, cores - 1)),
        WORKBENCH: SpawnedWorker(threads=1, warm=_ANALYSIS_WARM),
        COLUMNS: SpawnedWorker(threads=1, warm=_COLUMNS_WARM),
        TREE: SpawnedWorker(threads=1),
        EXPORT: SpawnedWorker(threads=1),
    }


def compose(
    app: QApplication, *, store: str | None = None, executors: dict[str, Executor] | None = None,
    settings: QSettings | None = None,
) -> Program:  # fmt: skip
    """Make session, workers and window; findings go to ``store`` or the user's data folder."""
    kept = settings or QSettings(ORGANISATION, "window")
    problem: UserError | None = None
    try:
        annotations = AnnotationStore(Path(store) if store else findings_file())
    except StorageError as error:
        if store:
            raise
        todo = "Until then findings are kept in memory only: export them before you close the window."
        problem = StorageError(error.what, where=error.where, todo=f"{error.todo or ''} {todo}".strip())
        annotations = AnnotationStore(Path(":memory:"))
    session = AuditSession(annotations, ArtifactStore(cache_folder()), opener=_open)
    chosen = str(kept.value(THEME_KEY, ""))
    theme.apply(app, theme.THEMES.get(chosen) or theme.system_theme())
    runner = JobRunner(workers() if executors is None else executors)
    window = MainWindow(session, runner, services(), kept, app_icon())
    hook = ExceptionHook(window.errors.show_error)
    program = Program(session, runner, window, hook, kept, problem)
    if problem is not None:
        window.errors.show_error(problem)
    elif session.cache.fallback_reason:
        window.errors.show_error(StorageError(session.cache.fallback_reason, todo="Everything else works as usual."))
    return program


def app_icon() -> QIcon:
    """The program's own icon."""
    pixmap = QPixmap()
    pixmap.loadFromData(resources.files("resources").joinpath("icons/trajectory-explorer.svg").read_bytes(), "SVG")
    return QIcon(pixmap)


def make_application() -> QApplication:
    """The Qt application, named so that settings are its own."""
    held = QApplication.instance()
    if isinstance(held, QApplication):
        return held
    QCoreApplication.setOrganizationName(ORGANISATION)
    QCoreApplication.setApplicationName("Trajectory Explorer")
    QCoreApplication.setApplicationVersion(__version__)
    app = QApplication([sys.argv[0] or ORGANISATION])
    app.setDesktopFileName(ORGANISATION)
    return app


def main(paths: Sequence[str], *, store: str | None = None, sample: bool = False) -> int:
    """Open the window on ``paths``, on the sample, or on the start page; returns the exit code."""
    if not _has_display():
        print("trajectory-explorer: there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)", file=sys.stderr)
        return 2
    app = make_application()
    with _crash_log() as earlier:
        try:
            program = compose(app, store=store)
        except UserError as error:
            print(f"trajectory-explorer: {error}", file=sys.stderr)
            return 2
        program.hook.install()
        # Python's own handler would wait for the next event; findings are on disk at every moment.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        program.window.show()
        if earlier:
            program.window.errors.show_crash(earlier)
        if sample:
            program.window.flow.open_sample()
        elif paths:
            program.window.flow.open_paths(tuple(paths))
        try:
            return int(app.exec())
        finally:
            program.close()


def offscreen_picture(
    target: Path, paths: Sequence[str] = (), *, size: tuple[int, int] = (1600, 1000), seconds: float = 240.0
) -> None:
    """Draw the window on ``paths`` (or the sample) into a PNG, without a display; raises UserError where that fails."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = make_application()
    program = compose(app, settings=QSettings(str(target) + ".ini", QSettings.Format.IniFormat))
    window = program.window
    sources = tuple(Source((str(Path(path).absolute()),)) for path in paths)
    errors: list[BaseException] = []
    try:
        window.setWindowState(Qt.WindowState.WindowNoState)
        window.resize(*size)
        window.show()
        loop = QEventLoop()
        window.flow.work.failed.connect(_Collect(errors, loop))
        window.flow.work.audited.connect(loop.quit)
        QTimer.singleShot(int(seconds * 1000), loop.quit)
        if sources:
            window.flow.read_at_once(sources)
        else:
            window.flow.open_sample()
        loop.exec()
        if errors or program.session.result is None:
            raise errors[0] if errors else UserError("the audit took too long")
        window.flow.summary.first_wanted.emit()
        _wait_for_map(window, seconds)
        if not window.grab().save(str(target), "PNG"):
            raise StorageError("the picture cannot be written", where=str(target), todo="Choose another folder.")
    finally:
        window.close()
        program.close()
        Path(str(target) + ".ini").unlink(missing_ok=True)


def _wait_for_map(window: MainWindow, seconds: float) -> None:
    loop = QEventLoop()

    def arrived() -> None:
        loop.quit()

    window.session.map_changed.connect(arrived)
    QTimer.singleShot(int(min(seconds, 30.0) * 1000), loop.quit)
    if window.session.embedding is None:
        loop.exec()
    QTimer.singleShot(400, loop.quit)
    loop.exec()
    window.session.map_changed.disconnect(arrived)


class _Collect:
    def __init__(self, errors: list[BaseException], loop: QEventLoop) -> None:
        self._errors, self._loop = errors, loop

    def __call__(self, slot: str, error: BaseException) -> None:
        if slot != MAP:
            self._errors.append(error)
            self._loop.quit()


def _has_display() -> bool:
    """Asked before Qt starts: without a display its X plugin aborts the process."""
    if os.environ.get("QT_QPA_PLATFORM") or sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextlib.contextmanager
def _crash_log() -> Iterator[str]:
    """Send traces of native crashes to a file; yields what an earlier crash left there."""
    place = log_folder() / "crash.txt"
    earlier = ""
    file: IO[str] | None = None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            earlier = place.read_text("utf-8", "backslashreplace").strip()
        file = place.open("w", encoding="utf-8")
        faulthandler.enable(file)
    except OSError:
        faulthandler.enable()
    try:
        yield earlier
    finally:
        faulthandler.disable()
        if file is not None:
            file.close()


def _command_line(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m explorer.app")
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--picture", metavar="FILE", help="draw the window offscreen into a PNG and end")
    args = parser.parse_args(arguments)
    if not args.picture:
        return main(args.paths)
    try:
        offscreen_picture(Path(args.picture), args.paths)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    import multiprocessing

    multiprocessing.freeze_support()
    sys.exit(_command_line(sys.argv[1:]))
