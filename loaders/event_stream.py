"""One row per trajectory, its history as events: actions, and observations that point at their action by ``cause``.

The notation of OpenHands. The harness's own bookkeeping (recalls, state changes) is no step and no turn. Where the
first request only points at a file (``/instruction/task.md``), what the agent read there is added to it, marked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from explorer.errors import InputError
from explorer.model.schema import End, Outcome, Speaker, StepKind
from loaders import outcomes
from loaders.actions import call_action
from loaders.base import Claim, ColumnMapping, Head, Layout, Row, RowLoader
from loaders.columns import leaves, type_of, value_at
from loaders.drafts import BadRowError, StepDraft, TrajectoryDraft
from loaders.ends import apply_end, end_columns
from loaders.json_arguments import parse_json, to_json
from loaders.times import parse_time

_BOOKKEEPING = frozenset(
    ("recall", "null", "change_agent_state", "agent_state_changed", "system", "condensation", "loop_recovery")
)
_HARNESS_ARGUMENTS = frozenset(
    ("thought", "blocking", "hidden", "confirmation_state", "impl_source", "is_input", "include_extra",
     "kernel_init_code", "security_risk", "image_urls", "wait_for_response")
)  # fmt: skip
_POINTER = re.compile(r"(/[\w.\-/]{1,300}\.(?:md|txt|rst))\b")
_NUMBERED = re.compile(r"^ {0,10}\d{1,7}\t", re.MULTILINE)
_LONGEST_POINTER = 2000


class EventStream(RowLoader):
    name = "event_stream"
    title = "one row per trajectory, a stream of events joined by cause"
    looks_for = "a list of events with source, action, observation and cause"

    def claim(self, head: Head, mapping: ColumnMapping) -> Claim:
        names = _event_lists(head.schema)
        if not names:
            return Claim(self.name, 0.0, "no list of events with action, observation and cause")
        return Claim(self.name, 0.95, f"{names[0]} is a list of events joined by cause")

    def layout(self, head: Head, mapping: ColumnMapping) -> Layout:
        named = mapping.columns.get("events")
        names = [named] if named else _event_lists(head.schema)
        if not names or type_of(head.schema, names[0]) is None:
            raise InputError("there is no list of events", todo="Name its column in the mapping: columns.events.")
        columns = {"events": names[0], **end_columns(head), **mapping.columns}
        if mapping.trajectory:
            columns["trajectory"] = mapping.trajectory
        return Layout(columns, frozenset((names[0],)))

    def read(self, row: Row, layout: Layout) -> TrajectoryDraft:
        events = value_at(row, layout.columns["events"])
        if isinstance(events, str):
            events = parse_json(events).value
        if events is None:
            events = []
        if not isinstance(events, list):
            raise BadRowError("its events are no list")
        draft = TrajectoryDraft()
        reader = _Reader(draft)
        for event in events:
            if isinstance(event, dict):
                reader.read(event)
        draft.end = reader.conclude()
        _resolve_request(draft)
        apply_end(row, layout, draft)
        return draft


def _event_lists(schema: pa.Schema) -> list[str]:
    found = []
    for name, kind in leaves(schema):
        if (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and pa.types.is_struct(kind.value_type):
            fields = {field.name for field in kind.value_type}
            if {"action", "observation", "cause"} <= fields:
                found.append(name)
    return found


class _Reader:
    """State of one pass over the events of a trajectory."""

    def __init__(self, draft: TrajectoryDraft) -> None:
        self.draft = draft
        self.by_id: dict[Any, StepDraft] = {}
        self.skipped: set[Any] = set()
        self.last = ""
        self.time: datetime | None = None

    def read(self, event: Mapping[str, Any]) -> None:
        time = parse_time(event.get("timestamp"))
        if time is not None:
            if self.time is not None and time < self.time:
                self.draft.problem("out_of_order", "an event is older than the one before it", "timestamp")
            self.time = time
        action, observation = event.get("action"), event.get("observation")
        if action:
            self.act(event, str(action), time)
        elif observation:
            self.observe(event, str(observation))
        else:
            self.draft.say(_speaker(event.get("source")), _text(event))

    def act(self, event: Mapping[str, Any], action: str, time: datetime | None) -> None:
        identity = event.get("id")
        if action in _BOOKKEEPING:
            self.skipped.add(identity)
            return
        arguments = _mapping(event.get("args"))
        if event.get("source") != "agent":
            spoken = arguments.get("content")
            self.draft.say(_speaker(event.get("source")), spoken if isinstance(spoken, str) else _text(event))
            self.last = "said"
            return
        step = _step(event, action, arguments)
        step.log_id = None if identity is None else str(identity)
        step.timestamp = time
        self.draft.steps.append(step)
        for flag in step.flags:
            self.draft.problem(flag, "a call's arguments are odd", "args")
        if identity is not None:
            self.by_id[identity] = step
        self.last = "acted"

    def observe(self, event: Mapping[str, Any], observation: str) -> None:
        cause = event.get("cause")
        text = event.get("content")
        if not isinstance(text, str):
            text = _text(event)
        if cause in self.skipped or (observation in _BOOKKEEPING and cause not in self.by_id):
            return
        step = self.by_id.get(cause)
        if step is None:
            self.draft.problem("unowned_result", "an observation whose cause is no action is a turn", "cause")
            self.draft.say(Speaker.TOOL, text)
        else:
            step.answer(text, _outcome(event, observation, step, text))
        self.last = "error" if observation == "error" else "observed"

    def conclude(self) -> End:
        steps = self.draft.steps
        if not steps:
            return End.EMPTY
        if steps[-1].kind in (StepKind.FINISH, StepKind.MESSAGE):
            return End.FINISHED
        return End.CUT_OFF if self.last in ("acted", "observed", "error") else End.FINISHED


def _step(event: Mapping[str, Any], action: str, arguments: Mapping[str, Any]) -> StepDraft:
    """An agent's event as a step: the call as the model wrote it where the log keeps it, else the event's own."""
    call = event.get("tool_call_metadata")
    call = call if isinstance(call, dict) else {}
    thought = arguments.get("thought")
    if not (isinstance(thought, str) and thought) or action == "think":
        thought = call.get("assistant_content")
    thought = thought if isinstance(thought, str) and thought.strip() else None
    if action == "message":
        text = arguments.get("content")
        return StepDraft(
            StepKind.MESSAGE, None, text if isinstance(text, str) else _text(event), thought=thought,
            outcome=Outcome.SUCCEEDED,
        )  # fmt: skip
    tool = call.get("function_name")
    tool = tool if isinstance(tool, str) and tool else action
    written: Any = call.get("arguments")
    flags: tuple[str, ...] = ()
    own = {key: value for key, value in arguments.items() if key not in _HARNESS_ARGUMENTS}
    if action in ("run", "run_ipython") and str(arguments.get("is_input", "")).lower() != "true":
        kind = StepKind.SHELL if action == "run" else StepKind.CODE
        text = arguments.get("command" if action == "run" else "code")
        if isinstance(text, str):
            if isinstance(written, str):
                flags = parse_json(written).flags
            return StepDraft(kind, tool, text, thought=thought, flags=flags)
    if not written:
        written = to_json(own if action != "think" else dict(arguments))
    classified = call_action(tool, written)
    kind = StepKind.FINISH if action == "finish" else classified.kind
    step = StepDraft(kind, tool, classified.arguments, thought=thought, flags=classified.flags)
    if kind == StepKind.FINISH:
        step.outcome = Outcome.SUCCEEDED
    return step


def _outcome(event: Mapping[str, Any], observation: str, step: StepDraft, text: str | None) -> Outcome:
    words = outcomes.from_text(text or "", shell=False)
    if words == Outcome.NOT_EXECUTED:
        return words
    if observation == "error":
        return Outcome.FAILED
    extras = _mapping(event.get("extras"))
    metadata = extras.get("metadata")
    if isinstance(metadata, dict) and metadata.get("exit_code") is not None:
        return outcomes.from_exit_code(metadata["exit_code"])
    if extras.get("exit_code") is not None:
        return outcomes.from_exit_code(extras["exit_code"])
    if extras.get("error") is True:
        return Outcome.FAILED
    if step.kind == StepKind.CODE:
        return outcomes.from_code_text(text or "")
    if event.get("success") is False:
        return Outcome.FAILED
    if observation in ("read", "edit", "write"):
        return Outcome.FAILED if (text or "").startswith("ERROR") else Outcome.SUCCEEDED
    return words


def _resolve_request(draft: TrajectoryDraft) -> None:
    """If the first request names a file to follow, put what the agent read there beside it, and say so."""
    place = next((i for i, turn in enumerate(draft.turns) if turn.speaker == Speaker.USER), None)
    if place is None or len(draft.turns[place].text) > _LONGEST_POINTER:
        return
    request = draft.turns[place]
    pointer = _POINTER.search(request.text)
    if pointer is None:
        return
    path = pointer.group(1)
    for number, step in enumerate(draft.steps[:20]):
        part = _part_read(step, path) if step.outcome == Outcome.SUCCEEDED and step.observation else None
        if part is not None:
            text = _unnumbered(step.observation or "")
            mark = f"[{path}{part}, as the agent read it in step {number}:]"
            draft.turns[place] = request._replace(text=f"{request.text}\n\n{mark}\n{text}")
            return


def _part_read(step: StepDraft, path: str) -> str | None:
    """Which part of a file a step reads: "" = all of it, or its first lines in words; None = something else."""
    arguments = (step.arguments or "").strip()
    if step.kind == StepKind.SHELL:
        whole = arguments in (f"cat {path}", f"cat -n {path}", f'cat "{path}"', f"cat '{path}'")
        return "" if whole else None
    value = parse_json(arguments).value if arguments.startswith("{") else None
    if not isinstance(value, dict) or value.get("path", value.get("file_path")) != path:
        return None
    if value.get("command", "view") not in ("view", "read", "cat"):
        return None
    if value.get("start", 0) not in (0, None) or value.get("end", -1) not in (-1, None):
        return None
    lines = value.get("view_range")
    if not lines or lines == [1, -1]:
        return ""
    if isinstance(lines, list) and len(lines) == 2 and lines[0] == 1:
        return f" lines 1 to {lines[1]}"
    return None


def _unnumbered(text: str) -> str:
    """A file as ``cat -n`` showed it, without the header and the numbers."""
    head, newline, body = text.partition("\n")
    if newline and "cat -n" in head:
        return _NUMBERED.sub("", body).rstrip()
    return _NUMBERED.sub("", text).rstrip() if _NUMBERED.match(text) else text.rstrip()


def _mapping(value: Any) -> Mapping[str, Any]:
    if isinstance(value, str):
        value = parse_json(value).value
    return value if isinstance(value, dict) else {}


def _text(event: Mapping[str, Any]) -> str | None:
    for key in ("content", "message"):
        value = event.get(key)
        if isinstance(value, str) and value:
            return value
    return None


def _speaker(source: object) -> Speaker:
    if source == "user":
        return Speaker.USER
    return Speaker.AGENT if source == "agent" else Speaker.TOOL
