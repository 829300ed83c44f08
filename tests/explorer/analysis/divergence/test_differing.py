"""Fields by which two calls differ, and how much more one hands over."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.divergence.differing import Differing, differing_fields, surplus

VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8))
OBJECTS = st.dictionaries(st.text(max_size=6), VALUES, max_size=5)


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        ('{"a": 1, "b": "x"}', '{"b": "x", "a": 1.0}', []),
        ('{"a": 1}', '{"a": 2}', [("a", "1", "2")]),
        ('{"a": 1}', '{"b": 1}', [("a", "1", ""), ("b", "", "1")]),
        (
            '{"a": 12345678901234567890}',
            '{"a": 12345678901234567891}',
            [("a", "12345678901234567890", "12345678901234567891")],
        ),
        ('{"a": [1, 2]}', '{"a": [2, 1]}', [("a", "[1, 2]", "[2, 1]")]),
        ('{"a": 1', '{"a": 2}', []),
        ("rm a", "rm b", []),
        (None, '{"a": 1}', []),
        ("[1]", "[2]", []),
    ],
)
def test_fields_differ_by_value_and_what_is_no_object_is_not_compared(own, other, expected):
    assert [tuple(one) for one in differing_fields(own, other)] == expected


@given(OBJECTS)
def test_an_object_does_not_differ_from_itself(value):
    text = json.dumps(value)
    assert differing_fields(text, text) == ()


@given(OBJECTS, OBJECTS)
def test_what_differs_is_the_same_seen_from_either_side(first, second):
    here = {(one.field, one.own, one.other) for one in differing_fields(json.dumps(first), json.dumps(second))}
    there = {(one.field, one.other, one.own) for one in differing_fields(json.dumps(second), json.dumps(first))}
    assert here == there


@pytest.mark.parametrize(
    ("own", "other", "share"),
    [("1000", "10", 0.99), ("10", "1000", 0.0), ("5", "", 0.0), ("5", "0", 1.0), ("much", "1", 0.0), ("9e999", "1", 1)],
)
def test_the_surplus_is_the_share_over_the_others_amount(own, other, share):
    assert surplus((Differing("total_amount", own, other),)) == pytest.approx(share)
    for name in ("subject", "account_number", "discount", "orderNumber", "accountId"):
        assert surplus((Differing(name, own, other),)) == 0
