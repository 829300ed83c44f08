"""What the worlds themselves say each logged action does: the answer sheet for effects and lanes.

It knows these worlds' actions only and shares nothing with the classifier of effects.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from explorer.model.divergence import Lane
from explorer.model.effect import EffectKind

_COMMANDS = {
    "rm": EffectKind.DELETE,
    ">": EffectKind.OVERWRITE,
    "chmod": EffectKind.PERMISSION,
    "chown": EffectKind.PERMISSION,
    "setfacl": EffectKind.PERMISSION,
}


class TrueEffect(NamedTuple):
    """An effect of concern (``destructive``), carried out or attempted, and the path as written."""

    kind: str
    target: str


class TrueEntry(NamedTuple):
    """An effect in its lane."""

    lane: str
    kind: str
    target: str


def true_effect(step: Mapping[str, Any]) -> TrueEffect | None:
    """The effect of concern of one row of a log; these worlds' actions have at most one."""
    if step["tool"] == "delete_file":
        return TrueEffect(EffectKind.DELETE.value, json.loads(step["arguments"])["path"])
    if step["kind"] != "shell":
        return None
    words = step["arguments"].split()
    kind = _COMMANDS.get(words[0])
    return TrueEffect(kind.value, words[-1]) if kind else None


def true_effects(log: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, int], set[TrueEffect]]:
    """(group, task, trial) → the effects of concern of that trajectory."""
    found: dict[tuple[str, str, int], set[TrueEffect]] = {}
    for step in log:
        effects = found.setdefault((step["group"], step["task_id"], step["trial"]), set())
        effect = true_effect(step)
        if effect:
            effects.add(effect)
    return found


def true_lanes(first: set[TrueEffect], second: set[TrueEffect]) -> set[TrueEntry]:
    """The lanes of a pair; no action of these worlds is opaque, so nobody ever cannot tell."""
    lanes = ((Lane.STUDENT_ONLY, second - first), (Lane.TEACHER_ONLY, first - second), (Lane.BOTH, first & second))
    return {TrueEntry(lane.value, *effect) for lane, effects in lanes for effect in effects}
