"""The programs of the Bash world that look at files and change them."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase

from explorer.experiment.file_system import FileSystem, FileSystemError, Node, name_of, normalised
from explorer.experiment.permission_commands import PERMISSION_COMMANDS
from explorer.experiment.programs import Lines, Program, UsageError, each_operand, split_options


def _rights(node: Node) -> str:
    bits = "".join(letter if node.mode >> (8 - place) & 1 else "-" for place, letter in enumerate("rwxrwxrwx"))
    return ("d" if node.is_directory else "-") + bits + ("+" if node.acl else "")


def _ls(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    flags, operands = split_options(arguments, "lahR1", least=0)

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

    return each_operand("ls", operands or ["/"], show, "cannot access ")


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

    return each_operand("find", roots or ["/"], walk)


def _grep(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    flags, operands = split_options(arguments, "rnilc")
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

    return each_operand("grep", operands[1:], search)


def _cat(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    _flags, operands = split_options(arguments, "n", least=0)
    if not operands:
        return (piped or "").splitlines(), []

    def show(path: str) -> list[str]:
        if path == "/dev/null":
            return []
        node = files.node(path)
        if node.is_directory:
            raise FileSystemError("Is a directory")
        return node.content.splitlines()

    return each_operand("cat", operands, show)


def _stat(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    _flags, operands = split_options(arguments, "")

    def show(path: str) -> list[str]:
        node = files.node(path)
        return [f"{path} {len(node.content)} bytes {_rights(node)} {node.owner}:{node.group} {node.modified}"]

    return each_operand("stat", operands, show, "cannot statx ")


def _echo(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    return [" ".join(arguments)], []


def _nothing(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    return [], []


def _mkdir(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    _flags, operands = split_options(arguments, "p")

    def make(path: str) -> list[str]:
        files.make_directories(path)
        return []

    return each_operand("mkdir", operands, make, "cannot create directory ")


def _cp(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    _flags, operands = split_options(arguments, "rpa", least=2)
    target = normalised(operands[-1])

    def copy(path: str) -> list[str]:
        node = Node() if path == "/dev/null" else files.node(path)
        if node.is_directory:
            raise FileSystemError("omitting directory")
        place = normalised(f"{target}/{name_of(path)}") if files.is_directory(target) else target
        if place != path:
            files.write(place, replace(node, locked=False))
        return []

    return each_operand("cp", operands[:-1], copy, "cannot copy ")


def _mv(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    _flags, operands = split_options(arguments, "fnv", least=2)
    target = normalised(operands[-1])

    def move(path: str) -> list[str]:
        if target == "/dev/null":
            raise FileSystemError("Operation not permitted")
        files.move(path, target)
        return []

    return each_operand("mv", operands[:-1], move, "cannot move ")


def _tar(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    """Creating only (``-czf ARCHIVE PATH…``): the archive's content lists what it holds."""
    if len(arguments) < 3 or arguments[0].lstrip("-") not in ("cf", "czf"):
        raise UsageError("You must specify -czf, an archive and what goes into it")
    kept: list[str] = []

    def add(path: str) -> list[str]:
        kept.extend(other for other in files.below(path) if not files.nodes[other].is_directory)
        return []

    output, errors = each_operand("tar", arguments[2:], add)
    if kept:
        try:
            files.write(normalised(arguments[1]), Node("\n".join(kept) + "\n"))
        except FileSystemError as error:
            errors.append(f"tar: {arguments[1]}: {error}")
    return output, errors


def _rm(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    flags, operands = split_options(arguments, "rRfv")

    def erase(path: str) -> list[str]:
        if path not in files.nodes and "f" in flags:
            return []
        if flags & {"r", "R"}:
            files.delete_tree(path)
        else:
            files.delete_file(path)
        return []

    return each_operand("rm", operands, erase, "cannot remove ")


COMMANDS: dict[str, Program] = {
    "ls": _ls, "find": _find, "grep": _grep, "cat": _cat, "stat": _stat, "echo": _echo,
    ":": _nothing, "true": _nothing, "mkdir": _mkdir, "cp": _cp, "mv": _mv, "tar": _tar, "rm": _rm,
    **PERMISSION_COMMANDS,
}  # fmt: skip
