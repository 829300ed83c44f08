"""The policies: a tiny multilayer perceptron from a context to a logit an action."""

from __future__ import annotations

import copy

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from explorer.experiment.contexts import WIDTH, Contexts, features

SMALL, LARGE = 128, 256
"""Hidden units of the two model sizes."""


class PolicyNetwork(nn.Module):
    """``trunk`` (two hidden layers) and ``head`` (the output layer, frozen while a teacher is tuned)."""

    def __init__(self, n_actions: int, hidden: int, seed: int) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.trunk = nn.Sequential(nn.Linear(WIDTH, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
            self.head = nn.Linear(hidden, n_actions)
        self.n_actions = n_actions

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(self.trunk(inputs))
        return logits

    def logits(self, contexts: Contexts) -> npt.NDArray[np.float32]:
        """float32[n, n_actions] for contexts, without gradients."""
        with torch.inference_mode():
            found: npt.NDArray[np.float32] = self(torch.from_numpy(features(contexts, self.n_actions))).numpy()
        return found

    def layers(self) -> list[nn.Linear]:
        """The linear layers in order, the head last."""
        return [layer for layer in (*self.trunk, self.head) if isinstance(layer, nn.Linear)]

    def copied(self) -> PolicyNetwork:
        """An independent copy: the shared start of teacher and student."""
        return copy.deepcopy(self)
