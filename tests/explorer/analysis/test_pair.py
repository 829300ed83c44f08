"""Pairing: by task, all trials, reasons for what is left out, near-duplicate keys."""

from __future__ import annotations

import pytest

from explorer.analysis.pair import pair_trajectories, suggest_key_mapping
from tests.builders import Trials
from tests.explorer.analysis.acts import dataset_of

READ = ["read /a"]


def pairs_of(dataset, pairing):
    names = [
        f"{dataset.group.of(row)}/{dataset.task.of(row)}/{dataset.trial[row]}" for row in range(dataset.n_trajectories)
    ]
    return [(names[t], names[s]) for t, s in zip(pairing.teacher, pairing.student, strict=True)]


def test_all_trials_of_a_task_are_combined():
    dataset = dataset_of({"t": Trials([READ, READ])}, {"t": Trials([READ, READ])})
    found = pair_trajectories(dataset, ["T"], ["S"])
    assert pairs_of(dataset, found) == [
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
    assert pairs_of(dataset, found) == [("T/t/0", "T/t/1"), ("T/t/0", "T/t/2"), ("T/t/1", "T/t/2")]
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
