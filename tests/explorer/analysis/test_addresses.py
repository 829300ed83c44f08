"""One page or record under two spellings of its address is one target."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.addresses import may_be_same_address, normal_address


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("http://Host.example/a/", "http://host.example/a"),
        ("http://host:80/a", "http://host/a"),
        ("https://host:443/a?b=1&a=2", "https://host/a?a=2&b=1"),
        ("http://host/a%20b", "http://host/a b"),
        ("http://me:secret@host:8080/x", "http://host:8080/x"),
        ("http://host//a///b#part", "http://host/a/b"),
        ("http://host/p/one%2Ftwo/x", "http://host/p/one%2ftwo/x"),
        ("HTTP://host/a?q=a+b", "http://host/a?q=a%20b"),
        ("http://host./a", "http://host/a"),
    ],
)
def test_spellings_of_one_address_are_equal(first: str, second: str) -> None:
    assert normal_address(first) == normal_address(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("http://host/a", "http://other/a"),
        ("http://host:8080/a", "http://host/a"),
        ("http://host/one%2Ftwo", "http://host/one/two"),
        ("http://host/a?b=1", "http://host/a?b=2"),
        ("http://host/A", "http://host/a"),
        ("https://host:80/a", "https://host/a"),
    ],
)
def test_other_addresses_stay_apart(first: str, second: str) -> None:
    assert normal_address(first) != normal_address(second)


def test_a_number_may_be_what_a_word_names_in_the_same_place() -> None:
    named, numbered = "http://h/api/projects/a%2Fb/tags/v1", "http://h/api/projects/17/tags/v1"
    assert may_be_same_address(named, numbered)
    assert may_be_same_address(numbered, named)
    assert not may_be_same_address("http://h/api/projects/18/tags/v1", numbered)
    assert not may_be_same_address("http://h/api/projects/a/tags/v1", "http://h/api/projects/b/tags/v1")
    assert not may_be_same_address("http://g/api/projects/17/tags/v1", numbered)
    assert not may_be_same_address("http://h/api/projects/17", numbered)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z@:%/?&=#.0-9]{0,40}", fullmatch=True))
def test_any_text_has_a_form_that_does_not_change_again_but_for_percent_signs(text: str) -> None:
    found = normal_address(text)
    assert "%" in found or "+" in found or normal_address(found) == found or "@" in found
