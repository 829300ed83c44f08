"""The conditions of a ``find`` as a set of what it selects, and how two such sets lie to one another.

Every condition more on the same folder selects a part of it (``-maxdepth 1``, another ``-name``), fewer select more.
Depths, sizes and times are ranges (GNU find's rounding: ``-mtime +5`` is six whole days or more, ``-size +1k`` more
than 1,024 bytes), names are patterns, and whatever is not read is a condition that only equals itself.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from math import inf
from typing import NamedTuple

from explorer.analysis.effects.rules.find_expression import Unit, alternatives
from explorer.analysis.name_patterns import may_share, within

_KINDS_OF_FILE = frozenset("bcdpflsD")
_NAMED = {
    "-name": ("name", False), "-iname": ("name", True), "-path": ("path", False), "-wholename": ("path", False),
    "-ipath": ("path", True), "-iwholename": ("path", True),
}  # fmt: skip
_TIMES = {"-mtime": 1440, "-atime": 1440, "-ctime": 1440, "-mmin": 1, "-amin": 1, "-cmin": 1}
_BYTES = {"c": 1, "w": 2, "": 512, "b": 512, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<number>\d{1,12})(?P<unit>[cwbkMG]?)")
_MODES = frozenset({"-follow", "-regextype", "-daystart"})
"""They change what other conditions mean, so that what has one more is not less."""
_UNREAD = frozenset({"but", "-prune", "-quit"})
"""Where some of what is found is left out, or the search ends early, a search with fewer conditions is not more."""
_NARROWS = re.compile(r"(?:e|f|g)?grep\s(?!(?:.*\s)?-\w*[colLq])|(?:head|tail|sort|uniq)(?:\s|$)")


class Relation(StrEnum):
    """How what one search selects lies to what another does. A part may be all of it: no log tells."""

    SAME = "same"
    SUBSET = "subset"
    SUPERSET = "superset"
    DISJOINT = "disjoint"
    UNKNOWN = "unknown"


class Name(NamedTuple):
    """A pattern of names (``of`` "name") or of paths."""

    of: str
    pattern: str
    folds_case: bool
    negated: bool


class Chosen(NamedTuple):
    """What one alternative asks for: all of it must hold. ``ranges`` holds (what is measured, least, most), sizes in
    bytes, times in half minutes (odd = between two whole minutes)."""

    types: frozenset[str]
    ranges: tuple[tuple[str, float, float], ...]
    names: frozenset[Name]
    others: frozenset[Unit]


class Search(NamedTuple):
    """A search: the folder where it starts (of folders that are not named by a full path those with an equal ``place``
    are compared), its alternatives, what changes their meaning, and what its list goes through."""

    start: str
    place: str
    alternatives: tuple[Chosen, ...]
    modes: frozenset[Unit]
    filters: str

    @property
    def may_hit_folders(self) -> bool:
        return any("d" in chosen.types for chosen in self.alternatives)


@lru_cache(maxsize=1 << 13)
def read_search(selection: str, start: str, place: str = "") -> Search | None:
    """The search of a selection (see :func:`~explorer.analysis.divergence.find_selection.selection_of`); None where
    it cannot be told as sets: several starts, branches that are left out, a list that is rewritten."""
    tests, _, filters = selection.partition(" | ")
    if not all(_NARROWS.match(stage) for stage in filters.split(" | ") if stage):
        return None
    try:
        words = shlex.split(tests)
    except ValueError:
        return None
    found = alternatives(words)
    units = [unit for one in found for unit in one]
    if not found or any(unit[0] in _UNREAD or not unit[0].startswith(("-", "!", "(")) for unit in units):
        return None
    chosen = tuple(_chosen([unit for unit in one if unit[0] not in _MODES]) for one in found)
    modes = frozenset(unit for unit in units if unit[0] in _MODES)
    kept = tuple(one for one in chosen if one is not None)
    return Search(start, place, kept, modes, filters) if len(kept) == len(chosen) else None


def selects(one: Search, other: Search) -> Relation:
    """How what ``one`` selects lies to what ``other`` does. Never guessed: UNKNOWN where it is not sure."""
    if one == other:
        return Relation.SAME
    if one.place != other.place or one.modes != other.modes:
        return Relation.UNKNOWN
    below = _depth_below(one.start, other.start)
    above = _depth_below(other.start, one.start)
    if below is None and above is None:
        apart = bool(one.start.startswith("/") and other.start.startswith("/"))
        return Relation.DISJOINT if apart else Relation.UNKNOWN
    mine, theirs = _deeper(one.alternatives, below), _deeper(other.alternatives, above)
    if all(_apart(first, second) for first in mine for second in theirs):
        return Relation.DISJOINT
    part = below is not None and _filtered(one, other) and _all_in(mine, theirs)
    whole = above is not None and _filtered(other, one) and _all_in(theirs, mine)
    if part and whole:
        return Relation.SAME
    return Relation.SUBSET if part else Relation.SUPERSET if whole else Relation.UNKNOWN


def in_one_place(one: Search, other: Search) -> bool:
    """Whether the one searches where the other does, or within it."""
    within_reach = _depth_below(one.start, other.start), _depth_below(other.start, one.start)
    return one.place == other.place and any(depth is not None for depth in within_reach)


def added_conditions(selection: str, part: Search, whole: Search) -> str:
    """The conditions of a search (read from its ``selection``) that a wider one does not have, as written; "" where
    they are not a few words of one alternative."""
    tests = selection.partition(" | ")[0]
    if len(part.alternatives) != 1 or part.start != whole.start:
        return ""
    added = []
    for unit in alternatives(shlex.split(tests))[0]:
        alone = _chosen([unit])
        if alone is not None and not any(_in(one, alone) for one in whole.alternatives):
            added.append(shlex.join(unit).replace("'!'", "!"))
    if part.filters and part.filters != whole.filters:
        added.append(f"| {part.filters}")
    return " ".join(added)


def _chosen(units: Sequence[Unit]) -> Chosen | None:
    types, names, others = _KINDS_OF_FILE, set[Name](), set[Unit]()
    ranges: dict[str, tuple[float, float]] = {}
    depths = {unit for unit in units if unit[0] in ("-maxdepth", "-mindepth")}
    if len({unit[0] for unit in depths}) < len(depths):
        return None  # the last one given counts, and the order is not kept
    for unit in units:
        negated = unit[0] == "!"
        test, value = unit[negated:][0] if len(unit) > negated else "", unit[-1]
        given = len(unit) == 2 + negated
        asked = _types(value) if given and test == "-type" else None
        measured = _range(test, value, negated) if given else None
        if asked is not None:
            types &= _KINDS_OF_FILE - asked if negated else asked
        elif measured is not None:
            of, least, most = measured
            held = ranges.get(of, (-inf, inf))
            ranges[of] = (max(held[0], least), min(held[1], most))
        elif given and test in _NAMED:
            if not negated and not value.strip("*"):
                continue  # any name
            names.add(Name(_NAMED[test][0], value, _NAMED[test][1], negated))
        elif test in ("-maxdepth", "-mindepth"):
            return None
        elif unit not in (("-true",), ("-noleaf",)):
            others.add(unit)
    if not types or any(least > most for least, most in ranges.values()):
        return None  # nobody asks for nothing: it is not read as it was meant
    measures = tuple(sorted((of, least, most) for of, (least, most) in ranges.items()))
    return Chosen(types, measures, frozenset(names), frozenset(others))


def _types(value: str) -> frozenset[str] | None:
    asked = frozenset(value.split(","))
    return asked if asked <= _KINDS_OF_FILE else None


def _range(test: str, value: str, negated: bool) -> tuple[str, float, float] | None:
    """(what is measured, least, most) of a condition with a number; None where it is no range."""
    found = _NUMBER.fullmatch(value)
    if found is None:
        return None
    sign, number, unit = found["sign"], int(found["number"]), found["unit"]
    least, most = -inf, inf
    if test in ("-maxdepth", "-mindepth"):
        if sign or unit or negated:
            return None
        return ("depth", -inf, number) if test == "-maxdepth" else ("depth", number, inf)
    if test in _TIMES:
        if unit:
            return None
        of, whole_days, step = test[:2], _TIMES[test] > 1, 2 * _TIMES[test]
        if sign == "+":
            least = step * (number + 1) if whole_days else step * number + 1
        elif sign == "-":
            most = step * number - 1
        elif whole_days:
            least, most = step * number, step * (number + 1) - 1
        else:
            return None  # which end belongs to it differs from program to program
    elif test == "-size":
        of, step = "size", _BYTES[unit]
        if sign == "+":
            least = step * number + 1
        elif sign == "-":
            most = step * (number - 1)
        else:
            least, most = step * (number - 1) + 1, step * number
    else:
        return None
    if not negated:
        return of, least, most
    if least > -inf and most < inf:
        return None
    return (of, -inf, least - 1) if most == inf else (of, most + 1, inf)


def _depth_below(start: str, other: str) -> int | None:
    """How many folders ``start`` lies below ``other``; None where it does not lie in it."""
    if start == other:
        return 0
    if not other.startswith("/"):
        return None
    folder = other.rstrip("/") + "/"
    return start[len(folder) :].count("/") + 1 if start.startswith(folder) and ".." not in start else None


def _deeper(chosen: tuple[Chosen, ...], depth: int | None) -> tuple[Chosen, ...]:
    """What is asked for, with depths counted from so many folders above."""
    if not depth:
        return chosen
    found = []
    for one in chosen:
        ranges = {of: (least, most) for of, least, most in one.ranges}
        least, most = ranges.get("depth", (0, inf))
        ranges["depth"] = (max(least, 0) + depth, most + depth)
        found.append(one._replace(ranges=tuple(sorted((of, *held) for of, held in ranges.items()))))
    return tuple(found)


def _filtered(part: Search, whole: Search) -> bool:
    """Whether what the lists go through leaves a part a part: what cuts a longer list may keep other things."""
    return not whole.filters or (part.filters == whole.filters and part.alternatives == whole.alternatives)


def _all_in(parts: Sequence[Chosen], wholes: Sequence[Chosen]) -> bool:
    return all(any(_in(part, whole) for whole in wholes) for part in parts)


@lru_cache(maxsize=1 << 14)
def _in(part: Chosen, whole: Chosen) -> bool:
    """Whether everything that the one alternative selects is selected by the other."""
    if not part.types <= whole.types or not whole.others <= part.others:
        return False
    held = {of: (least, most) for of, least, most in part.ranges}
    for of, least, most in whole.ranges:
        nothing_less = 0 if of in ("depth", "size") else -inf
        if of == "depth" and "d" not in part.types:
            nothing_less = 1  # a search starts in a folder, and that is none of what it asks for
        mine = held.get(of, (-inf, inf))
        if max(mine[0], nothing_less) < least or mine[1] > most:
            return False
    return all(name in part.names or any(_implies(mine, name) for mine in part.names) for name in whole.names)


def _apart(one: Chosen, other: Chosen) -> bool:
    """Whether no file can be selected by both."""
    if not one.types & other.types:
        return True
    held = {of: (least, most) for of, least, most in one.ranges}
    for of, least, most in other.ranges:
        mine = held.get(of, (-inf, inf))
        if max(mine[0], least) > min(mine[1], most):
            return True
    if any(("!", *unit) in other.others for unit in one.others) or any(
        ("!", *unit) in one.others for unit in other.others
    ):
        return True
    return any(_excludes(first, second) for first in one.names for second in other.names)


def _implies(one: Name, other: Name) -> bool:
    """Whether the name of every file that the one asks for is what the other asks for."""
    if one.of != other.of:
        return False
    if other.negated:
        return _excludes(one, other._replace(negated=False))
    return not one.negated and _within(one, other)


def _excludes(one: Name, other: Name) -> bool:
    """Whether no name can be what both ask for."""
    if one.of != other.of or (one.negated and other.negated):
        return False
    if one.negated or other.negated:
        asked, spared = (other, one) if one.negated else (one, other)
        return _within(asked, spared._replace(negated=False))
    first, second = _folded(one, other)
    return not may_share(first, second)


def _within(one: Name, other: Name) -> bool:
    if one.folds_case and not other.folds_case and other.pattern.lower() != other.pattern.upper():
        return False
    return within(*_folded(one, other))


def _folded(*names: Name) -> tuple[str, str]:
    first, second = (name.pattern for name in names)
    if any(name.folds_case for name in names):
        return first.lower(), second.lower()
    return first, second
