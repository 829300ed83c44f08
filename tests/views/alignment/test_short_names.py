"""Names cut to what tells them apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from views.alignment.short_names import short_names


def test_what_all_names_share_is_left_out() -> None:
    names = ["api_student_shared_init_s1", "api_student_other_init_s1", "api_student_shared_init_s1"]
    assert short_names(names) == ["…shared…", "…other…", "…shared…"]
    assert short_names(["gpt-4o-2024-05-13", "gpt-4o-mini-2024-07-18"]) == ["…2024-05-13", "…mini-2024-07-18"]
    assert short_names(["a/model", "a/model/checkpoint-100"]) == ["…model", "…model/checkpoint-100"]


def test_short_names_and_one_name_stay_whole() -> None:
    assert short_names(["run_a", "run_b"]) == ["run_a", "run_b"]
    assert short_names(["a_very_long_name_of_one"] * 3) == ["a_very_long_name_of_one"] * 3
    assert short_names([]) == []


@given(st.lists(st.text("ab_-", max_size=30), max_size=6))
def test_names_stay_as_different_as_they_were(names: list[str]) -> None:
    short = short_names(names)
    assert len(short) == len(names)
    assert len(set(short)) == len(set(names))
