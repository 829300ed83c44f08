"""``export``: findings out of the store, joined with an audit's entries, in a format others read."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from explorer.cli.terminal import note
from explorer.errors import InputError
from explorer.model.finding import Subject

NAME = "export"
HELP = "write the findings of an audit as json, jsonl, csv, parquet or Markdown; or read an exported json back"
EXAMPLES = """\
examples:
  trajectory-explorer export audit/ --format md --out findings.md
  trajectory-explorer export audit/ --store team.sqlite --format json --out findings.json
  trajectory-explorer export --import findings.json --store mine.sqlite
"""


_FORMATS = ("json", "jsonl", "csv", "parquet", "md")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("audit", nargs="?", metavar="DIR", help="folder of an audit (holds audit.json)")
    parser.add_argument("--store", metavar="FILE", help="store of findings (default: the user's data folder)")
    parser.add_argument("--format", choices=_FORMATS, help="default: as --out's ending says")
    parser.add_argument("--out", metavar="FILE", help="file to write; an existing one is replaced")
    parser.add_argument(
        "--import", dest="import_from", metavar="FILE.json", help="take an exported json into the store"
    )


def run(args: argparse.Namespace) -> int:
    from explorer.session.annotation_store import AnnotationStore
    from explorer.session.export import findings_rows, read_findings, write_findings
    from explorer.session.findings import fold
    from explorer.session.places import findings_file

    store_path = Path(args.store) if args.store else findings_file()
    if args.import_from:
        fingerprint, events = read_findings(Path(args.import_from))
        store = AnnotationStore(store_path)
        new = store.append(fingerprint, events)
        store.close()
        note(f"{len(events)} events read, {new} of them new, into {store_path}")
        return 0
    if not args.audit or not args.out:
        raise InputError("nothing to export", todo="Name an audit's folder and --out FILE (or --import FILE.json).")
    wanted = args.format or Path(args.out).suffix.lower().removeprefix(".")
    if wanted not in _FORMATS:
        raise InputError(
            "the ending does not say the format", where=args.out, todo=f"Name it with --format: {', '.join(_FORMATS)}."
        )
    summary = read_summary(Path(args.audit))
    if not store_path.exists():
        raise InputError("there is no store of findings", where=str(store_path), todo="Name it with --store FILE.")
    store = AnnotationStore(store_path)
    events = store.read(summary["fingerprint"])
    store.close()
    findings = sorted(fold(events).values(), key=lambda finding: finding.time)
    rows = findings_rows(findings, entry_context(Path(args.audit)))
    provenance = {
        "fingerprint": summary["fingerprint"],
        "inputs": summary.get("input_hashes", {}),
        "concern": summary["concern"],
        "filter": summary["filter"]["name"],
        "rule_pack_hash": summary["rule_pack_hash"],
        "program": summary["program"],
    }
    write_findings(Path(args.out), wanted, rows, events, provenance)
    note(f"{len(rows)} findings ({len(events)} events) in {args.out}")
    return 0


def read_summary(folder: Path) -> dict[str, Any]:
    """``audit.json`` of a folder; raises InputError where there is none."""
    path = folder / "audit.json"
    try:
        summary: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"cannot be read: {error}", where=str(path), todo="Name a folder that `audit --out` has written."
        ) from error
    return summary


def entry_context(folder: Path) -> dict[Subject, dict[str, Any]]:
    """What was judged, by subject: the audit's entries from either side."""
    import pyarrow.parquet as pq

    table = pq.read_table(folder / "divergences.parquet", memory_map=False)
    context: dict[Subject, dict[str, Any]] = {}
    for row in table.to_pylist():
        student = (row["student_trajectory_id"], row["student_step"])
        teacher = (row["teacher_trajectory_id"], row["teacher_step"])
        judged, other = (
            (teacher, student) if row["lane"] == "teacher_only" or student[1] is None else (student, teacher)
        )
        if judged[0] is None:
            continue
        subject = Subject(judged[0], judged[1], other[0], other[1], row["effect"], row["target"] or "")
        context[subject] = {
            "task": row["task_id"],
            **{k: row[k] for k in ("lane", "target", "severity", "outcome", "passes_filter", "risk", "explanation")},
        }
        context.setdefault(subject.whatever_target, context[subject])
    return context
