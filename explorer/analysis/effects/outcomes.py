"""What became of each part of a compound command, from its exit and from what it printed.

``cd /x && rm -rf y``: if ``cd`` failed, nothing was removed. A message that begins with a program's name says that
this program failed; what ``&&`` joined after it was not executed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from explorer.analysis.effects.shell_types import SimpleCommand
from explorer.model.effect import Effect, EffectKind, Effects
from explorer.model.schema import Outcome

READ_CHARS = 20_000
_TROUBLE = (
    r"(?:no such file|not found|cannot|can't|could not|couldn't|denied|not permitted|failed|failure|fatal|error"
    r"|invalid|refus\w+|unable|missing|"
    r"unrecognized|unknown|does not exist|doesn't exist|is a directory|not a directory|directory not empty|not empty"
    r"|read-only|busy|illegal|usage:|"
    r"no such|not recognized|unrecognised|bad |must be|not a git|no process)"
)
_PLAIN = frozenset({EffectKind.NONE, EffectKind.READ, EffectKind.REFUSE})


_TROUBLED = re.compile(_TROUBLE, re.IGNORECASE)


def speaks_of_trouble(printed: str) -> bool:
    """Whether an output holds any word of failure: a cheap look before commands are taken apart."""
    return _TROUBLED.search(printed[:READ_CHARS]) is not None


def failed_programs(commands: Sequence[SimpleCommand], printed: str) -> list[bool]:
    """Per simple command, whether the output holds a message of failure in its name."""
    printed = printed[:READ_CHARS]
    lower = printed.lower()
    answers: dict[str, bool] = {}
    found = []
    for command in commands:
        program = command.argv[0].rsplit("/", 1)[-1] if command.argv else ""
        if program in ("sudo", "doas", "env", "time", "nohup") and len(command.argv) > 1:
            program = command.argv[1].rsplit("/", 1)[-1]
        if program not in answers:
            answers[program] = bool(program) and program.lower() in lower and _complains(program, printed)
        found.append(answers[program])
    return found


def _complains(program: str, printed: str) -> bool:
    pattern = rf"(?im)^[^\n]{{0,80}}?(?:^|[\s:/]){re.escape(program)}(?:\[\d+\])?: [^\n]{{0,300}}?{_TROUBLE}"
    return re.search(pattern, printed) is not None


def with_outcomes(
    effects: Effects, commands: Sequence[SimpleCommand], printed: str | None, outcome: str | None
) -> Effects:
    """The same effects, each with what became of it where that differs from the step's outcome. ``printed`` is the
    step's observation. Effects whose command did not run are marked *not executed*, never dropped."""
    if len(commands) < 2 or not any(effect.kind not in _PLAIN for effect in effects):
        return effects
    fails = failed_programs(commands, printed or "")
    step_failed = outcome == Outcome.FAILED
    if not step_failed and not any(fails):
        return effects
    verdicts = _verdicts(commands, fails, step_failed)
    changed = tuple(_marked(effect, commands, verdicts) for effect in effects)
    return effects if all(a is b for a, b in zip(changed, effects, strict=True)) else changed


def _verdicts(
    commands: Sequence[SimpleCommand], fails: list[bool], step_failed: bool
) -> list[tuple[Outcome | None, str]]:
    verdicts: list[tuple[Outcome | None, str]] = []
    blocked_by = ""
    told = any(fails)
    for place, command in enumerate(commands):
        if command.connector not in ("&&", "|"):
            blocked_by = ""
        name = command.argv[0] if command.argv else ""
        if blocked_by:
            verdicts.append((Outcome.NOT_EXECUTED, f"not executed: {blocked_by} failed before it"))
            continue
        if fails[place]:
            verdicts.append((Outcome.FAILED, ""))
            follows = commands[place + 1].connector if place + 1 < len(commands) else ""
            if follows == "&&":
                blocked_by = name
        elif not step_failed:
            verdicts.append((None, ""))
        elif told or _runs_anyway(commands, place):
            # Another one failed, or this one's own exit was not the step's: it ran, how it ended is not shown.
            verdicts.append((Outcome.SUCCEEDED if told and _before_failure(fails, place) else Outcome.UNKNOWN, ""))
        else:
            verdicts.append((Outcome.UNKNOWN if place + 1 < len(commands) else None, ""))
    return verdicts


def _before_failure(fails: list[bool], place: int) -> bool:
    return any(fails[place + 1 :])


def _runs_anyway(commands: Sequence[SimpleCommand], place: int) -> bool:
    return place + 1 < len(commands) and commands[place + 1].connector in (";", "\n", "||", "&")


def _marked(effect: Effect, commands: Sequence[SimpleCommand], verdicts: list[tuple[Outcome | None, str]]) -> Effect:
    if effect.span is None or effect.kind in _PLAIN or effect.outcome is not None:
        return effect
    holder = -1
    for place, command in enumerate(commands):
        if command.span.start <= effect.span.start < max(command.span.end, command.span.start + 1):
            holder = place
    if holder < 0:
        return effect
    outcome, note = verdicts[holder]
    return effect if outcome is None else replace(effect, outcome=outcome, note=note or effect.note)
