"""One row per trajectory, its messages as a list of structs or as one JSON string, at any depth.

Covers calls as ``tool_calls`` (with JSON text, OpenAI's ``function{name, arguments}`` or null-padded structs as
arguments), the older ``function_call``, and content blocks (``tool_use`` / ``tool_result``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from explorer.errors import InputError
from explorer.model.schema import Speaker
from loaders.base import Claim, ColumnMapping, Head, Layout, Row, RowLoader
from loaders.columns import is_text, leaves, type_of, value_at
from loaders.conversation import read_conversation
from loaders.drafts import BadRowError, TrajectoryDraft
from loaders.ends import apply_end, end_columns
from loaders.json_arguments import DUPLICATE_KEY, parse_json
from loaders.message_parts import speaker_of

LIST_NAMES = (
    "messages",
    "conversation",
    "conversations",
    "traj",
    "trajectory",
    "history",
    "chat",
    "dialogue",
    "dialog",
)
_ROLE_FIELDS = ("role", "from", "speaker")
_CONTENT_FIELDS = ("content", "value", "text", "tool_calls")
_SYSTEM_NAMES = ("system", "system_prompt", "system_message")


def message_lists(schema: pa.Schema) -> list[str]:
    """Columns that are lists of messages, best name first."""
    found = []
    for name, kind in leaves(schema):
        if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)) or not pa.types.is_struct(kind.value_type):
            continue
        fields = {field.name.lower() for field in kind.value_type}
        if fields.intersection(_ROLE_FIELDS) and fields.intersection(_CONTENT_FIELDS):
            found.append(name)
    return sorted(found, key=_rank)


def _rank(name: str) -> tuple[int, int]:
    last = name.rsplit(".", 1)[-1].lower()
    return (LIST_NAMES.index(last) if last in LIST_NAMES else len(LIST_NAMES), name.count("."))


def has_calls(schema: pa.Schema, name: str) -> bool:
    """Whether the messages of a column can hold calls of their own."""
    kind = type_of(schema, name)
    if kind is None or not (pa.types.is_list(kind) or pa.types.is_large_list(kind)):
        return False
    fields = {field.name: field.type for field in kind.value_type}
    content = fields.get("content")
    blocks = content is not None and pa.types.is_nested(content) and _has_blocks(content)
    return "tool_calls" in fields or "function_call" in fields or blocks


def _has_blocks(kind: pa.DataType) -> bool:
    return bool(
        (pa.types.is_list(kind) or pa.types.is_large_list(kind))
        and pa.types.is_struct(kind.value_type)
        and any(field.name in ("input", "tool_use_id") for field in kind.value_type)
    )


class Messages(RowLoader):
    name = "messages"
    title = "one row per trajectory, messages as a list"
    looks_for = "a list of messages with role and content (messages, history, traj …)"

    def claim(self, head: Head, mapping: ColumnMapping) -> Claim:
        lists = message_lists(head.schema)
        if not lists:
            return Claim(self.name, 0.0, "no list of structs with role and content")
        calls = has_calls(head.schema, lists[0])
        return Claim(
            self.name, 0.9 if calls else 0.7, f"{lists[0]} is a list of messages" + (" with calls" if calls else "")
        )

    def layout(self, head: Head, mapping: ColumnMapping) -> Layout:
        lists = [mapping.columns["messages"]] if "messages" in mapping.columns else message_lists(head.schema)
        if not lists or type_of(head.schema, lists[0]) is None:
            raise InputError(
                f"there is no column {lists[0]!r}" if lists else "there is no list of messages",
                todo="Name the column of the messages in the mapping: columns.messages.",
            )
        return conversation_layout(head, mapping, lists[0])

    def read(self, row: Row, layout: Layout) -> TrajectoryDraft:
        return read_row(row, layout, value_at(row, layout.columns["messages"]))


class MessagesJson(RowLoader):
    name = "messages_json"
    title = "one row per trajectory, messages as one JSON text"
    looks_for = "a text column that holds a JSON list of messages"

    def claim(self, head: Head, mapping: ColumnMapping) -> Claim:
        for name in json_columns(head):
            return Claim(self.name, 0.8, f"{name} holds messages as JSON text")
        return Claim(self.name, 0.0, "no text column with a JSON list of messages")

    def layout(self, head: Head, mapping: ColumnMapping) -> Layout:
        named = mapping.columns.get("messages")
        names = [named] if named else json_columns(head)
        if not names or type_of(head.schema, names[0]) is None:
            raise InputError(
                f"there is no column {named!r}" if named else "no text column holds a JSON list of messages",
                todo="Name the column of the messages in the mapping: columns.messages.",
            )
        return conversation_layout(head, mapping, names[0])

    def read(self, row: Row, layout: Layout) -> TrajectoryDraft:
        messages, flags = messages_of(value_at(row, layout.columns["messages"]))
        draft = read_row(row, layout, messages)
        if DUPLICATE_KEY in flags:
            draft.problem(
                DUPLICATE_KEY, "an object names a key twice; readers differ in which one they obey", "messages"
            )
            for step in draft.steps:
                step.flags = (*step.flags, DUPLICATE_KEY)
        return draft


def messages_of(cell: Any) -> tuple[Sequence[Any], tuple[str, ...]]:
    """The messages of a cell, a list or JSON text of one, and what is odd about the JSON."""
    if cell is None or cell == "":
        return [], ()
    if isinstance(cell, str):
        parsed = parse_json(cell)
        if parsed.value is None:
            raise BadRowError("its messages are no JSON")
        value = parsed.value
        if isinstance(value, dict):
            value = next((value[key] for key in LIST_NAMES if isinstance(value.get(key), list)), None)
        if not isinstance(value, list):
            raise BadRowError("its JSON is no list of messages")
        return value, parsed.flags
    if not isinstance(cell, list):
        raise BadRowError("its messages are no list")
    return cell, ()


def conversation_layout(head: Head, mapping: ColumnMapping, messages: str) -> Layout:
    """Roles of a conversation: its messages, a system prompt kept apart, how it ended, the log's own id."""
    columns = {"messages": messages, **end_columns(head)}
    names = {name.lower(): name for name in head.schema.names}
    for wanted in _SYSTEM_NAMES:
        if wanted in names and is_text(head.schema.field(names[wanted]).type):
            columns["system"] = names[wanted]
            break
    columns.update(mapping.columns)
    if mapping.trajectory:
        columns["trajectory"] = mapping.trajectory
    consumed = {messages} | ({columns["system"]} if "system" in columns else set())
    return Layout(columns, frozenset(consumed))


def read_row(row: Row, layout: Layout, messages: Any) -> TrajectoryDraft:
    """The trajectory of a row whose messages are plain values already."""
    draft = TrajectoryDraft()
    messages, _ = messages_of(messages)
    if "system" in layout.columns and not any(
        isinstance(m, dict) and speaker_of(m) == Speaker.SYSTEM for m in messages[:2]
    ):
        text = value_at(row, layout.columns["system"])
        draft.say(Speaker.SYSTEM, text if isinstance(text, str) else None)
    read_conversation(messages, draft)
    apply_end(row, layout, draft)
    return draft


def json_columns(head: Head) -> list[str]:
    """Text columns whose first filled cells are JSON lists of messages, best name first."""
    found = []
    for name, kind in leaves(head.schema):
        if not is_text(kind):
            continue
        for row in head.rows:
            text = value_at(row, name)
            if not isinstance(text, str) or text.lstrip()[:1] not in ("[", "{"):
                continue
            value = parse_json(text).value
            if isinstance(value, dict):
                value = next((value[key] for key in LIST_NAMES if isinstance(value.get(key), list)), None)
            if isinstance(value, list) and value and all(
                isinstance(m, dict) and speaker_of(m) is not None for m in value[:5]
            ):  # fmt: skip
                found.append(name)
            if value:
                break
    return sorted(found, key=_rank)
