"""One job a slot; a superseded one never reports; both callbacks; shutdown waits."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from explorer.errors import UserError
from explorer.execution import SerialExecutor
from explorer.progress import Cancelled, Progress, ProgressSample
from views.job_panel import JobPanel, job_words
from views.jobs import JobRunner


class _Manual:
    """Work that ends when the test says so."""

    def __init__(self) -> None:
        self.sample = ProgressSample("reading", 1, 4)
        self.ended = False
        self.cancelled = False
        self.value: Any = None

    def poll(self) -> bool:
        return self.ended

    def result(self) -> Any:
        if self.cancelled:
            raise Cancelled
        if isinstance(self.value, Exception):
            raise self.value
        return self.value

    def cancel(self) -> None:
        self.cancelled = self.ended = True


class _ManualExecutor:
    def __init__(self) -> None:
        self.running: list[_Manual] = []
        self.down = False

    def submit(self, work: Callable[[Progress], Any]) -> _Manual:
        self.running.append(_Manual())
        return self.running[-1]

    def shutdown(self) -> None:
        self.down = True


def _nothing(progress: Progress) -> None:
    """Work that does nothing."""


@pytest.fixture
def executor() -> _ManualExecutor:
    return _ManualExecutor()


@pytest.fixture
def runner(executor: _ManualExecutor, qtbot: QtBot) -> Iterator[JobRunner]:
    made = JobRunner({"read": executor, "audit": executor})
    yield made
    made.shutdown()


def _start(runner: JobRunner, log: list[Any], slot: str = "read", name: str = "x") -> None:
    runner.start(
        slot, _nothing, title=name,
        on_done=lambda value: log.append((name, "done", value)),
        on_failed=lambda error: log.append((name, "failed", error)),
        on_cancelled=lambda: log.append((name, "cancelled", None)),
    )  # fmt: skip


def test_a_finished_job_reports_once(runner: JobRunner, executor: _ManualExecutor, qtbot: QtBot) -> None:
    log: list[Any] = []
    _start(runner, log)
    executor.running[0].value = 7
    executor.running[0].ended = True
    qtbot.waitUntil(lambda: log == [("x", "done", 7)])
    assert not runner.jobs()


def test_superseded_job_never_reports(runner: JobRunner, executor: _ManualExecutor, qtbot: QtBot) -> None:
    log: list[Any] = []
    _start(runner, log, name="first")
    _start(runner, log, name="second")
    executor.running[0].ended = executor.running[1].ended = True
    qtbot.waitUntil(lambda: len(log) == 1)
    assert log[0][0] == "second"


def test_a_job_that_ended_just_before_it_was_superseded_never_reports(
    runner: JobRunner, executor: _ManualExecutor, qtbot: QtBot
) -> None:
    log: list[Any] = []
    _start(runner, log, name="first")
    executor.running[0].ended = True
    runner._on_poll()
    _start(runner, log, name="second")
    executor.running[1].ended = True
    qtbot.waitUntil(lambda: len(log) == 1)
    assert log[0][0] == "second"


def test_slots_do_not_disturb_each_other(runner: JobRunner, executor: _ManualExecutor, qtbot: QtBot) -> None:
    log: list[Any] = []
    _start(runner, log, "read", "r")
    _start(runner, log, "audit", "a")
    for running in executor.running:
        running.ended = True
    qtbot.waitUntil(lambda: {entry[0] for entry in log} == {"r", "a"})


def test_errors_reach_the_callback(runner: JobRunner, executor: _ManualExecutor, qtbot: QtBot) -> None:
    log: list[Any] = []
    _start(runner, log)
    executor.running[0].value = UserError("no", todo="choose another")
    executor.running[0].ended = True
    qtbot.waitUntil(lambda: len(log) == 1)
    assert log[0][1] == "failed"
    assert log[0][2].todo == "choose another"


def test_cancelling_is_silent_but_told(runner: JobRunner, qtbot: QtBot) -> None:
    log: list[Any] = []
    _start(runner, log)
    runner.cancel("read")
    qtbot.waitUntil(lambda: log == [("x", "cancelled", None)])


def test_an_error_in_one_callback_does_not_swallow_the_next(
    runner: JobRunner, executor: _ManualExecutor, qtbot: QtBot
) -> None:
    log: list[Any] = []

    def broken(value: Any) -> None:
        raise RuntimeError("a defect in a callback")

    with qtbot.captureExceptions() as caught:
        runner.start("read", _nothing, title="broken", on_done=broken, on_failed=log.append)
        _start(runner, log, "audit", "fine")
        for running in executor.running:
            running.ended = True
        qtbot.waitUntil(lambda: [entry[0] for entry in log] == ["fine"] and len(caught) == 1)


def test_shutdown_waits_and_nothing_starts_afterwards(
    runner: JobRunner, executor: _ManualExecutor, qtbot: QtBot
) -> None:
    log: list[Any] = []
    _start(runner, log)
    executor.running[0].ended = True
    runner.shutdown()
    assert executor.down
    _start(runner, log)
    assert len(executor.running) == 1
    assert not log


def test_the_runner_sleeps_when_nothing_runs(qtbot: QtBot) -> None:
    runner = JobRunner({"read": SerialExecutor()})
    log: list[Any] = []
    runner.start("read", _nothing, title="x", on_done=log.append, on_failed=log.append)
    qtbot.waitUntil(lambda: log == [None])
    assert not runner._timer.isActive()
    runner.shutdown()


def test_the_panel_says_what_runs_and_offers_to_stop(
    runner: JobRunner, executor: _ManualExecutor, qtbot: QtBot
) -> None:
    panel = JobPanel(runner)
    qtbot.addWidget(panel)
    assert panel.words.text() == "no jobs running"
    log: list[Any] = []
    _start(runner, log, name="Reading a.parquet")
    assert panel.words.text() == "Reading a.parquet: reading 1 of 4"
    assert not panel.bar.isVisibleTo(panel)
    qtbot.waitUntil(lambda: panel.bar.isVisibleTo(panel), timeout=3_000)
    panel.stop.click()
    qtbot.waitUntil(lambda: panel.words.text() == "no jobs running")
    qtbot.waitUntil(lambda: log == [("Reading a.parquet", "cancelled", None)])


def test_words_without_a_total_promise_none(runner: JobRunner, executor: _ManualExecutor) -> None:
    _start(runner, [], name="Auditing")
    executor.running[0].sample = ProgressSample("effects", 0, 0)
    assert job_words(runner.jobs()[0]) == "Auditing: effects …"


class _Emitter(QObject):
    fired = Signal(bool)


def test_emitting_keeps_the_reference_to_true(qtbot: QtBot) -> None:
    """PySide6 6.12.0 on Python 3.11 loses one at every emit and ends the process."""
    emitter = _Emitter()
    heard: list[bool] = []
    emitter.fired.connect(heard.append)
    emitter.fired.emit(True)
    before = sys.getrefcount(True)
    for _ in range(1_000):
        emitter.fired.emit(True)
    heard.clear()
    assert sys.getrefcount(True) >= before - 10
