"""Pick the way in: a sub-command goes to the command line, everything else opens the window.

Qt is imported only for the window, and the window's modules only once it is known to be wanted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from explorer.cli.main import COMMANDS
from explorer.cli.main import main as command_line


def main(argv: Sequence[str] | None = None) -> int:
    """Console entry point; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    first = arguments[0] if arguments else ""
    if first in COMMANDS or first in ("-h", "--help", "--version"):
        return command_line(arguments)
    from explorer.cli.open_window import run

    return run(arguments)


if __name__ == "__main__":
    import multiprocessing

    multiprocessing.freeze_support()
    sys.exit(main())
