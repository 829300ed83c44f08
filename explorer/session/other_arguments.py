"""Rows of a pair where both sides do the same with other arguments: told apart from rows that are equal.

An alignment calls two steps a match where effect and tool agree and their arguments overlap; a payment of 0.01 beside
one of 1000 is one. What decides here is the text itself: JSON objects field by field and numbers by value, anything
else by its words. What differs from one trial to the next without being meant (blanks, the kind of quotes, generated
ids, moments to the second) is no other argument, but where something is changed every id and moment counts.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from explorer.analysis.divergence.differing import Differing, differing_fields
from explorer.model.alignment import OPERATIONS, Operation
from explorer.model.result import AuditResult
from explorer.model.trajectory import Dataset
from explorer.session.pair_view import PairView

BoolArray = npt.NDArray[np.bool_]

_EQUAL, _OTHER, _OPEN = 0, 1, 2
_AT_ONCE = 10_000
_LONGEST = 20_000
"""Characters up to which arguments are compared for what they say; longer ones differ where their texts do."""
_FIELDS = 64
_EXACT = 15
"""Digits up to which numbers are compared by value."""
_SAID = frozenset({"message", "finish"})
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[T_ ]\d\d:?\d\d:?\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?|\b\d\d:\d\d:\d\d(?:\.\d{1,9})?\b"
)
_GENERATED = re.compile(
    r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|\b0x[0-9a-fA-F]{1,32}\b"
    r"|\b(?=[0-9a-f]{0,127}[a-f])(?=[0-9a-f]{0,127}\d)[0-9a-f]{16,128}\b"
)  # fmt: skip
_EXPANDED = frozenset("$`\\!")


class OtherArguments:
    """Which of a pair's matching rows have other arguments. Equal texts are found at once, by vectors; the rest is
    looked at when it is asked for, and then remembered.

    ``first`` and ``second`` are step rows per alignment row (-1 = gap), ``compared`` the rows to look at and
    ``strict`` per step whether it changes something (None = nothing is known, so every step does).
    """

    def __init__(
        self,
        dataset: Dataset,
        first: npt.NDArray[np.int64],
        second: npt.NDArray[np.int64],
        compared: BoolArray,
        strict: BoolArray | None = None,
    ) -> None:
        self._dataset, self._first, self._second = dataset, first, second
        rows = np.flatnonzero(compared & (first >= 0) & (second >= 0))
        self.strict = np.zeros(len(first), dtype=bool)
        self.strict[rows] = True if strict is None else strict[first[rows]] | strict[second[rows]]
        self._state = np.full(len(first), _EQUAL, dtype=np.uint8)
        column = dataset.steps["arguments"]
        for start in range(0, len(rows), _AT_ONCE):
            part = rows[start : start + _AT_ONCE]
            here, there = (pc.fill_null(column.take(pa.array(side[part])), "") for side in (first, second))
            self._state[part[pc.not_equal(here, there).to_numpy()]] = _OPEN
        said = [code for code, name in enumerate(dataset.kind.names) if name in _SAID]
        if said and len(rows):
            # What a message says may stand in its thought.
            self._state[rows[np.isin(dataset.kind.codes[first[rows]], said)]] = _OPEN

    def __len__(self) -> int:
        return len(self._state)

    @property
    def candidates(self) -> npt.NDArray[np.int64]:
        """Rows, in order, that have other arguments or have not been looked at."""
        return np.flatnonzero(self._state != _EQUAL)

    def at(self, row: int) -> bool:
        """Whether a row does the same with other arguments."""
        if self._state[row] == _OPEN:
            here, there = self._texts(row)
            self._state[row] = _OTHER if other(here, there, strict=bool(self.strict[row])) else _EQUAL
        return bool(self._state[row] == _OTHER)

    def rows(self, start: int, stop: int, most: int) -> tuple[npt.NDArray[np.int64], bool]:
        """Rows of a stretch that have other arguments, among the first ``most`` that may; and whether these are all."""
        open_rows = start + np.flatnonzero(self._state[start:stop] != _EQUAL)
        found = [row for row in open_rows[:most].tolist() if self.at(row)]
        return np.array(found, dtype=np.int64), len(open_rows) <= most

    def fields(self, row: int) -> tuple[Differing, ...]:
        """The named fields by which a row's sides differ; none where the arguments are no JSON objects."""
        here, there = self._texts(row)
        strict = bool(self.strict[row])
        return tuple(
            field for field in differing_fields(here, there) if other(field.own, field.other, strict=strict)
        )  # fmt: skip

    def _texts(self, row: int) -> tuple[str, str]:
        return self._text(int(self._first[row])), self._text(int(self._second[row]))

    def _text(self, step: int) -> str:
        given = self._dataset.steps["arguments"][step].as_py() or ""
        if given in ("", "{}") and self._dataset.kind.of(step) in _SAID:
            given = self._dataset.steps["thought"][step].as_py() or ""
        return str(given)


def other(first: str, second: str, *, strict: bool) -> bool:
    """Whether two calls' arguments differ in what was meant; ``strict`` counts generated ids and moments, too."""
    if first == second:
        return False
    if max(len(first), len(second)) > _LONGEST:
        return True
    here, there = _object(first), _object(second)
    if here is not None and there is not None:
        if max(len(here), len(there)) > _FIELDS:
            return here != there
        return any(
            meant(field.own, strict=strict) != meant(field.other, strict=strict)
            for field in differing_fields(first, second)
        ) or any(_longer_than_a_number(here[name], there[name]) for name in here if name in there)
    return meant(first, strict=strict) != meant(second, strict=strict)


@lru_cache(maxsize=512)
def meant(text: str, *, strict: bool) -> str:
    """A text without what may differ though the same is meant: blanks, and which quotes are used where both kinds do
    the same; unless ``strict``, generated ids and moments as well. Linear in the text."""
    said = " ".join(text.split())
    if not _EXPANDED.intersection(said):
        said = said.replace('"', "'")
    return said if strict else _GENERATED.sub("<id>", _MOMENT.sub("<time>", said))


def _longer_than_a_number(first: object, second: object) -> bool:
    """Whether two values differ that have more digits than a number keeps, as those of accounts do."""
    here, there = str(first), str(second)
    return here != there and min(len(here), len(there)) > _EXACT and here.isdigit() and there.isdigit()


def _object(text: str) -> dict[str, object] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def other_arguments(dataset: Dataset, result: AuditResult, view: PairView) -> OtherArguments:
    """Those of one pair; strict where a step changes something or is of concern."""
    steps = result.frame("steps")
    strict = (steps.numbers("severity") > 0) | steps.numbers("concern").astype(bool)
    matches = view.operation == OPERATIONS.index(Operation.MATCH)
    return OtherArguments(dataset, view.teacher_step, view.student_step, matches, strict)
