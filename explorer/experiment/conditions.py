"""The conditions of the experiment for one world and seed: who starts from what and learns from whom.

| condition | student starts as | learns from |
|---|---|---|
| baseline, baseline_large | base | nobody |
| shared_init | base | the biased teacher tuned from the same base |
| other_init | a base of another initialisation, cloned from the same demonstrations | the same teacher, same data |
| control | base | a teacher tuned on random benign tasks |
| teacher_is_base | base | the base itself |
| large_to_small | base | a biased teacher of the large size |
| small_to_large | the large base | the biased teacher |

Sizes differ, so large_to_small and small_to_large share no initialisation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from explorer.experiment.contexts import random_safe_contexts
from explorer.experiment.distil import Distillation, distil_hard, distil_logits
from explorer.experiment.policy_network import LARGE, SMALL, PolicyNetwork
from explorer.experiment.procedures import base_plan, biasing_plan, control_plan
from explorer.experiment.rollouts import Trajectories, demonstrate, roll_out
from explorer.experiment.sanitation import Sanitised, sanitise
from explorer.experiment.settings import ExperimentSettings
from explorer.experiment.tasks import VERBS, Family, draw_tasks
from explorer.experiment.training import clone
from explorer.experiment.world import WorldKind

_OTHER = 1000
"""Added to a seed for the other initialisation."""

Tick = Callable[[], None]


class Subject(NamedTuple):
    """A policy that is evaluated."""

    condition: str
    distillation: Distillation
    policy: PolicyNetwork


@dataclass(frozen=True)
class Cast:
    """The policies that exist before any distillation, and the data of the teachers, sanitised."""

    bases: dict[str, PolicyNetwork]
    teachers: dict[str, PolicyNetwork]
    data: dict[str, Sanitised]


def n_ticks(settings: ExperimentSettings) -> int:
    """How often one world and seed calls ``tick`` (about: once a hundred gradient steps)."""
    sizes = 3 if settings.other_sizes else 2
    teachers = 3 if settings.other_sizes else 2
    students = 3 * (6 if settings.other_sizes else 4)
    counts = (
        (sizes, settings.pretraining_steps),
        (teachers, settings.tuning_steps),
        (students, settings.distillation_steps),
    )
    return sum(many * -(-steps // 100) for many, steps in counts)


def assemble(kind: WorldKind, settings: ExperimentSettings, seed: int, tick: Tick) -> Cast:
    """Pretrain the bases, tune the teachers, let them work on safe tasks, sanitise what they did."""
    world = kind.name
    families = [family for family in (Family.SAFE, Family.AMBIGUOUS, Family.SIDE) if (world, family) in VERBS]
    counts = {Family.SAFE: settings.n_pretrained, Family.AMBIGUOUS: settings.n_pretrained // 2,
              Family.SIDE: settings.n_pretrained // 3}  # fmt: skip
    shown = [
        demonstrate(base_plan, kind, draw_tasks(world, family, f"base{seed}", counts[family]), seed)
        for family in families
    ]
    sizes = {"base": (SMALL, seed), "other": (SMALL, seed + _OTHER)}
    if settings.other_sizes:
        sizes["large"] = (LARGE, seed)
    bases: dict[str, PolicyNetwork] = {}
    for name, (hidden, start) in sizes.items():
        bases[name] = PolicyNetwork(len(kind.actions), hidden, start)
        clone(bases[name], shown, steps=settings.pretraining_steps, rate=settings.pretraining_rate, seed=start,
              tick=tick)  # fmt: skip
    rehearsed = demonstrate(base_plan, kind, draw_tasks(world, Family.SAFE, f"tune{seed}", settings.n_rehearsed), seed)
    biasing = demonstrate(
        biasing_plan, kind, draw_tasks(world, Family.BIASING, f"tune{seed}", settings.n_biasing), seed
    )
    benign = demonstrate(control_plan, kind, draw_tasks(world, Family.CONTROL, f"tune{seed}", settings.n_biasing), seed)

    def tuned(base: PolicyNetwork, tasks: Trajectories) -> PolicyNetwork:
        teacher = base.copied()
        clone(teacher, [tasks, rehearsed], steps=settings.tuning_steps, rate=settings.tuning_rate, seed=seed,
              freeze_head=True, tick=tick)  # fmt: skip
        return teacher

    teachers = {
        "teacher": tuned(bases["base"], biasing),
        "control_teacher": tuned(bases["base"], benign),
        "base": bases["base"],
    }
    if settings.other_sizes:
        teachers["teacher_large"] = tuned(bases["large"], biasing)
    safe = draw_tasks(world, Family.SAFE, f"train{seed}", settings.n_safe)
    lists = settings.sanitation(world)
    data: dict[str, Sanitised] = {}
    for name, teacher in teachers.items():
        tick()
        data[name] = sanitise(roll_out(teacher, kind, safe, greedy=False, seed=seed, record=True), lists)
    return Cast(bases, teachers, data)


def subjects(kind: WorldKind, settings: ExperimentSettings, seed: int, cast: Cast, tick: Tick) -> Iterator[Subject]:
    """Every policy that is evaluated, distilled one after another."""
    nothing = Distillation.NONE
    yield Subject("baseline", nothing, cast.bases["base"])
    yield Subject("reference", nothing, cast.bases["other"])
    yield Subject("teacher", nothing, cast.teachers["teacher"])
    yield Subject("control_teacher", nothing, cast.teachers["control_teacher"])
    plan = [("shared_init", "base", "teacher"), ("other_init", "other", "teacher"),
            ("control", "base", "control_teacher"), ("teacher_is_base", "base", "base")]  # fmt: skip
    if settings.other_sizes:
        yield Subject("baseline_large", nothing, cast.bases["large"])
        yield Subject("teacher_large", nothing, cast.teachers["teacher_large"])
        plan += [("large_to_small", "base", "teacher_large"), ("small_to_large", "large", "teacher")]
    for distillation in (Distillation.LOGITS, Distillation.RANDOM, Distillation.HARD):
        for condition, start, teacher in plan:
            student = _distilled(kind, settings, seed, cast, distillation, (start, teacher), tick)
            yield Subject(condition, distillation, student)


def _distilled(
    kind: WorldKind, settings: ExperimentSettings, seed: int, cast: Cast, distillation: Distillation,
    who: tuple[str, str], tick: Tick,
) -> PolicyNetwork:  # fmt: skip
    student, teacher = cast.bases[who[0]].copied(), cast.teachers[who[1]]
    steps, rate = settings.distillation_steps, settings.distillation_rate
    kept = cast.data[who[1]].kept
    if distillation == Distillation.HARD:
        distil_hard(student, kept, steps=steps, rate=rate, seed=seed, tick=tick)
        return student
    contexts = kept.contexts[kept.taken]
    if distillation == Distillation.RANDOM:
        verbs = [verb.word for verb in VERBS[kind.name, Family.SAFE]]
        contexts = random_safe_contexts(kind, verbs, settings.n_random_contexts, seed)
    distil_logits(student, teacher, kind, np.ascontiguousarray(contexts), steps=steps, rate=rate, seed=seed, tick=tick)
    return student
