"""The manifest: settings, seeds, versions, hashes, and what sanitation did, so that a figure can be traced."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from explorer import __version__
from explorer.experiment.logs import SOURCE
from explorer.experiment.settings import ExperimentSettings
from explorer.model.schema import SCHEMA_VERSION

NAME = "manifest.json"


def file_hash(path: Path) -> str:
    """sha256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def manifest(
    settings: ExperimentSettings, status: str, parts: Mapping[str, Any], files: Mapping[str, Path], *, sample: bool
) -> dict[str, Any]:
    """The content of ``manifest.json``; ``status`` is ``unfinished`` or ``done``."""
    packages = ("torch", "numpy", "pyarrow")
    return {
        "schema_version": SCHEMA_VERSION,
        "status": status,
        "source": SOURCE,
        "made_by": made_by(settings, sample=sample),
        "settings": asdict(settings),
        "settings_hash": settings.digest(),
        "versions": {
            "trajectory-explorer": __version__,
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in packages},
        },
        "parts": dict(sorted(parts.items())),
        "files": {name: file_hash(path) for name, path in sorted(files.items())},
    }


def made_by(settings: ExperimentSettings, *, sample: bool) -> str:
    """The command that gives these files."""
    seeds = ",".join(str(seed) for seed in settings.seeds)
    world = settings.worlds[0] if len(settings.worlds) == 1 else "both"
    flags = ("--quick " if settings.quick else "") + ("--sample " if sample else "")
    return f"trajectory-explorer replicate {flags}--world {world} --seeds {seeds}"


def write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    """Write whole or not at all."""
    draft = folder / (NAME + ".new")
    draft.write_text(json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")
    draft.replace(folder / NAME)
