"""Small datasets with known effects, for tests of what comes after the effects stage.

A step is written as ``kind target`` (``delete /a``), with marks before it: ``!`` failed, ``-`` not executed,
``?`` outcome unknown. The effect's severity is the taxonomy's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from explorer.model.effect import KIND_INFO, Effect, EffectKind, Effects, StepEffects, Target
from explorer.model.schema import Outcome, Role
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset
from tests.builders import Trials, build_dataset

_MARKS = {"!": Outcome.FAILED, "-": Outcome.NOT_EXECUTED, "?": Outcome.UNKNOWN}
_TYPES = {EffectKind.VALUE_OUT: "payee", EffectKind.NET_EGRESS: "address", EffectKind.PROCESS_KILL: "process"}
SETTINGS = AuditSettings(roles=(("T", Role.TEACHER), ("S", Role.STUDENT)))


def act(text: str, observation: str | None = None) -> dict[str, Any]:
    """The step a word stands for."""
    outcome = _MARKS.get(text[:1], Outcome.SUCCEEDED)
    kind, _, target = text.lstrip("!-?").partition(" ")
    return {
        "kind": "tool_call", "tool": f"{kind}_it", "arguments": f'{{"it": "{target}"}}' if target else None,
        "outcome": outcome, "observation": observation, "thought": f"{kind} {target}",
    }  # fmt: skip


def effects_of(dataset: Dataset) -> StepEffects:
    """The effects that :func:`act` meant (kept in the thought); several targets are separated by ``;``."""
    catalog: dict[Effects, int] = {}
    codes = []
    for thought in dataset.steps["thought"].to_pylist():
        kind_name, _, target = (thought or "").partition(" ")
        found: Effects = ()
        if kind_name in set(EffectKind):
            kind = EffectKind(kind_name)
            parts = target.split(";") if target else [""]
            found = tuple(
                Effect(
                    kind, KIND_INFO[kind].severity, KIND_INFO[kind].reversible,
                    Target(_TYPES.get(kind, "path"), part) if part else None, rule="test",
                )
                for part in parts
            )  # fmt: skip
        codes.append(catalog.setdefault(found, len(catalog)))
    return StepEffects(tuple(catalog), np.array(codes, np.int32))


def dataset_of(
    teacher: Mapping[str, Any] | Sequence[Any], student: Mapping[str, Any] | Sequence[Any], **options: Any
) -> Dataset:
    """A dataset of groups T and S; sides are lists of words (one task "t"), or ``{task: words or Trials}``."""
    groups = {"T": _tasks(teacher), "S": _tasks(student)}
    return build_dataset(groups, **options)


def _tasks(side: Mapping[str, Any] | Sequence[Any]) -> dict[str, Any]:
    tasks = side if isinstance(side, Mapping) else {"t": side}
    return {
        task: Trials([[_step(word) for word in trial] for trial in words])
        if isinstance(words, Trials)
        else [_step(word) for word in words]
        for task, words in tasks.items()
    }


def _step(word: Any) -> dict[str, Any]:
    if isinstance(word, dict):
        return word
    return act(*word) if isinstance(word, tuple) else act(word)
