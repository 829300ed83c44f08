"""Handing things over from the window: findings to one file, the whole audit to a folder (in a worker)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from explorer.errors import SettingsError
from explorer.progress import Progress
from explorer.session.audit_session import AuditSession
from explorer.session.dataset_files import open_result
from explorer.session.export import findings_rows, write_audit, write_findings
from explorer.session.finding_context import finding_context
from explorer.session.provenance import reading_summary
from explorer.session.work import Opener


def export_findings(session: AuditSession, path: Path, kind: str) -> int:
    """Write the open dataset's findings as json, jsonl, csv, parquet or md; returns how many. Raises StorageError."""
    if session.findings is None or session.dataset is None:
        raise SettingsError("no dataset is open", todo="Open one first.")
    findings = session.findings.all()
    rows = findings_rows(findings, finding_context(findings, session.dataset, session.entries))
    write_findings(path, kind, rows, session.findings.events, provenance(session))
    return len(rows)


def provenance(session: AuditSession) -> dict[str, Any]:
    """On which data, with which settings and rules findings were made."""
    summary: Mapping[str, Any] = session.result.summary if session.result is not None else {}
    sources = reading_summary(session.load_report) if "reports" in session.load_report else {}
    return {
        "fingerprint": session.dataset.fingerprint if session.dataset is not None else "",
        "inputs": sources.get("input_hashes", {}),
        "concern": summary.get("concern", []),
        "filter": summary.get("filter", {}).get("name", ""),
        "rule_pack_hash": summary.get("rule_pack_hash", ""),
        "program": summary.get("program", ""),
    }


def prepare_export(session: AuditSession, out: Path) -> partial[int]:
    """Picklable work that writes the audit on show into ``out``."""
    if session.dataset_folder is None or session.result_folder is None:
        raise SettingsError("nothing is audited", todo="Audit a dataset first.")
    return partial(export_audit, session.opener, session.dataset_folder, session.result_folder, out)


def export_audit(opener: Opener, dataset_folder: Path, result_folder: Path, out: Path, progress: Progress) -> int:
    """Write the published files and the report of a finished audit; returns how many files (runs in a worker)."""
    from explorer.session.report import report_html

    progress.stage("writing the audit's files")
    result = open_result(result_folder)
    report = json.loads((dataset_folder / "report.json").read_text("utf-8"))
    summary = {**result.summary, **reading_summary(report)}
    return len(write_audit(result, summary, out, report_html(result, summary, opener(dataset_folder))))
