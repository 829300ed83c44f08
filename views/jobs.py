"""Long work started from the window: a slot per kind of job.

Starting a job supersedes what runs in its slot; a superseded or cancelled job never reports. Both callbacks are
required, because an error that nobody takes is an error that nobody sees. Workers are polled ten times a second
while anything runs, and not at all otherwise.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from explorer.execution import Executor, Running, Work
from explorer.progress import Cancelled, ProgressSample

POLL_MS = 100
FIRST_POLL_MS = 15
BAR_AFTER_SECONDS = 0.5


@dataclass(slots=True)
class Job:
    """One piece of work under way: its slot, what it is called, and how far it is."""

    slot: str
    title: str
    running: Running
    on_done: Callable[[Any], object]
    on_failed: Callable[[BaseException], object]
    on_cancelled: Callable[[], object] | None = None
    began: float = field(default_factory=time.monotonic)
    cancelling: bool = False

    @property
    def sample(self) -> ProgressSample:
        return self.running.sample

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


class JobRunner(QObject):
    """Runs at most one job per slot, each slot on its own executor; everything is reported in the GUI thread."""

    changed = Signal()
    """A job was started, moved on or ended."""
    ended = Signal(str)
    """A slot became free (done, failed or cancelled)."""

    def __init__(self, executors: Mapping[str, Executor], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executors = dict(executors)
        self._jobs: dict[str, Job] = {}
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.CoarseTimer)
        self._timer.timeout.connect(self._on_poll)

    def start(
        self,
        slot: str,
        work: Work,
        *,
        title: str,
        on_done: Callable[[Any], object],
        on_failed: Callable[[BaseException], object],
        on_cancelled: Callable[[], object] | None = None,
    ) -> None:
        """Run ``work`` in a slot; what ran there is dropped and never reports."""
        if self._closed:
            return
        self._jobs.pop(slot, None)
        running = self._executors[slot].submit(work)
        self._jobs[slot] = Job(slot, title, running, on_done, on_failed, on_cancelled)
        self._timer.start(FIRST_POLL_MS)
        self.changed.emit()

    def cancel(self, slot: str) -> None:
        """Ask a job to stop; its ``on_cancelled`` is called once it has."""
        job = self._jobs.get(slot)
        if job is not None and not job.cancelling:
            job.cancelling = True
            job.running.cancel()
            self.changed.emit()

    def cancel_all(self) -> None:
        for slot in tuple(self._jobs):
            self.cancel(slot)

    def drop(self, slot: str) -> None:
        """Stop a job without any report."""
        job = self._jobs.pop(slot, None)
        if job is not None:
            job.running.cancel()
            self.changed.emit()

    def jobs(self) -> tuple[Job, ...]:
        """What runs now."""
        return tuple(self._jobs.values())

    def is_running(self, slot: str) -> bool:
        return slot in self._jobs

    def shutdown(self) -> None:
        """Stop everything and wait; nothing is reported and nothing can be started any more."""
        self._closed = True
        self._timer.stop()
        self._jobs.clear()
        for executor in dict.fromkeys(self._executors.values()):
            executor.shutdown()

    def _on_poll(self) -> None:
        finished = [job for job in self._jobs.values() if job.running.poll()]
        for job in finished:
            del self._jobs[job.slot]
        if self._jobs:
            self._timer.start(POLL_MS)
        else:
            self._timer.stop()
        for job in finished:
            # Each report in its own turn of the event loop: an error in one must not keep the next from coming.
            QTimer.singleShot(0, self, _Report(self, job))
        self.changed.emit()

    def report(self, job: Job) -> None:
        """Hand a finished job's outcome to its callbacks, unless a newer job has taken the slot."""
        if self._closed or job.slot in self._jobs:
            return
        try:
            value = job.running.result()
        except Cancelled:
            self.ended.emit(job.slot)
            if job.on_cancelled is not None:
                job.on_cancelled()
            return
        except Exception as error:
            self.ended.emit(job.slot)
            job.on_failed(error)
            return
        self.ended.emit(job.slot)
        job.on_done(value)


class _Report:
    """A call of :meth:`JobRunner.report` for one job (no lambda outlives its owner)."""

    def __init__(self, runner: JobRunner, job: Job) -> None:
        self._runner, self._job = runner, job

    def __call__(self) -> None:
        self._runner.report(self._job)
