"""What a failed command did all the same: the shell opens what ``>`` names, and so empties it, before the program runs,
and ``rm`` that passes over ``.`` and ``..`` removes the rest of its pattern."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from explorer.analysis.effects.shell.types import Redirect, SimpleCommand
from explorer.model.effect import Effect, EffectKind, Effects
from explorer.model.schema import Outcome

READ_CHARS = 20_000
MAX_LINES = 200
MAX_WORDS = 60
RULE = "shell.redirect"
RULES = frozenset({RULE, f"{RULE}-log"})
_K = EffectKind
_EMPTIES = frozenset({">", ">|", "&>", ">&"})
_FILES = frozenset({_K.CREATE, _K.OVERWRITE, _K.MODIFY, _K.LOG_CLEAR})
_FAILED = frozenset({Outcome.FAILED, Outcome.UNKNOWN})
_STRUCTURE = re.compile(
    r"\b(?:then|do|case|select|function|exit|return|errexit)\b|\(\)|\bset -[a-z]*[eunC]|<<<?|[<>]\("
)
"""Words of a command in which a part need not have been reached, or its redirect need not have been opened."""
_REFUSED = (
    "denied", "no such file", "is a directory", "not a directory", "overwrite", "read-only", "ambiguous", "busy",
    "no space", "too long", "unbound", "bad substitution", "arithmetic", "syntax error", "division",
)  # fmt: skip
"""What a shell says that could not open what a redirect names, or not work its words out."""
_SHELL = re.compile(r"(?:/\S{1,60}/)?-?(?:ba|da|z|k)?sh")
_SAID = re.compile(r"(?m)^(?P<head>[^\n]{1,400}?): (?:-c: )?line \d+: (?P<rest>[^\n]{0,400})")
_HEAD = re.compile(r"(?m)^(?:\S{1,60}: (?:line )?\d+: |-?(?:ba|da|z|k)?sh: )?([\w./+-]{1,100}): ")
"""The program in whose name a line speaks."""
OPENED = "the shell empties the file before the command runs, which failed"


def with_opened(
    effects: Effects, command: str, commands: Sequence[SimpleCommand], printed: str, outcome: str | None, *, mute: bool
) -> Effects:
    """Files that a ``>`` of the step's own shell emptied although its command failed: *succeeded*. ``mute`` where the
    trajectory shows no outputs, so that silence tells nothing. Left as they are where the output says that the shell
    could not open the file or did not read the line, and where it is not certain that the part was reached."""
    if not any(_is_open(effect, outcome) for effect in effects) or _STRUCTURE.search(command):
        return effects
    printed = printed[:READ_CHARS]
    words = {word.rsplit("/", 1)[-1] for found in commands for word in found.argv[:MAX_WORDS]}
    if not _was_read(words, printed, mute):
        return effects
    lines = [line.lower() for line in islice(printed.splitlines(), MAX_LINES)]
    refusals = [line for line in lines if any(word in line for word in _REFUSED)]
    return tuple(
        replace(effect, outcome=Outcome.SUCCEEDED, note=f"{effect.note}; {OPENED}" if effect.note else OPENED)
        if _is_open(effect, outcome) and _opened(effect, commands, refusals)
        else effect
        for effect in effects
    )


def _is_open(effect: Effect, outcome: str | None) -> bool:
    """Whether an effect is a write by redirect that is taken to have failed."""
    became = effect.outcome or outcome
    return (
        effect.rule in RULES
        and not effect.via
        and not effect.deferred
        and effect.kind in _FILES
        and (became == Outcome.FAILED or (became == Outcome.UNKNOWN and outcome == Outcome.FAILED and not effect.note))
    )


def _was_read(words: set[str], printed: str, mute: bool) -> bool:
    """Whether the output is that of the command's programs, or nothing: then a shell has read the command as it is
    written. A shell that names another text as its own was given another command."""
    if not printed.strip():
        return not mute
    for said in _SAID.finditer(printed):
        head, rest = said["head"].strip(), said["rest"]
        if head in words:
            continue
        if not _SHELL.fullmatch(head) or "unexpected" in rest or "syntax error" in rest:
            return False
    return any(head.rsplit("/", 1)[-1] in words for head in _HEAD.findall(printed))


def _opened(effect: Effect, commands: Sequence[SimpleCommand], refusals: Sequence[str]) -> bool:
    holder = _holder(effect, commands)
    if holder < 0 or any(command.connector in ("&&", "||") for command in commands[: holder + 1]):
        return False
    redirects = commands[holder].redirects
    if any(found.target.lower() in line for found in redirects for line in refusals if len(found.target) > 1):
        return False
    return any(found.operator in _EMPTIES and _names(effect, found) for found in redirects)


def _names(effect: Effect, redirect: Redirect) -> bool:
    value = effect.target.value if effect.target is not None else ""
    target = redirect.target.removeprefix("./")
    return bool(target) and (value.removeprefix("./") == target or value.endswith(f"/{target}"))


def _holder(effect: Effect, commands: Sequence[SimpleCommand]) -> int:
    """Which simple command an effect's evidence lies in, -1 for none."""
    if effect.span is None:
        return -1
    start = effect.span.start
    return max((at for at, found in enumerate(commands) if found.span.start <= start < found.span.end), default=-1)


_SKIPPED = re.compile(r"rm: refusing to remove '\.' or '\.\.' directory: skipping '[^\n]{1,300}'?")
SKIPS = "refusing to remove '.' or '..'"
_HIDDEN = re.compile(r"(?:^|/)\.\*$")
REST = "rm passed over . and .. only"


def with_rest_removed(effects: Effects, printed: str, outcome: str | None) -> Effects:
    """Deletions by a pattern of hidden names, of which ``rm`` says no more than that it passes over ``.`` and
    ``..``: the rest of the pattern was removed."""
    if outcome != Outcome.FAILED or SKIPS not in printed[:READ_CHARS]:
        return effects
    lines = [line for line in printed[:READ_CHARS].splitlines() if line.strip()]
    if not all(_SKIPPED.fullmatch(line.strip()) for line in lines):
        return effects
    return tuple(
        replace(effect, outcome=Outcome.SUCCEEDED, note=f"{effect.note}; {REST}" if effect.note else REST)
        if effect.rule == "rm"
        and effect.kind is _K.DELETE
        and not effect.deferred
        and (effect.outcome is None or effect.outcome in _FAILED)
        and effect.target is not None
        and _HIDDEN.search(effect.target.value)
        else effect
        for effect in effects
    )
