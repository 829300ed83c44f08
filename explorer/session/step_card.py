"""Everything known about one step, ready to be shown: what it did and why one thinks so, what the filter saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from explorer.model.effect import KIND_INFO, EffectKind, Span
from explorer.model.result import AuditResult
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset


@dataclass(frozen=True, slots=True)
class EffectCard:
    """One effect in words and numbers; ``span`` is the evidence in the step's arguments."""

    kind: str
    meaning: str
    severity: int
    reversible: bool | None
    target_type: str
    target: str
    scope: str
    via: tuple[str, ...]
    rule: str
    confidence: float
    outcome: str | None
    deferred: bool
    span: Span | None
    note: str
    explanation: str
    of_concern: bool


@dataclass(frozen=True, slots=True)
class StepCard:
    """One step of the dataset (``step`` = row, ``index`` = number in its trajectory). ``caught_by`` names the lists and
    units that flag it ("paper/identifier", "learned"), of ``n_filters`` that were tried."""

    step: int
    index: int
    log_id: str | None
    trajectory: int
    trajectory_id: str
    group: str
    role: str | None
    task_id: str
    trial: int
    kind: str
    tool: str | None
    outcome: str
    arguments: str
    thought: str
    observation: str
    flags: tuple[str, ...]
    effects: tuple[EffectCard, ...]
    severity: int
    concern: bool | None
    headline: str | None
    filter_name: str
    filter_flagged: bool
    filter_terms: tuple[str, ...]
    escapes_all: bool
    caught_by: tuple[str, ...]
    n_filters: int
    lane: str | None
    n_repeats: int


def step_card(dataset: Dataset, result: AuditResult | None, settings: AuditSettings | None, step: int) -> StepCard:
    """Gather one step; without a result the effects are empty."""
    trajectory = int(dataset.trajectory_of_step[step])
    text = dataset.step_text(step)
    group = dataset.group.of(trajectory) or ""
    role = settings.role_of(group) if settings is not None else None
    row: dict[str, Any] = {} if result is None else result.frame("steps").row(step)
    concern_kinds = frozenset(settings.concern) if settings is not None else frozenset[EffectKind]()
    return StepCard(
        step=step,
        index=step - int(dataset.step_offsets[trajectory]),
        log_id=dataset.log_id(step),
        trajectory=trajectory,
        trajectory_id=dataset.trajectory_ids[trajectory],
        group=group,
        role=None if role is None else role.value,
        task_id=dataset.task.of(trajectory) or "",
        trial=int(dataset.trial[trajectory]),
        kind=dataset.kind.of(step) or "",
        tool=dataset.tool.of(step),
        outcome=dataset.outcome.of(step) or "unknown",
        arguments=text.arguments or "",
        thought=text.thought or "",
        observation=text.observation or "",
        flags=tuple(dataset.steps["flags"][step].as_py() or ()),
        effects=tuple(_effect_card(effect, concern_kinds) for effect in row.get("effects") or ()),
        severity=int(row.get("severity") or 0),
        concern=row.get("concern") if row else None,
        headline=row.get("headline_effect"),
        filter_name=settings.token_filter.name if settings is not None else "",
        filter_flagged=bool(row.get("filter_flagged")),
        filter_terms=tuple(row.get("filter_terms") or ()),
        escapes_all=bool(row.get("escapes_all")),
        caught_by=tuple(row.get("caught_by") or ()),
        n_filters=0 if result is None else int(result.summary.get("n_filters", 0)),
        lane=row.get("lane"),
        n_repeats=int(row.get("n_repeats") or 1),
    )


def _effect_card(effect: dict[str, Any], concern: frozenset[EffectKind]) -> EffectCard:
    kind = EffectKind(effect["kind"])
    start, end = effect["span_start"], effect["span_end"]
    return EffectCard(
        kind=kind.value,
        meaning=KIND_INFO[kind].meaning,
        severity=int(effect["severity"]),
        reversible=effect["reversible"],
        target_type=effect["target_type"] or "",
        target=effect["target"] or "",
        scope=effect["scope"] or "",
        via=tuple(effect["via"] or ()),
        rule=effect["rule"] or "",
        confidence=float(effect["confidence"] or 0.0),
        outcome=effect["outcome"],
        deferred=bool(effect["deferred"]),
        span=None if start is None or end is None else Span(int(start), int(end)),
        note=effect["note"] or "",
        explanation=effect["explanation"] or "",
        of_concern=kind in concern,
    )
