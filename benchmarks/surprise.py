"""Surprise: how fast it is, and what it adds to the ranking of AgentDojo's pairs.

The first part times the model on made-up steps. The second takes pairs of files and labels of ``agentdojo_risk.py``:
the risk with other weights of "surprise" (0 = as if there were none), and surprise alone as a score of trajectories.
Surprise has no parameter that was chosen on these labels.

    python benchmarks/surprise.py
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from agentdojo_risk import FAMILIES, audit_family
from ranking import Judged, auroc, baselines, pooled, pooled_auroc, precision_at, risk_of
from real_logs import MACHINE, Audited

from explorer.analysis.alignment.features import Features
from explorer.analysis.divergence.surprise import Surprise, next_action_surprise
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings, RiskWeights
from explorer.model.trajectory import Dataset
from tests.builders import build_dataset

_WEIGHTS = (0.0, 0.25, 0.5, 1.0, 2.0)
_TRAJECTORIES, _LENGTH = 28_000, 36


def time_model() -> None:
    """Seconds for a million steps with few and many different actions."""
    dataset = _steps_of_nothing()
    settings = AuditSettings((("T", Role.TEACHER), ("S", Role.STUDENT)))
    random = np.random.default_rng(1)
    n = dataset.n_steps
    for tools in (60, 3_000, 1_000_000):
        tool = (random.zipf(1.5, n) % tools).astype(np.int32)
        features = Features(
            (tool % 9).astype(np.int16), np.zeros(n, np.uint64), tool, tool, tool, np.zeros((n, 4), np.uint64),
            np.zeros(n, bool), np.zeros(n, np.int32), (),
        )  # fmt: skip
        start = time.perf_counter()
        next_action_surprise(dataset, features, settings)
        took = time.perf_counter() - start
        print(f"  {n:,} steps, {len(np.unique(tool)):,} different tools: {took:.2f} s")


def _steps_of_nothing() -> Dataset:
    """Many trajectories of two groups; what their steps do is given beside them."""
    small = build_dataset({"T": {"a": [("finish", None, "")]}})
    steps = small.steps.take(np.zeros(_TRAJECTORIES * _LENGTH, np.int64))
    row = small.trajectories.to_pylist()[0]
    rows = [
        {**row, "trajectory_id": f"{n:08}", "group": "TS"[n % 2], "task_id": f"t{n // 2 % 5_000}", "n_steps": _LENGTH,
         "step_offset": n * _LENGTH, "n_turns": 0, "turn_offset": 0}
        for n in range(_TRAJECTORIES)
    ]  # fmt: skip
    return Dataset(steps, small.turns.slice(0, 0), type(steps).from_pylist(rows, small.trajectories.schema), "made up")


def alone(audited: Audited, rows: npt.NDArray[np.int32]) -> dict[str, npt.NDArray[np.float64]]:
    """Scores of trajectories by surprise alone."""
    nats, offsets = audited.surprise.nats, audited.dataset.step_offsets
    concern = audited.effects.concern(audited.settings.concern) == 1
    spans = [slice(int(offsets[row]), int(offsets[row + 1])) for row in rows.tolist()]
    return {
        "surprise alone, the largest": np.array([nats[span].max(initial=0.0) for span in spans], float),
        "surprise alone, the mean": np.array([nats[span].mean() if nats[span].size else 0.0 for span in spans], float),
        "surprise alone, largest of concern": np.array(
            [nats[span][concern[span]].max(initial=0.0) for span in spans], float
        ),
    }


def without_siblings(audited: Audited) -> Surprise:
    """The same with all injections of a user task as one task: a task is then judged by no sibling of it either."""
    dataset = audited.dataset
    logs = [dataset.log_values(row) for row in range(dataset.n_trajectories)]
    keys = pa.array([f"{log['suite_name']}/{log['user_task_id']}" for log in logs], pa.string())
    table = dataset.trajectories
    place = table.schema.get_field_index("task_id")
    renamed = table.set_column(place, table.schema.field(place), keys)
    again = Dataset(dataset.steps, dataset.turns, renamed, dataset.fingerprint)
    return next_action_surprise(again, audited.features, audited.settings)


def rank_agentdojo() -> None:
    """What the weight of surprise does to the risk, and surprise alone beside it."""
    found: dict[tuple[str, float], list[Judged]] = {}
    beside: dict[str, list[Judged]] = {"student": [], "teacher": []}
    for first, second in FAMILIES:
        audited = audit_family(first, second)
        told = audited.surprise
        apart = without_siblings(audited)
        print(f"  {first} → {second}: {told.trajectories} trajectories of {told.tasks} tasks to learn from, "
              f"{told.usual:.2f} nats a step on the teacher's own; {apart.usual:.2f} if all {apart.tasks} user tasks "
              "are kept apart")  # fmt: skip
        dataset, pairing = audited.dataset, audited.alignments.pairing
        logs = [dataset.log_values(row) for row in range(dataset.n_trajectories)]
        injected = np.array([logs[row]["injection_task_id"] is not None for row in pairing.student], bool)
        did = np.array([bool(log["security"]) for log in logs])
        one, two = pairing.teacher[injected], pairing.student[injected]
        tasks = [f"{logs[row]['suite_name']}/{logs[row]['user_task_id']}" for row in two]
        for side, mine, other in (("student", two, one), ("teacher", one, two)):
            label = did[mine] & ~did[other]
            for weight in _WEIGHTS:
                risk = risk_of(audited, side, replace(RiskWeights(), surprise=weight))[mine]
                found.setdefault((side, weight), []).append(Judged({"risk": risk}, label, tasks))
            counted = baselines(audited, other, mine)["count of concern"]
            scores = {"risk": risk_of(audited, side)[mine], **alone(audited, mine), "count of concern": counted}
            beside[side].append(Judged(scores, label, tasks))
    for side, name in (("student", "student unsafe and teacher not"), ("teacher", "mirror: teacher unsafe")):
        print(f"\n{name}, by the weight of “surprise”: AUROC over all [each pair of files]; mean precision at 10")
        for weight in _WEIGHTS:
            parts = found[side, weight]
            each = ", ".join(f"{auroc(part.scores['risk'], part.label):.3f}" for part in parts)
            precision = np.mean([precision_at(part.scores["risk"], part.label) for part in parts])
            print(f"  {weight:4.2f}  {pooled_auroc(parts):.4f} [{each}]  {precision:.2f}")
        for line in pooled(f"{name}, surprise alone", beside[side]):
            print(line)


def main() -> None:
    print(f"{MACHINE}\n\nspeed")
    time_model()
    print("\nAgentDojo, concern list harm")
    rank_agentdojo()


if __name__ == "__main__":
    main()
