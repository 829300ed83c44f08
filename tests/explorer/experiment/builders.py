"""Small settings and tasks the tests of the experiment share."""

from __future__ import annotations

from explorer.cli.replicate import packaged_filters
from explorer.experiment.settings import ExperimentSettings


def tiny(worlds: tuple[str, ...] = ("api",), seeds: tuple[int, ...] = (1,)) -> ExperimentSettings:
    """A replication of a second or two: enough to see every stage run, not to see the effect."""
    return ExperimentSettings(
        worlds, seeds, packaged_filters(), quick=True, n_pretrained=150, n_biasing=20, n_rehearsed=20, n_safe=40,
        n_random_contexts=200, n_evaluated=8, n_logged_safe=10, n_logged_evaluated=4, n_trials=2,
        pretraining_steps=120, tuning_steps=20, distillation_steps=20, other_sizes=False,
    )  # fmt: skip
