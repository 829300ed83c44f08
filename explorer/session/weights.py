"""Risk weights and alignment costs as a small TOML file that a person can read, change, save and hand over.

```toml
[risk]
severity = 2.0
[alignment]
gap_open = -0.8
```
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import tomli_w

from explorer.errors import SettingsError
from explorer.model.settings import AlignmentCosts, RiskWeights
from explorer.session.files import write_text
from explorer.session.places import config_folder

FILE = "audit.toml"
_LIMIT = 1e6
_Values = TypeVar("_Values", RiskWeights, AlignmentCosts)


class Weights(NamedTuple):
    """How risk is put together and what the alignment costs."""

    risk: RiskWeights = RiskWeights()
    costs: AlignmentCosts = AlignmentCosts()


def parse_weights(text: str, name: str) -> Weights:
    """Weights from TOML; what is left out has its default. Raises SettingsError naming file and key."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"this is not TOML: {error}", where=name, todo="Mend it, or delete it.") from error
    unknown = sorted(set(content) - {"risk", "alignment"})
    if unknown:
        raise SettingsError(f"unknown table [{unknown[0]}]", where=name, todo="Known are [risk] and [alignment].")
    risk = _filled(RiskWeights(), content.get("risk", {}), f"{name}, [risk]")
    costs = _filled(AlignmentCosts(), content.get("alignment", {}), f"{name}, [alignment]")
    wrong = [field.name for field in fields(risk) if getattr(risk, field.name) < 0]
    if wrong:
        raise SettingsError(f"{wrong[0]} is negative", where=f"{name}, [risk]", todo="A weight is 0 or more.")
    if costs.gap_open > 0 or costs.gap_open_concern > 0 or costs.gap_extend > 0:
        raise SettingsError("a gap would be a reward", where=f"{name}, [alignment]", todo="Gaps cost 0 or less.")
    if costs.band_above < 1 or costs.band_width < 1:
        raise SettingsError("a band needs at least one step", where=f"{name}, [alignment]", todo="Give 1 or more.")
    return Weights(risk, costs)


def weights_toml(weights: Weights) -> str:
    """Weights as TOML, every value written out."""
    return tomli_w.dumps({"risk": asdict(weights.risk), "alignment": asdict(weights.costs)})


def saved_weights() -> Weights:
    """The user's own weights, else the defaults. Raises SettingsError for a file with a mistake."""
    path = config_folder() / FILE
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return Weights()
    return parse_weights(text, str(path))


def save_weights(weights: Weights) -> Path:
    """Keep weights for next time; returns where. Raises StorageError."""
    path = config_folder() / FILE
    write_text(path, weights_toml(weights))
    return path


def _filled(default: _Values, table: Any, where: str) -> _Values:
    """Defaults with what the table says."""
    if not isinstance(table, Mapping):
        raise SettingsError("a table is needed here", where=where, todo="Write name = number lines below it.")
    known = {field.name: getattr(default, field.name) for field in fields(default)}
    for key, value in table.items():
        if key not in known:
            raise SettingsError(f"unknown key {key!r}", where=where, todo=f"Known are {', '.join(known)}.")
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or abs(value) > _LIMIT:
            raise SettingsError(f"{key} is no number that can be used", where=where, todo="Give a plain number.")
        known[key] = type(known[key])(value)
    return replace(default, **known)
