"""What one side's search hits and the other's hits too, and more: the narrower is both's, the wider one's own."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.analysis.alignment.align import align_pairs
from explorer.analysis.alignment.features import step_features
from explorer.analysis.divergence.diverge import find_divergences
from explorer.analysis.effects.steps import classify_steps
from explorer.analysis.pairing.pair import pair_trajectories
from tests.explorer.analysis.divergence.test_diverge import HARM
from tests.explorer.analysis.divergence.test_lanes import Side, lanes, only_lane, pair_of, sh, told
from tests.explorer.analysis.effects.packs import shipped_rules

FAILED = "find: '/s': Permission denied"


@pytest.mark.parametrize(
    ("wide", "narrow", "added"),
    [
        (
            "find /s -type f -name '*.t' -delete",
            "find /s -maxdepth 1 -type f -name '*.t' -exec rm {} \\;",
            "-maxdepth 1",
        ),
        ("find /s -mtime +3 -delete", "find /s -mtime +31 -print0 | xargs -0 rm", "-mtime +31"),
        ("find /s -type f -mmin +5 -delete", "find /s -type f -mtime +5 -delete", "-mtime +5"),
        ("find /s -mtime +31 -delete", "find /s -name '*junk*' -mtime +31 -delete", "-name '*junk*'"),
        ("find /s -name '*.log' -delete", "find /s -name 'a*.log' -delete", "-name 'a*.log'"),
        ("find /s -type f -delete", "find /s -type f ! -path '*/keep/*' -delete", "! -path '*/keep/*'"),
        ("find /s -type f -delete", "find /s -type f -size +2k -user me -delete", "-size +2k -user me"),
        ("cd /s && find . -type f -delete", "find /s -type f -empty -delete", "-empty"),
        ("find . -type f -delete", "find . -type f -empty -delete", "-empty"),
        ("find /s -mindepth 1 -delete", "find /s -type f -delete", "-type f"),
        ("find /s -type f | xargs rm", "find /s -type f | grep old | xargs rm", "| grep old"),
        ("find /s -type f -delete", "find /s -type f -exec grep -q x {} \\; -delete", "-exec grep -q x '{}' ';'"),
    ],
)
def test_the_wider_search_is_its_sides_own_and_the_narrower_is_both(wide: str, narrow: str, added: str) -> None:
    for teacher, student, side, other in ((narrow, wide, "S", "T"), (wide, narrow, "T", "S")):
        found = {where: (lane, reason) for where, lane, _, reason in told(teacher, student)}
        own = "student_only" if side == "S" else "teacher_only"
        assert found[side] == (own, f"the other side removes only what also meets {added} there")
        assert found[other] == ("both", f"the other side also removes what does not meet {added}")


def test_a_folder_within_is_a_part_too() -> None:
    found = {
        side: (lane, reason) for side, lane, _, reason in told("find /s/a -empty -delete", "find /s -empty -delete")
    }
    assert found["S"] == ("student_only", "the other side removes only a part of it (what is found in /s/a)")
    assert found["T"] == ("both", "the other side removes more than that there")


def test_other_effects_are_compared_alike() -> None:
    found = told("find /s -name '*.sh' -maxdepth 1 -exec chmod 777 {} +", "find /s -name '*.sh' -exec chmod 777 {} +")
    assert {(side, lane, reason) for side, lane, _, reason in found} == {
        ("S", "student_only", "the other side does this to only what also meets -maxdepth 1 there"),
        ("T", "both", "the other side also does this to what does not meet -maxdepth 1"),
    }


@pytest.mark.parametrize(
    ("teacher", "student"),
    [
        ("find /s -type f -mtime +6 -delete", "find /s -mtime +6 -type f | xargs rm"),
        ("find /s -type f -mtime +0 -delete", "find /s -type f -mtime +0 -name '*' -exec rm {} \\;"),
        ("find /s -size -3k -type f -delete", "find /s -type f ! -size +2k -exec rm {} +"),
        ("find /s -maxdepth 1 -name a -o -name b -delete", "find /s -name b -maxdepth 1 -delete"),
    ],
)
def test_equal_conditions_in_other_words_are_the_same(teacher: str, student: str) -> None:
    assert only_lane(teacher, student) == only_lane(student, teacher) == "both"
    assert {reason for *_, reason in told(teacher, student)} == {""}


@pytest.mark.parametrize(
    ("teacher", "student", "theirs"),
    [
        ("find /s -name '*junk*' -delete", "find /s -mtime +31 -delete", "-name '*junk*'"),
        ("find /s -type f ! -name '*.t' -delete", "find /s -type f -name '*t' -delete", "! -name '*.t' -type f"),
        ("find /s -mtime +3 -delete", "find /s -mtime -9 -delete", "-mtime +3"),
    ],
)
def test_conditions_of_which_neither_holds_the_other_leave_a_doubt_that_says_so(
    teacher: str, student: str, theirs: str
) -> None:
    assert only_lane(teacher, student) == only_lane(student, teacher) == "cannot_tell"
    (reason,) = {reason for side, _, _, reason in told(teacher, student) if side == "S"}
    assert reason.startswith("its step 0 (")
    assert reason.endswith(f" searches there too, but chooses by other tests: {theirs}")


@pytest.mark.parametrize(
    ("teacher", "student", "lane"),
    [
        ("find /s -type f -name '*.t' -delete", "find /s -type f ! -name '*.t' -delete", "alone"),
        ("find /s -type f -mtime -3 -delete", "find /s -type f -mtime +3 -delete", "alone"),
        ("find /s -maxdepth 1 -type f -delete", "find /s -mindepth 2 -type f -delete", "alone"),
        ("find /s -mindepth 2 -type f -delete", "find /s -maxdepth 1 -exec rm -rf {} +", "cannot_tell"),
        ("find /s -name a -delete", "find /s -name a -maxdepth 1 -exec rm -rf {} +", "cannot_tell"),
        (
            "find /s -type f | sort | head -n 3 | xargs rm",
            "find /s -empty -type f | head -n 3 | xargs rm",
            "cannot_tell",
        ),
        ("find /s -type f -delete", "find /s -type f | sed s/a/b/ | xargs rm", "cannot_tell"),
        ("find /s -name x -prune -o -type f -delete", "find /s -type f -delete", "cannot_tell"),
        ("find /s -type f -delete", "find /s -type f -exec rm {} \\; -quit", "cannot_tell"),
        ("find . -type f -delete", "cd /s; ls; find . -empty -type f -delete", "cannot_tell"),
    ],
)
def test_what_is_apart_and_what_is_not_sure(teacher: Side, student: Side, lane: str) -> None:
    assert only_lane(teacher, student) == only_lane(student, teacher) == lane


def test_alternatives_that_do_different_things_are_not_taken_for_one() -> None:
    several = "find /s -type f -name '*.x' -exec rm {} \\; -o -type d -name '*.x' -exec rmdir {} \\; -o -type l -delete"
    assert ("T", "cannot_tell") in {(side, lane) for side, lane, _ in lanes("find /s -name 'a*' -delete", several)}


def test_what_was_done_is_not_both_where_the_other_side_only_tried_more() -> None:
    tried = {**sh("find /s -type f -delete", FAILED), "outcome": "failed"}
    found = lanes("find /s -type f -empty -delete", tried)
    assert ("T", "teacher_only", "/s/{}") in found


def test_the_narrower_search_at_that_place_is_told_as_a_part_and_not_as_another_target() -> None:
    dataset = pair_of("find /s -maxdepth 1 -name '*.t' -delete", "find /s -name '*.t' -delete")
    effects = classify_steps(dataset, shipped_rules())
    features = step_features(dataset, effects, HARM.concern)
    aligned = align_pairs(features, dataset.step_offsets, pair_trajectories(dataset, ["T"], ["S"]), HARM.costs)
    flags = np.zeros(dataset.n_steps, bool)
    entries = find_divergences(dataset, effects, aligned, HARM, flags, ~flags).table.to_pylist()
    (wider,) = [entry for entry in entries if entry["lane"] == "student_only"]
    assert "At that place the teacher does the same to a part of it (/s/*.t), in step 0." in wider["explanation"]
    assert "The other side removes only what also meets -maxdepth 1 there." in wider["explanation"]
