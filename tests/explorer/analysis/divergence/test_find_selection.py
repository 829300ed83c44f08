"""Two searches that select the same are recognised whatever they do with what they find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.divergence.find_selection import search_part, selection_of
from explorer.model.effect import Span


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
        ("find /s -name a -o -name b", "find /s -name b -o -name a", True),
        ("find /s -name a -o -name b -delete", "find /s -name b -o -name a -delete", False),
        ("find /a /b -empty", "find /c /b -empty", True),
        ("find . -name x > list", "find . -name x", True),
        ("find /s -name x -exec sh -c 'rm ' _ {} +", "find /s -name x -delete", True),
        ("find /s -type f | sort | xargs rm", "find /s -type f -delete", True),
        ("find /s -type f | grep a | xargs rm", "find /s -type f -delete", False),
        ("find /s -type f | grep a | xargs rm", "find /s -type f | grep b | xargs rm", False),
        ("find /s -name .git -prune -o -name x -delete", "find /s -name x -delete", False),
        ("find /s -name x -delete -mtime +3", "find /s -name x -delete", True),
        ("find /s -mtime +3 -delete -name x", "find /s -name x -mtime +3 -delete", False),
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


@pytest.mark.parametrize(
    ("value", "other"),
    [("/s/*.o{}", "find /s -name '*.o' -type f -delete"), ("/s/core{}", "find /s -type f -name core -exec rm {} +")],
)
def test_of_several_alternatives_that_of_the_hit_pattern_is_compared(value: str, other: str) -> None:
    several = r"find /s -type f \( -name '*.o' -o -name core -o -name a.out \) -delete"
    assert selection_of(several, value) == selection_of(other, value)
    assert selection_of(several) != selection_of(other)


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ('cd /x; find . -type f | while read f; do rm "$f"; done', "-type f"),
        ('for f in $(find /w -name "*.o"); do rm "$f"; done', "-name '*.o'"),
        ("rm `find /w -name x`", "-name x"),
        ("while read f; do rm $f; done < <(find /w -empty)", "-empty"),
        ("(find /w -empty) 2>&1 | xargs rm", "-empty"),
        ("find /w -type f | sort | head -n 3 | xargs rm", "-type f | sort | head -n 3"),
        ("ls | xargs rm", ""),
    ],
)
def test_the_search_that_feeds_a_command_is_found_before_it(text: str, selected: str) -> None:
    assert selection_of(search_part(text, Span(0, len(text)), fed=True)) == selected
