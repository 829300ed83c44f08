"""Hand-made audits for tests of the window: a dataset, effects, alignments and entries told in a few words.

The numbers are invented, the tables are real: they go through the same files and the same ``accept`` as those of
the pipeline.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from explorer.model.divergence import RISK_PARTS, Lane
from explorer.model.effect import EffectKind
from explorer.model.result import TABLES, AuditResult
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings
from explorer.model.token_filter import FilterSpec
from explorer.model.trajectory import Dataset
from explorer.session.annotation_store import AnnotationStore
from explorer.session.artifact_store import ArtifactStore
from explorer.session.audit_session import AuditFiles, AuditSession
from explorer.session.dataset_files import write_result, write_table

Key = tuple[str, str, int]
"""Group, task, step."""


@dataclass(frozen=True)
class MadeEffect:
    """An effect of one step; ``evidence`` is the piece of the arguments it was read from."""

    kind: EffectKind
    severity: int = 0
    target: str | None = None
    evidence: str = ""
    rule: str = "test.rule"
    via: tuple[str, ...] = ()
    explanation: str = ""
    terms: tuple[str, ...] = ()
    escapes: bool = False


@dataclass(frozen=True)
class MadeEntry:
    """One divergence: the steps on both sides within their trajectories (None = gap)."""

    task: str
    lane: Lane | None
    effect: EffectKind
    risk: float
    teacher: tuple[str, int | None] | None = None
    student: tuple[str, int | None] | None = None
    target: str | None = None
    severity: int = 2
    outcome: str = "succeeded"
    passes: bool = False
    escapes: bool = False
    repeats: int = 1
    first: bool = False
    after_input: bool = False
    origin: str | None = "request"
    cluster: int = 0
    explanation: str = "Made up for a test."
    approximate: bool = False


@dataclass(frozen=True)
class MadePair:
    """One alignment: pairs of step numbers, None = gap; rows whose arguments are equal are matches, with ``loose`` all
    that are aligned."""

    task: str
    teacher: str
    student: str
    rows: Sequence[tuple[int | None, int | None]]
    z: float | None = -1.8
    approximate: bool = False
    first_divergence: int | None = None
    first_input_difference: int | None = None
    difference: str | None = None
    unusual: float | None = None
    own_pairs: int = 0
    own_scope: str | None = None
    own_group: str | None = None
    loose: bool = False


@dataclass(frozen=True)
class MadeAudit:
    """Everything :func:`make_result` needs besides the dataset."""

    roles: tuple[tuple[str, Role], ...]
    effects: Mapping[Key, Sequence[MadeEffect]] = field(default_factory=dict)
    pairs: Sequence[MadePair] = ()
    entries: Sequence[MadeEntry] = ()

    @property
    def settings(self) -> AuditSettings:
        return AuditSettings(self.roles, token_filter=FilterSpec("paper", ("rm", "delete", "remove")), with_map=False)


def _trajectory(dataset: Dataset, group: str, task: str) -> int:
    for row in range(dataset.n_trajectories):
        if dataset.group.of(row) == group and dataset.task.of(row) == task:
            return row
    raise KeyError((group, task))


def _effect_row(effect: MadeEffect, arguments: str) -> dict[str, Any]:
    start = arguments.find(effect.evidence) if effect.evidence else -1
    return {
        "kind": effect.kind.value, "severity": effect.severity, "reversible": False if effect.severity > 1 else None,
        "target_type": "path" if effect.target else None, "target": effect.target,
        "scope": "one" if effect.target else None, "via": list(effect.via), "rule": effect.rule, "confidence": 1.0,
        "outcome": None, "deferred": False, "span_start": None if start < 0 else start,
        "span_end": None if start < 0 else start + len(effect.evidence), "note": "",
        "explanation": effect.explanation or f"{effect.kind.value} of {effect.target}.",
    }  # fmt: skip


def make_result(dataset: Dataset, audit: MadeAudit) -> AuditResult:
    """The tables of a hand-made audit, in the published schemas."""
    roles = dict(audit.roles)
    steps: list[dict[str, Any]] = []
    for row in range(dataset.n_steps):
        trajectory = int(dataset.trajectory_of_step[row])
        step = row - int(dataset.step_offsets[trajectory])
        group, task = dataset.group.of(trajectory) or "", dataset.task.of(trajectory) or ""
        given = audit.effects.get((group, task, step), (MadeEffect(EffectKind.READ),))
        arguments = dataset.step_text(row).arguments or ""
        worst = max(given, key=lambda e: e.severity, default=None)
        terms = [term for effect in given for term in effect.terms]
        steps.append({
            "trajectory_id": dataset.trajectory_ids[trajectory], "group": group, "role": roles.get(group),
            "task_id": task, "trial": int(dataset.trial[trajectory]), "step": step, "log_id": dataset.log_id(row),
            "kind": dataset.kind.of(row), "tool": dataset.tool.of(row), "outcome": dataset.outcome.of(row),
            "effects": [_effect_row(effect, arguments) for effect in given],
            "headline_effect": None if worst is None else worst.kind.value,
            "severity": 0 if worst is None else worst.severity,
            "concern": any(e.severity > 1 for e in given), "filter_flagged": bool(terms), "filter_terms": terms,
            "escapes_all": any(e.escapes for e in given), "lane": None, "n_repeats": 1,
            "caught_by": [],
        })  # fmt: skip
    trajectories = [_trajectory_row(dataset, row, roles) for row in range(dataset.n_trajectories)]
    pairs, alignment = [], []
    for made in audit.pairs:
        pair, rows = _pair_rows(dataset, made)
        pairs.append(pair)
        alignment.extend(rows)
    ordered = sorted(audit.entries, key=lambda e: -e.risk)
    divergences = [_entry_row(dataset, audit, entry, rank) for rank, entry in enumerate(ordered, 1)]
    tables = {"steps": steps, "trajectories": trajectories, "pairs": pairs, "alignment": alignment,
              "divergences": divergences, "rates": []}  # fmt: skip
    made_tables = {name: pa.Table.from_pylist(rows, TABLES[name]) for name, rows in tables.items()}
    return AuditResult(made_tables, {"schema_version": 1, "roles": {group: role.value for group, role in audit.roles}})


def _trajectory_row(dataset: Dataset, row: int, roles: Mapping[str, Role]) -> dict[str, Any]:
    group = dataset.group.of(row) or ""
    return {
        "trajectory_id": dataset.trajectory_ids[row], "source_trajectory_id": None, "group": group,
        "role": roles.get(group), "task_id": dataset.task.of(row), "trial": int(dataset.trial[row]),
        "n_steps": int(dataset.lengths[row]), "end": dataset.end.of(row), "source_file": "built.parquet",
        "source_row": row, "n_concern": 0, "n_cannot_tell": 0, "n_key": 0, "filter_drops": False, "risk": None,
        "map_x": None, "map_y": None, "unpaired_reason": None,
    }  # fmt: skip


def _pair_id(teacher: str, student: str) -> str:
    return hashlib.sha256(f"{teacher}|{student}".encode()).hexdigest()[:16]


def _pair_rows(dataset: Dataset, made: MadePair) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    teacher, student = (_trajectory(dataset, group, made.task) for group in (made.teacher, made.student))
    ids = dataset.trajectory_ids[teacher], dataset.trajectory_ids[student]
    rows: list[dict[str, Any]] = []
    for number, (left, right) in enumerate(made.rows):
        similarity = None
        if left is None:
            operation = "student_only"
        elif right is None:
            operation = "teacher_only"
        else:
            a, b = (dataset.step_text(dataset.rows(t)[s]).arguments for t, s in ((teacher, left), (student, right)))
            operation, similarity = ("match", 1.0) if a == b or made.loose else ("substitute", 0.42)
        rows.append({"pair_id": _pair_id(*ids), "row": number, "operation": operation, "teacher_step": left,
                     "student_step": right, "similarity": similarity})  # fmt: skip
    counts = {f"n_{name}": sum(row["operation"] == name for row in rows)
              for name in ("match", "substitute", "teacher_only", "student_only")}  # fmt: skip
    pair = {
        "pair_id": _pair_id(*ids), "teacher_trajectory_id": ids[0], "student_trajectory_id": ids[1],
        "task_id": made.task, "score": 1.0, "normalised": 0.5, "z": made.z,
        "agreement": counts["n_match"] / max(1, len(rows)), **counts, "first_divergence_row": made.first_divergence,
        "first_input_difference_row": made.first_input_difference, "approximate": made.approximate, "best": True,
        "first_divergence": made.difference, "less_alike_than": made.unusual, "n_own_pairs": made.own_pairs,
        "own_scope": made.own_scope, "own_group": made.own_group,
    }  # fmt: skip
    return pair, rows


def _entry_row(dataset: Dataset, audit: MadeAudit, entry: MadeEntry, rank: int) -> dict[str, Any]:
    ids: list[str | None] = []
    for side in (entry.teacher, entry.student):
        ids.append(None if side is None else dataset.trajectory_ids[_trajectory(dataset, side[0], entry.task)])
    teacher_step = None if entry.teacher is None else entry.teacher[1]
    student_step = None if entry.student is None else entry.student[1]
    row = None
    for made in audit.pairs:
        if entry.teacher and entry.student and (made.task, made.teacher, made.student) == (
            entry.task, entry.teacher[0], entry.student[0],
        ):  # fmt: skip
            row = next((n for n, (a, b) in enumerate(made.rows) if (a, b) == (teacher_step, student_step)), None)
    return {
        "rank": rank, "risk": entry.risk, "risk_parts": dict.fromkeys(RISK_PARTS, 1.0),
        "pair_id": None if row is None else _pair_id(str(ids[0]), str(ids[1])), "task_id": entry.task,
        "teacher_trajectory_id": ids[0], "student_trajectory_id": ids[1], "row": row, "operation": None,
        "teacher_step": teacher_step, "student_step": student_step, "lane": entry.lane, "effect": entry.effect.value,
        "target": entry.target, "severity": entry.severity, "outcome": entry.outcome, "passes_filter": entry.passes,
        "escapes_all": entry.escapes, "n_repeats": entry.repeats, "first": entry.first,
        "after_input_difference": entry.after_input, "resync_row": None, "explanation": entry.explanation,
        "target_origin": entry.origin, "cluster": entry.cluster, "approximate": entry.approximate,
    }  # fmt: skip


def open_session(folder: Path, dataset: Dataset, result: AuditResult, settings: AuditSettings) -> AuditSession:
    """A session that shows a dataset and a result, both through their files."""
    data = folder / "dataset"
    data.mkdir(parents=True)
    for name in ("steps", "turns", "trajectories"):
        write_table(getattr(dataset, name), data / f"{name}.arrow")
    (data / "report.json").write_text(json.dumps({"fingerprint": dataset.fingerprint}), "utf-8")
    session = AuditSession(AnnotationStore(folder / "findings.sqlite"), ArtifactStore(folder / "cache"), "reviewer")
    session.open_dataset(data, "made up")
    target = session.cache.prepare("audits", "made")
    write_result(result, target)
    session.accept(AuditFiles(target, settings))
    return session
