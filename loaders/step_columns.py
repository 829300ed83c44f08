"""Which columns of a one-row-per-step log play which role, by their names."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from explorer.model.schema import End, StepKind
from loaders.base import ColumnMapping
from loaders.columns import is_scalar, is_text, leaves

ROLES: Mapping[str, tuple[str, ...]] = {
    "trajectory": ("trajectory_id", "traj_id", "trajectory", "episode_id", "episode", "rollout_id", "run_id",
                   "session_id", "conversation_id", "simulation_id", "trace_id", "sample_uuid"),
    "step": ("step", "step_id", "step_index", "step_idx", "step_number", "step_num", "turn", "turn_idx", "turn_id",
             "action_index", "action_idx", "position", "t"),
    "log_id": ("log_id", "event_id", "message_id"),
    "kind": ("kind", "step_kind", "action_type"),
    "tool": ("tool", "tool_name", "function", "function_name", "action_name"),
    "arguments": ("arguments", "args", "tool_args", "tool_input", "tool_arguments", "action_input", "parameters",
                  "command", "cmd", "code", "action", "input"),
    "outcome": ("outcome", "status", "success", "succeeded"),
    "exit_code": ("exit_code", "returncode", "return_code"),
    "error": ("error", "is_error", "error_message"),
    "observation": ("observation", "obs", "output", "result", "tool_output", "tool_result", "stdout", "response"),
    "thought": ("thought", "reasoning", "rationale", "thinking"),
    "timestamp": ("timestamp", "time", "created_at", "ts"),
    "request": ("request", "instruction", "task_prompt", "user_request", "user_message", "query", "question", "goal",
                "prompt"),
    "system": ("system", "system_prompt", "system_message"),
    "end": ("end", "end_reason", "termination_reason", "exit_status"),
}  # fmt: skip
"""Roles and the names they are known by, best first."""

PER_STEP = ("step", "log_id", "kind", "tool", "arguments", "outcome", "exit_code", "error", "observation", "thought",
            "timestamp")  # fmt: skip
TURN_ROLES = ("system", "request")
LONG_ROLES = ("arguments", "observation", "thought", "error", "log_id", "timestamp")
"""Roles whose texts are long or differ from row to row."""


def step_roles(schema: pa.Schema, mapping: ColumnMapping) -> dict[str, str]:
    """Role → column, from the mapping first, then by name. A column plays one role only."""
    kinds = {name: kind for name, kind in leaves(schema) if is_scalar(kind)}
    for field in schema:
        # Arguments may be a struct padded with nulls, which is no leaf.
        if pa.types.is_struct(field.type):
            kinds[field.name] = field.type
    lower: dict[str, str] = {}
    for name in kinds:
        lower.setdefault(name.lower(), name)
    found: dict[str, str] = dict(mapping.columns)
    if mapping.trajectory:
        found["trajectory"] = mapping.trajectory
    used = set(found.values())
    for role, names in ROLES.items():
        if role in found:
            continue
        for wanted in names:
            column = lower.get(wanted)
            if column is None or column in used or not _fits(role, kinds[column]):
                continue
            found[role] = column
            used.add(column)
            break
    return found


def _fits(role: str, kind: pa.DataType) -> bool:
    """Whether a column's type can play a role."""
    if pa.types.is_null(kind):
        return True
    if pa.types.is_struct(kind):
        return role == "arguments"
    if role in ("kind", "tool", "arguments", "observation", "thought", "request", "system", "end"):
        return is_text(kind)
    if role == "step":
        return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))
    if role == "exit_code":
        return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))
    return True


def claim_score(schema: pa.Schema, mapping: ColumnMapping) -> tuple[float, str]:
    """How surely the table has one row per step: an action, and something that says which steps belong together."""
    roles = step_roles(schema, mapping)
    acts = [role for role in ("tool", "arguments") if role in roles]
    if not acts:
        return 0.0, "no column of actions (tool, arguments, action, command …)"
    joins = [role for role in ("trajectory", "step") if role in roles]
    if not joins:
        return 0.0, "no column that joins steps (trajectory_id, step …)"
    extra = sum(role in roles for role in ("tool", "arguments", "observation", "kind", "thought"))
    # With both an id and a number the rows are steps, whatever lists of messages (prompts) stand beside them.
    score = 0.5 + 0.12 * len(joins) + 0.05 * extra
    shown = ", ".join(f"{role}: {roles[role]}" for role in (*joins, *acts))
    return min(score, 0.92 if len(joins) == 2 else 0.88), f"one row per step ({shown})"


STEP_KINDS = frozenset(str(kind) for kind in StepKind)
ENDS = frozenset(str(end) for end in End)
