"""Calls that stand only as text in the agent's messages."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from loaders.text_calls import _calls
from tests.loaders.support import read_rows, steps, turns


def talk(*messages: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"task_id": "t", "messages": [{"role": role, "content": text} for role, text in messages], **more}


def test_execute_and_solution(tmp_path: Path) -> None:
    report, dataset = read_rows(
        tmp_path,
        [
            talk(
                ("user", "Example:\nAssistant:\n<execute>\nprint(0)\n</execute>\n\nTask:\nAdd 1 and 1."),
                ("assistant", "<thought> I compute. </thought>\n<execute>\nprint(1+1)\n</execute>"),
                ("user", "Observation:\n2"),
                ("assistant", "<solution> 2 </solution>"),
                ("user", "Your answer is wrong."),
                ("assistant", "<solution>3</solution>"),
                prompt="Add 1 and 1.",
                success=True,
            )
        ],
    )
    assert report.files[0].loader == "text_calls"
    assert steps(dataset) == [
        ("code", "execute", "print(1+1)", "succeeded", "2"),
        ("finish", "solution", " 2 ", "failed", "Your answer is wrong."),
        ("finish", "solution", "3", "succeeded", None),
    ]
    assert dataset.step_text(0).thought == "I compute."
    assert turns(dataset)[1] == (0, "user", "Add 1 and 1.")
    assert turns(dataset)[0][1] == "system"


def test_code_beside_a_solution_was_not_executed(tmp_path: Path) -> None:
    text = "<execute>\nrm()\n</execute>\nObservation:\n[imagined]\n<solution>done</solution>"
    _, dataset = read_rows(tmp_path, [talk(("user", "Go"), ("assistant", text), ("user", "Observation:\nfine"))])
    assert [(kind, outcome) for kind, _, _, outcome, _ in steps(dataset)] == [
        ("code", "not_executed"),
        ("finish", "succeeded"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<tool_call>\n{"name": "bash", "arguments": {"command": "ls"}}\n</tool_call>', ("shell", "bash", "ls")),
        ('<tool_call>{"name": "f", "arguments": "{\\"a\\": 1}"}</tool_call>', ("tool_call", "f", '{"a": 1}')),
        ("<function=execute_bash>\n<parameter=command>ls</parameter>\n</function>", ("shell", "execute_bash", "ls")),
        ("<tool_call>\n<function=f>\n<parameter=a>\n1\n</parameter>\n</tool_call>", ("tool_call", "f", '{"a": "1"}')),
        ("Look.\n```bash\nls -la\n```", ("shell", "bash", "ls -la")),
        ("<execute_bash>ls", ("shell", "execute_bash", "ls")),
        ("<tool_call>{broken</tool_call>", ("tool_call", None, "{broken")),
    ],
)  # fmt: skip
def test_notations(tmp_path: Path, text: str, expected: tuple[str, str | None, str]) -> None:
    _, dataset = read_rows(tmp_path, [talk(("user", "Go"), ("assistant", text), ("user", "seen"))])
    assert steps(dataset)[0][:3] == expected
    assert steps(dataset)[0][4] == "seen"


def test_a_tag_that_is_never_closed_reaches_to_the_next(tmp_path: Path) -> None:
    text = "<execute>\nprint(1)\nand then\n<solution>1</solution>"
    _, dataset = read_rows(tmp_path, [talk(("user", "Go"), ("assistant", text))])
    assert [(kind, arguments, outcome) for kind, _, arguments, outcome, _ in steps(dataset)] == [
        ("code", "print(1)\nand then", "not_executed"),
        ("finish", "1", "unknown"),
    ]


def test_a_message_without_a_call_is_a_message(tmp_path: Path) -> None:
    _, dataset = read_rows(
        tmp_path,
        [talk(("user", "Go"), ("assistant", "<execute>1</execute>"), ("user", "1"), ("assistant", "I am done."))],
    )
    assert [kind for kind, *_ in steps(dataset)] == ["code", "message"]
    assert dataset.end.of(0) == "finished"


@pytest.mark.parametrize("opening", ["<execute>", "<tool_call>", "<function=f>", "```bash\n", "<execute>x</execute>"])
def test_reading_tags_takes_linear_time(opening: str) -> None:
    def seconds(times: int) -> float:
        started = time.process_time()
        _calls(opening * times, True)
        return time.process_time() - started

    seconds(1000)
    small, large = max(seconds(4_000), 1e-4), seconds(64_000)
    assert large / small < 16 * 8
