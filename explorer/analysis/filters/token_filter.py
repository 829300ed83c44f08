"""The token filter being audited: what sanitation by words would see in a step, and what it would drop.

It reads words only and shares no list with the classifier of effects, which is the point: the steps of concern
that no list catches are found by holding the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.analysis.filters.token_match import (
    MAX_HITS,
    FoldedText,
    TermHit,
    clean_utf8,
    regex_hits,
    word_hits,
)
from explorer.analysis.filters.token_scan import TermScan, scan_terms
from explorer.model.token_filter import FilterAction, FilterSpec, FilterUnit
from explorer.model.trajectory import Dataset
from explorer.progress import Progress

WORD_UNITS: tuple[FilterUnit, ...] = tuple(unit for unit in FilterUnit if unit is not FilterUnit.REGEX)
REDACTED = "[redacted]"

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Flags:
    """What one filter flags: bool per step, and the matched words as codes (int32 per step) into ``catalog``.

    Words stand in the list's order, as the list spells them; code 0 is the empty tuple.
    """

    flagged: BoolArray
    codes: npt.NDArray[np.int32]
    catalog: tuple[tuple[str, ...], ...]

    def of(self, step: int) -> tuple[str, ...]:
        """The matched words of one step row."""
        return self.catalog[int(self.codes[step])]


class RangeRow(NamedTuple):
    """How many of ``n`` chosen steps pass one list under one unit."""

    name: str
    unit: FilterUnit
    passes: int
    n: int


@dataclass(frozen=True)
class FilterSweep:
    """All lists × units over one dataset: ``flagged[i]`` (bool per step) belongs to ``specs[i]``."""

    specs: tuple[FilterSpec, ...]
    flagged: npt.NDArray[np.bool_]

    @property
    def any(self) -> BoolArray:
        """Per step: some list under some unit flags it."""
        return np.asarray(self.flagged.any(axis=0), dtype=np.bool_)

    def range(self, steps: BoolArray) -> list[RangeRow]:
        """Per list and unit: how many of the chosen steps pass."""
        n = int(steps.sum())
        caught = self.flagged[:, steps].sum(axis=1)
        return [RangeRow(spec.name, spec.unit, n - int(k), n) for spec, k in zip(self.specs, caught, strict=True)]

    def catching(self, step: int) -> tuple[tuple[str, FilterUnit], ...]:
        """Which lists and units flag one step row."""
        return tuple((spec.name, spec.unit) for spec, hit in zip(self.specs, self.flagged[:, step], strict=True) if hit)


def find_terms(text: str, spec: FilterSpec) -> tuple[TermHit, ...]:
    """Where the list's words stand in one text, in order of position (the first :data:`MAX_HITS`)."""
    hits: list[TermHit] = []
    folded = FoldedText(clean_utf8(text))
    for word in spec.words:
        ranges: Iterable[tuple[int, int]] = (
            regex_hits(text, word) if spec.unit is FilterUnit.REGEX else word_hits(folded, word.lower(), spec.unit)
        )
        for start, end in ranges:
            hits.append(TermHit(word, start, end))
            if len(hits) >= MAX_HITS:
                break
    return tuple(sorted(hits, key=lambda hit: (hit.start, hit.end, hit.term)))


def flag_steps(dataset: Dataset, spec: FilterSpec, progress: Progress | None = None) -> Flags:
    """Which steps the filter flags, reading the parts of its scope; each distinct text is looked at once."""
    scan = scan_terms(dataset, [spec], progress or Progress())
    return _flags(scan, 0)


def over_units(spec: FilterSpec) -> tuple[FilterSpec, ...]:
    """The list under every unit it can be read in: words in five units; expressions only as they are."""
    if spec.unit is FilterUnit.REGEX:
        return (spec,)
    return tuple(replace(spec, unit=unit) for unit in WORD_UNITS)


def sweep(dataset: Dataset, presets: Sequence[FilterSpec], progress: Progress | None = None) -> FilterSweep:
    """Every list under every unit, in one pass over the text. Without lists nothing is flagged."""
    specs = tuple(dict.fromkeys(each for preset in presets for each in over_units(preset)))
    flagged = np.zeros((len(specs), dataset.n_steps), dtype=np.bool_)
    if specs:
        scan = scan_terms(dataset, specs, progress or Progress())
        for i in range(len(specs)):
            flagged[i] = scan.flagged(i)
    flagged.flags.writeable = False
    return FilterSweep(specs, flagged)


def range_over(
    dataset: Dataset, presets: Sequence[FilterSpec], steps: BoolArray, progress: Progress | None = None
) -> list[RangeRow]:
    """The range beside a headline: per list and unit, how many of the chosen steps (bool per step) pass."""
    return sweep(dataset, presets, progress).range(steps)


def escapes_all(
    dataset: Dataset,
    presets: Sequence[FilterSpec],
    learned: BoolArray | None = None,
    progress: Progress | None = None,
) -> BoolArray:
    """Per step: no list in any unit flags it, and not the learned filter either (None = there is none)."""
    return ~with_learned(sweep(dataset, presets, progress), learned)


def with_learned(swept: FilterSweep, learned: BoolArray | None) -> BoolArray:
    """Per step: some list in some unit, or the learned filter, flags it."""
    return swept.any if learned is None else swept.any | learned


def trajectory_drops(dataset: Dataset, flags: Flags, spec: FilterSpec) -> BoolArray:
    """Per trajectory: whether sanitation loses it altogether.

    Dropping trajectories loses each with a flagged step; dropping steps only those of which nothing is left;
    redaction none.
    """
    lengths = dataset.lengths
    hits = np.bincount(dataset.trajectory_of_step[flags.flagged], minlength=dataset.n_trajectories)
    if spec.action is FilterAction.DROP_TRAJECTORY:
        return np.asarray(hits > 0)
    if spec.action is FilterAction.DROP_STEP:
        return np.asarray((hits == lengths) & (lengths > 0))
    return np.zeros(dataset.n_trajectories, dtype=np.bool_)


def redact(text: str, spec: FilterSpec) -> str:
    """The text with every matched range replaced; overlapping ranges become one."""
    kept: list[str] = []
    at = 0
    for hit in find_terms(text, spec):
        if hit.end <= at:
            continue
        if hit.start >= at:
            kept += [text[at : hit.start], REDACTED]
        at = hit.end
    kept.append(text[at:])
    return "".join(kept)


def _flags(scan: TermScan, spec: int) -> Flags:
    codes, catalog = scan.terms(spec)
    return Flags(scan.flagged(spec), codes, catalog)
