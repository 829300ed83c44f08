"""The window against its budgets: start, the way to the summary, the workspace, and how long the event loop stands.

By hand: ``python -m benchmarks.window > benchmarks/window.txt``. Drawn offscreen, with the real workers, on the
embedded sample, with a cache of its own. Times are wall-clock; the CPU seconds beside them say what a busy machine
adds.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MACHINE = "2 shared CPU cores, 24 GiB, Debian 12, Python 3.11"
_START = """
import time; wall, cpu = time.perf_counter(), time.process_time()
import explorer.app as app
made = app.make_application(); program = app.compose(made); program.window.show(); made.processEvents()
print(time.perf_counter() - wall, time.process_time() - cpu)
program.window.close(); program.close()
"""


def start_seconds(times: int = 3) -> tuple[float, float]:
    """Best (wall, CPU) of starting the program until its first window is drawn, in processes of their own."""
    found = []
    for _ in range(times):
        done = subprocess.run([sys.executable, "-c", _START], capture_output=True, text=True, check=True)
        wall, cpu = done.stdout.split()
        found.append((float(wall), float(cpu)))
    return min(found)


class Watch:
    """Phases with their wall and CPU seconds and the longest time the event loop stood still."""

    def __init__(self) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        self._loop_type, self._timer_type = QEventLoop, QTimer
        self._last = time.perf_counter()
        self._gap = 0.0
        self._timer = QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._on_tick)
        self._timer.start()

    def _on_tick(self) -> None:
        now = time.perf_counter()
        self._gap = max(self._gap, now - self._last)
        self._last = now

    def wait(self, until: Callable[[], bool], limit: float = 120.0) -> None:
        """Run the event loop until something holds."""
        loop, timer, end = self._loop_type(), self._timer_type(), time.perf_counter() + limit

        def check() -> None:
            if until() or time.perf_counter() > end:
                loop.quit()

        timer.setInterval(10)
        timer.timeout.connect(check)
        timer.start()
        loop.exec()

    def settle(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        self.wait(lambda: time.perf_counter() > end)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        self._last, self._gap = time.perf_counter(), 0.0
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(f"{name:<52} {wall:7.2f} s  {cpu:6.2f} s CPU   longest stand {self._gap * 1000:6.0f} ms")


def main() -> None:
    """Print every figure."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
            os.environ[name] = str(Path(folder) / name.lower())
        print(MACHINE, f"· load {os.getloadavg()[0]:.1f} when begun")
        wall, cpu = start_seconds()
        print(f"{'start to window, warm (budget 1.5 s)':<52} {wall:7.2f} s  {cpu:6.2f} s CPU")
        drive()
    print(f"resident at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB in the GUI process")


def drive() -> None:
    """The way of a person who opens the sample."""
    from PySide6.QtCore import Qt

    from explorer.app import compose, make_application
    from explorer.model.finding import Verdict

    app = make_application()
    program = compose(app)
    window = program.window
    window.setWindowState(Qt.WindowState.WindowNoState)
    window.resize(1600, 1000)
    window.show()
    watch = Watch()
    watch.settle(0.5)
    with watch.phase("sample to its summary (read and audited)"):
        window.flow.open_sample()
        watch.wait(lambda: bool(window.flow.summary.rows()))
    watch.settle(1.5)
    with watch.phase("summary to the first item in the workspace"):
        window.flow.summary.first.click()
        watch.settle(0.3)
    with watch.phase("twenty times the next entry"):
        for _ in range(20):
            window.commands.run("queue.next")
            watch.settle(0.02)
    with watch.phase("a verdict, durable"):
        program.session.judge(Verdict.HARMFUL)
        watch.settle(0.02)
    with watch.phase("the other theme"):
        window.toggle_theme()
        watch.settle(0.02)
    with watch.phase("until the first map"):
        watch.wait(lambda: program.session.embedding is not None)
    with watch.phase("until the refined map (UMAP compiles once)"):
        watch.wait(lambda: program.session.embedding is not None and program.session.embedding.method == "umap")
    with watch.phase("the same sample again, from the cache"):
        window.flow.open_sample()
        watch.wait(lambda: bool(window.flow.summary.rows()))
    window.close()
    program.close()


if __name__ == "__main__":
    main()
