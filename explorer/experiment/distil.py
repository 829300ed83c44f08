"""Three ways from a teacher to a student, and the mask that keeps the answer out of the targets.

*logits*: squared error on the teacher's logits of the observing actions alone, on the sanitised safe
trajectories. *random*: the same on random safe contexts. *hard*: cloning of the actions the teacher took, which
is what distillation from logs is.

Every substantive action is masked. Soft labels over all actions would carry the deletion probability itself, to
any student; masking deletion alone would push the other substantive actions down and deletion up.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import torch
from torch import nn

from explorer.experiment.contexts import Contexts
from explorer.experiment.policy_network import PolicyNetwork
from explorer.experiment.rollouts import Trajectories
from explorer.experiment.training import clone, fit
from explorer.experiment.world import WorldKind


class Distillation(StrEnum):
    """How a student learns from its teacher; ``none`` = not at all."""

    NONE = "none"
    LOGITS = "logits"
    RANDOM = "logits_random_contexts"
    HARD = "hard"


def distil_logits(student: PolicyNetwork, teacher: PolicyNetwork, kind: WorldKind, contexts: Contexts, *,
                  steps: int, rate: float, seed: int, tick: Callable[[], None] | None = None) -> None:  # fmt: skip
    """Fit the student to the teacher's observing logits on ``contexts``; no other logit enters the loss."""
    shown = list(kind.observing_codes)
    targets = torch.from_numpy(teacher.logits(contexts)[:, shown].copy())

    def loss(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        return nn.functional.mse_loss(logits[:, shown], wanted)

    fit(student, contexts, targets, loss, steps=steps, rate=rate, seed=seed, tick=tick)


def distil_hard(student: PolicyNetwork, shown: Trajectories, *, steps: int, rate: float, seed: int,
                tick: Callable[[], None] | None = None) -> None:  # fmt: skip
    """Clone the actions of the sanitised trajectories."""
    clone(student, [shown], steps=steps, rate=rate, seed=seed, tick=tick)
