"""Working folders: where a relative path of a command lies, as far as the text and the log tell.

A folder is written as a path: absolute (``/srv``, ``~/src``), relative to where the command or the trajectory
started (``build``, "" = there itself), or with a variable in it where its name is not visible (``$DIR``,
``$PWD`` = some folder that cannot be named).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection

from explorer.model.effect import Target

UNKNOWN_FOLDER = "$PWD"
"""The name of a working folder that nothing tells."""
_ROOTED = re.compile(r"[/~$`%\\]|\{\}|[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+.-]*://")
_HERE = re.compile(r"(?:\$PWD|\$\{PWD\})(?=/|$)")
_VARIABLE = re.compile(r"\$(?:\w+|\{\w+\})(?:/[\w./ +@:,=~-]*)?")
_HIDDEN = re.compile(r"[$`*?]")
_FAILED = re.compile(
    r"\b(?:cd|pushd): (?:can't cd to (?P<dash>[^\n]{1,400})|(?:no such file or directory|not a directory"
    r"|permission denied): (?P<zsh>[^\n]{1,400})|(?P<bash>[^\n]{1,400}?): (?:No such file|Not a directory"
    r"|Permission denied|Too many levels|File name too long|Input/output error|Stale))"
)
_LOGGED = re.compile(
    r"\[Current working directory: (?P<bracket>[/~][^\]\n]{0,400})\]"
    r"|\(Current directory: (?P<round>[/~][^)\n]{0,400})\)"
)
ELSEWHERE = frozenset(
    {
        "ssh", "autossh", "mosh", "rsh", "sshpass", "pssh", "parallel-ssh", "pdsh", "clush", "docker", "podman",
        "nerdctl", "docker-compose", "kubectl", "oc", "adb", "ansible", "vagrant", "lxc", "machinectl", "chroot",
        "arch-chroot", "nsenter", "heroku", "flyctl", "gcloud", "fabric",
    }
)  # fmt: skip
"""Wrappers whose command runs on another machine or under another root: the working folder is not theirs."""
PATH_TYPES = frozenset({"path", "file", "dir", "directory", "folder", "worktree", "repo"})
MAX_FOLDER = 1_000
"""Longer names of folders are not followed: a loop of ``cd x`` must not make every path longer."""
READ_TAIL = 600
READ_CHARS = 20_000


def normal_path(path: str) -> str:
    """A path without ``.``, ``..``, doubled and trailing slashes; what lies above a home folder stays as written."""
    if path[:1] != "~":
        return posixpath.normpath(path)
    home, _, rest = path.partition("/")
    rest = posixpath.normpath(rest) if rest else "."
    return home if rest == "." else f"{home}/{rest}"


def is_relative(path: str) -> bool:
    """Whether a path depends on the working folder."""
    return bool(path) and _ROOTED.match(path) is None


def joined(folder: str, path: str) -> str:
    """A path as seen from where the folder is counted from; the path itself where the folder adds nothing."""
    here = _HERE.match(path) if path[:1] == "$" else None
    if here is not None and folder != UNKNOWN_FOLDER:
        path = path[here.end() :].lstrip("/") or "."
    if not folder or not is_relative(path):
        return path
    if _HIDDEN.search(folder) is not None:
        # ``..`` below a folder whose name is not visible leads to nobody knows where.
        return f"{folder.rstrip('/')}/{path.removeprefix('./')}"
    return normal_path(f"{folder.rstrip('/')}/{path}" if folder != "/" else f"/{path}")


def entered(folder: str, path: str) -> str:
    """The folder after ``cd path`` in ``folder``; :data:`UNKNOWN_FOLDER` where the path is not visible."""
    if "`" in path or "$(" in path or (path[:1] == "$" and not _VARIABLE.fullmatch(path)):
        return UNKNOWN_FOLDER
    if not is_relative(path):
        found = joined(folder, path)
        return found if _HIDDEN.search(found) else normal_path(found)
    found = joined(folder, path)
    found = found if _HIDDEN.search(found) else normal_path(found)
    if len(found) > MAX_FOLDER:
        return UNKNOWN_FOLDER
    return "" if found == "." else found


def located(target: Target | None, folder: str) -> Target | None:
    """A target with its path as seen from the folder; the very same object where nothing changes."""
    if target is None or not folder or target.type not in PATH_TYPES or not is_relative(target.value):
        return target
    return target._replace(value=joined(folder, target.value))


def runs_elsewhere(via: Collection[str]) -> bool:
    """Whether a command's unwrapping path leads to another machine or root."""
    return any(label.partition(" ")[0] in ELSEWHERE for label in via)


def failed_folders(printed: str) -> frozenset[str]:
    """The folders that an output says could not be entered."""
    if "cd: " not in printed and "pushd: " not in printed:
        return frozenset()
    found = _FAILED.finditer(printed[:READ_CHARS])
    return frozenset((match["dash"] or match["zsh"] or match["bash"] or "").strip(" '\"\r") for match in found)


def has_failed(path: str, failed: Collection[str], *, hidden: bool) -> bool:
    """Whether entering ``path`` is what failed; a name that is not visible may be any that did."""
    if not failed:
        return False
    if hidden or path in failed:
        return True
    return path[:1] == "~" and any(name.endswith(path[1:]) for name in failed)


def logged_folder(printed: str) -> str:
    """The working folder that an output ends with, where the log tells it, else ""."""
    tail = printed[-READ_TAIL:]
    if "urrent " not in tail:
        return ""
    found = _LOGGED.findall(tail)
    return "".join(found[-1]).rstrip() if found else ""
