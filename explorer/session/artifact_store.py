"""Our own cache: one folder per artefact, named by a key, complete or absent.

An artefact is made in a temporary folder beside its place and renamed into it, so that a full disk or a killed
process leaves either the whole thing or nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from explorer.errors import StorageError

_MARK = "complete"


def key_of(*parts: Any) -> str:
    """A key from anything that has a stable ``repr`` or JSON form (settings are frozen dataclasses)."""
    text = json.dumps([repr(part) for part in parts])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class ArtifactStore:
    """Folders by (kind, key) below a root; where the root cannot be written, a temporary one is used and
    :attr:`fallback_reason` says why."""

    def __init__(self, root: Path) -> None:
        self.fallback_reason: str | None = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        try:
            root.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=root):
                pass
        except OSError as error:
            self._temporary = tempfile.TemporaryDirectory(prefix="trajectory-explorer-")
            self.fallback_reason = (
                f"the cache {root} cannot be written ({error.strerror}); nothing is kept for next time"
            )
            root = Path(self._temporary.name)
        self.root = root

    def find(self, kind: str, key: str) -> Path | None:
        """The finished folder of an artefact, or None."""
        place = self.root / kind / key
        return place if (place / _MARK).exists() else None

    def prepare(self, kind: str, key: str) -> Path:
        """An empty folder to make an artefact in; hand it to :meth:`finish` afterwards."""
        try:
            parent = self.root / kind
            parent.mkdir(parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(prefix=f".{key[:8]}-", dir=parent))
        except OSError as error:
            raise self._unwritable(error) from error

    def finish(self, kind: str, key: str, folder: Path) -> Path:
        """Put a finished folder in its place and return that; one that was found there (:meth:`find`) stays."""
        place = self.root / kind / key
        if folder == place:
            return place
        try:
            (folder / _MARK).touch()
            if place.exists():
                shutil.rmtree(folder)
                return place
            os.replace(folder, place)
        except OSError as error:
            raise self._unwritable(error) from error
        return place

    @contextmanager
    def making(self, kind: str, key: str) -> Iterator[Path]:
        """Make an artefact in one go; an error leaves nothing behind."""
        folder = self.prepare(kind, key)
        try:
            yield folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self.finish(kind, key, folder)

    def discard(self, folder: Path) -> None:
        """Throw an unfinished folder away."""
        shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        if self._temporary is not None:
            self._temporary.cleanup()

    def _unwritable(self, error: OSError) -> StorageError:
        return StorageError(
            f"the cache cannot be written: {error.strerror or error}",
            where=str(self.root),
            todo="Free disk space, or name another folder in the environment variable XDG_CACHE_HOME.",
        )
