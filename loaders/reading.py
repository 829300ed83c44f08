"""Reading Parquet from strangers: small validated batches, no memory map, every failure a message.

Text that is no UTF-8 is kept, its bad bytes as ``\\xNN``; a file that changes while it is read is noticed; one cell
or batch that unfolds into more than the limit is refused instead of filling the memory.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from explorer.errors import InputError
from loaders.columns import column_at, is_text, leaves, type_of
from loaders.sources import partitions

BATCH_BYTES = 16 << 20
"""Aim for the uncompressed size of a batch, by what the footer says."""
MAX_BATCH_BYTES = 1 << 30
"""A batch larger than this is refused: the footer lied (a compression or dictionary bomb)."""
MAX_BATCH_ROWS = 65_536
INVALID_UTF8 = "invalid_utf8"


def iter_column(path: Path, column: str) -> Iterator[Any]:
    """The cells of one column (nested ones by dots) as plain values, in order, read in small batches.

    Raises InputError where the file or the column cannot be read.
    """
    with ParquetSource(path) as source:
        if type_of(source.schema, column) is None and column not in source.partitions:
            have = ", ".join(name for name, _ in leaves(source.schema))[:2000]
            raise InputError(f"there is no column {column!r}", where=str(path), todo=f"Columns: {have}.")
        for batch in source.batches(columns=None if column in source.partitions else [column.split(".")[0]]):
            cells = column_at(batch.table, column)
            assert cells is not None
            yield from cells.to_pylist()


class Stamp(NamedTuple):
    """What tells two versions of a file apart without reading it."""

    size: int
    modified: int
    inode: int


class Batch(NamedTuple):
    """Some rows of a file: valid Arrow data, the number of its first row, and which rows held invalid text."""

    table: pa.RecordBatch
    first_row: int
    mended: npt.NDArray[np.bool_] | None


class ParquetSource:
    """One untrusted Parquet file, opened for reading. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)
        self._row_bytes = 0
        self._handle: IO[bytes] | None = None
        with ExitStack() as undo, self._explain():
            self._handle = path.open("rb")
            # Whatever is wrong with the file, it is not left open.
            undo.callback(self._handle.close)
            self.stamp = _stamp(os.fstat(self._handle.fileno()))
            if self.stamp.size == 0:
                raise InputError("the file is empty", where=self.name, todo="Write it again, or leave it out.")
            self._parquet = pq.ParquetFile(self._handle, pre_buffer=False)
            self.schema: pa.Schema = self._parquet.schema_arrow
            undo.pop_all()
        self.partitions: Mapping[str, str | None] = {
            name: value for name, value in partitions(path).items() if name not in self.schema.names
        }
        self.rows = int(self._parquet.metadata.num_rows)

    def __enter__(self) -> ParquetSource:
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            self._handle.close()

    @property
    def batch_rows(self) -> int:
        """Rows a batch, so that it stays small by what the footer says."""
        meta = self._parquet.metadata
        size = sum(max(0, meta.row_group(i).total_byte_size) for i in range(meta.num_row_groups))
        by_footer = BATCH_BYTES * max(1, self.rows) // max(1, size)
        # A footer may lie (a dictionary unfolds): what the first rows really took counts as well.
        by_sight = 4 * BATCH_BYTES // max(1, self._row_bytes)
        return int(max(1, min(MAX_BATCH_ROWS, by_footer, by_sight)))

    def sha256(self) -> str:
        """Hash of the file's bytes."""
        digest = hashlib.sha256()
        with self._explain(), self.path.open("rb") as handle:
            while block := handle.read(1 << 20):
                digest.update(block)
        self.check_unchanged()
        return digest.hexdigest()

    def head(self, rows: int = 8) -> pa.RecordBatch | None:
        """The first few rows; None for a file without rows."""
        for batch in self.batches(batch_rows=rows):
            self._row_bytes = unfolded_bytes(batch.table) // max(1, batch.table.num_rows)
            return batch.table
        return None

    def batches(
        self,
        columns: list[str] | None = None,
        *,
        batch_rows: int | None = None,
        dictionaries: tuple[str, ...] = (),
        threads: bool = False,
    ) -> Iterator[Batch]:
        """Validated batches in order, with hive partitions as columns. ``dictionaries``: columns of few distinct
        strings, decoded into codes at once."""
        first = 0
        rows = batch_rows or self.batch_rows
        with self._explain():
            parquet = self._parquet
            if dictionaries:
                assert self._handle is not None
                parquet = pq.ParquetFile(self._handle, pre_buffer=False, read_dictionary=list(dictionaries))
            iterator = parquet.iter_batches(batch_size=rows, columns=columns, use_threads=threads)
        while True:
            with self._explain():
                try:
                    raw = next(iterator)
                except StopIteration:
                    break
                if (size := unfolded_bytes(raw)) > MAX_BATCH_BYTES:
                    raise InputError(
                        f"{raw.num_rows} rows unfold into {size >> 20} MiB, far more than the file says",
                        where=self.name,
                        todo="Leave the file out, or write it again with smaller row groups.",
                    )
                table, mended = _valid(raw)
            for name, value in self.partitions.items():
                cells = pa.array([value], pa.string()).take(pa.array(np.zeros(table.num_rows, np.int32)))
                table = table.append_column(name, cells)
            yield Batch(table, first, mended)
            first += table.num_rows
        self.check_unchanged()
        if first != self.rows:
            raise InputError(
                f"the file says it has {self.rows} rows and gave {first}", where=self.name, todo="Write it again."
            )

    def check_unchanged(self) -> None:
        """Raise if the file was replaced, truncated or written to since it was opened."""
        with self._explain():
            now = _stamp(self.path.stat())
        if now != self.stamp:
            raise InputError(
                "the file changed while it was being read",
                where=self.name,
                todo="Wait until it is written, then reload.",
            )

    @contextmanager
    def _explain(self) -> Iterator[None]:
        """Turn whatever goes wrong inside pyarrow or the system into an error a person can act on."""
        try:
            yield
        except InputError:
            raise
        except PermissionError as error:
            raise InputError("the file may not be read", where=self.name, todo="Check its permissions.") from error
        except MemoryError as error:
            raise InputError(
                "reading it needs more memory than there is", where=self.name, todo="Leave the file out, or split it."
            ) from error
        except (pa.ArrowException, OSError, ValueError, OverflowError, UnicodeError, RecursionError) as error:
            self._raise_bad(error)

    def _raise_bad(self, error: BaseException) -> None:
        kind = _looks_like(self.path)
        if kind:
            todo = "Convert it to Parquet first; the name alone does not make it one."
            raise InputError(f"this is no Parquet file: it looks like {kind}", where=self.name, todo=todo) from error
        raise InputError(
            f"the file is damaged or cut off ({_first_line(error)})",
            where=self.name,
            todo="Copy or write it again; a Parquet file that was not closed cannot be read.",
        ) from error


def _stamp(stat: os.stat_result) -> Stamp:
    return Stamp(stat.st_size, stat.st_mtime_ns, stat.st_ino)


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__)[:200]


def _looks_like(path: Path) -> str | None:
    """What a file without Parquet's marks seems to be; None if it has the opening mark (so: cut off)."""
    try:
        with path.open("rb") as handle:
            start = handle.read(512)
    except OSError:
        return None
    if start[:4] == b"PAR1":
        return None
    if start[:1] in (b"{", b"["):
        return "JSON"
    if start[:2] == b"\x1f\x8b":
        return "a gzip archive"
    if start[:4] == b"PK\x03\x04":
        return "a zip archive"
    if start[:6] == b"ARROW1":
        return "an Arrow file"
    try:
        text = start.decode("utf-8", "strict")
    except UnicodeDecodeError:
        return "something else"
    first = text.split("\n", 1)[0]
    return "CSV text" if first.count(",") or first.count("\t") or first.count(";") else "plain text"


def _valid(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, npt.NDArray[np.bool_] | None]:
    """The batch with every text valid UTF-8, and which rows had to be mended (None = none)."""
    try:
        batch.validate(full=True)
        return batch, None
    except pa.ArrowInvalid:
        pass
    mended = np.zeros(batch.num_rows, np.bool_)
    columns = []
    for index in range(batch.num_columns):
        column = batch.column(index)
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            column = _mend(column, mended)
            column.validate(full=True)
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names), mended


def _mend(column: pa.Array, mended: npt.NDArray[np.bool_]) -> pa.Array:
    """A column whose bad bytes became ``\\xNN``; marks the rows. Slow, and only for what is broken."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = pa.DictionaryArray.from_arrays(
            column.indices, column.dictionary.cast(_as_binary(kind.value_type))
        ).dictionary_decode()
        kind = kind.value_type
    as_bytes = column if _as_binary(kind) == column.type else column.cast(_as_binary(kind))
    as_bytes.validate(full=True)
    values: list[Any] = []
    for row, value in enumerate(as_bytes.to_pylist()):
        text, changed = _decode(value)
        values.append(text)
        mended[row] |= changed
    return pa.array(values, kind)


def _as_binary(kind: pa.DataType) -> pa.DataType:
    """The type with every string as bytes."""
    if pa.types.is_string(kind):
        return pa.binary()
    if pa.types.is_large_string(kind):
        return pa.large_binary()
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(f.name, _as_binary(f.type), f.nullable) for f in kind])
    if pa.types.is_map(kind):
        return pa.map_(_as_binary(kind.key_type), _as_binary(kind.item_type))
    if pa.types.is_large_list(kind):
        return pa.large_list(_as_binary(kind.value_type))
    if pa.types.is_list(kind):
        return pa.list_(_as_binary(kind.value_type))
    return kind


def _decode(value: Any) -> tuple[Any, bool]:
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8"), False
        except UnicodeDecodeError:
            return value.decode("utf-8", "backslashreplace"), True
    if isinstance(value, list):
        pairs = [_decode(item) for item in value]
        return [text for text, _ in pairs], any(changed for _, changed in pairs)
    if isinstance(value, tuple):
        pairs = [_decode(item) for item in value]
        return tuple(text for text, _ in pairs), any(changed for _, changed in pairs)
    if isinstance(value, dict):
        decoded = {key: _decode(item) for key, item in value.items()}
        return {key: text for key, (text, _) in decoded.items()}, any(c for _, c in decoded.values())
    return value, False


def unfolded_bytes(batch: pa.RecordBatch) -> int:
    """The size of a batch with its dictionaries written out."""
    size = int(batch.nbytes)
    for column in batch.columns:
        if pa.types.is_dictionary(column.type) and is_text(column.type):
            size += int(pc.sum(pc.binary_length(column.dictionary).take(column.indices)).as_py() or 0)
    return size


def count_empty(column: pa.Array) -> int:
    """Cells that hold an empty text (null is not empty)."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return int(pc.sum(pc.equal(pc.binary_length(column), 0)).as_py() or 0)
    return 0
