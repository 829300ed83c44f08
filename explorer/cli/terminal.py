"""What the command line writes on stderr: progress on a terminal, plain notes otherwise."""

from __future__ import annotations

import sys
import time

from explorer.progress import Progress, ProgressSample

_EVERY_SECONDS = 0.1


class TerminalProgress:
    """A one-line progress display; silent where stderr is not a terminal."""

    def __init__(self) -> None:
        self._on = sys.stderr.isatty()
        self._last = 0.0
        self._stage = ""

    def progress(self) -> Progress:
        """A Progress that reports here."""
        return Progress(self._show if self._on else None)

    def close(self) -> None:
        """Wipe the line."""
        if self._on:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)

    def _show(self, sample: ProgressSample) -> None:
        moment = time.monotonic()
        if sample.stage == self._stage and moment - self._last < _EVERY_SECONDS:
            return
        self._last, self._stage = moment, sample.stage
        share = f" {100 * sample.done // sample.total} %" if sample.total else ""
        print(f"\r\x1b[2K{sample.stage}{share}", end="", file=sys.stderr, flush=True)


def note(text: str) -> None:
    """Tell the person something."""
    print(text, file=sys.stderr)
