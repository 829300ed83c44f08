"""Two searches that select the same are recognised whatever they do with what they find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.divergence.find_selection import selection_of


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("find /s -type f -name '*.php' -delete", 'find /s/ -name "*.php" -type f -exec rm {} +', True),
        ("find /s -name x -exec rm {} \\; -print", "sudo find /s -name x -print0 2>/dev/null", True),
        ("find /s -mtime +3 -delete", "find /s -mtime +31 -delete", False),
        ("find /s -mtime -3 -delete", "find /s -mtime 3 -delete", False),
        ("find /s -name x -delete", "find /s -iname x -delete", False),
        ("find /s -name x", "find /s ! -name x", False),
        ("find /s ! -name x -type f", "find /s -type f ! -name x", True),
        ("find /s -name a -o -name b", "find /s -name b -o -name a", False),
        ("find /a /b -empty", "find /c /b -empty", True),
        ("find . -name x > list", "find . -name x", True),
        ("find . -name x", "find /s -name x", True),
        ("find /a /b -name x", "find /a /c -name x", False),
    ],
)
def test_tests_and_start_points_decide_what_is_found(first: str, second: str, same: bool) -> None:
    assert (selection_of(first) == selection_of(second)) is same
    assert selection_of(first)


@pytest.mark.parametrize("command", ["", "rm x", "find $X -name a", "find /s -name `cat x`", "find 'x", "find" * 2_000])
def test_what_cannot_be_read_selects_nothing_that_could_be_compared(command: str) -> None:
    assert selection_of(command) == ""


@given(st.lists(st.sampled_from(["-name", "x", "-exec", "{}", "+", ";", "!", "(", "-o", ">", "-printf", "/a"])))
def test_any_words_give_an_answer(words: list[str]) -> None:
    assert isinstance(selection_of(" ".join(["find", *words])), str)
