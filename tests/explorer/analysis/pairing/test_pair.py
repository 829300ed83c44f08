"""Pairing: by task, all trials, reasons for what is left out, near-duplicate keys."""

from __future__ import annotations

import time

import pytest

from explorer.analysis.pairing.pair import pair_trajectories, suggest_key_mapping
from explorer.analysis.pairing.unpaired import key_suggestions, unpaired_rows
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings
from tests.builders import Trials, build_dataset
from tests.explorer.analysis.acts import SETTINGS, act, dataset_of

READ = ["read /a"]


def pairs_of(dataset, pairing):
    names = [
        f"{dataset.group.of(row)}/{dataset.task.of(row)}/{dataset.trial[row]}" for row in range(dataset.n_trajectories)
    ]
    return [(names[t], names[s]) for t, s in zip(pairing.teacher, pairing.student, strict=True)]


def test_all_trials_of_a_task_are_combined():
    dataset = dataset_of({"t": Trials([READ, READ])}, {"t": Trials([READ, READ])})
    found = pair_trajectories(dataset, ["T"], ["S"])
    assert sorted(pairs_of(dataset, found)) == [
        ("T/t/0", "S/t/0"), ("T/t/0", "S/t/1"), ("T/t/1", "S/t/0"), ("T/t/1", "S/t/1"),
    ]  # fmt: skip
    assert found.unpaired == ()


def test_what_is_dead_or_alone_is_listed_with_the_reason():
    dataset = dataset_of(
        {"both": READ, "mine": READ, "broken": READ, "empty": []},
        {"both": READ, "yours": READ, "broken": READ, "empty": READ},
        ends={("T", "broken"): "error"},
    )
    found = pair_trajectories(dataset, ["T"], ["S"])
    reasons = {(dataset.group.of(u.trajectory), dataset.task.of(u.trajectory)): u.reason for u in found.unpaired}
    dead_other = "every trajectory of this task on the other side is empty or ended in an error"
    assert reasons == {
        ("T", "mine"): "the other side has no trajectory of this task",
        ("S", "yours"): "the other side has no trajectory of this task",
        ("T", "broken"): "it ended in an error",
        ("S", "broken"): dead_other,
        ("T", "empty"): "it is empty",
        ("S", "empty"): dead_other,
    }
    assert len(found) == 1


def test_more_trials_than_the_cap_are_left_out_with_the_reason():
    dataset = dataset_of({"t": Trials([READ] * 5)}, {"t": READ})
    found = pair_trajectories(dataset, ["T"], ["S"], max_trials=2)
    assert len(found) == 2
    assert [u.reason for u in found.unpaired] == ["more than 2 trials of this task"] * 3


def test_a_group_against_itself_pairs_each_two_trials_once():
    dataset = dataset_of({"t": Trials([READ] * 3), "u": READ}, {"t": READ})
    found = pair_trajectories(dataset, ["T"], ["T"])
    assert sorted(sorted(pair) for pair in pairs_of(dataset, found)) == [
        ["T/t/0", "T/t/1"], ["T/t/0", "T/t/2"], ["T/t/1", "T/t/2"],
    ]  # fmt: skip
    assert [u.reason for u in found.unpaired] == ["only trial of its task"]


def test_an_unknown_group_pairs_nothing():
    dataset = dataset_of({"t": READ}, {"t": READ})
    found = pair_trajectories(dataset, ["T"], ["nobody"])
    assert len(found) == 0
    assert len(found.unpaired) == 1


@pytest.mark.parametrize(("first", "second"), [("airline-012", "airline_012"), ("Task 7 (banking)", "task-7-banking")])
def test_keys_that_differ_in_spelling_are_suggested(first, second):
    (found,) = suggest_key_mapping([first, "shared"], [second, "shared"])
    assert (found.first, found.second) == (first, second)
    assert found.similarity > 85


def test_each_key_is_suggested_once_and_far_ones_never():
    found = suggest_key_mapping(["task-1", "zzz"], ["task_1", "task-1b"])
    assert [(s.first, s.second) for s in found] == [("task-1", "task_1")]
    assert suggest_key_mapping([], ["a"]) == ()
    assert suggest_key_mapping(["a"], ["a"]) == ()


def test_keys_that_differ_in_a_number_are_other_tasks():
    assert suggest_key_mapping(["airline-task-012"], ["airline-task-013", "airline-task-112"]) == ()
    (found,) = suggest_key_mapping(["airline-task-012"], ["airline-task-013", "airline_task_12"])
    assert found.second == "airline_task_12"


def test_many_long_keys_are_compared_in_bounded_time():
    keys = ["the same long text of a request " * 60 + letter * 9 for letter in "abcdefghijklmnopqrstuvwxyz"] * 40
    first = [f"{key}{'x' * place}" for place, key in enumerate(keys)]
    second = [f"{key}{'y' * place}" for place, key in enumerate(keys)]
    start = time.monotonic()
    found = suggest_key_mapping(first, second)
    assert len({one.first for one in found}) == len(found)
    assert time.monotonic() - start < 20


def test_trajectories_without_a_partner_are_listed_in_order_with_their_reason():
    dataset = dataset_of({"b": READ, "a": READ, "both": READ}, {"both": READ, "c": READ})
    found = unpaired_rows(dataset, [(0, "why b"), (1, "why a"), (4, "why c")])
    assert [(row["task"], row["group"], row["trial"], row["reason"]) for row in found] == [
        ("a", "T", 0, "why a"), ("b", "T", 0, "why b"), ("c", "S", 0, "why c"),
    ]  # fmt: skip
    assert len(unpaired_rows(dataset, [(0, "why")] * 1_500)) == 1_000


def test_keys_are_suggested_across_the_roles_and_only_where_they_would_pair():
    sides = {"airline-012": READ, "bank-7": READ, "both": READ}, {"airline_012": READ, "bank_7": [], "both": READ}
    dataset = dataset_of(*sides)
    (found,) = key_suggestions(dataset, SETTINGS)
    assert (found["first"], found["first_role"]) == ("airline-012", "teacher")
    assert (found["second"], found["second_role"]) == ("airline_012", "student")
    assert 85 < found["similarity"] <= 100
    assert key_suggestions(dataset, AuditSettings(())) == []


def test_a_suggestion_says_what_would_become_paired():
    sides = {"bank-7": Trials([READ] * 2), "both": READ}, {"bank_7": Trials([READ] * 3 + [[]]), "both": READ}
    (found,) = key_suggestions(dataset_of(*sides), SETTINGS)
    assert (found["first_trajectories"], found["second_trajectories"]) == (2, 3)
    assert found["more_pairs"] == 6
    renamed = dataset_of(sides[0], {"bank-7": sides[1]["bank_7"], "both": READ})
    before, after = (pair_trajectories(one, ["T"], ["S"]) for one in (dataset_of(*sides), renamed))
    assert len(after) - len(before) == 6


def test_more_pairs_are_counted_with_the_cap_on_trials():
    many = Trials([READ] * 20)
    (found,) = key_suggestions(dataset_of({"bank-7": many}, {"bank_7": many}), SETTINGS)
    assert found["second_trajectories"] == 20
    assert found["more_pairs"] == 16 * 16


SEVERAL = AuditSettings(roles=(("T", Role.TEACHER), ("S", Role.STUDENT), ("U", Role.STUDENT)))


def test_a_key_that_one_student_spells_differently_is_suggested_though_another_pairs():
    words = act("read /a")
    dataset = build_dataset({"T": {"bank-7": [words]}, "S": {"bank-7": [words]}, "U": {"bank_7": [words]}})
    (found,) = key_suggestions(dataset, SEVERAL)
    assert (found["first"], found["second"], found["more_pairs"]) == ("bank-7", "bank_7", 1)


def test_keys_that_both_have_a_partner_are_not_offered():
    words = act("read /a")
    roles = (("T", Role.TEACHER), ("T2", Role.TEACHER), ("S", Role.STUDENT), ("U", Role.STUDENT))
    dataset = build_dataset({"T": {"api-7": [words]}, "T2": {"bpi-7": [words]}, "S": {"api-7": [words]},
                             "U": {"bpi-7": [words]}})  # fmt: skip
    assert key_suggestions(dataset, AuditSettings(roles=roles)) == []


def test_two_keys_that_one_group_uses_side_by_side_are_two_tasks():
    words = act("read /a")
    dataset = build_dataset(
        {"T": {"bank-7": [words]}, "S": {"bank-7": [words], "bank_7": [words]}, "U": {"bank_7": [words]}}
    )
    assert key_suggestions(dataset, SEVERAL) == []
