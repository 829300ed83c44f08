"""What sort of action a tool call is, and which part of its arguments is the command itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from explorer.model.schema import StepKind
from loaders.json_arguments import parse_json, to_json, without_nulls


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SHELL = _words(
    """bash sh zsh shell terminal cmd run exec execute execute_bash run_bash bash_tool run_command run_cmd
    execute_command exec_command run_shell shell_exec run_shell_command shell_command execute_shell
    execute_shell_command run_terminal_cmd run_in_terminal run_terminal_command local_shell container.exec
    bash_command ic_bash powershell"""
)
_CODE = _words(
    """python ipython py execute_python run_python python_repl python_interpreter python_exec execute_ipython_cell
    run_ipython run_ipython_cell jupyter jupyter_cell code_interpreter execute_code run_code code_execution
    ic_python notebook_execute"""
)
_SQL = _words(
    """sql execute_sql run_sql sql_query query_database query_db run_query execute_query sql_db_query
    sqlite_query psql mysql postgres_query database_query ic_sql"""
)
_FINISH = _words(
    """finish submit final_answer finalize task_complete complete_task attempt_completion mark_complete
    end_task agent_finish answer_action report_done"""
)
_KEYS: Mapping[StepKind, tuple[str, ...]] = {
    StepKind.SHELL: ("command", "cmd", "commands", "script", "bash", "command_line", "code", "input"),
    StepKind.CODE: ("code", "script", "source", "python", "input", "command"),
    StepKind.SQL: ("query", "sql", "statement", "command", "q"),
}
TERMINAL_TOOLS = ("transfer_to_human",)
"""Tools whose success ends a conversation, by the beginning of their name."""


_REMEMBERED = 500


class Action(NamedTuple):
    """A classified call, ready to become a step."""

    kind: StepKind
    tool: str | None
    arguments: str | None
    flags: tuple[str, ...] = ()


@lru_cache(maxsize=10_000)
def kind_of_tool(tool: str) -> StepKind:
    """The kind a tool's name stands for; ``tool_call`` where the name says nothing."""
    name = tool.strip().lower().rsplit("__", 1)[-1].removeprefix("functions.").replace("-", "_")
    for kind, names in (
        (StepKind.SHELL, _SHELL),
        (StepKind.CODE, _CODE),
        (StepKind.SQL, _SQL),
        (StepKind.FINISH, _FINISH),
    ):
        if name in names:
            return kind
    return StepKind.TOOL_CALL


def call_action(tool: str | None, arguments: Any) -> Action:
    """Classify one call: see :func:`_call_action`. Short texts repeat in logs and are classified once."""
    if isinstance(arguments, str) and len(arguments) <= _REMEMBERED:
        return _known_action(tool, arguments)
    return _call_action(tool, arguments)


@lru_cache(maxsize=8192)
def _known_action(tool: str | None, arguments: str) -> Action:
    return _call_action(tool, arguments)


def _call_action(tool: str | None, arguments: Any) -> Action:
    """Classify one call. ``arguments`` is JSON text, a plain value (nulls in a struct are padding) or None.

    For shells, interpreters and databases the command text itself becomes the step's arguments; everything else
    keeps its JSON text as logged. Input typed into a program that already runs is no command and stays a call.
    """
    kind = StepKind.TOOL_CALL if tool is None else kind_of_tool(tool)
    flags: tuple[str, ...] = ()
    if arguments is None:
        return Action(_without_command(kind), tool, None)
    if isinstance(arguments, str):
        text = arguments
        stripped = text.lstrip()
        if not stripped:
            return Action(_without_command(kind), tool, text)
        if not stripped.startswith(("{", "[", '"')):
            # Not JSON: for a shell this is the command itself, for anything else a log's own notation.
            bare = kind in _KEYS or kind == StepKind.FINISH
            return Action(kind, tool, text, () if bare else parse_json(text).flags)
        parsed = parse_json(text)
        value, flags, repeated = parsed.value, parsed.flags, parsed.repeated
    else:
        value, repeated = without_nulls(arguments), {}
        text = to_json(value)
    if kind not in _KEYS:
        return Action(kind, tool, text, flags)
    if isinstance(value, str):
        return Action(kind, tool, value, flags)
    if isinstance(value, dict):
        if str(value.get("is_input", "")).lower() == "true":
            return Action(StepKind.TOOL_CALL, tool, text, flags)
        for key in _KEYS[kind]:
            # A key given twice: readers differ in which one they obey, so both commands are kept in sight.
            given = repeated.get(key, (value.get(key),))
            command = "\n".join(c for c in map(_command_text, given) if c is not None)
            if command:
                return Action(kind, tool, command, flags)
    return Action(_without_command(kind), tool, text, flags)


def _without_command(kind: StepKind) -> StepKind:
    return StepKind.TOOL_CALL if kind in _KEYS else kind


def _command_text(value: Any) -> str | None:
    """A command as text: a string, or an argv list (``["bash", "-lc", "ls"]``)."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        if len(value) == 3 and value[0].rsplit("/", 1)[-1] in ("bash", "sh", "zsh") and value[1] in ("-c", "-lc"):
            return str(value[2])
        return " ".join(part if part.isalnum() else json.dumps(part) for part in value)
    return None
