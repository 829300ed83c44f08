"""Keys for what was read: group, task, trial and ids, over the whole source at once.

All keys are made from columns that stay in the trajectories table, so another pairing key needs no second parsing.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from explorer.errors import InputError
from explorer.model.schema import LOG_PREFIX, TRAJECTORIES
from explorer.model.trajectory import Dataset
from loaders.base import CandidateKey, Problem
from loaders.cache import with_keys
from loaders.task_keys import (
    REQUEST_KEY,
    Codes,
    infer_key,
    key_texts,
    log_types,
    missing_columns,
    names_a_task,
    paired_tasks,
    rank_keys,
    task_ids,
    text_codes,
    trial_column,
)

_META_TASK, _META_TRIAL, _META_ALIASES = b"task_columns", b"trial_column", b"task_aliases"


def conform(
    facts: pa.Table,
    groups: Sequence[str],
    columns: Sequence[str] = (),
    trial: str | None = None,
    aliases: Mapping[str, str] | None = None,
) -> tuple[pa.Table, list[Problem]]:
    """The trajectories table: facts with keys and ids, in the same order.

    ``facts``: columns of ``assemble.FACTS`` and ``log.*``; ``groups`` one name a row; ``columns`` the pairing key
    (inferred where empty); ``trial`` the column of trials (recognised where None); ``aliases`` other names of
    tasks, each with the one it is paired by. Ids are made from the tasks as the log names them, so that what was
    judged is found again whether or not a task is named anew. Raises InputError for a column the log does not have.
    """
    codes = text_codes(pa.array(list(groups), pa.string()))
    if trial is None:
        trial = trial_column(facts)
    absent = missing_columns(facts, [*columns, *([trial] if trial else [])])
    if absent:
        have = ", ".join(list(log_types(facts))[:40]) or "none"
        what = f"there is no column {', '.join(absent)} to pair tasks by"
        raise InputError(what, todo=f"Name columns that every file has (--task). This one has: {have}.")
    key = tuple(columns) or infer_key(facts, codes, trial)
    if not key and not missing_columns(facts, [REQUEST_KEY]):
        key = (REQUEST_KEY,)
    # Where nothing names a task and nothing was asked, each content is a task of its own: nothing pairs by mistake.
    tasks = task_ids(facts, key) if key else facts["content_hash"].to_pylist()
    logged = tasks
    if aliases:
        tasks = [aliases.get(task, task) for task in tasks]
    trials, given, repeated = _trials(facts, groups, tasks, trial)
    ids = _ids(groups, logged, given, facts["content_hash"].to_pylist())
    problems = []
    if repeated:
        message = f"trajectories share group, task and {trial}; they are numbered on"
        problems.append(Problem("", None, trial, "repeated_trial", message, repeated))
    rows = facts.num_rows
    n_steps = facts["n_steps"].combine_chunks().to_numpy().astype(np.int64)
    n_turns = facts["n_turns"].combine_chunks().to_numpy().astype(np.int64)
    made: dict[str, pa.Array] = {
        "trajectory_id": pa.array(ids, pa.string()),
        "group": pa.array(list(groups), pa.string()).dictionary_encode(),
        "task_id": pa.array(tasks, pa.string()),
        "trial": pa.array(trials, pa.int32()),
        "step_offset": pa.array(np.cumsum(n_steps) - n_steps if rows else [], pa.int64()),
        "turn_offset": pa.array(np.cumsum(n_turns) - n_turns if rows else [], pa.int64()),
    }
    arrays, fields = [], []
    for field in TRAJECTORIES:
        column = made[field.name] if field.name in made else facts[field.name]
        if pa.types.is_dictionary(field.type) and not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        arrays.append(column)
        fields.append(field)
    for field in facts.schema:
        if field.name.startswith(LOG_PREFIX):
            arrays.append(facts[field.name])
            fields.append(field)
    metadata = {
        **(TRAJECTORIES.metadata or {}),
        _META_TASK: json.dumps(list(key)).encode(),
        _META_TRIAL: (trial or "").encode(),
        _META_ALIASES: json.dumps(dict(aliases or {})).encode(),
    }
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata)), problems


def with_request_digest(facts: pa.Table, digests: Sequence[str | None], wanted: Sequence[str]) -> pa.Table:
    """Where the log names no task (or the digest itself is the wanted key): a column with a digest of what was asked
    first, so that equal requests pair."""
    if not any(digests) or (REQUEST_KEY not in wanted and (wanted or names_a_task(facts))):
        return facts
    return facts.append_column(LOG_PREFIX + REQUEST_KEY, pa.array(digests, pa.string()))


def task_columns(trajectories: pa.Table) -> tuple[str, ...]:
    """The pairing key a trajectories table was made with."""
    metadata: Mapping[bytes, bytes] = trajectories.schema.metadata or {}
    return tuple(json.loads(metadata.get(_META_TASK, b"[]")))


def task_aliases(trajectories: pa.Table) -> dict[str, str]:
    """The other names of tasks that a trajectories table was made with."""
    metadata: Mapping[bytes, bytes] = trajectories.schema.metadata or {}
    return dict(json.loads(metadata.get(_META_ALIASES, b"{}")))


def _trial_column(trajectories: pa.Table) -> str | None:
    metadata: Mapping[bytes, bytes] = trajectories.schema.metadata or {}
    return metadata.get(_META_TRIAL, b"").decode() or None


def candidate_keys(trajectories: Sequence[pa.Table]) -> tuple[CandidateKey, ...]:
    """Possible pairing keys over one or several trajectories tables, the one a reader would choose first, each with
    how many tasks pair ("55 of 68")."""
    whole = concat_facts(list(trajectories))
    return _keys(whole, trajectories, infer_key(whole, group_codes(trajectories), trial_column(whole)))


def keys_with(trajectories: Sequence[pa.Table], chosen: Sequence[str]) -> tuple[CandidateKey, ...]:
    """The same with a key that was chosen already, first."""
    return _keys(concat_facts(list(trajectories)), trajectories, chosen)


def _keys(whole: pa.Table, tables: Sequence[pa.Table], chosen: Sequence[str]) -> tuple[CandidateKey, ...]:
    absent = missing_columns(whole, chosen)
    groups = group_codes(tables)
    ranked = rank_keys(whole, groups, trial_column(whole), () if absent else chosen)
    named_anew = any(map(task_aliases, tables)) and {task_columns(table) for table in tables} == {tuple(chosen)}
    if not named_anew or absent:
        return ranked
    # The key in use pairs by the tasks' names as they are now.
    used, *rest = ranked
    paired, tasks = paired_tasks(text_codes(whole["task_id"].combine_chunks()), groups)
    return (used._replace(paired=paired, tasks=tasks), *rest)


def group_codes(tables: Sequence[pa.Table]) -> Codes:
    """Group codes over several tables: groups of different tables are different, whatever their names."""
    codes: list[Codes] = []
    start = 0
    for table in tables:
        column = table["group"].unify_dictionaries().combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = column.chunk(0) if column.num_chunks else pa.array([], column.type)
        own = text_codes(column) + start
        start = int(own.max(initial=start - 1)) + 1
        codes.append(own)
    return np.concatenate(codes) if codes else np.zeros(0, np.int64)


def rekey(dataset: Dataset, columns: Sequence[str]) -> Dataset:
    """The same dataset with another pairing key: new task ids, trials and trajectory ids; nothing is parsed again."""
    table = dataset.trajectories
    groups = table["group"].to_pylist()
    trajectories, _ = conform(table, groups, columns, _trial_column(table), task_aliases(table))
    return with_keys(dataset.steps, dataset.turns, trajectories, dataset.fingerprint)


def regroup(dataset: Dataset, names: Mapping[str, str]) -> Dataset:
    """The same dataset with groups renamed."""
    groups = [names.get(name, name) for name in dataset.trajectories["group"].to_pylist()]
    table = dataset.trajectories
    trajectories, _ = conform(table, groups, task_columns(table), _trial_column(table), task_aliases(table))
    return with_keys(dataset.steps, dataset.turns, trajectories, dataset.fingerprint)


def concat_facts(tables: list[pa.Table]) -> pa.Table:
    """Stack tables whose log columns differ: missing ones become null, types that disagree become text."""
    kinds: dict[str, set[pa.DataType]] = {}
    for table in tables:
        for field in table.schema:
            kinds.setdefault(field.name, set()).add(field.type)
    stacked = []
    for table in tables:
        for name in table.column_names:
            found = {kind for kind in kinds[name] if not pa.types.is_null(kind)}
            if len(found) > 1 and name.startswith(LOG_PREFIX):
                target = _common(found)
                if table.schema.field(name).type != target:
                    place = table.column_names.index(name)
                    table = table.set_column(place, pa.field(name, target), _cast(table[name], target))
        stacked.append(table)
    return pa.concat_tables(stacked, promote_options="permissive")


def _common(kinds: set[pa.DataType]) -> pa.DataType:
    if all(pa.types.is_integer(kind) for kind in kinds):
        return pa.int64()
    if all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in kinds):
        return pa.float64()
    return pa.string()


def _cast(column: pa.ChunkedArray, target: pa.DataType) -> pa.ChunkedArray:
    try:
        return column.cast(target, safe=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.chunked_array([pa.array([None if v is None else str(v) for v in column.to_pylist()], target)])


def _trials(
    facts: pa.Table, groups: Sequence[str], tasks: Sequence[str], column: str | None
) -> tuple[list[int], list[int | None], int]:
    """Trial of every row, the trial the log gave (None = numbered by order), and how many were given twice."""
    given: list[int | None] = [None] * len(tasks)
    if column is not None:
        given = [_whole(text) for text in key_texts(facts, column).to_pylist()]
    following: Counter[tuple[str, str]] = Counter()
    if column is None:
        numbered = []
        for key in zip(groups, tasks, strict=True):
            numbered.append(following[key])
            following[key] += 1
        return numbered, given, 0
    taken: dict[tuple[str, str], set[int]] = {}
    for group, task, number in zip(groups, tasks, given, strict=True):
        if number is not None:
            taken.setdefault((group, task), set()).add(number)
    used: dict[tuple[str, str], set[int]] = {}
    trials, repeated = [], 0
    for group, task, number in zip(groups, tasks, given, strict=True):
        key = (group, task)
        mine = used.setdefault(key, set())
        if number is None or number in mine:
            repeated += number is not None
            others = taken.get(key, ())
            while following[key] in mine or following[key] in others:
                following[key] += 1
            number = following[key]
        mine.add(number)
        trials.append(number)
    return trials, given, repeated


def _whole(text: str | None) -> int | None:
    try:
        number = int(text) if text is not None else None
    except ValueError:
        return None
    return number if number is not None and -(2**31) <= number < 2**31 else None


def _ids(
    groups: Sequence[str], tasks: Sequence[str], trials: Sequence[int | None], contents: Sequence[str]
) -> list[str]:
    """Hash of group, task, trial (where the log gives one) and content: the same wherever and in whatever order
    the rows are stored. Exact repeats are told apart by their number."""
    seen: dict[str, int] = {}
    found = []
    for group, task, trial, content in zip(groups, tasks, trials, contents, strict=True):
        text = f"{len(group)}:{group}{len(task)}:{task}{trial}:{content}"
        number = seen.get(text, 0)
        seen[text] = number + 1
        found.append(hashlib.sha256(f"{text}:{number}".encode("utf-8", "backslashreplace")).hexdigest()[:32])
    return found


def fingerprint(contents: Sequence[str]) -> str:
    """Hash of all content hashes, whatever their order and wherever the files lie."""
    return hashlib.sha256("\n".join(sorted(contents)).encode()).hexdigest()
