"""What was judged, in words and numbers: joins findings with the entries and steps they are about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from explorer.model.finding import Finding, Subject
from explorer.model.trajectory import Dataset
from explorer.session.entries import Entries

ACTION_LIMIT = 2000
_FROM_ENTRY = ("lane", "target", "severity", "outcome", "passes_filter", "escapes_all", "explanation", "approximate")


def finding_context(
    findings: Iterable[Finding], dataset: Dataset, entries: Entries | None
) -> dict[Subject, dict[str, Any]]:
    """For each finding of this dataset: task, group, the action, and what its entry says. Findings whose trajectory
    is not in the dataset are left out (they are listed by the caller, never dropped from the log)."""
    context: dict[Subject, dict[str, Any]] = {}
    by_subject = _entries_by_subject(findings, dataset, entries)
    for finding in findings:
        subject = finding.subject
        row = dataset.row_of_id.get(subject.trajectory_id)
        if row is None:
            continue
        known: dict[str, Any] = {
            "task": dataset.task.of(row),
            "group": dataset.group.of(row),
            "trial": int(dataset.trial[row]),
        }
        if subject.step is not None and 0 <= subject.step < int(dataset.lengths[row]):
            step = int(dataset.step_offsets[row]) + subject.step
            text = dataset.step_text(step).arguments or ""
            known |= {"log_id": dataset.log_id(step), "tool": dataset.tool.of(step), "action": text[:ACTION_LIMIT]}
            known["outcome"] = dataset.outcome.of(step)
        entry = by_subject.get(subject)
        if entry is not None and entries is not None:
            frame = entries.frame
            known |= {name: frame.value(name, entry) for name in _FROM_ENTRY if name in frame.table.column_names}
            known["risk"] = round(float(entries.risk[entry]), 3)
        context[subject] = known
    return context


def _entries_by_subject(findings: Iterable[Finding], dataset: Dataset, entries: Entries | None) -> dict[Subject, int]:
    if entries is None:
        return {}
    ids = {finding.subject.trajectory_id for finding in findings}
    rows = [dataset.row_of_id[key] for key in ids if key in dataset.row_of_id]
    found: dict[Subject, int] = {}
    for entry in np.flatnonzero(np.isin(entries.trajectory, rows)).tolist():
        subject = entries.subject(entry)
        found[subject] = entry
        found.setdefault(subject.whatever_target, entry)
    return found
