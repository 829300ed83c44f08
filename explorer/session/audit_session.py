"""The state of one audit and the three calls everything goes through.

``work = session.prepare_audit(settings)`` · ``files = work(progress)`` (anywhere) · ``session.accept(files)`` (main
thread). Views read the session's properties, listen to its signals and send intents; they never change its parts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from psygnal import Signal

from explorer.model.embedding import Embedding
from explorer.model.finding import Disposition, Subject, Verdict
from explorer.model.result import AuditResult
from explorer.model.settings import AuditSettings
from explorer.model.token_filter import FilterSpec
from explorer.model.trajectory import Coded, Dataset
from explorer.model.workbench import Cell
from explorer.session.annotation_store import AnnotationStore
from explorer.session.artifact_store import ArtifactStore
from explorer.session.dataset_files import (
    open_dataset,
    open_embedding,
    open_result,
)
from explorer.session.entries import Entries
from explorer.session.entry_lookup import best_pair, entries_holding, pair_holds, verdict_codes
from explorer.session.filters import QueueFilters
from explorer.session.findings import Findings
from explorer.session.pair_view import PairView, pair_view
from explorer.session.selection import SelectionModel
from explorer.session.step_card import StepCard, step_card
from explorer.session.work import AuditFiles, MapFiles, Opener, audit_key, audit_to_files, map_key, map_to_files
from explorer.session.workbench import WorkbenchResult, run_workbench


class AuditSession:
    """One dataset, one set of settings, one result, and what the auditor does with them."""

    dataset_opened = Signal()
    result_accepted = Signal()
    map_changed = Signal()
    workbench_changed = Signal()
    closed = Signal()

    def __init__(
        self,
        store: AnnotationStore,
        cache: ArtifactStore,
        author: str | None = None,
        opener: Opener = open_dataset,
    ) -> None:
        self.opener = opener
        self._store = store
        self._cache = cache
        self._author = author
        self.selection = SelectionModel()
        self.filters = QueueFilters()
        self.dataset: Dataset | None = None
        self.dataset_folder: Path | None = None
        self.load_report: Mapping[str, Any] = {}
        self.settings: AuditSettings | None = None
        self.result: AuditResult | None = None
        self.result_folder: Path | None = None
        self.entries: Entries | None = None
        self.findings: Findings | None = None
        self.embedding: Embedding | None = None
        self.workbench: WorkbenchResult | None = None
        self.title = ""
        self.selection.changed.connect(self._on_selection_changed)

    @property
    def cache(self) -> ArtifactStore:
        return self._cache

    def open_dataset(self, folder: Path, title: str) -> None:
        """Show the dataset that a loader left in ``folder``; what was shown before is put away."""
        import json

        self.dataset = self.opener(folder)
        self.dataset_folder = folder
        self.load_report = json.loads((folder / "report.json").read_text("utf-8"))
        self.title = title
        self.result = None
        self.entries = None
        self.embedding = None
        self.workbench = None
        self.settings = None
        self.selection.clear(origin="session")
        self.filters.bind(None)
        self.findings = Findings(self._store, self.dataset.fingerprint, self._author, self.findings)
        self.findings.changed.connect(self._on_findings_changed)
        self.dataset_opened.emit()

    def prepare_audit(self, settings: AuditSettings) -> partial[AuditFiles]:
        """Picklable work that audits the open dataset; a finished one of the same content and settings is reused
        by :meth:`cached_audit`."""
        assert self.dataset_folder is not None, "no dataset is open"
        target = self._cache.prepare("audits", self._audit_key(settings))
        return partial(audit_to_files, self.opener, self.dataset_folder, settings, target)

    def cached_audit(self, settings: AuditSettings) -> AuditFiles | None:
        """The audit of the open dataset with these settings if it was done before."""
        folder = self._cache.find("audits", self._audit_key(settings))
        return None if folder is None else AuditFiles(folder, settings)

    def accept(self, files: AuditFiles) -> None:
        """Show a finished audit (main thread)."""
        assert self.dataset is not None, "no dataset is open"
        folder = self._cache.finish("audits", self._audit_key(files.settings), files.folder)
        # First, while entries and filters still fit each other: listeners look at both.
        self.selection.clear(origin="session")
        self.settings = files.settings
        self.result = open_result(folder)
        self.result_folder = folder
        self.entries = Entries(self.result, self.dataset)
        self.filters.bind(self.entries, partial(entries_holding, self.entries, self.dataset))
        self._refresh_verdicts()
        self.result_accepted.emit()

    def prepare_map(self, settings: AuditSettings, method: str) -> partial[MapFiles]:
        """Picklable work that makes a map of the open dataset by "pca" or "umap"."""
        assert self.dataset_folder is not None, "no dataset is open"
        target = self._cache.prepare("maps", self._map_key(settings, method))
        return partial(map_to_files, self.opener, self.dataset_folder, settings, method, target)

    def cached_map(self, settings: AuditSettings, method: str) -> MapFiles | None:
        folder = self._cache.find("maps", self._map_key(settings, method))
        return None if folder is None else MapFiles(folder)

    def accept_map(self, files: MapFiles, settings: AuditSettings, method: str) -> None:
        """Show a finished map (main thread)."""
        folder = self._cache.finish("maps", self._map_key(settings, method), files.folder)
        self.embedding = open_embedding(folder)
        self.map_changed.emit()

    def prepare_workbench(self, spec: FilterSpec, other: FilterSpec | None = None) -> partial[WorkbenchResult]:
        """Picklable work that holds a filter (and a second one) against the open audit."""
        assert self.dataset_folder is not None, "no dataset is open"
        assert self.settings is not None, "nothing is audited"
        return partial(run_workbench, self.opener, self.dataset_folder, self.settings, spec, other)

    def accept_workbench(self, result: WorkbenchResult) -> None:
        """Show what the workbench found (main thread); an answer about another dataset is dropped."""
        if self.dataset is not None and len(result.codes) == self.dataset.n_steps:
            self.workbench = result
            self.workbench_changed.emit()

    def close(self) -> None:
        """Put everything away."""
        self.dataset = None
        self.result = None
        self.entries = None
        self.findings = None
        self.embedding = None
        self.filters.bind(None)
        self.selection.clear(origin="session")
        self.closed.emit()

    def pair_view(self, pair: int) -> PairView:
        """The alignment of one pair (row of the pairs table)."""
        assert self.result is not None
        assert self.dataset is not None
        assert self.entries is not None
        return pair_view(self.result, self.dataset, pair, np.flatnonzero(self.entries.pair == pair))

    def step_card(self, step: int) -> StepCard:
        """Everything known about one step (row of the dataset)."""
        assert self.dataset is not None
        return step_card(self.dataset, self.result, self.settings, step)

    # -- intents --------------------------------------------------------------------------------------------

    def select_entry(self, entry: int | None, *, origin: str) -> None:
        """Put a queue entry in front: its pair, step and trajectory follow."""
        if entry is None or self.entries is None:
            self.selection.update(origin=origin, entry=None)
            return
        pair, step = int(self.entries.pair[entry]), int(self.entries.step[entry])
        self.selection.update(
            origin=origin,
            entry=int(entry),
            pair=None if pair < 0 else pair,
            step=None if step < 0 else step,
            trajectory=int(self.entries.trajectory[entry]),
        )

    def select_step(self, step: int, *, origin: str) -> None:
        """Put a step (row of the dataset) in front, in the pair in front if that holds it, else in its best one; the
        queue follows where it has an entry for it."""
        if self.dataset is None:
            return
        trajectory = int(self.dataset.trajectory_of_step[step])
        pair = self.selection.current.pair
        if (
            pair is None
            or self.result is None
            or not pair_holds(self.result, pair, self.dataset.trajectory_ids[trajectory])
        ):
            pair = self.pair_of(trajectory)
        entry: int | None = None
        if self.entries is not None:
            found = np.flatnonzero((self.entries.student_step == step) | (self.entries.teacher_step == step))
            same_pair = found[self.entries.pair[found] == (-1 if pair is None else pair)]
            # A step of concern aligned with another one: its own entry, not the other's, is what is judged then.
            own = same_pair[self.entries.step[same_pair] == step]
            for candidates in (same_pair, own):
                if len(candidates):
                    entry = int(candidates[0])
        self.selection.update(origin=origin, step=int(step), trajectory=trajectory, entry=entry, pair=pair)

    def select_trajectory(self, trajectory: int, *, origin: str) -> None:
        """Put a trajectory in front: its riskiest entry if it has one, else its best pair, else its first step."""
        if self.dataset is None:
            return
        if self.entries is not None:
            mine = np.flatnonzero(
                (self.entries.student_trajectory == trajectory) | (self.entries.teacher_trajectory == trajectory)
            )
            if len(mine):
                self.select_entry(int(mine[0]), origin=origin)
                self.selection.update(origin=origin, trajectory=int(trajectory))
                return
        rows = self.dataset.rows(trajectory)
        self.selection.update(
            origin=origin,
            entry=None,
            pair=self.pair_of(trajectory),
            step=rows.start if len(rows) else None,
            trajectory=int(trajectory),
        )

    def pair_of(self, trajectory: int) -> int | None:
        """The best pair (row of the pairs table) a trajectory belongs to."""
        if self.result is None or self.dataset is None:
            return None
        return best_pair(self.result, self.dataset.trajectory_ids[trajectory])

    def step_in_queue(self, offset: int, *, origin: str) -> None:
        """Go ``offset`` shown entries further in the queue (negative = back)."""
        visible = self.filters.visible()
        if not len(visible):
            return
        current = self.selection.current.entry
        if current is None:
            self.select_entry(int(visible[0]), origin=origin)
            return
        place = int(np.searchsorted(visible, current))
        if offset > 0 and (place >= len(visible) or visible[place] != current):
            place -= 1
        self.select_entry(int(visible[min(max(place + offset, 0), len(visible) - 1)]), origin=origin)

    def cover(self, entries: Collection[int], *, origin: str) -> None:
        """Let the next verdict be for all these entries ("the same move"); the first becomes the selected one."""
        if entries:
            current = self.selection.current.entry
            self.select_entry(current if current in entries else min(entries), origin=origin)
            self.selection.update(origin=origin, covered=frozenset(entries) if len(entries) > 1 else frozenset())

    def judge(self, verdict: Verdict, reason: str = "") -> None:
        """Give the selected entry (or step), or every entry it covers, a verdict, each recorded singly."""
        subjects = self.subjects()
        if subjects and self.findings is not None:
            self.findings.judge(subjects, verdict, reason)

    def judge_entries(self, entries: Collection[int], verdict: Verdict, reason: str = "") -> None:
        """Give several entries ("the same move") one verdict, each recorded singly."""
        if self.entries is not None and self.findings is not None:
            self.findings.judge([self.entries.subject(entry) for entry in entries], verdict, reason)

    def note(self, text: str) -> None:
        """Set the note of the selected entry or step, or of every entry it covers."""
        subjects = self.subjects()
        if subjects and self.findings is not None:
            self.findings.note(subjects, text)

    def dispose(self, trajectories: Collection[int], disposition: Disposition, reason: str = "") -> None:
        """Keep, review or drop trajectories of the dataset."""
        if self.dataset is not None and self.findings is not None:
            ids = self.dataset.trajectory_ids
            self.findings.dispose([Subject(ids[t]) for t in trajectories], disposition, reason)

    def subject(self) -> Subject | None:
        """What a verdict given now would be about: the selected entry, else the selected step."""
        current = self.selection.current
        if current.entry is not None and self.entries is not None:
            return self.entries.subject(current.entry)
        if current.step is not None and self.dataset is not None:
            trajectory = int(self.dataset.trajectory_of_step[current.step])
            step = current.step - int(self.dataset.step_offsets[trajectory])
            return Subject(self.dataset.trajectory_ids[trajectory], step)
        return None

    def subjects(self) -> list[Subject]:
        """Everything a verdict given now would be about."""
        covered = self.selection.current.covered
        if covered and self.entries is not None:
            return [self.entries.subject(entry) for entry in sorted(covered)]
        subject = self.subject()
        return [] if subject is None else [subject]

    def select_cell(self, cell: Cell, *, origin: str) -> None:
        """Brush the trajectories that have steps in a cell of the workbench, and put its first step in front."""
        if self.workbench is None or self.dataset is None:
            return
        steps = self.workbench.steps(cell)
        owners = np.unique(self.dataset.trajectory_of_step[steps])
        self.selection.brush(owners.tolist(), origin=origin)
        self.filters.set_steps(steps)
        if len(steps):
            self.select_step(int(steps[0]), origin=origin)

    # -- inside ---------------------------------------------------------------------------------------------

    def _audit_key(self, settings: AuditSettings) -> str:
        return audit_key(self.dataset, self.dataset_folder, settings)

    def _map_key(self, settings: AuditSettings, method: str) -> str:
        return map_key(self.dataset, self.dataset_folder, settings, method)

    def _on_selection_changed(self, new: Any, old: Any, origin: str) -> None:
        if new.brushed != old.brushed:
            self.filters.set_brushed(new.brushed)

    def _on_findings_changed(self, subjects: tuple[Subject, ...]) -> None:
        self._refresh_verdicts()

    def _refresh_verdicts(self) -> None:
        if self.entries is None or self.findings is None:
            return
        self.filters.set_verdicts(self.verdicts())

    def verdicts(self) -> Coded:
        """The current verdict of each entry: codes into the verdicts' names, -1 = not judged."""
        return verdict_codes(self.entries, self.dataset, self.findings)
