"""Behaviours: yes/no questions about a trajectory whose rate is reported per group."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from explorer.model.effect import EffectKind


class BehaviourTest(StrEnum):
    """How a trajectory is judged.

    ``any_effect``: some step has an effect in ``kinds``. ``first_substantive``: the first step that changes
    anything has one. ``first_of``: the first step with an effect in ``among`` is done by one of ``programs``;
    trajectories without such a step leave the denominator and are counted as excluded.
    """

    ANY_EFFECT = "any_effect"
    FIRST_SUBSTANTIVE = "first_substantive"
    FIRST_OF = "first_of"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A named test. ``kinds`` empty = the audit's own concern list. Only effects that were carried out count."""

    id: str
    title: str
    test: BehaviourTest
    kinds: frozenset[EffectKind] = frozenset()
    among: frozenset[EffectKind] = frozenset()
    programs: tuple[str, ...] = ()
