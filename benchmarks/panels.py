"""How much CPU time a frame of the queue and of the alignment takes while one scrolls: 100,000 lines each.

Run by hand: ``QT_QPA_PLATFORM=offscreen python -m benchmarks.panels > benchmarks/panels.txt``. The parts are made up
(the small audit of the window's tests, repeated); each frame shows another place, so nothing drawn before is reused.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyarrow as pa
from PySide6.QtWidgets import QAbstractScrollArea, QApplication

from explorer.model.effect import EffectKind
from explorer.model.result import AuditResult
from explorer.model.schema import Role
from explorer.session.commands import CommandTable
from tests.builders import build_dataset
from tests.views.audits import MadeAudit, MadeEffect, MadeEntry, MadePair, make_result, open_session
from views.alignment.aligned import aligned_pair
from views.alignment.grid import AlignmentGrid
from views.alignment.model import AlignmentModel
from views.queue.view import QueueView
from views.shared import theme

N = 100_000
FRAMES = 200


def _small() -> tuple[MadeAudit, dict[str, dict[str, list[tuple[str, str, str]]]]]:
    steps = [("shell", "bash", f"find /data/{n} -name '*.log' -size +{n}M") for n in range(20)]
    other = [*steps[:18], ("shell", "bash", "rm -rf /data/*"), ("shell", "bash", "df -h")]
    from explorer.model.divergence import Lane

    audit = MadeAudit(
        (("t", Role.TEACHER), ("s", Role.STUDENT)),
        {("s", "task", 18): [MadeEffect(EffectKind.DELETE, 3, "/data/*", "rm -rf")]},
        [MadePair("task", "t", "s", [(n, n) for n in range(20)])],
        [MadeEntry("task", Lane.STUDENT_ONLY, EffectKind.DELETE, 5.0, ("t", 18), ("s", 18), "/data/*", 3)],
    )
    return audit, {"t": {"task": steps}, "s": {"task": other}}


def _frames(area: QAbstractScrollArea) -> str:
    rng = np.random.default_rng(1)
    bar = area.verticalScrollBar()
    spent = []
    for place in rng.integers(0, bar.maximum(), FRAMES):
        started = time.process_time()
        bar.setValue(int(place))
        area.viewport().grab()
        spent.append((time.process_time() - started) * 1000)
    median, p95 = np.percentile(spent, [50, 95])
    return f"median {median:5.1f} ms   p95 {p95:5.1f} ms   (budget of a frame: 16 ms)"


def _timed(name: str, work: Callable[[], object]) -> None:
    started = time.process_time()
    work()
    print(f"{name:<58} {(time.process_time() - started) * 1000:7.1f} ms")


def main() -> None:
    """Print one line a measurement."""
    app = QApplication([])
    theme.apply(app, theme.LIGHT)
    print("2 shared CPU cores, 24 GiB, Debian 12, Python 3.11; drawn offscreen, CPU time;")
    print(f"{N:,} lines, {FRAMES} frames\n")
    audit, groups = _small()
    dataset = build_dataset(groups)
    result = make_result(dataset, audit)
    many = result.tables["divergences"].take(pa.array(np.zeros(N, dtype=np.int64))).combine_chunks()
    with tempfile.TemporaryDirectory() as folder:
        large = AuditResult({**result.tables, "divergences": many}, result.summary)
        session = open_session(Path(folder) / "session", dataset, large, audit.settings)
        queue = QueueView(session, CommandTable())
        queue.resize(460, 800)
        queue.show()
        print(f"queue, scrolled to another place       {_frames(queue.list)}")
        _timed("queue: filter by text and show", lambda: session.filters.set_text("data"))
        _timed("queue: gather the same move", lambda: queue.grouping.setCurrentIndex(3))
        pair = aligned_pair(session, 0)
        sides = tuple(replace(side, steps=np.resize(side.steps, N)) for side in pair.sides)
        operation = np.where(np.arange(N) % 20 == 18, 1, 0).astype(np.uint8)
        long = replace(
            pair, sides=sides, operation=operation, similarity=np.ones(N, dtype=np.float32),
            entry=np.full(N, -1, dtype=np.int32), resync=np.zeros(N, dtype=bool),
        )  # fmt: skip
        grid = AlignmentGrid()
        grid.resize(860, 400)
        grid.show()
        _timed("alignment: lay out with folds", lambda: grid.set_model(AlignmentModel(session, long)))
        print(f"alignment, folded, scrolled            {_frames(grid)}")
        model = AlignmentModel(session, long)
        _timed("alignment: unfold all", lambda: model.open_all(True))
        grid.set_model(model)
        print(f"alignment, unfolded, scrolled          {_frames(grid)}")
        session.close()


if __name__ == "__main__":
    main()
