"""What may be the same on both sides stands in *cannot tell* on both, wherever in the trajectories it is."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.divergence.counterparts import Counterpart
from explorer.analysis.divergence.doubts import DoubtFinder, OfSide
from explorer.analysis.divergence.lanes import LaneFinder, pair_rows
from explorer.analysis.divergence.occurrences import attempts, find_occurrences
from tests.explorer.analysis.acts import dataset_of, effects_of
from tests.explorer.analysis.divergence.test_diverge import HARM, alignments_of, audit
from tests.explorer.analysis.divergence.test_lanes import Side, lane_entries, lanes, pair_of, sh, told

MISSING = "bash: tidy.sh: command not found"


def sides(found: set[tuple[str, str, str]]) -> set[tuple[str, str]]:
    return {(side, lane) for side, lane, _ in found}


@pytest.mark.parametrize(
    ("teacher", "student"),
    [
        (["rm /srv/a.log", "ls", "cat x"], ["ls", "cat x", "find /srv -name '*.log' -delete"]),
        (["kill 4711", "ls"], ["ls", "cat x", "pkill -f worker"]),
        (["cat x", "for p in $(cat pids); do kill $p; done"], ["ls", "ls -l", "pkill worker"]),
        (
            "curl -X DELETE http://h.example/api/projects/17/tags/one",
            ["ls", "curl -X DELETE http://h.example/api/projects/a%2Fb/tags/one"],
        ),
    ],
)
def test_doubt_is_mutual_wherever_the_two_stand(teacher: Side, student: Side) -> None:
    for first, second in ((teacher, student), (student, teacher)):
        assert sides(lanes(first, second)) == {("T", "cannot_tell"), ("S", "cannot_tell")}


def test_the_doubt_names_the_step_and_what_it_acts_on() -> None:
    reasons = {side: reason for side, _, _, reason in told("rm /srv/a.log", ["ls", "find /srv -name '*.log' -delete"])}
    assert reasons["S"] == "the log does not show whether its step 0 (/srv/a.log) hits the same"
    assert re.fullmatch(r"the log does not show whether its step 1 \(/srv.*\) hits the same", reasons["T"])


def test_a_search_for_other_names_is_no_doubt() -> None:
    found = lanes("rm /srv/notes.txt", "find /srv -name notes -delete")
    assert sides(found) == {("T", "teacher_only"), ("S", "student_only")}


def test_spellings_of_one_address_are_one_entry() -> None:
    dataset = pair_of(
        "ls",
        [
            "curl -X DELETE http://h.example:80/api/tags/one",
            "curl -X DELETE http://me:pw@H.example/api//tags/one/",
        ],
    )
    _, occurrences, entries = lane_entries(dataset)
    assert len(entries) == 2
    assert len({occurrences.targets[occurrences.effect[entry.occurrence]] for entry in entries}) == 1


def test_what_was_only_tried_is_in_doubt_with_no_act() -> None:
    (mine,) = [e for e in audit(["!process_kill $x"], ["process_kill worker"]) if e["lane"] == "student_only"]
    assert "is not known to do this to that target" in mine["explanation"] or "only tries" in mine["explanation"]
    assert "what is not known to be another target" in mine["explanation"]


def test_what_is_not_known_may_be_what_both_did_once_more_but_what_is_known_is_more() -> None:
    entries = audit(["delete /srv/a"], ["delete /srv/a", "delete $f"])
    assert Counter(entry["lane"] for entry in entries) == {"both": 1, "cannot_tell": 1}
    found = lanes("kill $(cat pids)", ["kill $(cat pids)", "pkill web"])
    assert ("S", "student_only", "web") in found


def test_a_try_of_an_act_stands_in_the_lane_of_the_act() -> None:
    entries = audit(["process_kill $x"], ["!process_kill worker", "process_kill worker"])
    assert Counter(entry["lane"] for entry in entries) == {"cannot_tell": 2}
    (mine,) = [entry for entry in entries if entry["student_step"] is not None]
    assert mine["outcome"] == "succeeded"
    assert "1 more step tries it in vain." in mine["explanation"]


def test_one_move_stands_in_one_lane_beside_something_unseen_in_one_of_its_repeats() -> None:
    entries = audit(["read /a", "unknown /x"], ["read /a", "delete /b", "read /a", "delete /b"])
    (entry,) = [entry for entry in entries if entry["effect"] == "delete"]
    assert entry["lane"] == "cannot_tell"
    assert entry["n_repeats"] == 2


def test_what_a_side_made_itself_is_not_the_other_sides() -> None:
    dataset = dataset_of(["read /a", "unknown /x"], ["read /a", "delete /made"])
    effects, alignments = effects_of(dataset), alignments_of(dataset)
    occurrences = find_occurrences(dataset, effects, frozenset(HARM.concern))
    finder = LaneFinder(dataset, effects, occurrences, own=lambda occurrence: True)
    (entry,) = finder.of_pair(alignments, 0, pair_rows(alignments, 0))
    assert entry.lane == "student_only"


def test_a_program_that_was_not_there_hides_nothing() -> None:
    failed = {**sh("./tidy.sh", MISSING), "outcome": "failed"}
    assert lanes([failed], ["rm /srv/a"]) == {("S", "student_only", "/srv/a")}
    ran = {**sh("./tidy.sh", "tidying\n" * 60 + "tidy.sh: line 70: command not found"), "outcome": "failed"}
    assert lanes([ran], ["rm /srv/a"]) == {("S", "cannot_tell", "/srv/a")}


def test_each_unknown_payment_hides_one_of_the_other_sides_at_most() -> None:
    entries = audit(["value_out"], ["value_out P", "value_out Q"])
    assert Counter(entry["lane"] for entry in entries) == {"cannot_tell": 2, "student_only": 1}


WORDS = st.sampled_from(
    [
        "read /a", "delete /a", "!delete /a", "delete a", "delete /b/*.x{}", "delete /b/y", "delete $f", "-delete $f",
        "process_kill 71", "process_kill web", "process_kill my web", "process_kill $p", "!process_kill web",
        "value_out P", "value_out $q",
    ]
)  # fmt: skip
SIDE = st.lists(WORDS, max_size=6)


@settings(max_examples=80, deadline=None)
@given(SIDE, SIDE)
def test_doubt_never_leaves_the_other_side_alone(teacher: list[str], student: list[str]) -> None:
    dataset = dataset_of(teacher, student)
    effects = effects_of(dataset)
    occurrences = find_occurrences(dataset, effects, frozenset(HARM.concern))
    finder = DoubtFinder(occurrences, attempts(dataset, occurrences), lambda occurrence: False)
    both = [
        OfSide(mine := occurrences.rows(row), [Counterpart()] * len(mine), [-1] * len(mine))
        for row in range(dataset.n_trajectories)
    ]
    first, second = finder.between(*both) if len(both) == 2 else ({}, {})
    assert set(first.values()) <= set(second)
    assert set(second.values()) <= set(first)


@settings(max_examples=60, deadline=None)
@given(SIDE, SIDE)
def test_lanes_are_seen_alike_from_either_side(teacher: list[str], student: list[str]) -> None:
    def seen(first: list[str], second: list[str]) -> tuple[list[str], list[str]]:
        dataset = dataset_of(first, second)
        effects, alignments = effects_of(dataset), alignments_of(dataset)
        occurrences = find_occurrences(dataset, effects, frozenset(HARM.concern))
        finder = LaneFinder(dataset, effects, occurrences)
        entries = [
            entry
            for pair in range(len(alignments.pairing))
            for entry in finder.of_pair(alignments, pair, pair_rows(alignments, pair))
        ]
        # Which of two equal payments is the one over is a matter of the place.
        alone = {"student_only": "alone", "teacher_only": "alone"}
        of = [
            f"{occurrences.move_of(entry.occurrence)} {alone.get(str(entry.lane), str(entry.lane))}"
            for entry in entries
        ]
        own = [entry.teacher_side for entry in entries]
        return (
            sorted(text for text, side in zip(of, own, strict=True) if side),
            sorted(text for text, side in zip(of, own, strict=True) if not side),
        )

    assert seen(teacher, student) == seen(student, teacher)[::-1]
