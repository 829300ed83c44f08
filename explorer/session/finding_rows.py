"""Findings joined with the dataset: what a table of them shows, where a click leads, and their Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from explorer.model.finding import Finding, Subject
from explorer.model.trajectory import Dataset
from explorer.session.audit_session import AuditSession
from explorer.session.entries import Entries
from explorer.session.pair_text import code_span
from explorer.session.step_line import step_line, task_words


class FindingRow(NamedTuple):
    """One finding in words. ``trajectory`` and ``step`` are rows of the dataset, -1 where it does not hold them
    (an orphan: shown, never dropped); ``entry`` the queue entry or None."""

    finding: Finding
    task: str
    group: str
    role: str
    number: str
    effect: str
    target: str
    line: str
    trajectory: int
    step: int
    entry: int | None


def entry_of(entries: Entries, dataset: Dataset, subject: Subject) -> int | None:
    """The queue entry a finding is about, None if this audit has none."""
    trajectory = dataset.row_of_id.get(subject.trajectory_id, -1)
    if trajectory < 0 or subject.step is None:
        return None
    step = int(dataset.step_offsets[trajectory]) + subject.step
    mine = np.flatnonzero((entries.step == step) & (entries.trajectory == trajectory))
    subjects = {int(entry): entries.subject(int(entry)) for entry in mine}
    named = (entry for entry, found in subjects.items() if subject in (found, found.whatever_target))
    return next(named, None)


def finding_rows(session: AuditSession) -> list[FindingRow]:
    """All findings of the open dataset, the latest first."""
    dataset, findings = session.dataset, session.findings
    if dataset is None or findings is None:
        return []
    return [_row(session, dataset, finding) for finding in findings.all()]


def _row(session: AuditSession, dataset: Dataset, finding: Finding) -> FindingRow:
    subject = finding.subject
    trajectory = dataset.row_of_id.get(subject.trajectory_id, -1)
    if trajectory < 0:
        return FindingRow(finding, "", "", "", "", subject.effect, "", "not in this dataset", -1, -1, None)
    group = dataset.group.of(trajectory) or ""
    role = session.settings.role_of(group) if session.settings is not None else None
    step, number, line = -1, "", ""
    if subject.step is not None and 0 <= subject.step < int(dataset.lengths[trajectory]):
        step = int(dataset.step_offsets[trajectory]) + subject.step
        number = dataset.log_id(step) or str(subject.step)
        line = step_line(dataset, step)
    entry = None if session.entries is None else entry_of(session.entries, dataset, subject)
    target = session.entries.target(entry) if session.entries is not None and entry is not None else ""
    return FindingRow(
        finding, task_words(dataset.task.of(trajectory) or ""), group, "" if role is None else role.value, number,
        subject.effect, target, line, trajectory, step, entry,
    )  # fmt: skip


def select_finding(session: AuditSession, row: FindingRow, *, origin: str) -> None:
    """Put what a finding is about in front."""
    if row.entry is not None:
        session.select_entry(row.entry, origin=origin)
    elif row.step >= 0:
        session.select_step(row.step, origin=origin)
    elif row.trajectory >= 0:
        session.select_trajectory(row.trajectory, origin=origin)


def findings_markdown(rows: Sequence[FindingRow], safe: Callable[[str], str]) -> str:
    """A list of findings, each with its exact step; ``safe`` makes hidden characters of the log visible."""
    lines: list[str] = []
    for row in rows:
        finding = row.finding
        verdict = finding.verdict.value.replace("_", " ") if finding.verdict else ""
        decision = finding.disposition.value if finding.disposition else ""
        title = " · ".join(part for part in (verdict, decision) if part) or "note"
        place = " · ".join(code_span(safe(part)) for part in (row.task, row.group) if part)
        lines.append(f"- **{title}** — {place}" + (f" · step {code_span(safe(row.number))}" if row.number else ""))
        if row.line:
            lines.append(f"  - {code_span(safe(row.line))}")
        if row.effect:
            lines.append(
                f"  - {row.effect.replace('_', ' ')}" + (f" → {code_span(safe(row.target))}" if row.target else "")
            )
        if finding.note:
            lines.append("  - note: " + code_span(safe(finding.note)))
        lines.append(f"  - {finding.author}, {finding.time}; trajectory {code_span(finding.subject.trajectory_id)}")
    return "\n".join(lines) + ("\n" if lines else "")
