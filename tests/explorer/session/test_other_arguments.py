"""Which matching rows have other arguments."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.session.other_arguments import OtherArguments, other
from tests.builders import build_dataset

_CALL = {"recipient": "US133", "amount": 0.01, "subject": "Refund"}
_ID, _ID_2 = "7f9c24e8-3b12-4fef-91e0-5d6b3a7c1f20", "0a1b2c3d-3b12-4fef-91e0-5d6b3a7c1f21"


def _call(**changed: object) -> str:
    return json.dumps({**_CALL, **changed})


@pytest.mark.parametrize(
    ("first", "second", "strict", "expected"),
    [
        (_call(), _call(amount=1000.0), True, True),
        (_call(amount=50), _call(amount=50.0), True, False),
        (_call(), json.dumps(dict(reversed(_CALL.items())), indent=1), True, False),
        (_call(note=None), _call(), True, False),
        (_call(), _call(note="x"), True, True),
        (json.dumps({"run": _ID}), json.dumps({"run": _ID_2}), False, False),
        (json.dumps({"file": _ID}), json.dumps({"file": _ID_2}), True, True),
        (json.dumps({"start": "2024-05-15 10:00"}), json.dumps({"start": "2024-05-16 10:00"}), False, True),
        ("touch -d 2024-05-15T10:00:01Z a", "touch -d 2024-05-15T10:00:59Z a", False, False),
        ("touch -d 2024-05-15T10:00:01Z a", "touch -d 2024-05-15T10:00:59Z a", True, True),
        ("ls  -l 'a b'", 'ls -l "a b"', True, False),
        ("echo '$HOME'", 'echo "$HOME"', True, True),
        ("kill 4711", "kill 5822", True, True),
        ("head -n 50 log", "head -n 100 log", False, True),
        ("pay 4111111111111111", "pay 4222222222222222", False, True),
        ('{"to": "133000000121212121212"}', '{"to": "133000000121212121213"}', True, True),
        ('{"to": 133000000121212121212}', '{"to": 133000000121212121213}', False, True),
        ("{broken", "{broken ", True, False),
        ("[1]", "[2]", False, True),
        ("", "{}", True, True),
        ("a" * 30_000, "a" * 30_000 + " ", True, True),
    ],
)
def test_what_counts_as_other_arguments(first: str, second: str, strict: bool, expected: bool) -> None:
    assert other(first, second, strict=strict) is expected
    assert other(second, first, strict=strict) is expected


def test_a_difference_behind_many_fields_is_seen() -> None:
    fields = {f"f{n}": n for n in range(100)}
    assert other(json.dumps(fields), json.dumps({**fields, "f99": -1}), strict=True)
    assert not other(json.dumps(fields), json.dumps(fields, indent=1), strict=True)


@given(st.text(max_size=200), st.text(max_size=200), st.booleans())
def test_any_text_gives_an_answer_that_does_not_depend_on_the_side(first: str, second: str, strict: bool) -> None:
    assert other(first, second, strict=strict) == other(second, first, strict=strict)
    assert not other(first, first, strict=strict)


def _pair(first: list[object], second: list[object], strict: bool = True) -> OtherArguments:
    dataset = build_dataset({"t": {"x": first}, "s": {"x": second}})
    n = len(first)
    rows = np.arange(n, dtype=np.int64)
    return OtherArguments(dataset, rows, rows + n, np.ones(n, dtype=bool), np.full(2 * n, strict))


def test_rows_are_told_apart_and_their_fields_named() -> None:
    found = _pair(
        [("tool_call", "pay", _call()), ("tool_call", "pay", _call()), ("tool_call", "pay", None)],
        [("tool_call", "pay", _call(amount=1000.0)), ("tool_call", "pay", _call(amount=0.010)),
         ("tool_call", "pay", None)],
    )  # fmt: skip
    assert [found.at(row) for row in range(3)] == [True, False, False]
    assert found.fields(0) == (("amount", "0.01", "1000.0"),)
    assert found.fields(1) == ()
    assert found.candidates.tolist() == [0]
    assert (found.rows(0, 3, 10)[0].tolist(), found.rows(0, 3, 10)[1]) == ([0], True)


def test_gaps_and_rows_that_do_not_match_are_left_out() -> None:
    dataset = build_dataset({"t": {"x": [("shell", "rm", "rm a")] * 2}, "s": {"x": [("shell", "rm", "rm b")] * 2}})
    first, second = np.array([0, 1, -1]), np.array([2, 3, 3])
    found = OtherArguments(dataset, first, second, np.array([True, False, True]))
    assert [found.at(row) for row in range(3)] == [True, False, False]


def test_a_message_without_arguments_is_compared_by_what_it_says() -> None:
    said = [{"kind": "message", "arguments": "{}", "thought": words} for words in ("I am done.", "I refuse.")]
    assert _pair([said[0]], [said[1]]).at(0)
    assert not _pair([said[0]], [said[0]]).at(0)


def test_equal_rows_of_a_long_pair_cost_no_look_at_any() -> None:
    n = 100_000
    steps = build_dataset({"t": {"x": [("shell", "ls", f"ls d{k}") for k in range(100)]},
                           "s": {"x": [("shell", "ls", f"ls d{k}") for k in range(100)]}})  # fmt: skip
    rows = np.resize(np.arange(100), n)
    began = time.perf_counter()
    found = OtherArguments(steps, rows, rows + 100, np.ones(n, dtype=bool))
    assert not len(found.candidates)
    assert time.perf_counter() - began < 2
