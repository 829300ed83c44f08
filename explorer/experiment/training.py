"""Gradient steps: cloning demonstrations and fitting a student to what a teacher answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from explorer.experiment.contexts import Contexts, features
from explorer.experiment.policy_network import PolicyNetwork
from explorer.experiment.rollouts import Trajectories

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
_BATCH = 128


def clone(policy: PolicyNetwork, shown: Sequence[Trajectories], *, steps: int, rate: float, seed: int,
          freeze_head: bool = False, tick: Callable[[], None] | None = None) -> None:  # fmt: skip
    """Behaviour cloning: cross-entropy on the actions taken, over all actions."""
    contexts = np.concatenate([part.contexts[part.taken] for part in shown])
    actions = np.concatenate([part.actions[part.taken] for part in shown])
    targets = torch.from_numpy(actions.astype(np.int64))
    fit(policy, contexts, targets, nn.functional.cross_entropy, steps=steps, rate=rate, seed=seed,
        freeze_head=freeze_head, tick=tick)  # fmt: skip


def fit(policy: PolicyNetwork, contexts: Contexts, targets: torch.Tensor, loss: Loss, *, steps: int, rate: float,
        seed: int, freeze_head: bool = False, tick: Callable[[], None] | None = None) -> None:  # fmt: skip
    """Adam on minibatches drawn by ``seed``, the rate falling to a tenth; ``tick`` is called now and then."""
    inputs = torch.from_numpy(features(contexts, policy.n_actions))
    trained = list((policy.trunk if freeze_head else policy).parameters())
    optimiser = torch.optim.Adam(trained, lr=rate, fused=True)
    random = np.random.default_rng(seed)
    order = _batches(len(inputs), steps, random)
    for step, rows in enumerate(order):
        for group in optimiser.param_groups:
            group["lr"] = rate * (1 - 0.9 * step / steps)
        optimiser.zero_grad(set_to_none=True)
        value = loss(policy(inputs[rows]), targets[rows])
        value.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimiser.step()
        if tick is not None and step % 100 == 0:
            tick()


def _batches(count: int, steps: int, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """int64[steps, batch]: shuffled passes over the data, one after another."""
    batch = min(_BATCH, count)
    passes = -(-steps * batch // count)
    order = np.concatenate([random.permutation(count) for _ in range(passes)])
    return order[: steps * batch].reshape(steps, batch)
