"""The window drawn without a display, with real workers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.views.windows import write_logs


@pytest.mark.slow
def test_the_window_is_drawn_offscreen_by_real_workers(tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    both = write_logs(tmp_path)[2]
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment["QT_QPA_PLATFORM"] = "offscreen"
    command = [sys.executable, "-m", "explorer.app", "--picture", str(picture), both]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1600, 1000)
    assert len({image.pixel(x, y) for x in range(0, 1600, 7) for y in range(0, 1000, 7)}) > 20
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".ini"] == []


def test_a_file_that_cannot_be_read_is_one_message(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.parquet"
    wrong.write_text("no parquet")
    command = [sys.executable, "-m", "explorer.app", "--picture", str(tmp_path / "p.png"), str(wrong)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert "wrong.parquet" in done.stderr
    assert "Traceback" not in done.stderr
