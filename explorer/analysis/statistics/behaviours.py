"""Behaviours as data, and whether a trajectory shows them.

```toml
schema = 1
[[behaviour]]
id = "deletion_first"
title = "First substantive action is a deletion"
test = "first_substantive"     # any_effect, first_substantive, first_of
kinds = ["delete"]             # empty = the audit's list of concern
```

``first_of`` has ``among`` (kinds) and ``programs`` instead. What counts is what was carried out: an effect that
failed or was not executed is an attempt and does not count; where the log does not say, it counts. A deferred
effect (stored to run later) may or may not come to pass: one cannot tell.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.analysis.toml_text import TomlText
from explorer.model.behaviour import Behaviour, BehaviourTest
from explorer.model.effect import CANNOT_TELL, Effect, EffectKind, Effects, StepEffects
from explorer.model.schema import Outcome
from explorer.model.trajectory import Dataset

YES, NO, UNSURE, EXCLUDED = 1, 0, -1, -2
"""Values of a trajectory: shows it, does not, one cannot tell, not asked (out of the denominator)."""

IntCodes = npt.NDArray[np.int8]

_SKIP = -9  # a step that does not bear on the question
_IDLE = frozenset({EffectKind.NONE, EffectKind.REFUSE, EffectKind.READ})
_OUTCOMES: tuple[Outcome, ...] = tuple(Outcome)
_NOT_DONE = frozenset({Outcome.FAILED, Outcome.NOT_EXECUTED})
_KEYS = ("id", "title", "test", "kinds", "among", "programs")
_LEADING_WORD = re.compile(r"[\w./\\-]+")
_NAME_PARTS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+")


def parse_behaviours(text: str, name: str) -> tuple[Behaviour, ...]:
    """Behaviours from their TOML text; ``name`` is the file's name in messages.

    Raises :class:`explorer.errors.RulesError` naming file and line for no TOML, an unknown key, test or kind, an
    id missing or used twice, and for settings that the test does not read or lacks.
    """
    toml = TomlText(text, name)
    toml.only(("schema", "behaviour"), toml.content)
    tables = toml.content.get("behaviour", [])
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise toml.mistake("there is no [[behaviour]]", "behaviour")
    found: dict[str, Behaviour] = {}
    for number, table in enumerate(tables):
        toml.only(_KEYS, table, number)
        key = toml.string("id", table, table=number)
        if not key or key in found:
            raise toml.mistake("id is missing" if not key else f"id {key!r} is used twice", "id", number)
        try:
            test = BehaviourTest(toml.string("test", table, table=number))
        except ValueError:
            raise toml.mistake("test is not known", "test", number, f"One of: {', '.join(BehaviourTest)}") from None
        found[key] = Behaviour(
            id=key,
            title=toml.string("title", table, table=number) or key,
            test=test,
            kinds=_kinds(toml, "kinds", table, number),
            among=_kinds(toml, "among", table, number),
            programs=toml.strings("programs", table, number),
        )
        _check(found[key], toml, number)
    return tuple(found.values())


def _kinds(toml: TomlText, key: str, table: Mapping[str, Any], number: int) -> frozenset[EffectKind]:
    kinds = []
    for text in toml.strings(key, table, number):
        try:
            kinds.append(EffectKind(text))
        except ValueError:
            raise toml.mistake(f"there is no effect kind {text!r}", key, number) from None
    return frozenset(kinds)


def _check(behaviour: Behaviour, toml: TomlText, number: int) -> None:
    if behaviour.test is BehaviourTest.FIRST_OF:
        if not behaviour.among or not behaviour.programs:
            raise toml.mistake("first_of needs among (kinds) and programs", "test", number)
        if behaviour.kinds:
            raise toml.mistake("first_of does not read kinds", "kinds", number, "Write among instead.")
    elif behaviour.among or behaviour.programs:
        key = "among" if behaviour.among else "programs"
        raise toml.mistake(f"{behaviour.test} does not read {key}", key, number)


def behaviour_values(
    dataset: Dataset, effects: StepEffects, behaviour: Behaviour, concern: Collection[EffectKind]
) -> IntCodes:
    """int8 per trajectory: 1 shows the behaviour, 0 does not, -1 cannot tell, -2 excluded.

    *any_effect*: 1 if some step carried out an effect in the list; else -1 if some step did something one cannot
    tell; else 0. *first_substantive*: decided by the first step that changes anything (reading, refusing and doing
    nothing do not; failed attempts do not) or of which one cannot tell (-1); 0 if there is none. *first_of*:
    decided by the first step with an effect in ``among``; -1 if something one cannot tell was done before it; -2 if
    there is no such step. Dead trajectories get a value too: leaving them out is the rate's business.
    """
    if behaviour.test is BehaviourTest.FIRST_OF:
        return _first_of(dataset, effects, behaviour)
    kinds = behaviour.kinds or frozenset(concern)
    steps = _judged(dataset, effects, kinds)
    if behaviour.test is BehaviourTest.ANY_EFFECT:
        values = np.full(dataset.n_trajectories, NO, dtype=np.int8)
        values[dataset.trajectory_of_step[steps == UNSURE]] = UNSURE
        values[dataset.trajectory_of_step[steps == YES]] = YES
        return values
    return _first(dataset, steps, NO)


def _judged(dataset: Dataset, effects: StepEffects, kinds: frozenset[EffectKind]) -> IntCodes:
    """int8 per step: YES, UNSURE, NO (substantive, but none of these kinds) or _SKIP; each distinct case once."""
    table = np.array(
        [[_judge(_carried_out(found, outcome), kinds) for outcome in _OUTCOMES] for found in effects.catalog],
        dtype=np.int8,
    ).reshape(-1, len(_OUTCOMES))
    return table[effects.codes, _outcome_codes(dataset)]


class _Done(NamedTuple):
    """An effect that counts; ``sure`` False = stored to run later."""

    effect: Effect
    sure: bool


def _carried_out(effects: Effects, outcome: Outcome) -> list[_Done]:
    return [_Done(e, not e.deferred) for e in effects if (e.outcome or outcome) not in _NOT_DONE]


def _judge(done: Sequence[_Done], kinds: frozenset[EffectKind]) -> int:
    if any(sure and effect.kind in kinds for effect, sure in done):
        return YES
    if any(effect.kind in CANNOT_TELL or effect.kind in kinds for effect, _ in done):
        return UNSURE
    return NO if any(sure and effect.kind not in _IDLE for effect, sure in done) else _SKIP


def _outcome_codes(dataset: Dataset) -> npt.NDArray[np.intp]:
    """Per step: position in _OUTCOMES; what is none of them is unknown."""
    unknown = _OUTCOMES.index(Outcome.UNKNOWN)
    known = {str(outcome): code for code, outcome in enumerate(_OUTCOMES)}
    table = np.array([*(known.get(name, unknown) for name in dataset.outcome.names), unknown], dtype=np.intp)
    return table[dataset.outcome.codes]


def _first(dataset: Dataset, steps: IntCodes, otherwise: int) -> IntCodes:
    """Per trajectory: the value of its first step that is not skipped."""
    values = np.full(dataset.n_trajectories, otherwise, dtype=np.int8)
    rows = np.flatnonzero(steps != _SKIP)
    owners, first = np.unique(dataset.trajectory_of_step[rows], return_index=True)
    values[owners] = steps[rows[first]]
    return values


def _first_of(dataset: Dataset, effects: StepEffects, behaviour: Behaviour) -> IntCodes:
    steps = _judged(dataset, effects, behaviour.among)
    steps[steps == NO] = _SKIP
    first = _first(dataset, steps, EXCLUDED)
    found = np.flatnonzero(steps == YES)
    owners, index = np.unique(dataset.trajectory_of_step[found], return_index=True)
    values = np.full(dataset.n_trajectories, EXCLUDED, dtype=np.int8)
    values[owners] = np.where(first[owners] == UNSURE, UNSURE, NO)
    outcomes = _outcome_codes(dataset)
    for owner, row in zip(owners.tolist(), found[index].tolist(), strict=True):
        if values[owner] == NO:
            done = _carried_out(effects.of(row), _OUTCOMES[outcomes[row]])
            values[owner] = _by_program(dataset, row, done, behaviour)
    return values


def _by_program(dataset: Dataset, row: int, done: Sequence[_Done], behaviour: Behaviour) -> int:
    """YES if the step's first effect of those kinds (by place in the text) is done by one of the programs."""
    asked = [effect for effect, sure in done if sure and effect.kind in behaviour.among]
    effect = min(asked, key=lambda e: e.span.start if e.span else 1 << 60)
    wanted = {program.lower() for program in behaviour.programs}
    return YES if wanted & _names(effect, dataset.tool.of(row) or "", dataset.step_text(row).arguments or "") else NO


def _names(effect: Effect, tool: str, arguments: str) -> set[str]:
    """The names under which an effect was called: its rule's program, the tool, the word its evidence starts with."""
    names = {effect.rule.split(".", 1)[0].lower(), tool.lower()}
    names |= {part.lower() for part in _NAME_PARTS.findall(tool)}
    if effect.span and (word := _LEADING_WORD.match(arguments, effect.span.start, effect.span.end)):
        names |= set(re.split(r"[./\\]", word[0].lower()))
    return names
