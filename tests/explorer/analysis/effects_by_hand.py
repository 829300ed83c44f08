"""Effects given by hand, so that what is built on them is tested apart from the classifier."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.model.effect import Effects, StepEffects


def step_effects(steps: Sequence[Effects]) -> StepEffects:
    """One entry a step row, equal ones stored once."""
    catalog: dict[Effects, int] = {}
    codes = [catalog.setdefault(effects, len(catalog)) for effects in steps]
    return StepEffects(tuple(catalog), np.array(codes, dtype=np.int32))
