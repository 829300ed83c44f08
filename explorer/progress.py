"""Progress of long work and its cancellation.

A worker reports into a :class:`Progress`; whoever waits samples it. Nothing here knows threads, processes or
Qt: the executors in :mod:`explorer.execution` carry the numbers across.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Cancelled(Exception):
    """The person asked to stop. Silent: never shown as an error."""


class ProgressSample(NamedTuple):
    """What a reader sees: the stage's name and how much of it is done (total 0 = unknown)."""

    stage: str
    done: int
    total: int


class Progress:
    """Where a piece of work stands, and whether it should stop.

    ``report`` and ``cancelled`` are supplied by whoever runs the work; the default is silent and never stops.
    """

    def __init__(
        self,
        report: Callable[[ProgressSample], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self._report = report
        self._cancelled = cancelled
        self.sample = ProgressSample("", 0, 0)

    def stage(self, name: str, total: int = 0) -> None:
        """Enter a stage; raises :class:`Cancelled` if asked to stop."""
        self._set(ProgressSample(name, 0, total))

    def advance(self, count: int = 1) -> None:
        """Say that ``count`` more of the stage are done; raises :class:`Cancelled` if asked to stop."""
        self._set(self.sample._replace(done=self.sample.done + count))

    def at(self, done: int) -> None:
        """Say that ``done`` of the stage are done in all; raises :class:`Cancelled` if asked to stop."""
        self._set(self.sample._replace(done=done))

    def check(self) -> None:
        """Raise :class:`Cancelled` if asked to stop."""
        if self._cancelled is not None and self._cancelled():
            raise Cancelled

    def each(self, items: Iterable[T], stage: str, total: int, every: int = 1) -> Iterator[T]:
        """Yield ``items``, reporting one stage over them every ``every`` items."""
        self.stage(stage, total)
        for index, item in enumerate(items):
            if index % every == 0:
                self.at(index)
            yield item
        self.at(total)

    def _set(self, sample: ProgressSample) -> None:
        self.sample = sample
        if self._report is not None:
            self._report(sample)
        self.check()
