"""A step in one line, as rows and tables show it: the command itself, or the tool with its arguments."""

from __future__ import annotations

import json
from typing import Any

from explorer.model.trajectory import Dataset

LONGEST = 400
"""Characters a line may have; what is longer is cut with an ellipsis."""
_READ = 4000
_BREAK = " ↵ "
_SELF_EVIDENT = frozenset({"command", "cmd", "path", "file_path", "filename", "url", "query", "code", "sql", "thought",
                           "message", "content", "text", "answer"})  # fmt: skip
"""Names of arguments whose values speak for themselves: a narrow row shows the value alone."""


def one_line(text: str, longest: int = LONGEST) -> str:
    """A text with its line breaks drawn, cut to ``longest`` characters; linear in ``longest``, not in the text."""
    head = text[: longest + 200].strip().replace("\r\n", "\n").replace("\r", "\n")
    head = _BREAK.join(part.strip() for part in head.split("\n") if part.strip())
    cut = len(head) > longest or len(text) > longest + 200
    return head[: longest - 1] + "…" if cut else head


def call_line(tool: str | None, arguments: str, longest: int = LONGEST) -> str:
    """``tool  value  key=value`` for JSON objects; anything else as it is written."""
    name = tool or ""
    try:
        values: Any = json.loads(arguments) if len(arguments) <= _READ else None
    except (ValueError, RecursionError):
        values = None
    if isinstance(values, dict):
        shown = (_short(value) if key in _SELF_EVIDENT else f"{key}={_short(value)}" for key, value in values.items())
        return one_line("  ".join((name, *shown)), longest)
    return one_line(f"{name}  {arguments}".strip() if arguments != "{}" else name, longest)


def arguments_text(arguments: str) -> str:
    """Arguments for reading and comparing: a JSON object as ``key: value`` lines with its line breaks drawn out,
    anything else as it is written."""
    try:
        values: Any = json.loads(arguments) if arguments.startswith("{") and len(arguments) <= 16 * _READ else None
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        return arguments
    shown = (v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in values.values())
    return "\n".join(f"{key}: {value}" for key, value in zip(values, shown, strict=True))


def task_words(task: str) -> str:
    """A task's key as a person reads it: keys made of several columns (a JSON array) with their parts side by side."""
    if not task.startswith("["):
        return task
    try:
        parts: Any = json.loads(task) if len(task) <= _READ else None
    except (ValueError, RecursionError):
        parts = None
    if not isinstance(parts, list) or not parts:
        return task
    return " · ".join("∅" if part is None else part if isinstance(part, str) else json.dumps(part) for part in parts)


def step_line(dataset: Dataset, row: int, longest: int = LONGEST) -> str:
    """One step of a dataset (row of its steps) in one line."""
    arguments = str(dataset.steps["arguments"][row].as_py() or "")
    kind = dataset.kind.of(row) or ""
    tool = dataset.tool.of(row)
    if kind in ("shell", "sql", "code"):
        return one_line(arguments, longest) or tool or kind
    if kind in ("message", "finish"):
        said = arguments if arguments and arguments != "{}" else str(dataset.steps["thought"][row].as_py() or "")
        if said.startswith("{"):
            return call_line(tool or kind, said, longest)
        return one_line(f"{tool or kind}: {said}" if said else tool or kind, longest)
    return call_line(tool, arguments, longest) or kind


def _short(value: Any) -> str:
    if isinstance(value, str):
        return value if value and " " not in value and "\n" not in value else f"“{value}”"
    return json.dumps(value, ensure_ascii=False)
