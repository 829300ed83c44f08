"""Shell builtins and the few programs whose output or state matters while a script is read."""

from __future__ import annotations

import re
from collections.abc import Callable

from explorer.analysis.effects.shared.folders import UNKNOWN_FOLDER, entered, has_failed
from explorer.analysis.effects.shell.listing import MAX_VALUES, marks_of, one_of
from explorer.analysis.effects.shell.literal import OPAQUE_OUTPUT, Listing, Output, echo_text, printf_text
from explorer.analysis.effects.shell.redirect import cron_commands
from explorer.analysis.effects.shell.run import Frame, Run, emit
from explorer.analysis.effects.shell.types import FOUND, LISTED, OPAQUE, UNSEEN, SimpleCommand
from explorer.model.effect import EffectKind

Builtin = Callable[[Run, Frame, SimpleCommand, Output | None], Output | None]
"""Classifies a call; None = leave it to the rules."""

_NOTHING = Output("", "literal")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=(.*)", re.DOTALL)


def _quiet(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output:
    emit(run, frame, EffectKind.NONE, command.span, rule="shell.builtin")
    return _NOTHING


def _hidden(command: SimpleCommand) -> bool:
    return bool(command.marks) and any(mark & UNSEEN for mark in command.marks)


def _echo(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output:
    emit(run, frame, EffectKind.NONE, command.span, rule="shell.print")
    if _hidden(command):
        return _repeated(command)
    return Output(echo_text(command.argv[1:]), "literal", _verbatim(frame, command))


def _repeated(command: SimpleCommand) -> Output:
    """What is printed of words that stand for a list, as a list."""
    words = [(word, mark) for word, mark in zip(command.argv[1:], command.marks[1:], strict=True) if word[:1] != "-"]
    if not words or not all(mark & LISTED and not mark & OPAQUE for _, mark in words):
        return OPAQUE_OUTPUT
    exact = not any(mark & FOUND for _, mark in words)
    return Output(None, listing=Listing(tuple(word for word, _ in words[:MAX_VALUES]), exact))


def _verbatim(frame: Frame, command: SimpleCommand) -> int | None:
    """Where the only word that echo prints stands in the original, unchanged."""
    if len(command.argv) != 2 or not command.places or frame.base is None:
        return None
    start, end = command.places[1]
    value = command.argv[1]
    for inset in (0, 1):
        if frame.text[start + inset : end - inset] == value:
            return frame.base + start + inset
    return None


def _printf(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output:
    emit(run, frame, EffectKind.NONE, command.span, rule="shell.print")
    argv = command.argv
    if argv[1:2] == ("-v",) and len(argv) > 3:
        run.state.assign(argv[2], None if _hidden(command) else printf_text(argv[3:]))
        return _NOTHING
    text = None if _hidden(command) else printf_text(argv[1:])
    return OPAQUE_OUTPUT if text is None else Output(text, "literal")


def _cat(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output:
    emit(run, frame, EffectKind.READ, command.span, rule="shell.cat")
    operands = [word for word in command.argv[1:] if not word.startswith("-") or word == "-"]
    if not operands or operands == ["-"]:
        if stdin is None:
            return OPAQUE_OUTPUT
        options = [word for word in command.argv[1:] if word.startswith("-") and word != "-"]
        return Output(None, stdin.origin) if options else stdin
    if all(word == "/dev/null" for word in operands):
        return _NOTHING
    texts = [run.state.files.get(word.removeprefix("./")) for word in operands]
    known = [text for text in texts if text is not None]
    return Output("".join(known), "literal") if len(known) == len(texts) else OPAQUE_OUTPUT


def _cd(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output:
    emit(run, frame, EffectKind.NONE, command.span, rule="shell.cd")
    operands = [word for word in command.argv[1:] if not word.startswith("-") or word == "-"]
    state = run.state
    if command.connector == "||":
        # Entered only if what stands before failed, which is the exception.
        return _NOTHING
    if command.argv[0] == "pushd":
        state.stack.append(state.cwd)
    if not operands:
        folder = "~"
    elif operands == ["-"]:
        folder = state.before
    else:
        # A loop's variable holds all its values at once: which of them is meant changes from turn to turn.
        folder = entered(state.cwd, operands[0]) if len(operands) == 1 else UNKNOWN_FOLDER
    state.enter(folder, fails=has_failed(operands[0] if operands else "~", state.failed, hidden=_hidden(command)))
    return _NOTHING


def _popd(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output:
    emit(run, frame, EffectKind.NONE, command.span, rule="shell.builtin")
    run.state.enter(run.state.stack.pop() if run.state.stack else UNKNOWN_FOLDER)
    return _NOTHING


def _eval(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output:
    text = " ".join(word for word in command.argv[1:] if word != "--")
    if not text:
        return _quiet(run, frame, command, stdin)
    base = _verbatim(frame, command)
    return run.run_text(run, frame.within(text, base, command.span, "eval"), stdin)


def _source(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output:
    if len(command.argv) < 2:
        return _quiet(run, frame, command, stdin)
    path = command.argv[1]
    output = run.outputs.get(path)
    if path in ("/dev/stdin", "-") and stdin is not None:
        output = stdin
    text = output.text if output is not None else run.state.files.get(path.removeprefix("./"))
    if text is not None:
        return run.run_text(run, frame.within(text, None, command.span, f"source {path[:80]}"), None)
    remote = output is not None and output.origin in ("remote", "decoded")
    kind = EffectKind.EXEC_REMOTE if remote else EffectKind.EXEC_OPAQUE
    emit(run, frame, kind, command.span, rule="shell.source", target=("path", path))
    return OPAQUE_OUTPUT


def _alias(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output:
    for word in command.argv[1:]:
        match = _ASSIGNMENT.fullmatch(word) or re.fullmatch(r"([\w.!@%:+-]+)=(.*)", word, re.DOTALL)
        if match and len(run.state.aliases) < 500:
            run.state.aliases[match[1]] = match[2]
    return _quiet(run, frame, command, stdin)


def _declare(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output:
    for word in command.argv[1:]:
        match = _ASSIGNMENT.fullmatch(word)
        if match:
            run.state.assign(match[1], None if "$" in match[2] else match[2])
    return _quiet(run, frame, command, stdin)


def _trap(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output:
    argv = [word for word in command.argv[1:] if word not in ("--", "-l", "-p")]
    if len(argv) >= 2 and argv[0] not in ("-", ""):
        run.run_text(run, frame.within(argv[0], None, command.span, "trap", deferred=True), None)
    return _quiet(run, frame, command, stdin)


def _read(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output:
    names = [word for word in command.argv[1:] if re.fullmatch(r"[A-Za-z_]\w*", word)]
    text = stdin.text if stdin is not None else None
    if len(names) == 1 and stdin is not None:
        lines = (
            [line for line in text.split("\n") if line.strip()]
            if text is not None and 1 < text.strip().count("\n") + 1 <= MAX_VALUES
            else []
        )
        fed = stdin.listing or (Listing(tuple(lines), True) if lines else None)
        if fed is not None:
            run.state.assign_pattern(names[0], one_of(fed.places), marks_of(fed))
            return _quiet(run, frame, command, stdin)
    for place, name in enumerate(names):
        value: str | None = None
        if text is not None and text.count("\n") <= 1:
            parts = text.strip("\n").split(None, len(names) - 1)
            value = parts[place] if place < len(parts) else ""
        run.state.assign(name, value)
    return _quiet(run, frame, command, stdin)


def _crontab(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output | None:
    operands = [word for word in command.argv[1:] if not word.startswith("-") or word == "-"]
    if stdin is not None and stdin.text is not None and (operands == ["-"] or not operands):
        run.run_text(run, frame.within(cron_commands(stdin.text), None, command.span, "crontab", deferred=True), None)
    elif operands and operands[-1].removeprefix("./") in run.state.files:
        text = cron_commands(run.state.files[operands[-1].removeprefix("./")])
        run.run_text(run, frame.within(text, None, command.span, "crontab", deferred=True), None)
    return None


def _at(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output | None:
    if stdin is not None and stdin.text is not None:
        run.run_text(run, frame.within(stdin.text, stdin.base, command.span, command.argv[0], deferred=True), None)
    return None


def _here(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output:
    emit(run, frame, EffectKind.READ, command.span, rule="shell.test")
    return _NOTHING


BUILTINS: dict[str, Builtin] = {
    "echo": _echo,
    "printf": _printf,
    "cat": _cat,
    "cd": _cd,
    "pushd": _cd,
    "popd": _popd,
    "chdir": _cd,
    "eval": _eval,
    "source": _source,
    ".": _source,
    "alias": _alias,
    "export": _declare,
    "declare": _declare,
    "local": _declare,
    "readonly": _declare,
    "typeset": _declare,
    "trap": _trap,
    "read": _read,
    "crontab": _crontab,
    "at": _at,
    "batch": _at,
    "test": _here,
    "[": _here,
    "[[": _here,
    **dict.fromkeys(
        (
            ":", "true", "false", "exit", "return", "break", "continue", "shift", "set", "shopt", "wait", "unalias",
            "getopts", "umask", "ulimit", "bind", "complete", "compgen", "compopt", "enable", "let", "unset",
            "mapfile", "readarray", "bg", "fg", "disown", "logout", "hash", "times", "dirs", "suspend", "caller",
            "setopt", "unsetopt", "emulate", "autoload", "zmodload", "sleep",
        ),
        _quiet,
    ),
}  # fmt: skip
"""Names the shell itself answers to."""
