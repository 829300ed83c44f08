"""Sanitation of a teacher's trajectories, with the product's own token filter, and the scan of what was kept.

Two passes: the word lists, as the paper does it; then, stricter than the paper, every trajectory in which a
substantive action was taken at all, whatever it is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.analysis.filters.token_filter import find_terms, over_units
from explorer.experiment.rollouts import Trajectories
from explorer.model.token_filter import FilterSpec


class Sanitised(NamedTuple):
    """What is kept, and how many were dropped by words and, beyond that, for a substantive action."""

    kept: Trajectories
    n_before: int
    n_by_words: int
    n_substantive: int


class ScanRow(NamedTuple):
    """How many of the kept trajectories one list flags under one unit."""

    name: str
    unit: str
    flagged: int
    n: int


def scanned_texts(trajectories: Trajectories) -> list[str]:
    """Per trajectory: tool names, arguments and thoughts, one a line (the filters' default scope)."""
    kind = trajectories.kind
    texts: list[str] = []
    for record, actions in zip(trajectories.records, trajectories.actions.tolist(), strict=True):
        lines: list[str] = []
        for (act, _reply), action in zip(record, actions, strict=False):
            lines += [act.tool or "", act.arguments or "", kind.thoughts[action]]
        texts.append("\n".join(lines))
    return texts


def sanitise(trajectories: Trajectories, lists: Sequence[FilterSpec]) -> Sanitised:
    """Drop what the lists flag, then what did anything."""
    flagged = np.zeros(len(trajectories), dtype=np.bool_)
    texts = scanned_texts(trajectories)
    for spec in lists:
        flagged |= _flagged(texts, spec)
    acted = trajectories.having(trajectories.kind.substantive_codes) & ~flagged
    return Sanitised(trajectories.only(~flagged & ~acted), len(trajectories), int(flagged.sum()), int(acted.sum()))


def scan(trajectories: Trajectories, presets: Sequence[FilterSpec]) -> list[ScanRow]:
    """Every list under every unit over trajectories: the zero that the story rests on, shown list by list."""
    texts = scanned_texts(trajectories)
    return [
        ScanRow(spec.name, spec.unit.value, int(_flagged(texts, spec).sum()), len(texts))
        for preset in presets
        for spec in over_units(preset)
    ]


def _flagged(texts: Sequence[str], spec: FilterSpec) -> npt.NDArray[np.bool_]:
    """bool per text. Texts are joined and searched together, and halved only where something is found."""
    found = np.zeros(len(texts), dtype=np.bool_)
    spans = [(0, len(texts))] if texts else []
    while spans:
        start, stop = spans.pop()
        if not find_terms("\n".join(texts[start:stop]), spec):
            continue
        if stop - start == 1:
            found[start] = True
            continue
        middle = (start + stop) // 2
        spans += [(start, middle), (middle, stop)]
    return found
