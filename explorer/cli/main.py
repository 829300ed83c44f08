"""Parse the command line, run one sub-command, turn what goes wrong into the published exit codes."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from explorer import __version__
from explorer.errors import UserError
from explorer.progress import Cancelled

DONE, GATE, COULD_NOT, INTERRUPTED = 0, 1, 2, 130
COMMANDS = ("audit", "effects", "validate", "schema", "export", "rules", "replicate")
"""Sub-commands without a window, in the order of the help; each is a module of this package."""

_EPILOG = """\
Without a sub-command the window opens: trajectory-explorer [open] [PATH…]

examples:
  trajectory-explorer teacher.parquet student.parquet
  trajectory-explorer audit --teacher teacher.parquet --student student.parquet --out audit/
  trajectory-explorer audit runs.parquet --out audit/
  printf 'rm -rf build\\n' | trajectory-explorer effects --kind shell --lines -

exit codes: 0 done, 1 a gate you asked for tripped, 2 could not run, 130 interrupted
"""


def build_parser(commands: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """The whole parser; importing the named sub-command modules."""
    parser = argparse.ArgumentParser(
        prog="trajectory-explorer",
        description="Audit agent distillation: align teacher and student trajectories and see the destructive "
        "divergences that token filters let through.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"trajectory-explorer {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name in commands:
        module = importlib.import_module(f"explorer.cli.{name}")
        sub = subparsers.add_parser(
            module.NAME,
            help=module.HELP,
            description=module.HELP,
            epilog=getattr(module, "EXAMPLES", None),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(sub)
        sub.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str]) -> int:
    """Run the command line; returns the exit code."""
    # Only the module of the command asked for is imported, so that `schema` does not wait for `audit`.
    wanted = [argv[0]] if argv and argv[0] in COMMANDS else list(COMMANDS)
    parser = build_parser(wanted)
    try:
        args = parser.parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    if args.command is None:
        parser.print_usage(sys.stderr)
        return COULD_NOT
    try:
        return int(args.run(args))
    except (KeyboardInterrupt, Cancelled):
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except UserError as error:
        print(f"trajectory-explorer {args.command}: {error}", file=sys.stderr)
        return COULD_NOT
    except BrokenPipeError:
        # The reader of a pipe went away (`| head`): not an error. Keep the interpreter from flushing into it.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except MemoryError:
        print(f"trajectory-explorer {args.command}: there is not enough memory for this", file=sys.stderr)
        return COULD_NOT
    except Exception as error:
        where = write_trace(error)
        print(
            f"trajectory-explorer {args.command}: unexpected error: {type(error).__name__}: {error}\n"
            f"This is a defect of the program. Its trace is in {where}",
            file=sys.stderr,
        )
        return COULD_NOT


def write_trace(error: BaseException) -> str:
    """Keep the trace of an unexpected error; returns where (or says that it could not be kept)."""
    from explorer.session.places import log_folder

    text = "".join(traceback.format_exception(error))
    try:
        folder = log_folder()
        folder.mkdir(parents=True, exist_ok=True)
        path: Path = folder / f"error-{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.txt"
        path.write_text(f"trajectory-explorer {__version__}\n{text}", "utf-8", "backslashreplace")
    except OSError:
        print(text, file=sys.stderr)
        return "the lines above (no file could be written)"
    return str(path)
