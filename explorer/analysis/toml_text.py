"""Reading small TOML texts so that every mistake names its file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from explorer.errors import RulesError

SCHEMA = 1
MAX_CHARACTERS = 4_000_000

_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")


class TomlText:
    """A parsed TOML text that remembers where its keys stand.

    ``name`` is what messages call it: its path for a user's own file. Raises :class:`RulesError` for text that is
    no TOML, too long, or of another schema than :data:`SCHEMA`.
    """

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        if len(text) > MAX_CHARACTERS:
            raise RulesError(f"the file is longer than {MAX_CHARACTERS:,} characters", where=name)
        self._lines = text.splitlines()
        try:
            self.content: Mapping[str, Any] = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            found = _AT_LINE.search(str(error))
            line = int(found[1]) if found and found[1] else max(1, len(self._lines))
            what = _AT_LINE.sub("", str(error)).strip() or "the file is nested too deeply"
            raise RulesError(f"not valid TOML: {what}", where=f"{name}:{line}") from error
        if self.content.get("schema") != SCHEMA:
            raise self.mistake(f"schema must be {SCHEMA}", "schema", todo=f"Begin the file with: schema = {SCHEMA}")

    def line_of(self, key: str, table: int | None = None) -> int:
        """The line (from 1) on which ``key`` is set; with ``table``, within the n-th ``[[…]]`` table.

        Falls back to the line of the table's header, or 1: good enough to find the place, never an error.
        """
        first, last = 0, len(self._lines)
        if table is not None:
            heads = [n for n, line in enumerate(self._lines) if line.lstrip().startswith("[[")]
            if table < len(heads):
                first = heads[table]
                last = heads[table + 1] if table + 1 < len(heads) else last
        setting = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
        for n in range(first, last):
            if setting.match(self._lines[n]):
                return n + 1
        return first + 1

    def mistake(self, what: str, key: str, table: int | None = None, todo: str | None = None) -> RulesError:
        """The error to raise for what is wrong with ``key``."""
        return RulesError(what, where=f"{self.name}:{self.line_of(key, table)}", todo=todo)

    def only(self, keys: Iterable[str], values: Mapping[str, Any], table: int | None = None) -> None:
        """Refuse keys that mean nothing here: a misspelt key would otherwise be ignored silently."""
        known = sorted(keys)
        for key in values:
            if key not in known:
                raise self.mistake(f"unknown key {key!r}", key, table, f"Known keys: {', '.join(known)}")

    def strings(self, key: str, values: Mapping[str, Any], table: int | None = None) -> tuple[str, ...]:
        """A list of non-empty strings; absent = empty."""
        found = values.get(key, [])
        if not isinstance(found, list) or not all(isinstance(item, str) and item.strip() for item in found):
            raise self.mistake(f"{key} must be a list of non-empty strings", key, table)
        return tuple(found)

    def string(self, key: str, values: Mapping[str, Any], default: str = "", table: int | None = None) -> str:
        """One string."""
        found = values.get(key, default)
        if not isinstance(found, str):
            raise self.mistake(f"{key} must be a string", key, table)
        return found
