"""Reading, auditing and mapping as jobs: each started with one call, each ending in one signal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.execution import Work
from explorer.model.alignment import PrefixTree
from explorer.model.settings import AuditSettings
from explorer.model.token_filter import FilterSpec
from explorer.session.artifact_store import key_of
from explorer.session.audit_session import AuditSession
from explorer.session.columns import Columns
from explorer.session.export_work import prepare_export
from explorer.session.tree_work import run_tree
from explorer.session.work import AuditFiles, MapFiles
from views.jobs import JobRunner
from views.start.services import Source, StartServices

READ, AUDIT, MAP, WORKBENCH, COLUMNS, TREE, EXPORT = SLOTS = (
    "read", "audit", "map", "workbench", "columns", "tree", "export",
)  # fmt: skip
_METHODS = ("pca", "umap")


class AuditWork(QObject):
    """Starts the long work of a session and hands results to it."""

    previewed = Signal(object)
    read_done = Signal(object)
    audited = Signal()
    failed = Signal(str, object)
    """Which slot, and the error."""
    cancelled = Signal(str)

    def __init__(
        self, session: AuditSession, runner: JobRunner, services: StartServices, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._runner = runner
        self._services = services
        self._folder: Any = None
        self._title = ""
        self._settings: AuditSettings | None = None
        self._map_settings: AuditSettings | None = None
        self._methods: list[str] = []

    @property
    def session(self) -> AuditSession:
        return self._session

    @property
    def runner(self) -> JobRunner:
        return self._runner

    @property
    def settings(self) -> AuditSettings | None:
        """The settings of the audit last asked for."""
        return self._settings

    def hold_filter(self, spec: FilterSpec, other: FilterSpec | None) -> None:
        """Hold a filter (and a second one) against the audit for the workbench."""
        if self._session.settings is not None:
            work = self._session.prepare_workbench(spec, other)
            self._start(WORKBENCH, work, f"Looking through “{spec.name}”", self._session.accept_workbench)

    def grow_tree(self, task: str, done: Callable[[str, PrefixTree], object]) -> None:
        """Grow the prefix tree of a task for the statistics."""
        settings, folder, audit = self._session.settings, self._session.dataset_folder, self._session.result_folder
        if settings is not None and folder is not None and audit is not None:
            work = partial(run_tree, self._session.opener, folder, audit, settings, task)
            self._start(TREE, work, "Growing the tree", _Pair(done))

    def lay_columns(self, work: Work, done: Callable[[Columns], object]) -> None:
        """Lay trajectories side by side for the alignment; how it ends otherwise is told by the signals."""
        self._start(COLUMNS, work, "Laying out the columns", done)

    def export_audit(self, folder: Path, done: Callable[[str], object]) -> None:
        """Write the published files of the audit on show into a folder."""
        work = prepare_export(self._session, folder)
        self._start(EXPORT, work, "Exporting the audit", _Written(done, folder))

    def preview(self, source: Source) -> None:
        """Read the first steps of a source for the reading sheet."""
        self._start(READ, self._services.preview(source), f"Looking at {source.title}", self.previewed.emit)

    def read(self, sources: Sequence[Source], title: str) -> None:
        """Read sources and open them in the session; what was audited before is put away by the session."""
        self._runner.drop(AUDIT)
        self._runner.drop(MAP)
        cache = self._session.cache
        self._folder = cache.prepare("datasets", key_of(tuple(sources)))
        self._title = title
        self._start(READ, self._services.read(sources, self._folder), f"Reading {title}", self._on_read)

    def audit(self, settings: AuditSettings) -> None:
        """Audit the open dataset; a finished audit with equal settings is shown at once."""
        self._runner.drop(MAP)
        held = self._session.cached_audit(settings)
        self._settings = settings
        if held is not None:
            self._runner.drop(AUDIT)
            self._on_audited(held)
            return
        self._start(AUDIT, self._session.prepare_audit(settings), "Auditing", self._on_audited)

    def stop(self) -> None:
        """Drop everything under way."""
        for slot in SLOTS:
            self._runner.drop(slot)

    def _start(self, slot: str, work: Any, title: str, done: Any) -> None:
        self._runner.start(
            slot, work, title=title, on_done=done, on_failed=_Failed(self, slot), on_cancelled=_Stopped(self, slot)
        )

    def _on_read(self, report: Any) -> None:
        self._session.open_dataset(self._folder, self._title)
        self.read_done.emit(report)

    def _on_audited(self, files: AuditFiles) -> None:
        self._session.accept(files)
        self.audited.emit()
        settings = self._settings
        if settings is not None and settings.with_map and self._session.embedding is None:
            self.make_map(settings)

    def make_map(self, settings: AuditSettings) -> None:
        """PCA at once, UMAP when it is there; a map made before is shown without either."""
        self._map_settings = settings
        held = self._session.cached_map(settings, _METHODS[-1])
        if held is not None:
            self._session.accept_map(held, settings, _METHODS[-1])
            return
        self._methods = list(_METHODS)
        self._next_map()

    def _next_map(self) -> None:
        settings = self._map_settings
        if not self._methods or settings is None:
            return
        work = self._session.prepare_map(settings, self._methods[0])
        names = {"pca": "First map", "umap": "Refining the map"}
        self._start(MAP, work, names[self._methods[0]], self._on_mapped)

    def _on_mapped(self, files: MapFiles) -> None:
        settings = self._map_settings
        if settings is not None and self._methods:
            self._session.accept_map(files, settings, self._methods.pop(0))
            self._next_map()


class _Failed:
    def __init__(self, owner: AuditWork, slot: str) -> None:
        self._owner, self._slot = owner, slot

    def __call__(self, error: BaseException) -> None:
        self._owner.failed.emit(self._slot, error)


class _Stopped:
    def __init__(self, owner: AuditWork, slot: str) -> None:
        self._owner, self._slot = owner, slot

    def __call__(self) -> None:
        self._owner.cancelled.emit(self._slot)


class _Pair:
    """Hands the two parts of an answer on."""

    def __init__(self, done: Callable[[str, PrefixTree], object]) -> None:
        self._done = done

    def __call__(self, answer: tuple[str, PrefixTree]) -> None:
        self._done(*answer)


class _Written:
    """Says what an export wrote."""

    def __init__(self, done: Callable[[str], object], folder: Path) -> None:
        self._done, self._folder = done, folder

    def __call__(self, files: int) -> None:
        self._done(f"{files} files in {self._folder}")
