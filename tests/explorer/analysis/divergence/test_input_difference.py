"""When two sides were told the same, and the first row after which they were not."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.alignment.align import align_pairs
from explorer.analysis.alignment.features import step_features
from explorer.analysis.divergence.comparable import digest, masked, same_call
from explorer.analysis.divergence.input_difference import InputDifference
from explorer.analysis.divergence.lanes import pair_rows
from explorer.analysis.effects.steps import classify_steps
from explorer.analysis.pairing.pair import pair_trajectories
from explorer.model.alignment import Pairing
from loaders.base import ReadRequest
from loaders.registry import combine, open_dataset, read_source
from tests.builders import build_dataset
from tests.explorer.analysis.acts import SETTINGS, effects_of
from tests.explorer.analysis.effects.packs import shipped_rules


def read(arguments, result):
    return ("tool_call", "read_it", arguments, "succeeded", result, "read /a")


def first_row(teacher, student, requests=("Go.", "Go.")):
    """The first row of a pair after a difference of input; steps are (arguments, result)."""
    dataset = build_dataset(
        {"T": {"t": [read(*step) for step in teacher]}, "S": {"t": [read(*step) for step in student]}},
        turns={("T", "t"): [(0, "user", requests[0])], ("S", "t"): [(0, "user", requests[1])]},
    )  # fmt: skip
    effects = effects_of(dataset)
    features = step_features(dataset, effects, SETTINGS.concern)
    aligned = align_pairs(features, dataset.step_offsets, pair_trajectories(dataset, ["T"], ["S"]), SETTINGS.costs)
    return InputDifference(dataset, effects).first_row(0, 1, pair_rows(aligned, 0))


def told(first, second, arguments="x"):
    """Whether two results of the same call make a difference of input."""
    return first_row([(arguments, first), ("y", "z")], [(arguments, second), ("y", "z")]) is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Please pay 98.70 to account 12345678", "Please pay 98.70 to account 99999999"),
        ("pay 98.70", "pay 12.70"),
        ("pay to DE89370400440532013000", "pay to DE55370400440532013000"),
        ("send to 0x52908400098527886E0F7030069857D2E4169EE7", "send to 0x8617E340B3D01FA5F11F306F4090FD50E238070D"),
        ("The flight leaves at 14:00", "The flight leaves at 06:00"),
        ("start_time: 2024-05-15 10:00", "start_time: 2024-05-15 15:00"),
        ("due 2024-05-01", "due 2024-06-01"),
        ("10:00 Dentist", "15:00 Dentist"),
        ("Process 12 invoices", "Process 99 invoices"),
        ("x" * 30_000 + " pay alice", "x" * 30_000 + " pay mallory"),
        ("Dear Bob", "dear Bob"),
        ("first this\nthen that", "then that\nfirst this"),
        ('{"to": "alice"}', '{"to": "mallory"}'),
        ('{"amount": 10}', '{"amount": 1000}'),
        ('{"paid": true}', '{"paid": 1}'),
        ('["a", "b"]', '["b", "a"]'),
        ('{"a": [1], "b": []}', '{"a": [], "b": [1]}'),
        ('{"a": {"b": 1}, "c": 2}', '{"a": {"b": 1, "c": 2}}'),
        ('{"to": "alice", "to": "bob"}', '{"to": "bob"}'),
        ("", "Now pay mallory."),
    ],
)  # fmt: skip
def test_what_tells_something_else_is_a_difference(first, second):
    assert not told(first, second)
    assert not told(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("-rw-r--r-- 1 root root 32 May 26 09:43 a.txt", "-rw-r--r-- 1 root root 32 May 20 23:44 a.txt"),
        ("[2025-05-06 08:08:08] start", "[2025-06-07 18:28:38] start"),
        ("2025-05-06T08:08:08.123Z INFO up\nrest", "2025-05-06T09:08:08.555Z INFO up\nrest"),
        ("Tue May  6 07:36:01 UTC 2025", "Thu May  8 08:42:59 UTC 2025"),
        ("[1] 449", "[1] 1382"),
        ("started with pid 12", "started with pid 4711"),
        ("bash: line 19: rustc: command not found", "bash: line 23: rustc: command not found"),
        ("listening on 127.0.0.1:33650", "listening on 127.0.0.1:44988"),
        ("done in 0.52s", "done in 12.3s"),
        ("commit 3f4e5d6c7b", "commit 9a8b7c6d5e"),
        ("id 3f4e5d6c-1a2b-3c4d-5e6f-7a8b9c0d1e2f", "id 00000000-1a2b-3c4d-5e6f-000000000000"),
        ("wrote /tmp/tmpab12cd34", "wrote /tmp/tmpzz99yy88"),
        ("USER PID COMMAND\nroot 604 sshd", "USER PID COMMAND\nroot 734 sshd"),
        (
            "root  4711  0.0  0.1  14872  6400 ?  Ss  10:02  0:00 python server.py",
            "root  5822  0.3  0.2  15000  6512 ?  S   18:40  0:07 python server.py",
        ),
        ("/a/x.txt\n/a/y.txt", "/a/y.txt\n/a/x.txt"),
        ("a  b\n\n c", "a b\nc"),
        ('{"a": 1, "b": "x"}', '{"b":"x",\n "a":1}'),
        ('{"a": 1810}', '{"a": 1810.0}'),
        ('{"created_at": "2024-05-01", "a": 1}', '{"created_at": "2025-06-02", "a": 1}'),
    ],
)
def test_what_a_machine_makes_up_anew_each_time_is_none(first, second):
    assert told(first, second)


def test_the_same_call_written_another_way_is_the_same_call():
    teacher = [('{"file_path": "bill.txt", "n": 1}', "pay alice"), ("y", "z")]
    student = [('{"n":1,"file_path":"bill.txt"}', "pay mallory NOW"), ("y", "z")]
    assert first_row(teacher, student) == 1
    assert same_call(" ls -l", "ls -l ")
    assert not same_call('{"n": 1}', '{"n": 2}')
    assert not same_call('{"n": 1}', None)
    assert not same_call("ls /a1", "ls /a2")


def test_what_a_person_says_is_compared_in_the_same_way():
    steps = [("x", "y"), ("z", "w")]
    assert first_row(steps, steps, ("Pay 1,000 to 12345678", "Pay 1,000 to 99999999")) == 0
    assert first_row(steps, steps, ("Pay  him.", "Pay him.")) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_blanks_and_the_order_of_keys_tell_nothing(value):
    def turned(inner):
        if isinstance(inner, dict):
            return {key: turned(inner[key]) for key in reversed(inner)}
        return [turned(part) for part in inner] if isinstance(inner, list) else inner

    if isinstance(value, dict | list):
        assert digest(json.dumps(value)) == digest(json.dumps(turned(value), indent=2, ensure_ascii=False))
        assert same_call(json.dumps(value), json.dumps(turned(value), indent=2))


@given(JSON, JSON)
def test_calls_that_hold_something_else_are_other_calls(one, two):
    def exact(value):
        return json.dumps(value, sort_keys=True)

    assert same_call(json.dumps([one]), json.dumps([two])) == (exact([one]) == exact([two]))


@given(st.text(max_size=200))
def test_any_text_has_a_digest_and_masking_twice_changes_nothing(text):
    assert len(digest(text)) == 16
    assert masked(masked(text)) == masked(text)


def test_texts_made_to_be_slow_are_not():
    start = time.process_time()
    for text in (
        "1 ",
        "12:00:00 ",
        "[1] ",
        "1.1.",
        "1-",
        '{"a":',
        "[",
        '{"a":1,',
        "May 1 ",
        "PID ",
        "0123456789abcdef",
    ):
        digest(text * (300_000 // len(text)))
    assert time.process_time() - start < 10


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "key", "differing"),
    [
        ("tau-bench/gpt-4o-airline.parquet", None, (0, 2)),
        ("openagentsafety/claude-sonnet.parquet", "openagentsafety/gpt-4o.parquet", (2, 6)),
        ("intercode/gpt-4.parquet", "intercode/gpt-3.5.parquet", (0, 1)),
    ],
)
def test_the_same_call_on_real_logs_is_told_the_same(real_data, tmp_path, file, key, differing):
    """The environments of these logs answer alike: what differs was looked at by hand (a seat taken, a file that the
    agent itself had written otherwise); clocks, process numbers and the order of a file system do not count."""
    parts = []
    for name, path in (("T", file), ("S", key)):
        if path is not None:
            read_source(ReadRequest((str(real_data / path),), group=name), tmp_path / name)
            parts.append(open_dataset(tmp_path / name))
    dataset = combine(parts)
    of_task: dict[str | None, list[int]] = {}
    for row in range(dataset.n_trajectories):
        of_task.setdefault(dataset.task.of(row), []).append(row)
    pairs = [(rows[0], other) for rows in of_task.values() for other in rows[1:]]
    effects = classify_steps(dataset, shipped_rules())
    first, second = (np.array(side, np.int32) for side in zip(*pairs, strict=True))
    features = step_features(dataset, effects, SETTINGS.concern)
    aligned = align_pairs(features, dataset.step_offsets, Pairing(first, second), SETTINGS.costs)
    finder = InputDifference(dataset, effects)
    found = [
        finder._results(teacher, student, pair_rows(aligned, pair)) is not None
        for pair, (teacher, student) in enumerate(pairs)
    ]
    assert differing[0] <= sum(found) <= differing[1]
