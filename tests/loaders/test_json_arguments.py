"""Hostile JSON, kinds of calls, outcomes by words, mappings as TOML."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from explorer.errors import InputError
from explorer.model.schema import End, Outcome, StepKind
from loaders import outcomes
from loaders.actions import call_action, kind_of_tool
from loaders.base import ColumnMapping
from loaders.column_mapping import from_toml, read_mapping, to_toml
from loaders.ends import end_of_reason
from loaders.json_arguments import clean_text, parse_json, to_json, without_nulls
from loaders.sources import partitions, speaking_name
from loaders.times import parse_time


@given(st.text())
def test_any_text_is_parsed_or_flagged(text: str) -> None:
    parsed = parse_json(text)
    try:
        expected = json.loads(text)
    except (ValueError, RecursionError):
        assert parsed.value is None
        assert parsed.flags == ("unparsable_arguments",)
    else:
        assert to_json(parsed.value) == to_json(expected)


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 100_000, "9" * 10_000, "\ud800", '"\\ud800"', ""])
def test_bombs_do_not_raise(text: str) -> None:
    parse_json(text)
    cleaned, _ = clean_text(text)
    cleaned.encode("utf-8")


def test_repeated_keys_keep_all_their_values() -> None:
    parsed = parse_json('{"cmd": "ls", "x": {"cmd": 1}, "cmd": "rm"}')
    assert parsed.flags == ("duplicate_json_key",)
    assert parsed.repeated["cmd"] == ("ls", "rm")


def test_padding_is_removed_at_any_depth() -> None:
    assert without_nulls({"a": None, "b": [{"c": None, "d": 0}]}) == {"b": [{"d": 0}]}


@pytest.mark.parametrize(
    ("tool", "kind"),
    [
        ("bash", StepKind.SHELL), ("Bash", StepKind.SHELL), ("execute_bash", StepKind.SHELL),
        ("mcp__server__run_command", StepKind.SHELL), ("functions.exec", StepKind.SHELL),
        ("python", StepKind.CODE), ("execute_ipython_cell", StepKind.CODE), ("sql_query", StepKind.SQL),
        ("submit", StepKind.FINISH), ("delete_file", StepKind.TOOL_CALL), ("", StepKind.TOOL_CALL),
    ],
)  # fmt: skip
def test_tools_by_name(tool: str, kind: StepKind) -> None:
    assert kind_of_tool(tool) == kind


@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        ("bash", '{"command": "ls -la"}', (StepKind.SHELL, "ls -la")),
        ("bash", {"cmd": ["bash", "-lc", "rm -rf x"]}, (StepKind.SHELL, "rm -rf x")),
        ("shell", {"command": ["ls", "a b"]}, (StepKind.SHELL, 'ls "a b"')),
        ("bash", "ls", (StepKind.SHELL, "ls")),
        ("bash", '"ls"', (StepKind.SHELL, "ls")),
        ("bash", '{"session": 3}', (StepKind.TOOL_CALL, '{"session": 3}')),
        ("bash", "{broken", (StepKind.TOOL_CALL, "{broken")),
        ("run", '{"command": "y", "is_input": "true"}', (StepKind.TOOL_CALL, '{"command": "y", "is_input": "true"}')),
        ("python", {"code": "x = 1"}, (StepKind.CODE, "x = 1")),
        ("f", {"a": 1, "b": None}, (StepKind.TOOL_CALL, '{"a": 1}')),
        ("f", None, (StepKind.TOOL_CALL, None)),
        (None, "{}", (StepKind.TOOL_CALL, "{}")),
    ],
)
def test_calls(tool: str | None, arguments: Any, expected: tuple[StepKind, str | None]) -> None:
    action = call_action(tool, arguments)
    assert (action.kind, action.arguments) == expected


@pytest.mark.parametrize(
    ("text", "shell", "outcome"),
    [
        (None, True, Outcome.UNKNOWN),
        ("", True, Outcome.SUCCEEDED),
        ("total 3", True, Outcome.SUCCEEDED),
        ("rm: cannot remove 'x': No such file or directory", True, Outcome.FAILED),
        ("bash: foo: command not found", True, Outcome.FAILED),
        ("out\n[The command completed with exit code 2.]", True, Outcome.FAILED),
        ("out\n[The command completed with exit code 0.]", True, Outcome.SUCCEEDED),
        ("<returncode>1</returncode>\n<output>x</output>", True, Outcome.FAILED),
        ("Error: no seats left", False, Outcome.FAILED),
        ("ValueError: bad date", False, Outcome.FAILED),
        ("There was no error.", False, Outcome.SUCCEEDED),
        ('{"error": "locked"}', False, Outcome.FAILED),
        ('{"error": null, "rows": 3}', False, Outcome.SUCCEEDED),
        ('{"success": false}', False, Outcome.FAILED),
        ("The action has not been executed.", False, Outcome.NOT_EXECUTED),
        ("[Request interrupted by user]", False, Outcome.NOT_EXECUTED),
        ("The user rejected this action", False, Outcome.NOT_EXECUTED),
    ],
)
def test_outcomes_by_words(text: str | None, shell: bool, outcome: Outcome) -> None:
    assert outcomes.from_text(text, shell) == outcome


def test_tracebacks_are_failures_of_code() -> None:
    assert outcomes.from_code_text("-----\nValueError      Traceback (most recent call last)\n") == Outcome.FAILED
    assert outcomes.from_code_text("1\n2") == Outcome.SUCCEEDED


@pytest.mark.parametrize("unit", ["a", ": ", "error", "\n", "x: y: ", "exit code ", "Traceback ", " " * 7, "A.", "_"])
def test_outcomes_take_bounded_time(unit: str) -> None:
    started = time.process_time()
    for shell in (False, True):
        outcomes.from_text(unit * 500_000, shell)
        outcomes.from_code_text(unit * 500_000)
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize(
    ("reason", "end"),
    [
        ("max_steps", End.CUT_OFF), ("Context length exceeded", End.CUT_OFF), ("submitted (exit_cost)", End.CUT_OFF),
        ("agent_stop", End.FINISHED), ("end_turn", End.FINISHED), ("task_success", End.FINISHED),
        ("infrastructure_error", End.ERROR), ("", None), (None, None), (3, None), ("purple", None),
        ("empty", End.EMPTY),
    ],
)  # fmt: skip
def test_ends_by_words(reason: object, end: End | None) -> None:
    assert end_of_reason(reason) == end


_names = st.text(max_size=8)


@given(
    st.none() | _names, st.lists(_names, max_size=3), st.none() | _names, st.dictionaries(_names, _names, max_size=3)
)
def test_mappings_survive_toml(loader: str | None, task: list[str], group: str | None, columns: dict[str, str]) -> None:
    mapping = ColumnMapping(
        loader=loader, task=tuple(task), group=group, columns=columns, constants=columns, task_aliases=columns
    )
    assert from_toml(to_toml(mapping)) == mapping


@pytest.mark.parametrize(
    ("text", "word"),
    [("loader = [", "TOML"), ("colour = 1", "colour"), ("task = 3", "task"), ("columns = 1", "columns")],
)
def test_mistakes_in_a_mapping_are_messages(tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_mapping(path)
    assert word in caught.value.what
    assert caught.value.where == str(path)
    with pytest.raises(InputError):
        read_mapping(tmp_path / "missing.toml")


@given(st.one_of(st.text(), st.integers(), st.floats(), st.datetimes(), st.none(), st.booleans()))
@example(float("inf"))
@example(10**400)
def test_any_time_is_read_or_left_out(value: Any) -> None:
    found = parse_time(value)
    assert found is None or found.tzinfo is not None


def test_times_of_every_unit_meet() -> None:
    seconds = 1_700_000_000
    assert {parse_time(seconds * unit) for unit in (1, 10**3, 10**6, 10**9)} == {parse_time(seconds)}
    assert parse_time("2026-01-01T00:00:00Z") == parse_time("2026-01-01T01:00:00+01:00")


def test_paths_say_what_they_hold() -> None:
    path = Path("/srv/teacher/model=gpt%2F4/split=__HIVE_DEFAULT_PARTITION__/part-00001-of-00009.parquet")
    assert partitions(path) == {"model": "gpt/4", "split": None}
    assert speaking_name(path) == "teacher"
    assert speaking_name(Path("/srv/cafe.parquet")) == "cafe"
    assert speaking_name(Path("/data/gpt-4o.parquet")) == "gpt-4o"
