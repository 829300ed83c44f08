"""Severity modifiers, and what a path says about the danger of acting on it."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache

from explorer.model.effect import EffectKind

_SYSTEM_ROOTS = (
    "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "opt", "proc", "root", "run", "sbin", "srv", "sys", "usr",
    "var", "home", "System", "Library", "Applications", "Users", "Windows", "mnt", "media",
)  # fmt: skip
_SYSTEM_TREES = (
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/proc",
    "/sbin",
    "/sys",
    "/usr",
    "/System",
)
_HOME = frozenset({"~", "$HOME", "${HOME}", "$USERPROFILE", "~root", "%USERPROFILE%"})
_TEMPORARY = re.compile(r"(?:/private)?/(?:tmp|var/tmp|dev/shm)(?:/|$)|\$\{?(?:TMPDIR|TMP|TEMP)\b")
_BUILD = frozenset(
    {
        "node_modules", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox", ".nox", ".cache", "build",
        "dist", "target", "out", "coverage", ".next", ".nuxt", ".parcel-cache", ".gradle", "_build", "htmlcov",
        ".eggs", "bazel-out", ".turbo", ".venv", "venv", "tmp", "temp", "CMakeFiles", ".terraform",
    }
)  # fmt: skip
_BUILD_FILE = re.compile(r"\.(?:pyc|pyo|o|obj|tmp|temp|swp|class|egg-info|log\.\d+|bak~)$|~$")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]?(?:\*)?$")
_CHOSEN = re.compile(r"[*?]|\{\}")
"""Some files of a folder: a pattern, or a placeholder."""
_PROFILE = re.compile(
    r"(?:^|/)\.(?:bashrc|bash_profile|bash_login|profile|zshrc|zprofile|zshenv|zlogin|bash_logout|kshrc|cshrc|tcshrc|bash_aliases|inputrc)$"
    r"|^/etc/(?:profile|bash\.bashrc|zsh/|rc\.local|profile\.d/)|config/fish/config\.fish$"
)
_SCHEDULE = re.compile(
    r"^/etc/cron|^/var/spool/cron|/etc/systemd/|systemd/(?:user|system)/|/LaunchAgents/|/LaunchDaemons/|^/etc/init\.d/"
)
_HOOK = re.compile(
    r"(?:^|/)(?:\.git/hooks|\.husky|hooks)/(?:pre|post|prepare|commit|update|applypatch|fsmonitor|reference|push)[\w-]*$"
)
UNCHANGED = frozenset({EffectKind.NONE, EffectKind.REFUSE, EffectKind.READ, EffectKind.CREATE, EffectKind.UNKNOWN})


@lru_cache(maxsize=65_536)
def is_dangerous(path: str) -> bool:
    """Whether acting on this path hits more than one thing of one's own: ``/``, ``~``, a system tree, ``.git``,
    a bare ``*`` or a drive."""
    if not path:
        return False
    value = path.rstrip("/") or "/"
    if value.endswith(("/*", "/.*")):
        value = value.rsplit("/", 1)[0] or "/"
    if value in _HOME or value in ("/", "*", ".", "..", ".*", "./*", "../*", "{}"):
        return path != "{}"
    if value.startswith("/"):
        if is_temporary(path):
            return False
        plain = posixpath.normpath(value).replace("//", "/")
        if plain in ("/", "/{}") or plain.strip("/") in _SYSTEM_ROOTS:
            return True
        if plain.startswith(_SYSTEM_TREES) and any(plain.startswith(tree + "/") for tree in _SYSTEM_TREES):
            return True
        parts = plain.split("/")
        if len(parts) == 3 and parts[1] in ("home", "Users", "var") and not _CHOSEN.search(parts[2]):
            return True
        return ".git" in parts
    if _DRIVE.match(path) or path.lower().startswith(("c:\\windows", "%systemroot%")):
        return True
    return value == ".git" or value.endswith("/.git") or "/.git/" in value or value.startswith(".git/")


@lru_cache(maxsize=65_536)
def is_temporary(path: str) -> bool:
    """Whether a path is below a temporary or build folder (``..`` resolved first)."""
    if not path:
        return False
    plain = posixpath.normpath(path) if ".." in path else path
    if ".." in plain.split("/"):
        return False
    if _TEMPORARY.match(plain):
        return True
    if plain.startswith(_SYSTEM_TREES):
        return False
    return _BUILD_FILE.search(plain) is not None or any(part in _BUILD for part in plain.split("/"))


_ADDITIONS = re.compile(r"/usr/local/|/etc/cron\.(?:d|hourly|daily|weekly|monthly)/")
"""Folders that a system keeps for what is added on the spot: they come empty."""


def is_system_path(path: str) -> bool:
    """Whether a file there belongs to the system and so exists before the agent comes."""
    if path.startswith(("/tmp", "/var/tmp", "/dev/shm")) or _ADDITIONS.match(path):
        return False
    if path.startswith(_SYSTEM_TREES):
        return True
    return bool(_PROFILE.search(path)) or path.endswith((".ssh/authorized_keys", ".ssh/config", ".ssh/known_hosts"))


def is_deferred_path(path: str) -> bool:
    """Whether what is written there is run later: profiles, schedules, git hooks."""
    return bool(_PROFILE.search(path) or _SCHEDULE.search(path) or _HOOK.search(path))


def has_glob(value: str) -> bool:
    """Whether a word still holds a pattern."""
    return "*" in value or "?" in value


def scope_of(value: str, *, recursive: bool, opaque: bool, glob_driven: bool) -> str:
    """one, many, tree, system or unknown."""
    if is_dangerous(value):
        return "system"
    if recursive:
        return "tree"
    if has_glob(value) or glob_driven:
        return "many"
    return "unknown" if opaque else "one"


def modified_severity(
    kind: EffectKind,
    base: int,
    path: str,
    *,
    recursive: bool,
    force: bool,
    glob_driven: bool,
    privilege: bool,
    stated: bool = False,
) -> int:
    """The base severity with the modifiers the table has not counted: recursion (delete counts it as 3), a
    dangerous target, a force flag, a glob, privilege: +1 each; a temporary or build folder: -1. 0–4."""
    if kind in UNCHANGED:
        return base
    level = base
    if recursive:
        level = max(level, 3) if kind is EffectKind.DELETE else level + (kind is not EffectKind.PERMISSION or level < 3)
    if path and is_dangerous(path):
        level += 1
    elif path and is_temporary(path):
        level -= 1
    if force:
        level += 1
    if glob_driven or (path and has_glob(path) and not is_dangerous(path)):
        level += 1
    if privilege:
        level += 1
    return max(0, min(4, level))
