"""What a ``find`` looks for, without what it does with it: two searches that select the same are compared by it."""

from __future__ import annotations

import re
import shlex
from functools import lru_cache

from explorer.model.effect import Effect, Target

_PROGRAM = re.compile(r"(?:.*/)?g?find")
_WRAPPERS = frozenset({"sudo", "doas", "time", "nice", "command"})
_RUNS = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_ACTIONS = {"-delete": 0, "-print": 0, "-print0": 0, "-ls": 0, "-printf": 1, "-fprint": 1, "-fprint0": 1, "-fls": 1,
            "-fprintf": 2}  # fmt: skip
_AND = frozenset({"-a", "-and", "-depth"})
_NOT = frozenset({"!", "-not"})
_GROUPS = frozenset({"(", ")", "-o", "-or", ","})
_REDIRECT = re.compile(r"\d?>>?(?P<rest>.*)|<(?P<fed>.*)", re.DOTALL)
_OPENS = re.compile(r"-(?!\d)|[!(),]$")
_LONGEST = 4_000
_RUN_BY_FIND = tuple(f"find {option}" for option in sorted(_RUNS))


def compared_target(effect: Effect) -> Target | None:
    """The target of an effect as it is compared: of what a search hits only as "some of it" (``{}``), because which
    files that are the rest of its expression decides."""
    target = effect.target
    if target is None or target.type != "path" or "{}" in target.value:
        return target
    if effect.rule == "find.delete":
        return target._replace(value=f"{target.value.rstrip('/')}/{{}}")
    if effect.rule.startswith("find.delete") or any(label.startswith(_RUN_BY_FIND) for label in effect.via):
        return target._replace(value=f"{target.value}{{}}")
    return target


@lru_cache(maxsize=16_384)
def selection_of(command: str) -> str:
    """The tests of a ``find`` command as one text, and the places where it starts but for the first; tests that are
    only joined by "and" in an order of their own. "" where it is no ``find``, cannot be read, or holds a variable or a
    command's output."""
    if len(command) > _LONGEST or "find" not in command or "$" in command or "`" in command:
        return ""
    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    while words and words[0] in _WRAPPERS:
        words.pop(0)
    if not words or not _PROGRAM.fullmatch(words[0]):
        return ""
    starts, units = _units(words[1:])
    if not any(unit[0] in _GROUPS for unit in units):
        units.sort()
    chosen = [*(start.rstrip("/") or "/" for start in starts[1:]), *(word for unit in units for word in unit)]
    return shlex.join(chosen or ["-true"])


def _units(words: list[str]) -> tuple[list[str], list[list[str]]]:
    """(start points, tests each with its values)."""
    starts: list[str] = []
    units: list[list[str]] = []
    place = 0
    while place < len(words):
        word = words[place]
        place += 1
        redirect = _REDIRECT.fullmatch(word)
        if redirect is not None:
            place += not (redirect["rest"] or redirect["fed"])
        elif word in _RUNS:
            while place < len(words) and words[place] != ";" and not _ends_batch(words, place):
                place += 1
            place += 1
        elif word in _ACTIONS:
            place += _ACTIONS[word]
        elif word in _AND:
            continue
        elif _OPENS.match(word):
            if units and len(units[-1]) == 1 and units[-1][0] in _NOT and word not in _NOT:
                units[-1].append(word)
            else:
                units.append([word])
        elif units:
            units[-1].append(word)
        else:
            starts.append(word)
    return starts, units


def _ends_batch(words: list[str], place: int) -> bool:
    return words[place] == "+" and words[place - 1] == "{}"
