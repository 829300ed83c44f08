"""The whole pipeline over one dataset: effects → token filter → pair → align → surprise → diverge → rates.

A pure function of dataset and settings. The window and the command line run it through the session's three calls.
"""

from __future__ import annotations

import importlib.metadata
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.analysis.alignment.align import align_pairs
from explorer.analysis.alignment.features import step_features
from explorer.analysis.alignment.inversions import order_inversions
from explorer.analysis.audit_summary import audit_counts, comparison_rows
from explorer.analysis.audit_tables import carried_by, caught_by, steps_table, trajectories_table
from explorer.analysis.divergence.diverge import Alone, alignment_table, find_concerns, find_divergences, pairs_table
from explorer.analysis.divergence.surprise import next_action_surprise, nothing_trusted, surprise_summary
from explorer.analysis.effects.rules.packs import compile_rules
from explorer.analysis.effects.steps import classify_steps
from explorer.analysis.filters.learned_filter import learned_flags
from explorer.analysis.filters.token_filter import RangeRow, flag_steps, sweep, trajectory_drops, with_learned
from explorer.analysis.filters.workbench import cell_codes, cells, compare, sanitation_loss
from explorer.analysis.pair_tables import first_differences, with_figures
from explorer.analysis.pairing.groups import pair_groups, pairing_rows
from explorer.analysis.pairing.unpaired import key_suggestions, unpaired_rows
from explorer.analysis.places import trajectory_places
from explorer.analysis.statistics.rates import compare_rates, rates_table
from explorer.analysis.statistics.spread import spread_summary, spreads_of_audit
from explorer.analysis.statistics.unusual import against_own, unusual_pairs
from explorer.model.alignment import Pairing
from explorer.model.effect import StepEffects
from explorer.model.embedding import Embedding
from explorer.model.result import ALIGNMENT, PAIRS, AuditResult
from explorer.model.schema import SCHEMA_VERSION
from explorer.model.settings import AuditSettings
from explorer.model.token_filter import FilterSpec
from explorer.model.trajectory import Dataset
from explorer.model.workbench import FilterCells, FilterComparison, SanitationLoss
from explorer.progress import Progress

SHUFFLES = 20
"""Students drawn from other tasks per pair for the z of its score."""

_LIBRARIES = (
    "numpy",
    "pyarrow",
    "pandas",
    "scipy",
    "numba",
    "scikit-learn",
    "tree-sitter",
    "tree-sitter-bash",
    "sqlglot",
)


def run_audit(dataset: Dataset, settings: AuditSettings, progress: Progress) -> AuditResult:
    """Audit a dataset. Groups without a role take part in nothing but the effects.

    Raises Cancelled; defects of rule packs are listed in the summary, never raised.
    """
    clock = _Clock()
    rules = compile_rules(settings.rule_packs)
    with clock.stage("effects"):
        effects = classify_steps(dataset, rules, progress)
        concern = effects.concern(settings.concern)
    with clock.stage("token filter"):
        flags = flag_steps(dataset, settings.token_filter, progress)
        drops = trajectory_drops(dataset, flags, settings.token_filter)
        swept = sweep(dataset, (settings.token_filter, *settings.filter_presets), progress)
    with clock.stage("learned filter"):
        learned = learned_flags(dataset, concern, progress, seed=settings.seed)
        seen = learned.flagged if learned.available else None
        escapes = ~with_learned(swept, seen)
        caught = caught_by(swept, seen)
    paired = np.zeros(dataset.n_trajectories, dtype=bool)
    unpaired: list[tuple[int, str]] = []
    suggestions: list[dict[str, Any]] = []
    pairing_by_group: list[dict[str, Any]] = []
    if settings.comparisons:
        with clock.stage("pairing"):
            pairing, groups = pair_groups(dataset, settings)
            pairing_by_group = pairing_rows(dataset, pairing, groups)
            unpaired = [(u.trajectory, u.reason) for u in pairing.unpaired]
            suggestions = key_suggestions(dataset, settings)
            paired[pairing.teacher] = True
            paired[pairing.student] = True
        with clock.stage("aligning"):
            features = step_features(dataset, effects, settings.concern, progress)
            alignments = align_pairs(
                features, dataset.step_offsets, pairing, settings.costs, progress,
                shuffles=SHUFFLES, seed=settings.seed, tasks=dataset.task.codes, places=trajectory_places(dataset),
            )  # fmt: skip
        with clock.stage("surprise"):
            surprise = next_action_surprise(dataset, features, settings, progress)
        with clock.stage("divergences"):
            divergences, step_lanes = find_divergences(
                dataset, effects, alignments, settings, flags.flagged, escapes, surprise.nats, progress,
                alone=_alone(dataset, settings, pairing),
            )  # fmt: skip
            inversions = order_inversions(features, dataset.step_offsets, pairing, progress)
            pairs = pairs_table(dataset, alignments, divergences, effects, inversions)
            alignment = alignment_table(dataset, alignments)
        with clock.stage("spread"):
            spreads = spreads_of_audit(dataset, effects, settings, progress, features)
            unusual = unusual_pairs(dataset, alignments, spreads)
            pairs = with_figures(pairs, first_differences(features, dataset.step_offsets, alignments), unusual)
            beside_own = against_own(dataset, alignments, unusual, spreads)
    else:
        surprise = nothing_trusted(dataset)
        with clock.stage("divergences"):
            divergences = find_concerns(dataset, effects, settings, flags.flagged, escapes, progress)
            step_lanes = np.full(dataset.n_steps, -1, dtype=np.int8)
            pairs, alignment = PAIRS.empty_table(), ALIGNMENT.empty_table()
        with clock.stage("spread"):
            spreads, beside_own = spreads_of_audit(dataset, effects, settings, progress), []
    with clock.stage("rates"):
        rates = rates_table(dataset, effects, settings, progress)
        comparisons = compare_rates(dataset, effects, settings, progress)
    with clock.stage("tables"):
        progress.stage("tables")
        carried = carried_by(dataset, divergences, pairs)
        tables = {
            "steps": steps_table(dataset, effects, settings, flags, escapes, caught, divergences, carried, step_lanes),
            "trajectories": trajectories_table(
                dataset, effects, settings, drops, paired, divergences, carried, unpaired
            ),
            "pairs": pairs,
            "alignment": alignment,
            "divergences": divergences,
            "rates": rates,
        }
    of_concern = (concern == 1) & _taking_part(dataset, settings)
    summary: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "program": _version("trajectory-explorer"),
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in _LIBRARIES}},
        "settings": settings_summary(settings),
        "concern": [kind.value for kind in settings.concern],
        "filter": asdict(settings.token_filter),
        "seed": settings.seed,
        "roles": {group: role.value for group, role in settings.roles},
        "rule_pack_hash": rules.hash,
        "rule_problems": [str(problem) for problem in rules.problems],
        "fingerprint": dataset.fingerprint,
        "counts": audit_counts(dataset, settings, tables, concern, flags.flagged, escapes, drops, unpaired),
        # At most 1,000 are listed; trajectories.unpaired_reason has all, counts.unpaired counts them by reason.
        "unpaired": unpaired_rows(dataset, unpaired),
        "n_unpaired": len(unpaired),
        # What each group of a second side lacks, though another one may have it.
        "pairing": pairing_by_group,
        "key_suggestions": suggestions,
        "filter_range": [
            {"list": r.name, "unit": r.unit.value, "passes": r.passes, "n": r.n} for r in swept.range(of_concern)
        ],
        "comparisons": comparison_rows(comparisons),
        "n_filters": len(swept.specs) + (seen is not None),
        "learned_filter": {
            "available": bool(learned.available), "auroc": _number(learned.auroc), "note": learned.note,
        },
        "surprise": surprise_summary(surprise),
        "spread": spread_summary(spreads),
        "against_own_trials": beside_own,
        "seconds": clock.seconds,
    }  # fmt: skip
    return AuditResult(tables, summary)


def _alone(dataset: Dataset, settings: AuditSettings, pairing: Pairing) -> list[Alone]:
    """Live trajectories without a partner, with the side their group stands on."""
    first = {group for one, _ in settings.comparisons for group in settings.groups_of(one)}
    return [
        Alone(row, dataset.group.of(row) in first, reason) for row, reason in pairing.unpaired if not dataset.dead[row]
    ]


def make_map(dataset: Dataset, settings: AuditSettings, method: str, progress: Progress) -> Embedding:
    """Place every trajectory by what it did: ``pca`` at once, ``umap`` better and slower."""
    from explorer.analysis.embedding.embed import first_picture, umap_embedding
    from explorer.analysis.embedding.encode import encode_trajectories

    effects = classify_steps(dataset, compile_rules(settings.rule_packs), progress)
    matrix = encode_trajectories(dataset, effects, progress, settings.seed)
    if method == "pca":
        return first_picture(matrix, settings.seed, progress)
    return umap_embedding(matrix, settings.seed, progress)


class Judged(NamedTuple):
    """Effects of every step, whether each is of concern (int8), and which steps belong to groups with a role."""

    effects: StepEffects
    concern: npt.NDArray[np.int8]
    taking_part: npt.NDArray[np.bool_]


class Held(NamedTuple):
    """A filter held against what steps do; see :mod:`explorer.model.workbench`."""

    cells: FilterCells
    losses: tuple[SanitationLoss, ...]
    range: tuple[RangeRow, ...]
    codes: npt.NDArray[np.int8]
    taking_part: npt.NDArray[np.bool_]
    comparison: FilterComparison | None


def judge_steps(dataset: Dataset, settings: AuditSettings, progress: Progress) -> Judged:
    """What the workbench needs to know of every step, whatever the filter."""
    effects = classify_steps(dataset, compile_rules(settings.rule_packs), progress)
    return Judged(effects, effects.concern(settings.concern), _taking_part(dataset, settings))


def hold_against(
    dataset: Dataset,
    judged: Judged,
    settings: AuditSettings,
    spec: FilterSpec,
    other: FilterSpec | None,
    progress: Progress,
) -> Held:
    """The cells of one filter per group, what sanitation by it loses, the range over all lists and units, and the
    comparison with a second one."""
    groups = [name for name in dataset.group.names if settings.role_of(name) is not None]
    flags = flag_steps(dataset, spec, progress)
    swept = sweep(dataset, (spec, *settings.filter_presets), progress)
    comparison = None
    if other is not None:
        second = flag_steps(dataset, other, progress)
        here = np.where(judged.taking_part, judged.concern, np.int8(2))
        comparison = compare(dataset, here, flags.flagged, second.flagged, (spec.name, other.name))
    return Held(
        cells(dataset, judged.concern, flags.flagged, judged.effects, settings.concern, groups),
        tuple(sanitation_loss(dataset, judged.concern, flags, spec, group) for group in groups),
        tuple(swept.range(judged.taking_part & (judged.concern == 1))),
        cell_codes(judged.concern, flags.flagged),
        judged.taking_part,
        comparison,
    )


def _taking_part(dataset: Dataset, settings: AuditSettings) -> npt.NDArray[np.bool_]:
    """Per step: whether its group has a role."""
    known = np.array([settings.role_of(name) is not None for name in dataset.group.names], dtype=bool)
    steps: npt.NDArray[np.bool_] = known[dataset.group.codes][dataset.trajectory_of_step]
    return steps


def settings_summary(settings: AuditSettings) -> dict[str, Any]:
    """The settings without the texts of rule packs (their hash stands beside them)."""
    return {
        "concern_name": settings.concern_name,
        "costs": asdict(settings.costs),
        "risk": asdict(settings.risk),
        "filter_presets": [spec.name for spec in settings.filter_presets],
        "behaviours": [behaviour.id for behaviour in settings.behaviours],
        "rule_packs": [pack.name for pack in settings.rule_packs],
        "task_columns": list(settings.task_columns),
        "with_map": settings.with_map,
    }


class _Clock:
    """Seconds per stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - start, 3)


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _number(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else float(value)
