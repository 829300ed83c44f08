"""A small Bash: splits a command line into words, runs it over the simulated file system, returns text and code.

It knows quoting, ``;``, ``&&``, ``||``, pipes, ``>``, ``>>`` and globs; what it does not know it refuses with a
syntax error. Any text gives a defined result in linear time.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import NamedTuple

from explorer.experiment.commands import COMMANDS
from explorer.experiment.file_system import FileSystem, FileSystemError, Node, name_of, normalised, parent_of
from explorer.experiment.programs import UsageError

_TOKEN = re.compile(
    r"""[ \t]+ | (?P<operator>&&|\|\||>>|[;|>\n]) | (?P<word>(?:[^\s;&|<>'"\\()`$\#]|\\.|'[^']*'|"[^"\\$`]*")+)""",
    re.VERBOSE,
)
_PIECE = re.compile(r"""'([^']*)'|"([^"]*)"|\\(.)|([^'"\\]+)""", re.DOTALL)
_SEPARATORS = frozenset({";", "&&", "||", "|", "\n"})
_LONGEST = 20_000


class Result(NamedTuple):
    """Standard output and error together, and the exit code."""

    text: str
    code: int


class Word(NamedTuple):
    """A word after unquoting; ``pattern`` = it holds an unquoted glob character."""

    text: str
    pattern: bool


class _SyntaxError(Exception):
    """The line is not one this shell reads."""


def run_line(files: FileSystem, line: str) -> Result:
    """Run one command line; never raises."""
    try:
        tokens = _tokens(line)
        commands = _commands(tokens)
    except _SyntaxError as error:
        return Result(f"bash: syntax error near unexpected token `{error}'", 2)
    output: list[str] = []
    code = 0
    piped = ""
    for before, words, redirects in commands:
        if (before == "&&" and code != 0) or (before == "||" and code == 0):
            continue
        text, errors, code = _run(files, words, redirects, piped if before == "|" else None)
        if before == "|" and output:
            output.pop()
        output.append(text)
        piped = text
        if errors:
            output.insert(len(output) - 1, errors)
    return Result("\n".join(part for part in output if part), code)


def _tokens(line: str) -> list[str | Word]:
    if len(line) > _LONGEST:
        raise _SyntaxError("a line that is too long")
    tokens: list[str | Word] = []
    at = 0
    while at < len(line):
        match = _TOKEN.match(line, at)
        if match is None:
            raise _SyntaxError(line[at])
        at = match.end()
        if match.lastgroup == "operator":
            tokens.append(match["operator"])
        elif match.lastgroup == "word":
            tokens.append(_word(match["word"]))
    return tokens


def _word(raw: str) -> Word:
    text: list[str] = []
    pattern = False
    for single, double, escaped, plain in _PIECE.findall(raw):
        text.append(single or double or escaped or plain)
        pattern = pattern or any(sign in plain for sign in "*?")
    return Word("".join(text), pattern)


_Command = tuple[str, list[Word], list[tuple[str, Word]]]


def _commands(tokens: list[str | Word]) -> list[_Command]:
    """(what stands before it, its words, its redirections), in order."""
    found: list[_Command] = []
    before, words, redirects = "", list[Word](), list[tuple[str, Word]]()
    pending: str | None = None
    for token in [*tokens, ";"]:
        if isinstance(token, Word):
            if pending is None:
                words.append(token)
            else:
                redirects.append((pending, token))
                pending = None
        elif pending is not None:
            raise _SyntaxError(token)
        elif token in _SEPARATORS:
            if words or redirects:
                found.append((before, words, redirects))
            elif token in ("&&", "||", "|"):
                raise _SyntaxError(token)
            before, words, redirects = token, [], []
        else:
            pending = token
    return found


def _expanded(files: FileSystem, words: list[Word]) -> list[str]:
    """Globs resolved; a pattern that matches nothing stays as written."""
    result: list[str] = []
    for word in words:
        matches: list[str] = []
        folder = parent_of(normalised(word.text))
        if word.pattern and files.is_directory(folder):
            pattern = name_of(normalised(word.text))
            matches = [path for path in files.children(folder) if fnmatchcase(name_of(path), pattern)]
        result.extend(matches or [word.text])
    return result


def _run(
    files: FileSystem, words: list[Word], redirects: list[tuple[str, Word]], piped: str | None
) -> tuple[str, str, int]:
    """Output, errors and exit code of one simple command; output that is redirected goes to its file."""
    for operator, target in redirects:
        path = normalised(target.text)
        try:
            _open(files, operator, path)
        except FileSystemError as error:
            return "", f"bash: {target.text}: {error}", 1
    arguments = _expanded(files, words)
    output: list[str] = []
    errors: list[str] = []
    code = 0
    if arguments:
        program = name_of(normalised(arguments[0])) if "/" in arguments[0] else arguments[0]
        command = COMMANDS.get(program)
        if command is None:
            return "", f"bash: {arguments[0]}: command not found", 127
        try:
            output, errors = command(files, arguments[1:], piped)
            code = 1 if errors else 0
        except UsageError as error:
            errors, code = [f"{program}: {error}"], 2
    text = "\n".join(output)
    if redirects and text:
        path = normalised(redirects[-1][1].text)
        if path != "/dev/null":
            files.change(path, content=files.node(path).content + text + "\n")
        text = ""
    return ("" if redirects else text), "\n".join(errors), code


def _open(files: FileSystem, operator: str, path: str) -> None:
    """What the shell does for ``>`` and ``>>`` before the command starts: create the file, or empty it."""
    if path == "/dev/null":
        return
    old = files.nodes.get(path)
    if old is None:
        files.write(path, Node())
    elif old.is_directory:
        raise FileSystemError("Is a directory")
    else:
        files.change(path, content="" if operator == ">" else old.content)
