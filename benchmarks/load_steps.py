"""Reading a log of one row per step, against pyarrow's own read of the same columns.

Run by hand: ``python benchmarks/load_steps.py [STEPS]``; prints ratios measured in one run.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from loaders.base import ReadRequest
from loaders.registry import open_dataset, read_source

T = TypeVar("T")
LENGTH = 25


def write_log(path: Path, steps: int) -> None:
    """A made-up log: trajectories of 25 steps, two groups, half of the steps shell commands."""
    rng = np.random.default_rng(1)
    trajectory = np.arange(steps) // LENGTH
    tools = np.array(["bash", "read_file", "search", "send_email"])[rng.integers(0, 4, steps)]
    names = rng.integers(0, 20_000, steps)
    arguments = [
        f"grep -n needle /srv/data/file{n}.txt | sort -u" if tool == "bash" else f'{{"path": "/srv/data/file{n}.txt"}}'
        for n, tool in zip(names.tolist(), tools.tolist(), strict=True)
    ]
    table = pa.table(
        {
            "trajectory_id": [f"run-{t:07d}" for t in trajectory.tolist()],
            "group": np.array(["teacher", "student"])[trajectory % 2],
            "task_id": [f"task-{t // 2}" for t in trajectory.tolist()],
            "trial": np.zeros(steps, np.int32),
            "step": (np.arange(steps) % LENGTH).astype(np.int32),
            "kind": np.where(tools == "bash", "shell", "tool_call"),
            "tool": tools,
            "arguments": arguments,
            "outcome": np.where(rng.random(steps) < 0.9, "succeeded", "failed"),
            "thought": [f"I look for it in file {n} and go on from there." for n in names.tolist()],
            "observation": [f"line {n}: " + "some text that was found " * 8 for n in names.tolist()],
            "request": [f"Find what was lost in place {t // 2}" for t in trajectory.tolist()],
        }
    )
    pq.write_table(table, path, row_group_size=100_000)


def main() -> None:
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_log(folder / "log.parquet", steps)
        size = (folder / "log.parquet").stat().st_size
        table, bare = timed(lambda: pq.read_table(folder / "log.parquet"))
        del table
        report, read = timed(lambda: read_source(ReadRequest((str(folder / "log.parquet"),)), folder / "cache"))
        dataset, opened = timed(lambda: open_dataset(folder / "cache"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        budget = 1 + 3 * bare.wall
        print("2 shared CPU cores, 24 GiB, Debian 12, Python 3.11; other work ran beside: compare CPU seconds")
        print(f"{steps:,} steps, {report.quality.trajectories:,} trajectories, file {size / 2**20:.0f} MiB")
        print(f"pyarrow read_table  {bare.wall:6.2f} s   CPU {bare.cpu:6.2f} s")
        print(f"read_source         {read.wall:6.2f} s   CPU {read.cpu:6.2f} s   budget 1 s + 3 x = {budget:.2f} s")
        print(f"                    {steps / read.wall:,.0f} steps/s; {read.cpu / bare.cpu:.1f} x pyarrow's CPU time")
        print(f"open_dataset        {opened.wall:6.2f} s   CPU {opened.cpu:6.2f} s   {dataset.n_steps:,} steps mapped")
        print(f"peak memory of the process {peak:,.0f} MiB (with the generator's table)")


class Spent(NamedTuple):
    """Seconds on the wall and on all cores."""

    wall: float
    cpu: float


def timed(work: Callable[[], T]) -> tuple[T, Spent]:
    """The result of some work and what it cost."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, Spent(time.perf_counter() - wall, time.process_time() - cpu)


if __name__ == "__main__":
    main()
