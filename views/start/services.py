"""What the start flow needs done by others: functions handed in by the composition root, and the shapes of what
they return (views do not know the loaders that make them)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from explorer.execution import Work
from explorer.model.schema import Role


@dataclass(frozen=True, slots=True)
class Source:
    """What a person named: paths read as one, the role they were named for, and how to read them (``mapping`` is
    opaque here; None = recognised)."""

    paths: tuple[str, ...]
    role: Role | None = None
    mapping: Any = None
    task: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """A short name: the last parts of the paths."""
        names = [Path(path).name or path for path in self.paths]
        return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


class CandidateKeyLike(Protocol):
    """A possible pairing key: ``paired`` of ``tasks`` occur in every group."""

    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def paired(self) -> int: ...
    @property
    def tasks(self) -> int: ...
    @property
    def repeats(self) -> int: ...


class ReportLike(Protocol):
    """What reading sources said."""

    @property
    def groups_by_request(self) -> tuple[tuple[str, ...], ...]: ...
    @property
    def task_columns(self) -> tuple[str, ...]: ...
    @property
    def candidate_keys(self) -> Sequence[CandidateKeyLike]: ...
    @property
    def groups(self) -> Mapping[str, int]: ...
    @property
    def quality(self) -> Any: ...


class MappingChange(NamedTuple):
    """A wrong guess mended by hand: ``what`` is loader, group, task, trial or column:ROLE; an empty value takes the
    choice back."""

    what: str
    value: str


@dataclass(frozen=True, slots=True)
class StartServices:
    """Functions for the start flow. Everything long is returned as work for the job runner.

    ``preview``: first steps of a source (the reading sheet). ``read``: sources into a folder of tables.
    ``change_mapping``: a preview's mapping with one guess mended. ``mapping_text``: a mapping as TOML.
    ``shapes``: names and titles of what can be recognised. ``rename_tasks``: a mapping with task aliases in place of
    its own. ``mapping_of``: the mapping of a text that ``mapping_text`` made; raises UserError. ``shared_text``: what
    several sources' mappings agree on, with the pairing key, as TOML for all of them.
    """

    preview: Callable[[Source], Work]
    read: Callable[[Sequence[Source], Path], Work]
    change_mapping: Callable[[Any, MappingChange], Any]
    mapping_text: Callable[[Any], str]
    shapes: Callable[[], Sequence[tuple[str, str]]]
    rename_tasks: Callable[[Any, Mapping[str, str]], Any]
    mapping_of: Callable[[str], Any]
    shared_text: Callable[[Sequence[Any], Sequence[str]], str]
