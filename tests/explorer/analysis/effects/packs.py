"""The rules that are shipped, and short ways to speak of effects."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import resources
from explorer.analysis.effects.rules.packs import compile_rules
from explorer.analysis.effects.rules.types import RuleSet
from explorer.model.effect import Effects
from explorer.model.settings import RulePack

FOLDER = Path(resources.__file__).parent / "effects"


@cache
def shipped_rules() -> RuleSet:
    """All packs of the project, compiled."""
    return compile_rules([RulePack(path.name, path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))])


def kinds(effects: Effects) -> set[str]:
    """The kinds of a set of effects as plain words."""
    return {effect.kind.value for effect in effects}
