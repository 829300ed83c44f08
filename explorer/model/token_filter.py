"""A token filter: what sanitation by words would see, with every parameter explicit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FilterUnit(StrEnum):
    """What a word of the list is compared with."""

    WHITESPACE = "whitespace"
    WORD = "word"
    IDENTIFIER = "identifier"
    STEM = "stem"
    SUBSTRING = "substring"
    REGEX = "regex"


class FilterScope(StrEnum):
    """Which parts of a step are read; parts can be combined."""

    TOOL = "tool"
    ARGUMENTS = "arguments"
    THOUGHT = "thought"
    OBSERVATION = "observation"


class FilterAction(StrEnum):
    """What sanitation does with what is flagged."""

    DROP_STEP = "drop_step"
    DROP_TRAJECTORY = "drop_trajectory"
    REDACT = "redact"


DEFAULT_SCOPE = (FilterScope.TOOL, FilterScope.ARGUMENTS, FilterScope.THOUGHT)


@dataclass(frozen=True, slots=True)
class FilterSpec:
    """A named word list with unit, scope and action. The contract's default is list ``paper``, identifier split,
    tool + arguments + thought, dropping whole trajectories."""

    name: str
    words: tuple[str, ...]
    unit: FilterUnit = FilterUnit.IDENTIFIER
    scope: tuple[FilterScope, ...] = DEFAULT_SCOPE
    action: FilterAction = FilterAction.DROP_TRAJECTORY
    note: str = ""
