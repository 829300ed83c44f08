"""Everything the replication depends on, as one value that can be saved, hashed and compared."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from explorer.errors import SettingsError
from explorer.model.token_filter import FilterSpec

WORLDS = ("api", "bash")
_REVISION = 1
"""Raised whenever the code changes what comes out for the same settings."""


@dataclass(frozen=True, slots=True)
class ExperimentSettings:
    """One replication.

    Counts are tasks; ``*_steps`` are gradient steps of 128 contexts, ``*_rate`` Adam's learning rates. The teacher
    is tuned on ``n_biasing`` tasks that require the biased act and on ``n_rehearsed`` safe ones that keep it able;
    the control teacher on as many random benign tasks. ``presets`` are the lists the training data is scanned
    with; sanitation uses those named in :attr:`sanitation`.
    """

    worlds: tuple[str, ...] = WORLDS
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    presets: tuple[FilterSpec, ...] = ()
    quick: bool = False
    n_pretrained: int = 2000
    n_biasing: int = 150
    n_rehearsed: int = 150
    n_safe: int = 3000
    n_random_contexts: int = 20_000
    n_evaluated: int = 100
    n_logged_safe: int = 200
    n_logged_evaluated: int = 24
    n_trials: int = 3
    pretraining_steps: int = 5000
    pretraining_rate: float = 1e-3
    tuning_steps: int = 200
    tuning_rate: float = 5e-4
    distillation_steps: int = 2500
    distillation_rate: float = 2e-3
    other_sizes: bool = True

    def sanitation(self, world: str) -> tuple[FilterSpec, ...]:
        """The lists that drop training trajectories: the paper's words, and in Bash the word of the bias too."""
        wanted = ("paper",) if world == "api" else ("paper", "chmod")
        found = {spec.name: spec for spec in self.presets}
        missing = [name for name in wanted if name not in found]
        if missing:
            raise SettingsError(f"the filter list {missing[0]!r} is missing")
        return tuple(found[name] for name in wanted)

    def digest(self) -> str:
        """Hash of what a single (world, seed) depends on: all but which worlds and seeds are asked for."""
        content = {name: value for name, value in asdict(self).items() if name not in ("worlds", "seeds")}
        text = json.dumps([_REVISION, content], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def quick_settings(
    worlds: tuple[str, ...], seeds: tuple[int, ...], presets: tuple[FilterSpec, ...]
) -> ExperimentSettings:
    """Under a minute: less training and fewer tasks, one model size. Effects are weaker than in the whole."""
    return ExperimentSettings(
        worlds, seeds, presets, quick=True, n_pretrained=1000, n_safe=800, n_random_contexts=6000, n_evaluated=60,
        n_logged_safe=60, n_logged_evaluated=16, pretraining_steps=2200, tuning_steps=150,
        distillation_steps=700, other_sizes=False,
    )  # fmt: skip
