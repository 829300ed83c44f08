"""A column mapping as a TOML file: saved from the reading sheet, given to the command line.

::

    loader = "messages"
    task = ["suite_name", "user_task_id"]
    group = "model"

    [columns]
    messages = "state.history"

    [task_aliases]
    airline_012 = "airline-012"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from explorer.errors import InputError
from explorer.model.visible_text import is_invisible
from loaders.base import ColumnMapping

_TEXTS = ("loader", "group", "trial", "trajectory")
_TABLES = ("columns", "constants", "task_aliases")


def from_toml(text: str, name: str = "the mapping") -> ColumnMapping:
    """Read a mapping; ``name`` is what messages call it. Raises InputError with what is wrong and where."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"this is no valid TOML: {error}", where=name, todo="Mend the file.") from error
    unknown = sorted(set(values) - {*_TEXTS, *_TABLES, "task"})
    if unknown:
        known = ", ".join((*_TEXTS, "task", *_TABLES))
        raise InputError(f"there is no setting {unknown[0]!r}", where=name, todo=f"Settings: {known}.")
    texts = {key: _text(values.get(key), key, name) for key in _TEXTS}
    task = values.get("task", [])
    task = [task] if isinstance(task, str) else task
    if not isinstance(task, list) or not all(isinstance(part, str) for part in task):
        raise InputError("task is a list of column names", where=name, todo='For example: task = ["task_id"]')
    tables = {key: _table(values.get(key, {}), key, name) for key in _TABLES}
    return ColumnMapping(
        task=tuple(task), columns=tables["columns"], constants=tables["constants"],
        task_aliases=tables["task_aliases"], **texts,
    )  # fmt: skip


def read_mapping(path: Path) -> ColumnMapping:
    """Read a mapping file."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("the mapping cannot be read", where=str(path), todo="Check the path.") from error
    return from_toml(text, str(path))


def to_toml(mapping: ColumnMapping) -> str:
    """A mapping as TOML that :func:`from_toml` reads back equal."""
    lines = [f"{key} = {_quote(value)}" for key in _TEXTS if (value := getattr(mapping, key)) is not None]
    if mapping.task:
        lines.append(f"task = [{', '.join(map(_quote, mapping.task))}]")
    for key in _TABLES:
        table: Mapping[str, str] = getattr(mapping, key)
        if table:
            lines += ["", f"[{key}]", *(f"{_quote(role)} = {_quote(value)}" for role, value in table.items())]
    return "\n".join(lines) + "\n"


def with_aliases(mapping: ColumnMapping | None, aliases: Mapping[str, str]) -> ColumnMapping | None:
    """The mapping with these task aliases in place of its own; nothing stays nothing."""
    if mapping is None and not aliases:
        return None
    return replace(mapping or ColumnMapping(), task_aliases=dict(aliases))


def in_common(mappings: Sequence[ColumnMapping | None]) -> ColumnMapping:
    """What several sources' mappings agree on: the one mapping that can be given for all of them."""
    given = [mapping or ColumnMapping() for mapping in mappings] or [ColumnMapping()]
    first, rest = given[0], given[1:]
    texts = {
        key: value if all(getattr(other, key) == value for other in rest) else None
        for key in _TEXTS
        if (value := getattr(first, key)) is not None
    }
    tables = {
        key: {
            name: value
            for name, value in getattr(first, key).items()
            if all(getattr(other, key).get(name) == value for other in rest)
        }
        for key in _TABLES
    }
    task = first.task if all(other.task == first.task for other in rest) else ()
    return ColumnMapping(
        task=task, columns=tables["columns"], constants=tables["constants"], task_aliases=tables["task_aliases"],
        **texts,
    )  # fmt: skip


def _text(value: Any, key: str, name: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise InputError(f"{key} is a text", where=name, todo=f'For example: {key} = "model"')


def _table(value: Any, key: str, name: str) -> dict[str, str]:
    if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
        return dict(value)
    raise InputError(f"[{key}] holds texts", where=name, todo=f'For example: [{key}] messages = "history"')


_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def _quote(text: str) -> str:
    """A basic TOML string of any text; what cannot be seen is escaped, so that the file shows what it says."""
    cleaned = text.encode("utf-8", "replace").decode("utf-8")
    return f'"{"".join(_SHORT.get(c) or (escaped(c) if is_invisible(c) else c) for c in cleaned)}"'


def escaped(character: str) -> str:
    """A character as TOML's escape."""
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
