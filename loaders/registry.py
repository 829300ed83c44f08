"""The published seam of the loaders: recognise a file, read a source, open and combine what was read."""

from __future__ import annotations

from pathlib import Path

from explorer.model.trajectory import Dataset
from loaders.base import Preview, ReadRequest
from loaders.cache import open_cache
from loaders.joining import combine
from loaders.shapes import LOADER_NAMES, ROW_LOADERS, STEP_ROWS, choose, claims
from loaders.source_reader import read_source


def open_dataset(folder: Path) -> Dataset:
    """The dataset in a folder written by :func:`read_source`, memory-mapped."""
    return open_cache(folder)


def preview(request: ReadRequest, rows: int = 3) -> Preview:
    """The reading sheet of a source: see :mod:`loaders.preview`."""
    from loaders.preview import preview as sheet

    return sheet(request, rows=rows)


__all__ = [
    "LOADER_NAMES", "ROW_LOADERS", "STEP_ROWS", "choose", "claims", "combine", "open_dataset", "preview", "read_source",
]  # fmt: skip
