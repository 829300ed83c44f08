"""One pass of many word lists over the text of a dataset.

Text stays where it is: the columns are read in slices, Arrow's RE2 throws out what holds no part of any word, and
only the distinct texts that remain are looked at word by word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from explorer.analysis.filters.token_match import FoldedText, any_of, clean_utf8, needle, word_hits
from explorer.model.token_filter import FilterScope, FilterSpec, FilterUnit
from explorer.model.trajectory import Dataset
from explorer.progress import Progress

IntCodes = npt.NDArray[np.int32]
_Key = tuple[str, FilterUnit]

SLICE_ROWS = 32_768
_CACHE_TEXTS = 100_000
_CACHE_CHARACTERS = 1_000  # longer texts hardly repeat; remembering them would only hold memory


class TermScan:
    """What was found, per column and step, as codes into a table of bit sets over (word, unit)."""

    def __init__(
        self,
        specs: Sequence[FilterSpec],
        bits: dict[_Key, int],
        sets: list[int],
        columns: dict[FilterScope, IntCodes],
        n_steps: int,
    ) -> None:
        self._specs = specs
        self._bits = bits
        self._sets = sets
        self._columns = columns
        self._n_steps = n_steps
        self._joined: dict[tuple[FilterScope, ...], tuple[IntCodes, list[int]]] = {}

    def flagged(self, spec: int) -> npt.NDArray[np.bool_]:
        """bool per step: some word of the list stands in its scope."""
        codes, sets = self._union(self._specs[spec].scope)
        wanted = self._wanted(spec)
        found: npt.NDArray[np.bool_] = np.array([bool(found & wanted) for found in sets], dtype=np.bool_)[codes]
        return found

    def terms(self, spec: int) -> tuple[IntCodes, tuple[tuple[str, ...], ...]]:
        """The words found per step: codes, and the catalogue of tuples (code 0 = none)."""
        codes, sets = self._union(self._specs[spec].scope)
        chosen = self._specs[spec]
        catalog: dict[tuple[str, ...], int] = {(): 0}
        table = np.zeros(len(sets), dtype=np.int32)
        for i, found in enumerate(sets):
            words = tuple(w for w in chosen.words if found >> self._bits[_key(w, chosen.unit)] & 1)
            table[i] = catalog.setdefault(words, len(catalog))
        return table[codes], tuple(catalog)

    def _wanted(self, spec: int) -> int:
        chosen = self._specs[spec]
        return sum({1 << self._bits[_key(word, chosen.unit)] for word in chosen.words})

    def _union(self, scope: tuple[FilterScope, ...]) -> tuple[IntCodes, list[int]]:
        """Steps over several columns: the bit set of a step is the union of its parts'."""
        if not scope:  # a filter that reads nothing flags nothing
            return np.zeros(self._n_steps, dtype=np.int32), [0]
        if scope not in self._joined:
            codes, sets = self._columns[scope[0]], self._sets
            for part in scope[1:]:
                pairs, inverse = np.unique(
                    codes.astype(np.int64) * len(self._sets) + self._columns[part], return_inverse=True
                )
                left, right = np.divmod(pairs, len(self._sets))
                sets = [sets[a] | self._sets[b] for a, b in zip(left.tolist(), right.tolist(), strict=True)]
                codes = inverse.astype(np.int32)
            self._joined[scope] = codes, sets
        return self._joined[scope]


def scan_terms(dataset: Dataset, specs: Sequence[FilterSpec], progress: Progress) -> TermScan:
    """Find the words of all lists in all the parts of a step that some list reads."""
    bits: dict[_Key, int] = {}
    for spec in specs:
        for word in spec.words:
            bits.setdefault(_key(word, spec.unit), len(bits))
    found_sets: dict[int, int] = {0: 0}
    columns: dict[FilterScope, IntCodes] = {}
    scopes = [scope for scope in FilterScope if any(scope in spec.scope for spec in specs)]
    progress.stage("token filter", dataset.n_steps * len(scopes))
    for scope in scopes:
        keys = {_key(w, s.unit): bits[_key(w, s.unit)] for s in specs if scope in s.scope for w in s.words}
        finder = _Finder(keys, found_sets)
        if scope is FilterScope.TOOL:
            columns[scope] = _tool_codes(dataset, finder)
            progress.advance(dataset.n_steps)
        else:
            columns[scope] = _text_codes(dataset.steps[scope.value], finder, progress)
    return TermScan(specs, bits, list(found_sets), columns, dataset.n_steps)


def _key(word: str, unit: FilterUnit) -> _Key:
    return (word if unit is FilterUnit.REGEX else word.lower(), unit)


class _Finder:
    """Looks for the keys of one column; ``sets`` interns the bit sets of all columns."""

    def __init__(self, keys: dict[_Key, int], sets: dict[int, int]) -> None:
        self._words: dict[str, list[tuple[str, FilterUnit, int]]] = {}
        self._patterns: list[tuple[str, int]] = []
        for (word, unit), bit in keys.items():
            if unit is FilterUnit.REGEX:
                self._patterns.append((clean_utf8(word), 1 << bit))
            else:
                self._words.setdefault(needle(word, unit), []).append((word, unit, 1 << bit))
        self._gate = any_of(self._words) if self._words else ""
        self._sets = sets
        self._cache: dict[str, int] = {}

    def codes(self, texts: pa.Array) -> IntCodes:
        """The code of each text's bit set (null = nothing found)."""
        codes = np.zeros(len(texts), dtype=np.int32)
        found: dict[int, int] = {}
        if self._gate:
            rows, kept = _matching(texts, self._gate)
            for row, text in zip(rows.tolist(), kept.to_pylist(), strict=True):
                found[row] = self._words_in(text)
        for pattern, bit in self._patterns:
            for row in _matching(texts, pattern)[0].tolist():
                found[row] = found.get(row, 0) | bit
        for row, value in found.items():
            codes[row] = self._sets.setdefault(value, len(self._sets))
        return codes

    def _words_in(self, text: str) -> int:
        known = self._cache.get(text)
        if known is None:
            known = 0
            folded = FoldedText(text)
            for root, words in self._words.items():
                if root in folded.lower:
                    for word, unit, bit in words:
                        if next(word_hits(folded, word, unit), None) is not None:
                            known |= bit
            if len(text) <= _CACHE_CHARACTERS:
                if len(self._cache) >= _CACHE_TEXTS:
                    self._cache.clear()
                self._cache[text] = known
        return known


def _matching(texts: pa.Array, pattern: str) -> tuple[npt.NDArray[np.int64], pa.Array]:
    mask = pc.fill_null(pc.match_substring_regex(texts, pattern), False)
    rows = np.flatnonzero(mask.to_numpy(zero_copy_only=False))
    return rows, texts.filter(mask)


def _tool_codes(dataset: Dataset, finder: _Finder) -> IntCodes:
    tool = dataset.tool
    names = pa.array([clean_utf8(name) for name in tool.names], pa.large_string())
    table = np.append(finder.codes(names), np.int32(0))  # code -1, no tool, is the last place
    return table[tool.codes].astype(np.int32)


def _text_codes(column: pa.ChunkedArray, finder: _Finder, progress: Progress) -> IntCodes:
    parts = [np.zeros(0, dtype=np.int32)]
    for texts in _slices(column):
        parts.append(finder.codes(texts))
        progress.advance(len(texts))
    return np.concatenate(parts)


def _slices(column: pa.ChunkedArray) -> Iterator[pa.Array]:
    for chunk in column.chunks:
        for start in range(0, len(chunk), SLICE_ROWS):
            texts = chunk.slice(start, SLICE_ROWS)
            yield texts if pa.types.is_large_string(texts.type) else texts.cast(pa.large_string())
