"""The counts of an audit that its summary sentences are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.model.divergence import LANES, Lane
from explorer.model.rate import RateComparison, RateVerdict
from explorer.model.schema import End, Outcome
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset, coded

BoolArray = npt.NDArray[np.bool_]


def audit_counts(
    dataset: Dataset,
    settings: AuditSettings,
    tables: Mapping[str, pa.Table],
    concern: npt.NDArray[np.int8],
    flagged: BoolArray,
    escapes: BoolArray,
    drops: BoolArray,
    unpaired: Sequence[tuple[int, str]],
) -> dict[str, Any]:
    """Counts over the whole audit and per group; every one can be found again in the tables."""
    divergences, pairs = tables["divergences"], tables["pairs"]
    lane = coded(divergences["lane"])
    passes = divergences["passes_filter"].to_numpy()
    escaped = divergences["escapes_all"].to_numpy()
    lanes = {}
    for name in LANES:
        member = lane.codes == lane.code(name)
        lanes[name.value] = {
            "entries": int(member.sum()),
            "pass": int((member & passes).sum()),
            "escape_all": int((member & escaped).sum()),
            **_acts(divergences, member),
        }
    # Groups without a role take no part, so they are in no total either.
    taking_part = np.array([settings.role_of(name) is not None for name in dataset.group.names], dtype=bool)
    mine = taking_part[dataset.group.codes] if len(taking_part) else np.zeros(0, dtype=bool)
    steps = mine[dataset.trajectory_of_step]
    yes = steps & (concern == 1)
    return {
        "groups": {
            name: _group_counts(dataset, settings, name, concern, flagged, escapes, drops)
            for name in dataset.group.names
        },
        "tasks": len(np.unique(dataset.task.codes[mine])),
        "trajectories": int(mine.sum()),
        "steps": int(steps.sum()),
        "dead": int((dataset.dead & mine).sum()),
        "pairs": int(pairs.num_rows),
        "paired_tasks": len(set(pairs["task_id"].to_pylist())),
        "unpaired": dict(Counter(reason for _, reason in unpaired)),
        "approximate_pairs": int(pairs["approximate"].to_numpy().sum()),
        "approximate_entries": int(divergences["approximate"].to_numpy().sum()),
        "entries": int(divergences.num_rows),
        **_acts(divergences, np.ones(divergences.num_rows, dtype=bool)),
        "second_sides": _second_sides(dataset, settings, divergences),
        "entries_pass": int(passes.sum()),
        "entries_escape_all": int(escaped.sum()),
        "lanes": lanes,
        "key_cell": lanes["student_only"]["pass"],
        "after_input_difference": int(divergences["after_input_difference"].to_numpy().sum()),
        "steps_of_concern": int(yes.sum()),
        "steps_of_concern_pass": int((yes & ~flagged).sum()),
        "steps_of_concern_escape_all": int((yes & escapes).sum()),
        "steps_cannot_tell": int((steps & (concern < 0)).sum()),
        "filter_drops": int((drops & mine).sum()),
    }


def _acts(divergences: pa.Table, member: BoolArray) -> dict[str, int]:
    """Different acts and attempts among entries: what the teacher does is listed once for each group that lacks it."""
    chosen = divergences.filter(pa.array(member)).select(
        ["lane", "teacher_trajectory_id", "teacher_step", "student_trajectory_id", "student_step", "effect", "target",
         "outcome"]
    )  # fmt: skip
    different: dict[tuple[object, ...], bool] = {}
    for lane, teacher, teacher_step, student, student_step, effect, target, outcome in zip(
        *(column.to_pylist() for column in chosen.columns), strict=True
    ):
        at_teacher = lane == Lane.TEACHER_ONLY or student_step is None
        where = (teacher, teacher_step) if at_teacher else (student, student_step)
        different[(*where, effect, target)] = outcome in (Outcome.FAILED, Outcome.NOT_EXECUTED)
    tried = sum(different.values())
    return {"acts": len(different) - tried, "attempts": tried}


def _second_sides(dataset: Dataset, settings: AuditSettings, divergences: pa.Table) -> dict[str, Any]:
    """Entries of each lane by the group that is compared with the first side."""
    second = {two for _, two in settings.comparisons}
    student = coded(divergences["student_trajectory_id"])
    rows = [dataset.row_of_id.get(name, -1) for name in student.names]
    group = np.array([*(-1 if row < 0 else int(dataset.group.codes[row]) for row in rows), -1])[student.codes]
    lane = coded(divergences["lane"])
    passes = divergences["passes_filter"].to_numpy()
    found: dict[str, dict[str, Any]] = {}
    for code, name in enumerate(dataset.group.names):
        role = settings.role_of(name)
        if role is None or role not in second:
            continue
        mine = group == code
        found[name] = {"role": role.value}
        for one in LANES:
            member = mine & (lane.codes == lane.code(one))
            found[name][one.value] = {"entries": int(member.sum()), "pass": int((member & passes).sum())}
    return found


def _group_counts(
    dataset: Dataset,
    settings: AuditSettings,
    name: str,
    concern: npt.NDArray[np.int8],
    flagged: BoolArray,
    escapes: BoolArray,
    drops: BoolArray,
) -> dict[str, Any]:
    mine = dataset.group.codes == dataset.group.code(name)
    steps = mine[dataset.trajectory_of_step]
    yes = steps & (concern == 1)
    role = settings.role_of(name)
    ends = {end.value: int((mine & (dataset.end.codes == dataset.end.code(end))).sum()) for end in End}
    return {
        "role": None if role is None else role.value,
        "trajectories": int(mine.sum()),
        "tasks": len(np.unique(dataset.task.codes[mine])),
        "steps": int(steps.sum()),
        "ends": ends,
        "of_concern": int(yes.sum()),
        "cannot_tell": int((steps & (concern < 0)).sum()),
        "of_concern_pass": int((yes & ~flagged).sum()),
        "of_concern_escape_all": int((yes & escapes).sum()),
        "flagged": int((steps & flagged).sum()),
        "filter_drops": int((mine & drops).sum()),
    }


def comparison_rows(comparisons: Sequence[RateComparison]) -> list[dict[str, Any]]:
    """Comparisons of rates as plain data, each with its sentence."""
    return [
        {
            "behaviour": c.behaviour,
            "first": c.first.value,
            "second": c.second.value,
            "paired": c.paired,
            "n_shared": c.n_shared,
            "difference": _finite(c.difference),
            "low": _finite(c.interval.low),
            "high": _finite(c.interval.high),
            "interval_method": c.interval_method,
            "p": _finite(c.p),
            "q": _finite(c.q),
            "test": c.test,
            "verdict": c.verdict.value,
            "holds": c.holds,
            "more_tasks": c.more_tasks,
            "note": c.note,
            "sentence": comparison_sentence(c),
        }
        for c in comparisons
    ]


def comparison_sentence(c: RateComparison) -> str:
    """One comparison in words: the difference with its interval, the verdict, what would decide."""
    if c.verdict is RateVerdict.NOT_COMPARABLE:
        return f"{c.second} − {c.first}: not comparable ({c.note})"
    points = f"{100 * c.difference:+.0f} pp [{100 * c.interval.low:+.0f}, {100 * c.interval.high:+.0f}]"
    said = f"{c.second} − {c.first} {points.replace('-', '−')}"
    if c.verdict is RateVerdict.INCONCLUSIVE:
        said += " · INCONCLUSIVE"
        if c.more_tasks is not None:
            said += f", ~{c.more_tasks:,} more tasks would decide"
    elif c.verdict is RateVerdict.DIFFERENT:
        said += f" · different (q = {c.q:.2g})"
        if not c.holds:
            said += ", but not if every “cannot tell” is read the other way"
    else:
        said += " · close"
    return said


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
