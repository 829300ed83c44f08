"""The one-page interface between whoever wants work done and whatever does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from explorer.errors import UserError
from explorer.progress import Progress, ProgressSample

Work: TypeAlias = Callable[[Progress], Any]
"""Module-level callables and ``functools.partial`` of them, so that they can be pickled."""


class WorkerDied(UserError):
    """The process that did the work ended without an answer (a crash in native code, or out of memory)."""


class Running(Protocol):
    """Work under way. ``poll`` never blocks; ``result`` may be asked once ``poll`` said True."""

    @property
    def sample(self) -> ProgressSample:
        """The latest progress."""

    def poll(self) -> bool:
        """Take in what has arrived; True when the work has ended in any way."""

    def result(self) -> Any:
        """The value, or the exception the work ended with (``Cancelled`` when cancelled)."""

    def cancel(self) -> None:
        """Ask the work to stop; it always does, by force if need be."""


class Executor(Protocol):
    """Something that runs one piece of work at a time."""

    def submit(self, work: Work) -> Running:
        """Start work; whatever was running is cancelled."""

    def shutdown(self) -> None:
        """Stop for good; waits."""
