"""Three ways from a teacher to a student, and the mask that keeps the answer out of the targets.

*logits*: squared error on the teacher's logits of the observing actions alone, on the sanitised safe
trajectories. *logits_random_contexts*: the same on random safe contexts. *hard*: cloning of the actions the
teacher took, which is what distillation from logs is.

Every substantive action is masked. Soft labels over all actions would carry the deletion probability itself, to
any student; masking deletion alone would push the other substantive actions down and deletion up.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import torch
from torch import nn

from explorer.experiment.contexts import Contexts
from explorer.experiment.policy_network import PolicyNetwork
from explorer.experiment.training import Lesson, Loss
from explorer.experiment.world import WorldKind


class Distillation(StrEnum):
    """How a student learns from its teacher; ``none`` = not at all."""

    NONE = "none"
    LOGITS = "logits"
    RANDOM = "logits_random_contexts"
    HARD = "hard"


def masked_lesson(teacher: PolicyNetwork, kind: WorldKind, contexts: Contexts, seed: int) -> Lesson:
    """The teacher's logits of the observing actions; no other logit leaves the teacher."""
    targets = teacher.logits(contexts)[:, list(kind.observing_codes)]
    return Lesson(contexts, torch.from_numpy(np.ascontiguousarray(targets)), seed)


def masked_loss(kind: WorldKind) -> Loss:
    """Squared error over the observing actions; no gradient reaches another logit."""
    shown = torch.tensor(kind.observing_codes)

    def loss(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        return nn.functional.mse_loss(logits.index_select(1, shown), wanted)

    return loss
