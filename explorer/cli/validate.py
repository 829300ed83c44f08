"""``validate``: what a loader makes of a source, and everything that is wrong with it, without auditing."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from explorer.cli.audit import add_reading_arguments
from explorer.cli.terminal import TerminalProgress

NAME = "validate"
HELP = "read trajectory logs and report their shape, their groups and every problem, by file, row and column"
EXAMPLES = """\
examples:
  trajectory-explorer validate runs.parquet
  trajectory-explorer validate 'logs/*.parquet' --json | jq .problems

exit code 0 = readable (problems are printed), 1 with --strict if a row was rejected, 2 = not readable
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="Parquet file, folder (hive) or glob")
    parser.add_argument("--group-by", metavar="COLUMN", help="column that holds the group")
    add_reading_arguments(parser)
    parser.add_argument("--strict", action="store_true", help="exit code 1 if any row was rejected")
    parser.add_argument("--json", action="store_true", help="machine-readable, on stdout")


def run(args: argparse.Namespace) -> int:
    from explorer.session.provenance import reading_summary
    from loaders.base import ReadRequest
    from loaders.column_mapping import read_mapping
    from loaders.combine import read_sources
    from loaders.registry import open_dataset

    mapping = read_mapping(Path(args.mapping)) if args.mapping else None
    task = tuple(part.strip() for part in args.task.split(",") if part.strip())
    request = ReadRequest(tuple(args.paths), mapping=mapping, group_by=args.group_by, task=task)
    display = TerminalProgress()
    try:
        with tempfile.TemporaryDirectory(prefix="trajectory-explorer-") as temporary:
            read = read_sources((request,), Path(temporary), display.progress())
            dataset = open_dataset(Path(temporary))
            groups = {name: int((dataset.group.codes == code).sum()) for code, name in enumerate(dataset.group.names)}
            found: dict[str, Any] = {
                "trajectories": dataset.n_trajectories,
                "steps": dataset.n_steps,
                "turns": dataset.turns.num_rows,
                "tasks": len(dataset.task.names),
                "groups": groups,
                "dead": int(dataset.dead.sum()),
                "fingerprint": dataset.fingerprint,
                **reading_summary(json.loads((Path(temporary) / "report.json").read_text("utf-8"))),
            }
    finally:
        display.close()
    if args.json:
        print(json.dumps(found, ensure_ascii=False, default=str))
    else:
        _print(found)
    return 1 if args.strict and read.quality.rows_rejected else 0


def _print(found: dict[str, Any]) -> None:
    for path, loader in found["loaders"].items():
        print(f"{path}: read as {loader}")
    print(
        f"{found['trajectories']:,} trajectories, {found['steps']:,} steps, {found['turns']:,} turns, "
        f"{found['tasks']:,} tasks"
    )
    groups = found["groups"]
    print("groups: " + ", ".join(f"{name} ({n})" for name, n in groups.items()))
    print("pairing key: " + (", ".join(found["task_columns"]) or "task_id"))
    rows = found["rows"]
    print(
        f"rows: {rows['in']:,} in, {rows['read']:,} read, {rows['rejected']:,} rejected; "
        f"dead trajectories: {found['dead']}"
    )
    for problem in found["problems"]:
        where = ", ".join(f"{k} {problem[k]}" for k in ("row", "column") if problem[k] is not None)
        print(
            f"problem: {problem['file']}{', ' + where if where else ''}: {problem['message']} ({problem['count']:,} ×)"
        )
