"""Which group (model or checkpoint) a row belongs to: named by the person, by a column, by a folder, or by the file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from explorer.errors import InputError
from explorer.model.schema import LOG_PREFIX
from loaders.base import ColumnMapping, ReadRequest
from loaders.columns import is_text
from loaders.sources import speaking_name

NAMES = (
    "group", "model", "model_name", "model_id", "model_name_or_path", "agent_model", "pipeline_name", "agent_llm",
    "llm_model", "checkpoint", "policy", "agent_name", "llm", "agent",
)  # fmt: skip
_SAYS_NOTHING = frozenset(
    ("", "local", "default", "model", "agent", "unknown", "none", "null", "n/a", "na", "assistant")
)


def resolve_groups(
    table: pa.Table, request: ReadRequest, mapping: ColumnMapping
) -> tuple[pa.DictionaryArray, str | None]:
    """The group of every row of a table with ``source_file`` and ``log.*`` columns, and the column it came from."""
    rows = table.num_rows
    if request.group is not None:
        return _coded(np.zeros(rows, np.int32), [request.group]), None
    column = request.group_by or mapping.group
    if column is not None and LOG_PREFIX + column not in table.column_names:
        have = ", ".join(n[len(LOG_PREFIX) :] for n in table.column_names if n.startswith(LOG_PREFIX))
        raise InputError(f"there is no column {column!r} to group by", todo=f"Columns: {have or 'none'}.")
    if column is None:
        column = _recognised(table)
    files = _encode(table["source_file"])
    file_names = file_groups([str(name) for name in files.dictionary.to_pylist()])
    file_codes = files.indices.to_numpy(zero_copy_only=False)
    if column is None:
        return _coded(file_codes, file_names), None
    values = _encode(table[LOG_PREFIX + column])
    codes = values.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    words = [str(value) for value in values.dictionary.to_pylist()]
    # A column that somebody named, or that is called "group", is taken at its word.
    explicit = column in (request.group_by, mapping.group, "group")
    says_nothing = [not word.strip() or (not explicit and word.strip().lower() in _SAYS_NOTHING) for word in words]
    silent = np.array([*says_nothing, True])
    by_file = silent[codes]
    # Codes of the column's words first, then those of the files' names.
    merged = np.where(by_file, len(words) + file_codes, codes)
    return _coded(merged, [*words, *file_names]), column


def file_groups(files: Sequence[str]) -> list[str]:
    """A name for each file; files of one name in different folders get their folder's beside it."""
    names = [speaking_name(Path(file)) for file in files]
    stems: dict[str, set[str]] = defaultdict(set)
    for file, name in zip(files, names, strict=True):
        if name == Path(file).stem:
            stems[name].add(str(Path(file).parent))
    return [
        f"{Path(file).resolve().parent.name}/{name}" if len(stems.get(name, ())) > 1 else name
        for file, name in zip(files, names, strict=True)
    ]


def _recognised(table: pa.Table) -> str | None:
    lower: dict[str, str] = {}
    for field in table.schema:
        if field.name.startswith(LOG_PREFIX) and is_text(field.type):
            name = field.name[len(LOG_PREFIX) :]
            lower.setdefault(name.lower(), name)
            lower.setdefault(name.rsplit(".", 1)[-1].lower(), name)
    return next((lower[name] for name in NAMES if name in lower), None)


def _encode(column: pa.ChunkedArray) -> pa.DictionaryArray:
    column = column if pa.types.is_dictionary(column.type) else column.cast(pa.string()).dictionary_encode()
    column = column.unify_dictionaries()
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], pa.string()).dictionary_encode()
    return array


def _coded(codes: np.ndarray[tuple[int, ...], np.dtype[np.int64]] | pa.Array, names: list[str]) -> pa.DictionaryArray:
    """Codes into names that may repeat or go unused → a dictionary of distinct used names."""
    used, place = np.unique(np.asarray(codes), return_inverse=True)
    distinct = list(dict.fromkeys(names[int(code)] for code in used))
    new = np.array([distinct.index(names[int(code)]) for code in used], np.int32)
    indices = new[place.reshape(-1)] if len(used) else np.zeros(0, np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array(distinct, pa.string()))
