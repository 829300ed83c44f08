"""The programs of the Bash world: each takes the file system, its arguments and piped text.

A program returns its output lines and its error lines; wrong options raise :class:`UsageError` (exit code 2).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase

from explorer.experiment.file_system import FileSystem, FileSystemError, Node, name_of, normalised

Lines = tuple[list[str], list[str]]
_MODE_CLAUSE = re.compile(r"([ugoa]*)([-+=])([rwxX]*)\Z")
_OCTAL = re.compile(r"0?[0-7]{3}\Z")
_ACL = re.compile(r"[ugo]:[a-z]*:[rwx-]{1,3}\Z")
_OWNER = re.compile(r"([a-z]*)(?::([a-z]+))?\Z")


class UsageError(Exception):
    """Options or operands a program does not take."""


def _split(arguments: list[str], known: str, least: int = 1) -> tuple[set[str], list[str]]:
    """One-letter flags (``-rf``) and operands."""
    flags: set[str] = set()
    operands: list[str] = []
    for argument in arguments:
        if argument.startswith("-") and len(argument) > 1 and not argument.startswith("--"):
            unknown = [letter for letter in argument[1:] if letter not in known]
            if unknown:
                raise UsageError(f"invalid option -- '{unknown[0]}'")
            flags.update(argument[1:])
        elif argument.startswith("--"):
            raise UsageError(f"unrecognized option '{argument}'")
        else:
            operands.append(argument)
    if len(operands) < least:
        raise UsageError("missing operand")
    return flags, operands


def _each(program: str, operands: list[str], act: Callable[[str], list[str]], verb: str = "") -> Lines:
    """Apply ``act`` to every operand's path, collecting output and errors."""
    output: list[str] = []
    errors: list[str] = []
    for operand in operands:
        try:
            output.extend(act(normalised(operand)))
        except FileSystemError as error:
            errors.append(f"{program}: {verb}{operand}: {error}")
    return output, errors


def _rights(node: Node) -> str:
    bits = "".join(letter if node.mode >> (8 - place) & 1 else "-" for place, letter in enumerate("rwxrwxrwx"))
    return ("d" if node.is_directory else "-") + bits + ("+" if node.acl else "")


def _ls(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    flags, operands = _split(arguments, "lahR1", least=0)

    def line(path: str) -> str:
        node = files.node(path)
        if "l" not in flags:
            return name_of(path)
        return f"{_rights(node)} {node.owner} {node.group} {len(node.content):>5} {node.modified} {name_of(path)}"

    def show(path: str) -> list[str]:
        if not files.node(path).is_directory:
            return [line(path)]
        found = [other for other in files.below(path) if other != path] if "R" in flags else files.children(path)
        return [line(other) for other in found]

    return _each("ls", operands or ["/"], show, "cannot access ")


def _find(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    roots: list[str] = []
    while arguments and not arguments[0].startswith("-"):
        roots.append(arguments[0])
        arguments = arguments[1:]
    pattern, wanted, erase = "*", "", False
    rest = iter(arguments)
    for option in rest:
        if option == "-delete":
            erase = True
            continue
        value = next(rest, None)
        if value is None or option not in ("-name", "-type"):
            raise UsageError(f"unknown predicate `{option}'")
        if option == "-name":
            pattern = value
        else:
            wanted = value

    def walk(root: str) -> list[str]:
        found = [
            path
            for path in files.below(root)
            if fnmatchcase(name_of(path), pattern) and (not wanted or files.nodes[path].is_directory == (wanted == "d"))
        ]
        if erase:
            for path in found:
                files.delete_file(path)
            return []
        return found

    return _each("find", roots or ["/"], walk)


def _grep(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    flags, operands = _split(arguments, "rnilc")
    pattern = operands[0].lower() if "i" in flags else operands[0]

    def hits(text: str, start: str) -> list[str]:
        lines = [
            (number, line)
            for number, line in enumerate(text.splitlines(), 1)
            if pattern in (line.lower() if "i" in flags else line)
        ]
        if "c" in flags:
            return [f"{start}{len(lines)}"]
        if "l" in flags:
            return [start.rstrip(":")] if lines else []
        return [f"{start}{number}:{line}" if "n" in flags else f"{start}{line}" for number, line in lines]

    if len(operands) == 1:
        return hits(piped or "", ""), []

    def search(path: str) -> list[str]:
        node = files.node(path)
        if not node.is_directory:
            return hits(node.content, f"{path}:")
        if "r" not in flags:
            raise FileSystemError("Is a directory")
        inside = [other for other in files.below(path) if not files.nodes[other].is_directory]
        return [line for other in inside for line in hits(files.nodes[other].content, f"{other}:")]

    return _each("grep", operands[1:], search)


def _cat(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    _flags, operands = _split(arguments, "n", least=0)
    if not operands:
        return (piped or "").splitlines(), []

    def show(path: str) -> list[str]:
        if path == "/dev/null":
            return []
        node = files.node(path)
        if node.is_directory:
            raise FileSystemError("Is a directory")
        return node.content.splitlines()

    return _each("cat", operands, show)


def _stat(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    _flags, operands = _split(arguments, "")

    def show(path: str) -> list[str]:
        node = files.node(path)
        return [f"{path} {len(node.content)} bytes {_rights(node)} {node.owner}:{node.group} {node.modified}"]

    return _each("stat", operands, show, "cannot statx ")


def _echo(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    return [" ".join(arguments)], []


def _nothing(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    return [], []


def _mkdir(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    _flags, operands = _split(arguments, "p")

    def make(path: str) -> list[str]:
        files.make_directories(path)
        return []

    return _each("mkdir", operands, make, "cannot create directory ")


def _cp(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    _flags, operands = _split(arguments, "rpa", least=2)
    target = normalised(operands[-1])

    def copy(path: str) -> list[str]:
        node = Node() if path == "/dev/null" else files.node(path)
        if node.is_directory:
            raise FileSystemError("omitting directory")
        place = normalised(f"{target}/{name_of(path)}") if files.is_directory(target) else target
        if place != path:
            files.write(place, replace(node, locked=False))
        return []

    return _each("cp", operands[:-1], copy, "cannot copy ")


def _mv(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    _flags, operands = _split(arguments, "fnv", least=2)
    target = normalised(operands[-1])

    def move(path: str) -> list[str]:
        if target == "/dev/null":
            raise FileSystemError("Operation not permitted")
        files.move(path, target)
        return []

    return _each("mv", operands[:-1], move, "cannot move ")


def _tar(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    """Creating only (``-czf ARCHIVE PATH…``): the archive's content lists what it holds."""
    if len(arguments) < 3 or arguments[0].lstrip("-") not in ("cf", "czf"):
        raise UsageError("You must specify -czf, an archive and what goes into it")
    kept: list[str] = []

    def add(path: str) -> list[str]:
        kept.extend(other for other in files.below(path) if not files.nodes[other].is_directory)
        return []

    output, errors = _each("tar", arguments[2:], add)
    if kept:
        try:
            files.write(normalised(arguments[1]), Node("\n".join(kept) + "\n"))
        except FileSystemError as error:
            errors.append(f"tar: {arguments[1]}: {error}")
    return output, errors


def _chmod(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    recursive = "-R" in arguments
    operands = [argument for argument in arguments if argument != "-R"]
    if len(operands) < 2:
        raise UsageError("missing operand")
    mode = operands[0]
    if not _OCTAL.match(mode) and not all(_MODE_CLAUSE.match(clause) for clause in mode.split(",")):
        raise UsageError(f"invalid mode: '{mode}'")

    def change(path: str) -> list[str]:
        for other in list(files.below(path)) if recursive else [path]:
            node = files.node(other)
            files.change(other, mode=_new_mode(node, mode))
        return []

    return _each("chmod", operands[1:], change, "changing mode of ")


def _new_mode(node: Node, mode: str) -> int:
    if _OCTAL.match(mode):
        return int(mode, 8)
    result = node.mode
    for clause in mode.split(","):
        match = _MODE_CLAUSE.match(clause)
        if match is None:
            continue
        who, sign, rights = match.groups()
        bits = 0
        for letter in rights:
            if letter == "X" and not (node.is_directory or node.mode & 0o111):
                continue
            bits |= {"r": 4, "w": 2, "x": 1, "X": 1}[letter]
        mask = full = 0
        for person, shift in (("u", 6), ("g", 3), ("o", 0)):
            if not who or person in who or "a" in who:
                mask |= bits << shift
                full |= 7 << shift
        result = {"+": result | mask, "-": result & ~mask, "=": (result & ~full) | mask}[sign]
    return result


def _chown(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    flags, operands = _split(arguments, "R", least=2)
    match = _OWNER.match(operands[0])
    if match is None or not operands[0].strip(":"):
        raise UsageError(f"invalid spec: '{operands[0]}'")
    owner, group = match.groups()

    def change(path: str) -> list[str]:
        for other in list(files.below(path)) if "R" in flags else [path]:
            node = files.node(other)
            files.change(other, owner=owner or node.owner, group=group or node.group)
        return []

    return _each("chown", operands[1:], change, "changing ownership of ")


def _setfacl(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    if len(arguments) < 3 or arguments[0] != "-m" or not _ACL.match(arguments[1]):
        raise UsageError("usage: setfacl -m ENTRY FILE…")

    def change(path: str) -> list[str]:
        node = files.node(path)
        files.change(path, acl=tuple(sorted({*node.acl, arguments[1]})))
        return []

    return _each("setfacl", arguments[2:], change)


def _rm(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    flags, operands = _split(arguments, "rRfv")

    def erase(path: str) -> list[str]:
        if path not in files.nodes and "f" in flags:
            return []
        if flags & {"r", "R"}:
            files.delete_tree(path)
        else:
            files.delete_file(path)
        return []

    return _each("rm", operands, erase, "cannot remove ")


COMMANDS: dict[str, Callable[[FileSystem, list[str], str | None], Lines]] = {
    "ls": _ls, "find": _find, "grep": _grep, "cat": _cat, "stat": _stat, "echo": _echo,
    ":": _nothing, "true": _nothing, "mkdir": _mkdir, "cp": _cp, "mv": _mv, "tar": _tar,
    "chmod": _chmod, "chown": _chown, "setfacl": _setfacl, "rm": _rm,
}  # fmt: skip
