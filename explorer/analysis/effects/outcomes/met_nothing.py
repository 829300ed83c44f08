"""Deletions that met nothing as the same command tells: a count of 0, or a search that names what it meets and is
silent; and second passes over what the same search has removed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from explorer.analysis.effects.rules.find_expression import ACTIONS, RUNS, Unit, alternatives, start_points
from explorer.analysis.effects.rules.find_places import find_places
from explorer.analysis.effects.shell.listing import FED
from explorer.analysis.effects.shell.types import SimpleCommand
from explorer.model.effect import Effect, EffectKind, Effects
from explorer.model.schema import Outcome

MAX_COMMAND = 4_000
MAX_SAID = 40
COUNTED = "not executed: the count that it prints is 0"
SILENT = "not executed: it names what it removes, and named nothing"
TWICE = "not executed: -delete in the same search has removed it before"
_FINDS = frozenset({"find", "gfind"})
_REMOVERS = frozenset({"rm", "grm", "unlink", "rmdir", "shred"})
_RUNNERS = frozenset({"sudo", "doas"})
_PRINTS = frozenset({"-print", "-print0", "-ls", "-printf"})
_SAYS = frozenset({"echo", "printf"})
_PASSES_ON = frozenset({"cat", "sort", "tac"})
_VERBOSE = re.compile(r"-[a-zA-Z]*v[a-zA-Z]*|--verbose")
_COUNTS = frozenset({"-l", "--lines", "-c", "--bytes", "-m", "--chars"})
_MAY_NAME = re.compile(r"-print|-ls\b|[ \t]-\w*v|--verbose|-exec\s+(?:echo|printf)\b")
_LOOPS = re.compile(r"\b(?:do|then|case|function)\b|\(\)|\beval\b")


def may_tell(command: str, printed: str) -> bool:
    """Whether a command and what it printed can tell that it met nothing: a cheap look at both."""
    if len(command) > MAX_COMMAND:
        return False
    if "-delete" in command and ("-exec" in command or "|" in command):
        return True
    said = printed[:MAX_SAID].strip() if len(printed) <= MAX_SAID else "…"
    return (
        ("wc" in command and "find" in command) if said == "0" else not said and _MAY_NAME.search(command) is not None
    )


def with_nothing_met(
    effects: Effects, command: str, commands: Sequence[SimpleCommand], printed: str, *, mute: bool = False
) -> Effects:
    """Deletions of a step that did not fail, *not executed* where the command itself shows that they met nothing.
    ``printed`` is all that it printed; ``commands`` are the command's, in order; ``mute`` where the trajectory shows no
    outputs, so that silence tells nothing."""
    said = printed.strip()
    notes: dict[int, str] = {}
    if said == "0" and not _LOOPS.search(command):
        counted = _counted(commands)
        if counted is not None:
            notes[counted] = COUNTED
    if not said and not mute and not _LOOPS.search(command):
        notes |= {at: SILENT for at in range(len(commands)) if _is_silent(commands, at)}
    twice = {at: places for at, found in enumerate(commands) if (places := _second_pass(found))}
    if not notes and not twice:
        return effects
    return tuple(_judged(effect, commands, notes, twice) for effect in effects)


def _judged(
    effect: Effect, commands: Sequence[SimpleCommand], notes: dict[int, str], twice: dict[int, list[str]]
) -> Effect:
    if (
        effect.kind is not EffectKind.DELETE
        or effect.deferred
        or effect.outcome not in (None, Outcome.UNKNOWN)
        or effect.span is None
    ):
        return effect
    start = effect.span.start
    at = max((n for n, found in enumerate(commands) if found.span.start <= start < found.span.end), default=-1)
    note = notes.get(at)
    if note is None:
        feeder = _feeder(commands, at) if FED in effect.via else at
        places = twice.get(feeder, [])
        if places and effect.rule.split(".")[0] != "find" and (feeder != at or _is_passed(effect)):
            note = TWICE if _is_among(effect, places) else None
    if note is None:
        return effect
    return replace(effect, outcome=Outcome.NOT_EXECUTED, note=f"{effect.note}; {note}" if effect.note else note)


def _is_passed(effect: Effect) -> bool:
    return any(label.startswith("find -exec") for label in effect.via)


def _is_among(effect: Effect, places: Sequence[str]) -> bool:
    """Whether an effect's target is what a search hits, as seen from any folder."""
    value = effect.target.value if effect.target is not None else ""
    return any(value == place or value.endswith(f"/{place.removeprefix('./')}") for place in places)


def _feeder(commands: Sequence[SimpleCommand], at: int) -> int:
    """The search that stands in front of a pipe, -1 where there is not one alone."""
    searches = [n for n in range(at) if _program(commands[n]) in _FINDS]
    piped = len(searches) == 1 and all(found.connector == "|" for found in commands[searches[0] + 1 : at + 1])
    return searches[0] if piped else -1


def _program(command: SimpleCommand) -> str:
    words = _words(command)
    return words[0].rsplit("/", 1)[-1] if words else ""


def _words(command: SimpleCommand) -> tuple[str, ...]:
    argv = command.argv
    return argv[1:] if argv and argv[0].rsplit("/", 1)[-1] in _RUNNERS else argv


def _counted(commands: Sequence[SimpleCommand]) -> int | None:
    """The place of a search with a deletion of whose names all that is printed is the count."""
    start = next((n for n, found in enumerate(commands) if _program(found) != "cd"), len(commands))
    line = list(commands[start:])
    while line and _program(line[-1]) == "echo" and not "".join(line[-1].argv[1:]) and line[-1].connector != "|":
        line.pop()
    if len(line) < 2 or any(found.connector != "|" for found in line[1:]) or _program(line[0]) not in _FINDS:
        return None
    count = next((n for n, found in enumerate(line) if _program(found) == "wc"), 0)
    if not count or len(line[count].argv) != 2 or line[count].argv[1] not in _COUNTS:
        return None
    of_lines = line[count].argv[1] in ("-l", "--lines")
    if any(_hides(found) for found in line) or any(_program(found) != "tr" for found in line[count + 1 :]):
        return None
    between = [_program(found) for found in line[1:count]]
    drops = "tr" in between
    if any(name not in _PASSES_ON and name != "tr" for name in between) or (drops and of_lines):
        return None
    if drops and any(not _drops_space(found.argv) for found in line[1:count] if _program(found) == "tr"):
        return None
    return start if _names_all(line[0], of_lines) else None


def _drops_space(argv: Sequence[str]) -> bool:
    return len(argv) == 3 and argv[1] == "-d" and not argv[2].replace("\\n", "").replace("[:space:]", "").strip()


def _hides(command: SimpleCommand) -> bool:
    """Whether what a program prints goes elsewhere."""
    return any(found.operator[:1] in (">", "&") and found.descriptor in ("", "1") for found in command.redirects)


def _is_silent(commands: Sequence[SimpleCommand], at: int) -> bool:
    """Whether a command would have printed the name of anything it removed, and that would have been shown."""
    command = commands[at]
    piped = at + 1 < len(commands) and commands[at + 1].connector == "|"
    if piped or _hides(command):
        return False
    words = _words(command)
    program = _program(command)
    if program in _FINDS:
        return _names_all(command, of_lines=False)
    if program == "xargs":
        words = next((words[n:] for n, word in enumerate(words) if n and word.rsplit("/", 1)[-1] in _REMOVERS), ())
    return _is_verbose(words)


def _is_verbose(words: Sequence[str]) -> bool:
    program = words[0].rsplit("/", 1)[-1] if words else ""
    options = words[1 : words.index("--")] if "--" in words else words[1:]
    return program in ("rm", "grm", "rmdir") and any(_VERBOSE.fullmatch(word) for word in options)


def _names_all(command: SimpleCommand, of_lines: bool) -> bool:
    """Whether a search prints something for all that it removes; ``of_lines`` at least a line for each."""
    found = _alternatives(command)
    acting = [units for units in found if any(_removes(unit) for unit in units)]
    return bool(acting) and all(_tells(units, of_lines) for units in acting)


def _alternatives(command: SimpleCommand) -> list[list[Unit]]:
    words = _words(command)[1:]
    return alternatives(words[start_points(words)[1] :])


def _removes(unit: Unit) -> bool:
    return unit[0] == "-delete" or (unit[0] in RUNS and len(unit) > 1 and unit[1].rsplit("/", 1)[-1] in _REMOVERS)


def _tells(units: Sequence[Unit], of_lines: bool) -> bool:
    """Whether all that comes to the removal is named: before it, or after it with nothing that chooses between."""
    removal = next(n for n, unit in enumerate(units) if _removes(unit))
    for n, unit in enumerate(units):
        between = units[min(n, removal) + 1 : max(n, removal)]
        if _prints(unit, of_lines) and (n <= removal or all(one[0] in ACTIONS for one in between)):
            return not any(one[0] in RUNS and not _removes(one) and not _prints(one, False) for one in between)
    return False


def _prints(unit: Unit, of_lines: bool) -> bool:
    if unit[0] in RUNS:
        ran = [word for word in unit[1:] if word not in (";", "\\;", "+")]
        if not ran:
            return False
        program = ran[0].rsplit("/", 1)[-1]
        if program in _SAYS:
            text = "".join(word for word in ran[1:] if word not in ("-n", "-e", "-ne", "-en"))
            ends = (program == "echo" and not any(word in ("-n", "-ne", "-en") for word in ran)) or "\\n" in text
            return bool(text.replace("\\n", "").strip()) and (ends or not of_lines)
        return _is_verbose(ran)
    if unit[0] == "-printf":
        return len(unit) > 1 and ("\\n" in unit[1] if of_lines else bool(unit[1].strip()))
    return unit[0] in _PRINTS and (unit[0] != "-print0" or not of_lines)


def _second_pass(command: SimpleCommand) -> list[str]:
    """What a search that has deleted it hands on, to a program of its own or to a pipe."""
    if "-delete" not in command.argv or _program(command) not in _FINDS:
        return []
    found = _alternatives(command)
    handing = [units for units in found if any(unit[0] in RUNS or unit[0] in _PRINTS for unit in units)]
    for units in handing:
        first = next(n for n, unit in enumerate(units) if unit[0] in RUNS or unit[0] in _PRINTS)
        if not any(unit[0] == "-delete" for unit in units[:first]):
            return []
    if not handing:
        return []
    places, _ = find_places(_words(command)[1:], "-delete")
    return [*places, *(f"{place.rstrip('/')}/{{}}" for place in places if not place.endswith("{}"))]
