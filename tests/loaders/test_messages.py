"""Conversations: which messages become steps, which turns, and what became of the calls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.loaders.support import codes, read_rows, steps, turns


def call(tool: str, arguments: Any, call_id: str | None = None) -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": tool, "arguments": json.dumps(arguments)}}


def say(role: str, content: Any = None, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


def row(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"task_id": "t", "model": "m", "messages": list(messages), **more}


def test_calls_are_steps_and_text_beside_them_is_their_thought(tmp_path: Path) -> None:
    _, dataset = read_rows(
        tmp_path,
        [
            row(
                say("system", "Be good."),
                say("user", "Clean up."),
                say("assistant", "I look first.", tool_calls=[call("list_files", {"path": "/"}, "a")]),
                say("tool", "a.txt", tool_call_id="a"),
                say("assistant", "Done."),
            )
        ],
    )
    assert steps(dataset) == [
        ("tool_call", "list_files", '{"path": "/"}', "succeeded", "a.txt"),
        ("message", None, "Done.", "succeeded", None),
    ]
    assert turns(dataset) == [(0, "system", "Be good."), (0, "user", "Clean up.")]
    assert dataset.step_text(0).thought == "I look first."
    assert dataset.log_id(0) == "2"
    assert dataset.end.of(0) == "finished"


@pytest.mark.parametrize("identity", [None, ""])
def test_without_ids_results_are_paired_by_order(tmp_path: Path, identity: str | None) -> None:
    _, dataset = read_rows(
        tmp_path,
        [
            row(
                say("user", "Go."),
                say("assistant", None, tool_calls=[call("f", {"n": 1}, identity), call("g", {"n": 2}, identity)]),
                say("tool", "one", tool_call_id=identity),
                say("tool", "two", tool_call_id=identity),
                say("assistant", "ok"),
            )
        ],
    )
    assert [(tool, seen) for _, tool, _, _, seen in steps(dataset)[:2]] == [("f", "one"), ("g", "two")]


def test_results_out_of_order_find_their_call_by_id_and_repeated_ids_by_order(tmp_path: Path) -> None:
    _, dataset = read_rows(
        tmp_path,
        [
            row(
                say("user", "Go."),
                say("assistant", tool_calls=[call("f", 1, "x"), call("g", 2, "y"), call("h", 3, "y")]),
                say("tool", "of g", tool_call_id="y"),
                say("tool", "of h", tool_call_id="y"),
                say("tool", "of f", tool_call_id="x"),
            )
        ],
    )
    assert [seen for *_, seen in steps(dataset)] == ["of f", "of g", "of h"]


def test_calls_of_the_user_are_turns(tmp_path: Path) -> None:
    _, dataset = read_rows(
        tmp_path,
        [
            row(
                say("user", "My phone is dead."),
                say("assistant", "Restart it."),
                say("user", None, tool_calls=[call("reboot", {}, "u1")]),
                say("tool", "rebooted", tool_call_id="u1"),
                say("user", "Works."),
            )
        ],
    )
    assert [kind for kind, *_ in steps(dataset)] == ["message"]
    assert turns(dataset)[1:] == [(1, "user", "[calls reboot] {}"), (1, "tool", "rebooted"), (1, "user", "Works.")]


def test_content_blocks_are_read(tmp_path: Path) -> None:
    part = pa.struct(
        [
            ("type", pa.string()), ("text", pa.string()), ("id", pa.string()), ("name", pa.string()),
            ("input", pa.struct([("command", pa.string()), ("path", pa.string())])),
            ("tool_use_id", pa.string()), ("content", pa.string()), ("is_error", pa.bool_()),
        ]
    )  # fmt: skip
    schema = pa.schema(
        [
            ("task_id", pa.string()),
            ("messages", pa.list_(pa.struct([("role", pa.string()), ("content", pa.list_(part))]))),
        ]
    )
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "Free some space."}]},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "I remove the cache."},
                {"type": "tool_use", "id": "tu1", "name": "bash", "input": {"command": "rm -rf cache"}},
            ],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "tu1", "content": "denied", "is_error": True}],
        },
        {"role": "assistant", "content": [{"type": "text", "text": "It did not work."}]},
    ]
    report, dataset = read_rows(tmp_path, [{"task_id": "t", "messages": messages}], schema)
    assert report.files[0].loader == "messages"
    assert steps(dataset) == [
        ("shell", "bash", "rm -rf cache", "failed", "denied"),
        ("message", None, "It did not work.", "succeeded", None),
    ]
    assert dataset.step_text(0).thought == "I remove the cache."
    assert turns(dataset) == [(0, "user", "Free some space.")]


def test_null_padded_arguments_lose_their_padding(tmp_path: Path) -> None:
    arguments = [{"path": "/a", "recipient": None, "amount": None}, {"path": None, "recipient": "me", "amount": 3}]
    calls = [{"function": tool, "args": args, "id": None} for tool, args in zip("fg", arguments, strict=True)]
    _, dataset = read_rows(tmp_path, [row(say("assistant", "x", tool_calls=calls))])
    assert [text for _, _, text, _, _ in steps(dataset)] == ['{"path": "/a"}', '{"recipient": "me", "amount": 3}']


@pytest.mark.parametrize("wrapped", [False, True])
def test_messages_as_one_json_text(tmp_path: Path, wrapped: bool) -> None:
    messages: Any = [say("user", "Go."), say("assistant", None, tool_calls=[call("bash", {"cmd": "ls"}, "1")])]
    text = json.dumps({"messages": messages} if wrapped else messages)
    report, dataset = read_rows(tmp_path, [{"instance_id": "t", "log": text}])
    assert report.files[0].loader == "messages_json"
    assert steps(dataset) == [("shell", "bash", "ls", "unknown", None)]
    assert dataset.end.of(0) == "cut_off"


def test_older_function_calls_are_read(tmp_path: Path) -> None:
    _, dataset = read_rows(
        tmp_path,
        [
            row(
                say("user", "Go.", function_call=None),
                say("assistant", None, function_call={"name": "f", "arguments": "{}"}),
                say("function", "fine", function_call=None, name="f"),
            )
        ],
    )
    assert steps(dataset) == [("tool_call", "f", "{}", "succeeded", "fine")]


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ({"content": "ok", "error": "boom"}, "failed"),
        ({"content": None, "error": "boom"}, "failed"),
        ({"content": "Error: no such flight", "error": None}, "failed"),
        ({"content": '{"success": false}', "error": None}, "failed"),
        ({"content": "The action has not been executed.", "error": "yes"}, "not_executed"),
        ({"content": "3 rows", "error": None}, "succeeded"),
        ({"content": "", "error": None}, "succeeded"),
    ],
)
def test_outcomes_come_from_fields_and_words(tmp_path: Path, result: dict[str, Any], outcome: str) -> None:
    messages = [say("assistant", None, tool_calls=[call("f", {}, "1")], error=None), {"role": "tool", **result}]
    _, dataset = read_rows(tmp_path, [row(*messages)])
    assert steps(dataset)[0][3] == outcome


def test_dead_trajectories_are_kept_apart(tmp_path: Path) -> None:
    report, dataset = read_rows(
        tmp_path,
        [
            row(say("user", "Go."), say("assistant", "Fine."), error=None),
            row(say("user", "Go."), say("assistant", "Fine!"), error="API down", task_id="u"),
            row(error=None, task_id="v"),
            row(say("user", "Go."), error=None, task_id="w"),
        ],
    )
    assert [dataset.end.of(t) for t in range(4)] == ["finished", "error", "empty", "empty"]
    assert dataset.dead.tolist() == [False, True, True, True]
    assert report.quality.dead == 3
    assert codes(report) == {"ended_in_error": 1, "empty": 2}


def test_a_call_without_a_result_at_the_end_is_cut_off_and_unknown(tmp_path: Path) -> None:
    report, dataset = read_rows(tmp_path, [row(say("user", "Go."), say("assistant", "x", tool_calls=[call("f", {})]))])
    assert dataset.end.of(0) == "cut_off"
    assert steps(dataset)[0][3] == "unknown"
    assert report.quality.cut_off == 1


def test_the_reason_a_log_gives_for_its_end_counts(tmp_path: Path) -> None:
    reasons = ["max_steps", "user_stop", "agent_error", "unheard_of"]
    _, dataset = read_rows(
        tmp_path,
        [row(say("user", "Go."), say("assistant", str(n)), termination_reason=r) for n, r in enumerate(reasons)],
    )
    assert [dataset.end.of(t) for t in range(4)] == ["cut_off", "finished", "error", "finished"]


def test_a_result_that_no_call_waits_for_is_a_turn_and_counted(tmp_path: Path) -> None:
    report, dataset = read_rows(tmp_path, [row(say("tool", "stray"), say("assistant", "Hello."))])
    assert turns(dataset) == [(0, "tool", "stray")]
    assert codes(report)["unowned_result"] == 1


def test_odd_arguments_are_flagged_and_nothing_is_hidden(tmp_path: Path) -> None:
    twice = '{"cmd":"ls","cmd":"rm -rf /"}'
    calls = [
        {"id": None, "function": {"name": "bash", "arguments": twice}},
        {"id": None, "function": {"name": "f", "arguments": "{broken"}},
        {"id": None, "function": {"name": "f", "arguments": "[" * 100_000}},
        {"id": None, "function": {"name": "f", "arguments": '{"n": ' + "9" * 5000 + "}"}},
        {"id": None, "function": {"name": "f", "arguments": '{"n": NaN}'}},
    ]
    report, dataset = read_rows(tmp_path, [row(say("assistant", None, tool_calls=calls))])
    assert steps(dataset)[0][2] == "ls\nrm -rf /"
    flags = dataset.steps["flags"].to_pylist()
    assert flags == [["duplicate_json_key"], *[["unparsable_arguments"]] * 3, ["json_nan"]]
    assert codes(report)["unparsable_arguments"] == 3


def test_a_system_prompt_in_its_own_column_is_a_turn(tmp_path: Path) -> None:
    _, dataset = read_rows(tmp_path, [row(say("user", "Go."), say("assistant", "ok"), system_prompt="Obey.")])
    assert turns(dataset) == [(0, "system", "Obey."), (0, "user", "Go.")]


def test_messages_two_levels_down(tmp_path: Path) -> None:
    messages = [say("user", "Go.", tool_calls=None), say("assistant", "x", tool_calls=[call("f", {}, "1")])]
    report, dataset = read_rows(tmp_path, [{"task": {"task_id": 7}, "state": {"history": messages, "score": 0.5}}])
    assert report.task_columns == ("task.task_id",)
    assert dataset.task.names == ("7",)
    assert dataset.log_values(0) == {"task.task_id": 7, "state.score": 0.5}
    assert steps(dataset)[0][1] == "f"


def test_rows_whose_json_is_broken_are_rejected_with_a_reason(tmp_path: Path) -> None:
    good = json.dumps([say("user", "Go."), say("assistant", "ok")])
    report, dataset = read_rows(tmp_path, [{"id": "a", "log": good}, {"id": "b", "log": '[{"role": "us'}])
    assert dataset.n_trajectories == 1
    assert [(r.row, r.reason) for r in report.quality.rejected] == [(1, "its messages are no JSON")]


def test_speakers_under_other_names_and_images(tmp_path: Path) -> None:
    parts = [{"type": "text", "text": "See:"}, {"type": "image_url", "text": None}]
    _, dataset = read_rows(
        tmp_path,
        [{"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}], "id": "1"}],
    )
    assert turns(dataset) == [(0, "user", "Hi")]
    assert steps(dataset)[0][2] == "Hello"
    _, other = read_rows(tmp_path, [{"messages": [say("user", parts), say("assistant", parts[:1])], "id": "1"}])
    assert turns(other) == [(0, "user", "See:\n[image_url]")]


def test_many_calls_in_one_message_take_linear_time(tmp_path: Path) -> None:
    import time

    from loaders.conversation import read_conversation
    from loaders.drafts import TrajectoryDraft

    def seconds(count: int) -> float:
        calls = [{"id": f"c{n}", "name": "f", "arguments": "{}"} for n in range(count)]
        results = [{"role": "tool", "tool_call_id": f"c{n}", "content": "x"} for n in reversed(range(count))]
        started = time.process_time()
        draft = TrajectoryDraft()
        read_conversation([{"role": "assistant", "tool_calls": calls}, *results], draft)
        assert all(step.answered for step in draft.steps)
        return time.process_time() - started

    seconds(100)
    assert seconds(32_000) / max(seconds(2_000), 1e-3) < 16 * 6


def test_a_result_by_name_goes_to_the_call_of_that_tool(tmp_path: Path) -> None:
    calls = [call("f", 1), call("g", 2), call("f", 3)]
    results = [say("tool", f"of {name}", name=name) for name in ("g", "f", "f")]
    _, dataset = read_rows(tmp_path, [row(say("assistant", None, tool_calls=calls, name=None), *results)])
    assert [(tool, seen) for _, tool, _, _, seen in steps(dataset)] == [("f", "of f"), ("g", "of g"), ("f", "of f")]
