"""chmod, chown and setfacl of the Bash world."""

from __future__ import annotations

import re

from explorer.experiment.file_system import FileSystem, Node
from explorer.experiment.programs import Lines, Program, UsageError, each_operand, split_options

_MODE_CLAUSE = re.compile(r"([ugoa]*)([-+=])([rwxX]*)\Z")
_OCTAL = re.compile(r"0?[0-7]{3}\Z")
_ACL = re.compile(r"[ugo]:[a-z]*:[rwx-]{1,3}\Z")
_OWNER = re.compile(r"([a-z]*)(?::([a-z]+))?\Z")


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

    return each_operand("chmod", operands[1:], change, "changing mode of ")


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
    flags, operands = split_options(arguments, "R", least=2)
    match = _OWNER.match(operands[0])
    if match is None or not operands[0].strip(":"):
        raise UsageError(f"invalid spec: '{operands[0]}'")
    owner, group = match.groups()

    def change(path: str) -> list[str]:
        for other in list(files.below(path)) if "R" in flags else [path]:
            node = files.node(other)
            files.change(other, owner=owner or node.owner, group=group or node.group)
        return []

    return each_operand("chown", operands[1:], change, "changing ownership of ")


def _setfacl(files: FileSystem, arguments: list[str], piped: str | None) -> Lines:
    if len(arguments) < 3 or arguments[0] != "-m" or not _ACL.match(arguments[1]):
        raise UsageError("usage: setfacl -m ENTRY FILE…")

    def change(path: str) -> list[str]:
        node = files.node(path)
        files.change(path, acl=tuple(sorted({*node.acl, arguments[1]})))
        return []

    return each_operand("setfacl", arguments[2:], change)


PERMISSION_COMMANDS: dict[str, Program] = {"chmod": _chmod, "chown": _chown, "setfacl": _setfacl}
