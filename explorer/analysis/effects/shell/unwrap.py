"""Programs that run another command: sudo, env, timeout, ssh, docker exec …"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from explorer.analysis.effects.rules.types import RuleSet, Wrapper
from explorer.analysis.effects.shared.folders import ELSEWHERE
from explorer.analysis.effects.shell.literal import OPAQUE_OUTPUT, Output
from explorer.analysis.effects.shell.run import MAX_DEPTH, Frame, Run, emit
from explorer.analysis.effects.shell.types import SimpleCommand
from explorer.model.effect import EffectKind

_ASSIGNMENT = re.compile(r"[A-Za-z_][\w.-]*\+?=")
_NONE: frozenset[str] = frozenset()
_IN_THIS_SHELL = frozenset({"command", "builtin", "exec", "time", "noglob", "exclamation"})
"""Wrappers that start no process of its own: a ``cd`` behind them lasts."""


def unwrap(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None, name: str) -> Output | None:
    """Classify what a wrapper runs; None = this call of the program runs nothing else."""
    for wrapper in run.rules.wrappers[name]:
        if wrapper.modules and not _runs_module(command.argv, wrapper.modules):
            continue
        start = _sub_end(run.rules, wrapper, command.argv, name)
        if start is None:
            continue
        if wrapper.name in _IN_THIS_SHELL:
            return _inner(run, frame, command, stdin, wrapper, start)
        state = run.state
        folder = state.cwd
        if wrapper.remote or name in ELSEWHERE:
            state.cwd = ""
        output = _inner(run, frame, command, stdin, wrapper, start)
        state.cwd, state.fallback = folder, None
        return output
    return None


def _runs_module(argv: Sequence[str], modules: frozenset[str]) -> bool:
    """Whether the module that is called (``-m NAME``) is one that runs a command; the default module does."""
    for place, word in enumerate(argv):
        if word in ("-m", "--module-name"):
            return place + 1 < len(argv) and argv[place + 1].rsplit(".", 1)[-1] in modules
        if word.startswith("--module-name="):
            return word.partition("=")[2].rsplit(".", 1)[-1] in modules
    return any(word in ("-a", "--args") or word.startswith("--args=") for word in argv)


def _sub_end(rules: RuleSet, wrapper: Wrapper, argv: Sequence[str], name: str) -> int | None:
    """The place after the sub-command path, None where the path is another."""
    if not wrapper.sub:
        return 1
    program = rules.programs.get(name)
    valued = (program.value_opts | program.global_opts) if program is not None else _NONE
    place, found = 1, 0
    while place < len(argv):
        word = argv[place]
        place += 1
        if word.startswith("-"):
            if word in valued or (
                found and program is not None and word in program.sub_opts.get(argv[place - 2], _NONE)
            ):
                place += 1
            elif found and program is not None:
                for sub, options in program.sub_opts.items():
                    if sub in argv[1:place] and word in options:
                        place += 1
                        break
            continue
        if word not in wrapper.sub[found]:
            return None
        found += 1
        if found == len(wrapper.sub):
            return place
    return None


def _inner(
    run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None, wrapper: Wrapper, place: int
) -> Output | None:
    argv = command.argv
    label = " ".join([argv[0], *(sorted(names)[0] if len(names) == 1 else argv[1] for names in wrapper.sub)])[:80]
    inner = replace(
        frame,
        via=(*frame.via, label),
        privilege=frame.privilege or wrapper.privilege,
        deferred=frame.deferred or wrapper.deferred,
    )
    if wrapper.after:
        if wrapper.after not in argv[place:]:
            return None
        place = argv.index(wrapper.after, place) + 1
    else:
        stopped = _options(run, inner, command, wrapper, place, stdin)
        if isinstance(stopped, Output):
            return stopped
        place = stopped
        skipped = 0
        while place < len(argv) and skipped < wrapper.skip:
            place += 1
            skipped += 1
        if wrapper.skip and argv[place : place + 1] == ("--",):
            place += 1
    if wrapper.alone not in (EffectKind.READ, EffectKind.NONE):
        emit(run, frame, wrapper.alone, command.span, rule=f"wrapper.{wrapper.name}")
    if place >= len(argv):
        return _alone(run, inner, command, stdin, wrapper)
    if len(inner.via) > 4 * MAX_DEPTH or not run.spend(8):
        emit(run, frame, EffectKind.UNKNOWN, command.span, rule="limit")
        return OPAQUE_OUTPUT
    if wrapper.join:
        text = " ".join(argv[place:])
        base = None
        if len(argv) - place == 1 and command.places and frame.base is not None:
            start, end = command.places[place]
            found = frame.text.find(text, start, end)
            base = None if found < 0 else frame.base + found
        deeper = replace(inner.within(text, base, command.span))
        return run.run_text(run, deeper, stdin)
    rest = command._replace(argv=argv[place:], marks=command.marks[place:], places=command.places[place:], assigns=())
    return run.run_command(run, inner, rest, stdin)


def _alone(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None, wrapper: Wrapper) -> Output:
    if stdin is not None and (wrapper.join or wrapper.privilege) and wrapper.alone is not EffectKind.CREATE:
        if stdin.text is not None:
            return run.run_text(run, frame.within(stdin.text, stdin.base, command.span), None)
        kind = EffectKind.EXEC_REMOTE if stdin.origin in ("remote", "decoded") else EffectKind.EXEC_OPAQUE
        emit(run, frame, kind, command.span, rule="code-from-input", target=("code", wrapper.name), scope="unknown")
        return OPAQUE_OUTPUT
    if wrapper.alone in (EffectKind.READ, EffectKind.NONE):
        emit(run, frame, wrapper.alone, command.span, rule=f"wrapper.{wrapper.name}")
    return OPAQUE_OUTPUT


def _options(
    run: Run, frame: Frame, command: SimpleCommand, wrapper: Wrapper, place: int, stdin: Output | None
) -> int | Output:
    """The place where the options of the wrapper end, or the result where an option holds the command."""
    argv = command.argv
    valued, codes = wrapper.value_opts, wrapper.code_opts
    seen_operands = 0
    while place < len(argv):
        word = argv[place]
        if word == "--":
            return place + 1
        if wrapper.assign and _ASSIGNMENT.match(word):
            place += 1
            continue
        if not word.startswith("-") or word == "-":
            if word == "-" and wrapper.name in ("env", "su"):
                place += 1
                continue
            if codes and seen_operands < wrapper.skip + 1 and any(_is_code(w, codes) for w in argv[place + 1 :]):
                place += 1
                seen_operands += 1
                continue
            return place
        name, equals, value = word.partition("=")
        if name in wrapper.describe_opts or _describes(word, wrapper):
            emit(run, frame, EffectKind.READ, command.span, rule=f"wrapper.{wrapper.name}")
            return OPAQUE_OUTPUT
        place += 1
        attached = _code_value(word, name, value if equals else None, codes)
        if attached is not None:
            text = attached
            if not text:
                if place >= len(argv):
                    return place
                text = argv[place]
                place += 1
            if wrapper.name == "env":
                words = (*text.split(), *argv[place:])
                return (
                    run.run_command(run, frame, _replaced(command, _unassigned(words)), stdin)
                    if _unassigned(words)
                    else place
                )
            base = None
            if command.places and frame.base is not None:
                start, end = command.places[place - 1]
                found = frame.text.find(text, start, end)
                base = None if found < 0 else frame.base + found
            return run.run_text(run, frame.within(text, base, command.span), stdin)
        if not equals and (word in valued or _ends_valued(word, valued)):
            place += 1
    return place


def _is_code(word: str, codes: frozenset[str]) -> bool:
    return word in codes or word.partition("=")[0] in codes


def _describes(word: str, wrapper: Wrapper) -> bool:
    return len(word) > 2 and word[1] != "-" and any("-" + c in wrapper.describe_opts for c in word[1:])


def _code_value(word: str, name: str, value: str | None, codes: frozenset[str]) -> str | None:
    """The attached code of an option, "" where it is the next word, None where it is no code option."""
    if name in codes:
        return value or ""
    if word[1] != "-" and len(word) > 2:
        if word[:2] in codes:
            return word[2:]
        if "-" + word[-1] in codes and word[1:].isalpha():
            return ""
    return None


def _ends_valued(word: str, valued: frozenset[str]) -> bool:
    """A cluster whose last letter takes the next word (``-nu root``); ``-uroot`` holds its value itself."""
    if word[1] == "-" or len(word) < 3 or word[:2] in valued:
        return False
    return "-" + word[-1] in valued and word[1:].isalpha() and not any("-" + c in valued for c in word[1:-1])


def _unassigned(words: Sequence[str]) -> tuple[str, ...]:
    place = 0
    while place < len(words) and (_ASSIGNMENT.match(words[place]) or words[place].startswith("-")):
        place += 1
    return tuple(words[place:])


def _replaced(command: SimpleCommand, argv: tuple[str, ...]) -> SimpleCommand:
    return command._replace(argv=argv, marks=(), places=(), assigns=())
