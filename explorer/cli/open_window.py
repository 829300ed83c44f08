"""``[open] [PATH…]``: the window, and what happens where there is no display to open one on."""

from __future__ import annotations

import argparse
import difflib
import os
import re
import sys
from collections.abc import Sequence

from explorer.cli.main import COMMANDS
from explorer.cli.terminal import note


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


def _mistyped(given: Sequence[str]) -> str:
    """What to say where the first word is no path and looks like a command; empty otherwise."""
    word = given[0] if given else ""
    if not re.fullmatch(r"[a-z]{3,12}", word) or os.path.exists(word):
        return ""
    close = difflib.get_close_matches(word, COMMANDS, n=1, cutoff=0.7)
    known = ", ".join(COMMANDS)
    hint = f"Did you mean {close[0]!r}? " if close else ""
    return f"trajectory-explorer: there is no file and no command {word!r}. {hint}Commands: open, {known}."


def run(arguments: Sequence[str]) -> int:
    """Open the window; without a display audit the sample headless and leave a report and a picture."""
    given = list(arguments)
    if given[:1] == ["open"]:
        given = given[1:]
    meant = _mistyped(given)
    if meant:
        note(meant)
        return 2
    try:
        args = parser().parse_args(given)
    except SystemExit as stop:
        return int(stop.code or 0)
    if not has_display():
        from explorer.cli.without_display import run as run_without_display

        return run_without_display(args.paths, sample=args.sample)
    from explorer.app import main

    return int(main(args.paths, store=args.store, sample=args.sample))
