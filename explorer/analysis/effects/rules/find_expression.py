"""A ``find`` expression as its alternatives: what ``-o`` and brackets make of its tests and actions.

``\\( -name a -o -name b \\) -mtime +3 -delete`` has two: ``-name a -mtime +3 -delete`` and
``-name b -mtime +3 -delete``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from explorer.analysis.effects.shared.making import words

Unit = tuple[str, ...]
"""One test or action with its values; a negated one begins with ``!``."""
MAX_ALTERNATIVES = 16
MAX_DEPTH = 12
VALUED = words(
    "-name -iname -path -ipath -wholename -iwholename -regex -iregex -lname -ilname -type -xtype -size -mtime -atime "
    "-ctime -mmin -amin -cmin -newer -anewer -cnewer -perm -user -group -uid -gid -maxdepth -mindepth -printf -inum "
    "-links -samefile -fstype -context -used -regextype -fprint -fprint0 -fls -D -newermt -newerct -newerat -Bmin"
)
RUNS = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
ACTIONS = RUNS | words("-delete -print -print0 -ls -printf -fprint -fprint0 -fls -fprintf")
EVERYWHERE = words("-maxdepth -mindepth -depth -d -xdev -mount -daystart -follow -regextype")
"""Options that hold for the whole expression wherever they stand."""
_OPTIONS = frozenset({"-H", "-L", "-P"})
_OPEN = frozenset({"(", "\\("})
_CLOSE = frozenset({")", "\\)"})
_NOT = frozenset({"!", "-not", "\\!"})
_AND = frozenset({"-a", "-and"})
_OR = frozenset({"-o", "-or", ","})


def start_points(given: Sequence[str]) -> tuple[list[str], int]:
    """(the places where a find with these words starts, where its expression begins)."""
    points: list[str] = []
    for at, word in enumerate(given):
        if word in _OPTIONS or word.startswith(("-O", "-D")):
            continue
        if word.startswith("-") or word in _OPEN or word in _NOT:
            return points or ["."], at
        points.append(word)
    return points or ["."], len(given)


def alternatives(expression: Sequence[str]) -> list[list[Unit]]:
    """The alternatives, each with its units in their order; at most MAX_ALTERNATIVES, a group that would make more is
    one unit of its own. Any words give an answer; linear in their number."""
    return _Reader(expression).alternatives(0) or [[]]


def chosen_by(units: Sequence[Unit], action: str) -> list[Unit]:
    """The tests on which an action of an alternative depends: those before it, and options, which hold everywhere."""
    at = next((place for place, unit in enumerate(units) if unit[0] == action), len(units))
    return [
        unit
        for place, unit in enumerate(units)
        if unit[0] not in ACTIONS and (place < at or unit[0] in EVERYWHERE) and unit != ("-prune",)
    ]


class _Reader:
    """Reads an expression from left to right."""

    def __init__(self, expression: Sequence[str]) -> None:
        self._words = expression
        self._at = 0

    def alternatives(self, deep: int) -> list[list[Unit]]:
        """Up to the closing bracket or the end."""
        found: list[list[Unit]] = []
        current: list[list[Unit]] = [[]]
        while self._at < len(self._words):
            word = self._words[self._at]
            if word in _CLOSE:
                if deep:
                    break
                self._at += 1
            elif word in _OR:
                self._at += 1
                found += current
                current = [[]]
            elif word in _AND:
                self._at += 1
            else:
                current = _both(current, self._term(deep))
        found += current
        return found if len(found) <= MAX_ALTERNATIVES else [[_group(found)]]

    def _term(self, deep: int) -> list[list[Unit]]:
        negated = False
        while self._at < len(self._words) and self._words[self._at] in _NOT:
            negated = not negated
            self._at += 1
        if self._at >= len(self._words):
            return [[]]
        start = self._at
        if self._words[start] in _OPEN:
            self._at += 1
            inner = self.alternatives(deep + 1) if deep < MAX_DEPTH else self._skipped()
            self._at += 1
            return [[("!", *_group(inner))]] if negated else inner
        unit = self._unit()
        return [[("!", *unit)]] if negated else [[unit]]

    def _skipped(self) -> list[list[Unit]]:
        start, deep = self._at, 1
        while self._at < len(self._words):
            word = self._words[self._at]
            deep += (word in _OPEN) - (word in _CLOSE)
            if not deep:
                break
            self._at += 1
        return [[("(", *self._words[start : self._at], ")")]]

    def _unit(self) -> Unit:
        expression, start = self._words, self._at
        word = expression[start]
        end = start + 1
        if word in RUNS:
            while end < len(expression) and expression[end] not in (";", "\\;") and not _ends_batch(expression, end):
                end += 1
            end += 1
        elif word in VALUED:
            end += 1
        elif word == "-fprintf":
            end += 2
        self._at = min(end, len(expression))
        return tuple(expression[start : self._at])


def _ends_batch(expression: Sequence[str], at: int) -> bool:
    return expression[at] == "+" and expression[at - 1] == "{}"


def _both(first: list[list[Unit]], second: list[list[Unit]]) -> list[list[Unit]]:
    if len(second) == 1:
        for one in first:
            one.extend(second[0])
        return first
    if len(first) * len(second) > MAX_ALTERNATIVES:
        return _both(first, [[_group(second)]])
    return [[*one, *two] for one in first for two in second]


def _group(inner: list[list[Unit]]) -> Unit:
    """Alternatives as one unit."""
    said = [word for units in inner for word in ("-o", *chain.from_iterable(units))][1:]
    return ("(", *said, ")")
