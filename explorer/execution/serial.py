"""Work in the caller's own process, at once: for the command line and for tests."""

from __future__ import annotations

from typing import Any

from explorer.execution.base import Work
from explorer.progress import Progress, ProgressSample


class _Done:
    def __init__(self, sample: ProgressSample, value: Any, error: BaseException | None) -> None:
        self.sample = sample
        self._value = value
        self._error = error

    def poll(self) -> bool:
        return True

    def result(self) -> Any:
        if self._error is not None:
            raise self._error
        return self._value

    def cancel(self) -> None:
        """Nothing to stop: the work has ended."""


class SerialExecutor:
    """Runs work inside ``submit``."""

    def submit(self, work: Work) -> _Done:
        progress = Progress()
        try:
            value = work(progress)
        except Exception as error:
            return _Done(progress.sample, None, error)
        return _Done(progress.sample, value, None)

    def shutdown(self) -> None:
        """Nothing is left running."""
