"""What is said of pairs beside a group's own trials."""

from __future__ import annotations

import math
from typing import Any

from explorer.session.own_trials import NO_TRIALS, own_trials_sentences, unusual_words


def row(**changes: Any) -> dict[str, Any]:
    made = {
        "first": "big", "second": "small", "own_group": "big", "pairs": 200, "judged": 200, "unusual": 24,
        "tasks": 50, "own_tasks": 50, "mean_score": 0.2, "own_mean_score": 0.3, "difference": -0.1, "low": -0.15,
        "high": -0.05, "scores": [],
    }  # fmt: skip
    return {**made, **changes}


def said(*rows: dict[str, Any], roles: dict[str, str] | None = None) -> list[str]:
    return own_trials_sentences(
        {"against_own_trials": list(rows), "roles": roles or {"big": "teacher", "small": "student"}}
    )


def test_a_pair_says_how_many_of_the_own_trials_are_more_alike() -> None:
    assert (
        unusual_words(0.93, 412, "all_tasks", "teacher")
        == "less alike than 93 % of 412 pairs of the teacher’s own trials"
    )
    assert unusual_words(0.5, 1, "all_tasks", "teacher").endswith("50 % of 1 pair of the teacher’s own trials")
    assert unusual_words(0.5, 28, "task", "teacher big").endswith("of the teacher big’s own trials of this task")
    assert ">99 %" in unusual_words(0.998, 500, "all_tasks", "teacher")
    assert " 100 % of 500" in unusual_words(1.0, 500, "all_tasks", "teacher")


def test_without_trials_a_pair_says_that_one_cannot_tell() -> None:
    assert "cannot tell" in unusual_words(math.nan, 0, "", "")
    assert "cannot tell" in unusual_words(math.nan, 20, "task", "teacher")


def test_a_difference_is_claimed_only_where_its_interval_leaves_out_zero() -> None:
    (less,) = said(row())
    assert less.startswith(
        "Student and teacher are less alike than the teacher’s own trials: mean score 0.20 against 0.30 over 50 tasks, "
        "difference −0.10 [−0.15, −0.05]."
    )
    assert "24 of 200 pairs are less alike than 95 % of those trials (by chance 10 would be)." in less
    (more,) = said(row(difference=0.1, low=0.05, high=0.15))
    assert more.startswith("Student and teacher are more alike")
    (unsure,) = said(row(low=-0.21, high=0.01))
    assert unsure.startswith("Whether student and teacher are less alike than the teacher’s own trials cannot be told:")
    (one,) = said(row(own_tasks=1, low=None, high=None))
    assert one.startswith("Whether")
    assert "one task says nothing about others" in one
    (apart,) = said(row(own_tasks=0, own_mean_score=None, difference=None, low=None, high=None))
    assert "share no task of which the teacher has several trials" in apart


def test_groups_are_named_where_they_share_a_role() -> None:
    roles = {"big": "teacher", "small": "student", "smaller": "student"}
    (one,) = said(row(), roles=roles)
    assert one.startswith("Student small and teacher are")


def test_many_comparisons_are_told_in_one_sentence_with_the_least_alike() -> None:
    worse = row(second="smaller", difference=-0.2, low=-0.3, high=-0.1)
    unsure, more = row(low=-0.2, high=0.1), row(difference=0.1, low=0.05, high=0.2)
    (one,) = said(row(), worse, unsure, more, roles={"big": "teacher", "small": "student", "smaller": "student"})
    assert one == (
        "Of 4 comparisons of groups, each by its own 95 % interval: 2 are less alike than a group’s own trials (the "
        "most student smaller with teacher: mean score 0.10 against 0.30 over 50 tasks, difference −0.20 [−0.30, "
        "−0.10]); 1 are more alike; of 1 it cannot be told."
    )
    each = {"against_own_trials": [row()] * 8, "roles": {"big": "teacher", "small": "student"}}
    assert len(own_trials_sentences(each, most=8)) == 8


def test_without_trials_of_any_group_that_is_said_once_and_older_audits_say_nothing() -> None:
    assert said(row(own_group=None), row(own_group=None)) == [NO_TRIALS]
    assert own_trials_sentences({"roles": {}}) == []
