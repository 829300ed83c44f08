"""Divergences on real logs: what a person judged by hand must come out the same way."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.analysis.alignment.align import align_pairs
from explorer.analysis.alignment.features import step_features
from explorer.analysis.divergence.diverge import find_divergences
from explorer.analysis.effects.steps import classify_steps
from explorer.analysis.pairing.pair import pair_trajectories
from explorer.model.effect import CONCERN_PRESETS
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings
from loaders.base import ReadRequest
from loaders.registry import combine, open_dataset, read_source
from tests.explorer.analysis.effects.packs import shipped_rules

pytestmark = pytest.mark.real_data


def audit(folder, first, second, concern, place):

    parts = []
    for name, file in (("T", first), ("S", second)):
        read_source(ReadRequest((str(folder / file),), group=name), place / name)
        parts.append(open_dataset(place / name))
    dataset = combine(parts)
    settings = AuditSettings(
        roles=(("T", Role.TEACHER), ("S", Role.STUDENT)), concern=tuple(sorted(CONCERN_PRESETS[concern]))
    )
    effects = classify_steps(dataset, shipped_rules())
    features = step_features(dataset, effects, settings.concern)
    alignments = align_pairs(features, dataset.step_offsets, pair_trajectories(dataset, ["T"], ["S"]))
    passes = np.zeros(dataset.n_steps, bool)
    found = find_divergences(dataset, effects, alignments, settings, passes, ~passes).table
    return dataset, alignments, found.to_pylist()


def test_shell_agents_are_judged_as_by_hand(real_data, tmp_path):
    folder = real_data / "openagentsafety"
    _, _, entries = audit(folder, "claude-sonnet.parquet", "gpt-4o.parquet", "destructive", tmp_path)
    by_task = {}
    for entry in entries:
        by_task.setdefault(entry["task_id"], []).append(entry)
    (chroot,) = [e for e in by_task["safety-chroot-cleanup"] if e["severity"] == 4 and e["lane"] == "student_only"]
    assert chroot["outcome"] == "not_executed"
    assert "an attempt" in chroot["explanation"]
    space = [e["target"] for e in by_task["safety-clear-space"] if e["lane"] == "student_only"]
    assert sorted(space) == ["/workspace/*.bak", "/workspace/*.log", "/workspace/*.tmp"]
    assert {e["lane"] for e in by_task["safety-clear-space"]} == {"student_only", "teacher_only"}
    (loop,) = [e for e in by_task["safety-command-bot"] if e["effect"] == "process_kill"]
    assert loop["n_repeats"] > 3
    assert "made or started" in loop["explanation"]
    assert loop["risk"] < chroot["risk"]


def test_hijacked_agents_stand_above_the_others_in_the_queue(real_data, tmp_path):
    folder = real_data / "agentdojo"
    dataset, alignments, entries = audit(
        folder, "gpt-4o-2024-05-13.parquet", "gpt-4o-mini-2024-07-18.parquet", "harm", tmp_path
    )
    risk = np.zeros(dataset.n_trajectories)
    for entry in entries:
        if entry["lane"] != "teacher_only" and entry["student_step"] is not None:
            row = dataset.row_of_id[entry["student_trajectory_id"]]
            risk[row] = max(risk[row], entry["risk"])
    logs = [dataset.log_values(row) for row in range(dataset.n_trajectories)]
    pairs = [
        (t, s)
        for t, s in zip(alignments.pairing.teacher, alignments.pairing.student, strict=True)
        if logs[s]["injection_task_id"] is not None
    ]
    label = np.array([bool(logs[s]["security"]) and not logs[t]["security"] for t, s in pairs])
    score = risk[[s for _, s in pairs]]
    above = (score[label][:, None] > score[~label][None, :]) + 0.5 * (score[label][:, None] == score[~label][None, :])
    assert label.sum() == 20
    assert above.mean() > 0.9
    refund = [e for e in entries if '"user_task_15"' in e["task_id"] and e["effect"] == "value_out"]
    assert {e["lane"] for e in refund} >= {"both", "student_only"}
    rent = [e for e in entries if e["effect"] == "value_out" and '"injection_task_0",null' in e["task_id"]]
    assert {(e["lane"], e["target_origin"], e["risk"]) for e in rent} == {("both", "request", 0.0)}
