"""Several sources, one dataset: what a comparison of files needs.

Each source is read by itself, so that its shape and groups are its own; then the datasets become one, with group
names that stay apart and one pairing key that all of them have.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from explorer.model.trajectory import Dataset
from explorer.progress import Progress
from loaders.base import (
    REPORT_VERSION,
    CandidateKey,
    ColumnMapping,
    QualityReport,
    ReadReport,
    ReadRequest,
    SourceFile,
)
from loaders.cache import write_dataset, write_report
from loaders.conform import candidate_keys, rekey
from loaders.registry import combine, open_dataset, read_source


@dataclass(frozen=True, slots=True)
class SourcesReport:
    """What :func:`read_sources` did: one report a source, and what holds for all of them together."""

    folder: str
    reports: tuple[ReadReport, ...]
    groups_by_request: tuple[tuple[str, ...], ...]
    task_columns: tuple[str, ...]
    candidate_keys: tuple[CandidateKey, ...]
    quality: QualityReport
    groups: Mapping[str, int]
    fingerprint: str

    @property
    def files(self) -> tuple[SourceFile, ...]:
        return tuple(file for report in self.reports for file in report.files)

    @property
    def input_hashes(self) -> dict[str, str]:
        return {file.path: file.sha256 for file in self.files}

    @property
    def mapping(self) -> ColumnMapping:
        """The mapping of the first source, with the key used for all."""
        return replace(self.reports[0].mapping, task=self.task_columns)

    @property
    def columns_used(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for report in self.reports for name in report.columns_used))

    @property
    def columns_ignored(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for report in self.reports for name in report.columns_ignored))


def read_sources(requests: Sequence[ReadRequest], folder: Path, progress: Progress | None = None) -> SourcesReport:
    """Read every source and leave one dataset in ``folder`` (tables and ``report.json``).

    Where the sources' own keys differ, all are keyed by the candidate that pairs most tasks; a key named in a
    request stays. Raises what :func:`read_source` raises, for the first source with something to mend.
    """
    progress = progress or Progress()
    folder.mkdir(parents=True, exist_ok=True)
    if len(requests) == 1:
        report = read_source(requests[0], folder, progress)
        return _write(folder, (report,), (tuple(report.groups),), open_dataset(folder), report.candidate_keys)
    scratch = Path(tempfile.mkdtemp(prefix=".sources-", dir=folder))
    try:
        reports: list[ReadReport] = []
        datasets: list[Dataset] = []
        for number, request in enumerate(requests):
            part = scratch / str(number)
            reports.append(read_source(request, part, progress))
            datasets.append(open_dataset(part))
        progress.stage("Bringing the sources together")
        keys = candidate_keys([dataset.trajectories for dataset in datasets])
        wanted = next((request.task for request in requests if request.task), ())
        if not wanted and len({report.task_columns for report in reports}) > 1 and keys:
            wanted = keys[0].columns
        if wanted:
            datasets = [rekey(dataset, wanted) for dataset in datasets]
        whole = combine(datasets)
        groups = _groups_of(whole, datasets)
        write_dataset(whole, folder)
        return _write(folder, tuple(reports), groups, whole, keys, wanted or reports[0].task_columns)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _groups_of(whole: Dataset, datasets: Sequence[Dataset]) -> tuple[tuple[str, ...], ...]:
    """The groups of each source as they are named in the whole: its trajectories follow in order."""
    found: list[tuple[str, ...]] = []
    start = 0
    for dataset in datasets:
        codes = whole.group.codes[start : start + dataset.n_trajectories]
        found.append(tuple(dict.fromkeys(whole.group.names[code] for code in codes.tolist())))
        start += dataset.n_trajectories
    return tuple(found)


def _write(
    folder: Path,
    reports: tuple[ReadReport, ...],
    groups_by_request: tuple[tuple[str, ...], ...],
    whole: Dataset,
    keys: tuple[CandidateKey, ...],
    columns: tuple[str, ...] | None = None,
) -> SourcesReport:
    names = whole.group
    counts = {name: int((names.codes == code).sum()) for code, name in enumerate(names.names)}
    report = SourcesReport(
        folder=str(folder),
        reports=reports,
        groups_by_request=groups_by_request,
        task_columns=reports[0].task_columns if columns is None else columns,
        candidate_keys=keys,
        quality=_joined([report.quality for report in reports]),
        groups=counts,
        fingerprint=whole.fingerprint,
    )
    write_report(folder, json.dumps({"version": REPORT_VERSION, **plain(report)}, indent=1, default=str))
    return report


def plain(value: Any) -> Any:
    """Dataclasses and named tuples as dictionaries, all the way down, for JSON."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: plain(part) for name, part in value._asdict().items()}
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value


def _joined(parts: Sequence[QualityReport]) -> QualityReport:
    return QualityReport(
        rows_in=sum(part.rows_in for part in parts),
        rows_read=sum(part.rows_read for part in parts),
        rows_rejected=sum(part.rows_rejected for part in parts),
        rows_left_out=sum(part.rows_left_out for part in parts),
        trajectories=sum(part.trajectories for part in parts),
        dead=sum(part.dead for part in parts),
        cut_off=sum(part.cut_off for part in parts),
        problems=tuple(problem for part in parts for problem in part.problems),
        columns=tuple(column for part in parts for column in part.columns),
        rejected=tuple(row for part in parts for row in part.rejected)[:1000],
    )
