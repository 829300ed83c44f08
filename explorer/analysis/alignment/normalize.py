"""Arguments as sets of masked tokens, and those sets as small bit sketches.

Two calls are compared by what their arguments say once volatile values are masked: identifiers, times, numbers
and folders become classes, names of fields, words and the last part of a path stay. A set of tokens is kept as a
256-bit sketch (one hashed bit a token), so that comparing two steps costs four AND and a population count.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from zlib import crc32

import numpy as np
import numpy.typing as npt

SKETCH_WORDS = 4
SKETCH_BITS = 64 * SKETCH_WORDS

_HEAD, _TAIL = 4_000, 1_000
_JSON_LIMIT = 20_000
_MAX_LEAVES = 128
_MAX_TOKENS = 96  # more would fill the sketch; the smallest hashes are a fair sample of both sets alike

_CHUNKS = re.compile(r"[^\s\"'`(){}\[\],;|&<>=]+")
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[Tt_]?\d\d.*)?|\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?|\d{8}[Tt]\d{6}[Zz]?")
_NUMBER = re.compile(r"[-+$€£#]?\d[\d.,_]*[%kKMG]?")
_VOLATILE = re.compile(r"[0-9a-fA-F]{16,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|0x[0-9a-fA-F]+")
_DIGITS = re.compile(r"\d+")


@lru_cache(maxsize=1 << 17)
def mask(chunk: str) -> tuple[str, ...]:
    """The tokens of one blank-free chunk, volatile parts masked.

    A path keeps its last component, because the file worked on tells calls apart while the folder differs
    from machine to machine; a short identifier keeps its value beside its class for the same reason.
    """
    chunk = chunk.strip(".:!?*").lower()[:200]
    if not chunk:
        return ()
    if "://" in chunk:
        host = chunk.split("://", 1)[1].split("/", 1)[0]
        return ("<url>", host)
    if "/" in chunk or "\\" in chunk:
        parts = [part for part in re.split(r"[/\\]+", chunk) if part]
        return ("<path>", _DIGITS.sub("0", parts[-1])) if parts else ("<path>",)
    if _TIME.fullmatch(chunk):
        return ("<time>",)
    if _NUMBER.fullmatch(chunk):
        return ("<number>",)
    if _VOLATILE.fullmatch(chunk):
        return ("<id>",)
    if "@" not in chunk and sum(map(str.isdigit, chunk)) >= 3:
        return ("<id>", chunk)
    return (chunk,)


def tokens(arguments: str | None) -> set[str]:
    """The masked tokens of a step's arguments; of a JSON object field by field (``field=token``).

    Linear in the text, of which at most the first 4,000 and last 1,000 characters are read (20,000 if it is
    JSON). Text that is no JSON, or none at all, gives plain tokens and the empty set.
    """
    if not arguments:
        return set()
    if arguments[0] in "{[" and len(arguments) <= _JSON_LIMIT:
        try:
            return _field_tokens(json.loads(arguments))
        except (ValueError, RecursionError):
            pass
    return _text_tokens(arguments)


def sketch(arguments: str | None) -> tuple[int, int, int, int]:
    """The 256-bit sketch of :func:`tokens`, as four unsigned 64-bit integers."""
    hashed = {crc32(token.encode("utf-8", "backslashreplace")) for token in tokens(arguments)}
    kept = hashed if len(hashed) <= _MAX_TOKENS else sorted(hashed)[:_MAX_TOKENS]
    bits = 0
    for value in kept:
        # The low bits of a CRC are weaker than the high ones: fold before taking the place.
        bits |= 1 << ((value ^ (value >> 13)) % SKETCH_BITS)
    low = (1 << 64) - 1
    return (bits & low, (bits >> 64) & low, (bits >> 128) & low, bits >> 192)


def similarity(first: npt.NDArray[np.uint64], second: npt.NDArray[np.uint64]) -> npt.NDArray[np.float32]:
    """Dice overlap in [0, 1] of rows of two sketch arrays (uint64[n, 4]); two empty sets are equal."""
    both, size = bit_counts(first & second), bit_counts(first) + bit_counts(second)
    return np.where(size > 0, 2 * both / np.maximum(size, 1), 1).astype(np.float32)


def bit_counts(sketches: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
    """Set bits per row of uint64[n, 4]."""
    # Column by column: a sum along the short axis takes several times as long.
    total = np.zeros(len(sketches), dtype=np.int32)
    for word in range(sketches.shape[1]):
        total += np.bitwise_count(sketches[:, word])
    return total


def _text_tokens(text: str) -> set[str]:
    if len(text) > _HEAD + _TAIL:
        text = text[:_HEAD] + " " + text[-_TAIL:]
    found: set[str] = set()
    for chunk in _CHUNKS.findall(text):
        found.update(mask(chunk))
    return found


def _field_tokens(value: object) -> set[str]:
    found: set[str] = set()
    stack: list[tuple[str, object]] = [("", value)]
    leaves = 0
    while stack and leaves < _MAX_LEAVES:
        field, inner = stack.pop()
        if isinstance(inner, dict):
            stack.extend((str(key).lower(), part) for key, part in inner.items())
        elif isinstance(inner, list):
            stack.extend((field, part) for part in inner[:_MAX_LEAVES])
        else:
            leaves += 1
            found.add(field)
            said = "" if inner is None else str(inner)
            found.update(f"{field}={token}" for token in _text_tokens(said))
    return found
