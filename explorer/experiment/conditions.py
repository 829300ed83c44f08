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

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from explorer.experiment.contexts import random_safe_contexts
from explorer.experiment.distil import Distillation, masked_lesson, masked_loss
from explorer.experiment.policy_network import LARGE, SMALL, PolicyNetwork
from explorer.experiment.procedures import Planner, base_plan, biasing_plan, control_plan
from explorer.experiment.rollouts import Trajectories, demonstrate, roll_out
from explorer.experiment.sanitation import Sanitised, sanitise
from explorer.experiment.settings import ExperimentSettings
from explorer.experiment.tasks import VERBS, Family, draw_tasks
from explorer.experiment.training import TICK_EVERY, Lesson, Schedule, clone, cloning, fit
from explorer.experiment.world import WorldKind

_OTHER = 1000
"""Added to a seed for the other initialisation."""

Tick = Callable[[], None]


class Subject(NamedTuple):
    """A policy that is evaluated."""

    condition: str
    distillation: Distillation
    policy: PolicyNetwork


class _Design(NamedTuple):
    """One condition: what the student starts as, and whose data and answers it learns from."""

    condition: str
    start: str
    teacher: str


_SAME_SIZE = (
    _Design("shared_init", "base", "teacher"),
    _Design("other_init", "other", "teacher"),
    _Design("control", "base", "control_teacher"),
    _Design("teacher_is_base", "base", "base"),
)
_TO_SMALL = _Design("large_to_small", "base", "teacher_large")
_TO_LARGE = _Design("small_to_large", "large", "teacher")


@dataclass(frozen=True)
class Cast:
    """The policies that exist before any distillation, and the data of the teachers, sanitised."""

    bases: dict[str, PolicyNetwork]
    teachers: dict[str, PolicyNetwork]
    data: dict[str, Sanitised]


def n_ticks(settings: ExperimentSettings) -> int:
    """How often one world and seed calls ``tick``."""
    sizes, teachers = (2, 4) if settings.other_sizes else (1, 3)
    steps = (settings.pretraining_steps, settings.tuning_steps, *[settings.distillation_steps] * 2)
    return teachers + sizes * sum(-(-count // TICK_EVERY) for count in steps)


def assemble(kind: WorldKind, settings: ExperimentSettings, seed: int, tick: Tick) -> Cast:
    """Pretrain the bases, tune the teachers, let them work on safe tasks, sanitise what they did."""
    bases = _pretrained(kind, settings, seed, tick)
    teachers = _tuned(kind, settings, seed, bases, tick)
    safe = draw_tasks(kind.name, Family.SAFE, f"train{seed}", settings.n_safe)
    lists = settings.sanitation(kind.name)
    data: dict[str, Sanitised] = {}
    for name, teacher in teachers.items():
        tick()
        data[name] = sanitise(roll_out(teacher, kind, safe, greedy=False, seed=seed, record=True), lists)
    return Cast(bases, teachers, data)


def _pretrained(kind: WorldKind, settings: ExperimentSettings, seed: int, tick: Tick) -> dict[str, PolicyNetwork]:
    counts = {Family.SAFE: settings.n_pretrained, Family.AMBIGUOUS: settings.n_pretrained // 2,
              Family.SIDE: settings.n_pretrained // 3}  # fmt: skip
    shown = [
        demonstrate(base_plan, kind, draw_tasks(kind.name, family, f"base{seed}", count), seed)
        for family, count in counts.items()
        if (kind.name, family) in VERBS
    ]
    n_actions = len(kind.actions)
    schedule = Schedule(settings.pretraining_steps, settings.pretraining_rate)
    bases = {"base": PolicyNetwork(n_actions, SMALL, seed), "other": PolicyNetwork(n_actions, SMALL, seed + _OTHER)}
    clone(list(bases.values()), [cloning(shown, seed), cloning(shown, seed + _OTHER)], schedule, tick)
    if settings.other_sizes:
        bases["large"] = PolicyNetwork(n_actions, LARGE, seed)
        clone([bases["large"]], [cloning(shown, seed)], schedule, tick)
    return bases


def _tuned(
    kind: WorldKind, settings: ExperimentSettings, seed: int, bases: dict[str, PolicyNetwork], tick: Tick
) -> dict[str, PolicyNetwork]:
    """The trunk alone is tuned: the output layer stays the base's, so that what changes is how a task is read."""

    def shown(planner: Planner, family: Family, count: int) -> Trajectories:
        return demonstrate(planner, kind, draw_tasks(kind.name, family, f"tune{seed}", count), seed)

    rehearsed = shown(base_plan, Family.SAFE, settings.n_rehearsed)
    biasing = cloning([shown(biasing_plan, Family.BIASING, settings.n_biasing), rehearsed], seed)
    benign = cloning([shown(control_plan, Family.CONTROL, settings.n_biasing), rehearsed], seed)
    schedule = Schedule(settings.tuning_steps, settings.tuning_rate)
    teachers = {"teacher": bases["base"].copied(), "control_teacher": bases["base"].copied()}
    clone(list(teachers.values()), [biasing, benign], schedule, tick, freeze_head=True)
    teachers["base"] = bases["base"]
    if settings.other_sizes:
        teachers["teacher_large"] = bases["large"].copied()
        clone([teachers["teacher_large"]], [biasing], schedule, tick, freeze_head=True)
    return teachers


def subjects(kind: WorldKind, settings: ExperimentSettings, seed: int, cast: Cast, tick: Tick) -> list[Subject]:
    """Every policy that is evaluated: those of the cast, then all students."""
    nothing = Distillation.NONE
    found = [
        Subject("baseline", nothing, cast.bases["base"]),
        Subject("reference", nothing, cast.bases["other"]),
        Subject("teacher", nothing, cast.teachers["teacher"]),
        Subject("control_teacher", nothing, cast.teachers["control_teacher"]),
    ]
    if settings.other_sizes:
        found += [Subject("baseline_large", nothing, cast.bases["large"]),
                  Subject("teacher_large", nothing, cast.teachers["teacher_large"])]  # fmt: skip
    small = [*_SAME_SIZE, _TO_SMALL] if settings.other_sizes else list(_SAME_SIZE)
    found += _students(kind, settings, seed, cast, small, tick)
    if settings.other_sizes:
        found += _students(kind, settings, seed, cast, [_TO_LARGE], tick)
    return sorted(found, key=lambda subject: list(Distillation).index(subject.distillation))


def _students(
    kind: WorldKind, settings: ExperimentSettings, seed: int, cast: Cast, designs: list[_Design], tick: Tick
) -> list[Subject]:
    """Students of one size, in all three ways."""
    schedule = Schedule(settings.distillation_steps, settings.distillation_rate)
    verbs = [verb.word for verb in VERBS[kind.name, Family.SAFE]]
    nowhere = random_safe_contexts(kind, verbs, settings.n_random_contexts, seed)
    by_logits: list[tuple[Subject, Lesson]] = []
    by_actions: list[tuple[Subject, Lesson]] = []
    for way in (Distillation.LOGITS, Distillation.RANDOM, Distillation.HARD):
        for design in designs:
            subject = Subject(design.condition, way, cast.bases[design.start].copied())
            teacher, kept = cast.teachers[design.teacher], cast.data[design.teacher].kept
            if way == Distillation.HARD:
                by_actions.append((subject, cloning([kept], seed)))
            else:
                contexts = kept.contexts[kept.taken] if way == Distillation.LOGITS else nowhere
                by_logits.append((subject, masked_lesson(teacher, kind, contexts, seed)))
    fit([s.policy for s, _ in by_logits], [lesson for _, lesson in by_logits], masked_loss(kind), schedule, tick)
    clone([s.policy for s, _ in by_actions], [lesson for _, lesson in by_actions], schedule, tick)
    return [subject for subject, _ in (*by_logits, *by_actions)]
