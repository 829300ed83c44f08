"""What happens where no window can be shown: the same audit headless, a report, and a picture drawn offscreen."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from explorer.cli.terminal import note

REPORT, PICTURE = "report.html", "window.png"


def run(paths: Sequence[str], *, sample: bool) -> int:
    """Say so in one line; audit the named paths (or the sample) and leave report and picture in this folder."""
    note(f"There is no display here: auditing headless instead; {REPORT} and {PICTURE} will lie in this folder.")
    from explorer.cli.main import main as command_line
    from explorer.session.sample import sample_arguments

    with tempfile.TemporaryDirectory(prefix="trajectory-explorer-") as temporary:
        out = Path(temporary) / "audit"
        arguments = list(paths) if paths and not sample else sample_arguments()
        code = command_line(["audit", *arguments, "--no-map", "--out", str(out)])
        if code:
            return code
        Path(REPORT).write_text((out / REPORT).read_text("utf-8"), "utf-8")
    drawn = _draw(paths if not sample else ())
    note(f"{Path(REPORT).resolve()}" + (f"\n{Path(PICTURE).resolve()}" if drawn else ""))
    return 0


def _draw(paths: Sequence[str]) -> bool:
    """Draw the window offscreen in a process of its own, so that a failing Qt costs the picture only."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "explorer.app", "--picture", PICTURE, *paths]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        note(f"the picture could not be drawn: {done.stderr.strip().splitlines()[-1:] or done.returncode}")
    return done.returncode == 0
