"""The parts of one message, in any of the common notations: who speaks, the text, calls, results, reasoning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from explorer.model.schema import Outcome, Speaker
from loaders import outcomes
from loaders.json_arguments import parse_json

SPEAKERS: Mapping[str, Speaker] = {
    **dict.fromkeys(("assistant", "agent", "ai", "gpt", "model", "bot", "chatbot"), Speaker.AGENT),
    **dict.fromkeys(("user", "human", "customer"), Speaker.USER),
    **dict.fromkeys(("system", "developer"), Speaker.SYSTEM),
    **dict.fromkeys(
        ("tool", "function", "ipython", "environment", "observation", "function_response", "tool_response", "env"),
        Speaker.TOOL,
    ),
}


class Call(NamedTuple):
    """A call as logged: name, arguments (text, plain value or None), id, and who asked for it."""

    tool: str | None
    arguments: Any
    call_id: str | None
    requestor: str | None


class Result(NamedTuple):
    """A result as logged; ``flag`` is what error and status fields say."""

    text: str | None
    call_id: str | None
    tool: str | None
    flag: Outcome | None
    own: bool


def speaker_of(message: Mapping[str, Any]) -> Speaker | None:
    role = message.get("role", message.get("from", message.get("speaker")))
    if not isinstance(role, str):
        return None
    return SPEAKERS.get(role) or SPEAKERS.get(role.strip().lower())


def content_text(content: Any) -> str | None:
    """The text of a message's content: a string, or a list of parts (images and the like by their type)."""
    if content is None or isinstance(content, str):
        return content
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        return str(content)
    texts = []
    for part in content:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict):
            kind = part.get("type")
            if kind in ("tool_use", "tool_result", "thinking", "redacted_thinking", "reasoning", "function_call"):
                continue
            text = part.get("text", None)
            text = part.get("content") if text is None else text
            if isinstance(text, str):
                texts.append(text)
            elif text is not None:
                texts.append(content_text(text) or "")
            elif kind not in (None, "text"):
                texts.append(f"[{kind}]")
    return "\n".join(texts) if texts else None


def message_calls(message: Mapping[str, Any], content: Any) -> list[Call]:
    """Every call a message makes: ``tool_calls``, the older ``function_call``, and content blocks."""
    calls = []
    given = message.get("tool_calls")
    if isinstance(given, str):
        given = parse_json(given).value if given.strip() else None
    if isinstance(given, dict):
        given = [given]
    for call in given if isinstance(given, list) else ():
        if isinstance(call, dict):
            calls.append(_call(call))
    legacy = message.get("function_call")
    if isinstance(legacy, dict) and legacy.get("name"):
        calls.append(_call(legacy))
    if isinstance(content, list):
        for part in content:
            if isinstance(part, dict) and part.get("type") in ("tool_use", "function_call", "server_tool_use"):
                calls.append(_call(part))
    return calls


def _call(call: Mapping[str, Any]) -> Call:
    function = call.get("function")
    inner: Mapping[str, Any] = function if isinstance(function, dict) else call
    name = function if isinstance(function, str) else inner.get("name", call.get("name"))
    arguments = None
    for source in (inner, call):
        for key in ("arguments", "args", "input", "parameters", "kwargs"):
            if source.get(key) is not None:
                arguments = source[key]
                break
        if arguments is not None:
            break
    call_id = call.get("id", call.get("call_id"))
    requestor = call.get("requestor")
    return Call(
        name if isinstance(name, str) else None,
        arguments,
        call_id if isinstance(call_id, str) else None if call_id is None else str(call_id),
        requestor if isinstance(requestor, str) else None,
    )


def tool_result(message: Mapping[str, Any], content: Any) -> Result:
    """A message of the tool."""
    call_id = message.get("tool_call_id")
    if call_id is None:
        call_id = message.get("id", message.get("call_id"))
    if not call_id and isinstance(message.get("tool_call_ids"), list) and message["tool_call_ids"]:
        call_id = message["tool_call_ids"][0]
    if not call_id and isinstance(message.get("tool_call"), dict):
        call_id = message["tool_call"].get("id")
    tool = message.get("name", message.get("tool_name"))
    if tool is None and isinstance(message.get("tool_call"), dict):
        inner = message["tool_call"].get("function")
        tool = inner if isinstance(inner, str) else None
    flag = result_flag(message)
    text = content_text(content)
    error = message.get("error")
    if not text and isinstance(error, str) and error:
        text = error
    requestor = message.get("requestor")
    own = requestor in (None, "", "assistant", "agent")
    return Result(text, str(call_id) if call_id else None, tool if isinstance(tool, str) else None, flag, own)


def result_flag(message: Mapping[str, Any]) -> Outcome | None:
    """What the fields of a result say: error, is_error, exit code, success, status. None = nothing."""
    found: Outcome | None = None
    for key in ("error", "is_error"):
        said = outcomes.from_error_field(message.get(key))
        if said is not None and said != Outcome.SUCCEEDED:
            return said
        found = found or said
    for key in ("exit_code", "returncode", "return_code"):
        if message.get(key) is not None:
            return outcomes.from_exit_code(message[key])
    for key in ("success", "status", "outcome"):
        said = outcomes.from_status(message.get(key))
        if said is not None:
            return said
    return found


def block_results(content: Any) -> list[Result]:
    """Results given as content blocks (``tool_result``), whoever's message they stand in."""
    if not isinstance(content, list):
        return []
    results = []
    for part in content:
        if isinstance(part, dict) and part.get("type") in ("tool_result", "function_call_output"):
            call_id = part.get("tool_use_id", part.get("call_id"))
            body = part.get("content", part.get("output"))
            results.append(Result(content_text(body), str(call_id) if call_id else None, None, result_flag(part), True))
    return results


def thinking_text(message: Mapping[str, Any], content: Any) -> str | None:
    """Reasoning that a log keeps apart from the text."""
    texts = []
    for key in ("reasoning_content", "reasoning", "thought", "thinking"):
        value = message.get(key)
        if isinstance(value, str) and value.strip():
            texts.append(value)
            break
    if isinstance(content, list):
        for part in content:
            if isinstance(part, dict) and part.get("type") in ("thinking", "reasoning"):
                value = part.get("thinking", part.get("text"))
                if isinstance(value, str) and value:
                    texts.append(value)
    return "\n".join(texts) or None
