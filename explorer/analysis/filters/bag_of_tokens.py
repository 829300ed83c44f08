"""Steps as bags of hashed tokens: the words of a step's text, split as identifiers are, and nothing else.

The text is read as UTF-8 bytes straight from Arrow's buffers. A token is a stretch of ASCII letters and digits or
of other non-ASCII bytes, cut where camelCase starts a new word, without case; its FNV-1a hash names its column.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse

from explorer.model.trajectory import Dataset

COLUMNS = 1 << 18
MAX_BYTES = 20_000
"""What of one text is read: what follows is left out, so that one huge output cannot dominate."""

_BASIS = np.uint64(14695981039346656037)
_PRIME = np.uint64(1099511628211)
_SEPARATOR = np.uint64(0x1F)

_Number = TypeVar("_Number", np.uint8, np.int64)
Rows = npt.NDArray[np.int64]
_Texts = tuple[tuple[npt.NDArray[np.uint8], ...], tuple[npt.NDArray[np.int64], ...]]


def digests(dataset: Dataset, rows: Rows, columns: Sequence[str]) -> npt.NDArray[np.uint64]:
    """A 64-bit digest of the text of each chosen step row; equal texts share it, column by column."""
    return _digest(*_texts(dataset, rows, columns))


def bags(dataset: Dataset, rows: Rows, columns: Sequence[str]) -> sparse.csr_matrix:
    """The chosen step rows' bags over text columns (``tool``, ``arguments`` …): binary CSR, one row a step."""
    data, offsets = _texts(dataset, rows, columns)
    # A token takes two bytes at least: a character and what ends it, or the two letters of aA.
    room = sum(int((np.minimum(np.diff(found), MAX_BYTES) // 2 + 1).sum()) for found in offsets)
    tokens = np.empty(room, dtype=np.int32)
    pointers = _bag(data, offsets, tokens)
    tokens = tokens[: pointers[-1]].copy()
    return sparse.csr_matrix((np.ones(len(tokens), np.float32), tokens, pointers), shape=(len(rows), COLUMNS))


def scores(
    dataset: Dataset,
    rows: Rows,
    columns: Sequence[str],
    weights: npt.NDArray[np.float64],
    model: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Per chosen step row: the sum of the weights of its tokens, under the model chosen for it.

    ``weights`` float64[n_models, COLUMNS]; ``model`` int64 per row. Equals ``bags @ weights`` without the matrix.
    """
    data, offsets = _texts(dataset, rows, columns)
    return _score(data, offsets, weights, model)


@numba.njit(cache=True, nogil=True)
def _tokenise(data: npt.NDArray[np.uint8], start: int, stop: int, tokens: npt.NDArray[np.int32], filled: int) -> int:
    """Write the columns of one text's tokens from ``filled`` on; returns where the next goes."""
    word = _BASIS
    size = 0
    before_upper = False
    for at in range(start, stop):
        byte = data[at]
        upper = 65 <= byte <= 90
        inside = upper or 97 <= byte <= 122 or 48 <= byte <= 57 or byte >= 128
        if size > 0 and (not inside or (upper and not before_upper)):
            tokens[filled] = np.int32(word % np.uint64(COLUMNS))
            filled += 1
            word = _BASIS
            size = 0
        if inside:
            word = (word ^ np.uint64(byte + 32 if upper else byte)) * _PRIME
            size += 1
            before_upper = upper
    if size > 0:
        tokens[filled] = np.int32(word % np.uint64(COLUMNS))
        filled += 1
    return filled


@numba.njit(cache=True, nogil=True)
def _digest(
    data: tuple[npt.NDArray[np.uint8], ...], offsets: tuple[npt.NDArray[np.int64], ...]
) -> npt.NDArray[np.uint64]:
    found = np.full(len(offsets[0]) - 1, _BASIS, dtype=np.uint64)
    for part in range(len(data)):
        text, bounds = data[part], offsets[part]
        for row in range(len(found)):
            digest = found[row]
            for at in range(bounds[row], min(bounds[row + 1], bounds[row] + MAX_BYTES)):
                digest = (digest ^ np.uint64(text[at])) * _PRIME
            found[row] = (digest ^ _SEPARATOR) * _PRIME
    return found


@numba.njit(cache=True, nogil=True)
def _bag(
    data: tuple[npt.NDArray[np.uint8], ...],
    offsets: tuple[npt.NDArray[np.int64], ...],
    tokens: npt.NDArray[np.int32],
) -> npt.NDArray[np.int64]:
    """Fill ``tokens`` row by row without repeats; returns the row pointers."""
    n = len(offsets[0]) - 1
    pointers = np.zeros(n + 1, dtype=np.int64)
    seen = np.full(COLUMNS, -1, dtype=np.int64)
    filled = 0
    for row in range(n):
        end = filled
        for part in range(len(data)):
            start = offsets[part][row]
            end = _tokenise(data[part], start, min(offsets[part][row + 1], start + MAX_BYTES), tokens, end)
        for at in range(filled, end):
            token = tokens[at]
            if seen[token] != row:
                seen[token] = row
                tokens[filled] = token
                filled += 1
        pointers[row + 1] = filled
    return pointers


@numba.njit(cache=True, nogil=True)
def _score(
    data: tuple[npt.NDArray[np.uint8], ...],
    offsets: tuple[npt.NDArray[np.int64], ...],
    weights: npt.NDArray[np.float64],
    model: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    n = len(offsets[0]) - 1
    found = np.zeros(n, dtype=np.float64)
    seen = np.full(COLUMNS, -1, dtype=np.int64)
    tokens = np.empty(len(data) * (MAX_BYTES // 2 + 1), dtype=np.int32)
    for row in range(n):
        end = 0
        for part in range(len(data)):
            start = offsets[part][row]
            end = _tokenise(data[part], start, min(offsets[part][row + 1], start + MAX_BYTES), tokens, end)
        total = 0.0
        for at in range(end):
            token = tokens[at]
            if seen[token] != row:
                seen[token] = row
                total += weights[model[row], token]
        found[row] = total
    return found


def _texts(dataset: Dataset, rows: Rows, columns: Sequence[str]) -> _Texts:
    parts = [_buffers(dataset.steps[name], rows) for name in columns]
    return tuple(data for data, _ in parts), tuple(offsets for _, offsets in parts)


def _buffers(column: pa.ChunkedArray, rows: Rows) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    run = len(rows) > 0 and int(rows[-1]) - int(rows[0]) == len(rows) - 1 and bool(np.all(np.diff(rows) == 1))
    chosen = column.slice(int(rows[0]), len(rows)) if run else column.take(pa.array(rows))
    chunks = [chunk.cast(pa.large_string()).fill_null("") for chunk in chosen.chunks]
    texts = pa.concat_arrays(chunks) if chunks else pa.array([], pa.large_string())
    _, offsets, data = texts.buffers()
    if len(texts) == 0 or offsets is None or data is None:
        return _frozen(np.zeros(0, np.uint8)), _frozen(np.zeros(len(texts) + 1, np.int64))
    bounds = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return _frozen(np.frombuffer(data, dtype=np.uint8)), _frozen(bounds)


def _frozen(array: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    """Read-only, as Arrow's buffers are: one type for the compiled functions, whatever the text's origin."""
    array.flags.writeable = False
    return array
