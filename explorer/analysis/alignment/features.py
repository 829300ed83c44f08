"""What of a step the alignment compares, as flat arrays over all steps of a dataset."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.analysis import programs
from explorer.analysis.alignment.normalize import SKETCH_WORDS, sketch
from explorer.analysis.targets import step_target_codes
from explorer.model.effect import EffectKind, StepEffects
from explorer.model.schema import StepKind
from explorer.model.trajectory import Dataset, IntArray
from explorer.progress import Progress

_CHUNK = 50_000
_MIX = np.uint64(0x9E3779B97F4A7C15)
_NAMED_BY_PROGRAM = (StepKind.SHELL, StepKind.SQL, StepKind.CODE)


@dataclass(frozen=True)
class Features:
    """One entry a step row. ``headline`` (kind code, -1 none) and ``masks`` (bits of kinds) say what it does;
    ``tool`` is its name (program where all steps share a shell), ``alias`` the name without namespace and
    synonyms, ``family`` the kind of tool where programs differ (each -1 where there is none, which equals
    nothing); ``sketches`` uint64[n, 4] its arguments; ``concern`` whether it has an effect of concern, and
    ``targets`` which effects of concern on which normalised targets (0 = none)."""

    headline: npt.NDArray[np.int16]
    masks: npt.NDArray[np.uint64]
    tool: IntArray
    alias: IntArray
    family: IntArray
    sketches: npt.NDArray[np.uint64]
    concern: npt.NDArray[np.bool_]
    targets: IntArray
    tool_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.headline)

    def take(self, rows: npt.NDArray[np.int64]) -> Features:
        """The features of some step rows, in the order given."""
        return Features(
            self.headline[rows], self.masks[rows], self.tool[rows], self.alias[rows], self.family[rows],
            self.sketches[rows], self.concern[rows], self.targets[rows], self.tool_names,
        )  # fmt: skip

    def actions(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
        """A 64-bit mix per row: equal where tool, effects, targets of concern and sketched arguments are equal."""
        columns = (self.tool, self.masks, self.targets, *self.sketches.T)
        mixed = np.zeros(len(rows), dtype=np.uint64)
        for column in columns:
            mixed = (mixed ^ column[rows].astype(np.uint64)) * _MIX
            mixed ^= mixed >> np.uint64(29)
        return mixed


def step_features(
    dataset: Dataset,
    effects: StepEffects,
    concern: Collection[EffectKind],
    progress: Progress | None = None,
) -> Features:
    """Describe every step for alignment. Text is read in chunks, and each distinct text of a chunk once."""
    progress = progress or Progress()
    n = dataset.n_steps
    sketches = np.zeros((n, SKETCH_WORDS), dtype=np.uint64)
    tool = np.full(n, -1, dtype=np.int32)
    alias = np.full(n, -1, dtype=np.int32)
    family = np.full(n, -1, dtype=np.int32)
    names: dict[str, int] = {}
    aliases: dict[str, int] = {}
    kinds = dataset.kind
    progress.stage("reading arguments", n)
    column = dataset.steps["arguments"]
    for start in range(0, n, _CHUNK):
        progress.at(start)
        stop = min(n, start + _CHUNK)
        texts = column.slice(start, stop - start)
        rows = np.arange(start, stop)
        for code in np.unique(kinds.codes[start:stop]):
            kind = kinds.names[code]
            here = rows[kinds.codes[start:stop] == code]
            distinct, inverse = _distinct(texts.take(pa.array(here - start)))
            sketches[here] = np.array([sketch(text) for text in distinct], dtype=np.uint64).reshape(-1, SKETCH_WORDS)[
                inverse
            ]
            if kind in _NAMED_BY_PROGRAM:
                called = [f"{kind}:{programs.program(kind, text)}" for text in distinct]
                tool[here] = np.array([names.setdefault(name, len(names)) for name in called], np.int32)[inverse]
                family[here] = int(code)
    _name_tools(dataset, tool, alias, names, aliases)
    progress.at(n)
    return Features(
        effects.headlines, effects.masks, tool, alias, family, sketches,
        effects.concern(concern) == 1, step_target_codes(effects, concern), tuple(names),
    )  # fmt: skip


def _name_tools(
    dataset: Dataset, tool: IntArray, alias: IntArray, names: dict[str, int], aliases: dict[str, int]
) -> None:
    logged = dataset.tool
    rest = tool < 0
    name_code = np.array([names.setdefault(name, len(names)) for name in logged.names], np.int32)
    alias_code = np.array([aliases.setdefault(programs.alias(name), len(aliases)) for name in logged.names], np.int32)
    named = rest & (logged.codes >= 0)
    tool[named] = name_code[logged.codes[named]]
    alias[named] = alias_code[logged.codes[named]]
    # A message or a finish has no tool: being of one kind makes them alike.
    kind_code = np.array([names.setdefault(f"({name})", len(names)) for name in dataset.kind.names], np.int32)
    unnamed = rest & (logged.codes < 0)
    tool[unnamed] = kind_code[dataset.kind.codes[unnamed]]


def _distinct(texts: pa.ChunkedArray) -> tuple[list[str | None], npt.NDArray[np.int64]]:
    encoded = texts.combine_chunks().dictionary_encode(null_encoding="encode")
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
