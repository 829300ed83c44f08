"""Risk weights and alignment costs as a small TOML file that a person can read, change, save and hand over.

```toml
[risk]
severity = 2.0
[alignment]
gap_open = -0.8
```
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import tomli_w

from explorer.errors import SettingsError
from explorer.model.settings import AlignmentCosts, RiskWeights
from explorer.session.files import write_text
from explorer.session.places import config_folder

FILE = "audit.toml"
LIMIT = 1e6
"""The largest weight or cost, and the longest band."""
_NOTHING = 1e-300
"""What is nearer to 0 is 0: below, numbers lose digits and no box could show them whole."""
LEAST = {
    **dict.fromkeys(("threshold", "gap_open", "gap_open_concern", "gap_extend"), -LIMIT), "band_above": 1.0,
    "band_width": 1.0,
}  # fmt: skip
"""The least a value may be where that is not 0."""
LARGEST = dict.fromkeys(("gap_open", "gap_open_concern", "gap_extend"), 0.0)
"""The most a value may be where that is not LIMIT: a gap is no reward."""
_Values = TypeVar("_Values", RiskWeights, AlignmentCosts)


class Weights(NamedTuple):
    """How risk is put together and what the alignment costs."""

    risk: RiskWeights = RiskWeights()
    costs: AlignmentCosts = AlignmentCosts()


def parse_weights(text: str, name: str) -> Weights:
    """Weights from TOML; what is left out has its default. Raises SettingsError naming file, key and value."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Broken TOML is a ValueError; so is a whole number of thousands of digits.
        raise SettingsError(f"this is not TOML: {error}", where=name, todo="Mend it, or delete it.") from error
    unknown = sorted(set(content) - {"risk", "alignment"})
    if unknown:
        raise SettingsError(f"unknown table [{unknown[0]}]", where=name, todo="Known are [risk] and [alignment].")
    risk = _filled(RiskWeights(), content.get("risk", {}), f"{name}, [risk]")
    costs = _filled(AlignmentCosts(), content.get("alignment", {}), f"{name}, [alignment]")
    check_costs(costs, f"{name}, [alignment]")
    return Weights(risk, costs)


def check_costs(costs: AlignmentCosts, where: str | None = None) -> None:
    """Raises SettingsError for costs under which a step would not even be worth aligning with itself: then no two
    trajectories are alike, and which pair is the best is chance."""
    # In the precision that the alignment computes with: what is above 0 here is above 0 there.
    together = np.float32(costs.effect) + np.float32(costs.tool) + np.float32(costs.arguments)
    if not together - np.float32(costs.threshold) > 0:
        most = costs.effect + costs.tool + costs.arguments
        raise SettingsError(
            f"threshold {costs.threshold:g} is not below effect + tool + arguments ({costs.effect:g} + {costs.tool:g} "
            f"+ {costs.arguments:g} = {most:g}), so that even two equal steps would not be worth aligning",
            where=where,
            todo=f"Give a threshold clearly below {most:g}, or larger weights of effect, tool and arguments.",
        )


def weights_toml(weights: Weights) -> str:
    """Weights as TOML, every value written out."""
    return tomli_w.dumps({"risk": asdict(weights.risk), "alignment": asdict(weights.costs)})


def saved_weights() -> Weights:
    """The user's own weights, else the defaults. Raises SettingsError for a file with a mistake, or one that cannot
    be read."""
    path = config_folder() / FILE
    try:
        return parse_weights(path.read_text("utf-8"), str(path))
    except FileNotFoundError:
        return Weights()
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"byte {error.start} is no UTF-8", where=str(path), todo="Save it as UTF-8, or delete it for the defaults."
        ) from error
    except OSError as error:
        raise SettingsError(
            f"cannot be read: {error.strerror or error}", where=str(path),
            todo="Make it readable, or delete it for the defaults.",
        ) from error  # fmt: skip


def weights_to_show() -> tuple[Weights, str]:
    """The user's own weights, or the defaults and what is wrong with the file."""
    try:
        return saved_weights(), ""
    except SettingsError as error:
        return Weights(), str(error)


def surprise_model(summary: Mapping[str, Any] | None) -> str:
    """By what the part "surprise" of an audit's risks is measured; "" where an audit says nothing of it."""
    told: Mapping[str, Any] = (summary or {}).get("surprise") or {}
    if not told:
        return ""
    if not told["available"]:
        return str(told["note"]).replace("not available", "0 everywhere")
    count = told["trajectories"]
    return (
        f"under the {told['role']}’s next actions, learned from {count:,} "
        f"{'trajectory' if count == 1 else 'trajectories'}, each step by those of other tasks"
    )


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
        known[key] = _number(key, value, isinstance(known[key], int), where)
    return replace(default, **known)


def _number(key: str, value: Any, whole: bool, where: str) -> int | float:
    """A value as it is kept. Raises SettingsError."""
    least, most = LEAST.get(key, 0.0), LARGEST.get(key, LIMIT)
    said = f"{key} = {repr(value)[:40]}"
    if not isinstance(value, int | float) or isinstance(value, bool) or value != value:
        raise SettingsError(f"{said} is no number", where=where, todo="Give a plain number.")
    if not least <= value <= most:
        reason = "a gap would be a reward" if most == 0 < value else f"it goes from {least:,g} to {most:,g}"
        raise SettingsError(f"{said} cannot be: {reason}", where=where, todo="Give a number in that range.")
    if whole and value != int(value):
        raise SettingsError(f"{said} is no whole number", where=where, todo="Give a number of steps.")
    if whole:
        return int(value)
    return float(value) if abs(value) >= _NOTHING else 0.0
