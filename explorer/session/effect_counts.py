"""How often each kind of effect occurs, by role: what "what concerns you" shows beside every kind."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explorer.model.effect import KINDS, EffectKind
from explorer.model.result import AuditResult


class KindCount(NamedTuple):
    """One kind: steps and trajectories that have it."""

    kind: EffectKind
    steps: int
    trajectories: int


def kind_counts(result: AuditResult) -> tuple[KindCount, ...]:
    """Counts of every kind in the order of the taxonomy; a step with an effect twice counts once."""
    import pyarrow.compute as pc  # a tenth of a second that the first window need not wait for

    frame = result.frame("steps")
    effects = frame.table["effects"].combine_chunks()
    parents = np.asarray(pc.list_parent_indices(effects).to_numpy(), dtype=np.int64)
    kinds = pc.list_flatten(effects).field("kind").dictionary_encode()
    names = kinds.dictionary.to_pylist()
    codes = np.asarray(kinds.indices.to_numpy(), dtype=np.int64)
    trajectory = frame.coded("trajectory_id").codes.astype(np.int64)
    found: dict[str, tuple[int, int]] = {}
    for code, name in enumerate(names):
        steps = np.unique(parents[codes == code])
        found[name] = (len(steps), len(np.unique(trajectory[steps])))
    return tuple(KindCount(kind, *found.get(kind.value, (0, 0))) for kind in KINDS)
