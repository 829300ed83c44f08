"""Alternatives of a find expression, and which of them an action hits."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.effects.rules.find_expression import MAX_ALTERNATIVES, alternatives
from explorer.analysis.effects.rules.find_places import find_places, spares_start


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("", [[]]),
        ("-name a -o -name b -delete", [[("-name", "a")], [("-name", "b"), ("-delete",)]]),
        (r"\( -name a -o -name b \) -delete", [[("-name", "a"), ("-delete",)], [("-name", "b"), ("-delete",)]]),
        ("! -name a -and -type f", [[("!", "-name", "a"), ("-type", "f")]]),
        (r"! \( -name a -o -empty \)", [[("!", "(", "-name", "a", "-o", "-empty", ")")]]),
        (r"-exec rm {} \; -o -empty", [[("-exec", "rm", "{}", ";")], [("-empty",)]]),
        ("-name", [[("-name",)]]),
        (")", [[]]),
    ],
)
def test_brackets_and_or_make_alternatives(expression: str, found: list[list[tuple[str, ...]]]) -> None:
    assert alternatives(shlex.split(expression)) == found


def test_too_many_alternatives_are_one_group() -> None:
    many = " ".join([r"\( -name a -o -name b \)"] * 9)
    assert len(alternatives(shlex.split(many))) <= MAX_ALTERNATIVES
    assert find_places(["/d", *shlex.split(many)]) != (["/d"], False)


@pytest.mark.parametrize(
    ("words", "action", "places"),
    [
        ("/d -name a -o -name b -delete", "-delete", ["/d/b"]),
        ("/d -delete -name a", "-delete", ["/d"]),
        ("/d -name a -delete -maxdepth 1", "-delete", ["/d/a"]),
        (r"/d -name a -print -o -name b -exec rm {} \;", "-exec", ["/d/b"]),
        (r"/d -name a -print -o -name b -exec rm {} \;", "-print", ["/d/a"]),
        ("/d -name a -o -name b", "-print", ["/d/a", "/d/b"]),
    ],
)
def test_an_action_hits_what_stands_before_it_in_its_alternative(words: str, action: str, places: list[str]) -> None:
    assert find_places(shlex.split(words), action)[0] == places


@pytest.mark.parametrize(
    ("words", "spared"),
    [("/d -type f", True), ("/d -mindepth 1", True), ("/d -mindepth 0", False), ("/d -type d", False), ("/d", False)],
)
def test_where_a_search_starts_is_hit_only_if_it_may_be(words: str, spared: bool) -> None:
    assert spares_start(words.split()) is spared


@given(st.lists(st.sampled_from(["(", ")", "!", "-o", ",", "-name", "a", "-exec", "{}", "+", ";", "-prune", "-a"])))
def test_any_words_give_alternatives(words: list[str]) -> None:
    assert 1 <= len(alternatives(words)) <= MAX_ALTERNATIVES
