"""Shell commands: what each does.

Parse → walk in execution order → unwrap → match against the rules. See the neighbouring ``shell_*`` modules.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from explorer.analysis.effects.rules.packs import compile_rules
from explorer.analysis.effects.rules.types import RuleSet
from explorer.analysis.effects.shared.confusables import fold, has_invisible
from explorer.analysis.effects.shared.folders import entered
from explorer.analysis.effects.shell.interpret import hand_over
from explorer.analysis.effects.shell.resolve import run_command, statement_language
from explorer.analysis.effects.shell.run import Embedded, Frame, Run, emit
from explorer.analysis.effects.shell.state import ShellState
from explorer.analysis.effects.shell.types import SimpleCommand, WrittenFile
from explorer.analysis.effects.shell.walk import run_text
from explorer.model.effect import Effect, EffectKind, Effects, Span

__all__ = [
    "Embedded",
    "SimpleCommand",
    "WrittenFile",
    "classify_shell",
    "folder_after",
    "simple_commands",
    "split_argv",
    "written_files",
]

_PLAIN_CD = re.compile(r"\s*cd[ \t]+(?P<folder>[\w./~][\w./~+@:-]*)[ \t]*(?:&&|;(?!;)|\n|$)")
_ANY_CD = re.compile(r"\b(?:cd|pushd|popd|chdir)\b")
MAX_COMMAND = 262_144
"""Longer texts are read up to here and marked as not fully seen."""


def classify_shell(
    command: str,
    rules: RuleSet,
    *,
    known_paths: Collection[str] = (),
    depth: int = 0,
    embedded: Embedded | None = None,
    failed_folders: Collection[str] = (),
) -> Effects:
    """The effects of a command line or script, most of them with the evidence's place in ``command``.

    ``known_paths`` are files known to exist (writing them is overwrite, not create); ``embedded`` classifies code of
    other languages found inside (absent: exec_opaque); ``depth`` counts how deep this text is nested in such code;
    ``failed_folders`` are those that the output says could not be entered. Paths are as seen from the folder in
    which the command starts: a ``cd`` in it is followed.
    Linear in the length of the text, bounded for texts beyond MAX_COMMAND; never raises; what cannot be read is
    ``unknown``. Text with invisible or look-alike characters is read both as it is and folded.
    """
    if depth > 8:
        return (Effect(EffectKind.UNKNOWN, 0, rule="limit", span=Span(0, len(command)), note="nested too deeply"),)
    run = _run(command, rules, known_paths, embedded, failed_folders)
    effects = tuple(run.effects.values())
    if command.isascii():
        return effects
    return _with_folded(command, effects, rules, known_paths, embedded, failed_folders)


def _run(
    command: str,
    rules: RuleSet,
    known_paths: Collection[str],
    embedded: Embedded | None,
    failed_folders: Collection[str] = (),
) -> Run:
    text = command if len(command) <= MAX_COMMAND else command[:MAX_COMMAND]
    state = ShellState(known_paths, failed=failed_folders)
    run = Run(rules, embedded, state, 8 * len(text) + 20_000, run_text, run_command)
    frame = Frame(text, 0, Span(0, len(text)), text)
    try:
        language = statement_language(text)
        if language:
            hand_over(run, frame, language, text, 0, frame.outer, "statement")
        else:
            run_text(run, frame, None)
        whole = Span(0, len(command))
        if len(text) < len(command):
            emit(run, frame, EffectKind.UNKNOWN, whole, rule="limit", note="longer than is looked at")
        if "\x00" in text or _is_damaged(text):
            emit(run, frame, EffectKind.UNKNOWN, whole, rule="damaged", note="not valid text")
    except RecursionError:
        emit(run, frame, EffectKind.UNKNOWN, Span(0, len(command)), rule="limit", note="nested too deeply to be read")
    return run


def _is_damaged(text: str) -> bool:
    """Whether the text holds the traces of bytes that were not UTF-8."""
    if text.isascii():
        return False
    return "\ufffd" in text or any("\ud800" <= char <= "\udfff" for char in text)


def _with_folded(
    command: str,
    effects: Effects,
    rules: RuleSet,
    known_paths: Collection[str],
    embedded: Embedded | None,
    failed_folders: Collection[str],
) -> Effects:
    folded = fold(command)
    if folded == command:
        return effects
    other = _run(folded, rules, known_paths, embedded, failed_folders).effects.values()
    seen = {(effect.kind, effect.target) for effect in effects}
    kinds = {effect.kind for effect in effects}
    note = (
        "seen only with invisible characters removed"
        if has_invisible(command)
        else "seen only with look-alike letters folded"
    )
    added = tuple(
        replace(effect, span=Span(0, len(command)), confidence=round(effect.confidence * 0.7, 3), note=note)
        for effect in other
        if (effect.kind, effect.target) not in seen and (effect.kind not in kinds or effect.target is not None)
    )
    return effects + added


def simple_commands(command: str, rules: RuleSet | None = None) -> tuple[SimpleCommand, ...]:
    """Its simple commands in order of execution, after unquoting and expanding what the text itself shows."""
    return tuple(_run(command, rules or _no_rules(), (), None).commands)


def folder_after(command: str, failed_folders: Collection[str] = ()) -> str:
    """The working folder that a command leaves behind, as seen from the one in which it starts; "" = the same."""
    plain = None if failed_folders else _PLAIN_CD.match(command)
    if plain is not None and not _ANY_CD.search(command, plain.end("folder")):
        return entered("", plain["folder"])
    state = _run(command, _no_rules(), (), None, failed_folders).state
    state.settle()
    return state.cwd


def split_argv(command: str) -> list[list[str]]:
    """The argument vectors of its simple commands."""
    return [list(found.argv) for found in simple_commands(command) if found.argv]


def written_files(command: str, rules: RuleSet | None = None) -> tuple[WrittenFile, ...]:
    """The files it writes with content it shows: ``cat > f <<E``, ``echo … > f``, ``printf``, ``tee f``. With rules
    also behind wrappers (``sudo tee f``)."""
    return tuple(_run(command, rules or _no_rules(), (), None).state.written)


def _no_rules() -> RuleSet:
    return compile_rules(())
