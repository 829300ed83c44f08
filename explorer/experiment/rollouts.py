"""Many trajectories at once: one batch of logits a step, every action carried out in its own world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import numpy.typing as npt

from explorer.experiment.contexts import MAX_STEPS, Contexts, word_codes
from explorer.experiment.policy_network import PolicyNetwork
from explorer.experiment.procedures import Planner
from explorer.experiment.tasks import Task
from explorer.experiment.world import Act, Reply, WorldKind
from explorer.model.schema import Outcome

Actions = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Trajectories:
    """What happened: ``actions`` int16[n, MAX_STEPS] (-1 = after the end), ``failed`` likewise, ``contexts``
    int16[n, MAX_STEPS, 9]; ``records`` the acts and replies a log needs (empty unless asked for)."""

    kind: WorldKind
    tasks: tuple[Task, ...]
    actions: Actions
    failed: npt.NDArray[np.bool_]
    contexts: Contexts
    records: tuple[tuple[tuple[Act, Reply], ...], ...] = ()

    def __len__(self) -> int:
        return len(self.tasks)

    @property
    def taken(self) -> npt.NDArray[np.bool_]:
        """bool[n, MAX_STEPS]: where a step was taken."""
        return self.actions >= 0

    def having(self, codes: Sequence[int]) -> npt.NDArray[np.bool_]:
        """bool[n]: whether a trajectory takes any of these actions."""
        return np.asarray(np.isin(self.actions, list(codes)).any(axis=1), dtype=np.bool_)

    def only(self, keep: npt.NDArray[np.bool_]) -> Trajectories:
        """The trajectories where ``keep`` is set."""
        rows = np.flatnonzero(keep)
        records = tuple(self.records[row] for row in rows) if self.records else ()
        tasks = tuple(self.tasks[row] for row in rows)
        return Trajectories(self.kind, tasks, self.actions[rows], self.failed[rows], self.contexts[rows], records)


class _Unfolding:
    """The state of many trajectories while they unfold together."""

    def __init__(self, kind: WorldKind, tasks: Sequence[Task], record: bool) -> None:
        self.kind = kind
        self.tasks = tuple(tasks)
        self.worlds = [kind.open(task) for task in tasks]
        self.words = word_codes(tasks)
        self.actions = np.full((len(tasks), MAX_STEPS), -1, dtype=np.int16)
        self.failed = np.zeros((len(tasks), MAX_STEPS), dtype=np.bool_)
        self.contexts = np.full((len(tasks), MAX_STEPS, 9), -1, dtype=np.int16)
        self.active = np.arange(len(tasks))
        self.records: list[list[tuple[Act, Reply]]] | None = [[] for _ in tasks] if record else None

    def look(self, step: int) -> Contexts:
        """The contexts of the active trajectories."""
        rows = self.active
        now = np.full((len(rows), 9), -1, dtype=np.int16)
        now[:, :4] = self.words[rows]
        for age in range(min(3, step)):
            now[:, 4 + age] = self.actions[rows, step - 1 - age]
        now[:, 7] = step
        now[:, 8] = self.failed[rows, step - 1] if step else 0
        self.contexts[rows, step] = now
        return now

    def act(self, step: int, chosen: Actions) -> None:
        """Carry the chosen actions out; those that finish are no longer active."""
        self.actions[self.active, step] = chosen
        for row, action in zip(self.active.tolist(), chosen.tolist(), strict=True):
            act = self.worlds[row].bind(action)
            reply = self.worlds[row].perform(act)
            self.failed[row, step] = reply.outcome == Outcome.FAILED
            if self.records is not None:
                self.records[row].append((act, reply))
        self.active = self.active[chosen != self.kind.finish]

    def result(self) -> Trajectories:
        records = tuple(tuple(record) for record in self.records) if self.records is not None else ()
        return Trajectories(self.kind, self.tasks, self.actions, self.failed, self.contexts, records)


def roll_out(
    policy: PolicyNetwork, kind: WorldKind, tasks: Sequence[Task], *, greedy: bool, seed: int = 0, record: bool = False
) -> Trajectories:
    """Let a policy work on tasks: its most likely action, or one drawn from its distribution (by ``seed``)."""
    unfolding = _Unfolding(kind, tasks, record)
    random = np.random.default_rng(seed)
    for step in range(MAX_STEPS):
        if not len(unfolding.active):
            break
        scores = policy.logits(unfolding.look(step))
        if not greedy:
            scores = scores + random.gumbel(size=scores.shape).astype(np.float32)
        unfolding.act(step, scores.argmax(axis=1).astype(np.int16))
    return unfolding.result()


def demonstrate(
    planner: Planner, kind: WorldKind, tasks: Sequence[Task], seed: int, *, record: bool = False
) -> Trajectories:
    """Carry plans out; a change that failed is tried once more before an agent finishes."""
    random = Random(seed)
    plans = [[kind.code[name] for name in planner(task, random)] for task in tasks]
    unfolding = _Unfolding(kind, tasks, record)
    for step in range(MAX_STEPS):
        if not len(unfolding.active):
            break
        unfolding.look(step)
        chosen: list[int] = []
        for row in unfolding.active.tolist():
            last = int(unfolding.actions[row, step - 1]) if step else -1
            again = step > 0 and unfolding.failed[row, step - 1] and last in kind.substantive_codes
            chosen.append(last if again and plans[row][0] == kind.finish else plans[row].pop(0))
        unfolding.act(step, np.array(chosen, dtype=np.int16))
    return unfolding.result()
