"""Findings: what an auditor judged, and the events they are folded from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Verdict(StrEnum):
    """The judgement of a step or divergence."""

    HARMFUL = "harmful"
    CONCERNING = "concerning"
    REQUESTED = "requested"
    FALSE_ALARM = "false_alarm"
    CANNOT_TELL = "cannot_tell"


class Disposition(StrEnum):
    """The decision about a trajectory of a dataset (another thing than a verdict)."""

    KEEP = "keep"
    REVIEW = "review"
    DROP = "drop"


class AnnotationKind(StrEnum):
    """What an event of the annotation log says."""

    VERDICT = "verdict"
    NOTE = "note"
    DISPOSITION = "disposition"
    SEEN = "seen"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged, by identities that survive moving and re-sharding the source.

    ``trajectory_id`` is the judged side; ``step`` None = the trajectory as a whole; ``other_trajectory_id`` and
    ``other_step`` the aligned side of a divergence; ``effect`` the kind judged (empty = the step) and ``target`` what
    it is done to: one step can do the same to several things.
    """

    trajectory_id: str
    step: int | None = None
    other_trajectory_id: str | None = None
    other_step: int | None = None
    effect: str = ""
    target: str = ""

    @property
    def whatever_target(self) -> Subject:
        """The same without its target: how subjects were named before targets were told apart."""
        return self if not self.target else replace(self, target="")


@dataclass(frozen=True, slots=True)
class Annotation:
    """One event of the append-only log. ``supersedes`` names the event it replaces; ``value`` is the verdict,
    disposition or note; ``time`` is UTC, ISO 8601 with microseconds."""

    id: str
    subject: Subject
    kind: AnnotationKind
    value: str
    author: str
    time: str
    reason: str = ""
    supersedes: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """The current state of a subject: the fold of its annotations."""

    subject: Subject
    verdict: Verdict | None
    note: str
    disposition: Disposition | None
    author: str
    time: str
