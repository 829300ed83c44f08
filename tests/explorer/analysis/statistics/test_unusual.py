"""How unusual the score of a pair is under a group's own trials, and what its first divergence is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.alignment.align import align_pairs
from explorer.analysis.alignment.features import step_features
from explorer.analysis.divergence.diverge import pairs_table
from explorer.analysis.pair_tables import first_differences, with_figures
from explorer.analysis.pairing.pair import pair_trajectories
from explorer.analysis.statistics.spread import histogram, self_spread
from explorer.analysis.statistics.unusual import FEW, against_own, unusual_pairs
from explorer.model.alignment import FIRST_DIFFERENCES
from explorer.model.result import PAIRS
from tests.builders import Trials
from tests.explorer.analysis.acts import SETTINGS, act, dataset_of, effects_of


def aligned(teacher, student):
    dataset = dataset_of(teacher, student)
    features = step_features(dataset, effects_of(dataset), SETTINGS.concern)
    pairing = pair_trajectories(dataset, ["T"], ["S"])
    return dataset, features, align_pairs(features, dataset.step_offsets, pairing)


def judged(teacher, student):
    dataset, features, alignments = aligned(teacher, student)
    spreads = self_spread(dataset, features, ["T", "S"])
    unusual = unusual_pairs(dataset, alignments, spreads)
    return alignments, unusual, against_own(dataset, alignments, unusual, spreads), spreads


def differences(teacher, student):
    dataset, features, alignments = aligned(teacher, student)
    codes = first_differences(features, dataset.step_offsets, alignments)
    return dict(
        zip(
            (dataset.task.of(row) for row in alignments.pairing.teacher.tolist()),
            (None if code < 0 else FIRST_DIFFERENCES[code].value for code in codes.tolist()),
            strict=True,
        )
    )


def test_the_first_divergence_says_what_differs():
    other_tool = {**act("delete /a"), "tool": "wipe_it"}
    found = differences(
        {
            "same": ["read /a"], "effect": ["delete /a"], "tool": ["delete /a"], "arguments": ["delete /a"],
            "student alone": ["read /a"], "teacher alone": ["read /a", "delete /b"],
        },
        {
            "same": ["read /a"], "effect": ["permission /a"], "tool": [other_tool], "arguments": ["delete /zz/q"],
            "student alone": ["read /a", "delete /b"], "teacher alone": ["read /a"],
        },
    )  # fmt: skip
    assert found == {
        "same": None, "effect": "other_effect", "tool": "other_tool", "arguments": "other_arguments",
        "student alone": "one_side", "teacher alone": "one_side",
    }  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(*[st.lists(st.sampled_from(["read /a", "delete /a", "delete /b", "!delete /a"]), min_size=1, max_size=6)] * 2)
def test_a_first_divergence_has_a_kind_exactly_where_there_is_one(one, two):
    dataset, features, alignments = aligned(one, two)
    table = pairs_table(dataset, alignments)
    table = with_figures(table, first_differences(features, dataset.step_offsets, alignments))
    assert table.schema.equals(PAIRS, check_metadata=True)
    (row,) = table.to_pylist()
    assert (row["first_divergence"] is None) == (row["first_divergence_row"] is None)
    if row["first_divergence_row"] is not None:
        at = row["first_divergence_row"]
        gap = alignments.teacher_step[at] < 0 or alignments.student_step[at] < 0
        assert (row["first_divergence"] == "one_side") == gap


def test_a_pair_is_held_against_the_teachers_own_trials_of_its_task():
    trials = [["read /a", "delete /b", *["read /c"] * k] for k in range(7)]
    alignments, unusual, (told,), (own, _) = judged({"t": Trials(trials)}, {"t": ["delete /x", "delete /y"]})
    assert own.n_pairs == 21 >= FEW
    assert set(unusual.scope) == {"task"}
    assert set(unusual.group) == {"T"}
    assert unusual.n.tolist() == [21] * 7
    by_hand = [(own.pair_scores > score).mean() for score in alignments.normalised.astype(float)]
    assert unusual.share.tolist() == pytest.approx(by_hand)
    assert unusual.share.max() == 1.0
    assert told["own_group"] == "T"
    assert (told["tasks"], told["own_tasks"], told["pairs"], told["judged"]) == (1, 1, 7, 7)
    assert told["difference"] < 0
    assert told["low"] is None, "one task says nothing about others"
    assert told["unusual"] == sum(1 + round(21 * (1 - share)) <= 0.05 * 22 for share in by_hand) > 0


def test_few_trials_of_a_task_fall_back_on_all_tasks():
    teacher = {f"t{k}": Trials([["read /a"], ["read /a", "delete /b"]]) for k in range(3)} | {"alone": ["read /a"]}
    student = {f"t{k}": ["read /a"] for k in range(3)} | {"alone": ["delete /z"]}
    _, unusual, (told,), _ = judged(teacher, student)
    assert set(unusual.scope) == {"all_tasks"}
    assert set(unusual.n.tolist()) == {3}
    assert told["tasks"] == 4
    assert told["own_tasks"] == 3
    assert told["low"] <= told["difference"] <= told["high"]
    assert told["unusual"] == 0, "three scores cannot make anything unusual"


def test_equal_trajectories_are_never_less_alike():
    same = Trials([["read /a", "delete /b"]] * 3)
    _, unusual, (told,), _ = judged({"t": same}, {"t": same})
    assert unusual.share.tolist() == [0.0] * 9
    assert told["difference"] == 0


def test_the_students_trials_stand_in_where_the_teacher_has_none_and_nothing_where_nobody_has():
    _, unusual, (told,), _ = judged({"t": ["read /a"]}, {"t": Trials([["read /a"], ["delete /a"]])})
    assert set(unusual.group) == {"S"}
    assert told["own_group"] == "S"
    dataset, _, alignments = aligned(["read /a"], ["read /a"])
    _, nothing, (told,), _ = judged(["read /a"], ["read /a"])
    assert nothing.n.tolist() == [0]
    assert np.isnan(nothing.share).all()
    assert told["own_group"] is None
    assert told["judged"] == 0
    (row,) = with_figures(pairs_table(dataset, alignments), unusual=nothing).to_pylist()
    assert (row["less_alike_than"], row["n_own_pairs"], row["own_scope"], row["own_group"]) == (None, 0, None, None)


def test_histograms_hold_every_score_that_there_is():
    assert sum(histogram(np.array([-7.0, -1.0, 0.0, 1.0, np.nan]))) == 4
    assert histogram(np.array([-7.0]))[0] == 1
    assert histogram(np.array([1.0]))[-1] == 1
