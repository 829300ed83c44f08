"""Heavy imports of the panels in small pieces, between events, while the person waits for a worker anyway.

Most of the plotting library's import is PySide6 making its classes, which happens at the first look at each name: the
names are looked at in slices of a few milliseconds, then the panels' modules are imported one an event.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from importlib import import_module

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import QObject, QTimer, Signal

_SLICE_SECONDS = 0.012


class WarmUp(QObject):
    """Imports ``modules`` without standing in the way; ``done`` is emitted once."""

    done = Signal()

    def __init__(self, modules: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = self._pieces(tuple(modules))
        self._timer = QTimer(self)
        self._timer.setInterval(2)
        self._timer.timeout.connect(self._on_timeout)

    def start(self) -> None:
        self._timer.start()

    def _pieces(self, modules: tuple[str, ...]) -> Iterator[bool]:
        """Yields after every piece; True = a large one, which ends its slice."""
        for package in (QtCore, QtGui, QtWidgets):
            for name in dir(package):
                getattr(package, name, None)
                yield False
        for module in modules:
            import_module(module)
            yield True

    def _on_timeout(self) -> None:
        end = time.perf_counter() + _SLICE_SECONDS
        for large in self._work:
            if large or time.perf_counter() > end:
                return
        self._timer.stop()
        self.done.emit()
