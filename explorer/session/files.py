"""Writing files for others: whole or not at all, and never over something that is not ours."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from explorer.errors import StorageError

_FORMULA = re.compile(r"^\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a temporary file beside ``path``, make it durable and put it in place."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            write(temporary)
            with open(temporary, "rb+") as file:
                os.fsync(file.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except (OSError, pa.ArrowException) as error:
        raise StorageError(
            f"cannot be written: {error}",
            where=str(path),
            todo="Choose another place, make it writable or free disk space. What stood there before is unchanged.",
        ) from error


def write_text(path: Path, text: str) -> None:
    """A UTF-8 text file, whole or not at all."""
    write_whole(path, lambda temporary: _put(temporary, text))


def write_parquet(path: Path, table: pa.Table) -> None:
    """A Parquet file with page checksums, whole or not at all."""
    write_whole(path, lambda temporary: _put_parquet(temporary, table))


def _put(path: Path, text: str) -> None:
    path.write_text(text, "utf-8", "backslashreplace")


def _put_parquet(path: Path, table: pa.Table) -> None:
    pq.write_table(table, path, compression="zstd", write_page_checksum=True)


def csv_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: a leading ``'`` where it would."""
    return f"'{text}" if _FORMULA.match(text) else text


def safe_name(text: str, limit: int = 80) -> str:
    """A file name from data: letters, digits, ``._-``, bounded, never empty, hidden or a path."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", text)[:limit].strip("._")
    return name or "unnamed"


def claim_folder(folder: Path, marker: str) -> None:
    """Make sure that a folder can take our files: new, empty, or one of our own (holding ``marker``).

    Raises StorageError where it holds something else or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = [item.name for item in folder.iterdir()]
    except OSError as error:
        raise StorageError(
            f"cannot be used: {error.strerror or error}", where=str(folder), todo="Name another folder with --out."
        ) from error
    if held and marker not in held:
        raise StorageError(
            f"the folder is not empty and holds no earlier result ({marker})",
            where=str(folder),
            todo="Name an empty or new folder with --out; nothing was changed.",
        )
