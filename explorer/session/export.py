"""What leaves the program: an audit's files, findings in several formats, one finding as Markdown."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from explorer.errors import InputError
from explorer.model.finding import Annotation, AnnotationKind, Finding, Subject
from explorer.model.result import TABLES, AuditResult
from explorer.model.visible_text import one_line, visible
from explorer.session.files import claim_folder, csv_cell, write_parquet, write_text

MARKER = "audit.json"
FORMATS = ("json", "jsonl", "csv", "parquet", "md")
EXPORT_VERSION = 1


def write_audit(result: AuditResult, summary: Mapping[str, Any], folder: Path, report_html: str | None) -> list[Path]:
    """Write the published files of an audit; ``audit.json`` last, so that its presence means complete."""
    claim_folder(folder, MARKER)
    written: list[Path] = []
    for name in TABLES:
        path = folder / f"{name}.parquet"
        write_parquet(path, result.tables[name])
        written.append(path)
    if report_html is not None:
        write_text(folder / "report.html", report_html)
        written.append(folder / "report.html")
    write_text(folder / MARKER, json.dumps(summary, indent=1, ensure_ascii=False, default=str))
    written.append(folder / MARKER)
    return written


def findings_rows(
    findings: Iterable[Finding], context: Mapping[Subject, Mapping[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """Findings as flat rows; ``context`` adds what was judged (task, group, lane, target, explanation …)."""
    rows = []
    for finding in findings:
        row: dict[str, Any] = {
            **asdict(finding.subject),
            "verdict": None if finding.verdict is None else finding.verdict.value,
            "disposition": None if finding.disposition is None else finding.disposition.value,
            "note": finding.note,
            "author": finding.author,
            "time": finding.time,
        }
        if context is not None:
            row.update(context.get(finding.subject, {}))
        rows.append(row)
    return rows


def write_findings(
    path: Path,
    kind: str,
    rows: Sequence[Mapping[str, Any]],
    events: Sequence[Annotation],
    provenance: Mapping[str, Any],
) -> None:
    """Write findings as json (with the whole log, so that it can be read back), jsonl, csv, parquet or md."""
    if kind == "json":
        document = {
            "format": "trajectory-explorer findings",
            "version": EXPORT_VERSION,
            "provenance": dict(provenance),
            "findings": [dict(row) for row in rows],
            "events": [event_row(event) for event in events],
        }
        write_text(path, json.dumps(document, indent=1, ensure_ascii=False))
    elif kind == "jsonl":
        write_text(path, "".join(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in rows))
    elif kind == "csv":
        write_text(path, _csv(rows))
    elif kind == "parquet":
        write_parquet(path, pa.Table.from_pylist([dict(row) for row in rows]).replace_schema_metadata(
            {"provenance": json.dumps(dict(provenance))}
        ))  # fmt: skip
    elif kind == "md":
        write_text(path, findings_markdown(rows, provenance))
    else:
        raise ValueError(f"unknown format {kind}")


def read_findings(path: Path) -> tuple[str, tuple[Annotation, ...]]:
    """The fingerprint and events of an exported json; raises InputError where it is not one."""
    try:
        document = json.loads(path.read_text("utf-8"))
        if document.get("format") != "trajectory-explorer findings":
            raise ValueError("it is not an export of findings")
        return str(document["provenance"]["fingerprint"]), tuple(_event(row) for row in document["events"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"cannot be read as findings: {error}",
            where=str(path),
            todo="Export findings as json; the other formats cannot be read back.",
        ) from error


def event_row(event: Annotation) -> dict[str, Any]:
    """One event of the log as plain data."""
    row = asdict(event)
    row["kind"] = event.kind.value
    return row


def findings_markdown(rows: Sequence[Mapping[str, Any]], provenance: Mapping[str, Any]) -> str:
    """Findings as a Markdown document for a pull request or a report."""
    lines = ["# Findings", "", f"Dataset `{provenance.get('fingerprint', '')[:16]}` · {len(rows)} findings", ""]
    for row in rows:
        lines += [finding_markdown(row), ""]
    return "\n".join(lines)


def finding_markdown(row: Mapping[str, Any]) -> str:
    """One finding as Markdown: what, where, the judgement, why, by whom."""
    title = row.get("verdict") or row.get("disposition") or "note"
    # As the log names it, which is how the explanation below names it too.
    step = row.get("log_id") or row.get("step")
    where = "" if step is None else f", step {md(str(step))}"
    lines = [f"### {title}: {md(row.get('task') or row['trajectory_id'])}{where}"]
    for key in ("group", "effect", "target", "lane", "outcome", "passes_filter", "risk", "explanation"):
        value = row.get(key)
        if value not in (None, ""):
            lines.append(f"- {key.replace('_', ' ')}: {md(str(value))}")
    if row.get("approximate"):
        lines.append("- alignment: approximate (the pair is too long to be aligned exactly)")
    if row.get("action"):
        lines += ["", code_block(str(row["action"]))]
    if row.get("note"):
        lines += ["", "> " + md(str(row["note"]))]
    lines.append(f"\n{md(str(row['author']))}, {row['time']}")
    return "\n".join(lines)


def md(text: str) -> str:
    """Log text inside a Markdown sentence: one line, nothing that Markdown or HTML would act on."""
    return "".join("\\" + c if c in "\\`*_{}[]<>()#!|~" else c for c in one_line(text, 400))


def code_block(text: str, limit: int = 4000) -> str:
    """Log text as a fenced block whose fence is longer than any in the text."""
    shown = visible(text[:limit])
    fence = "```"
    while fence in shown:
        fence += "`"
    return f"{fence}\n{shown}\n{fence}"


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    columns = list(dict.fromkeys(key for row in rows for key in row)) or ["trajectory_id"]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if row.get(c) is None else csv_cell(str(row[c])) for c in columns])
    return out.getvalue()


def _event(row: Mapping[str, Any]) -> Annotation:
    return Annotation(
        id=str(row["id"]),
        subject=Subject(**row["subject"]),
        kind=AnnotationKind(row["kind"]),
        value=str(row["value"]),
        author=str(row["author"]),
        time=str(row["time"]),
        reason=str(row["reason"]),
        supersedes=row["supersedes"],
    )
