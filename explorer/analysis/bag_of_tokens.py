"""Steps as bags of hashed tokens: the words of a step's text, split as identifiers are, and nothing else.

The text is read as UTF-8 bytes straight from Arrow's buffers. A token is a stretch of ASCII letters and digits or
of other non-ASCII bytes, cut where camelCase starts a new word, without case; its FNV-1a hash names its column.
"""

from __future__ import annotations

from collections.abc import Sequence

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


@numba.njit(cache=True, nogil=True)
def _hash_tokens(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    tokens: npt.NDArray[np.int32],
    counts: npt.NDArray[np.int32],
    digests: npt.NDArray[np.uint64],
) -> int:  # pragma: no cover - compiled
    """Fill ``tokens`` with the columns of all texts in a row, ``counts`` with how many each has; mix the text
    itself into ``digests``. Returns the number of tokens."""
    filled = 0
    for row in range(len(offsets) - 1):
        start = filled
        digest = digests[row]
        word = _BASIS
        size = 0
        before = 0  # 0 nothing, 1 lower case, digit or other, 2 upper case
        stop = min(offsets[row + 1], offsets[row] + MAX_BYTES)
        for at in range(offsets[row], stop):
            byte = data[at]
            digest = (digest ^ np.uint64(byte)) * _PRIME
            upper = 65 <= byte <= 90
            inside = upper or 97 <= byte <= 122 or 48 <= byte <= 57 or byte >= 128
            if size > 0 and (not inside or (upper and before == 1)):
                tokens[filled] = np.int32(word % np.uint64(COLUMNS))
                filled += 1
                word = _BASIS
                size = 0
            if inside:
                word = (word ^ np.uint64(byte + 32 if upper else byte)) * _PRIME
                size += 1
                before = 2 if upper else 1
            else:
                before = 0
        if size > 0:
            tokens[filled] = np.int32(word % np.uint64(COLUMNS))
            filled += 1
        counts[row] = filled - start
        digests[row] = (digest ^ np.uint64(0x1F)) * _PRIME  # parts stay apart
    return filled


class Bags:
    """The text of a run of steps as a binary CSR matrix, and a digest that equal texts share."""

    def __init__(self, matrix: sparse.csr_matrix, digests: npt.NDArray[np.uint64]) -> None:
        self.matrix = matrix
        self.digests = digests


def bags(dataset: Dataset, rows: npt.NDArray[np.int64], columns: Sequence[str], *, matrix: bool = True) -> Bags:
    """The chosen step rows' bags over text columns (``tool``, ``arguments``, ``thought`` …).

    Without ``matrix`` only the digests are made.
    """
    digests = np.full(len(rows), _BASIS, dtype=np.uint64)
    total = sparse.csr_matrix((len(rows), COLUMNS), dtype=np.float32)
    wanted = pa.array(rows)
    for name in columns:
        column = dataset.steps[name].take(wanted)
        texts = column.cast(pa.large_string()) if not pa.types.is_large_string(column.type) else column
        offsets, data = _buffers(texts.combine_chunks())
        tokens = np.empty(int((np.minimum(np.diff(offsets), MAX_BYTES) // 2 + 1).sum()), dtype=np.int32)
        counts = np.zeros(len(rows), dtype=np.int32)
        filled = _hash_tokens(data, offsets, tokens, counts, digests)
        if matrix:
            pointers = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
            ones = np.ones(filled, dtype=np.float32)
            total = total + sparse.csr_matrix((ones, tokens[:filled].copy(), pointers), shape=total.shape)
    total.sum_duplicates()
    total.data[:] = 1.0
    return Bags(total, digests)


def _buffers(texts: pa.Array | pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    if isinstance(texts, pa.ChunkedArray):
        texts = pa.concat_arrays(texts.chunks) if texts.num_chunks else pa.array([], pa.large_string())
    texts = texts.fill_null("")
    _, offset_buffer, data_buffer = texts.buffers()
    if len(texts) == 0 or offset_buffer is None:
        return np.zeros(len(texts) + 1, dtype=np.int64), np.zeros(0, dtype=np.uint8)
    offsets = np.frombuffer(offset_buffer, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(data_buffer, dtype=np.uint8) if data_buffer is not None else np.zeros(0, dtype=np.uint8)
    return offsets, data
