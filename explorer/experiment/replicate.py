"""The whole replication into a folder: part by part, so that it can be stopped and continued.

A part is one world and seed. Finished parts are kept under ``parts/`` with the hash of their settings; continuing
takes over those whose hash agrees and makes the others again. At the end their shares are put together.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from explorer.errors import StorageError
from explorer.experiment.logs import write_table
from explorer.experiment.manifest import NAME as MANIFEST
from explorer.experiment.manifest import made_by, manifest, write_manifest
from explorer.experiment.part import LOG_NAMES, Part, make_part
from explorer.experiment.settings import ExperimentSettings
from explorer.experiment.story import NAME as STORY
from explorer.experiment.story import sample_of, story, write_story
from explorer.progress import Progress

_PARTS = "parts"
_TABLES = (*LOG_NAMES, "table")
_SUMMARY = "part.json"


class Replicated(NamedTuple):
    """The table of all seeds, the manifest, and how many parts were taken over from an earlier start."""

    table: pa.Table
    manifest: dict[str, Any]
    n_taken_over: int


def replicate(
    settings: ExperimentSettings, out: Path, progress: Progress, *, resume: bool = False, sample: bool = False
) -> Replicated:
    """Run the experiment and write its logs, ``table.parquet`` and ``manifest.json`` into ``out``.

    ``resume`` continues in a folder that an unfinished replication left. ``sample`` keeps the logs of the first
    seed only and no parts, and adds ``story.toml``: what is embedded in the program. Raises
    :class:`StorageError` for a folder that holds something else or cannot be written, and passes
    :class:`~explorer.progress.Cancelled` on with every finished part kept.
    """
    _claim(out, resume)
    taken_over = 0
    summaries: dict[str, Any] = {}
    try:
        write_manifest(out, manifest(settings, "unfinished", {}, {}, sample=sample))
        for world in settings.worlds:
            for seed in settings.seeds:
                folder = out / _PARTS / f"{world}-{seed}"
                known = _kept_summary(folder, settings)
                if known is None:
                    summary = _make(settings, world, seed, folder, progress)
                else:
                    summary, taken_over = known, taken_over + 1
                summaries[folder.name] = summary
        return _put_together(settings, out, summaries, taken_over, progress, sample)
    except OSError as error:
        raise StorageError(f"cannot be written: {error.strerror or error}", where=str(out)) from error


def _claim(out: Path, resume: bool) -> None:
    """Make sure that nothing in ``out`` is overwritten."""
    if out.exists() and not out.is_dir():
        raise StorageError("is a file, not a folder", where=str(out), todo="Name a new folder with --out.")
    try:
        occupied = out.is_dir() and any(out.iterdir())
    except OSError as error:
        raise StorageError(f"cannot be read: {error.strerror}", where=str(out)) from error
    if occupied:
        status = _status(out)
        if status != "unfinished":
            raise StorageError("the output folder exists and is not empty; nothing was written", where=str(out),
                               todo="Name a new folder with --out.")  # fmt: skip
        if not resume:
            raise StorageError("the folder holds an unfinished replication; nothing was written", where=str(out),
                               todo="Continue it with --resume, or name a new folder with --out.")  # fmt: skip
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot be made: {error.strerror or error}", where=str(out)) from error


def _status(out: Path) -> str | None:
    try:
        content = json.loads((out / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    status = content.get("status") if isinstance(content, dict) else None
    return status if isinstance(status, str) else None


def _kept_summary(folder: Path, settings: ExperimentSettings) -> dict[str, Any] | None:
    """The summary of a finished part made with the same settings, else None."""
    try:
        content = json.loads((folder / _SUMMARY).read_text("utf-8"))
        agrees = content["settings_hash"] == settings.digest()
        summary: dict[str, Any] = content["summary"]
        whole = all((folder / f"{name}.parquet").is_file() for name in _TABLES)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return summary if agrees and whole else None


@contextmanager
def _one_thread() -> Iterator[None]:
    """Tiny networks are slower with several threads, and a sum's order must not depend on the machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _make(settings: ExperimentSettings, world: str, seed: int, folder: Path, progress: Progress) -> dict[str, Any]:
    """Make one part in a folder beside its place, then move it there whole."""
    from explorer.experiment.conditions import n_ticks

    progress.stage(f"{world} world, seed {seed}", n_ticks(settings))
    with _one_thread():
        part = make_part(settings, world, seed, _ticker(progress))
    draft = folder.with_name(folder.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    _write_part(part, draft, settings)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    return part.summary


def _ticker(progress: Progress) -> Callable[[], None]:
    return lambda: progress.advance()


def _write_part(part: Part, folder: Path, settings: ExperimentSettings) -> None:
    for name, table in {**part.logs, "table": part.table}.items():
        write_table(table, folder / f"{name}.parquet", made_by(settings, sample=False))
    content = {"settings_hash": settings.digest(), "summary": part.summary}
    (folder / _SUMMARY).write_text(json.dumps(content) + "\n", "utf-8")


def _put_together(settings: ExperimentSettings, out: Path, summaries: dict[str, Any], taken_over: int,
                  progress: Progress, sample: bool) -> Replicated:  # fmt: skip
    progress.stage("putting the logs together", len(_TABLES))
    files: dict[str, Path] = {}
    whole = pa.table({})
    for name in _TABLES:
        folders = [out / _PARTS / f"{world}-{seed}" for world in settings.worlds for seed in settings.seeds]
        whole = pa.concat_tables([pq.read_table(folder / f"{name}.parquet") for folder in folders])
        if sample and name != "table":
            whole = sample_of(whole, settings.seeds[0])
        files[f"{name}.parquet"] = out / f"{name}.parquet"
        write_table(whole, files[f"{name}.parquet"], made_by(settings, sample=sample))
        progress.advance()
    if sample:
        told = story(settings, whole.to_pylist(), {"parts": summaries})
        files[STORY] = write_story(out, told)
    content = manifest(settings, "done", summaries, files, sample=sample)
    write_manifest(out, content)
    if sample:
        shutil.rmtree(out / _PARTS)
    return Replicated(whole, content, taken_over)
