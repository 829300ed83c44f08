"""A long-lived worker process.

Always *spawned*: a fork after numba or torch have started threads hangs. One worker does one thing at a time; it
stays alive between pieces of work, so that heavy imports are paid once. Cancelling asks first and terminates after a
grace period; a worker that dies is a message, not the end of the program.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import time
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import Any

from explorer.errors import UserError
from explorer.execution.base import Work, WorkerDied
from explorer.progress import Cancelled, Progress, ProgressSample

_GRACE_SECONDS = 1.0
_REPORT_SECONDS = 0.05


class WorkFailed(Exception):
    """An unexpected error in a worker; carries the worker's own trace as text."""

    def __init__(self, message: str, trace: str) -> None:
        super().__init__(message, trace)
        self.trace = trace

    def __str__(self) -> str:
        return str(self.args[0])


def _main(connection: Connection, stop: Event, memory_bytes: int | None, threads: int, warm: Sequence[str]) -> None:
    """The worker's loop: take a ticket and pickled work, answer with progress and one outcome."""
    for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    if memory_bytes is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    import signal

    # Ctrl+C in a terminal reaches the whole group; only the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for module in warm:
        with contextlib.suppress(ImportError):
            __import__(module)
    while True:
        try:
            ticket, payload = connection.recv()
        except (EOFError, OSError):
            return
        last = 0.0

        def report(sample: ProgressSample, ticket: int = ticket) -> None:
            nonlocal last
            moment = time.monotonic()
            if moment - last >= _REPORT_SECONDS:
                last = moment
                connection.send((ticket, "progress", sample))

        try:
            work: Work = pickle.loads(payload)
            answer = (ticket, "value", work(Progress(report, stop.is_set)))
        except Cancelled:
            answer = (ticket, "cancelled", None)
        except UserError as error:
            answer = (ticket, "user_error", error)
        except MemoryError:
            answer = (
                ticket,
                "user_error",
                WorkerDied(
                    "there is not enough memory for this",
                    todo="Close other programs or read a part of the data.",
                ),
            )
        except Exception as error:
            answer = (ticket, "failed", (f"{type(error).__name__}: {error}", traceback.format_exc()))
        try:
            connection.send(answer)
        except (OSError, ValueError):
            return


class _Ticket:
    """One piece of work in a worker."""

    def __init__(self, worker: SpawnedWorker, number: int, what: str) -> None:
        self.sample = ProgressSample("", 0, 0)
        self._worker = worker
        self.number = number
        self._what = what
        self._outcome: tuple[str, Any] | None = None
        self._cancelled_at: float | None = None

    def poll(self) -> bool:
        if self._outcome is None:
            self._worker.drain()
        overdue = self._cancelled_at is not None and time.monotonic() - self._cancelled_at > _GRACE_SECONDS
        if self._outcome is None and overdue:
            self._worker.kill()
            self._outcome = ("cancelled", None)
        return self._outcome is not None

    def result(self) -> Any:
        if self._outcome is None:
            raise RuntimeError("asked for the result of work that has not ended")
        kind, value = self._outcome
        if kind == "value" and self._cancelled_at is None:
            return value
        if kind == "user_error":
            raise value
        if kind == "failed":
            raise WorkFailed(*value)
        if kind == "died":
            raise WorkerDied(
                f"the reader or analysis crashed (exit code {value})",
                where=self._what or None,
                todo="Nothing was lost. The file may be damaged: check it with `trajectory-explorer validate`.",
            )
        raise Cancelled

    def cancel(self) -> None:
        if self._outcome is None and self._cancelled_at is None:
            self._cancelled_at = time.monotonic()
            self._worker.ask_to_stop()

    def settle(self, kind: str, value: Any) -> None:
        """Called by the worker's pipe: progress, or the outcome."""
        if kind == "progress":
            self.sample = value
        elif self._outcome is None:
            self._outcome = (kind, value)


class SpawnedWorker:
    """One worker process, started on first use and started again after a crash or a forced stop.

    ``threads`` caps numba, OpenMP and BLAS in it; ``memory_bytes`` limits its address space (for parsing what
    strangers wrote); ``warm`` names modules to import before the first work.
    """

    def __init__(
        self, *, threads: int = 1, memory_bytes: int | None = None, warm: Sequence[str] = (),
        on_start: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        self._context = multiprocessing.get_context("spawn")
        self._threads = threads
        self._memory_bytes = memory_bytes
        self._warm = tuple(warm)
        self._on_start = on_start
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None
        self._stop: Event | None = None
        self._current: _Ticket | None = None
        self._count = 0

    def start(self) -> None:
        """Start the process now, so that its imports happen while the person reads."""
        if self._process is not None and self._process.is_alive():
            return
        ours, theirs = self._context.Pipe()
        self._stop = self._context.Event()
        self._process = self._context.Process(
            target=_main,
            args=(theirs, self._stop, self._memory_bytes, self._threads, self._warm),
            daemon=True,
        )
        self._process.start()
        theirs.close()
        self._connection = ours
        if self._on_start is not None:
            self._on_start()

    def submit(self, work: Work, what: str = "") -> _Ticket:
        """Start work (``what`` names it in messages, e.g. the file read); what was running is cancelled."""
        payload = pickle.dumps(work)
        if self._current is not None and not self._current.poll():
            self._current.cancel()
            self.kill()
            self._current.settle("cancelled", None)
        self.start()
        assert self._connection is not None
        assert self._stop is not None
        self._stop.clear()
        self._count += 1
        self._current = _Ticket(self, self._count, what)
        self._connection.send((self._count, payload))
        return self._current

    def ask_to_stop(self) -> None:
        if self._stop is not None:
            self._stop.set()

    def drain(self) -> None:
        """Hand what has arrived to the current ticket."""
        if self._connection is None or self._current is None:
            return
        try:
            while self._connection.poll():
                number, kind, value = self._connection.recv()
                if number == self._current.number:
                    self._current.settle(kind, value)
        except (EOFError, OSError):
            self._died()
            return
        if self._process is not None and not self._process.is_alive():
            self._died()

    def kill(self) -> None:
        """End the process; the next work starts a new one."""
        if self._process is not None:
            self._process.terminate()
            self._process.join(2.0)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
        if self._connection is not None:
            self._connection.close()
        self._process = None
        self._connection = None

    def shutdown(self) -> None:
        """Stop for good."""
        busy = self._current is not None and not self._current.poll()
        if busy and self._current is not None:
            self._current.cancel()
            self._current.settle("cancelled", None)
        elif self._process is not None and self._connection is not None:
            # An idle worker ends by itself when nobody can send any more, and puts away what its libraries hold.
            self._connection.close()
            self._process.join(_GRACE_SECONDS)
        self.kill()

    def _died(self) -> None:
        code = None
        if self._process is not None:
            self._process.join(1.0)
            code = self._process.exitcode
        if self._current is not None:
            self._current.settle("died", code)
        self.kill()
