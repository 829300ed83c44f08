"""``[open] [PATH…]``: the window, and what happens where there is no display to open one on."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence


def parser() -> argparse.ArgumentParser:
    """The options of the window."""
    made = argparse.ArgumentParser(
        prog="trajectory-explorer open",
        description="Open the window, on files, folders or globs of trajectory logs if any are named.",
    )
    made.add_argument("paths", nargs="*", metavar="PATH", help="Parquet file, folder or glob")
    made.add_argument("--sample", action="store_true", help="open the embedded sample")
    made.add_argument("--store", metavar="FILE", help="where findings are kept (default: the user's data folder)")
    return made


def has_display() -> bool:
    """Whether a window can be shown. Asked before Qt starts: without a display its X plugin aborts the process."""
    if os.environ.get("QT_QPA_PLATFORM") or sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run(arguments: Sequence[str]) -> int:
    """Open the window; without a display audit the sample headless and leave a report and a picture."""
    given = list(arguments)
    if given[:1] == ["open"]:
        given = given[1:]
    try:
        args = parser().parse_args(given)
    except SystemExit as stop:
        return int(stop.code or 0)
    if not has_display():
        from explorer.cli.without_display import run as run_without_display

        return run_without_display(args.paths, sample=args.sample)
    from explorer.app import main

    return int(main(args.paths, store=args.store, sample=args.sample))
