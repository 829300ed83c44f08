"""Conversations whose calls stand only as text inside the agent's messages.

Notations: ``<execute>…</execute>`` and its kin with ``<solution>…</solution>``, ``<tool_call>{json}</tool_call>``,
``<function=name><parameter=key>…``, and one fenced ``bash`` block a message. Only the agent's own messages are read
for calls: worked examples inside a prompt, and results that an agent imagines within its message, are no steps.

A message that holds code *and* hands in a solution counts as the solution; its code was not executed. Several code
blocks of one message are executed as one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from explorer.errors import InputError
from explorer.model.schema import End, Outcome, Speaker, StepKind
from loaders import outcomes
from loaders.actions import call_action
from loaders.base import Claim, ColumnMapping, Head, Layout, Row, RowLoader
from loaders.columns import first_named, is_text, leaves, type_of, value_at
from loaders.conversation import step_outcome
from loaders.drafts import BadRowError, StepDraft, TrajectoryDraft
from loaders.ends import apply_end, end_columns
from loaders.json_arguments import parse_json, to_json
from loaders.message_parts import Result, content_text, message_calls, speaker_of
from loaders.messages import conversation_layout, json_columns, message_lists, messages_of

_CODE_TAGS: Mapping[str, tuple[StepKind, str]] = {
    "execute": (StepKind.CODE, "execute"),
    "execute_ipython": (StepKind.CODE, "execute_ipython"),
    "python": (StepKind.CODE, "python"),
    "execute_bash": (StepKind.SHELL, "execute_bash"),
    "bash": (StepKind.SHELL, "bash"),
    "sql": (StepKind.SQL, "sql"),
}
_ANSWER_TAGS = ("solution", "final_answer", "answer")
# One pattern for every opening tag, so that a message is scanned once.
_TAGS = re.compile(
    r"<(?:(execute|execute_ipython|execute_bash|python|bash|sql|solution|final_answer|tool_call)"
    r"|function=([^>\s]{1,200}))>"
)
_PARAMETER = re.compile(r"<parameter=([^>\s]{1,200})>")
_FENCE = re.compile(r"```(?:bash|sh|shell)\s*\n")
_THOUGHT_TAGS = re.compile(r"</?(?:thought|think|thinking)>")
_WRONG = re.compile(r"(?:observation:\s*)?your (?:answer|solution) is (?:wrong|incorrect)", re.IGNORECASE)
_PROMPT_NAMES = ("prompt", "question", "instruction", "query", "problem_statement")


class TextCalls(RowLoader):
    name = "text_calls"
    title = "one row per trajectory, calls as text inside the messages"
    looks_for = "messages whose text holds <execute>, <tool_call>, <function=…> or fenced bash blocks"

    def claim(self, head: Head, mapping: ColumnMapping) -> Claim:
        for name in [*message_lists(head.schema), *json_columns(head)]:
            notation = _notation(head, name)
            if notation:
                return Claim(self.name, 0.95, f"the agent's messages in {name} hold {notation}")
        return Claim(self.name, 0.0, "no calls as text in the agent's messages")

    def layout(self, head: Head, mapping: ColumnMapping) -> Layout:
        named = mapping.columns.get("messages")
        names = [named] if named else [*message_lists(head.schema), *json_columns(head)]
        if not names or type_of(head.schema, names[0]) is None:
            raise InputError("there is no list of messages", todo="Name its column in the mapping: columns.messages.")
        base = conversation_layout(head, mapping, names[0])
        columns = {**base.columns, **end_columns(head)}
        texts = [name for name, kind in leaves(head.schema) if is_text(kind)]
        prompt = first_named(texts, _PROMPT_NAMES)
        if prompt is not None:
            columns.setdefault("prompt", prompt)
        success = first_named([name for name, _ in leaves(head.schema)], ("success", "solved", "resolved"))
        if success is not None:
            columns.setdefault("success", success)
        return Layout(columns, base.consumed)

    def read(self, row: Row, layout: Layout) -> TrajectoryDraft:
        messages, _ = messages_of(value_at(row, layout.columns["messages"]))
        draft = TrajectoryDraft()
        fenced = not any(_tagged(m) for m in messages)
        waiting: list[StepDraft] = []
        last: Speaker | None = None
        prompt = value_at(row, layout.columns["prompt"]) if "prompt" in layout.columns else None
        for number, message in enumerate(messages):
            if not isinstance(message, dict):
                raise BadRowError("a message is no object")
            speaker = speaker_of(message)
            text = content_text(message.get("content", message.get("value")))
            if speaker == Speaker.AGENT:
                waiting = _act(number, text or "", draft, fenced)
            elif waiting:
                _answer(waiting, text)
                waiting = []
            elif speaker == Speaker.USER and not draft.steps and isinstance(prompt, str):
                _ask(draft, text, prompt)
            else:
                draft.say(speaker or Speaker.TOOL, text)
            last = speaker
        _conclude(draft, row, layout, last, waiting)
        apply_end(row, layout, draft)
        return draft


def _conclude(
    draft: TrajectoryDraft, row: Row, layout: Layout, last: Speaker | None, waiting: Sequence[StepDraft]
) -> None:
    if not draft.steps:
        draft.end = End.EMPTY
        return
    final = draft.steps[-1]
    if not final.answered:
        # Nobody replied to the last act; the log says on its own whether the task was solved by it.
        success = value_at(row, layout.columns["success"]) if "success" in layout.columns else None
        solved = outcomes.from_status(success)
        if final.kind == StepKind.FINISH or solved == Outcome.SUCCEEDED:
            final.outcome = solved or Outcome.UNKNOWN
    solved_now = not final.answered and final.outcome == Outcome.SUCCEEDED
    spoke = final.kind in (StepKind.FINISH, StepKind.MESSAGE)
    finished = spoke or solved_now or (last == Speaker.USER and not waiting)
    draft.end = End.FINISHED if finished else End.CUT_OFF


def _ask(draft: TrajectoryDraft, text: str | None, prompt: str) -> None:
    """The first prompt: the task that the log also gives on its own is the request; what stands before it
    (instructions and worked examples, the harness's words) is said apart from it."""
    body, task = (text or "").rstrip(), prompt.strip()
    if task and body.endswith(task) and len(body) > len(task):
        draft.say(Speaker.SYSTEM, body[: -len(task)].rstrip())
        draft.say(Speaker.USER, task)
    else:
        draft.say(Speaker.USER, text)


def _act(number: int, text: str, draft: TrajectoryDraft, fenced: bool) -> list[StepDraft]:
    """The steps of one agent message; those that now wait for a result are returned."""
    steps, rest = _calls(text, fenced)
    thought = _THOUGHT_TAGS.sub("", rest.removeprefix("Assistant:")).strip() or None
    if not steps:
        if not text.strip():
            draft.problem("empty_agent_message", "the agent said and did nothing", "content")
            return []
        draft.steps.append(StepDraft(StepKind.MESSAGE, None, text, outcome=Outcome.SUCCEEDED, log_id=str(number)))
        return []
    steps[0].thought = thought
    for place, step in enumerate(steps):
        step.log_id = str(number) if place == 0 else f"{number}.{place}"
        draft.steps.append(step)
        for flag in step.flags:
            draft.problem(flag, "a call's arguments are odd", "arguments")
    return [step for step in steps if step.outcome != Outcome.NOT_EXECUTED]


def _calls(text: str, fenced: bool) -> tuple[list[StepDraft], str]:
    """Calls in an agent's text, and the text without them."""
    code: dict[str, list[str]] = {}
    answers: list[str] = []
    calls: list[StepDraft] = []
    rest: list[str] = []
    unclosed: set[str] = set()
    place = 0
    while True:
        tag = _TAGS.search(text, place)
        if tag is None:
            break
        rest.append(text[place : tag.start()])
        name, function = tag.groups()
        if function is not None:
            body, place = _until(text, tag.end(), "</function>")
            calls.append(_call(function, _parameters(body)))
            continue
        if name in unclosed or text.find(f"</{name}>", tag.end()) < 0:
            # Never closed: it reaches to the next tag, and nobody needs to look for its end again.
            unclosed.add(name)
            following = _TAGS.search(text, tag.end())
            place = len(text) if following is None else following.start()
            body = text[tag.end() : place]
        else:
            body, place = _until(text, tag.end(), f"</{name}>")
        if name == "tool_call" and not body.strip():
            continue
        if name == "tool_call":
            inner = _TAGS.search(body)
            named = inner is not None and inner.group(2)
            calls.append(_call(named, _parameters(body[inner.end() :])) if inner and named else _json_call(body))
        elif name in _ANSWER_TAGS:
            answers.append(body.strip("\n"))
        else:
            code.setdefault(name, []).append(body.strip("\n"))
    rest.append(text[place:])
    if fenced and not (code or answers or calls):
        block = _FENCE.search(text)
        if block is not None:
            body, place = _until(text, block.end(), "```")
            step = StepDraft(StepKind.SHELL, "bash", body.rstrip("\n"))
            return [step], text[: block.start()] + text[place:]
    steps = [StepDraft(*_CODE_TAGS[name], "\n".join(blocks)) for name, blocks in code.items()]
    steps += calls
    if answers:
        for step in steps:
            step.outcome, step.answered = Outcome.NOT_EXECUTED, True
        steps.append(StepDraft(StepKind.FINISH, "solution", "\n".join(answers)))
    return steps, "".join(rest)


def _until(text: str, start: int, closing: str) -> tuple[str, int]:
    """The text up to a closing tag (or the end, where it is missing) and the place after it."""
    end = text.find(closing, start)
    return (text[start:], len(text)) if end < 0 else (text[start:end], end + len(closing))


def _parameters(body: str) -> str:
    found: dict[str, str] = {}
    place = 0
    while True:
        match = _PARAMETER.search(body, place)
        if match is None:
            break
        value, place = _until(body, match.end(), "</parameter>")
        found[match.group(1)] = value.strip("\n")
    return to_json(found)


def _json_call(body: str) -> StepDraft:
    parsed = parse_json(body.strip())
    if not isinstance(parsed.value, dict):
        return StepDraft(StepKind.TOOL_CALL, None, body, flags=parsed.flags or ("unparsable_arguments",))
    value: Mapping[str, Any] = parsed.value
    arguments = value.get("arguments", value.get("parameters", value.get("args")))
    step = _call(str(value.get("name")) if value.get("name") is not None else None, arguments)
    step.flags = tuple(dict.fromkeys((*step.flags, *parsed.flags)))
    return step


def _call(tool: str | None, arguments: Any) -> StepDraft:
    action = call_action(tool, arguments)
    return StepDraft(action.kind, action.tool, action.arguments, flags=action.flags)


def _answer(waiting: Sequence[StepDraft], text: str | None) -> None:
    """Give a reply to the calls that wait: all of it to the first, or its ``<tool_response>`` parts in order."""
    body = text or ""
    parts = [part.split("</tool_response>", 1)[0].strip("\n") for part in body.split("<tool_response>")[1:]]
    if len(parts) < 2 or len(waiting) < 2:
        parts = [parts[0]] if len(parts) == 1 else [body]
    for step, part in zip(waiting, parts, strict=False):
        shown = part.removeprefix("Observation:").strip("\n") if part.startswith("Observation:") else part
        if step.kind == StepKind.FINISH and _WRONG.match(part.strip()):
            step.answer(shown, Outcome.FAILED)
        else:
            step.answer(shown, step_outcome(step, Result(shown, None, None, None, True)))


def _tagged(message: Any) -> bool:
    if not isinstance(message, dict) or speaker_of(message) != Speaker.AGENT:
        return False
    text = content_text(message.get("content", message.get("value"))) or ""
    return bool(_TAGS.search(text))


def _notation(head: Head, name: str) -> str | None:
    """Which notation the agent's messages in the first rows use; None if they hold structured calls or none."""
    fences = said = 0
    for row in head.rows:
        try:
            messages, _ = messages_of(value_at(row, name))
        except BadRowError:
            continue
        for message in messages:
            if not isinstance(message, dict) or speaker_of(message) != Speaker.AGENT:
                continue
            content = message.get("content", message.get("value"))
            if message_calls(message, content):
                return None
            text = content_text(content) or ""
            tag = _TAGS.search(text)
            if tag is not None:
                return tag.group(0)
            said += 1
            fences += len(_FENCE.findall(text)) == 1
    return "```bash blocks" if said and fences * 2 > said else None
