"""One row per trajectory, its actions and observations as parallel lists (of possibly unequal length)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from explorer.errors import InputError
from explorer.model.schema import End, Outcome, Speaker, StepKind
from loaders import outcomes
from loaders.actions import kind_of_tool
from loaders.base import Claim, ColumnMapping, Head, Layout, Row, RowLoader
from loaders.columns import first_named, is_text, leaves, type_of, value_at
from loaders.drafts import BadRowError, StepDraft, TrajectoryDraft
from loaders.ends import apply_end, end_columns

_ROLES: Mapping[str, tuple[str, ...]] = {
    "actions": ("actions", "commands", "action_history", "action_list"),
    "observations": ("observations", "obs", "outputs", "results", "observation_history"),
    "valid": ("valid_action", "valid_actions", "valid", "success", "successes", "executed"),
    "thoughts": ("thoughts", "reasonings", "rationales"),
    "tools": ("tools", "tool_names"),
}
_REQUEST_NAMES = ("query", "question", "instruction", "request", "prompt", "goal", "task_description", "problem")
_SETTING_NAMES = ("environment", "env", "env_name", "benchmark", "domain")
_NUMBER_NAMES: Mapping[str, tuple[str, ...]] = {
    "taken": ("turns_taken", "steps_taken"),
    "limit": ("turns_max", "max_turns", "max_steps"),
    "reward": ("max_reward", "reward"),
}
_WORDS = {"sql": StepKind.SQL, "python": StepKind.CODE, "bash": StepKind.SHELL, "shell": StepKind.SHELL}
_FINISH = ("submit", "finish", "done", "exit", "skip")


class ParallelLists(RowLoader):
    name = "parallel_lists"
    title = "one row per trajectory, actions and observations as parallel lists"
    looks_for = "a list of actions beside a list of observations"

    def claim(self, head: Head, mapping: ColumnMapping) -> Claim:
        columns = _columns(head.schema)
        if "actions" not in columns or "observations" not in columns:
            return Claim(self.name, 0.0, "no list of actions beside a list of observations")
        return Claim(self.name, 0.9, f"{columns['actions']} beside {columns['observations']}")

    def layout(self, head: Head, mapping: ColumnMapping) -> Layout:
        columns = _columns(head.schema)
        texts = [name for name, kind in leaves(head.schema) if is_text(kind)]
        for role, names in (("request", _REQUEST_NAMES), ("setting", _SETTING_NAMES)):
            name = first_named(texts, names)
            if name is not None:
                columns[role] = name
        numbers = [
            name for name, kind in leaves(head.schema) if pa.types.is_integer(kind) or pa.types.is_floating(kind)
        ]
        for role, wanted in _NUMBER_NAMES.items():
            name = first_named(numbers, wanted)
            if name is not None:
                columns[role] = name
        columns = {**columns, **end_columns(head), **mapping.columns}
        if mapping.trajectory:
            columns["trajectory"] = mapping.trajectory
        if "actions" not in columns or type_of(head.schema, columns["actions"]) is None:
            raise InputError("there is no list of actions", todo="Name its column in the mapping: columns.actions.")
        consumed = {columns[role] for role in (*_ROLES, "request") if role in columns}
        return Layout(columns, frozenset(consumed))

    def read(self, row: Row, layout: Layout) -> TrajectoryDraft:
        cells = {role: _list(row, layout, role) for role in _ROLES}
        actions = cells["actions"]
        if actions is None:
            actions = []
        draft = TrajectoryDraft()
        request = value_at(row, layout.columns["request"]) if "request" in layout.columns else None
        draft.say(Speaker.USER, request if isinstance(request, str) else None)
        setting = value_at(row, layout.columns["setting"]) if "setting" in layout.columns else None
        kind, tool = _setting(setting)
        lengths = {role: len(values) for role, values in cells.items() if values is not None}
        if len(set(lengths.values())) > 1:
            draft.problem("unequal_lists", "its lists are of unequal length; they are joined by place", "actions")
        for place, action in enumerate(actions):
            draft.steps.append(_step(place, action, cells, kind, tool))
        for extra in (cells["observations"] or [])[len(actions) :]:
            draft.say(Speaker.TOOL, None if extra is None else str(extra))
        draft.end = _end(row, layout, draft)
        apply_end(row, layout, draft)
        return draft


def _step(
    place: int, action: Any, cells: Mapping[str, Sequence[Any] | None], kind: StepKind, tool: str | None
) -> StepDraft:
    def at(role: str) -> Any:
        values = cells[role]
        return values[place] if values is not None and place < len(values) else None

    named = at("tools")
    if isinstance(named, str) and named:
        kind, tool = kind_of_tool(named), named
    text = None if action is None else str(action)
    if text is not None and text.strip().lower() in _FINISH and not named:
        kind, tool = StepKind.FINISH, text.strip()
    observation, thought = at("observations"), at("thoughts")
    observation = None if observation is None else str(observation)
    outcome = outcomes.from_status(at("valid"))
    if outcome is None:
        outcome = outcomes.from_text(observation, kind == StepKind.SHELL)
    return StepDraft(
        kind, tool, text, observation=observation, thought=None if thought is None else str(thought), outcome=outcome,
        log_id=str(place),
    )  # fmt: skip


def _end(row: Row, layout: Layout, draft: TrajectoryDraft) -> End:
    if not draft.steps:
        return End.EMPTY
    columns = layout.columns
    if "taken" in columns and "limit" in columns:
        taken, limit = value_at(row, columns["taken"]), value_at(row, columns["limit"])
        if isinstance(taken, int) and isinstance(limit, int) and taken >= limit:
            last = draft.steps[-1]
            reward = value_at(row, columns["reward"]) if "reward" in columns else None
            solved = last.kind == StepKind.FINISH or reward == 1
            return End.FINISHED if solved and last.outcome == Outcome.SUCCEEDED else End.CUT_OFF
    return End.FINISHED


def _setting(name: Any) -> tuple[StepKind, str | None]:
    """The kind of action that an environment's name stands for; a shell where it says nothing."""
    text = str(name).lower() if name is not None else ""
    for word, kind in _WORDS.items():
        if word in text:
            return kind, word
    return StepKind.SHELL, "shell"


def _columns(schema: pa.Schema) -> dict[str, str]:
    lists = {
        name: kind
        for name, kind in leaves(schema)
        if (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and not pa.types.is_nested(kind.value_type)
    }
    texts = [name for name, kind in lists.items() if is_text(kind.value_type) or pa.types.is_null(kind.value_type)]
    found = {}
    for role, names in _ROLES.items():
        name = first_named(lists if role == "valid" else texts, names)
        if name is not None:
            found[role] = name
    if "actions" in found:
        # All lists stand in the same struct; one of that name elsewhere is another thing.
        home = found["actions"].rpartition(".")[0]
        found = {role: name for role, name in found.items() if name.rpartition(".")[0] == home}
    return found


def _list(row: Row, layout: Layout, role: str) -> Sequence[Any] | None:
    if role not in layout.columns:
        return None
    value = value_at(row, layout.columns[role])
    if value is None:
        return None
    if not isinstance(value, list):
        raise BadRowError(f"its {role} are no list")
    return value
