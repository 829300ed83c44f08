"""Which files a person means: files, folders and globs, and what their paths say (hive partitions)."""

from __future__ import annotations

import glob
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from explorer.errors import InputError

_PARTITION = re.compile(r"([A-Za-z_][\w.\- ]{0,100})=(.{0,1000})", re.DOTALL)
_HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
_SHARD = re.compile(
    r"(?:part|data|shard|chunk|file|train|test|validation|steps|trajectories|logs?)(?:[-_.]?\d[\w\-.]*)?"
    r"|\d[\d\-_.]*|[0-9a-f]{8}-[0-9a-f\-]{27,}",
    re.IGNORECASE,
)
_SUFFIXES = (".parquet", ".pq", ".parq")


def expand_paths(paths: tuple[str, ...]) -> tuple[Path, ...]:
    """The files behind files, folders (searched through) and globs, each once, in a stable order."""
    if not paths:
        raise InputError("no file was named", todo="Give a Parquet file, a folder of them, or a glob.")
    found: list[Path] = []
    for name in paths:
        path = Path(name).expanduser()
        if path.is_dir():
            files = sorted(p for p in path.rglob("*") if _is_data(p, path))
            if not files:
                raise InputError(
                    "there is no Parquet file in this folder",
                    where=str(path),
                    todo="Name a folder that holds .parquet files, or convert the logs to Parquet first.",
                )
            found += files
        elif path.is_file():
            found.append(path)
        elif any(mark in name for mark in "*?["):
            matches = sorted(Path(match) for match in glob.glob(str(path), recursive=True) if Path(match).is_file())
            if not matches:
                raise InputError("no file matches this pattern", where=name, todo="Check the folder and the pattern.")
            found += matches
        elif path.exists():
            raise InputError("this is neither a file nor a folder", where=name, todo="Name a Parquet file.")
        else:
            raise InputError("there is no such file or folder", where=name, todo="Check the spelling of the path.")
    unique: dict[str, Path] = {}
    for path in found:
        unique.setdefault(str(path.resolve()), path)
    return tuple(unique.values())


def _is_data(path: Path, folder: Path) -> bool:
    if path.suffix.lower() not in _SUFFIXES or not path.is_file():
        return False
    return not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)


def partitions(path: Path) -> Mapping[str, str | None]:
    """Columns that the folders' names carry: ``model=gpt-4o/…`` → ``{"model": "gpt-4o"}``."""
    found: dict[str, str | None] = {}
    for part in path.parts[:-1]:
        match = _PARTITION.fullmatch(part)
        if match:
            value = unquote(match.group(2))
            found[match.group(1)] = None if value == _HIVE_NULL else value
    return found


def speaking_name(path: Path) -> str:
    """A name for what a file holds: its own, or its folder's where the file's is a shard's (``part-0``)."""
    stem = path.stem
    if not _SHARD.fullmatch(stem):
        return stem
    for parent in path.resolve().parents:
        if parent.name and not _PARTITION.fullmatch(parent.name) and not _SHARD.fullmatch(parent.name):
            return parent.name
    return stem
