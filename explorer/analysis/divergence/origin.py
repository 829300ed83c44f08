"""Where the value of a target comes from, and whether the trajectory made the object itself.

A payee named in the request is another thing than one named in a tool's result, and a process that the agent started
is another thing than one it found.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache, partial

from explorer.analysis.divergence.echo import OwnWords
from explorer.analysis.divergence.mentions import (
    Find,
    FindShown,
    Said,
    find_asked_path,
    find_name,
    find_number,
    find_path,
    find_pattern,
    find_word,
    stands_by_chance,
)
from explorer.analysis.divergence.own_objects import MadeBySet, OwnObjects
from explorer.analysis.divergence.own_processes import OwnProcesses
from explorer.analysis.targets import NormalTarget, unresolved
from explorer.model.effect import CANNOT_TELL, EffectKind, StepEffects
from explorer.model.schema import Speaker
from explorer.model.trajectory import Dataset

_LOOK_UPS = 1_000
_PARTS = 50
_FIELD = re.compile(r"^\w+=")
_CHANGES_NOTHING = CANNOT_TELL | {EffectKind.NONE, EffectKind.REFUSE, EffectKind.READ}
_NOUNS = {"path": "file", "recipient": "user", "payee": "account"}
_NAMED_BY_WORDS = frozenset({"ref", "object", "element"})
_NAMED_BY_PATTERNS = frozenset({"process", "service"})
_ADDRESSES = re.compile(r", |,(?=[^,\s]+@)")


class Origin(StrEnum):
    """Where a target's value was seen before the step, in the order of how much the user answers for it: what was
    asked for by name, what a tool's result brought in, what was neither said nor shown. A result that gives back what
    the agent itself had written (:mod:`echo <explorer.analysis.divergence.echo>`) brings nothing in. A target of
    several parts (recipients) has the origin of the part the user answers least for."""

    REQUEST = "request"
    TOOL_RESULT = "tool_result"
    NOWHERE = "nowhere"


class OriginFinder:
    """Looks values up in what was asked and shown; the texts of the last trajectories are kept.

    At most 1,000 values a trajectory are looked up, so that a log of a million deletions stays affordable; beyond
    that the origin is None.
    """

    def __init__(self, dataset: Dataset, effects: StepEffects) -> None:
        self._dataset = dataset
        self._effects = effects
        self._made_by_set = MadeBySet(effects)
        self._changed_by_tool = [
            any(e.kind not in _CHANGES_NOTHING and e.rule.startswith("tool.") for e in found)
            for found in effects.catalog
        ]
        self._asked: dict[int, int] = {}
        self._texts = lru_cache(maxsize=32)(self._read_texts)
        self._made = lru_cache(maxsize=32)(self._read_made)
        self._started = lru_cache(maxsize=32)(self._read_started)

    def origin(self, trajectory: int, step: int, target: NormalTarget) -> Origin | None:
        """Where the target's value is found before ``step``: in what was said by user or system, in a tool's
        result, or nowhere. None without a known target, or where a part of it cannot be looked for, which may be
        the part that nobody asked for. None, too, for a pattern in a folder that was asked for, where what was asked
        is not that pattern: the request names the place, and what of it was meant cannot be told."""
        looked = self._asked[trajectory] = self._asked.get(trajectory, 0) + 1
        if unresolved(target) or looked > _LOOK_UPS:
            return None
        asked, shown, own = self._texts(trajectory)
        found: Origin | None = Origin.REQUEST
        values = _values(target)
        for value in values[:_PARTS]:
            finders = _finders(target.type, value)
            if finders is None:
                found = None
            elif finders[0](value, asked.text, asked.end_before(step + 1)) >= 0:
                continue
            elif target.type == "path" and _folder_asked(value, asked, step):
                return None
            elif (
                finders[1](value, shown.text, shown.end_before(step), passed_over=partial(own.echoed, value=value)) >= 0
            ):
                found = found and Origin.TOOL_RESULT
            else:
                # A pattern stands for names that may have been shown.
                return None if "*" in value and target.type == "path" else Origin.NOWHERE
        return None if found == Origin.REQUEST and len(values) > _PARTS else found

    def made_in(self, trajectory: int, step: int, kind: EffectKind, target: NormalTarget) -> int | None:
        """The step in which the same trajectory made the object or started the process before it acts on it (which
        may be in the same step), else None."""
        if not target.value:
            return None
        if kind == EffectKind.PROCESS_KILL:
            return self._started(trajectory).started_in(step, target.value)
        return self._made(trajectory).made_in(step, kind, target)

    def _read_texts(self, trajectory: int) -> tuple[Said, Said, OwnWords]:
        asked: list[tuple[int, str]] = []
        shown: list[tuple[int, str]] = []
        rows = self._dataset.rows(trajectory)
        arguments, observations = (
            self._dataset.steps[name].slice(rows.start, len(rows)).to_pylist() for name in ("arguments", "observation")
        )
        shown.extend((at, text) for at, text in enumerate(observations) if text)
        for turn in self._dataset.turns_of(trajectory):
            if turn.speaker == Speaker.TOOL:
                # Seen by the step it stands before; an observation is seen by the steps after its own.
                shown.append((turn.before_step - 1, turn.text))
            elif turn.speaker != Speaker.AGENT:
                asked.append((turn.before_step, turn.text))
        all_shown = Said.join(sorted(shown, key=_when))
        answers = [self._changed_by_tool[code] for code in self._effects.codes[rows.start : rows.stop].tolist()]
        return Said.join(sorted(asked, key=_when)), all_shown, OwnWords(arguments, answers, all_shown)

    def _read_made(self, trajectory: int) -> OwnObjects:
        return OwnObjects(self._dataset, self._effects, self._made_by_set, trajectory, self._texts(trajectory)[1])

    def _read_started(self, trajectory: int) -> OwnProcesses:
        rows = self._dataset.rows(trajectory)
        arguments, observations = (
            self._dataset.steps[name].slice(rows.start, len(rows)).to_pylist() for name in ("arguments", "observation")
        )
        return OwnProcesses(arguments, observations, self._texts(trajectory)[1])


def named_in(target: NormalTarget, text: str) -> bool:
    """Whether a case-folded text that asks for something names every value of a target."""
    values = [] if unresolved(target) else _values(target)[:_PARTS]
    finders = [_finders(target.type, value) for value in values]
    return bool(values) and all(
        found is not None and found[0](value, text, len(text)) >= 0
        for value, found in zip(values, finders, strict=True)
    )


def _when(entry: tuple[int, str]) -> int:
    return entry[0]


def _values(target: NormalTarget) -> list[str]:
    """What to look for: a path, or the values of a list without the names of their fields."""
    value = target.value.casefold()
    if target.type == "path":
        return [value]
    if target.type == "recipient":
        return _ADDRESSES.split(value)
    return [_FIELD.sub("", part) for part in value.split(", ")]


def _folder_asked(value: str, asked: Said, step: int) -> bool:
    """Whether a path with a pattern lies in a folder that was asked for by its name."""
    folder = value.partition("*")[0].rpartition("/")[0] if "*" in value else ""
    if stands_by_chance(folder):
        return False
    return find_asked_path(folder, asked.text, asked.end_before(step + 1)) >= 0


def _finders(target_type: str, value: str) -> tuple[Find, FindShown] | None:
    """How a value of this type is looked for in what was asked, and in what was shown; None if it cannot be."""
    if stands_by_chance(value):
        noun = _NOUNS.get(target_type, target_type)
        return (partial(find_number, noun=noun),) * 2 if value.isalnum() else None
    if target_type == "path":
        return find_asked_path, find_path
    if target_type in _NAMED_BY_PATTERNS:
        return find_pattern, find_word
    return find_name if target_type in _NAMED_BY_WORDS else find_word, find_word
