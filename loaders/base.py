"""What every loader shares: the request to read, what was found, and the reports about it.

A *source* is what a person names (files, folders, globs); a *loader* knows one shape of log; a *mapping* says
which of the log's columns plays which role. All values here are frozen and picklable: they cross to the worker
that parses and come back.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import pyarrow as pa

from loaders.drafts import TrajectoryDraft

REPORT_VERSION = 1


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which of the log's columns (nested ones by dots: ``task.task_id``) plays which role.

    Everything left out is recognised. ``loader`` forces a shape; ``task`` is the pairing key; ``columns`` maps the
    loader's roles ("messages", "tool", "arguments", "observation" …) to columns; ``constants`` gives a role a fixed
    value where the log has no column for it; ``task_aliases`` names tasks anew: a task's key as it would be → the key
    it is paired by.
    """

    loader: str | None = None
    task: tuple[str, ...] = ()
    group: str | None = None
    trial: str | None = None
    trajectory: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    task_aliases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """What to read and how.

    ``paths``: files, folders (hive partitions become columns) or globs. ``group`` names the whole source's group;
    ``group_by`` the column that holds it; ``groups`` keeps only these; ``task`` is the pairing key (inferred where
    empty); ``sample`` keeps that many trajectories of each group, drawn by task with ``seed``.
    """

    paths: tuple[str, ...]
    mapping: ColumnMapping | None = None
    group: str | None = None
    group_by: str | None = None
    groups: tuple[str, ...] = ()
    task: tuple[str, ...] = ()
    sample: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in the data: where (``row`` is the first of ``count`` rows; None = the whole file or column),
    a stable code, and one sentence."""

    file: str
    row: int | None
    column: str | None
    code: str
    message: str
    count: int = 1


class ColumnCount(NamedTuple):
    """Cells of one column of one file: null is not empty, and neither is zero."""

    file: str
    column: str
    rows: int
    null: int
    empty: int


class RejectedRow(NamedTuple):
    """A row of a source that is not shown, and why."""

    file: str
    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What is missing, empty, duplicated, out of order, cut off or unparsable.

    ``rows_in == rows_read + rows_rejected`` always; ``dead`` counts trajectories that ended in an error or are
    empty; they are read, and kept apart from rates.
    """

    rows_in: int = 0
    rows_read: int = 0
    rows_rejected: int = 0
    rows_left_out: int = 0
    """Of the rows read, those that ``groups`` or ``sample`` left out on request."""
    trajectories: int = 0
    dead: int = 0
    cut_off: int = 0
    problems: tuple[Problem, ...] = ()
    columns: tuple[ColumnCount, ...] = ()
    rejected: tuple[RejectedRow, ...] = ()
    """The first thousand rejected rows; ``rows_rejected`` counts all."""


class Claim(NamedTuple):
    """How well a loader fits a file: 0 = not at all, 1 = certain; ``reason`` says what was found or is missing."""

    loader: str
    score: float
    reason: str


class CandidateKey(NamedTuple):
    """A possible pairing key: ``paired`` of ``tasks`` tasks occur in every group; ``repeats`` counts trajectories
    beyond one of a task in a group and trial (0 = the key tells them apart)."""

    columns: tuple[str, ...]
    paired: int
    tasks: int
    repeats: int

    @property
    def sentence(self) -> str:
        return f"{self.paired} of {self.tasks}"


class SourceFile(NamedTuple):
    """One file of a source as it was read."""

    path: str
    loader: str
    rows: int
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What :func:`loaders.registry.read_source` did; ``folder`` holds the tables for ``open_dataset``."""

    folder: str
    files: tuple[SourceFile, ...]
    mapping: ColumnMapping
    task_columns: tuple[str, ...]
    candidate_keys: tuple[CandidateKey, ...]
    columns_used: tuple[str, ...]
    columns_ignored: tuple[str, ...]
    quality: QualityReport
    groups: Mapping[str, int]
    fingerprint: str

    @property
    def input_hashes(self) -> dict[str, str]:
        """sha256 of every source file, by path."""
        return {file.path: file.sha256 for file in self.files}


@dataclass(frozen=True, slots=True)
class StepSketch:
    """One step as the reading sheet shows it."""

    log_id: str | None
    kind: str
    tool: str | None
    arguments: str | None
    outcome: str
    thought: str | None
    observation: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """The reading sheet: the recognised shape, a raw row beside the first steps read from it."""

    files: tuple[str, ...]
    file: str
    loader: str
    title: str
    claims: tuple[Claim, ...]
    mapping: ColumnMapping
    group: str
    task_columns: tuple[str, ...]
    raw: str
    """The first row that holds steps, as indented JSON with long values cut."""
    turns: tuple[tuple[str, str], ...]
    steps: tuple[StepSketch, ...]
    end: str
    columns_used: tuple[str, ...]
    columns_ignored: tuple[str, ...]
    all_columns: tuple[str, ...]
    roles: Mapping[str, str] = field(default_factory=dict)
    """The loader's roles and the columns it found for them: what the drop-downs show as chosen."""
    group_column: str | None = None


Row = Mapping[str, Any]


class Head(NamedTuple):
    """What a loader sees before it claims a file: the schema and a few rows as plain Python values."""

    schema: pa.Schema
    rows: tuple[Row, ...]


class Layout(NamedTuple):
    """Where a loader finds its roles in one file. ``consumed`` are the columns (or structs) that become steps and
    turns; every other scalar column passes through as ``log.NAME``."""

    columns: Mapping[str, str]
    consumed: frozenset[str] = frozenset()


class Shape(ABC):
    """A shape of log that a file can have."""

    name: ClassVar[str]
    title: ClassVar[str]
    """What the shape is, for the reading sheet."""
    looks_for: ClassVar[str]
    """What a file must hold, for the message that refuses one."""

    @abstractmethod
    def claim(self, head: Head, mapping: ColumnMapping) -> Claim:
        """How well the file fits."""


class RowLoader(Shape):
    """A shape with one trajectory a row."""

    @abstractmethod
    def layout(self, head: Head, mapping: ColumnMapping) -> Layout:
        """Which columns play which role; raises :class:`~explorer.errors.InputError` if one is missing."""

    @abstractmethod
    def read(self, row: Row, layout: Layout) -> TrajectoryDraft:
        """One row's trajectory; raises :class:`~loaders.drafts.BadRowError` if there is none to be read."""
