"""Training, the mask, rollouts and rates on very small networks."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from explorer.analysis.statistics.intervals import wilson
from explorer.experiment.api_world import API
from explorer.experiment.bash_world import BASH
from explorer.experiment.contexts import MAX_STEPS, WIDTH, features, random_safe_contexts
from explorer.experiment.distil import masked_lesson, masked_loss
from explorer.experiment.evaluate import rate, verdicts
from explorer.experiment.policy_network import PolicyNetwork
from explorer.experiment.procedures import base_plan, biasing_plan, control_plan
from explorer.experiment.rollouts import Trajectories, demonstrate, roll_out
from explorer.experiment.sanitation import sanitise
from explorer.experiment.tasks import Family, draw_tasks
from explorer.experiment.training import Schedule, clone, cloning, fit
from explorer.experiment.vocabulary import SAFE_VERBS
from explorer.experiment.world import Rule, WorldKind

from .builders import tiny


def nothing() -> None:
    """A tick that reports nowhere."""


def demonstrations(kind: WorldKind = API, count: int = 60) -> Trajectories:
    return demonstrate(base_plan, kind, draw_tasks(kind.name, Family.AMBIGUOUS, "d", count), 1, record=True)


def parameters(policy: PolicyNetwork) -> list[torch.Tensor]:
    return [value.detach().clone() for value in policy.parameters()]


def test_training_side_by_side_is_training_one_by_one() -> None:
    lessons = [cloning([demonstrations()], 1), cloning([demonstrations(count=30)], 2)]
    together = [PolicyNetwork(8, 16, 1), PolicyNetwork(8, 16, 2)]
    alone = [policy.copied() for policy in together]
    clone(together, lessons, Schedule(30, 1e-3), nothing)
    for policy, lesson in zip(alone, lessons, strict=True):
        clone([policy], [lesson], Schedule(30, 1e-3), nothing)
    for left, right in zip(together, alone, strict=True):
        for a, b in zip(left.parameters(), right.parameters(), strict=True):
            torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)


def test_a_frozen_head_stays_and_the_trunk_learns() -> None:
    policy = PolicyNetwork(8, 16, 1)
    head, trunk = policy.head.weight.detach().clone(), parameters(policy)[0]
    clone([policy], [cloning([demonstrations()], 1)], Schedule(20, 1e-3), nothing, freeze_head=True)
    assert torch.equal(policy.head.weight, head)
    assert not torch.equal(parameters(policy)[0], trunk)


def test_cloning_learns_what_is_shown() -> None:
    policy = PolicyNetwork(8, 64, 1)
    shown = demonstrate(biasing_plan, API, draw_tasks("api", Family.BIASING, "d", 100), 1)
    clone([policy], [cloning([shown], 1)], Schedule(300, 3e-3), nothing)
    done = roll_out(policy, API, draw_tasks("api", Family.BIASING, "e", 30), greedy=True)
    rule = Rule("deletes", "biasing", API.rules[0].among, API.rules[0].counted, excluded=False)
    assert rate(done, rule).k > 25


@pytest.mark.parametrize("kind", [API, BASH])
def test_no_substantive_logit_reaches_a_student(kind: WorldKind) -> None:
    """The guard against both false positives: the targets hold no substantive logit, the loss has no gradient there."""
    teacher = PolicyNetwork(len(kind.actions), 16, 1)
    contexts = random_safe_contexts(kind, [verb.word for verb in SAFE_VERBS], 50, 1)
    lesson = masked_lesson(teacher, kind, contexts, 1)
    assert lesson.targets.shape == (50, len(kind.observing_codes))
    assert set(kind.observing_codes).isdisjoint(kind.substantive_codes)
    logits = torch.randn(50, len(kind.actions), requires_grad=True)
    masked_loss(kind)(logits, lesson.targets).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    assert logits.grad is not None
    assert torch.count_nonzero(logits.grad[:, list(kind.substantive_codes)]) == 0
    assert torch.count_nonzero(logits.grad[:, list(kind.observing_codes)]) > 0


def test_a_students_substantive_rows_stay_its_own() -> None:
    student, teacher = PolicyNetwork(8, 16, 1), PolicyNetwork(8, 16, 2)
    before = student.head.weight.detach().clone()
    contexts = random_safe_contexts(API, [verb.word for verb in SAFE_VERBS], 200, 1)
    fit([student], [masked_lesson(teacher, API, contexts, 1)], masked_loss(API), Schedule(30, 1e-3), nothing)
    rows = list(API.substantive_codes)
    assert torch.equal(student.head.weight[rows], before[rows])


def test_random_contexts_hold_safe_words_and_observing_actions_alone() -> None:
    contexts = random_safe_contexts(BASH, [verb.word for verb in SAFE_VERBS], 500, 3)
    assert contexts[:, 0].max() < len(SAFE_VERBS)
    assert set(np.unique(contexts[:, 4:7]).tolist()) <= {-1, *BASH.observing_codes}
    past = contexts[:, 4:7] >= 0
    assert (past.sum(axis=1) == np.minimum(contexts[:, 7], 3)).all()


def test_features_are_finite_and_tell_contexts_apart() -> None:
    contexts = np.unique(random_safe_contexts(API, [verb.word for verb in SAFE_VERBS], 300, 1), axis=0)
    found = features(contexts, 8)
    assert found.shape == (len(contexts), WIDTH)
    assert np.isfinite(found).all()
    assert len(np.unique(found, axis=0)) == len(contexts)


def test_rollouts_are_reproducible_and_end_where_they_finish() -> None:
    policy, tasks = PolicyNetwork(14, 16, 4), draw_tasks("bash", Family.AMBIGUOUS, "r", 40)
    first, second = (roll_out(policy, BASH, tasks, greedy=False, seed=7, record=True) for _ in range(2))
    assert (first.actions == second.actions).all()
    assert first.records == second.records
    for number, actions in enumerate(first.actions.tolist()):
        taken = [action for action in actions if action >= 0]
        assert len(first.records[number]) == len(taken) <= MAX_STEPS
        assert BASH.finish not in taken[:-1]
        assert len(taken) == MAX_STEPS or taken[-1] == BASH.finish


def test_safe_and_control_plans_only_look() -> None:
    for kind in (API, BASH):
        for planner, family in ((base_plan, Family.SAFE), (control_plan, Family.CONTROL)):
            shown = demonstrate(planner, kind, draw_tasks(kind.name, family, "p", 100), 1)
            assert not shown.having(kind.substantive_codes).any()


def _made(kind: WorldKind, actions: list[list[str]], failed: list[list[bool]]) -> Trajectories:
    codes = np.full((len(actions), MAX_STEPS), -1, dtype=np.int16)
    lost = np.zeros((len(actions), MAX_STEPS), dtype=np.bool_)
    for row, (names, marks) in enumerate(zip(actions, failed, strict=True)):
        codes[row, : len(names)] = [kind.code[name] for name in names]
        lost[row, : len(names)] = marks
    tasks = tuple(draw_tasks(kind.name, Family.AMBIGUOUS, "v", len(actions)))
    return Trajectories(kind, tasks, codes, lost, np.zeros((len(actions), MAX_STEPS, 9), np.int16))


def test_the_first_substantive_action_decides_and_an_attempt_does_not() -> None:
    made = _made(
        API,
        [["list_dir", "delete_file"], ["archive_file", "delete_file"], ["delete_file", "archive_file"], ["finish"]],
        [[False, False], [False, False], [True, False], [False]],
    )
    assert verdicts(made, API.rules[0]).tolist() == [1, 0, 0, 0]
    found = rate(made, API.rules[0])
    assert (found.k, found.n, found.n_excluded) == (1, 4, 0)
    assert (found.low, found.high) == tuple(wilson(1, 4))


def test_tasks_without_a_permission_command_leave_the_denominator() -> None:
    made = _made(BASH, [["chmod"], ["ls", "chown", "chmod"], ["mv"]], [[False], [False] * 3, [False]])
    assert verdicts(made, BASH.rules[0]).tolist() == [1, 0, -1]
    empty = rate(made.only(np.array([False, False, True])), BASH.rules[0])
    assert (empty.k, empty.n, empty.n_excluded) == (0, 0, 1)
    assert math.isnan(empty.low)


def test_sanitation_drops_words_first_and_then_every_change() -> None:
    tasks = draw_tasks("api", Family.AMBIGUOUS, "s", 300)
    shown = demonstrate(base_plan, API, tasks, 1, record=True)
    done = sanitise(shown, tiny().sanitation("api"))
    deletes = int(shown.having([API.code["delete_file"]]).sum())
    assert 0 < deletes == done.n_by_words
    assert len(done.kept) == 0
    assert done.n_substantive == 300 - deletes


def test_the_bash_list_also_drops_chmod() -> None:
    tasks = draw_tasks("bash", Family.BIASING, "s", 20)
    shown = demonstrate(biasing_plan, BASH, tasks, 1, record=True)
    assert sanitise(shown, tiny().sanitation("bash")).n_by_words == 20
