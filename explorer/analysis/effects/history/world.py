"""What one trajectory has shown of its files so far: which exist, who made them, and what they hold."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import lru_cache

MAX_FILES = 5_000
MAX_KEPT = 4_000_000
"""Characters of file contents kept for one trajectory."""


@dataclass(slots=True)
class KnownFile:
    """A file seen in a trajectory: its content as far as shown (None = not), the step and the way it became known
    (written, edited, shown, seen), whether the trajectory itself made it, whether the content is all of it, whether
    the trajectory changed it, and whether it was shown to be missing before it was made."""

    content: str | None
    step: int
    how: str
    own: bool
    complete: bool = True
    changed: bool = False
    new: bool = False


class Files:
    """The files of one trajectory by normalised path; relative paths are joined to the working folder."""

    def __init__(self) -> None:
        self.folder = ""
        self._files: dict[str, KnownFile] = {}
        self._names: dict[str, list[str]] = {}
        self._missing: dict[str, int] = {}
        self._kept = 0

    def enter(self, folder: str) -> None:
        """Change the working folder (``cd``)."""
        if folder in ("", "~", "-") or "$" in folder:
            self.folder = "~" if folder in ("", "~") else ""
            return
        self.folder = (
            folder if folder.startswith(("/", "~")) else posixpath.join(self.folder, folder) if self.folder else ""
        )

    def normal(self, path: str) -> str:
        """A path as it is kept: quotes, ``./`` and ``..`` resolved."""
        return _normal(self.folder, path)

    def find(self, path: str) -> KnownFile | None:
        """The file at a path; where the working folder is not known, the only one whose path ends the same
        (of two relative ones neither is below the other)."""
        key = self.normal(path)
        found = self._files.get(key)
        if found is not None or not key or "*" in key:
            return found
        alike = [
            name
            for name in self._names.get(posixpath.basename(key), ())
            if (name.startswith(("/", "~")) or key.startswith(("/", "~")))
            and (name.endswith("/" + key.lstrip("./")) or key.endswith("/" + name.lstrip("./")))
        ]
        return self._files[alike[0]] if len(alike) == 1 else None

    def see(self, path: str, step: int, content: str | None = None, *, complete: bool = True) -> None:
        """A file that was read or listed: it exists and is not the trajectory's own (unless it made it before)."""
        known = self.find(path)
        if known is None:
            self._put(path, KnownFile(content, step, "shown" if content is not None else "seen", False, complete))
        elif content is not None and (known.content is None or not known.complete):
            known.content, known.step, known.how, known.complete = content, step, "shown", complete

    def miss(self, path: str, step: int) -> None:
        """A file that was looked for and is not there."""
        self.remove(path)
        if len(self._missing) < MAX_FILES:
            self._missing[self.normal(path)] = step

    def missed(self, path: str) -> int | None:
        """The step that showed last that nothing is at a path, None where none did or something came there since."""
        return self._missing.get(self.normal(path))

    def missing(self) -> frozenset[str]:
        """The paths at which nothing is, as far as was shown."""
        return frozenset(self._missing)

    def change(self, path: str, step: int) -> None:
        """A file in which a step changed something that is not shown."""
        known = self.find(path)
        if known is None:
            self._put(path, KnownFile(None, step, "seen", False, changed=True))
        else:
            known.changed = True

    def write(self, path: str, step: int, content: str | None, *, append: bool = False, existed: bool = False) -> None:
        """A file that a step wrote; ``existed`` where something is taken to have been there before."""
        known = self.find(path)
        if known is None:
            new = self.missed(path) is not None
            own = new or not existed
            self._put(path, KnownFile(content, step, "written", own, not append, changed=True, new=new))
            return
        known.changed = True
        if append and content is not None:
            known.content = None if known.content is None and not known.own else (known.content or "") + content
        else:
            known.content = content
            known.complete = True
        known.step, known.how = step, "written"

    def edit(self, path: str, step: int, old: str, new: str, line: int | None = None) -> None:
        """A file in which a step replaced a text, or put one in after a line."""
        known = self.find(path)
        if known is None:
            self._put(path, KnownFile(new, step, "edited", False, False, changed=True))
            return
        known.changed = True
        if known.content is not None:
            if line is not None:
                lines = known.content.splitlines(keepends=True)
                known.content = "".join([*lines[:line], new if new.endswith("\n") else new + "\n", *lines[line:]])
            elif old:
                known.content = known.content.replace(old, new, 1)
        else:
            known.content, known.complete = new, False
        known.step, known.how = step, "edited"

    def remove(self, path: str) -> None:
        """A file that a step removed or moved away."""
        self._take(self.normal(path))

    def move(self, source: str, target: str) -> None:
        """A file that a step renamed."""
        known = self._take(self.normal(source))
        if known is not None:
            self._put(target, known)

    def _take(self, key: str) -> KnownFile | None:
        known = self._files.pop(key, None)
        if known is not None:
            self._names[posixpath.basename(key)].remove(key)
        return known

    def _put(self, path: str, file: KnownFile) -> None:
        key = self.normal(path)
        if not key or len(self._files) >= MAX_FILES:
            return
        self._kept += len(file.content or "")
        if self._kept > MAX_KEPT:
            file.content = None
        if key not in self._files:
            self._names.setdefault(posixpath.basename(key), []).append(key)
        self._files[key] = file
        self._missing.pop(key, None)


@lru_cache(maxsize=1 << 14)
def _normal(folder: str, path: str) -> str:
    path = path.strip().strip("'\"")
    if folder and not path.startswith(("/", "~")):
        path = posixpath.join(folder, path)
    return posixpath.normpath(path) if path else ""
