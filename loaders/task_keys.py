"""Which columns tell tasks apart: recognised by name, then as few as make a group's trajectories unique.

The rule: columns named like a task's id are the base; columns named like a setting (suite, domain, dataset …) are
added one by one, the most telling first, while trajectories of one group and trial still share a task. What tells
*attempts* apart (trial, seed, time, model, reward, file) is never part of the key.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.model.schema import LOG_PREFIX
from loaders.base import CandidateKey
from loaders.columns import is_text

Codes = npt.NDArray[np.int64]

_THING = "task|instance|problem|question|scenario|case|issue|example|prompt|item|puzzle|goal|query|sample"
_BASE = re.compile(
    rf"(?:[a-z0-9]+_)*(?:{_THING})s?_?(?:id|ids|idx|index|no|num|number|key|uid|uuid|hash)", re.IGNORECASE
)
_BARE = re.compile(rf"(?:{_THING}|qid)(?:_?name)?", re.IGNORECASE)
_BEFORE = (
    "suite", "suite_name", "domain", "benchmark", "dataset", "dataset_name", "world", "environment", "env", "env_name",
    "site", "repo", "project", "category", "language", "agent_implementation", "task_kind", "task_type",
)  # fmt: skip
_AFTER = (
    "attack", "attack_type", "attack_name", "injection", "injection_id", "split", "subset", "variant", "setting",
    "difficulty", "level", "hardness", "mode", "user_persona",
)  # fmt: skip
_ATTACK = ("attack", "attack_type", "attack_name", "injection", "injection_id")
TRIAL_NAMES = (
    "trial", "trial_id", "trial_index", "trial_idx", "attempt", "attempt_id", "attempt_index", "repeat", "repetition",
    "replicate", "rollout_index", "rollout_idx", "sample_idx", "sample_index", "epoch",
)  # fmt: skip
REQUEST_KEY = "request_digest"
"""Column that stands in where a log names no task: a digest of what was asked first."""
_LONGEST_ID = 300


def log_types(trajectories: pa.Table) -> dict[str, pa.DataType]:
    """The log's own columns that can be part of a key (texts and whole numbers), by name."""
    found = {}
    for field in trajectories.schema:
        if not field.name.startswith(LOG_PREFIX):
            continue
        if is_text(field.type) or pa.types.is_integer(field.type) or pa.types.is_floating(field.type):
            found[field.name[len(LOG_PREFIX) :]] = field.type
    return found


def trial_column(trajectories: pa.Table) -> str | None:
    """The column that numbers a group's attempts at one task."""
    types = log_types(trajectories)
    lower = {name.lower(): name for name in types}
    return next((lower[name] for name in TRIAL_NAMES if name in lower), None)


def infer_key(trajectories: pa.Table, groups: Codes, trial: str | None) -> tuple[str, ...]:
    """The pairing key by the module's rule; empty where no column is named like a task's id."""
    base, settings = _named(trajectories)
    if not base:
        return ()
    codes = _Codes(trajectories, groups, trial)
    chosen: list[str] = []
    for pool in (base, settings):
        left = list(pool)
        while left and (repeats := codes.repeats(chosen)) > 0:
            best = min(left, key=lambda name: (codes.repeats([*chosen, name]), left.index(name)))
            if codes.repeats([*chosen, best]) >= repeats and chosen:
                break
            chosen.append(best)
            left.remove(best)
    if not any(name in chosen for name in base):
        chosen.insert(0, base[0])
    # What an attack does to a task makes it another task, whether or not the ids already tell them apart.
    for name in settings:
        attack = name.rsplit(".", 1)[-1].lower() in _ATTACK and name not in chosen
        if attack and codes.varies(name) and codes.paired([*chosen, name])[0] >= codes.paired(chosen)[0]:
            chosen.append(name)
    return tuple(sorted(chosen, key=_place))


def rank_keys(
    trajectories: pa.Table, groups: Codes, trial: str | None, chosen: Sequence[str]
) -> tuple[CandidateKey, ...]:
    """Possible keys, the chosen one first, then by how few trajectories they leave ambiguous and how many pair."""
    base, settings = _named(trajectories)
    codes = _Codes(trajectories, groups, trial)
    options: list[tuple[str, ...]] = [tuple(chosen)] if chosen else []
    options += [(name,) for name in base[:6]]
    if len(base) > 1:
        options.append(tuple(base[:6]))
    for name in settings[:8]:
        options += [tuple(sorted((name, one), key=_place)) for one in base[:4]]
    if base and settings:
        options.append(tuple(sorted((*base[:6], *settings[:8]), key=_place)))
    if REQUEST_KEY in log_types(trajectories):
        options.append((REQUEST_KEY,))
    unique = list(dict.fromkeys(options))
    ranked = [CandidateKey(option, *codes.paired(option), codes.repeats(option)) for option in unique]
    rest = sorted(ranked[1:], key=lambda key: (key.repeats, -key.paired, len(key.columns)))
    return (*ranked[:1], *rest)


def names_a_task(trajectories: pa.Table) -> bool:
    """Whether a column is named like a task's id."""
    return bool(_named(trajectories)[0])


def _place(name: str) -> tuple[int, int, str]:
    """Settings first (the wider one before the narrower), then ids, then conditions of the attempt."""
    last = name.rsplit(".", 1)[-1].lower()
    if last in _BEFORE:
        return (0, _BEFORE.index(last), name)
    if last in _AFTER:
        return (2, _AFTER.index(last), name)
    # An injected task comes after the user's own: ids keep their natural reading order.
    return (1, 0 if last.startswith(("user", "task", "instance")) else 1, name)


def _named(trajectories: pa.Table) -> tuple[list[str], list[str]]:
    names = list(log_types(trajectories))
    last = {name: name.rsplit(".", 1)[-1].lower() for name in names}
    base = [name for name in names if _BASE.fullmatch(last[name])]
    if not base:
        base = [name for name in names if _BARE.fullmatch(last[name])]
    base.sort(key=lambda name: (name.count("."), last[name] not in ("task_id", "instance_id"), names.index(name)))
    settings = [name for name in names if last[name] in _BEFORE or last[name] in _AFTER]
    settings.sort(key=lambda name: (last[name] in _AFTER, name.count("."), _place(name)))
    return base, settings


class _Codes:
    """Columns of a trajectories table as integer codes, combined as needed."""

    def __init__(self, trajectories: pa.Table, groups: Codes, trial: str | None) -> None:
        self.trajectories = trajectories
        self.groups = groups
        self._columns: dict[str, Codes] = {}
        self.attempts = groups if trial is None else combine_codes([groups, self.column(trial)])

    def column(self, name: str) -> Codes:
        if name not in self._columns:
            self._columns[name] = text_codes(key_texts(self.trajectories, name))
        return self._columns[name]

    def key(self, columns: Sequence[str]) -> Codes:
        return (
            combine_codes([self.column(name) for name in columns]) if columns else np.zeros(len(self.groups), np.int64)
        )

    def varies(self, name: str) -> bool:
        return len(np.unique(self.column(name))) > 1

    def repeats(self, columns: Sequence[str]) -> int:
        """Trajectories beyond the first of a task in a group and trial."""
        both = combine_codes([self.attempts, self.key(columns)])
        return int(len(both) - len(np.unique(both)))

    def paired(self, columns: Sequence[str]) -> tuple[int, int]:
        """Tasks that occur in every group, and tasks in all."""
        return paired_tasks(self.key(columns), self.groups)


def paired_tasks(tasks: Codes, groups: Codes) -> tuple[int, int]:
    """How many tasks occur in every group, and how many there are, from one code of each a trajectory."""
    pairs = np.unique(np.stack([tasks, groups]), axis=1) if len(tasks) else np.zeros((2, 0), np.int64)
    if not pairs.size:
        return 0, 0
    _, counts = np.unique(pairs[0], return_counts=True)
    return int((counts == len(np.unique(groups))).sum()), len(counts)


def combine_codes(columns: Sequence[Codes]) -> Codes:
    """One code per distinct combination, without overflow however many columns there are."""
    combined = columns[0]
    for column in columns[1:]:
        width = int(column.max(initial=-1)) + 2
        combined = np.unique(combined * width + (column + 1), return_inverse=True)[1].reshape(-1).astype(np.int64)
    return combined


def text_codes(column: pa.Array) -> Codes:
    """Codes of a text column in order of first appearance; null is -1."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    return np.asarray(column.indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)


def key_texts(trajectories: pa.Table, name: str) -> pa.Array:
    """A column of the log as text for keys: 5 and 5.0 are the same task, null stays null."""
    column = trajectories[LOG_PREFIX + name].combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks else pa.array([], column.type)
    if pa.types.is_floating(column.type):
        values = [None if v is None else str(int(v)) if v == v and float(v).is_integer() else str(v)
                  for v in column.to_pylist()]  # fmt: skip
        return pa.array(values, pa.string())
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.cast(pa.string())


def task_ids(trajectories: pa.Table, columns: Sequence[str]) -> list[str]:
    """``task_id`` of every trajectory: the column's text, or a compact JSON array of several. A null is kept apart
    from an empty text; a very long id is cut and given its digest."""
    texts = [key_texts(trajectories, name).to_pylist() for name in columns]
    known: dict[tuple[str | None, ...], str] = {}
    found = []
    for values in zip(*texts, strict=True):
        name = known.get(values)
        if name is None:
            name = known[values] = _task_id(values)
        found.append(name)
    return found


def _task_id(values: tuple[str | None, ...]) -> str:
    if len(values) == 1 and values[0] is not None:
        text = values[0]
    else:
        text = json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))
    if len(text) <= _LONGEST_ID:
        return text
    return f"{text[:80]}…{hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()[:16]}"


def missing_columns(trajectories: pa.Table, columns: Sequence[str]) -> list[str]:
    """Those of ``columns`` that the log does not have."""
    known: Mapping[str, pa.DataType] = log_types(trajectories)
    return [name for name in columns if name not in known]


def joining_columns(rows: pa.Table, narrow: bool) -> list[str]:
    """Columns that belong to a whole trajectory in a table of steps: its trial and task; with ``narrow`` only the
    plain ``task_id`` and the trial, since an id of its own joins the steps already."""
    base, settings = _named(rows)
    if narrow:
        base, settings = [name for name in base if name.lower() in ("task_id", "instance_id")], []
    trial = trial_column(rows)
    return [*base, *settings, *([trial] if trial else [])]
