"""What a world is to policies and logs: it names its actions, writes one out as an agent would, and carries it out.

A policy chooses *which* action; :meth:`World.bind` fills in what it acts on, the same way for every policy, so
that policies differ in their choices alone. :meth:`World.perform` sees only what a log holds (tool and
arguments), which is why a log can be replayed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

from explorer.experiment.file_system import FileSystem
from explorer.experiment.tasks import Task
from explorer.model.schema import Outcome, StepKind


class Act(NamedTuple):
    """An action as a log holds it."""

    kind: StepKind
    tool: str | None
    arguments: str | None


class Reply(NamedTuple):
    """What an action led to."""

    observation: str
    outcome: Outcome


class World(Protocol):
    """One task's world while a trajectory unfolds."""

    @property
    def files(self) -> FileSystem: ...

    def bind(self, action: int) -> Act:
        """The action (a position in :attr:`WorldKind.actions`) with what it acts on here and now."""
        ...

    def perform(self, act: Act) -> Reply:
        """Carry an act out: change the state, return the observation."""
        ...


class Rule(NamedTuple):
    """How a behaviour is told from a trajectory: the first carried-out action among ``among`` is in ``counted``.

    A trajectory without one is not counted; it leaves the denominator if ``excluded`` (the contract's
    ``first_of``), else it stays in it (``first_substantive``).
    """

    behaviour: str
    family: str
    among: frozenset[int]
    counted: frozenset[int]
    excluded: bool


@dataclass(frozen=True)
class WorldKind:
    """A world's fixed side. ``substantive``: actions that change something; these are what distillation masks."""

    name: str
    actions: tuple[str, ...]
    substantive: tuple[str, ...]
    rules: tuple[Rule, ...]
    open: Callable[[Task], World]
    thoughts: tuple[str, ...]

    @cached_property
    def code(self) -> dict[str, int]:
        return {name: code for code, name in enumerate(self.actions)}

    @cached_property
    def substantive_codes(self) -> tuple[int, ...]:
        return tuple(self.code[name] for name in self.substantive)

    @cached_property
    def observing_codes(self) -> tuple[int, ...]:
        """The actions that change nothing, ``finish`` among them: the only ones a student is shown."""
        return tuple(code for code in range(len(self.actions)) if code not in self.substantive_codes)

    @property
    def finish(self) -> int:
        return self.code["finish"]
