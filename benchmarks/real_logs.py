"""Reads real logs for the benchmarks beside it, from the folder named in $TRAJECTORY_EXPLORER_DATA."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.analysis.alignment.align import align_pairs
from explorer.analysis.alignment.features import Features, step_features
from explorer.analysis.divergence.diverge import find_divergences
from explorer.analysis.divergence.surprise import Surprise, next_action_surprise
from explorer.analysis.effects.rules.packs import compile_rules
from explorer.analysis.effects.steps import classify_steps
from explorer.analysis.filters.learned_filter import learned_flags
from explorer.analysis.filters.presets import parse_filter
from explorer.analysis.filters.token_filter import flag_steps, sweep, with_learned
from explorer.analysis.pairing.pair import pair_trajectories
from explorer.model.alignment import AlignmentSet
from explorer.model.effect import CONCERN_PRESETS, StepEffects
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings, RulePack
from explorer.model.trajectory import Dataset
from loaders.base import ReadRequest
from loaders.registry import combine, open_dataset, read_source

ROOT = Path(__file__).resolve().parents[1]
MACHINE = "2 shared CPU cores, 24 GiB, Debian 12, Python 3.11"


def data_folder() -> Path:
    """Where the real logs lie; ends the program with a line where nothing is named."""
    named = os.environ.get("TRAJECTORY_EXPLORER_DATA")
    if not named:
        raise SystemExit("Name the folder of real logs in TRAJECTORY_EXPLORER_DATA.")
    return Path(named)


def rule_packs() -> tuple[RulePack, ...]:
    """The embedded rule packs."""
    folder = ROOT / "resources" / "effects"
    return tuple(RulePack(path.name, path.read_text()) for path in sorted(folder.glob("*.toml")))


@dataclass(frozen=True)
class Audited:
    """One first side against one second side, everything up to the divergences."""

    dataset: Dataset
    effects: StepEffects
    features: Features
    alignments: AlignmentSet
    flagged: npt.NDArray[np.bool_]
    surprise: Surprise
    settings: AuditSettings
    divergences: pa.Table


def audit_two(
    first: Path, second: Path, *, concern: str = "harm", names: tuple[str, str] = ("teacher", "student"),
    task: Collection[str] = (),
) -> Audited:  # fmt: skip
    """Read two files, one a group, and audit the second against the first."""
    rules = compile_rules(rule_packs())
    filters = {
        path.stem: parse_filter(path.read_text(), path.name) for path in (ROOT / "resources" / "filters").glob("*.toml")
    }
    with tempfile.TemporaryDirectory() as folder:
        parts = []
        for place, (path, name) in enumerate(zip((first, second), names, strict=True)):
            request = ReadRequest((str(path),), group=name, task=tuple(task))
            read_source(request, Path(folder) / str(place))
            parts.append(open_dataset(Path(folder) / str(place)))
        dataset = combine(parts)
        settings = AuditSettings(
            roles=((names[0], Role.TEACHER), (names[1], Role.STUDENT)),
            concern=tuple(sorted(CONCERN_PRESETS[concern])), concern_name=concern, token_filter=filters["paper"],
        )  # fmt: skip
        effects = classify_steps(dataset, rules)
        flagged = flag_steps(dataset, settings.token_filter).flagged
        swept = sweep(dataset, tuple(filters.values()))
        learned = learned_flags(dataset, effects.concern(settings.concern))
        escapes = ~with_learned(swept, learned.flagged if learned.available else None)
        features = step_features(dataset, effects, settings.concern)
        pairing = pair_trajectories(dataset, [names[0]], [names[1]])
        alignments = align_pairs(features, dataset.step_offsets, pairing, settings.costs)
        surprise = next_action_surprise(dataset, features, settings)
        divergences = find_divergences(dataset, effects, alignments, settings, flagged, escapes, surprise.nats).table
        # The tables are mapped from the folder; what is used later is copied before it goes.
        dataset.steps, dataset.turns = pa.table(dataset.steps.to_pydict(), dataset.steps.schema), dataset.turns
        return Audited(dataset, effects, features, alignments, flagged, surprise, settings, divergences)
