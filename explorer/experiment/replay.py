"""Carry a log's stored actions out again: the same worlds must give the same observations and outcomes."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from explorer.experiment.part import WORLD_KINDS
from explorer.experiment.tasks import task_of
from explorer.experiment.world import Act, World
from explorer.model.schema import StepKind


class Difference(NamedTuple):
    """A step whose replay gave something else than the log holds."""

    trajectory_id: str
    step: int
    stored: tuple[str | None, str | None]
    replayed: tuple[str | None, str | None]


def replayed(log: pa.Table) -> list[Difference]:
    """Every step of a log in step shape, in order of its rows; the task id alone rebuilds each world."""
    found: list[Difference] = []
    world: World | None = None
    last: str | None = None
    for row in log.to_pylist():
        if row["trajectory_id"] != last:
            task = task_of(row["task_id"])
            world = WORLD_KINDS[task.world].open(task)
            last = row["trajectory_id"]
        if world is None:
            continue
        reply = world.perform(Act(StepKind(row["kind"]), row["tool"], row["arguments"]))
        stored, now = (row["observation"], row["outcome"]), (reply.observation, reply.outcome.value)
        if stored != now:
            found.append(Difference(row["trajectory_id"], row["step"], stored, now))
    return found
