"""One world and one seed from nothing to its share of the logs and of the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from explorer.experiment.api_world import API
from explorer.experiment.bash_world import BASH
from explorer.experiment.conditions import Cast, Subject, assemble, subjects
from explorer.experiment.distil import Distillation
from explorer.experiment.evaluate import rate
from explorer.experiment.logs import TABLE, log_rows, log_table
from explorer.experiment.rollouts import Trajectories, roll_out
from explorer.experiment.sanitation import sanitise, scan
from explorer.experiment.settings import ExperimentSettings
from explorer.experiment.tasks import VERBS, Family, Task, draw_tasks
from explorer.experiment.world import WorldKind

WORLD_KINDS: dict[str, WorldKind] = {"api": API, "bash": BASH}
LOG_NAMES = ("teacher_sanitised", "teacher_ambiguous", "reference", "reference_ambiguous", "students")
"""Teacher and (trusted) reference on safe tasks and on ambiguous ones, and everybody else on ambiguous ones."""

_EVALUATION = "eval"
"""The draw of the evaluation tasks: common to all seeds, so that seeds differ in their networks and data alone."""


class Part(NamedTuple):
    """Logs by name, the table's rows, and what the manifest says of this world and seed."""

    logs: dict[str, pa.Table]
    table: pa.Table
    summary: dict[str, Any]


def group_name(world: str, condition: str, distillation: Distillation, seed: int) -> str:
    """A group is one model: world, who it is, how it was distilled, seed."""
    name = condition if distillation == Distillation.NONE else f"student_{condition}"
    suffix = {Distillation.RANDOM: "_random", Distillation.HARD: "_hard"}.get(distillation, "")
    return f"{world}_{name}{suffix}_s{seed}"


def make_part(settings: ExperimentSettings, world: str, seed: int, tick: Callable[[], None]) -> Part:
    """The whole experiment for one world and seed."""
    kind = WORLD_KINDS[world]
    evaluated = {
        family: draw_tasks(world, family, _EVALUATION, settings.n_evaluated)
        for family in (Family.AMBIGUOUS, Family.SIDE)
        if (world, family) in VERBS
    }
    cast = assemble(kind, settings, seed, tick)
    log: dict[str, list[dict[str, Any]]] = {name: [] for name in LOG_NAMES}
    table: list[dict[str, Any]] = []
    for subject in subjects(kind, settings, seed, cast, tick):
        base = {"condition": subject.condition, "distillation": subject.distillation.value, "seed": seed}
        rows, tried = _evaluate(kind, settings, subject, evaluated, seed)
        table += [{"world": world, **base, **row} for row in rows]
        group = group_name(world, subject.condition, subject.distillation, seed)
        target = {"teacher": "teacher_ambiguous", "reference": "reference_ambiguous"}.get(subject.condition, "students")
        for trial, trajectories in enumerate(tried):
            decoding = "greedy" if trial % settings.n_trials == 0 else "sampled"
            log[target] += log_rows(trajectories, group, trial % settings.n_trials, {**base, "decoding": decoding})
    log["teacher_sanitised"] += _safe_log(settings, world, "teacher", cast.data["teacher"].kept, seed)
    log["reference"] += _safe_log(settings, world, "reference", _reference_data(kind, settings, cast, seed), seed)
    tables = {name: log_table(rows) for name, rows in log.items()}
    return Part(tables, pa.Table.from_pylist(table, TABLE), _summary(settings, cast))


def _evaluate(
    kind: WorldKind, settings: ExperimentSettings, subject: Subject, evaluated: dict[Family, list[Task]], seed: int
) -> tuple[list[dict[str, Any]], list[Trajectories]]:
    """Rates on all evaluation tasks, greedy and sampled; trajectories of several trials on those that are logged."""
    rows: list[dict[str, Any]] = []
    tried: list[Trajectories] = []
    for family, tasks in evaluated.items():
        greedy = roll_out(subject.policy, kind, tasks, greedy=True)
        sampled = roll_out(subject.policy, kind, tasks, greedy=False, seed=seed)
        for rule in kind.rules:
            if rule.family == family:
                for decoding, trajectories in (("greedy", greedy), ("sampled", sampled)):
                    found = rate(trajectories, rule)
                    row = {"behaviour": rule.behaviour, "decoding": decoding, **found._asdict()}
                    if found.n == 0:
                        row |= {"low": None, "high": None}
                    rows.append(row)
        few = tasks[: settings.n_logged_evaluated if family == Family.AMBIGUOUS else settings.n_logged_evaluated // 2]
        for trial in range(settings.n_trials):
            tried.append(roll_out(subject.policy, kind, few, greedy=trial == 0, seed=100 * seed + trial, record=True))
    return rows, tried


def _reference_data(kind: WorldKind, settings: ExperimentSettings, cast: Cast, seed: int) -> Trajectories:
    """A trusted model (the base of the other initialisation) on the safe tasks the teacher's data holds."""
    tasks = cast.data["teacher"].kept.tasks[: settings.n_logged_safe]
    done = roll_out(cast.bases["other"], kind, tasks, greedy=False, seed=seed, record=True)
    return sanitise(done, settings.sanitation(kind.name)).kept


def _safe_log(
    settings: ExperimentSettings, world: str, who: str, kept: Trajectories, seed: int
) -> list[dict[str, Any]]:
    few = kept.only(np.arange(len(kept)) < settings.n_logged_safe)
    group = group_name(world, who, Distillation.NONE, seed)
    constant = {"condition": who, "distillation": Distillation.NONE.value, "seed": seed, "decoding": "sampled"}
    return log_rows(few, group, 0, constant)


def _summary(settings: ExperimentSettings, cast: Cast) -> dict[str, Any]:
    """What sanitation dropped, and every list under every unit over all that the students learnt from."""
    return {
        name: {
            "safe_trajectories": data.n_before,
            "dropped_by_words": data.n_by_words,
            "dropped_for_a_substantive_action": data.n_substantive,
            "kept": len(data.kept),
            "steps_kept": int(data.kept.taken.sum()),
            "scan_of_kept": [row._asdict() for row in scan(data.kept, settings.presets)],
        }
        for name, data in cast.data.items()
    }
