"""The columns of a step table made canonical: kind, tool, arguments, outcome, flags, without a value per row.

What repeats (tools, kinds, status words) is decided once per distinct value; texts are matched by Arrow's own linear
regular expressions; only JSON arguments of shells and interpreters are parsed one by one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from explorer.model.schema import Outcome, StepKind
from loaders import outcomes
from loaders.actions import call_action, kind_of_tool
from loaders.base import Problem
from loaders.columns import one_array
from loaders.reading import INVALID_UTF8

_TEXT = pa.large_string()
_KINDS = {str(kind): str(kind) for kind in StepKind}
_MESSAGE_WORDS = frozenset(("message", "say", "text", "respond", "reply", "chat", "talk"))
_COMMAND_NAMES = {"command": StepKind.SHELL, "cmd": StepKind.SHELL, "code": StepKind.CODE}
_HEAD = 400


def step_values(
    roles: Mapping[str, pa.Array], rows: int, arguments_name: str | None, mended: pa.Array
) -> tuple[dict[str, pa.Array], npt.NDArray[np.bool_], list[Problem]]:
    """The canonical columns but ``step``, which rows hold no action at all, and what was wrong."""
    tool = roles.get("tool", pa.nulls(rows, pa.dictionary(pa.int32(), pa.string())))
    arguments = roles.get("arguments", pa.nulls(rows, _TEXT))
    observation = roles.get("observation", pa.nulls(rows, _TEXT))
    thought = roles.get("thought", pa.nulls(rows, _TEXT))
    empty = np.ones(rows, np.bool_)
    for column in (tool, arguments, observation, thought, *([roles["kind"]] if "kind" in roles else [])):
        empty &= column.is_null().to_numpy(zero_copy_only=False)
    flags: list[list[str] | None] | None = None
    problems: list[Problem] = []
    if "kind" in roles and set(roles["kind"].dictionary.to_pylist()) <= set(_KINDS):
        kind = _filled(roles["kind"], str(StepKind.TOOL_CALL))
    else:
        kind, arguments, flags, problems = _classify(roles, tool, arguments, rows, arguments_name)
    if pc.any(mended).as_py():
        flags = flags or [None] * rows
        for row in np.flatnonzero(mended.to_numpy(zero_copy_only=False)).tolist():
            flags[row] = [*(flags[row] or []), INVALID_UTF8]
    shell = pc.equal(kind.cast(pa.string()), str(StepKind.SHELL)).to_numpy(zero_copy_only=False)
    columns = {
        "log_id": _log_ids(roles, rows),
        "kind": kind.cast(pa.string()),
        "tool": tool.cast(pa.string()),
        "arguments": arguments,
        "outcome": _outcomes(roles, observation, shell, rows),
        "thought": thought,
        "observation": observation,
        "timestamp": roles.get("timestamp", pa.nulls(rows, pa.timestamp("us", "UTC"))),
        "flags": pa.nulls(rows, pa.list_(pa.string())) if flags is None else pa.array(flags, pa.list_(pa.string())),
    }
    return columns, empty, problems


def _filled(column: pa.DictionaryArray, word: str) -> pa.Array:
    return pc.fill_null(column.cast(pa.string()), word) if column.null_count else column.cast(pa.string())


def _log_ids(roles: Mapping[str, pa.Array], rows: int) -> pa.Array:
    if "log_id" in roles:
        return roles["log_id"].cast(pa.string())
    if "step" not in roles:
        return pa.nulls(rows, pa.string())
    step = roles["step"]
    whole = pc.all(pc.or_kleene(pc.is_null(step), pc.equal(step, pc.floor(step)))).as_py() in (True, None)
    bounded = whole and (pc.max(pc.abs(step)).as_py() or 0) < 2**53
    return step.cast(pa.int64()).cast(pa.string()) if bounded else step.cast(pa.string())


def _classify(
    roles: Mapping[str, pa.Array], tool: pa.Array, arguments: pa.Array, rows: int, arguments_name: str | None
) -> tuple[pa.Array, pa.Array, list[list[str] | None] | None, list[Problem]]:
    """Kinds from the tools' names (else from the log's own words, else from what the column of actions is called),
    and the command itself in place of a shell's JSON arguments."""
    arguments = one_array(arguments)
    names = tool.dictionary.to_pylist()
    plain = _COMMAND_NAMES.get((arguments_name or "").rsplit(".", 1)[-1].lower(), StepKind.TOOL_CALL)
    by_tool = [str(kind_of_tool(name)) for name in names]
    codes = tool.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    kinds = np.array([*by_tool, str(plain)], dtype=object)[codes]
    if "kind" in roles:
        words = roles["kind"]
        said = [_word_kind(word) for word in words.dictionary.to_pylist()]
        word_codes = words.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        spoken = np.array([*said, None], dtype=object)[word_codes]
        silent = np.array([one is None for one in said] + [True])[word_codes]
        kinds = np.where(silent, kinds, spoken)
    speechless = tool.is_null().to_numpy(zero_copy_only=False) & arguments.is_null().to_numpy(zero_copy_only=False)
    kinds[speechless] = str(StepKind.MESSAGE)
    flags: list[list[str] | None] | None = None
    problems: list[Problem] = []
    jsonish = pc.fill_null(pc.match_substring_regex(arguments, r'^\s*[\{\["]'), False).to_numpy(zero_copy_only=False)
    distinct = arguments.filter(pa.array(jsonish)).dictionary_encode()
    texts = distinct.dictionary.to_pylist()
    if texts:
        rows_at = np.flatnonzero(jsonish)
        text_codes = distinct.indices.to_numpy(zero_copy_only=False)
        tool_codes = codes[rows_at]
        pairs, place = np.unique(np.stack([text_codes, tool_codes]), axis=1, return_inverse=True)
        results = [call_action(names[t] if t >= 0 else None, texts[a]) for a, t in zip(*pairs.tolist(), strict=True)]
        place = place.reshape(-1)
        commanding = (str(StepKind.SHELL), str(StepKind.CODE), str(StepKind.SQL))
        changed = np.array([result.arguments != texts[a] for result, a in zip(results, pairs[0].tolist(), strict=True)])
        if changed.any():
            filled = arguments.to_pylist()
            for row, pair in zip(rows_at[changed[place]].tolist(), place[changed[place]].tolist(), strict=True):
                filled[row] = results[pair].arguments
            arguments = pa.array(filled, _TEXT)
        if "kind" not in roles:
            refused = np.array([str(result.kind) not in commanding for result in results])[place]
            was = np.isin(kinds[rows_at].astype(str), commanding)
            kinds[rows_at[refused & was & (tool_codes >= 0)]] = str(StepKind.TOOL_CALL)
        odd = {pair: list(result.flags) for pair, result in enumerate(results) if result.flags}
        if odd:
            flags = [None] * rows
            for row, pair in zip(rows_at.tolist(), place.tolist(), strict=True):
                if pair in odd:
                    flags[row] = odd[pair]
            for flag in sorted({flag for found in odd.values() for flag in found}):
                count = sum(1 for found in flags if found and flag in found)
                problems.append(Problem("", None, "arguments", flag, "arguments that are odd as JSON", count))
    return pa.array(kinds, pa.string()), arguments, flags, problems


def _word_kind(word: str) -> str | None:
    """The kind a log's own word stands for; None = it says nothing."""
    lower = word.strip().lower()
    if lower in _KINDS:
        return lower
    if lower in _MESSAGE_WORDS:
        return str(StepKind.MESSAGE)
    kind = kind_of_tool(lower)
    return None if kind == StepKind.TOOL_CALL else str(kind)


def _outcomes(
    roles: Mapping[str, pa.Array], observation: pa.Array, shell: npt.NDArray[np.bool_], rows: int
) -> pa.Array:
    """From the log's outcome, exit code and error columns, else from the result's own words."""
    found = np.full(rows, "", dtype=object)
    if "outcome" in roles:
        words = roles["outcome"]
        said = [outcomes.from_status(word) for word in words.dictionary.to_pylist()]
        table = np.array([*("" if one is None else str(one) for one in said), ""], dtype=object)
        found = table[words.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
    if "exit_code" in roles:
        code = roles["exit_code"].to_numpy(zero_copy_only=False)
        open_rows = (found == "") & ~np.isnan(code)
        found[open_rows & (code == 0)] = str(Outcome.SUCCEEDED)
        found[open_rows & (code == -1)] = str(Outcome.UNKNOWN)
        found[open_rows & (code != 0) & (code != -1)] = str(Outcome.FAILED)
    if "error" in roles:
        encoded = one_array(roles["error"]).dictionary_encode()
        failed = [outcomes.from_error_field(text) for text in encoded.dictionary.to_pylist()]
        table = np.array([*("" if one is None else str(one) for one in failed), ""], dtype=object)
        said_error = table[encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
        found = np.where(found == "", said_error, found)
    left = found == ""
    if left.any():
        at = np.flatnonzero(left)
        found[at] = _from_texts(observation.take(pa.array(at)), shell[at])
    return pa.array(found, pa.string())


def _from_texts(observation: pa.Array, shell: npt.NDArray[np.bool_]) -> npt.NDArray[np.object_]:
    """The outcomes that results' words show: Arrow finds the few that need a closer look."""
    found = np.full(len(observation), str(Outcome.SUCCEEDED), dtype=object)
    found[observation.is_null().to_numpy(zero_copy_only=False)] = str(Outcome.UNKNOWN)
    head = pc.utf8_slice_codeunits(observation, 0, _HEAD)
    tail = pc.utf8_slice_codeunits(observation, -_HEAD)
    suspicious = pc.or_(
        pc.match_substring_regex(head, outcomes.SUSPICIOUS, ignore_case=True),
        pc.match_substring_regex(tail, outcomes.SUSPICIOUS, ignore_case=True),
    )
    rows = np.flatnonzero(pc.fill_null(suspicious, False).to_numpy(zero_copy_only=False))
    for row, text in zip(rows.tolist(), observation.take(pa.array(rows)).to_pylist(), strict=True):
        found[row] = str(outcomes.from_text(text, bool(shell[row])))
    return found
