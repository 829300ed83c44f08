"""What the programs of the Bash world have in common: options, operands, output and error lines."""

from __future__ import annotations

from collections.abc import Callable

from explorer.experiment.file_system import FileSystem, FileSystemError, normalised

Lines = tuple[list[str], list[str]]
"""Output lines and error lines of a program."""

Program = Callable[[FileSystem, list[str], str | None], Lines]
"""From the file system, the arguments and piped text; wrong options raise :class:`UsageError` (exit code 2)."""


class UsageError(Exception):
    """Options or operands a program does not take."""


def split_options(arguments: list[str], known: str, least: int = 1) -> tuple[set[str], list[str]]:
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


def each_operand(program: str, operands: list[str], act: Callable[[str], list[str]], verb: str = "") -> Lines:
    """Apply ``act`` to every operand's path, collecting output and errors."""
    output: list[str] = []
    errors: list[str] = []
    for operand in operands:
        try:
            output.extend(act(normalised(operand)))
        except FileSystemError as error:
            errors.append(f"{program}: {verb}{operand}: {error}")
    return output, errors
