"""Surprise: the model is the one it says, sees no task it judges, and says when it knows too little."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.alignment.features import Features, step_features
from explorer.analysis.divergence.surprise import (
    FOLDS,
    LEAST_TASKS,
    LEAST_TRAJECTORIES,
    Surprise,
    next_action_surprise,
    nothing_trusted,
    surprise_summary,
    trusted_role,
)
from explorer.model.effect import KINDS
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset
from explorer.progress import Cancelled, Progress
from tests.builders import Trials
from tests.explorer.analysis.acts import SETTINGS, dataset_of, effects_of

WORDS = ("read /a", "create /b", "delete /c", "permission /d", "", "move_out /e")
SEQUENCE = st.lists(st.sampled_from(WORDS), max_size=6)


def judged(dataset: Dataset, asked: AuditSettings = SETTINGS, progress: Progress | None = None) -> Surprise:
    features = step_features(dataset, effects_of(dataset), asked.concern)
    return next_action_surprise(dataset, features, asked, progress)


def by_definition(dataset: Dataset, features: Features, learned: list[int]) -> Any:
    """p(action | two before) from the formula, with dictionaries, learned from some trajectories."""
    kinds = [int(k) if k >= 0 else "none" for k in features.headline]
    actions = [(int(tool), kind) for tool, kind in zip(features.tool, kinds, strict=True)]
    followed: dict[Any, Counter[Any]] = {}
    kind_counts: Counter[Any] = Counter()
    tools: dict[Any, set[Any]] = {}
    for row in learned:
        done = [actions[step] for step in dataset.rows(row)]
        told = [*done, "end"] if dataset.end.of(row) == "finished" else done
        for place, action in enumerate(told):
            before = (["begin", "begin", *done])[place : place + 2]
            for context in ((), (before[1],), (before[1], before[0])):
                followed.setdefault(context, Counter())[action] += 1
            kind = "end" if action == "end" else action[1]
            kind_counts[kind] += 1
            tools.setdefault(kind, set()).add(action)

    def mixed(counts: Counter[Any], what: Any, lower: float) -> float:
        total = sum(counts.values())
        return (counts[what] + len(counts) * lower) / (total + len(counts)) if total else lower

    def probability(action: Any, last: Any, older: Any) -> float:
        kind = "end" if action == "end" else action[1]
        p = mixed(kind_counts, kind, 1 / (len(KINDS) + 2))
        p /= 1 if kind == "end" else len(tools.get(kind, ())) + 1
        for context in ((), (last,), (last, older)):
            p = mixed(followed.get(context, Counter()), action, p)
        return p

    return actions, probability


@settings(max_examples=25, deadline=None)
@given(st.lists(SEQUENCE, min_size=30, max_size=34), st.lists(SEQUENCE, min_size=1, max_size=4))
def test_it_is_the_model_that_the_formula_gives(teacher: list[list[str]], student: list[list[str]]) -> None:
    """Every step of both sides, by a model of the teacher's trajectories in other folds of tasks."""
    names = [f"t{place:03}" for place in range(len(teacher))]
    dataset = dataset_of(dict(zip(names, teacher, strict=True)), dict(zip(names, student, strict=False)))
    if sum(map(bool, teacher)) < LEAST_TRAJECTORIES + 5 or not dataset.n_steps:
        return
    found = judged(dataset)
    features = step_features(dataset, effects_of(dataset), SETTINGS.concern)
    live = [row for row in range(dataset.n_trajectories) if dataset.group.of(row) == "T" and not dataset.dead[row]]
    tasks = sorted({dataset.task.of(row) or "" for row in live})
    for row in range(dataset.n_trajectories):
        fold = sum(task < (dataset.task.of(row) or "") for task in tasks) % FOLDS
        others = [one for one in live if tasks.index(dataset.task.of(one) or "") % FOLDS != fold]
        assert dataset.task.of(row) not in {dataset.task.of(one) for one in others}
        actions, probability = by_definition(dataset, features, others)
        history: list[Any] = ["begin", "begin"]
        for step in dataset.rows(row):
            expected = -np.log(probability(actions[step], history[-1], history[-2]))
            assert found.nats[step] == pytest.approx(expected, rel=1e-5)
            history.append(actions[step])


def test_probabilities_are_shared_out_whole() -> None:
    """What may follow a history, known actions, one unknown tool for each kind and the end, sums to one."""
    dataset = dataset_of({f"t{n}": ["read /a", "delete /b", "read /a"][: 1 + n % 3] for n in range(30)}, ["read /a"])
    features = step_features(dataset, effects_of(dataset), SETTINGS.concern)
    actions, probability = by_definition(dataset, features, list(range(30)))
    unknown = [(-1, kind) for kind in [*range(len(KINDS)), "none"]]
    for history in (("begin", "begin"), (actions[0], "begin"), ((-1, 0), actions[0])):
        total = sum(probability(action, *history) for action in {*actions, *unknown, "end"})
        assert total == pytest.approx(1.0)


def usual(n: int = 40) -> dict[str, list[str]]:
    return {f"t{place:03}": ["read /a", "create /b", "read /a"] for place in range(n)}


def test_what_the_teacher_always_does_is_no_surprise_and_what_it_never_does_is_one() -> None:
    dataset = dataset_of(usual(), {"t000": ["read /a", "create /b", "read /a"], "t001": ["read /a", "delete /c"]})
    found = judged(dataset)
    start = int(dataset.step_offsets[40])
    assert found.available
    assert (found.role, found.trajectories, found.tasks) == (Role.TEACHER, 40, 40)
    assert found.nats.dtype == np.float32
    assert (found.nats[start : start + 3] < 0.2).all()
    assert found.nats[start + 4] > 5
    assert found.usual < 0.2


def test_an_unknown_tool_is_less_surprising_where_it_does_what_others_do() -> None:
    dataset = dataset_of(usual(), {"t000": [("read /a",), ("create /b",)]})
    features = step_features(dataset, effects_of(dataset), SETTINGS.concern)
    tool = features.tool.copy()
    tool[-2:] = features.tool.max() + 1
    new = Features(
        features.headline, features.masks, tool, features.alias, features.family, features.sketches, features.concern,
        features.targets, features.tool_names,
    )  # fmt: skip
    kind = features.headline.copy()
    kind[-1] = KINDS.index(next(one for one in KINDS if one.value == "disk_wipe"))
    other = Features(
        kind, features.masks, tool, features.alias, features.family, features.sketches, features.concern,
        features.targets, features.tool_names,
    )  # fmt: skip
    one, two = (next_action_surprise(dataset, f, SETTINGS).nats[-1] for f in (new, other))
    assert one < two


@settings(max_examples=20, deadline=None)
@given(st.lists(SEQUENCE, min_size=1, max_size=6))
def test_a_task_teaches_nothing_about_itself(trials: list[list[str]]) -> None:
    """Whatever the teacher does in a task, the student's steps in that task surprise alike."""
    student = {"t005": ["read /a", "delete /c", "permission /d"]}
    plain = judged(dataset_of(usual(), student)).nats[-3:]
    changed = judged(dataset_of({**usual(), "t005": Trials([["read /a"], *trials])}, student)).nats[-3:]
    assert np.array_equal(plain, changed)


def test_too_few_trajectories_are_said_with_their_number() -> None:
    found = judged(dataset_of({f"t{n}": ["read /a"] for n in range(6)}, {"t0": ["delete /c"]}))
    assert not found.available
    assert np.isnan(found.nats).all()
    assert "the teacher has only 6 trajectories of 6 tasks" in found.note
    assert f"{LEAST_TRAJECTORIES} of {LEAST_TASKS} other tasks" in found.note
    many_trials = {f"t{n}": Trials([["read /a"]] * 30) for n in range(LEAST_TASKS)}
    assert "150 trajectories of 5 tasks" in judged(dataset_of(many_trials, {"t0": ["delete /c"]})).note


def test_dead_trajectories_teach_nothing() -> None:
    tasks = usual(25)
    ends = {("T", task): "error" for task in list(tasks)[:10]}
    assert judged(dataset_of(tasks, {"t020": ["read /a"]}, ends=ends)).trajectories == 15


def test_a_reference_is_trusted_before_the_teacher_and_nothing_where_nothing_is_compared() -> None:
    assert trusted_role(AuditSettings((("a", Role.TEACHER), ("b", Role.STUDENT)))) == Role.TEACHER
    both = (("a", Role.TEACHER), ("b", Role.STUDENT), ("c", Role.REFERENCE))
    assert trusted_role(AuditSettings(both)) == Role.REFERENCE
    assert trusted_role(AuditSettings((("a", Role.BASELINE), ("b", Role.STUDENT)))) == Role.BASELINE
    assert trusted_role(AuditSettings((("a", Role.REFERENCE),))) is None
    dataset = dataset_of(usual(), {"t000": ["read /a"]})
    found = judged(dataset, AuditSettings((("T", Role.TEACHER),)))
    assert np.isnan(found.nats).all()
    assert found.note == nothing_trusted(dataset).note
    assert surprise_summary(found)["usual_nats"] is None


def test_it_can_be_cancelled() -> None:
    dataset = dataset_of(usual(), {"t000": ["read /a"]})
    features = step_features(dataset, effects_of(dataset), SETTINGS.concern)
    with pytest.raises(Cancelled):
        next_action_surprise(dataset, features, SETTINGS, Progress(cancelled=lambda: True))


def test_empty_trajectories_are_passed_over() -> None:
    dataset = dataset_of({**usual(), "t100": []}, {"t000": [], "t001": ["read /a"]})
    assert np.isfinite(judged(dataset).nats).all()
