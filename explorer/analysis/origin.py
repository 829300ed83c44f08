"""Where the value of a target comes from, and whether the trajectory made the object itself.

A payee named in the request is another thing than one named in a tool's result, and a process that the agent started
is another thing than one it found.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from explorer.analysis.targets import NormalTarget, TargetIndex, normal_target
from explorer.model.effect import EffectKind, StepEffects
from explorer.model.schema import Speaker
from explorer.model.trajectory import Dataset

_TEXT_LIMIT = 200_000
_TOTAL_LIMIT = 4_000_000
_COMMAND_LIMIT = 20_000
_LOOK_UPS = 1_000
_SHORTEST = 3
_BACKGROUND = re.compile(r"(?:^|[^&])&(?![&>\d])|\bnohup\b|\bsetsid\b|\bdisown\b|--daemon|\bdocker run\b[^\n]* -d\b")
_SIGNS = ("&", "nohup", "setsid", "disown", "--daemon", " -d")
_FIELD = re.compile(r"^\w+=")
_PROCESS_VALUE = re.compile(r"[\w][\w./:\-]{2,}")
_MAKES = frozenset({EffectKind.CREATE})


class Origin(StrEnum):
    """Where a target's value was first seen before the step."""

    REQUEST = "request"
    TOOL_RESULT = "tool_result"
    NOWHERE = "nowhere"


class _Said(NamedTuple):
    """Texts in the order of time, joined; ``starts`` where each begins and ``steps`` when it was there."""

    text: str
    starts: list[int]
    steps: list[int]

    @classmethod
    def join(cls, parts: Iterable[tuple[int, str]]) -> _Said:
        texts, starts, steps, size = [], [], [], 0
        for step, text in parts:
            kept = text[: min(_TEXT_LIMIT, _TOTAL_LIMIT - size)].casefold()
            texts.append(kept)
            starts.append(size)
            steps.append(step)
            size += len(kept) + 1
            if size >= _TOTAL_LIMIT:
                break
        return cls("\n".join(texts), starts, steps)

    def first(self, value: str) -> int | None:
        """The step of the first text that has ``value`` as a word of its own."""
        place = _find_word(value, self.text)
        return None if place < 0 else self.steps[bisect_right(self.starts, place) - 1]


class OriginFinder:
    """Looks values up in what was asked and shown; the texts of the last trajectories are kept.

    At most 1,000 values a trajectory are looked up, so that a log of a million deletions stays affordable; beyond
    that the origin is None.
    """

    def __init__(self, dataset: Dataset, effects: StepEffects) -> None:
        self._dataset = dataset
        self._effects = effects
        self._made_by_set = [
            tuple(normal_target(e.target) for e in found if e.kind in _MAKES and e.target is not None)
            for found in effects.catalog
        ]
        self._asked: dict[int, int] = {}
        self._texts = lru_cache(maxsize=32)(self._read_texts)
        self._made = lru_cache(maxsize=32)(self._read_made)
        self._started = lru_cache(maxsize=32)(self._read_started)

    def origin(self, trajectory: int, step: int, target: NormalTarget) -> Origin | None:
        """Where the target's value is first found before ``step``: in what was said by user or system, in a
        tool's result, or nowhere. None without a target, or with one too short to be looked for."""
        looked = self._asked[trajectory] = self._asked.get(trajectory, 0) + 1
        if not target.value or looked > _LOOK_UPS:
            return None
        asked, shown = self._texts(trajectory)
        values = _values(target)
        if not values:
            return None
        if any(at is not None and at <= step for at in map(asked.first, values)):
            return Origin.REQUEST
        if any(at is not None and at < step for at in map(shown.first, values)):
            return Origin.TOOL_RESULT
        return Origin.NOWHERE

    def made_in(self, trajectory: int, step: int, kind: EffectKind, target: NormalTarget) -> int | None:
        """The earlier step in which the same trajectory made the object or started the process, else None."""
        if not target.value:
            return None
        if kind == EffectKind.PROCESS_KILL:
            return self._started_in(trajectory, step, target)
        made = self._made(trajectory).find(target)
        return made if made is not None and made < step else None

    def _started_in(self, trajectory: int, step: int, target: NormalTarget) -> int | None:
        words = [word for word in _PROCESS_VALUE.findall(target.value) if not word.isdigit()]
        for at, command in self._started(trajectory)[:_LOOK_UPS]:
            if at >= step:
                return None
            # A process by number or variable: whatever this trajectory started may be meant.
            if any(word in command for word in words) or not words or target.value[0] in "$%":
                return at
        return None

    def _read_texts(self, trajectory: int) -> tuple[_Said, _Said]:
        asked: list[tuple[int, str]] = []
        shown: list[tuple[int, str]] = []
        rows = self._dataset.rows(trajectory)
        observations = self._dataset.steps["observation"].slice(rows.start, len(rows)).to_pylist()
        shown.extend((at, text) for at, text in enumerate(observations) if text)
        for turn in self._dataset.turns_of(trajectory):
            if turn.speaker == Speaker.TOOL:
                # Seen by the step it stands before; an observation is seen by the steps after its own.
                shown.append((turn.before_step - 1, turn.text))
            elif turn.speaker != Speaker.AGENT:
                asked.append((turn.before_step, turn.text))
        return _Said.join(sorted(asked, key=_when)), _Said.join(sorted(shown, key=_when))

    def _read_made(self, trajectory: int) -> TargetIndex:
        made = TargetIndex()
        for at, row in enumerate(self._dataset.rows(trajectory)):
            for target in self._made_by_set[int(self._effects.codes[row])]:
                made.add(target, at)
        return made

    def _read_started(self, trajectory: int) -> list[tuple[int, str]]:
        rows = self._dataset.rows(trajectory)
        texts = self._dataset.steps["arguments"].slice(rows.start, len(rows)).to_pylist()
        return [
            (at, text[:_COMMAND_LIMIT].casefold())
            for at, text in enumerate(texts)
            if text and any(sign in text for sign in _SIGNS) and _BACKGROUND.search(text[:_COMMAND_LIMIT])
        ]


def _when(entry: tuple[int, str]) -> int:
    return entry[0]


def _values(target: NormalTarget) -> list[str]:
    """What to look for: the value, one of a list's values, or a path's own name. Values of one or two characters
    (a record's number) stand in any text by chance, so nothing is said of them."""
    value = target.value.casefold()
    if target.type == "path":
        name = value.rsplit("/", 1)[-1].strip("*")
        return [value, name] if len(name) >= 4 and name != value else [value]
    parts = [_FIELD.sub("", part) for part in value.split(", ")]
    return [part for part in parts if len(part) >= _SHORTEST][:50]


def _find_word(value: str, text: str) -> int:
    start = text.find(value)
    while start >= 0:
        stop = start + len(value)
        before, after = text[start - 1 : start] if start else "", text[stop : stop + 1]
        if not (before.isalnum() and value[0].isalnum()) and not (after.isalnum() and value[-1].isalnum()):
            return start
        start = text.find(value, stop)
    return -1
