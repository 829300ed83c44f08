"""One row per trajectory, its steps as a list of structs with action and observation.

The notation of SWE-agent, whose actions are commands of a shell with some commands of its own. A row whose list of
steps is empty is read from its messages, if it has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from explorer.errors import InputError
from explorer.model.schema import End, Speaker, StepKind
from loaders import outcomes
from loaders.actions import call_action, kind_of_tool
from loaders.base import Claim, ColumnMapping, Head, Layout, Row, RowLoader
from loaders.columns import leaves, type_of, value_at
from loaders.conversation import read_conversation
from loaders.drafts import BadRowError, StepDraft, TrajectoryDraft
from loaders.ends import apply_end, end_columns, end_of_reason
from loaders.json_arguments import parse_json, to_json
from loaders.message_parts import content_text, speaker_of
from loaders.messages import message_lists
from loaders.times import parse_time

_OWN_COMMANDS = frozenset(
    (
        "edit", "create", "open", "insert", "append", "goto", "scroll_down", "scroll_up", "search_file", "search_dir",
        "find_file", "str_replace_editor", "view_file", "decompile", "disassemble", "connect_start", "connect_sendline",
        "connect_stop", "connect_exec", "debug_start", "debug_add_breakpoint", "debug_continue", "debug_step",
        "debug_exec", "debug_stop",
    )
)  # fmt: skip
"""Commands that only the agent's interface knows; what stands behind them is text, not shell."""


class ActionObservation(RowLoader):
    name = "action_observation"
    title = "one row per trajectory, steps as a list of actions and observations"
    looks_for = "a list of structs with action and observation"

    def claim(self, head: Head, mapping: ColumnMapping) -> Claim:
        names = _step_lists(head.schema)
        if not names:
            return Claim(self.name, 0.0, "no list of structs with action and observation")
        return Claim(self.name, 0.93, f"{names[0]} is a list of actions and observations")

    def layout(self, head: Head, mapping: ColumnMapping) -> Layout:
        named = mapping.columns.get("steps")
        names = [named] if named else _step_lists(head.schema)
        if not names or type_of(head.schema, names[0]) is None:
            raise InputError("there is no list of steps", todo="Name its column in the mapping: columns.steps.")
        columns = {"steps": names[0], **end_columns(head)}
        messages = [name for name in message_lists(head.schema) if name != names[0]]
        if messages:
            columns["messages"] = messages[0]
        if "info" in head.schema.names:
            columns["info"] = "info"
        columns = {**columns, **mapping.columns}
        if mapping.trajectory:
            columns["trajectory"] = mapping.trajectory
        return Layout(columns, frozenset(columns[role] for role in ("steps", "messages") if role in columns))

    def read(self, row: Row, layout: Layout) -> TrajectoryDraft:
        steps = value_at(row, layout.columns["steps"])
        if isinstance(steps, str):
            steps = parse_json(steps).value
        messages = value_at(row, layout.columns["messages"]) if "messages" in layout.columns else None
        messages = messages if isinstance(messages, list) else []
        draft = TrajectoryDraft()
        if not steps and messages:
            read_conversation([_undemonstrated(message) for message in messages], draft)
        elif steps is not None and not isinstance(steps, list):
            raise BadRowError("its steps are no list")
        else:
            _ask(draft, messages)
            for place, step in enumerate(steps or ()):
                if isinstance(step, dict):
                    draft.steps.append(_step(place, step))
            draft.end = _end(row, layout, draft)
        apply_end(row, layout, draft)
        return draft


def _step_lists(schema: pa.Schema) -> list[str]:
    found = []
    for name, kind in leaves(schema):
        if (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and pa.types.is_struct(kind.value_type):
            fields = {field.name.lower() for field in kind.value_type}
            if {"action", "observation"} <= fields and "cause" not in fields and not fields & {"role", "from"}:
                found.append(name)
    return found


def _undemonstrated(message: Any) -> Any:
    """A worked example in a conversation is the harness's, whoever it is written as."""
    if isinstance(message, dict) and message.get("is_demo"):
        return {"role": "system", "content": message.get("content")}
    return message


def _ask(draft: TrajectoryDraft, messages: Sequence[Any]) -> None:
    """What was said before the agent first spoke."""
    for message in messages:
        message = _undemonstrated(message)
        if not isinstance(message, dict):
            continue
        speaker = speaker_of(message)
        if speaker == Speaker.AGENT:
            return
        draft.say(speaker or Speaker.SYSTEM, content_text(message.get("content")))


def _step(place: int, step: Mapping[str, Any]) -> StepDraft:
    action, observation = step.get("action"), step.get("observation")
    observation = None if observation is None else observation if isinstance(observation, str) else to_json(observation)
    thought = next((step[key] for key in ("thought", "reasoning", "response") if isinstance(step.get(key), str)), None)
    if isinstance(action, dict):
        tool = action.get("tool", action.get("name", action.get("action")))
        arguments = action.get("arguments", action.get("args", action.get("input")))
        found = call_action(tool if isinstance(tool, str) else None, arguments)
        kind, name, text, flags = found.kind, found.tool, found.arguments, found.flags
    else:
        kind, name, text = _command(action if isinstance(action, str) else None)
        flags = ()
        if kind == StepKind.MESSAGE:
            text = thought
            thought = None
    draft = StepDraft(
        kind, name, text, thought=thought or None, log_id=str(place), timestamp=parse_time(step.get("timestamp")),
        flags=flags,
    )  # fmt: skip
    if observation is not None:
        said = outcomes.from_exit_code(step["exit_code"]) if step.get("exit_code") is not None else None
        draft.answer(observation, said or outcomes.from_text(observation, kind == StepKind.SHELL))
    return draft


def _command(action: str | None) -> tuple[StepKind, str | None, str | None]:
    """A command line: a shell's, the interface's own (its text kept as an argument), or the last word."""
    text = (action or "").rstrip("\n")
    if not text.strip():
        return StepKind.MESSAGE, None, None
    first, _, rest = text.lstrip().partition(" ") if " " in text.split("\n", 1)[0] else text.lstrip().partition("\n")
    if first in _OWN_COMMANDS:
        return StepKind.TOOL_CALL, first, to_json({"text": rest})
    if kind_of_tool(first) == StepKind.FINISH:
        return StepKind.FINISH, first, rest or None
    return StepKind.SHELL, "bash", text


def _end(row: Row, layout: Layout, draft: TrajectoryDraft) -> End:
    if not draft.steps:
        return End.EMPTY
    info = value_at(row, layout.columns["info"]) if "info" in layout.columns else None
    info = parse_json(info).value if isinstance(info, str) else info
    if isinstance(info, dict):
        said = end_of_reason(info.get("exit_status"))
        if said is not None:
            return said
    return End.FINISHED if draft.steps[-1].kind in (StepKind.FINISH, StepKind.MESSAGE) else End.CUT_OFF
