"""Gradient steps: several policies of one size, each with its own lesson, trained side by side.

Members of an ensemble share no parameter and Adam works on each number alone, so training them together gives
what training them one by one would, with a fraction of the calls: tiny networks cost calls, not arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from explorer.experiment.contexts import Contexts, features
from explorer.experiment.policy_network import PolicyNetwork
from explorer.experiment.rollouts import Trajectories

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""From logits [rows, actions] and targets [rows, …] to the mean over rows."""
Tick = Callable[[], None]
TICK_EVERY = 100
_BATCH = 128


class Lesson(NamedTuple):
    """What one policy learns: contexts, a target for each, and the seed that orders them."""

    contexts: Contexts
    targets: torch.Tensor
    seed: int


class Schedule(NamedTuple):
    """How many steps of 128 contexts, and Adam's rate at the start; it falls to a tenth."""

    steps: int
    rate: float


def cloning(shown: Sequence[Trajectories], seed: int) -> Lesson:
    """The lesson of behaviour cloning: at each context the action that was taken."""
    contexts = np.concatenate([part.contexts[part.taken] for part in shown])
    actions = np.concatenate([part.actions[part.taken] for part in shown])
    return Lesson(contexts, torch.from_numpy(actions.astype(np.int64)), seed)


def clone(policies: Sequence[PolicyNetwork], lessons: Sequence[Lesson], schedule: Schedule, tick: Tick, *,
          freeze_head: bool = False) -> None:  # fmt: skip
    """Behaviour cloning in place: cross-entropy on the actions taken, over all actions."""
    fit(policies, lessons, nn.functional.cross_entropy, schedule, tick, freeze_head=freeze_head)


def fit(policies: Sequence[PolicyNetwork], lessons: Sequence[Lesson], loss: Loss, schedule: Schedule, tick: Tick, *,
        freeze_head: bool = False) -> None:  # fmt: skip
    """Train policies of one size in place, each on its lesson; ``tick`` is called every hundred steps."""
    ensemble = _Ensemble(policies, freeze_head)
    contexts = np.concatenate([lesson.contexts for lesson in lessons])
    inputs = torch.from_numpy(features(contexts, policies[0].n_actions))
    targets = torch.cat([lesson.targets for lesson in lessons])
    order = torch.from_numpy(_order(lessons, schedule.steps))
    optimiser = torch.optim.Adam(ensemble.trained, lr=schedule.rate, fused=True)
    for step in range(schedule.steps):
        if step % TICK_EVERY == 0:
            tick()
            optimiser.param_groups[0]["lr"] = schedule.rate * (1 - 0.9 * step / schedule.steps)
        rows = order[step]
        optimiser.zero_grad(set_to_none=True)
        logits = ensemble(inputs[rows].view(len(policies), _BATCH, -1))
        # The mean over all rows times the members = the sum of their own means.
        value = loss(logits.flatten(0, 1), targets[rows]) * len(policies)
        value.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimiser.step()
    ensemble.write_back()


class _Ensemble:
    """The layers of several policies stacked: weights [members, in, out], biases [members, 1, out]."""

    def __init__(self, policies: Sequence[PolicyNetwork], freeze_head: bool) -> None:
        self._layers = [policy.layers() for policy in policies]
        self._weights: list[torch.Tensor] = []
        self._biases: list[torch.Tensor] = []
        self.trained: list[torch.Tensor] = []
        for members in zip(*self._layers, strict=True):
            weight = torch.stack([layer.weight.detach().T for layer in members]).contiguous()
            bias = torch.stack([layer.bias.detach()[None] for layer in members])
            self._weights.append(weight)
            self._biases.append(bias)
        learning = len(self._weights) - (1 if freeze_head else 0)
        for tensor in (*self._weights[:learning], *self._biases[:learning]):
            self.trained.append(tensor.requires_grad_())

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        last = len(self._weights) - 1
        for place, (weight, bias) in enumerate(zip(self._weights, self._biases, strict=True)):
            inputs = torch.baddbmm(bias, inputs, weight)
            if place < last:
                inputs = torch.relu(inputs)
        return inputs

    def write_back(self) -> None:
        """Put what was learnt into the policies."""
        with torch.no_grad():
            for place, (weight, bias) in enumerate(zip(self._weights, self._biases, strict=True)):
                for member, layers in enumerate(self._layers):
                    layers[place].weight.copy_(weight[member].T)
                    layers[place].bias.copy_(bias[member, 0])


def _order(lessons: Sequence[Lesson], steps: int) -> npt.NDArray[np.int64]:
    """int64[steps, members * batch]: each member's rows in shuffled passes over its lesson, one after another."""
    found: list[npt.NDArray[np.int64]] = []
    start = 0
    for lesson in lessons:
        count = len(lesson.contexts)
        random = np.random.default_rng(lesson.seed)
        passes = [random.permutation(count) for _ in range(-(-steps * _BATCH // count))]
        found.append(start + np.concatenate(passes)[: steps * _BATCH].reshape(steps, _BATCH))
        start += count
    return np.hstack(found)
