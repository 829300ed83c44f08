"""What a look at files proves: which of them are there, and which are not.

That a command names a file says nothing yet: ``cat x`` may print that there is no such file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from explorer.analysis.effects.history.traces import Touched
from explorer.analysis.effects.outcomes.named import names
from explorer.model.schema import Outcome

READ_CHARS = 20_000
MAX_LINES = 50
MAX_LINE = 600
SHORT = 300
"""Longest output that can be an answer "not there" instead of a file's own text."""

_ABSENT = re.compile(
    r"no such file|\b(?:does|did|do)(?: not|n['’]t) exist|\bcan(?:not|'t| not) open\b|\bnot found\b", re.IGNORECASE
)
_ABSENT_WORDS = ("no such file", "exist", "open", "not found")
"""One of them is in whatever the pattern finds."""
_UNSEEN = re.compile(r"denied|not permitted", re.IGNORECASE)
_NOT_WRITTEN = (
    r"['\"]?: (?:Permission denied|No such file|Is a directory|Not a directory|Read-only file|Operation not permitted"
    r"|cannot overwrite|No space left)"
)
_CREATED = re.compile(r"\bcreated\b", re.IGNORECASE)
_REPLACED = re.compile(r"overwr|replac|updat", re.IGNORECASE)
_THERE_ALREADY = re.compile(r"\balready exists?\b", re.IGNORECASE)


class Looked(NamedTuple):
    """``there`` paths that are shown to exist · ``missing`` paths that are shown not to · ``shown`` the path whose text
    the output is, None where it is not."""

    there: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    shown: str | None = None


def what_was_found(touched: Touched, printed: str, outcome: str | None) -> Looked:
    """What the files that a step looked at turned out to be. ``printed`` is the step's observation."""
    if outcome == Outcome.NOT_EXECUTED:
        return Looked()
    failed = outcome == Outcome.FAILED
    told, other = _told(printed)
    if not told and not failed and not touched.tolerant:
        return Looked(tuple(touched.seen), (), touched.shown)
    named = list(dict.fromkeys((*((touched.shown,) if touched.shown else ()), *touched.seen)))
    if touched.listed and touched.listed not in named:
        named.append(touched.listed)
    if touched.shown is not None and not failed and len(printed.strip()) > SHORT:
        # A file's own text may speak of missing files.
        told = []
    missing = [path for path in named if any(names(line, path) for line in told)]
    answer = printed.strip()
    if told and not missing and len(named) == 1 and len(answer) <= SHORT and "\n" not in answer:
        missing = named
    gone = set(missing)
    doubtful = failed or touched.tolerant
    rest = other if doubtful else ""
    there = [
        path
        for path in touched.seen
        if path not in gone and (not doubtful or path.rstrip("/").rsplit("/", 1)[-1] in rest)
    ]
    shown = touched.shown
    if shown in gone or failed or (touched.tolerant and not answer):
        shown = None
    return Looked(tuple(there), tuple(missing), shown)


def _told(printed: str) -> tuple[list[str], str]:
    """The lines that say that something is not there, and the rest."""
    printed = printed[:READ_CHARS]
    lower = printed.lower()
    # Looking for plain words is many times faster than the pattern, and most outputs have none of them.
    if not any(word in lower for word in _ABSENT_WORDS) or not _ABSENT.search(printed):
        return [], printed
    told: list[str] = []
    other: list[str] = []
    for line in printed.splitlines():
        says = len(told) < MAX_LINES and _ABSENT.search(line[:MAX_LINE]) is not None and not _UNSEEN.search(line)
        (told if says else other).append(line[:MAX_LINE])
    return told, "\n".join(other)


def not_written(paths: Iterable[str], command: str, printed: str) -> set[str]:
    """Those of the paths that a failed command writes of which it says that it could not. A command that names the
    path again may speak of that second use."""
    printed = printed[:READ_CHARS]
    return {
        path
        for path in paths
        if path in printed
        and command.count(path) == 1
        and re.search(rf"(?<![\w/.-]){re.escape(path)}{_NOT_WRITTEN}", printed)
    }


def editor_found_nothing(printed: str, outcome: str | None) -> bool:
    """Whether an editor's answer to ``create`` proves that it replaced nothing: it made the file, or it refused
    because one is there."""
    answer = printed[:SHORT]
    if outcome == Outcome.FAILED:
        return _THERE_ALREADY.search(answer) is not None
    return _CREATED.search(answer) is not None and _REPLACED.search(answer) is None
