"""Columns of any depth by dotted names: listing, reading, recognising by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def leaves(schema: pa.Schema) -> list[tuple[str, pa.DataType]]:
    """Every column that is no struct, nested ones as ``a.b``; lists and maps are leaves."""
    found: list[tuple[str, pa.DataType]] = []

    def walk(name: str, kind: pa.DataType) -> None:
        if pa.types.is_struct(kind):
            for field in kind:
                walk(f"{name}.{field.name}", field.type)
        else:
            found.append((name, kind))

    for field in schema:
        walk(field.name, field.type)
    return found


def is_scalar(kind: pa.DataType) -> bool:
    """Whether a leaf's cells are single values that can be shown and compared."""
    if pa.types.is_dictionary(kind):
        return is_scalar(kind.value_type)
    return not (pa.types.is_nested(kind) or _is_binary(kind))


def is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_binary(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )


def type_of(schema: pa.Schema, name: str) -> pa.DataType | None:
    """The type of a dotted column (structs included); None if there is none."""
    if name in schema.names:
        return schema.field(name).type
    head, _, rest = name.partition(".")
    if not rest or head not in schema.names:
        return None
    kind = schema.field(head).type
    for part in rest.split("."):
        if not pa.types.is_struct(kind) or kind.get_field_index(part) < 0:
            return None
        kind = kind.field(part).type
    return kind


def value_at(row: Mapping[str, Any], name: str) -> Any:
    """A cell of a row given as plain Python values, by its dotted name."""
    if name in row:
        return row[name]
    value: Any = row
    for part in name.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def column_at(table: pa.RecordBatch | pa.Table, name: str) -> pa.Array | pa.ChunkedArray | None:
    """A dotted column of a table, structs' nulls applied to their fields."""
    if name in table.schema.names:
        return table.column(name)
    head, _, rest = name.partition(".")
    if not rest or head not in table.schema.names:
        return None
    column = table.column(head)
    for part in rest.split("."):
        if not pa.types.is_struct(column.type) or column.type.get_field_index(part) < 0:
            return None
        column = pc.struct_field(column, part)
    return column


def first_named(
    names: Iterable[str], candidates: Sequence[str], accept: Mapping[str, pa.DataType] | None = None
) -> str | None:
    """The first of ``candidates`` among ``names``, compared without case and by the last part of dotted names;
    top-level columns win over nested ones."""
    ordered = sorted(names, key=lambda name: name.count("."))
    for wanted in candidates:
        for name in ordered:
            if (name.lower() == wanted or name.rsplit(".", 1)[-1].lower() == wanted) and (
                accept is None or name in accept
            ):
                return name
    return None


def scalar_columns(
    table: pa.RecordBatch | pa.Table, skip: frozenset[str], *, decode: bool = True
) -> Iterator[tuple[str, Any]]:
    """All scalar leaves except ``skip`` (names, or the structs they stand in), dictionaries decoded on request."""
    for name, kind in leaves(table.schema):
        if not is_scalar(kind) or name in skip or any(name.startswith(f"{s}.") for s in skip):
            continue
        column = column_at(table, name)
        if column is None:
            continue
        if decode and pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        yield name, column


def one_array(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column as one array, its dictionaries unified."""
    if isinstance(column, pa.ChunkedArray):
        if pa.types.is_dictionary(column.type):
            column = column.unify_dictionaries()
        column = column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = column.chunk(0) if column.num_chunks else pa.array([], column.type)
    return column
