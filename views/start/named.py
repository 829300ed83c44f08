"""What a person names: files chosen in a dialog, dropped, or on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.model.schema import Role
from views.start.services import Source

FILES = "Parquet (*.parquet *.pq);;All files (*)"


def ask_for_files(parent: QWidget, title: str) -> tuple[str, ...]:
    """Paths from the system's dialog; empty when it was left."""
    names, _ = QFileDialog.getOpenFileNames(parent, title, "", FILES)
    return tuple(names)


def sources_of(paths: Sequence[str]) -> tuple[Source, ...]:
    """One source a path, made absolute so that it is found again; at most one a role."""
    found = (path if "*" in path else str(Path(path).expanduser().absolute()) for path in paths[: len(Role)])
    return tuple(Source((path,)) for path in found)
