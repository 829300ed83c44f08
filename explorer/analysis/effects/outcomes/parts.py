"""What became of each part of a compound command, from its exit and from what it printed.

``cd /x && rm -rf y``: if ``cd`` failed, nothing was removed. A message that begins with a program's name says that
this program failed; what ``&&`` joined after it was not executed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from itertools import islice

from explorer.analysis.effects.outcomes.named import names
from explorer.analysis.effects.outcomes.unread import fed_by_failed, never_read, unread
from explorer.analysis.effects.shell.types import SimpleCommand
from explorer.model.effect import Effect, EffectKind, Effects
from explorer.model.schema import Outcome

READ_CHARS = 20_000
MAX_COMPLAINTS = 20
MAX_OPERANDS = 20
MAX_CALLS = 50
_SPEAKS = frozenset({"cd", "chgrp", "chmod", "chown", "cp", "ln", "mkdir", "mv", "rm", "rmdir", "touch"})
"""Programs that never fail without a word."""
_UNREADABLE = re.compile(r"syntax error|unexpected (?:EOF|token|end of file)")
"""What a shell says that ran nothing of a command."""
_RUNNERS = frozenset({"sudo", "doas", "env", "time", "nohup"})
_TROUBLE = (
    r"(?:no such file|not found|cannot|can't|could not|couldn't|denied|not permitted|failed|failure|fatal|error"
    r"|invalid|refus\w+|unable|missing|"
    r"unrecognized|unknown|does not exist|doesn't exist|is a directory|not a directory|directory not empty|not empty"
    r"|read-only|busy|illegal|usage:|are the same file|omitting directory|"
    r"no such|not recognized|unrecognised|bad |must (?:be|precede)|not a git|no process)"
)
_PLAIN = frozenset({EffectKind.NONE, EffectKind.READ, EffectKind.REFUSE})


_TROUBLED = re.compile(_TROUBLE, re.IGNORECASE)


def speaks_of_trouble(printed: str) -> bool:
    """Whether an output holds any word of failure: a cheap look before commands are taken apart."""
    return _TROUBLED.search(printed[:READ_CHARS]) is not None


class Complaint(Enum):
    """Whether an output says that a command failed: not, one of the program's calls did, or this very one."""

    NONE = 0
    SOME_CALL = 1
    THIS_CALL = 2


def complaints(commands: Sequence[SimpleCommand], printed: str) -> list[Complaint]:
    """Per simple command, whether the output holds a message of failure in its name. A message that names operands of
    some calls of a program (``cp: cannot stat 'a'``) is about those calls and not about its others."""
    printed = printed[:READ_CHARS]
    lower = printed.lower()
    programs = [_program(command) for command in commands]
    found = [Complaint.NONE] * len(commands)
    for program in dict.fromkeys(programs):
        lines = _complaints(program, printed) if program and program.lower() in lower else []
        if not lines:
            continue
        places = [place for place, name in enumerate(programs) if name == program]
        about = [_about(line, commands, places) for line in lines]
        sure = set().union(*about)
        unnamed = not all(about)
        for place in places:
            if place in sure or (unnamed and len(places) == 1):
                found[place] = Complaint.THIS_CALL
            elif unnamed:
                found[place] = Complaint.SOME_CALL
    return found


def failed_programs(commands: Sequence[SimpleCommand], printed: str) -> list[bool]:
    """Per simple command, whether the output may say that it failed."""
    return [complaint is not Complaint.NONE for complaint in complaints(commands, printed)]


def _program(command: SimpleCommand) -> str:
    argv = command.argv
    place = 1 if len(argv) > 1 and argv[0].rsplit("/", 1)[-1] in _RUNNERS else 0
    return argv[place].rsplit("/", 1)[-1] if argv else ""


def _complaints(program: str, printed: str) -> list[str]:
    """The lines in which a program complains."""
    # "x.sh: line 5: y: not found" is said by the script about y; the script itself goes on.
    pattern = (
        rf"(?im)^[^\n]{{0,80}}?(?:^|[\s:/]){re.escape(program)}(?:\[\d+\])?: (?!line \d+: )[^\n]{{0,300}}?{_TROUBLE}"
        r"[^\n]{0,300}"
    )
    return [match.group() for match in islice(re.finditer(pattern, printed), MAX_COMPLAINTS)]


def _about(line: str, commands: Sequence[SimpleCommand], places: Sequence[int]) -> set[int]:
    """The calls that a message is about: those of which it names the most operands."""
    named = {
        place: sum(
            len(word) > 1 and word[0] != "-" and names(line, word) for word in commands[place].argv[1:MAX_OPERANDS]
        )
        for place in places[:MAX_CALLS]
    }
    most = max(named.values(), default=0)
    return {place for place, count in named.items() if count == most} if most else set()


def with_outcomes(
    effects: Effects, commands: Sequence[SimpleCommand], printed: str | None, outcome: str | None
) -> Effects:
    """The same effects, each with what became of it where that differs from the step's outcome. ``printed`` is the
    step's observation. Effects whose command did not run are marked *not executed*, never dropped."""
    if len(commands) < 2 or not any(effect.kind not in _PLAIN for effect in effects):
        return effects
    if never_read(commands, printed or ""):
        return unread(effects)
    effects = fed_by_failed(effects, commands, printed or "")
    fails = failed_programs(commands, printed or "")
    step_failed = outcome == Outcome.FAILED
    if not step_failed and not any(fails):
        return effects
    verdicts = _verdicts(commands, fails, step_failed)
    if step_failed and not any(fails) and (printed or "").strip() and not _UNREADABLE.search(printed or ""):
        for place in range(_silent_ones(commands)):
            verdicts[place] = (Outcome.SUCCEEDED, "")
    changed = tuple(_marked(effect, commands, verdicts) for effect in effects)
    return effects if all(a is b for a, b in zip(changed, effects, strict=True)) else changed


def _silent_ones(commands: Sequence[SimpleCommand]) -> int:
    """How many commands at the front of a chain of ``&&`` would have said that they failed, and did not: what stands
    behind them was run."""
    for place, command in enumerate(commands):
        follows = commands[place + 1].connector if place + 1 < len(commands) else ""
        hushed = any(redirect.operator[:1] in (">", "&") for redirect in command.redirects)
        if follows != "&&" or hushed or _program(command) not in _SPEAKS or (place and command.connector != "&&"):
            return place
    return 0


_BRANCH = re.compile(r"(?P<open>\b(?:then|in)\b)|(?P<close>\b(?:fi|esac)\b)|(?P<or>\|\|)|(?P<end>&&|[;\n])")
_CASE = re.compile(r"\bcase\b[^\n;]{0,200}$")
BRANCHED = "stands in a branch; whether it was taken is not shown"


def with_branches(effects: Effects, command: str) -> Effects:
    """Effects that stand behind ``then``, in a ``case`` or right of ``||``: that the whole ended well does not say
    that they were carried out, so their outcome is unknown."""
    ranges = _branches(command[:READ_CHARS])
    if not ranges:
        return effects
    return tuple(
        replace(effect, outcome=Outcome.UNKNOWN, note=effect.note or BRANCHED)
        if effect.outcome is None
        and effect.kind not in _PLAIN
        and effect.span is not None
        and any(start <= effect.span.start < end for start, end in ranges)
        else effect
        for effect in effects
    )


def _branches(command: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    opened: list[int] = []
    alternative = -1
    for match in _BRANCH.finditer(command):
        if match["open"] == "then" or (
            match["open"] and _CASE.search(command, max(0, match.start() - 220), match.start())
        ):
            opened.append(match.start())
        elif match["close"] and opened:
            found.append((opened.pop(), match.end()))
        elif match["or"]:
            alternative = match.end()
        elif match["end"] and alternative >= 0:
            found.append((alternative, match.start()))
            alternative = -1
    if alternative >= 0:
        found.append((alternative, len(command)))
    return found[:200]


_REFUSED = re.compile(
    r"\bHTTP/[\d.]+ [45]\d\d\b|\b(?:400 Bad Request|401 Unauthorized|403 Forbidden|404 Not Found|405 Method Not "
    r"Allowed|409 Conflict"
    r"|500 Internal Server Error|502 Bad Gateway|503 Service Unavailable)\b|<title>\s*(?:4\d\d|5\d\d)\b"
    r"|\"(?:message|error|detail)\"\s*:\s*\"(?:[45]\d\d\b|Unauthori[sz]ed|Forbidden|Not Found)|NotAuthenticated\b"
    r"|\bstatus(?:[ _]code)?\W{1,4}[45]\d\d\b"
    r"|returned error: [45]\d\d|\bAuthentication failed\b|\bPermission denied \(publickey",
    re.IGNORECASE,
)
_SENT = frozenset({EffectKind.NET_EGRESS, EffectKind.EXFIL})


def refused_by_server(effects: Effects, printed: str) -> Effects:
    """Requests that a server answered with an error although the program ended well: what they asked for did not
    happen; data that was sent along was sent all the same."""
    if not any(_is_request(effect) for effect in effects) or not _REFUSED.search(printed[:READ_CHARS]):
        return effects
    return tuple(_refused(effect) if _is_request(effect) else effect for effect in effects)


def _is_request(effect: Effect) -> bool:
    asks = effect.rule.startswith(("http", "git.push"))
    return asks and effect.kind not in _PLAIN and effect.outcome is None and not effect.deferred


def _refused(effect: Effect) -> Effect:
    if effect.kind in _SENT and effect.rule.startswith("http"):
        return replace(
            effect, outcome=Outcome.UNKNOWN, note=effect.note or "the server refused it, but the data was sent"
        )
    return replace(effect, outcome=Outcome.FAILED, note=effect.note or "the server refused it")


def script_outcomes(effects: Effects, commands: Sequence[SimpleCommand], printed: str) -> Effects:
    """Effects of a script whose programs complained while it ran: failed where that program occurs once in it,
    unknown where it cannot be said which of its calls failed."""
    found = complaints(commands, printed)
    if all(complaint is Complaint.NONE for complaint in found):
        return effects
    changed = []
    for effect in effects:
        holder = _holder(effect, commands) if effect.outcome is None and effect.kind not in _PLAIN else -1
        if holder >= 0 and found[holder] is not Complaint.NONE:
            sure = found[holder] is Complaint.THIS_CALL
            note = f"{_program(commands[holder])} complained while the script ran"
            effect = replace(effect, outcome=Outcome.FAILED if sure else Outcome.UNKNOWN, note=effect.note or note)
        changed.append(effect)
    return tuple(changed)


def _holder(effect: Effect, commands: Sequence[SimpleCommand]) -> int:
    """Which simple command an effect's evidence lies in, -1 for none."""
    holder = -1
    if effect.span is not None:
        for place, command in enumerate(commands):
            if command.span.start <= effect.span.start < max(command.span.end, command.span.start + 1):
                holder = place
    return holder


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
    if effect.kind in _PLAIN or effect.outcome is not None:
        return effect
    holder = _holder(effect, commands)
    if holder < 0:
        return effect
    outcome, note = verdicts[holder]
    return effect if outcome is None else replace(effect, outcome=outcome, note=note or effect.note)
