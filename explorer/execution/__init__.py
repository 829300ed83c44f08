"""Where work runs: in the caller, or in long-lived spawned workers. Knows no stage of the pipeline.

A piece of *work* is a picklable callable that takes a :class:`~explorer.progress.Progress` and returns a picklable
value; large results travel as files. May import ``progress`` and ``errors`` only.
"""

from explorer.execution.base import Executor, Running, Work, WorkerDied
from explorer.execution.serial import SerialExecutor
from explorer.execution.spawned import SpawnedWorker

__all__ = ["Executor", "Running", "SerialExecutor", "SpawnedWorker", "Work", "WorkerDied"]
