"""One trajectory while it is being read: steps and turns as plain Python values."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from explorer.model.schema import End, Outcome, Speaker, StepKind


class StepDraft:
    """One action, filled in as its result is met further down the log."""

    __slots__ = (
        "answered", "arguments", "call_id", "flags", "kind", "log_id", "observation", "outcome", "thought",
        "timestamp", "tool",
    )  # fmt: skip

    def __init__(
        self,
        kind: StepKind,
        tool: str | None,
        arguments: str | None,
        *,
        thought: str | None = None,
        observation: str | None = None,
        outcome: Outcome = Outcome.UNKNOWN,
        log_id: str | None = None,
        timestamp: datetime | None = None,
        call_id: str | None = None,
        flags: tuple[str, ...] = (),
    ) -> None:
        self.kind = kind
        self.tool = tool
        self.arguments = arguments
        self.thought = thought
        self.observation = observation
        self.outcome = outcome
        self.log_id = log_id
        self.timestamp = timestamp
        self.call_id = call_id
        self.flags = flags
        self.answered = observation is not None

    def answer(self, text: str | None, outcome: Outcome) -> None:
        """Attach a result; a second one is appended and can only make the outcome worse."""
        if not self.answered:
            self.observation, self.outcome = text, outcome
        else:
            if text:
                self.observation = f"{self.observation}\n{text}" if self.observation else text
            if outcome in (Outcome.FAILED, Outcome.NOT_EXECUTED):
                self.outcome = outcome
        self.answered = True


class TurnDraft(NamedTuple):
    before_step: int
    speaker: Speaker
    text: str


class Finding(NamedTuple):
    """A data problem met while reading a row, counted into the quality report."""

    code: str
    column: str | None
    message: str


class TrajectoryDraft:
    """One row's trajectory; ``end`` None = still to be concluded from the last step."""

    __slots__ = ("end", "findings", "source_id", "steps", "turns")

    def __init__(self) -> None:
        self.steps: list[StepDraft] = []
        self.turns: list[TurnDraft] = []
        self.end: End | None = None
        self.source_id: str | None = None
        self.findings: list[Finding] = []

    def say(self, speaker: Speaker, text: str | None) -> None:
        """Add a turn before the next step; silence is no turn."""
        if text:
            self.turns.append(TurnDraft(len(self.steps), speaker, text))

    def problem(self, code: str, message: str, column: str | None = None) -> None:
        self.findings.append(Finding(code, column, message))


class BadRowError(ValueError):
    """A row that holds no readable trajectory; the message is the reason it is rejected for."""
