"""How a trajectory ended, by the columns in which a log says so."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.model.schema import End, StepKind
from loaders.base import Head, Layout, Row
from loaders.columns import first_named, is_scalar, is_text, leaves, value_at
from loaders.drafts import TrajectoryDraft

ERROR_NAMES = ("error", "exception", "error_message", "exception_message", "fatal_error")
REASON_NAMES = (
    "termination_reason", "terminate_reason", "exit_status", "stop_reason", "finish_reason", "end_reason",
    "exit_reason", "end",
)  # fmt: skip
SOURCE_ID_NAMES = (
    "trajectory_id", "traj_id", "simulation_id", "episode_id", "rollout_id", "run_id", "session_id",
    "conversation_id", "sample_uuid", "uuid", "uid", "id",
)  # fmt: skip

_CUT_OFF = (
    "max", "limit", "length", "timeout", "time_out", "timed", "context", "budget", "cost", "too_many", "cut", "trunc",
    "stuck", "loop", "early_exit", "exit_format",
)  # fmt: skip
_FINISHED = (
    "stop", "success", "submitted", "finish", "complete", "done", "end_turn", "task_failed", "resolved", "propose",
)  # fmt: skip
_ERROR = ("error", "exception", "crash", "infrastructure", "aborted")
_NO_ERROR = ("", "none", "null", "false", "nan", "0")


def end_columns(head: Head) -> dict[str, str]:
    """Roles "error", "reason" and "trajectory" where the file has columns of such names."""
    scalars = {name: kind for name, kind in leaves(head.schema) if is_scalar(kind)}
    texts = [name for name, kind in scalars.items() if is_text(kind)]
    found = {}
    for role, names, among in (
        ("error", ERROR_NAMES, scalars),
        ("reason", REASON_NAMES, texts),
        ("trajectory", SOURCE_ID_NAMES, [name for name in scalars if "." not in name]),
    ):
        name = first_named(among, names)
        if name is not None:
            found[role] = name
    return found


def end_of_reason(reason: object) -> End | None:
    """What a word such as ``max_steps``, ``user_stop`` or ``submitted (exit_cost)`` says; None = nothing."""
    if not isinstance(reason, str):
        return None
    word = reason.strip().lower().replace(" ", "_").replace("-", "_")
    if not word:
        return None
    if any(word == end for end in End):
        return End(word)
    if any(part in word for part in _CUT_OFF):
        return End.CUT_OFF
    if any(part in word for part in _ERROR):
        return End.ERROR
    if any(part in word for part in _FINISHED):
        return End.FINISHED
    return None


def apply_end(row: Row, layout: Layout, draft: TrajectoryDraft) -> None:
    """Let the log's own columns overrule what the last step suggests, and note the log's own id."""
    columns: Mapping[str, str] = layout.columns
    if "trajectory" in columns:
        value = value_at(row, columns["trajectory"])
        draft.source_id = None if value is None else str(value)
    if not draft.steps:
        draft.end = End.EMPTY
    elif "reason" in columns:
        said = end_of_reason(value_at(row, columns["reason"]))
        # A limit that was reached by handing in an answer (the last allowed proposal) is a finish all the same.
        if said is not None and not (said == End.CUT_OFF and draft.steps[-1].kind == StepKind.FINISH):
            draft.end = said
    if "error" in columns:
        error = value_at(row, columns["error"])
        if (error is True) or (isinstance(error, str) and error.strip().lower() not in _NO_ERROR):
            draft.end = End.ERROR
