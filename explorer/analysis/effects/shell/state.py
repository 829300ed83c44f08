"""What a shell knows while a script is read: variables, aliases, functions, files written on the way."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from explorer.analysis.effects.shared.folders import UNKNOWN_FOLDER, joined
from explorer.analysis.effects.shell.types import WrittenFile

_BRACED = re.compile(r"\$\{([!#]?)(\w+|[@*#?$!-])(\[[^\]]*\])?([\s\S]*)\}")
_SUBSTRING = re.compile(r":\s*\(?(-?\d{1,6})\)?(?::\s*(-?\d{1,6}))?")
MAX_VALUE = 65_536
MAX_FOLDERS = 1_000


@dataclass(slots=True)
class Function:
    """A function's body: its text and where it stands (None = not in the original text)."""

    text: str
    base: int | None


@dataclass(slots=True)
class ShellState:
    """Variables hold text, or None where the value is not visible; positional parameters are ``1``, ``2``, ``@``.

    ``folders`` are those that were entered or made.
    ``patterns`` are variables that stand for the values of a list: the value and the marks of a word with it.
    ``cwd`` is the working folder (see :mod:`explorer.analysis.effects.shared.folders`), ``before`` the one before the
    last ``cd``, ``stack`` those that ``pushd`` left. ``failed`` names folders that cannot be entered; after such
    a ``cd`` what ``&&`` joins to it was meant for the new folder and ``fallback`` is where the rest goes on.
    """

    known_paths: Collection[str] = ()
    variables: dict[str, str | None] = field(default_factory=dict)
    patterns: dict[str, tuple[str, int]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    written: list[WrittenFile] = field(default_factory=list)
    cwd: str = ""
    before: str = UNKNOWN_FOLDER
    stack: list[str] = field(default_factory=list)
    failed: Collection[str] = ()
    fallback: str | None = None
    folders: set[str] = field(default_factory=set)

    def value(self, name: str) -> str | None:
        """The visible value of a variable, None where there is none."""
        if name == "IFS":
            return self.variables.get("IFS", " ")
        return self.variables.get(name)

    def assign(self, name: str, value: str | None) -> None:
        """Set a variable (None = to something unseen)."""
        self.variables[name] = value[:MAX_VALUE] if value is not None else None
        if self.patterns:
            self.patterns.pop(name, None)

    def assign_pattern(self, name: str, value: str, mark: int) -> None:
        """Set a variable to each of the values that ``value`` stands for, with the marks of words made of it."""
        self.assign(name, None)
        self.patterns[name] = value[:MAX_VALUE], mark

    def enter(self, folder: str, *, fails: bool = False) -> None:
        """Change the working folder."""
        self.fallback = (self.cwd if self.fallback is None else self.fallback) if fails else None
        if not fails:
            self.before = self.cwd
        self.cwd = folder
        if not fails and len(self.folders) < MAX_FOLDERS:
            self.folders.add(folder)

    def is_folder(self, path: str) -> bool:
        """Whether this text has entered or made a folder of this name."""
        return bool(self.folders) and joined(self.cwd, path).rstrip("/") in self.folders

    def settle(self) -> None:
        """Go back to the old folder after a ``cd`` that failed: what follows is not joined to it by ``&&``."""
        if self.fallback is not None:
            self.cwd, self.fallback = self.fallback, None

    def knows_path(self, path: str) -> bool:
        """Whether the trajectory has seen this path exist."""
        if not self.known_paths and not self.files:
            return False
        plain = path.removeprefix("./")
        if path in self.known_paths or plain in self.known_paths or plain in self.files or path in self.files:
            return True
        return bool(self.cwd) and joined(self.cwd, plain) in self.known_paths

    def braced(self, raw: str) -> tuple[str | None, str | None]:
        """``${…}``: (its visible value, else None; the word inside that may hold more expansions, else None)."""
        match = _BRACED.fullmatch(raw)
        if match is None:
            return None, None
        sigil, name, index, rest = match.groups()
        value = self.value(name)
        if sigil or index:
            return None, None
        if not rest:
            return value, None
        word = rest[2:] if rest[0] == ":" and rest[1:2] in ("-", "=", "+", "?") else rest[1:]
        operator = rest[: len(rest) - len(word)]
        if operator in ("-", ":-", "=", ":="):
            return (value, None) if value else (word, word) if "$" not in word and "`" not in word else (None, word)
        if operator in ("+", ":+"):
            return ("", None) if value is None and name not in self.variables else (word, word)
        if value is None:
            return None, None
        return _transform(value, rest), None


def _transform(value: str, rest: str) -> str | None:
    """Prefix, suffix, replacement, case and substring operations on a visible value."""
    if any(mark in rest for mark in ("$", "`")):
        return None
    if rest[0] in "#%":
        longest = rest[:2] in ("##", "%%")
        pattern = rest[2:] if longest else rest[1:]
        return _strip(value, pattern.replace("\\", ""), front=rest[0] == "#", longest=longest)
    if rest[0] == "/":
        every = rest[1:2] == "/"
        old, _, new = rest[2 if every else 1 :].partition("/")
        if any(mark in old for mark in "*?["):
            return None
        return value.replace(old, new, -1 if every else 1) if old else value
    if rest in ("^^", ",,", "^", ","):
        return {"^^": value.upper(), ",,": value.lower(), "^": value[:1].upper() + value[1:]}.get(
            rest, value[:1].lower() + value[1:]
        )
    match = _SUBSTRING.fullmatch(rest)
    if match:
        start = int(match.group(1))
        length = match.group(2)
        tail = value[start:]
        return tail if length is None else tail[: int(length)]
    return None


def _strip(value: str, pattern: str, *, front: bool, longest: bool) -> str:
    if len(value) > 4096:
        return value
    compiled = re.compile(fnmatch.translate(pattern))
    cuts = range(len(value) + 1)
    for cut in reversed(cuts) if longest == front else cuts:
        part = value[:cut] if front else value[cut:]
        if compiled.match(part):
            return value[cut:] if front else value[:cut]
    return value
