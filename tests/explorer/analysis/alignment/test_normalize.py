"""Arguments as masked tokens: what is volatile does not part two calls, what they act on does."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.alignment.normalize import mask, similarity, sketch, tokens
from explorer.analysis.programs import alias, program
from explorer.analysis.targets import TargetIndex, normal_target, same_target, unresolved
from explorer.model.effect import Target


def overlap(first, second):
    return float(similarity(np.array([sketch(first)], np.uint64), np.array([sketch(second)], np.uint64))[0])


@pytest.mark.parametrize(
    ("chunk", "found"),
    [
        ("2024-05-30T10:20:11Z", ("<time>",)),
        ("10:20", ("<time>",)),
        ("1,200.50", ("<number>",)),
        ("3f2b8c9d1e4a5b6c7d8e", ("<id>",)),
        ("550e8400-e29b-41d4-a716-446655440000", ("<id>",)),
        ("/var/log/app-17.log", ("<path>", "app-0.log")),
        ("https://example.org/a/b?c=1", ("<url>", "example.org")),
        ("Delete", ("delete",)),
        ("a@b.example", ("a@b.example",)),
        ("...", ()),
    ],
)
def test_volatile_parts_are_masked(chunk, found):
    assert mask(chunk) == found


def test_arguments_are_compared_field_by_field():
    swapped = overlap('{"from": "alice", "to": "bob"}', '{"from": "bob", "to": "alice"}')
    assert overlap('{"a": {"b": [1, 2]}}', '{"a": {"b": [3, 4]}}') == 1.0
    assert swapped < 0.7
    assert overlap('{"when": "2024-01-01", "n": 3}', '{"when": "2025-07-09", "n": 8}') == 1.0


def test_the_file_worked_on_tells_calls_apart_and_its_folder_does_not():
    assert overlap("cat /home/a/x.txt", "cat /srv/b/x.txt") == 1.0
    assert overlap("cat /home/a/x.txt", "cat /home/a/y.txt") < 1.0


@settings(max_examples=80, deadline=None)
@given(st.one_of(st.none(), st.text(max_size=300), st.binary(max_size=200).map(lambda b: b.decode("latin-1"))))
def test_any_text_has_a_sketch_equal_to_itself(text):
    assert overlap(text, text) == 1.0
    assert len(tokens(text)) == len(tokens(text))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 5_000,
        "-" * 100_000,
        "a/" * 50_000,
        "9" * 19_000,
        json.dumps({str(k): k for k in range(3_000)}),
        "\ud800 x",
    ],
)
def test_hostile_text_gives_a_sketch_at_once(text):
    assert len(sketch(text)) == 4


def test_long_arguments_are_sampled_alike_on_both_sides():
    words = [f"word{chr(97 + k % 26)}{chr(97 + k // 26 % 26)}" for k in range(500)]
    assert overlap(" ".join(words), " ".join(reversed(words))) == 1.0


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("shell", "cd /srv && sudo rm -rf x", "rm"),
        ("shell", "FOO=1 timeout 5 /usr/bin/python3 a.py", "python3"),
        ("shell", "cd /srv", "cd"),
        ("shell", "", ""),
        ("sql", "  DELETE FROM t", "delete"),
        ("code", "import os\nos.remove('x')", "os.remove"),
        ("code", None, ""),
    ],
)
def test_a_step_is_named_by_what_it_starts(kind, text, found):
    assert program(kind, text) == found


def test_a_tool_is_known_under_another_spelling():
    assert alias("fs__readFile") == alias("get_file")
    assert alias("delete_file") != alias("get_file")


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (Target("path", "/a/b/"), Target("path", "/a//b"), True),
        (Target("path", "./x.txt"), Target("path", "x.txt"), True),
        (Target("path", "b/x.txt"), Target("path", "b/x.txt"), True),
        (Target("path", "b/x.txt"), Target("path", "/a/b/x.txt"), None),
        (Target("path", "x.txt"), Target("path", "b/x.txt"), None),
        (Target("path", "../x.txt"), Target("path", "/a/x.txt"), None),
        (Target("path", "*.txt"), Target("path", "/a/*.txt"), None),
        (Target("path", "."), Target("path", "/a"), None),
        (Target("path", "x.txt"), Target("path", "/a/y.txt"), False),
        (Target("path", "/a/b/../x.txt"), Target("path", "/a/x.txt"), True),
        (Target("path", "~/x.txt"), Target("path", "$HOME/x.txt"), True),
        (Target("path", "~/../x.txt"), Target("path", "x.txt"), None),
        (Target("path", "${HOME}/x.txt"), Target("path", "/root/x.txt"), None),
        (Target("path", "~/x.txt"), Target("path", "/home/me/x.txt"), None),
        (Target("path", "~/x.txt"), Target("path", "/srv/x.txt"), False),
        (Target("path", "/c/x.txt"), Target("path", "/a/x.txt"), False),
        (Target("payee", "DE89 3704"), Target("payee", "de89  3704"), True),
        (Target("payee", "DE89"), Target("payee", "GB29"), False),
        (Target("recipient", "a@x, b@x"), Target("recipient", "b@x, a@x"), True),
        (Target("path", "/tmp/tmpab12cd34/x"), Target("path", "/tmp/tmpzz99yy88/x"), True),
        (Target("path", "/a"), None, None),
        (Target("email", "24"), Target("event", "24"), False),
        (Target("payee", "GB29NWBK60"), Target("account", "GB29NWBK60"), True),
        (Target("process", "$PID"), Target("process", "1234"), None),
        (Target("path", "/srv/{}"), Target("path", "/srv/x"), None),
        (Target("path", "/srv/{}"), Target("path", "/etc/x"), False),
        (Target("path", "/srv/{}"), Target("path", "/srv/{}"), None),
        (Target("path", "/srv/$X/../a"), Target("path", "/srv/a"), None),
        (Target("process", "$PID"), Target("process", "$PID"), None),
        (Target("payee", "x" * 299 + "…"), Target("payee", "x" * 299 + "…"), None),
        (Target("payee", "x" * 3_000), Target("payee", "x" * 3_000), None),
        (None, None, None),
    ],
)
def test_targets_are_the_same_after_normalisation_only(first, second, same):
    assert same_target(normal_target(first), normal_target(second)) is same
    assert same_target(normal_target(second), normal_target(first)) is same


@pytest.mark.parametrize(
    "target", [None, Target("path", "$X"), Target("path", "/srv/{}"), Target("process", "$(cat p)")]
)
def test_what_is_not_known_is_the_same_where_the_text_that_decides_it_is(target):
    assert same_target(normal_target(target, "text"), normal_target(target, "text")) is True
    assert same_target(normal_target(target, "text"), normal_target(target, "other text")) is None
    assert same_target(normal_target(target, "text"), normal_target(target)) is None


def test_a_name_that_means_something_else_in_another_folder_is_the_same_only_in_the_same_one():
    branch = Target("ref", "main")
    assert same_target(normal_target(branch, "here"), normal_target(branch, "here")) is True
    assert same_target(normal_target(branch, "here"), normal_target(branch, "there")) is None
    assert same_target(normal_target(branch, "here"), normal_target(Target("ref", "next"), "here")) is False


PATH = st.lists(st.sampled_from(["a", "b", "c", "*", "..", "$X", "{}"]), min_size=1, max_size=3).map("/".join)
ROOT = st.sampled_from(["", "/", "~/", "/root/", "/home/me/"])


def _path_target(root, path, text):
    """A path; the text that decides it only where it is not known."""
    target = Target("path", root + path)
    return normal_target(target, text if unresolved(normal_target(target)) else "")


TARGET = st.builds(_path_target, ROOT, PATH, st.sampled_from(["", "said"]))


@settings(max_examples=400, deadline=None)
@given(st.lists(TARGET, max_size=6), TARGET)
def test_the_index_finds_what_a_comparison_one_by_one_finds(known, wanted):
    index = TargetIndex()
    for place, target in enumerate(known):
        index.add(target, place)
    found = index.find(wanted)
    same = [place for place, target in enumerate(known) if same_target(wanted, target)]
    assert (found is not None) == bool(same)
    assert found is None or found in same
    doubted = index.maybe(wanted)
    assert doubted is None or same_target(wanted, known[doubted]) is not False
    if not unresolved(wanted):
        # Of two known paths the index says of every pair that cannot be told that it cannot be told.
        open_ = [t for t in known if not unresolved(t) and same_target(wanted, t) is None and "." not in t.value]
        assert doubted is not None or not open_ or "." in wanted.value
