"""What the trajectories of one task were shown of the files that all of them were given.

A script that one trajectory runs unread may stand open in another one: what that one was shown before it wrote to the
file is what both were given, provided that everybody who looked saw the same.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Mapping
from typing import NamedTuple

from explorer.analysis.effects.history.memory import shown_text

ELSEWHERE = "content as shown in another trajectory of this task"
LATER = "content as shown later in this trajectory"


class Given(NamedTuple):
    """A given file: its text, and the trajectories that were shown it."""

    text: str
    trajectories: frozenset[int]

    def note(self, trajectory: int) -> str:
        """Where the text is known from, for a step of ``trajectory``."""
        return ELSEWHERE if self.trajectories - {trajectory} else LATER


class GivenFiles:
    """The given files of one task by normalised path."""

    def __init__(self, files: Mapping[str, Given]) -> None:
        self._files = files
        self._names: dict[str, list[str]] = {}
        for path in files:
            self._names.setdefault(posixpath.basename(path), []).append(path)

    def find(self, path: str) -> Given | None:
        """The file at a path; for a relative one the only file whose path ends in it."""
        found = self._files.get(path)
        if found is not None or path.startswith(("/", "~")) or not path:
            return found
        alike = [name for name in self._names.get(posixpath.basename(path), ()) if name.endswith(f"/{path}")]
        return self._files[alike[0]] if len(alike) == 1 else None


NO_FILES = GivenFiles({})


class Showings:
    """Collects what the trajectories of one task were shown; of a file that was shown differently no text is kept."""

    def __init__(self) -> None:
        self._texts: dict[str, str | None] = {}
        self._digests: dict[str, bytes] = {}
        self._seen: dict[str, set[int]] = {}

    def add(self, path: str, trajectory: int, printed: str) -> None:
        """A file's whole text as one trajectory was shown it before it changed it: ``path`` normalised,
        ``trajectory`` the row of the trajectories table, ``printed`` the observation."""
        text = shown_text(printed)
        plain = "\n".join(line.rstrip() for line in text.strip().split("\n"))
        digest = hashlib.blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if self._digests.setdefault(path, digest) != digest:
            self._texts[path] = None
            return
        self._texts.setdefault(path, text)
        self._seen.setdefault(path, set()).add(trajectory)

    def agreed(self) -> GivenFiles:
        """The files of which every trajectory that looked was shown the same text."""
        return GivenFiles(
            {path: Given(text, frozenset(self._seen[path])) for path, text in self._texts.items() if text is not None}
        )
