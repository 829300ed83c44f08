"""How long a frame of the map takes while it is moved, against pyqtgraph's own scatter plot in the same process.

Run by hand: ``QT_QPA_PLATFORM=offscreen .venv/bin/python benchmarks/map_drawing.py | tee benchmarks/map_drawing.txt``
Budget: p95 <= 16 ms at 100 k points and <= 33 ms at 1 M; recolouring 1 M <= 100 ms.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication

from views.map.canvas import MapCanvas
from views.map.model import MapPoints, PointClass
from views.shared import theme

FRAMES = 30
LEGEND = tuple(PointClass(r, 0, f"role:{r}") for r in ("teacher", "student", "baseline", "control"))


def points(n: int, seed: int = 1) -> MapPoints:
    """Blobs, as a map has them."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(scale=8, size=(40, 2))
    xy = centres[rng.integers(0, 40, n)] + rng.normal(size=(n, 2))
    classes = rng.integers(0, len(LEGEND), n).astype(np.int16)
    return MapPoints(np.arange(n), xy.astype(np.float32), classes, LEGEND)


def frames(app: QApplication, plot: pg.PlotWidget) -> list[float]:
    """Milliseconds of each frame while the view is panned and zoomed."""
    box = plot.plotItem.getViewBox()
    times = []
    for frame in range(FRAMES):
        start = time.perf_counter()
        if frame % 2:
            box.translateBy(x=0.3, y=0.1)
        else:
            box.scaleBy((0.97, 0.97))
        plot.viewport().repaint()
        times.append(1000 * (time.perf_counter() - start))
        app.processEvents()
    return times


def said(name: str, times: list[float]) -> float:
    ordered = sorted(times)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    print(f"{name:42s} median {statistics.median(times):7.1f} ms   p95 {p95:7.1f} ms")
    return p95


def once(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    app = QApplication([])
    theme.apply(app, theme.LIGHT)
    print("2 shared CPU cores, 24 GiB, Debian 12, Python 3.11; offscreen, 900 x 500")
    for n in (4_000, 100_000, 1_000_000):
        data = points(n)
        canvas = MapCanvas()
        canvas.resize(900, 500)
        canvas.points.set_points(data)
        canvas.fit()
        canvas.show()
        app.processEvents()
        frames(app, canvas)
        ours = said(f"map, {n:,} points", frames(app, canvas))
        recoloured = MapPoints(data.rows, data.xy, (data.classes + 1) % len(LEGEND), LEGEND)
        print(f"{'  recolour':42s} {once(partial(canvas.points.set_points, recoloured)):7.1f} ms before the frame")
        if n <= 100_000:
            peer = pg.PlotWidget()
            peer.resize(900, 500)
            brushes = [pg.mkBrush(c) for c in ("b", "r", "g", "m")]
            peer.addItem(pg.ScatterPlotItem(pos=data.xy, size=9, pen=None, brush=[brushes[c] for c in data.classes]))
            peer.show()
            app.processEvents()
            theirs = said(f"pyqtgraph ScatterPlotItem, {n:,} points", frames(app, peer))
            print(f"{'  ratio theirs / ours (p95)':42s} {theirs / ours:7.1f}")


if __name__ == "__main__":
    main()
