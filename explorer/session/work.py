"""The work of a session as module-level functions: picklable, run in a worker, results left as files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from explorer import __version__
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset
from explorer.progress import Progress
from explorer.session.artifact_store import key_of
from explorer.session.dataset_files import write_embedding, write_result


@dataclass(frozen=True, slots=True)
class AuditFiles:
    """Where a worker left an audit: its folder, and what it was made with."""

    folder: Path
    settings: AuditSettings


@dataclass(frozen=True, slots=True)
class MapFiles:
    """Where a worker left a map."""

    folder: Path


Opener = Callable[[Path], Dataset]
"""Opens the dataset that a loader left in a folder. Handed in, because the session knows no loader; module-level, so
that it can be pickled."""


def audit_to_files(
    opener: Opener, dataset_folder: Path, settings: AuditSettings, target: Path, progress: Progress
) -> AuditFiles:
    """Run an audit on a dataset's folder and leave its tables in ``target`` (runs in a worker)."""
    from explorer.analysis.audit import run_audit

    result = run_audit(opener(dataset_folder), settings, progress)
    progress.stage("writing the result")
    write_result(result, target)
    return AuditFiles(target, settings)


def map_to_files(
    opener: Opener, dataset_folder: Path, settings: AuditSettings, method: str, target: Path, progress: Progress
) -> MapFiles:
    """Place the trajectories on a map by ``method`` ("pca" or "umap") and leave it in ``target``."""
    from explorer.analysis.audit import make_map

    write_embedding(make_map(opener(dataset_folder), settings, method, progress), target)
    return MapFiles(target)


def audit_key(dataset: Dataset | None, folder: Path | None, settings: AuditSettings) -> str:
    """Names an audit in the cache: same content, place, settings and program version, same result."""
    assert dataset is not None, "no dataset is open"
    return key_of(__version__, dataset.fingerprint, str(folder), settings)


def map_key(dataset: Dataset | None, folder: Path | None, settings: AuditSettings, method: str) -> str:
    """Names a map in the cache: it depends on fewer settings than an audit."""
    assert dataset is not None, "no dataset is open"
    mark = dataset.fingerprint
    return key_of(__version__, mark, str(folder), method, settings.seed, settings.roles, settings.rule_packs)
