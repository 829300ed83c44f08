"""A conversation (a list of messages in any of the common notations) → steps and turns.

Only what the *agent* does is a step. Calls made by anybody else (a simulated user with tools of his own) and
their results are turns. A result belongs to the call with its id; where ids are null, empty or repeated, to the
first call that still waits, by name if it gives one, else in order; a result nobody waits for is a turn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from explorer.model.schema import End, Outcome, Speaker, StepKind
from loaders import outcomes
from loaders.actions import TERMINAL_TOOLS, call_action
from loaders.drafts import StepDraft, TrajectoryDraft
from loaders.json_arguments import to_json
from loaders.message_parts import (
    Call,
    Result,
    block_results,
    content_text,
    message_calls,
    speaker_of,
    thinking_text,
    tool_result,
)
from loaders.times import parse_time

# Marks that no log can hold as an id or a tool's name (they are no text).
_NO_ID, _ANY, _NO_TOOL = "\ud800id", "\ud800any", "\ud800tool"


def read_conversation(messages: Sequence[Any], draft: TrajectoryDraft) -> None:
    """Read messages into ``draft`` and conclude how it ended (unless ``draft.end`` is set already)."""
    reader = _Reader(draft)
    for number, message in enumerate(messages):
        if isinstance(message, dict):
            reader.read(number, message)
        elif message is not None:
            draft.problem("unreadable_message", "a message that is no object was left out", "messages")
    if draft.end is None:
        draft.end = reader.conclude()


class _Reader:
    """State of one pass over a conversation."""

    def __init__(self, draft: TrajectoryDraft) -> None:
        self.draft = draft
        self.waiting = _Waiting()
        self.foreign: dict[str, int] = {}
        self.foreign_waiting = 0
        self.last: Speaker | None = None
        self.time: datetime | None = None

    def read(self, number: int, message: Mapping[str, Any]) -> None:
        speaker = speaker_of(message)
        if speaker is None:
            text = content_text(message.get("content"))
            role = message.get("role")
            self.draft.problem("unknown_speaker", f"messages of the unknown role {str(role)[:40]!r} are turns", "role")
            self.draft.say(Speaker.TOOL, text)
            return
        content = message.get("content", message.get("value", message.get("text")))
        when = message.get("timestamp")
        time = parse_time(when) if when is not None else None
        if time is not None:
            if self.time is not None and time < self.time:
                self.draft.problem("out_of_order", "a message is older than the one before it", "timestamp")
            self.time = time
        if speaker == Speaker.TOOL:
            for result in block_results(content) or [tool_result(message, content)]:
                self.result(result)
        elif speaker == Speaker.AGENT:
            self.act(number, message, content, time)
        else:
            calls = message_calls(message, content)
            for result in block_results(content):
                self.result(result)
            self.draft.say(speaker, content_text(content))
            for call in calls:
                self.foreign_call(speaker, call)
        self.last = speaker

    def act(self, number: int, message: Mapping[str, Any], content: Any, time: datetime | None) -> None:
        """An agent's message: its calls are steps, text beside them is the first one's thought."""
        calls = message_calls(message, content)
        text, thinking = content_text(content), thinking_text(message, content)
        draft = self.draft
        if not calls:
            if not (text and text.strip()) and not thinking:
                draft.problem("empty_agent_message", "the agent said and did nothing", "content")
                return
            draft.steps.append(
                StepDraft(
                    StepKind.MESSAGE, None, text, thought=thinking, outcome=Outcome.SUCCEEDED,
                    log_id=str(number), timestamp=time,
                )
            )  # fmt: skip
            return
        thought = "\n".join(part for part in (thinking, text) if part and part.strip()) or None
        own = []
        for call in calls:
            if call.requestor in (None, "", "assistant", "agent"):
                own.append(call)
            else:
                self.foreign_call(Speaker.AGENT, call)
        for place, call in enumerate(own):
            action = call_action(call.tool, call.arguments)
            step = StepDraft(
                action.kind, action.tool, action.arguments, thought=thought if place == 0 else None,
                log_id=str(number) if place == 0 else f"{number}.{place}", timestamp=time,
                call_id=call.call_id or None, flags=action.flags,
            )  # fmt: skip
            draft.steps.append(step)
            self.waiting.add(step)
            for flag in action.flags:
                draft.problem(flag, _FLAG_TEXT.get(flag, flag), "arguments")

    def foreign_call(self, speaker: Speaker, call: Call) -> None:
        """A call that is not the agent's: a turn by whoever made it, and its result will be one by the tool."""
        shown = call.arguments if isinstance(call.arguments, str) else to_json(call.arguments)
        self.draft.say(speaker, f"[calls {call.tool}] {shown or ''}".rstrip())
        if call.call_id:
            self.foreign[call.call_id] = self.foreign.get(call.call_id, 0) + 1
        else:
            self.foreign_waiting += 1

    def result(self, result: Result) -> None:
        if not result.own or self._is_foreign(result):
            self.draft.say(Speaker.TOOL, result.text)
            return
        step = self.waiting.take(result)
        if step is None:
            self.draft.problem("unowned_result", "a tool result that belongs to no call is a turn", "messages")
            self.draft.say(Speaker.TOOL, result.text)
            return
        step.answer(result.text, step_outcome(step, result))

    def _is_foreign(self, result: Result) -> bool:
        if result.call_id and self.foreign.get(result.call_id):
            self.foreign[result.call_id] -= 1
            return True
        if not result.call_id and self.foreign_waiting and not self.waiting:
            self.foreign_waiting -= 1
            return True
        return False

    def conclude(self) -> End:
        return conclude(self.draft, self.last, bool(self.waiting))


class _Waiting:
    """Calls that have no result yet, found by id, by tool or in order, each in constant time: a log may hold a
    hundred thousand calls in one message."""

    def __init__(self) -> None:
        self._queues: dict[tuple[str | None, str | None], deque[StepDraft]] = {}
        self._open = 0

    def __len__(self) -> int:
        return self._open

    def add(self, step: StepDraft) -> None:
        self._open += 1
        # By id alone; then, for results without one, by tool and in order, over all calls and over those without id.
        for owner in {step.call_id or _NO_ID, _ANY}:
            for tool in (None, step.tool or _NO_TOOL):
                self._queues.setdefault((owner, tool), deque()).append(step)

    def take(self, result: Result) -> StepDraft | None:
        """The call that a result answers; it waits no longer."""
        step = None
        if result.call_id:
            step = self._first(result.call_id, None)
        owner = _NO_ID if result.call_id else _ANY
        if step is None and result.tool:
            step = self._first(owner, result.tool)
        if step is None:
            step = self._first(owner, None)
        if step is not None:
            self._open -= 1
        return step

    def _first(self, owner: str, tool: str | None) -> StepDraft | None:
        queue = self._queues.get((owner, tool))
        while queue:
            step = queue.popleft()
            if not step.answered:
                return step
        return None


def conclude(draft: TrajectoryDraft, last: Speaker | None, open_calls: bool) -> End:
    """How a conversation ended, from its last message: answered or stopped by the user = finished; a call without
    a result, or a result nobody reacted to = cut off."""
    if not draft.steps:
        return End.EMPTY
    final = draft.steps[-1]
    if final.kind in (StepKind.FINISH, StepKind.MESSAGE):
        return End.FINISHED
    if open_calls and last == Speaker.AGENT:
        return End.CUT_OFF
    if last == Speaker.TOOL:
        name = (final.tool or "").lower()
        return End.FINISHED if name.startswith(TERMINAL_TOOLS) else End.CUT_OFF
    return End.FINISHED


def step_outcome(step: StepDraft, result: Result) -> Outcome:
    """Flags of the log first, then the result's own words."""
    shell = step.kind == StepKind.SHELL
    if result.flag is not None and result.flag != Outcome.SUCCEEDED:
        words = outcomes.from_text(result.text)
        return words if words == Outcome.NOT_EXECUTED else result.flag
    if step.kind == StepKind.CODE:
        words = outcomes.from_code_text(result.text)
    else:
        words = outcomes.from_text(result.text if result.text is not None else "", shell)
    return words


_FLAG_TEXT = {
    "duplicate_json_key": "a call gives an argument twice; readers differ in which one they obey",
    "unparsable_arguments": "a call's arguments are no JSON",
    "json_nan": "a call's arguments hold NaN or infinity",
}
