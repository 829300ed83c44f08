"""Looks into a folder that show all that is in it: ``ls``, ``find``, ``du`` and an editor's view of a directory.

What a look leaves out (names that begin with a dot, what lies in subfolders, what comes after a limit) is kept with it,
so that "not listed" is taken for "not there" only where it is.
"""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase
from typing import NamedTuple

READ_CHARS = 60_000
MAX_COMMAND = 300
MAX_NAMES = 2_000
_PATH = r"(?P<path>[^\s;&|<>*?$`'\"(){}-][^\s;&|<>*?$`'\"(){}]*)"
_BEFORE = r"\s*(?:cd[ \t]+[^\s;&|<>$`]+[ \t]*&&\s*)?(?:sudo[ \t]+)?"
_AFTER = r"(?P<hushed>[ \t]*2>[ \t]*/dev/null)?(?:[ \t]*\|[ \t]*sort(?:[ \t]+-[\w]+)*)?"
_HEAD = r"(?:[ \t]*\|[ \t]*head(?:[ \t]+(?:-n[ \t]*)?-?(?P<limit>\d{1,6}))?(?P<cut>))?\s*"
_LS = re.compile(rf"{_BEFORE}ls(?P<options>(?:[ \t]+-[laAhFR1trSsGpU]+)*)(?:[ \t]+{_PATH})?{_AFTER}{_HEAD}")
_NAME = r"(?:'[^'$]+'|\"[^\"$`]+\"|[^\s'\"$`;&|]+)"
_TEST = rf"[ \t]+(?:-maxdepth[ \t]+\d|-type[ \t]+f|-i?name[ \t]+{_NAME}|-print|-ls)"
_FIND = re.compile(rf"{_BEFORE}find[ \t]+{_PATH}(?P<tests>(?:{_TEST})*){_AFTER}{_HEAD}")
_DU_ALL = re.compile(rf"{_BEFORE}du[ \t]+-h?ah?[ \t]+{_PATH}{_AFTER}{_HEAD}")
_DU = re.compile(rf"{_BEFORE}du(?:[ \t]+-[shckm]+)+[ \t]+(?:{_PATH}/)?\*{_AFTER}{_HEAD}")
_NAMED = re.compile(r"-i?name[ \t]+(?:'([^']+)'|\"([^\"]+)\"|(\S+))")
_LONG = re.compile(r"([bcdlps-])[rwxsStT-]{9}[.+@]?(?:\s+\S+){7}\s(.+)")
_LONG_FOUND = re.compile(r"\s*\d+\s+\d+\s+([bcdlps-])[rwxsStT-]{9}[.+@]?(?:\s+\S+){7}\s(.+)")
_SIZED = re.compile(r"[\d.]+[KMGTB]?\s+(\S.*)")
_COLUMNS = re.compile(r"\s{2,}|\t")
_TROUBLE = re.compile(r"(?m)^(?:ls|find|du|sudo|bash|sh|ERROR)\b[^\n]{0,80}:|clipped>|\btruncated\b|^\W*\.\.\.\W*$")
_VIEW = re.compile(r"[^\n]{0,40}files and directories up to 2 levels deep in (\S+), excluding hidden items:\s*")
_FILE_NAME = re.compile(r".+\.[A-Za-z]\w{0,4}")
HEAD = 10
"""Lines that ``head`` shows unless told."""


class FolderLook(NamedTuple):
    """How a step looks into ``folder``: ``form`` (ls, find, du, view); ``hidden`` whether names that begin with a dot
    are shown; ``depth`` how many levels (0 = all); ``limit`` lines shown at most (0 = all); ``only`` the pattern that
    names must match, "" for all; ``files`` whether only plain files are shown; ``long`` whether kinds are told."""

    form: str
    folder: str
    hidden: bool = False
    depth: int = 1
    limit: int = 0
    only: str = ""
    files: bool = False
    long: bool = False


class Listing(NamedTuple):
    """What a look showed: ``names`` relative to the folder; ``whole`` whether nothing can lie deeper; ``likely``
    whether nothing is likely to, all names being those of files."""

    names: frozenset[str]
    whole: bool
    likely: bool


def folder_look(command: str) -> FolderLook | None:
    """The look that a command is, None for one that does anything else."""
    if len(command) > MAX_COMMAND:
        return None
    if (match := _LS.fullmatch(command)) is not None:
        options = match["options"]
        hidden = "a" in options or "A" in options
        depth = 0 if "R" in options else 1
        return FolderLook(
            "ls", match["path"] or "", hidden, depth, _limit(match), long="l" in options or "F" in options
        )
    if (match := _FIND.fullmatch(command)) is not None:
        tests = match["tests"]
        names = ["".join(found) for found in _NAMED.findall(tests)]
        deepest = re.search(r"-maxdepth\s+(\d)", tests)
        if len(names) > 1 or (deepest is not None and deepest[1] == "0"):
            return None
        return FolderLook(
            "find",
            match["path"],
            hidden=not match["hushed"],
            depth=int(deepest[1]) if deepest else 0,
            limit=_limit(match),
            only=names[0] if names else "",
            files="-type" in tests,
            long="-ls" in tests,
        )
    if (match := _DU_ALL.fullmatch(command)) is not None:
        return FolderLook("du", match["path"], hidden=not match["hushed"], depth=0, limit=_limit(match))
    if (match := _DU.fullmatch(command)) is not None:
        return FolderLook("du", match["path"] or "", limit=_limit(match))
    return None


def _limit(match: re.Match[str]) -> int:
    return 0 if match["cut"] is None else int(match["limit"] or HEAD)


def listing(look: FolderLook, folder: str, printed: str) -> Listing | None:
    """What the look at ``folder`` (its full name) showed, None where its output is not all of it."""
    if len(printed) > READ_CHARS:
        return None
    if look.form == "view":
        return _viewed(folder, printed)
    if _TROUBLE.search(printed):
        return None
    lines = [line for line in printed.splitlines() if line.strip()]
    if len(lines) > MAX_NAMES or (look.limit and len(lines) >= look.limit):
        return None
    if look.form == "ls":
        # A long listing of an empty folder still says how much it holds.
        return None if look.long and not lines else _listed(look, lines)
    names: set[str] = set()
    folders = False
    for line in lines:
        name = line.strip()
        if look.form == "du":
            sized = _SIZED.fullmatch(name)
            if sized is None:
                return None
            name = sized[1]
        elif look.long:
            long = _LONG_FOUND.fullmatch(line)
            if long is None:
                return None
            folders, name = folders or long[1] == "d", long[2]
        names.add(_below(name, look.folder, folder))
    names.discard("")
    whole = look.depth == 0 or (look.long and not folders) or not names
    return Listing(frozenset(names), whole, whole or _all_files(names))


def _below(path: str, written: str, folder: str) -> str:
    """A printed path as seen from the folder in which was looked."""
    for start in (folder, posixpath.normpath(written) if written else ""):
        if start and (path == start or path.startswith(f"{start.rstrip('/')}/")):
            return path[len(start) :].strip("/")
    return "" if path.rstrip("/") in (".", written.rstrip("/")) else path.removeprefix("./").rstrip("/")


def _listed(look: FolderLook, lines: list[str]) -> Listing | None:
    names: set[str] = set()
    folders = False
    known = True
    for line in lines:
        if re.fullmatch(r"total [\d.]+[KMGT]?", line.strip()) or (look.depth == 0 and line.endswith(":")):
            continue
        long = _LONG.fullmatch(line.rstrip())
        if long is not None:
            name = long[2].split(" -> ")[0].strip("'\"")
            if name not in (".", ".."):
                folders = folders or long[1] == "d"
                names.add(name)
            continue
        known = known and look.long
        for name in _COLUMNS.split(line.strip()) + line.split():
            if name not in (".", "..", "./", "../"):
                folders = folders or name.endswith("/")
                names.add(name.strip("'\"").rstrip("/*@|="))
    whole = look.depth == 0 or (known and not folders) or not names
    return Listing(frozenset(names), whole, whole or (not folders and _all_files(names)))


def _viewed(folder: str, printed: str) -> Listing | None:
    """What an editor shows of a directory: two levels, folders with a slash behind them."""
    heading = _VIEW.match(printed)
    if heading is None or "clipped>" in printed:
        return None
    lines = printed[heading.end() :].split("\n")
    if len(lines) > MAX_NAMES:
        return None
    names: set[str] = set()
    deeper = False
    for line in lines:
        if line.startswith("/"):
            name = _below(line.strip().rstrip("/"), heading[1], folder)
            deeper = deeper or (line.rstrip().endswith("/") and "/" in name)
            names.add(name)
    names.discard("")
    return Listing(frozenset(names), not deeper, not deeper)


def _all_files(names: set[str]) -> bool:
    return all(_FILE_NAME.fullmatch(posixpath.basename(name)) for name in names)


def shows_all_of(look: FolderLook, pattern: str) -> bool:
    """Whether a look shows every name that matches a pattern (apart from hidden ones and deeper ones)."""
    if not look.only or look.only == "*" or look.only.lower() == pattern.lower():
        return True
    return not any(char in pattern for char in "*?[") and fnmatchcase(pattern, look.only)
