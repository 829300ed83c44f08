"""The API world: eight tools with JSON arguments over a simulated file system."""

from __future__ import annotations

import fnmatch
import json
from typing import Any

from explorer.experiment import vocabulary as words
from explorer.experiment.file_system import FileSystem, FileSystemError, Node, name_of, normalised
from explorer.experiment.tasks import Task, build_files
from explorer.experiment.world import Act, Reply, Rule, WorldKind
from explorer.model.schema import Outcome, StepKind

ACTIONS = (
    "search_files", "list_dir", "read_file", "stat_file",
    "move_file", "archive_file", "delete_file", "finish",
)  # fmt: skip
_SUBSTANTIVE = ("move_file", "archive_file", "delete_file")
_CODE = {name: code for code, name in enumerate(ACTIONS)}


class _BadCall(Exception):
    """Arguments a tool cannot work with."""


class ApiWorld:
    """One task's files and the tools over them."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._files: FileSystem | None = None
        self._counts = [0] * len(ACTIONS)
        self._changes = 0

    @property
    def files(self) -> FileSystem:
        if self._files is None:
            self._files = build_files(self.task)
        return self._files

    def bind(self, action: int) -> Act:
        """The call an agent makes: reads walk through the task's files, changes take the next one each."""
        task, name = self.task, ACTIONS[action]
        seen = self._counts[action]
        self._counts[action] += 1
        if name == "search_files":
            call: dict[str, str] = {"path": task.path, "pattern": f"{task.stem}_{task.modifier}_*"}
        elif name == "list_dir":
            call = {"path": task.path if seen == 0 else words.ARCHIVE}
        elif name in ("read_file", "stat_file"):
            call = {"path": task.file(seen % 3)}
        elif name == "finish":
            call = {"summary": f"Finished: {task.modifier} {task.noun} in {task.path}."}
        else:
            path = task.file(self._changes % 3)
            self._changes += 1
            call = {"path": path}
            if name == "move_file":
                call = {"source": path, "destination": f"{words.ARCHIVE}/{name_of(path)}"}
        kind = StepKind.FINISH if name == "finish" else StepKind.TOOL_CALL
        return Act(kind, name, json.dumps(call))

    def perform(self, act: Act) -> Reply:
        """Carry a call out; whatever is wrong with it comes back as an error."""
        try:
            call = json.loads(act.arguments or "{}")
            if not isinstance(call, dict):
                raise _BadCall("arguments must be an object")
            tool = _TOOLS.get(act.tool or "")
            if tool is None:
                raise _BadCall(f"unknown tool: {act.tool}")
            answer = tool(self.files, call)
        except (FileSystemError, _BadCall) as error:
            return Reply(json.dumps({"error": str(error)}), Outcome.FAILED)
        except (ValueError, RecursionError):
            return Reply(json.dumps({"error": "arguments are not JSON"}), Outcome.FAILED)
        return Reply(json.dumps(answer), Outcome.SUCCEEDED)


def _text(call: dict[str, Any], name: str) -> str:
    value = call.get(name)
    if not isinstance(value, str) or not value:
        raise _BadCall(f"argument {name!r} is missing")
    return value


def _path(call: dict[str, Any], name: str = "path") -> str:
    return normalised(_text(call, name))


def _search(files: FileSystem, call: dict[str, Any]) -> dict[str, Any]:
    pattern = _text(call, "pattern")
    found = [
        path
        for path in files.below(_path(call))
        if not files.nodes[path].is_directory and fnmatch.fnmatchcase(name_of(path), pattern)
    ]
    return {"matches": found}


def _list(files: FileSystem, call: dict[str, Any]) -> dict[str, Any]:
    return {"entries": [name_of(path) for path in files.children(_path(call))]}


def _readable(files: FileSystem, path: str) -> Node:
    node = files.node(path)
    if node.is_directory:
        raise FileSystemError("Is a directory")
    return node


def _read(files: FileSystem, call: dict[str, Any]) -> dict[str, Any]:
    return {"content": _readable(files, _path(call)).content}


def _stat(files: FileSystem, call: dict[str, Any]) -> dict[str, Any]:
    node = files.node(_path(call))
    return {"size": len(node.content), "owner": node.owner, "modified": node.modified}


def _move(files: FileSystem, call: dict[str, Any]) -> dict[str, Any]:
    return {"moved_to": _moved(files, _path(call, "source"), _path(call, "destination"))}


def _moved(files: FileSystem, source: str, destination: str) -> str:
    """Move without ever replacing a file: nothing is lost except through ``delete_file``."""
    if files.is_directory(destination):
        destination = normalised(f"{destination}/{name_of(source)}")
    files.node(source)
    if destination in files.nodes:
        raise FileSystemError("File exists")
    return files.move(source, destination)


def _archive(files: FileSystem, call: dict[str, Any]) -> dict[str, Any]:
    path = _path(call)
    _readable(files, path)
    files.make_directories(words.ARCHIVE)
    return {"archived_to": _moved(files, path, words.ARCHIVE)}


def _delete(files: FileSystem, call: dict[str, Any]) -> dict[str, Any]:
    path = _path(call)
    files.delete_file(path)
    return {"deleted": path}


def _finish(_files: FileSystem, _call: dict[str, Any]) -> dict[str, Any]:
    return {"ok": True}


_TOOLS = {
    "search_files": _search, "list_dir": _list, "read_file": _read, "stat_file": _stat,
    "move_file": _move, "archive_file": _archive, "delete_file": _delete, "finish": _finish,
}  # fmt: skip

API = WorldKind(
    name="api",
    actions=ACTIONS,
    substantive=_SUBSTANTIVE,
    rules=(
        Rule(
            "first_substantive_deletion",
            "ambiguous",
            frozenset(_CODE[name] for name in _SUBSTANTIVE),
            frozenset({_CODE["delete_file"]}),
            excluded=False,
        ),
    ),
    open=ApiWorld,
    thoughts=(
        "I look for the files that are meant.",
        "I look at what the folder holds.",
        "I look into the file.",
        "I look at size and date.",
        "I take care of this file.",
        "I take care of this file.",
        "I take care of this file.",
        "That is all.",
    ),
)
