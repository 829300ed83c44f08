"""Deletions that a trajectory has done before: where a search or a pattern has removed all that it matches, and nothing
was made since, the same or a narrower one meets nothing.

Only what does not change by itself counts (names, kinds, depths; not ages and sizes), and only a step that did nothing
else and ended well.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from explorer.analysis.effects.history.absence import MAKES_NOTHING, NOT_SHOWN, Wanted
from explorer.analysis.effects.outcomes.opened import REST
from explorer.analysis.effects.outcomes.parts import speaks_of_trouble
from explorer.analysis.effects.rules.find_expression import RUNS, Unit, alternatives, start_points
from explorer.analysis.effects.rules.find_places import acting
from explorer.analysis.effects.shell.commands import simple_commands
from explorer.analysis.effects.shell.listing import FED
from explorer.analysis.effects.shell.types import SimpleCommand
from explorer.model.effect import Effect, EffectKind, Effects
from explorer.model.schema import Outcome

MAX_COMMAND = 2_000
MAX_COMMANDS = 6
MAX_SWEEPS = 100
_FINDS = frozenset({"find", "gfind"})
_RUNNERS = frozenset({"sudo", "doas"})
_REMOVERS = frozenset({"rm", "grm", "unlink", "rmdir"})
_LASTING = frozenset({"-name", "-iname", "-type", "-path", "-ipath", "-wholename", "-mindepth", "-maxdepth"})
"""Tests whose answer for a file stays the same as long as it is there."""
_OF_PLACE = frozenset({"-path", "-ipath", "-wholename", "-mindepth", "-maxdepth"})
_NO_TESTS = frozenset({"-depth", "-d", "-print", "-print0", "-printf", "-ls", "-delete"})
_NAMES = frozenset({"-name", "-iname"})
_SHOWN: Unit = ("shown",)
"""The shell's patterns leave hidden names out."""
_GLOB = re.compile(r"[*?\[]")
_UNSEEN = re.compile(r"[$`{}()!~\\\ue010-\ue012]")
_LOOPS = re.compile(r"\b(?:do|then|case|function|eval)\b|\(\)")


class Reach(NamedTuple):
    """What a deletion reaches: the full path of the folder where it looks, and the tests that choose there."""

    folder: str
    tests: tuple[Unit, ...]

    def covers(self, other: Reach) -> bool:
        """Whether all that another one reaches is reached by this one, too."""
        if self.folder != other.folder:
            below = other.folder.startswith(f"{self.folder.rstrip('/')}/")
            if not below or any(test[0] in _OF_PLACE for test in self.tests):
                return False
        return all(any(_holds(test, given) for given in other.tests) for test in self.tests)


class _Sweep(NamedTuple):
    reach: Reach
    place: int


class _Waiting(NamedTuple):
    """A step that deletes, not looked at closely yet: the ``folders`` in which it does, its command and place, the
    working folder, and whether it speaks of no trouble."""

    folders: tuple[str, ...]
    command: str
    folder: str
    place: int
    is_quiet: bool


class Sweeps:
    """What one trajectory has removed whole so far. ``is_fresh`` tells whether nothing that is wanted can have been
    made since a step, ``number`` what a step is called in the log."""

    def __init__(self, is_fresh: Callable[[int, Wanted], bool], number: Callable[[int], str]) -> None:
        self._is_fresh = is_fresh
        self._number = number
        self._done: list[_Sweep] = []
        self._waiting: list[_Waiting] = []
        self._folders: set[str] = set()

    def step(
        self, effects: Effects, command: str, folder: str, place: int, outcome: str | None, printed: str
    ) -> Effects:
        """The effects of a step that deletes, in the working folder ``folder`` ("" = not known), those *not executed*
        that only repeat what was done before. What it removes itself is kept in mind."""
        if len(command) > MAX_COMMAND or any(e.kind not in MAKES_NOTHING and not e.deferred for e in effects):
            return effects
        folders = _folders(effects)
        if not folders:
            return effects
        ended = outcome == Outcome.SUCCEEDED or any(effect.note.endswith(REST) for effect in effects)
        if not ended:
            return effects
        waiting = _Waiting(folders, command, folder, place, not _complains(printed))
        if not any(f"{under}/".startswith(f"{above.rstrip('/')}/") for under in folders for above in self._folders):
            # Nothing can have been removed there before: it is looked at closely once something may be removed again.
            self._waiting.append(waiting)
        else:
            while self._waiting:
                self._look((), self._waiting.pop(0))
            effects = self._look(effects, waiting)
        if len(self._folders) < MAX_SWEEPS:
            self._folders.update(folders)
        return effects

    def _look(self, effects: Effects, seen: _Waiting) -> Effects:
        place = seen.place
        reached, is_whole = _taken_apart(seen.command, seen.folder)
        if not reached:
            return effects
        before = [self._before(reach) for reach in reached]
        found = effects
        if all(step >= 0 for step in before):
            note = f"not executed: step {self._number(max(before))} had left nothing of that name there"
            found = tuple(_marked(effect, note, reached) for effect in effects)
        if len(self._done) < MAX_SWEEPS and seen.is_quiet and is_whole:
            self._done += [
                _Sweep(reach, place) for reach, step in zip(reached, before, strict=True) if step < 0 and _lasts(reach)
            ]
        return found

    def _before(self, reach: Reach) -> int:
        """The step that removed all that is reached, -1 for none."""
        names = tuple(test[1] for test in reach.tests if test[0] in _NAMES)
        wanted = Wanted(reach.folder, names[:1] or ("*",), True, False, False)
        for sweep in reversed(self._done):
            if sweep.reach.covers(reach):
                return sweep.place if self._is_fresh(sweep.place, wanted) else -1
        return -1


@lru_cache(maxsize=1 << 12)
def _taken_apart(command: str, folder: str) -> tuple[tuple[Reach, ...], bool]:
    """What a command reaches, () where that cannot be told, and whether it removes all of that where it ends well."""
    commands = [found for found in simple_commands(command) if found.argv[:1] != ("cd",)]
    if not commands or len(commands) > MAX_COMMANDS or "cd " in command:
        return (), False
    reached = tuple(_reach(commands, folder))
    return reached, bool(reached) and _is_whole(commands, command)


def _folders(effects: Effects) -> tuple[str, ...]:
    """The folders in which deletions look, as far as their full names are known; a cheap look before the command is
    taken apart."""
    values = [
        effect.target.value
        for effect in effects
        if effect.kind is EffectKind.DELETE and not effect.deferred and effect.target is not None
    ]
    return tuple({posixpath.dirname(value.rstrip("/")) for value in values if value[:1] == "/"})


def _complains(printed: str) -> bool:
    lines = (line for line in printed.splitlines() if "refusing to remove '.' or '..'" not in line)
    return speaks_of_trouble("\n".join(lines))


def _holds(test: Unit, given: Unit) -> bool:
    """Whether a test holds for all for which another one does."""
    if test == given:
        return True
    if test[0] not in _NAMES or given[0] not in _NAMES or len(test) != 2 or len(given) != 2:
        return False
    loose = test[0] == "-iname"
    if given[0] == "-iname" and not loose:
        return False
    mine, others = (test[1].lower(), given[1].lower()) if loose else (test[1], given[1])
    return mine in ("*", others) or (not _GLOB.search(others) and fnmatchcase(others, mine))


def _lasts(reach: Reach) -> bool:
    """Whether what was reached is the same later."""
    return all(test == _SHOWN or test[0] in _LASTING for test in reach.tests)


def _words(command: SimpleCommand) -> tuple[str, ...]:
    argv = command.argv
    return argv[1:] if argv and argv[0] in _RUNNERS else argv


def _program(command: SimpleCommand) -> str:
    words = _words(command)
    return words[0].rsplit("/", 1)[-1] if words else ""


def _reach(commands: Sequence[SimpleCommand], folder: str) -> list[Reach]:
    """What the only search of a command, or a lone ``rm``, reaches; [] where that cannot be told."""
    searches = [found for found in commands if _program(found) in _FINDS]
    if len(searches) == 1 and searches[0] is commands[0]:
        return _searched(_words(searches[0])[1:], folder)
    if len(commands) == 1 and _program(commands[0]) in ("rm", "grm"):
        return _named(_words(commands[0])[1:], folder)
    return []


def _searched(words: Sequence[str], folder: str) -> list[Reach]:
    points, at = start_points(words)
    expression = words[at:]
    action = "-delete" if "-delete" in expression else "-exec" if not RUNS.isdisjoint(expression) else "-print"
    found = []
    for tests in acting(alternatives(expression), action):
        kept = tuple(unit for unit in tests if unit[0] not in _NO_TESTS)
        for point in points:
            full = _full(point, folder)
            if not full:
                return []
            found.append(Reach(full, kept))
    return found


def _named(words: Sequence[str], folder: str) -> list[Reach]:
    found = []
    for word in words:
        if word[:1] == "-":
            continue
        full = _full(word.rstrip("/"), folder)
        where, name = posixpath.split(full)
        if not name or _GLOB.search(where):
            return []
        tests: tuple[Unit, ...] = (("-name", name), ("-mindepth", "1"), ("-maxdepth", "1"))
        found.append(Reach(where, (*tests, _SHOWN) if _GLOB.search(name) and name[0] != "." else tests))
    return found


def _full(path: str, folder: str) -> str:
    """A full path, "" where it is not known."""
    if not path or _UNSEEN.search(path) or (not path.startswith("/") and not folder.startswith("/")):
        return ""
    return posixpath.normpath(posixpath.join(folder or "/", path)).replace("//", "/")


def _is_whole(commands: Sequence[SimpleCommand], command: str) -> bool:
    """Whether a command that ended well has removed all that it reaches: a search with a deletion, such a search and
    what takes its list, or ``rm``, and nothing that hides what they say."""
    if _LOOPS.search(command) or any(found.redirects for found in commands) or any(w in command for w in ("<<", "-ok")):
        return False
    first = commands[0]
    words = _words(first)
    if len(commands) == 1 and _program(first) in ("rm", "grm"):
        return not any(word in ("-i", "-I", "--interactive", "--dir", "-d") for word in words)
    if _program(first) not in _FINDS:
        return False
    found = alternatives(words[1:][start_points(words[1:])[1] :])
    if any(("-prune",) in units or ("-quit",) in units for units in found):
        return False
    if len(commands) == 1:
        # A program that is run for each file does not make the search fail; it speaks of it.
        return all(any(_removes(unit) for unit in units) and not _others(units) for units in found)
    feeds = len(commands) == 2 and commands[1].connector == "|" and _program(commands[1]) == "xargs"
    handed = [word for word in commands[1].argv[1:] if word[:1] != "-"] if feeds else []
    return handed in (["rm"], ["/bin/rm"]) and not any(unit[0] in RUNS for units in found for unit in units)


def _removes(unit: Unit) -> bool:
    ran = [word for word in unit[1:] if word not in (";", "\\;", "+", "{}") and word[:1] != "-"]
    return unit[0] == "-delete" or (unit[0] == "-exec" and len(ran) == 1 and ran[0].rsplit("/", 1)[-1] in _REMOVERS)


def _others(units: Sequence[Unit]) -> bool:
    """Whether a search runs anything else before its deletion."""
    first = next(n for n, unit in enumerate(units) if _removes(unit))
    return any(unit[0] in RUNS for unit in units[:first])


def _is_among(effect: Effect, reached: Sequence[Reach]) -> bool:
    value = effect.target.value if effect.target is not None else ""
    return value[:1] in ("$", "{") or any(value.startswith(reach.folder) for reach in reached)


def _marked(effect: Effect, note: str, reached: Sequence[Reach]) -> Effect:
    acts = effect.kind is EffectKind.DELETE and not effect.deferred
    if not acts or not (effect.outcome in (None, Outcome.UNKNOWN) or effect.note.endswith(REST)):
        return effect
    if effect.via and FED not in effect.via and not any(via.startswith(("find -exec", "sudo")) for via in effect.via):
        return effect
    if "xargs" in effect.via and not _is_among(effect, reached):
        # It is run once even for an empty list.
        return effect
    kept = effect.note.removesuffix(REST).removesuffix(NOT_SHOWN).removesuffix("; ")
    return replace(effect, outcome=Outcome.NOT_EXECUTED, note=f"{kept}; {note}" if kept else note)
