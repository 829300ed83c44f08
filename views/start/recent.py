"""What was opened lately, kept in the user's settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QSettings

from explorer.model.schema import Role
from views.start.services import Source

_KEY = "start/recent"
_MOST = 8


class Recent(NamedTuple):
    """One earlier opening: its title, its sources without mappings, and the mapping of each as TOML ("" = none)."""

    title: str
    sources: tuple[Source, ...]
    mappings: tuple[str, ...] = ()

    @property
    def present(self) -> bool:
        """Whether its files are still there (globs are taken on trust)."""
        paths = [path for source in self.sources for path in source.paths]
        return all("*" in path or Path(path).exists() for path in paths)


def read_recent(settings: QSettings) -> tuple[Recent, ...]:
    """The latest first; what cannot be understood is left out."""
    found = []
    try:
        held = json.loads(str(settings.value(_KEY, "[]")))
        for item in held:
            sources = tuple(
                Source(tuple(one["paths"]), Role(one["role"]) if one["role"] else None, None, tuple(one["task"]))
                for one in item["sources"]
            )
            mappings = tuple(str(one.get("mapping", "")) for one in item["sources"])
            found.append(Recent(str(item["title"]), sources, mappings))
    except (ValueError, KeyError, TypeError, AttributeError):
        return tuple(found)
    return tuple(found)


def add_recent(settings: QSettings, recent: Recent) -> None:
    """Put an opening in front; equal paths are kept once."""
    paths = [source.paths for source in recent.sources]
    others = [one for one in read_recent(settings) if [s.paths for s in one.sources] != paths]
    held = [
        {
            "title": one.title,
            "sources": [
                {"paths": list(s.paths), "role": s.role.value if s.role else "", "task": list(s.task), "mapping": text}
                for s, text in zip(one.sources, (*one.mappings, *[""] * len(one.sources)), strict=False)
            ],
        }
        for one in [recent, *others][:_MOST]
    ]
    settings.setValue(_KEY, json.dumps(held))
