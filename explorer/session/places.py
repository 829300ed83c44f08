"""Where the program keeps what is its own: findings, caches, settings."""

from __future__ import annotations

from pathlib import Path

import platformdirs

_APP = "trajectory-explorer"


def findings_file() -> Path:
    """The default annotation store."""
    return Path(platformdirs.user_data_dir(_APP)) / "findings.sqlite"


def cache_folder() -> Path:
    """Datasets and results that can be made again."""
    return Path(platformdirs.user_cache_dir(_APP))


def config_folder() -> Path:
    """The user's settings, filter lists, rule packs and mappings."""
    return Path(platformdirs.user_config_dir(_APP))


def log_folder() -> Path:
    """Traces of unexpected errors."""
    return Path(platformdirs.user_log_dir(_APP))
