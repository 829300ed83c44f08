"""Which steps do something that cannot be seen, so that the other side may have done there what this side did."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from explorer.model.effect import CANNOT_TELL, Effects, StepEffects
from explorer.model.schema import Outcome
from explorer.model.trajectory import Dataset

_NOT_FOUND = re.compile(
    r"command not found|: not found\b|No such file or directory|can't open file|cannot (?:execute|stat|access)\b"
    r"|is not recognized as",
    re.IGNORECASE,
)
_SHORT = 300
"""A program that did something before it failed says more than that it was not there."""


class HiddenSteps:
    """The opaque steps of a dataset. A step that was never executed hides nothing, nor does one whose program was not
    there, nor what a failed step would have stored for later."""

    def __init__(self, dataset: Dataset, effects: StepEffects) -> None:
        self._dataset = dataset
        hides = np.array([_hides(found, failed=False) for found in effects.catalog], np.bool_)
        in_vain = np.array([_hides(found, failed=True) for found in effects.catalog], np.bool_)
        outcome = dataset.outcome.codes
        self._failed = outcome == dataset.outcome.code(Outcome.FAILED)
        if len(hides):
            executed = outcome != dataset.outcome.code(Outcome.NOT_EXECUTED)
            self._opaque = np.where(self._failed, in_vain[effects.codes], hides[effects.codes]) & executed
        else:
            self._opaque = np.zeros(len(outcome), np.bool_)
        self._was_there = lru_cache(maxsize=4_096)(self._read)

    def any_of(self, rows: npt.NDArray[np.integer]) -> bool:
        """Whether one of some step rows hides something."""
        found = rows[self._opaque[rows]]
        return any(not self._failed[row] or self._was_there(int(row)) for row in found)

    def _read(self, row: int) -> bool:
        said = (self._dataset.step_text(row).observation or "").strip()
        return len(said) > _SHORT or _NOT_FOUND.search(said) is None


def _hides(effects: Effects, *, failed: bool) -> bool:
    return any(
        effect.kind in CANNOT_TELL
        and effect.outcome != Outcome.NOT_EXECUTED
        and not (failed and (effect.deferred or effect.outcome == Outcome.FAILED))
        for effect in effects
    )
