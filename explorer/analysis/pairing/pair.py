"""Which trajectories are compared: same task, one group of each side, several trials allowed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from explorer.model.alignment import Pairing, Unpaired
from explorer.model.schema import End
from explorer.model.trajectory import Dataset

MAX_TRIALS = 16
"""Trials of one task and side that enter all combinations; more are left out, with the reason."""

_KEY_LIMIT = 3_000
_KEY_SIMILARITY = 85.0
_KEY_WORK = 40_000_000_000
"""Characters of one side times characters of the other: about a second."""
_NUMBER = re.compile(r"[0-9]+")


class KeySuggestion(NamedTuple):
    """Two task keys without a partner that look alike; ``similarity`` 0–100."""

    first: str
    second: str
    similarity: float


def pair_trajectories(
    dataset: Dataset,
    first_groups: Collection[str],
    second_groups: Collection[str],
    *,
    max_trials: int = MAX_TRIALS,
) -> Pairing:
    """Pair by task: every live trial of the first side with every live trial of the second, up to ``max_trials``
    a side. Where both sides are the same groups, each two trials of one group are paired once (the spread of a
    group against itself). Pairs are ordered by task, then the first, then the second side's group and id, whatever the
    order of the dataset's rows or of the groups given; what has no partner is listed with the reason.
    """
    first = _by_task(dataset, first_groups)
    second = _by_task(dataset, second_groups)
    same = set(first_groups) == set(second_groups)
    teacher: list[int] = []
    student: list[int] = []
    unpaired: list[Unpaired] = []
    for task in sorted({*first, *second}):
        one, rest_one = _usable(dataset, first.get(task, []), max_trials)
        two, rest_two = _usable(dataset, second.get(task, []), max_trials)
        unpaired.extend(rest_one if same else [*rest_one, *rest_two])
        if same:
            pairs = [
                (a, b) for i, a in enumerate(one) for b in one[i + 1 :] if _group(dataset, a) == _group(dataset, b)
            ]
            met = {row for pair in pairs for row in pair}
            unpaired.extend(Unpaired(row, "only trial of its task") for row in one if row not in met)
        else:
            pairs = [(a, b) for a in one for b in two if a != b]
            unpaired.extend(Unpaired(row, _why_alone(second.get(task, []))) for row in one if not two)
            unpaired.extend(Unpaired(row, _why_alone(first.get(task, []))) for row in two if not one)
        teacher.extend(a for a, _ in pairs)
        student.extend(b for _, b in pairs)
    return Pairing(np.array(teacher, np.int32), np.array(student, np.int32), tuple(unpaired))


def suggest_key_mapping(
    first_keys: Iterable[str], second_keys: Iterable[str], *, similarity: float = _KEY_SIMILARITY
) -> tuple[KeySuggestion, ...]:
    """Near-duplicate keys among those that have no partner, best first; each key is used once.

    Keys that differ in a number are different tasks, however alike they look, and are never suggested. At most 3,000
    keys a side are compared, fewer where they are long, so that a wrong choice of column stays cheap.
    """
    one, two = set(first_keys), set(second_keys)
    left, right = sorted(one - two)[:_KEY_LIMIT], sorted(two - one)[:_KEY_LIMIT]
    while sum(map(len, left)) * sum(map(len, right)) > _KEY_WORK:
        left, right = left[: len(left) // 2], right[: len(right) // 2]
    blocks = _by_numbers(left)
    alike: list[tuple[float, str, str]] = []
    for numbers, there in _by_numbers(right).items():
        if numbers in blocks:
            alike.extend(_alike(blocks[numbers], there, similarity))
    used: set[str] = set()
    found: list[KeySuggestion] = []
    for score, a, b in sorted(alike, key=lambda one: (-one[0], one[1], one[2])):
        if ("1" + a) in used or ("2" + b) in used:
            continue
        used.update(("1" + a, "2" + b))
        found.append(KeySuggestion(a, b, score))
    return tuple(found)


def _by_numbers(keys: Sequence[str]) -> dict[tuple[str, ...], list[str]]:
    """Keys by the numbers in them, leading zeros left out."""
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for key in keys:
        found[tuple(number.lstrip("0") for number in _NUMBER.findall(key))].append(key)
    return found


def _alike(left: Sequence[str], right: Sequence[str], similarity: float) -> list[tuple[float, str, str]]:
    from rapidfuzz import fuzz, process, utils

    scores = process.cdist(
        left, right, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=similarity, dtype=np.float32
    )
    rows, columns = np.nonzero(scores)
    return [(float(scores[a, b]), left[a], right[b]) for a, b in zip(rows.tolist(), columns.tolist(), strict=True)]


def _by_task(dataset: Dataset, groups: Collection[str]) -> dict[str, list[int]]:
    wanted = np.isin(dataset.group.codes, [dataset.group.code(group) for group in groups])
    rows: dict[str, list[int]] = defaultdict(list)
    ids = dataset.trajectory_ids
    for row in np.flatnonzero(wanted):
        rows[dataset.task.names[dataset.task.codes[row]]].append(int(row))
    for found in rows.values():
        # By group and identity, never by place in the source: rows may come in any order, and where the log numbers
        # no trials, their numbers follow it.
        found.sort(key=lambda row: (_group(dataset, row), ids[row]))
    return rows


def _usable(dataset: Dataset, rows: Sequence[int], max_trials: int) -> tuple[list[int], list[Unpaired]]:
    live: list[int] = []
    left_out: list[Unpaired] = []
    taken: dict[str, int] = defaultdict(int)
    for row in rows:
        if dataset.dead[row]:
            empty = dataset.end.of(row) == End.EMPTY
            left_out.append(Unpaired(row, "it is empty" if empty else "it ended in an error"))
        elif taken[_group(dataset, row)] >= max_trials:
            left_out.append(Unpaired(row, f"more than {max_trials} trials of this task"))
        else:
            taken[_group(dataset, row)] += 1
            live.append(row)
    return live, left_out


def _why_alone(other: Sequence[int]) -> str:
    if not other:
        return "the other side has no trajectory of this task"
    return "every trajectory of this task on the other side is empty or ended in an error"


def _group(dataset: Dataset, row: int) -> str:
    return dataset.group.of(row) or ""
