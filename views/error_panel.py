"""Errors, quietly: what is wrong, where, and what to do, in a panel that waits to be read.

A :class:`~explorer.errors.UserError` is shown in its own words. Anything else is a defect: it is shown with a trace
that can be copied. One error that fires again and again (a bad paint does, dozens of times) is counted, not repeated.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from explorer.errors import UserError
from explorer.progress import Cancelled
from views.shared.plain_text import PlainLabel, PlainText
from views.shared.widgets import Secondary, rule, spaced

_QUIET_SECONDS = 2.0


class ErrorPanel(QFrame):
    """A panel above the content; hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._key = ""
        self._count = 0
        self._last = 0.0
        self._trace = ""
        self.what = PlainLabel("", self, wrap=True, role="error")
        self.todo = Secondary("", self)
        self.times = Secondary("", self, wrap=False)
        self.details = PlainText(self, fit=12)
        self.details.hide()
        self._copy = QPushButton("Copy the trace", self)
        self._copy.clicked.connect(self._on_copy_clicked)
        self._more = QPushButton("Details", self)
        self._more.setCheckable(True)
        self._more.toggled.connect(self.details.setVisible)
        self._close = QPushButton("Dismiss", self)
        self._close.clicked.connect(self.dismiss)
        for button in (self._copy, self._more, self._close):
            button.setProperty("quiet", True)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self.what)
        texts.addWidget(self.todo)
        line = QHBoxLayout()
        line.setContentsMargins(16, 8, 8, 8)
        line.setSpacing(8)
        line.addLayout(texts, 1)
        line.addLayout(spaced(self.times, self._more, self._copy, self._close, gap=4, stretch=False))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self.details)
        column.addWidget(rule(self))
        self.setAccessibleName("Error")
        self.hide()

    def show_error(self, error: BaseException) -> None:
        """Show an error, or count it if it is the one on show."""
        if isinstance(error, (Cancelled, KeyboardInterrupt)):
            return
        # Signals of the session wrap what a listener raised.
        while type(error).__name__ == "EmitLoopError" and error.__cause__ is not None:
            error = error.__cause__
        if isinstance(error, UserError):
            what = error.what if error.where is None else f"{error.where}: {error.what}"
            self._say(f"{type(error).__name__}:{error}", what, error.todo or "", "")
            return
        trace = getattr(error, "trace", "") or "".join(traceback.format_exception(error))
        last = traceback.extract_tb(error.__traceback__)[-1:] if error.__traceback__ else []
        place = f"{last[0].filename}:{last[0].lineno}" if last else trace[-200:]
        self._say(
            f"{type(error).__name__}:{place}",
            f"Something went wrong in the program: {type(error).__name__}: {str(error)[:300]}",
            "Nothing you judged was lost. Copying the trace helps whoever mends this.",
            trace,
        )

    def show_crash(self, trace: str) -> None:
        """Offer the trace that a crash of an earlier session left."""
        todo = "Findings are written at once; nothing you judged was lost. The trace can be copied."
        self._say("crash", "The program ended unexpectedly last time.", todo, trace)

    def dismiss(self) -> None:
        """Put it away."""
        self._key = ""
        self._count = 0
        self.hide()

    def trace(self) -> str:
        """The trace of what is shown, empty for errors of the user's."""
        return self._trace

    def _say(self, key: str, what: str, todo: str, trace: str) -> None:
        now = time.monotonic()
        if key == self._key and not self.isHidden():
            self._count += 1
            # A storm of one error costs one label a second or two, not a layout each.
            if now - self._last < _QUIET_SECONDS and self._count > 3:
                return
        else:
            self._key, self._count = key, 1
            self._trace = trace
            self.what.setText(what)
            self.todo.setText(todo)
            self.todo.setVisible(bool(todo))
            self.details.set_text(trace)
            self._more.setVisible(bool(trace))
            self._copy.setVisible(bool(trace))
            self._more.setChecked(False)
        self._last = now
        self.times.setText(f"× {self._count}" if self._count > 1 else "")
        self.times.setVisible(self._count > 1)
        self.show()

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._trace)


class ExceptionHook(QObject):
    """Sends every exception that nobody caught, from slots and from threads, to one place."""

    raised = Signal(object)

    def __init__(self, show: Callable[[BaseException], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._show = show
        self._before: Any = None
        self._before_thread: Any = None
        # Queued: an exception from paint or data() must not change widgets while they paint.
        self.raised.connect(self._on_raised, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        self._before, self._before_thread = sys.excepthook, threading.excepthook
        sys.excepthook = self._hook
        threading.excepthook = self._thread_hook

    def uninstall(self) -> None:
        if self._before is not None:
            sys.excepthook, threading.excepthook = self._before, self._before_thread
            self._before = None

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not isinstance(error, Exception):
            sys.__excepthook__(kind, error, trace)
            return
        if not isinstance(error, UserError):
            sys.__excepthook__(kind, error, trace)
        self.raised.emit(error)

    def _thread_hook(self, given: threading.ExceptHookArgs) -> None:
        if isinstance(given.exc_value, Exception):
            self.raised.emit(given.exc_value)

    def _on_raised(self, error: BaseException) -> None:
        self._show(error)
