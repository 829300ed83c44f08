"""Our own copy of what was read: Arrow files that can be memory-mapped, written whole or not at all.

``steps.arrow`` and ``turns.arrow`` hold what does not depend on the keys, with kinds, tools, outcomes and speakers
as codes into ``names.json``; ``trajectories.arrow`` holds keys and facts. A new pairing key therefore rewrites one
small table and leaves the text where it is.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.errors import InputError, StorageError
from explorer.model.schema import STEPS, TURNS, category
from explorer.model.trajectory import Dataset, coded
from loaders.assemble import STEP_FACTS, TURN_FACTS, Part

CACHE_VERSION = 1
_CODED_STEPS = ("kind", "tool", "outcome")
_CODED_TURNS = ("speaker",)
_TABLES = ("steps.arrow", "turns.arrow", "trajectories.arrow", "names.json")


def _coded_schema(schema: pa.Schema, columns: tuple[str, ...]) -> pa.Schema:
    return pa.schema([field.with_type(pa.int32()) if field.name in columns else field for field in schema])


class Names:
    """Distinct names of a column in order of first appearance, growing while batches come in."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}

    def encode(self, column: pa.Array) -> pa.Array:
        """int32 codes of a string or dictionary column, null stays null."""
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        names = column.dictionary.to_pylist()
        place = np.array([self.codes.setdefault(name, len(self.codes)) for name in names], np.int32)
        if not len(place):
            return pa.nulls(len(column), pa.int32())
        return pa.array(place).take(column.indices)


class CacheWriter:
    """Writes parts into a folder under temporary names; nothing is seen there before :meth:`finish`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = {name: Names() for name in (*_CODED_STEPS, *_CODED_TURNS)}
        self._n_steps: list[npt.NDArray[np.int64]] = [np.zeros(0, np.int64)]
        self._n_turns: list[npt.NDArray[np.int64]] = [np.zeros(0, np.int64)]
        self._sinks: list[pa.NativeFile] = []
        self._writers: dict[str, pa.ipc.RecordBatchFileWriter] = {}
        with storage(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for table, schema, columns in (
                ("steps.arrow", STEP_FACTS, _CODED_STEPS),
                ("turns.arrow", TURN_FACTS, _CODED_TURNS),
            ):
                sink = pa.OSFile(str(self._partial(table)), "wb")
                self._sinks.append(sink)
                self._writers[table] = pa.ipc.new_file(sink, _coded_schema(schema, columns))

    def __enter__(self) -> CacheWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._writers.values():
            if kind is None:
                writer.close()
        for sink in self._sinks:
            sink.close()
        for table in _TABLES:
            self._partial(table).unlink(missing_ok=True)

    def _partial(self, table: str) -> Path:
        return self.folder / f".{table}.{os.getpid()}.partial"

    def write(self, part: Part) -> None:
        """Append a part's steps and turns."""
        with storage(self.folder):
            self._writers["steps.arrow"].write_batch(self._encode(part.steps, STEP_FACTS, _CODED_STEPS))
            self._writers["turns.arrow"].write_batch(self._encode(part.turns, TURN_FACTS, _CODED_TURNS))
        self._n_steps.append(part.facts["n_steps"].to_numpy().astype(np.int64))
        self._n_turns.append(part.facts["n_turns"].to_numpy().astype(np.int64))

    def _encode(self, batch: pa.RecordBatch, schema: pa.Schema, columns: tuple[str, ...]) -> pa.RecordBatch:
        arrays = [
            self.names[field.name].encode(batch.column(field.name))
            if field.name in columns
            else batch.column(field.name)
            for field in schema
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=_coded_schema(schema, columns))

    def finish(self, trajectories: pa.Table, fingerprint: str, keep: npt.NDArray[np.bool_] | None = None) -> None:
        """Write keys and names, and put everything in place. ``trajectories`` are those marked by ``keep`` (all
        where None) of what was written, in order."""
        with storage(self.folder):
            for writer in self._writers.values():
                writer.close()
            for sink in self._sinks:
                sink.close()
            self._writers = {}
            for table, counts in (("steps.arrow", self._n_steps), ("turns.arrow", self._n_turns)):
                if keep is not None and not keep.all():
                    _keep_rows(self._partial(table), np.concatenate(counts), keep)
                _sync(self._partial(table))
            _write_table(self._partial("trajectories.arrow"), trajectories)
            names = {name: list(found.codes) for name, found in self.names.items()}
            content = json.dumps({"version": CACHE_VERSION, "fingerprint": fingerprint, "names": names})
            _write_text(self._partial("names.json"), content)
            for table in _TABLES:
                os.replace(self._partial(table), self.folder / table)
            _sync_folder(self.folder)


def write_dataset(dataset: Dataset, folder: Path) -> None:
    """Write a dataset that was put together in memory, so that :func:`open_cache` maps it."""
    names: dict[str, list[str]] = {}
    with storage(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for table, file, facts, columns in (
            (dataset.steps, "steps.arrow", STEP_FACTS, _CODED_STEPS),
            (dataset.turns, "turns.arrow", TURN_FACTS, _CODED_TURNS),
        ):
            found = {name: coded(table[name]) for name in columns}
            names.update({name: list(column.names) for name, column in found.items()})
            arrays = [
                pa.array(found[field.name].codes, mask=found[field.name].codes < 0)
                if field.name in found
                else table[field.name]
                for field in facts
            ]
            _write_table(
                folder / f".{file}.partial", pa.Table.from_arrays(arrays, schema=_coded_schema(facts, columns))
            )
            os.replace(folder / f".{file}.partial", folder / file)
        replace_trajectories(folder, dataset.trajectories)
        content = json.dumps({"version": CACHE_VERSION, "fingerprint": dataset.fingerprint, "names": names})
        _write_text(folder / ".names.json.partial", content)
        os.replace(folder / ".names.json.partial", folder / "names.json")


def _keep_rows(path: Path, counts: npt.NDArray[np.int64], keep: npt.NDArray[np.bool_]) -> None:
    """Rewrite a file with the rows of some trajectories only."""
    table = _map(path)
    ends = np.cumsum(counts)
    starts = ends - counts
    edges = np.flatnonzero(np.diff(np.concatenate([[False], keep, [False]])))
    smaller = path.with_suffix(".kept")
    with pa.OSFile(str(smaller), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        for first, beyond in edges.reshape(-1, 2).tolist():
            start, stop = int(starts[first]), int(ends[beyond - 1])
            for batch in table.slice(start, stop - start).to_batches():
                writer.write_batch(batch)
    os.replace(smaller, path)


def write_report(folder: Path, text: str) -> None:
    """Write ``report.json`` beside the tables."""
    partial = folder / f".report.json.{os.getpid()}.partial"
    with storage(folder):
        _write_text(partial, text)
        os.replace(partial, folder / "report.json")


def replace_trajectories(folder: Path, trajectories: pa.Table) -> None:
    """Write new keys of the same data."""
    partial = folder / f".trajectories.arrow.{os.getpid()}.partial"
    with storage(folder):
        _write_table(partial, trajectories)
        os.replace(partial, folder / "trajectories.arrow")


def open_cache(folder: Path) -> Dataset:
    """Map a folder written by :class:`CacheWriter` (ours: the one place where files are memory-mapped)."""
    try:
        content = json.loads((folder / "names.json").read_text("utf-8"))
        if content["version"] != CACHE_VERSION:
            raise InputError(
                "this cache was written by another version", where=str(folder), todo="Read the logs again."
            )
        names = content["names"]
        steps = _map(folder / "steps.arrow")
        turns = _map(folder / "turns.arrow")
        trajectories = _map(folder / "trajectories.arrow")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "there is no readable cache in this folder", where=str(folder), todo="Read the logs again."
        ) from error
    steps = _decode(steps, names, _CODED_STEPS)
    turns = _decode(turns, names, _CODED_TURNS)
    return with_keys(steps, turns, trajectories, content["fingerprint"])


def with_keys(steps: pa.Table, turns: pa.Table, trajectories: pa.Table, fingerprint: str) -> Dataset:
    """A dataset of facts and keys: each step and turn gets its trajectory's keys."""
    row = np.arange(trajectories.num_rows, dtype=np.int32)
    step_rows = pa.array(np.repeat(row, trajectories["n_steps"].to_numpy()))
    turn_rows = pa.array(np.repeat(row, trajectories["n_turns"].to_numpy()))
    return Dataset(
        _keyed(steps, trajectories, step_rows, STEPS),
        _keyed(turns, trajectories, turn_rows, TURNS),
        trajectories,
        fingerprint,
    )


def _keyed(table: pa.Table, trajectories: pa.Table, rows: pa.Array, schema: pa.Schema) -> pa.Table:
    columns = []
    for field in schema:
        if field.name in trajectories.column_names and field.name not in ("step",):
            columns.append(_take(trajectories[field.name], rows))
        else:
            columns.append(table[field.name])
    return pa.Table.from_arrays(columns, schema=schema)


def _take(column: pa.ChunkedArray, rows: pa.Array) -> pa.ChunkedArray:
    """Repeat a short column; dictionaries by their codes."""
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], array.type)
    if pa.types.is_dictionary(array.type):
        return pa.chunked_array([pa.DictionaryArray.from_arrays(array.indices.take(rows), array.dictionary)])
    return pa.chunked_array([array.take(rows)])


def _decode(table: pa.Table, names: dict[str, list[str]], columns: tuple[str, ...]) -> pa.Table:
    for name in columns:
        words = pa.array(names[name], pa.string())
        chunks = [pa.DictionaryArray.from_arrays(chunk, words) for chunk in table[name].chunks]
        place = table.column_names.index(name)
        table = table.set_column(place, name, pa.chunked_array(chunks, category()))
    return table


def _map(path: Path) -> pa.Table:
    with pa.memory_map(str(path), "rb") as source:
        return pa.ipc.open_file(source).read_all()


def _write_table(path: Path, table: pa.Table) -> None:
    table = table.unify_dictionaries().combine_chunks()
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    _sync(path)


def _write_text(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())


def _sync(path: Path) -> None:
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # Some file systems cannot sync a folder; the files themselves are.
    finally:
        os.close(descriptor)


@contextmanager
def storage(folder: Path) -> Iterator[None]:
    """Turn a full disk or a read-only folder into an error a person can act on."""
    try:
        yield
    except OSError as error:
        what = {
            errno.ENOSPC: "there is no space left on the disk",
            errno.EDQUOT: "the disk quota is used up",
            errno.EACCES: "this folder may not be written",
            errno.EPERM: "this folder may not be written",
            errno.EROFS: "this folder may not be written (read-only)",
            errno.ENOTDIR: "a file stands where a folder is needed",
            errno.EEXIST: "a file stands where a folder is needed",
        }.get(error.errno or 0, f"the cache cannot be written ({error.strerror or error})")
        raise StorageError(
            what, where=str(folder), todo="Free some space, or choose another folder for the cache."
        ) from error
