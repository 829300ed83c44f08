"""What two searches, or a search and a path, can both hit."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.name_patterns import asked_names, may_share, within
from explorer.analysis.targets import NormalTarget, same_target


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/srv/*.log{}", ("*.log",)),
        ("/srv/{a,B*}{}", ("a", "b*")),
        ("/srv/{}", ()),
        ("/srv/$x{}", ()),
        ("/srv/a.log", ()),
        ("/srv/{a,}{}", ()),
    ],
)
def test_the_names_that_a_search_asks_for(path: str, names: tuple[str, ...]) -> None:
    assert asked_names(path) == names


@pytest.mark.parametrize(
    ("search", "other", "same"),
    [
        ("/srv/*.log{}", "/srv/a.log", None),
        ("/srv/*.log{}", "/srv/sub/a.log", None),
        ("/srv/*.log{}", "/srv/a.txt", False),
        ("/srv/{NOTES,TODO}{}", "/srv/NOTES.md", False),
        ("/srv/{notes*,todo*}{}", "/srv/NOTES.md", None),
        ("/srv/build*{}", "/srv/build2/x.o", None),
        ("/srv/*.log{}", "/srv/*.log", None),
        ("/srv/*.log{}", "/srv", False),
        ("/srv/*.log{}", "a.txt", None),
        ("/srv/*.log{}", "/srv/$file", None),
        ("/srv/*.log{}", "/srv/*.tmp{}", False),
        ("/srv/*.log{}", "/srv/a*{}", None),
        ("/srv/a*{}", "/srv/b*{}", False),
        ("/srv/*.log{}", "/srv/sub/*.tmp{}", False),
        ("/srv/su*{}", "/srv/sub/*.tmp{}", None),
        ("/srv/*.log{}", "/opt/a.log", False),
        ("/srv/{}", "/srv/a.txt", None),
    ],
)
def test_what_a_search_can_hit(search: str, other: str, same: bool | None) -> None:
    assert same_target(NormalTarget("path", search), NormalTarget("path", other)) is same
    assert same_target(NormalTarget("path", other), NormalTarget("path", search)) is same


PATH = st.text("/ab*?[]{},.$~", max_size=14).map(lambda text: f"{text}{{}}") | st.text("/ab*.~", max_size=10)
VALUE = st.tuples(st.sampled_from(["path", "process", "url", "", "payee"]), PATH | st.sampled_from(["7", "77", "a b"]))


@settings(max_examples=300, deadline=None)
@given(VALUE, VALUE)
def test_whether_two_targets_are_the_same_is_seen_alike_from_either_side(
    one: tuple[str, str], two: tuple[str, str]
) -> None:
    first, second = NormalTarget(*one), NormalTarget(*two)
    assert same_target(first, second) is same_target(second, first)


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        (("process", "4711"), ("process", "worker"), None),
        (("process", "4711"), ("process", "4712"), None),
        (("process", "worker"), ("service", "my-worker"), None),
        (("process", "worker"), ("process", "mailer"), False),
        (("process", "$pid"), ("process", "mailer"), None),
        (("package", "$name"), ("path", "/etc/x"), False),
        (("url", "http://h/p/1"), ("url", "http://h/p/name"), None),
        (("url", "http://h/p/1"), ("url", "http://h/p/2"), False),
    ],
)
def test_names_and_numbers_of_processes_and_records(
    one: tuple[str, str], two: tuple[str, str], same: bool | None
) -> None:
    assert same_target(NormalTarget(*one), NormalTarget(*two)) is same
    assert same_target(NormalTarget(*two), NormalTarget(*one)) is same


def test_a_search_for_very_long_names_is_answered_at_once() -> None:
    many = NormalTarget("path", "/srv/{" + ",".join(["*a" * 20] * 40) + "}{}")
    assert same_target(many, NormalTarget("path", "/srv/" + "a" * 2_000)) is None


@pytest.mark.parametrize(
    ("first", "second", "is_within"),
    [
        ("a.log", "*.log", True),
        ("a*.log", "*.log", True),
        ("*.log", "a*.log", False),
        ("*new*", "*new*", True),
        ("new*.sh", "*new*", True),
        ("*", "?", False),
        ("??", "?*", True),
        ("[ab]x", "?x", True),
        ("[ab]x", "[abc]x", False),
        ("bx", "[abc]x", True),
        ("*a*b*c*d*e*f*", "*a*c*e*", True),
        ("*a*", "*a*a*", False),
        ("[^a]", "[!a]", False),
        (r"\*", "*", False),
        ("a", "a\n", False),
    ],
)
def test_a_pattern_is_within_another_only_where_all_its_names_are(first: str, second: str, is_within: bool) -> None:
    assert within(first, second) is is_within


_PATTERNS = st.text("ab*?[]!", max_size=6)


@given(_PATTERNS, _PATTERNS, st.text("ab[]!", max_size=5))
def test_no_name_speaks_against_what_is_told_of_two_patterns(first: str, second: str, name: str) -> None:
    one, two = fnmatch.fnmatchcase(name, first), fnmatch.fnmatchcase(name, second)
    assert not (within(first, second) and one and not two)
    assert may_share(first, second) or not (one and two)


def test_a_hostile_pattern_is_compared_in_time() -> None:
    assert within("a*" * 120, "*a" * 120 + "*") in (True, False)
