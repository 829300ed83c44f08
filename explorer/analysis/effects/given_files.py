"""What the trajectories of one task were shown of the files that all of them were given.

A script that one trajectory runs unread may stand open in another one: what that one was shown before it wrote to the
file is what both were given, provided that everybody who looked saw the same.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from explorer.analysis.effects.memory import shown_text

ELSEWHERE = "content as shown in another trajectory of this task"
LATER = "content as shown later in this trajectory"


class Showing(NamedTuple):
    """A file's whole text as one trajectory was shown it before it changed it: ``path`` normalised, ``trajectory`` the
    row of the trajectories table, ``printed`` the observation."""

    path: str
    trajectory: int
    printed: str


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


def agreed(showings: Iterable[Showing]) -> GivenFiles:
    """The files of which every trajectory that looked was shown the same text."""
    texts: dict[str, set[str]] = {}
    seen: dict[str, tuple[str, set[int]]] = {}
    for showing in showings:
        text = shown_text(showing.printed)
        texts.setdefault(showing.path, set()).add("\n".join(line.rstrip() for line in text.strip().split("\n")))
        seen.setdefault(showing.path, (text, set()))[1].add(showing.trajectory)
    return GivenFiles(
        {path: Given(text, frozenset(who)) for path, (text, who) in seen.items() if len(texts[path]) == 1}
    )
