"""A worker reports progress, can be cancelled, survives crashes, and never answers for superseded work."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial

import pytest

from explorer.errors import InputError
from explorer.execution import SerialExecutor, SpawnedWorker, WorkerDied
from explorer.execution.base import Running
from explorer.execution.spawned import WorkFailed
from explorer.progress import Cancelled, Progress


def square(n: int, progress: Progress) -> int:
    progress.stage("squaring", 1)
    return n * n


def fail(progress: Progress) -> None:
    raise InputError("bad", where="file.parquet", todo="mend it")


def stumble(progress: Progress) -> None:
    raise ZeroDivisionError("a defect")


def crash(progress: Progress) -> None:
    os._exit(42)


def patient(progress: Progress) -> None:
    progress.stage("waiting", 1000)
    for _ in range(1000):
        time.sleep(0.02)
        progress.advance()


def stubborn(progress: Progress) -> None:
    progress.stage("deaf")
    time.sleep(60)


def wait(running: Running, seconds: float = 20.0) -> Running:
    end = time.monotonic() + seconds
    while not running.poll():
        assert time.monotonic() < end, "the work did not end"
        time.sleep(0.01)
    return running


@pytest.fixture(scope="module")
def worker() -> Iterator[SpawnedWorker]:
    made = SpawnedWorker()
    yield made
    made.shutdown()


def test_work_comes_back_with_its_value(worker: SpawnedWorker) -> None:
    assert wait(worker.submit(partial(square, 7))).result() == 49


def test_an_error_for_the_user_arrives_whole(worker: SpawnedWorker) -> None:
    running = wait(worker.submit(fail))
    with pytest.raises(InputError) as caught:
        running.result()
    assert (caught.value.what, caught.value.where, caught.value.todo) == ("bad", "file.parquet", "mend it")


def test_a_defect_arrives_with_its_trace(worker: SpawnedWorker) -> None:
    running = wait(worker.submit(stumble))
    with pytest.raises(WorkFailed, match="a defect") as caught:
        running.result()
    assert "stumble" in caught.value.trace


def test_a_dead_worker_is_a_message_and_the_next_work_runs(worker: SpawnedWorker) -> None:
    running = wait(worker.submit(crash, "poison.parquet"))
    with pytest.raises(WorkerDied, match=r"poison\.parquet"):
        running.result()
    assert wait(worker.submit(partial(square, 3))).result() == 9


def test_progress_is_sampled_and_cancel_is_heard(worker: SpawnedWorker) -> None:
    running = worker.submit(patient)
    end = time.monotonic() + 20
    while running.sample.done < 3 and time.monotonic() < end:
        running.poll()
        time.sleep(0.01)
    assert running.sample.stage == "waiting"
    assert running.sample.total == 1000
    running.cancel()
    with pytest.raises(Cancelled):
        wait(running, 3).result()


def test_work_that_does_not_listen_is_stopped_by_force(worker: SpawnedWorker) -> None:
    running = worker.submit(stubborn)
    time.sleep(0.2)
    running.poll()
    running.cancel()
    with pytest.raises(Cancelled):
        wait(running, 5).result()


def test_new_work_supersedes_what_was_running(worker: SpawnedWorker) -> None:
    old = worker.submit(patient)
    time.sleep(0.2)
    new = worker.submit(partial(square, 5))
    assert wait(new).result() == 25
    assert old.poll()
    with pytest.raises(Cancelled):
        old.result()


def test_the_serial_executor_answers_at_once() -> None:
    running = SerialExecutor().submit(partial(square, 4))
    assert running.poll()
    assert running.result() == 16
    with pytest.raises(InputError):
        SerialExecutor().submit(fail).result()
