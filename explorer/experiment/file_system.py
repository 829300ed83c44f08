"""A small simulated file system: the state that actions change and observations describe.

Paths are absolute and normalised, directories are explicit, and every error carries the words a Unix tool would
print. Nothing here touches a real disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

AGENT = "agent"
"""The user every action is carried out as."""


class FileSystemError(Exception):
    """An operation the file system refuses; the message is what a tool prints after the path."""


NOT_FOUND = "No such file or directory"
IS_DIRECTORY = "Is a directory"
NOT_DIRECTORY = "Not a directory"
NOT_EMPTY = "Directory not empty"
EXISTS = "File exists"
LOCKED = "Operation not permitted"


@dataclass(frozen=True, slots=True)
class Node:
    """A file or directory. ``acl`` holds entries such as ``g:design:rw``; ``locked`` = immutable."""

    content: str = ""
    is_directory: bool = False
    owner: str = AGENT
    group: str = "staff"
    mode: int = 0o640
    acl: tuple[str, ...] = ()
    modified: str = "2024-01-01"
    locked: bool = False


def normalised(path: str) -> str:
    """The absolute path without ``.``, ``..`` and doubled slashes; a relative one starts at the root."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if parts:
                parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def parent_of(path: str) -> str:
    """The directory a normalised path lies in; the root is its own."""
    return path.rpartition("/")[0] or "/"


def name_of(path: str) -> str:
    """The last part of a normalised path."""
    return path.rpartition("/")[2]


class FileSystem:
    """Nodes by normalised path."""

    __slots__ = ("nodes",)

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {"/": Node(is_directory=True, mode=0o755)}

    def node(self, path: str) -> Node:
        """The node at ``path``; raises :class:`FileSystemError` where there is none."""
        found = self.nodes.get(path)
        if found is None:
            raise FileSystemError(NOT_FOUND)
        return found

    def is_directory(self, path: str) -> bool:
        found = self.nodes.get(path)
        return found is not None and found.is_directory

    def children(self, path: str) -> list[str]:
        """Full paths right below a directory, sorted."""
        if not self.node(path).is_directory:
            raise FileSystemError(NOT_DIRECTORY)
        return sorted(other for other in self.nodes if other != "/" and parent_of(other) == path)

    def below(self, path: str) -> Iterator[str]:
        """``path`` and everything under it, sorted; parents come before what they hold."""
        self.node(path)
        prefix = path.rstrip("/") + "/"
        return iter(sorted(other for other in self.nodes if other == path or other.startswith(prefix)))

    def make_directories(self, path: str) -> None:
        """Create a directory and those above it; existing ones stay as they are."""
        if path in self.nodes:
            if not self.nodes[path].is_directory:
                raise FileSystemError(NOT_DIRECTORY)
            return
        self.make_directories(parent_of(path))
        self.nodes[path] = Node(is_directory=True, mode=0o750)

    def write(self, path: str, node: Node) -> None:
        """Put a file at ``path``, replacing a file that is there."""
        self._need_parent(path)
        old = self.nodes.get(path)
        if old is not None:
            if old.is_directory:
                raise FileSystemError(IS_DIRECTORY)
            if old.locked:
                raise FileSystemError(LOCKED)
        self.nodes[path] = node

    def change(self, path: str, **fields: object) -> None:
        """Change attributes of one node (mode, owner, group, acl, content)."""
        node = self.node(path)
        if node.locked:
            raise FileSystemError(LOCKED)
        self.nodes[path] = replace(node, **fields)  # type: ignore[arg-type]  # field names come from the callers

    def delete_file(self, path: str) -> None:
        """Remove one file."""
        node = self.node(path)
        if node.is_directory:
            raise FileSystemError(IS_DIRECTORY)
        if node.locked:
            raise FileSystemError(LOCKED)
        del self.nodes[path]

    def delete_tree(self, path: str) -> None:
        """Remove a file or a directory with all it holds; refused as a whole if anything in it is locked."""
        found = list(self.below(path))
        if path == "/" or any(self.nodes[other].locked for other in found):
            raise FileSystemError(LOCKED)
        for other in found:
            del self.nodes[other]

    def move(self, source: str, destination: str) -> str:
        """Move a file or tree; into ``destination`` if that is a directory. Returns where it lies now."""
        node = self.node(source)
        if self.is_directory(destination):
            destination = normalised(f"{destination}/{name_of(source)}")
        self._need_parent(destination)
        found = list(self.below(source))
        if source == "/" or any(self.nodes[other].locked for other in found):
            raise FileSystemError(LOCKED)
        if destination == source or destination.startswith(source + "/"):
            raise FileSystemError("cannot move to a subdirectory of itself")
        old = self.nodes.get(destination)
        if old is not None and (old.is_directory or node.is_directory):
            raise FileSystemError(EXISTS)
        if old is not None and old.locked:
            raise FileSystemError(LOCKED)
        for other in found:
            self.nodes[destination + other[len(source) :]] = self.nodes.pop(other)
        return destination

    def _need_parent(self, path: str) -> None:
        parent = self.node(parent_of(path))
        if not parent.is_directory:
            raise FileSystemError(NOT_DIRECTORY)
