"""Event streams, parallel lists, lists of actions and observations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.loaders.support import codes, read_rows, steps, turns


def event(number: int, source: str, **fields: Any) -> dict[str, Any]:
    blank = dict.fromkeys(
        ("timestamp", "message", "action", "observation", "cause", "args", "content", "extras", "success")
    )
    call = {"function_name": None, "arguments": None, "assistant_content": None}
    given = fields.pop("call", {})
    return {**blank, "id": number, "source": source, "tool_call_metadata": {**call, **given}, **fields}


def run(number: int, command: str, **call: Any) -> dict[str, Any]:
    arguments = json.dumps({"command": command, "is_input": "false", "thought": ""})
    call = {"function_name": "execute_bash", "arguments": json.dumps({"command": command}), **call}
    return event(number, "agent", action="run", args=arguments, call=call)


def ran(number: int, cause: int, text: str, code: int) -> dict[str, Any]:
    extras = json.dumps({"command": "?", "metadata": {"exit_code": code}})
    return event(number, "agent", observation="run", cause=cause, content=text, extras=extras, success=code == 0)


def asked(number: int, text: str) -> dict[str, Any]:
    return event(number, "user", action="message", message=text, args=json.dumps({"content": text}))


def stream(*events: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"instance_id": "i", "model": "m", "history": list(events)}]


def test_events_are_joined_by_cause(tmp_path: Path) -> None:
    report, dataset = read_rows(
        tmp_path,
        stream(
            asked(0, "Clean up."),
            event(1, "user", action="recall", args="{}"),
            event(2, "environment", observation="recall", cause=1, content="noise"),
            run(3, "ls", assistant_content="I look."),
            run(4, "rm x"),
            ran(5, 4, "rm: cannot remove", 1),
            ran(6, 3, "a b", 0),
            run(7, "sleep 999"),
            ran(8, 7, "[still running]", -1),
            run(9, "a\nb"),
            event(
                10, "agent", observation="error", cause=9, content="ERROR: Cannot execute multiple commands at once."
            ),
            event(11, "agent", action="finish", args=json.dumps({"final_thought": "bye"})),
        ),
    )
    assert report.files[0].loader == "event_stream"
    assert steps(dataset)[:2] == [
        ("shell", "execute_bash", "ls", "succeeded", "a b"),
        ("shell", "execute_bash", "rm x", "failed", "rm: cannot remove"),
    ]
    assert [outcome for _, _, _, outcome, _ in steps(dataset)[2:]] == ["unknown", "not_executed", "succeeded"]
    assert dataset.step_text(0).thought == "I look."
    assert [dataset.log_id(row) for row in dataset.rows(0)] == ["3", "4", "7", "9", "11"]
    assert turns(dataset) == [(0, "user", "Clean up.")]
    assert dataset.end.of(0) == "finished"


def test_a_stream_that_stops_after_an_action_is_cut_off(tmp_path: Path) -> None:
    _, dataset = read_rows(tmp_path, stream(asked(0, "Go."), run(1, "ls")))
    assert dataset.end.of(0) == "cut_off"
    assert steps(dataset)[0][3] == "unknown"


def test_the_file_behind_a_request_is_added_to_it(tmp_path: Path) -> None:
    numbered = "Here's the result of running `cat -n` on /instruction/task.md:\n     1\t# Task\n     2\tDelete it.\n"
    read_call = event(
        1, "agent", action="read", args=json.dumps({"path": "/instruction/task.md"}),
        call={"function_name": "editor", "arguments": json.dumps({"command": "view", "path": "/instruction/task.md"})},
    )  # fmt: skip
    _, dataset = read_rows(
        tmp_path,
        stream(
            asked(0, "Do what /instruction/task.md says."),
            read_call,
            event(2, "agent", observation="read", cause=1, content=numbered),
        ),
    )
    assert dataset.request(0) == (
        "Do what /instruction/task.md says.\n\n[/instruction/task.md, as the agent read it in step 0:]\n"
        "# Task\nDelete it."
    )


def test_typed_input_is_no_command(tmp_path: Path) -> None:
    typed = event(
        1, "agent", action="run", args=json.dumps({"command": "yes", "is_input": "true"}),
        call={"function_name": "execute_bash", "arguments": json.dumps({"command": "yes", "is_input": "true"})},
    )  # fmt: skip
    _, dataset = read_rows(tmp_path, stream(asked(0, "Go."), typed))
    assert steps(dataset)[0][:3] == ("tool_call", "execute_bash", '{"command": "yes", "is_input": "true"}')


def test_observations_without_a_cause_are_turns(tmp_path: Path) -> None:
    report, dataset = read_rows(tmp_path, stream(asked(0, "Go."), ran(1, 99, "stray", 0), run(2, "ls")))
    assert turns(dataset)[1] == (0, "tool", "stray")
    assert codes(report)["unowned_result"] == 1


@pytest.mark.parametrize(
    ("observations", "valid", "outcomes", "extra"),
    [
        (["a", "b"], [True, False], ["succeeded", "failed"], []),
        (["a"], [True], ["succeeded", "unknown"], []),
        (["a", "b", "c"], [True, True], ["succeeded", "succeeded"], ["c"]),
        ([], [], ["unknown", "unknown"], []),
    ],
)
def test_parallel_lists_of_unequal_length(
    tmp_path: Path, observations: list[str], valid: list[bool], outcomes: list[str], extra: list[str]
) -> None:
    history = {"actions": ["ls", "rm x"], "observations": observations, "valid_action": valid}
    rows = [{"task_id": 1, "query": "Do it", "turn_history": history}]
    rows += [
        {"task_id": 2, "query": "No", "turn_history": {"actions": ["x"], "observations": ["y"], "valid_action": [True]}}
    ]
    report, dataset = read_rows(tmp_path, rows)
    assert report.files[0].loader == "parallel_lists"
    assert [outcome for _, _, _, outcome, _ in steps(dataset)] == outcomes
    assert [text for _, speaker, text in turns(dataset) if speaker == "tool"] == extra
    assert dataset.request(0) == "Do it"
    assert ("unequal_lists" in codes(report)) == (len(observations) != 2 or len(valid) != 2)


def test_the_environment_says_what_an_action_is(tmp_path: Path) -> None:
    history = {"actions": ["SELECT 1", "submit"], "observations": ["1", "0"]}
    _, dataset = read_rows(tmp_path, [{"task_id": 1, "environment": "ic_sql", "turn_history": history}])
    assert [(kind, tool) for kind, tool, *_ in steps(dataset)] == [("sql", "sql"), ("finish", "submit")]


def test_actions_and_observations(tmp_path: Path) -> None:
    trajectory = [
        {"action": "ls -F\n", "observation": "a", "thought": "look"},
        {"action": "edit 1:1\nrm -rf /\nend_of_edit\n", "observation": "ok", "thought": None},
        {"action": "rm b\n", "observation": "rm: cannot remove 'b': No such file or directory", "thought": None},
        {"action": "submit\n", "observation": "diff", "thought": None},
    ]
    history = [
        {"role": "system", "content": "You edit.", "is_demo": False},
        {"role": "user", "content": "A worked example", "is_demo": True},
        {"role": "user", "content": "Fix it.", "is_demo": False},
        {"role": "assistant", "content": "look", "is_demo": False},
    ]
    rows = [{"instance_id": "i", "trajectory": trajectory, "history": history, "info": '{"exit_status": "submitted"}'}]
    report, dataset = read_rows(tmp_path, rows)
    assert report.files[0].loader == "action_observation"
    assert [step[:4] for step in steps(dataset)] == [
        ("shell", "bash", "ls -F", "succeeded"),
        ("tool_call", "edit", json.dumps({"text": "1:1\nrm -rf /\nend_of_edit"}), "succeeded"),
        ("shell", "bash", "rm b", "failed"),
        ("finish", "submit", None, "succeeded"),
    ]
    assert dataset.request(0) == "Fix it."
    assert dataset.end.of(0) == "finished"


def test_an_empty_list_of_steps_is_read_from_its_messages(tmp_path: Path) -> None:
    history = [
        {"role": "user", "content": "Fix it.", "tool_calls": None, "tool_call_ids": None},
        {
            "role": "assistant", "content": "look", "tool_call_ids": None,
            "tool_calls": json.dumps([{"id": "c1", "function": {"name": "bash", "arguments": '{"command":"ls"}'}}]),
        },
        {"role": "tool", "content": "a", "tool_calls": None, "tool_call_ids": ["c1"]},
    ]  # fmt: skip
    full = [{"action": "ls", "observation": "a"}]
    rows = [
        {"instance_id": "i", "trajectory": [], "history": history},
        {"instance_id": "j", "trajectory": full, "history": []},
    ]
    _, dataset = read_rows(tmp_path, rows)
    assert steps(dataset, 0) == [("shell", "bash", "ls", "succeeded", "a")]
    assert steps(dataset, 1) == [("shell", "bash", "ls", "succeeded", "a")]
