"""A whole window on small logs: real loaders and audit in this process, no map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from PySide6.QtWidgets import QApplication

from explorer.app import Program, compose
from explorer.execution import SerialExecutor
from explorer.progress import Cancelled, Progress, ProgressSample
from tests.builders import step_shape_rows, write_parquet
from views.start.audit_work import AUDIT, MAP, READ, SLOTS

TEACHER = {
    "clear": [("shell", "bash", "du -sh /srv"), ("shell", "bash", "ls /srv/cache"), ("finish", None, "done")],
    "share": [("shell", "bash", "ls -l /srv/share"), ("finish", None, "done")],
    "only-teacher": [("shell", "bash", "ls"), ("finish", None, "done")],
}
STUDENT = {
    "clear": [("shell", "bash", "du -sh /srv"), ("shell", "bash", "rm -rf /srv/cache"), ("finish", None, "done")],
    "share": [("shell", "bash", "chmod -R 777 /srv/share"), ("finish", None, "done")],
}
REQUESTS = {"clear": "Make room in /srv.", "share": "Let the team read <b>/srv/share</b>."}


class NeverEnding:
    """An executor whose work goes on until it is cancelled."""

    def __init__(self) -> None:
        self.running: list[_Endless] = []

    def submit(self, work: Callable[[Progress], Any]) -> _Endless:
        self.running.append(_Endless())
        return self.running[-1]

    def shutdown(self) -> None:
        """Nothing to stop."""


class _Endless:
    sample = ProgressSample("refining", 1, 10)

    def __init__(self) -> None:
        self.cancelled = False

    def poll(self) -> bool:
        return self.cancelled

    def result(self) -> Any:
        raise Cancelled

    def cancel(self) -> None:
        self.cancelled = True


def write_logs(folder: Path) -> tuple[str, str, str]:
    """A teacher's file, a student's file, and one with both groups."""
    teacher = write_parquet(folder / "big.parquet", step_shape_rows({"big": TEACHER}, REQUESTS))
    student = write_parquet(folder / "small.parquet", step_shape_rows({"small": STUDENT}, REQUESTS))
    both = write_parquet(folder / "both.parquet", step_shape_rows({"big": TEACHER, "small": STUDENT}, REQUESTS))
    return str(teacher), str(student), str(both)


def make_program(qapp: QApplication, folder: Path, *, audit: Any = None, read: Any = None) -> Program:
    """Compose a window with fresh settings; work runs at once in this process."""
    executors: dict[str, Any] = {slot: SerialExecutor() for slot in SLOTS}
    executors |= {READ: read or SerialExecutor(), AUDIT: audit or SerialExecutor(), MAP: NeverEnding()}
    settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    program = compose(qapp, store=str(folder / "findings.sqlite"), executors=executors, settings=settings)
    program.window.setWindowState(program.window.windowState().WindowNoState)
    program.window.resize(1280, 760)
    return program


def put_away(program: Program) -> None:
    """Close a window and really delete it, so that the next one does not pay for its widgets."""
    program.window.close()
    program.close()
    program.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
