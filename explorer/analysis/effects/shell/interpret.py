"""Programs that run code: shells, languages, database clients. Finds the code, or says that it is not visible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from explorer.analysis.effects.databases.mongo import classify_mongo
from explorer.analysis.effects.rules.types import Interpreter
from explorer.analysis.effects.shared.folders import located
from explorer.analysis.effects.shell.literal import OPAQUE_OUTPUT, Output
from explorer.analysis.effects.shell.run import Frame, Run, emit
from explorer.analysis.effects.shell.types import LISTED, OPAQUE, SimpleCommand
from explorer.model.effect import EffectKind, Span

_SHELL_VALUED = frozenset({"-o", "+o", "-O", "+O", "--rcfile", "--init-file"})
_LISTERS = frozenset({"xargs", "parallel"})
_PLACEHOLDERS = frozenset({"{}", "$1", "$@", "$0", "$*", '"$@"', "%", "$SHELL", ""})
_QUERIES = frozenset({"sql", "mongo", "redis", "cql", "influx"})


class _Found(NamedTuple):
    """Where code was found on a command line: (word, place of the word) and scripts, modules, operands."""

    code: list[tuple[str, int]]
    files: list[str]
    module: int
    operands: list[int]
    read_only: bool
    in_place: bool


def interpret(
    run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None, interpreter: Interpreter
) -> Output | None:
    """Classify a call of an interpreter; None = the rules know better (help, a tool of that name)."""
    if interpreter.language == "shell":
        folder = run.state.cwd
        output = _shell(run, frame, command, stdin)
        run.state.cwd, run.state.fallback = folder, None
        return output
    words = command.argv
    if any(word in ("--help", "--version", "-V", "-version") for word in words[1:3]):
        emit(run, frame, EffectKind.READ, command.span, rule="shell.help")
        return OPAQUE_OUTPUT
    found = _scan(words, interpreter)
    if found.read_only:
        emit(run, frame, EffectKind.READ, command.span, rule=f"{interpreter.name}.read-only")
        return OPAQUE_OUTPUT
    label = words[0]
    if found.module:
        return _module(run, frame, command, found.module, stdin)
    code = list(found.code)
    if interpreter.positional >= 0 and not code and len(found.operands) > interpreter.positional:
        code = [(words[at], at) for at in found.operands[interpreter.positional :]]
    if interpreter.language == "redis":
        return _redis(run, frame, command, stdin, bool(found.operands))
    if code:
        for text, at in code:
            _embedded(
                run,
                frame,
                command,
                interpreter.language,
                text,
                at,
                f"{label} {words[at - 1]}" if at > 1 and words[at - 1].startswith("-") else label,
            )
        if found.in_place:
            for at in found.operands:
                emit(
                    run,
                    frame,
                    EffectKind.MODIFY,
                    command.span,
                    rule=f"{interpreter.name}.in-place",
                    target=("path", words[at]),
                )
        return OPAQUE_OUTPUT
    scripts = found.files or ([words[at] for at in found.operands[:1]] if interpreter.file else [])
    if scripts and scripts != ["-"]:
        for path in scripts:
            _script(run, frame, command, interpreter, path, label)
        return OPAQUE_OUTPUT
    if stdin is not None and interpreter.stdin:
        _stdin(run, frame, command, interpreter, stdin, label)
        return OPAQUE_OUTPUT
    emit(
        run,
        frame,
        EffectKind.READ if interpreter.language in _QUERIES else EffectKind.NONE,
        command.span,
        rule=f"{interpreter.name}.interactive",
    )
    return OPAQUE_OUTPUT


def _scan(words: Sequence[str], interpreter: Interpreter) -> _Found:
    code: list[tuple[str, int]] = []
    files: list[str] = []
    operands: list[int] = []
    read_only = in_place = False
    codes, valued, file_opts = interpreter.code_opts, interpreter.value_opts, interpreter.file_opts
    place, n = 1, len(words)
    while place < n:
        word = words[place]
        place += 1
        if not word.startswith("-") or word == "-":
            operands.append(place - 1)
            if interpreter.file and not code:
                break
            continue
        if word == "--":
            operands.extend(range(place, n))
            break
        name, equals, value = word.partition("=")
        if name in interpreter.read_opts:
            read_only = True
        elif name in interpreter.module_opts and place < n:
            return _Found(code, files, place, operands, read_only, in_place)
        elif name in codes:
            if equals:
                code.append((value, place - 1))
            elif place < n:
                code.append((words[place], place))
                place += 1
        elif name in file_opts:
            files.append(value if equals else words[place] if place < n else "")
            place += not equals
        elif name in valued:
            place += not equals
        elif not word.startswith("--"):
            place, in_place = _cluster(words, word, place, interpreter, code, files, in_place)
    return _Found(code, files, 0, operands, read_only, in_place)


def _cluster(
    words: Sequence[str],
    word: str,
    place: int,
    interpreter: Interpreter,
    code: list[tuple[str, int]],
    files: list[str],
    in_place: bool,
) -> tuple[int, bool]:
    """Letters after one dash: ``-ne CODE``, ``-pi.bak``, ``-fFILE``."""
    for at in range(1, min(len(word), 10)):
        letter = "-" + word[at]
        rest = word[at + 1 :]
        taken = letter in interpreter.code_opts or letter in interpreter.value_opts or letter in interpreter.file_opts
        if letter == "-i" and not taken:
            in_place = True
            if rest.startswith("."):
                break
        if not taken:
            continue
        value, where = (rest, place - 1) if rest else (words[place] if place < len(words) else "", place)
        place += not rest
        if letter in interpreter.code_opts and value:
            code.append((value, min(where, len(words) - 1)))
        elif letter in interpreter.file_opts:
            files.append(value)
        break
    return place, in_place


def _redis(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None, given: bool) -> Output | None:
    """Commands of a key-value store: words for the rules, one command a line of input."""
    if given or stdin is None:
        return None
    if stdin.text is None:
        _unseen(run, frame, command, stdin, command.argv[0])
        return OPAQUE_OUTPUT
    for line in stdin.text.split("\n")[:64]:
        if line.strip():
            words = (command.argv[0], *line.split()[:64])
            run.run_command(run, frame, command._replace(argv=words, marks=(), places=(), assigns=()), None)
    return OPAQUE_OUTPUT


def _module(run: Run, frame: Frame, command: SimpleCommand, at: int, stdin: Output | None) -> Output:
    """``python -m NAME …``: as if NAME were the program, where the rules know it."""
    name = command.argv[at]
    if not run.rules.knows(name):
        emit(run, frame, EffectKind.EXEC_OPAQUE, command.span, rule="module", target=("module", name))
        return OPAQUE_OUTPUT
    inner = command._replace(argv=command.argv[at:], marks=command.marks[at:], places=command.places[at:], assigns=())
    return run.run_command(run, frame.inside(f"{command.argv[0]} -m"), inner, stdin)


def _place(frame: Frame, command: SimpleCommand, at: int, text: str) -> int | None:
    """Where the text of a word stands in the original, where it stands there unchanged."""
    if frame.base is None or at >= len(command.places):
        return None
    start, end = command.places[at]
    found = frame.text.find(text, start, end) if text else -1
    return None if found < 0 else frame.base + found


def _embedded(run: Run, frame: Frame, command: SimpleCommand, language: str, text: str, at: int, label: str) -> None:
    mark = command.marks[at] if at < len(command.marks) else 0
    hidden = mark & OPAQUE and text.strip().startswith(("$", "`", "<("))
    if (hidden or mark & LISTED) and " " not in text.strip().strip("$(){}`\"'"):
        _unseen(run, frame, command, run.outputs.get(text, OPAQUE_OUTPUT), label)
        return
    hand_over(run, frame, language, text, _place(frame, command, at, text), command.span, label)


def hand_over(run: Run, frame: Frame, language: str, text: str, base: int | None, span: Span, label: str) -> None:
    """Classify code of another language, or record that it was not looked at."""
    if text.strip() in _PLACEHOLDERS or not run.spend(len(text)):
        emit(run, frame, EffectKind.EXEC_OPAQUE, span, rule="code", target=("code", language))
        return
    embedded = (lambda _, code: classify_mongo(code)) if language == "mongo" else run.embedded
    if embedded is None:
        emit(run, frame, EffectKind.EXEC_OPAQUE, span, rule="code", target=("code", language), note=f"{language} code")
        return
    for effect in embedded(language, text):
        inner = effect.span
        place = span if base is None or inner is None else Span(base + inner.start, base + inner.end)
        target = located(effect.target, run.state.cwd)
        changed = replace(
            effect,
            target=target,
            via=(*frame.via, label, *effect.via),
            span=place,
            severity=min(4, effect.severity + (frame.privilege and effect.severity > 0)),
            confidence=round(effect.confidence * frame.confidence, 3),
            deferred=effect.deferred or frame.deferred,
        )
        run.effects.setdefault((effect.kind, target, effect.rule, changed.deferred, changed.via), changed)


def _script(run: Run, frame: Frame, command: SimpleCommand, interpreter: Interpreter, path: str, label: str) -> None:
    output = run.outputs.get(path)
    text = output.text if output is not None else run.state.files.get(path.removeprefix("./"))
    if text is not None:
        written = replace(frame, note=f"{path} is written in the same command")
        hand_over(run, written, interpreter.language, text, None, command.span, f"{label} {path[:80]}")
        return
    remote = path.startswith(("http://", "https://")) or (output is not None and output.origin in ("remote", "decoded"))
    kind = EffectKind.EXEC_REMOTE if remote else EffectKind.EXEC_OPAQUE
    emit(run, frame, kind, command.span, rule="script", target=("path", path))


def _stdin(run: Run, frame: Frame, command: SimpleCommand, interpreter: Interpreter, stdin: Output, label: str) -> None:
    if stdin.text is not None:
        hand_over(run, frame, interpreter.language, stdin.text, stdin.base, command.span, f"{label} <")
        return
    _unseen(run, frame, command, stdin, label)


def _unseen(run: Run, frame: Frame, command: SimpleCommand, output: Output, label: str) -> None:
    kind = EffectKind.EXEC_REMOTE if output.origin in ("remote", "decoded") else EffectKind.EXEC_OPAQUE
    emit(run, frame, kind, command.span, rule="code-from-input", target=("code", label), scope="unknown")


def _shell(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output:
    """``sh -c TEXT``, ``bash SCRIPT``, ``… | bash``."""
    words = command.argv
    label = words[0]
    place, n = 1, len(words)
    given = False
    while place < n:
        word = words[place]
        if word == "--" or word == "-":
            place += 1
            break
        if word[:1] not in "-+" or len(word) < 2:
            break
        if word in ("--version", "--help", "-n", "--dump-strings") and not given:
            emit(run, frame, EffectKind.READ, command.span, rule="shell.help")
            return OPAQUE_OUTPUT
        place += 1
        if word in _SHELL_VALUED or (word[-1:] == "o" and len(word) > 2 and word[1] != "-"):
            place += 1
        elif word in ("--command",) or (word[1] != "-" and word[0] == "-" and "c" in word):
            given = True
        elif word.startswith("--command="):
            return _shell_text(run, frame, command, place - 1, word.partition("=")[2], label, stdin)
    if given:
        if place >= n:
            if frame.glob_driven:
                _unseen(run, frame, command, OPAQUE_OUTPUT, label)
            else:
                emit(run, frame, EffectKind.NONE, command.span, rule="shell.no-code")
            return OPAQUE_OUTPUT
        return _shell_text(run, frame, command, place, words[place], f"{label} -c", stdin)
    if place < n and "-s" not in words[1:place]:
        return _shell_script(run, frame, command, words[place], label)
    if stdin is not None:
        if stdin.text is not None:
            return run.run_text(run, frame.within(stdin.text, stdin.base, command.span, f"{label} <"), None)
        _unseen(run, frame, command, stdin, label)
        return OPAQUE_OUTPUT
    emit(run, frame, EffectKind.NONE, command.span, rule="shell.interactive")
    return OPAQUE_OUTPUT


def _shell_text(
    run: Run, frame: Frame, command: SimpleCommand, at: int, text: str, label: str, stdin: Output | None
) -> Output:
    mark = command.marks[at] if at < len(command.marks) else 0
    if (
        text.strip() in _PLACEHOLDERS
        or (mark & OPAQUE and text in run.outputs)
        or (mark & LISTED and " " not in text.strip())
    ):
        _unseen(run, frame, command, run.outputs.get(text, OPAQUE_OUTPUT), label)
        return OPAQUE_OUTPUT
    state = run.state
    before = {key: state.variables.get(key) for key in ("0", "1", "2", "3", "@")}
    rest = command.argv[at + 1 :]
    for number in range(4):
        if number < len(rest):
            state.variables[str(number)] = rest[number]
    # Of what a list hands over one word stands for many, of which the first is the script's own name.
    handed = rest if len(rest) == 1 and not _LISTERS.isdisjoint(frame.via) else rest[1:]
    state.variables["@"] = " ".join(handed)
    output = run.run_text(run, frame.within(text, _place(frame, command, at, text), command.span, label), stdin)
    for key, value in before.items():
        if value is None:
            state.variables.pop(key, None)
        else:
            state.variables[key] = value
    return output


def _shell_script(run: Run, frame: Frame, command: SimpleCommand, path: str, label: str) -> Output:
    output = run.outputs.get(path)
    text = output.text if output is not None else run.state.files.get(path.removeprefix("./"))
    if text is not None:
        inner = frame.within(
            text, None, command.span, f"{label} {path[:80]}", note=f"{path[:80]} is written in the same command"
        )
        return run.run_text(run, inner, None)
    remote = output is not None and output.origin in ("remote", "decoded")
    kind = EffectKind.EXEC_REMOTE if remote else EffectKind.EXEC_OPAQUE
    emit(run, frame, kind, command.span, rule="script", target=("path", path))
    return OPAQUE_OUTPUT
