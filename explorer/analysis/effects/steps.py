"""The effects of every step of a dataset.

Each distinct (kind, tool, arguments) is classified once; which steps share one is found on hashes, batch by
batch, without a Python object per repeated step. Then trajectories that need it are read in order (see
:mod:`explorer.analysis.effects.history.across_steps`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from explorer.analysis.effects.actions.dispatch import classify_action
from explorer.analysis.effects.history.absence import FirstLooks, FirstSeen
from explorer.analysis.effects.history.across_steps import Sketch, Trail, needs_trail
from explorer.analysis.effects.history.given_files import NO_FILES, GivenFiles, Showings
from explorer.analysis.effects.history.step_texts import StepTexts
from explorer.analysis.effects.rules.types import RuleSet
from explorer.analysis.effects.shared.making import make
from explorer.model.effect import EffectKind, Effects, StepEffects
from explorer.model.trajectory import Coded, Dataset
from explorer.progress import Progress

BATCH = 65_536
"""Rows whose arguments are held at once while they are hashed."""
READ_AT_ONCE = 2_048
MAX_GIVEN = 200_000
"""Longest text of a given file that is compared between trajectories."""
MAX_ARGUMENTS = 20_000_000
"""Longest arguments that are decoded at all; longer ones are cut here and marked "cannot tell"."""


class DistinctActions(NamedTuple):
    """``codes`` int32 per step: which distinct action it is; ``first`` int64 per distinct action: a step row that
    holds it. Actions are numbered by their first appearance."""

    codes: npt.NDArray[np.int32]
    first: npt.NDArray[np.int64]


def classify_steps(
    dataset: Dataset, rules: RuleSet, progress: Progress | None = None, *, across: bool = True
) -> StepEffects:
    """The effects of every step. ``across`` False leaves each step by itself (what a filter that sees single
    actions could know at best). Raises :class:`explorer.progress.Cancelled` when asked to stop."""
    progress = progress or Progress()
    actions = distinct_actions(dataset, progress)
    catalog = _Catalog()
    base = _classify(dataset, rules, actions, catalog, progress)
    codes = base[actions.codes] if len(base) else np.zeros(0, dtype=np.int32)
    if across:
        codes = _across(dataset, rules, actions, codes, catalog, progress)
    codes.flags.writeable = False
    return StepEffects(tuple(catalog.items), codes)


class _Catalog:
    """Each distinct set of effects once, by its place."""

    def __init__(self) -> None:
        self.items: list[Effects] = []
        self._places: dict[Effects, int] = {}

    def place(self, effects: Effects) -> int:
        found = self._places.get(effects)
        if found is None:
            found = self._places[effects] = len(self.items)
            self.items.append(effects)
        return found


def distinct_actions(dataset: Dataset, progress: Progress | None = None) -> DistinctActions:
    """Which steps do literally the same thing: equal kind, tool and arguments.

    Compared by a keyed 64-bit hash whose key is drawn anew in every process, so that a log cannot be written to
    collide; two different ones among a million meet with a probability below 10⁻⁷.
    """
    progress = progress or Progress()
    total = dataset.n_steps
    keys = np.empty(total, dtype=np.uint64)
    column = dataset.steps["arguments"]
    progress.stage("Finding distinct actions", total)
    for start in range(0, total, BATCH):
        keys[start : start + BATCH] = _hashes(column.slice(start, BATCH))
        progress.at(min(start + BATCH, total))
    tools = len(dataset.tool.names) + 1
    pair = dataset.kind.codes.astype(np.int64) * tools + dataset.tool.codes.astype(np.int64) + 1
    mixed = (keys ^ (keys >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15) + pair.astype(np.uint64) * np.uint64(
        0xC2B2AE3D27D4EB4F
    )
    _, first, inverse = np.unique(mixed, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return DistinctActions(rank[inverse.reshape(-1)], first[order].astype(np.int64))


_HASH_KEY = secrets.token_hex(8)


def _hashes(part: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """uint64 per value; nulls and repeats cost a look-up. Bytes, not text: nothing is decoded here."""
    found: list[npt.NDArray[np.uint64]] = []
    for chunk in part.chunks:
        encoded = chunk.cast(pa.large_binary()).dictionary_encode()
        values = encoded.dictionary.to_numpy(zero_copy_only=False)
        table = np.empty(len(values) + 1, dtype=np.uint64)
        table[0] = 1
        if len(values):
            table[1:] = pd.util.hash_array(values, hash_key=_HASH_KEY, categorize=False)
        places = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64) + 1
        found.append(table[places])
    return np.concatenate(found) if found else np.zeros(0, dtype=np.uint64)


def _classify(
    dataset: Dataset, rules: RuleSet, actions: DistinctActions, catalog: _Catalog, progress: Progress
) -> npt.NDArray[np.int32]:
    """int32 per distinct action: its place in the catalog."""
    count = len(actions.first)
    codes = np.empty(count, dtype=np.int32)
    progress.stage("Classifying distinct actions", count)
    for start in range(0, count, READ_AT_ONCE):
        rows = actions.first[start : start + READ_AT_ONCE]
        texts = read_texts(dataset.steps["arguments"], rows)
        for place, (row, text) in enumerate(zip(rows.tolist(), texts, strict=True), start):
            codes[place] = catalog.place(_one(dataset.kind, dataset.tool, row, text, rules))
            if place % 256 == 0:
                progress.at(place)
        progress.at(min(start + READ_AT_ONCE, count))
    return codes


def _one(kinds: Coded, tools: Coded, row: int, text: str | None, rules: RuleSet) -> Effects:
    effects = classify_action(kinds.of(row) or "", tools.of(row), text, rules)
    if text is not None and len(text) >= MAX_ARGUMENTS:
        effects += (make(EffectKind.UNKNOWN, "action.too-long", note="too long to be read whole"),)
    return effects


def read_texts(column: pa.ChunkedArray, rows: npt.NDArray[np.int64]) -> list[str | None]:
    """The text of some rows; bytes that are no UTF-8 become replacement characters."""
    taken = column.take(pa.array(rows)).cast(pa.large_binary())
    return [None if value is None else value[:MAX_ARGUMENTS].decode("utf-8", "replace") for value in taken.to_pylist()]


def _across(
    dataset: Dataset,
    rules: RuleSet,
    actions: DistinctActions,
    codes: npt.NDArray[np.int32],
    catalog: _Catalog,
    progress: Progress,
) -> npt.NDArray[np.int32]:
    """The codes after reading trajectories in order, for those that need it."""
    wanted = needs_trail(catalog.items)[codes] if len(catalog.items) else np.zeros(0, dtype=np.bool_)
    offsets = dataset.step_offsets
    marks = np.concatenate([[0], np.cumsum(wanted)])
    chosen = np.flatnonzero(marks[offsets[1:]] > marks[offsets[:-1]])
    progress.stage("Following files across steps", len(chosen))
    before, codes = codes, codes.copy()
    texts = StepTexts(dataset)
    memory: dict[int, Sketch] = {}

    seen = FirstSeen(dataset.task.codes)

    def follow(trajectory: int, given: GivenFiles = NO_FILES, others: Sequence[FirstLooks] = ()) -> Trail:
        rows = dataset.rows(trajectory)
        trail = Trail(rules, texts, rows, memory, given, trajectory, others, shared=seen.shared(trajectory))
        for place, row in enumerate(rows):
            alone = catalog.items[before[row]]
            after = trail.step(place, row, alone, int(actions.codes[row]))
            codes[row] = before[row] if after is alone else catalog.place(after)
        return trail

    unread: dict[int, frozenset[str]] = {}
    shown: dict[int, dict[str, int]] = {}
    for number, trajectory in enumerate(chosen.tolist()):
        trail = follow(trajectory)
        shown[trajectory] = trail.shown
        if trail.unread:
            unread[trajectory] = frozenset(trail.unread)
        seen.add(trajectory, trail.first, trail.absence)
        if number % 16 == 0:
            progress.at(number)
    progress.at(len(chosen))
    given = _given(dataset, texts, unread, shown, follow, progress)
    for trajectory in sorted({*given, *seen.answered()}):
        follow(trajectory, given.get(trajectory, NO_FILES), seen.others(trajectory))
    return codes


def _given(
    dataset: Dataset,
    texts: StepTexts,
    unread: dict[int, frozenset[str]],
    shown: dict[int, dict[str, int]],
    follow: Callable[..., Trail],
    progress: Progress,
) -> dict[int, GivenFiles]:
    """The given files of each trajectory that runs a script which only others of its task were shown."""
    tasks = dataset.task.codes
    wanted: dict[int, set[str]] = {}
    for trajectory, paths in unread.items():
        if tasks[trajectory] >= 0:
            wanted.setdefault(int(tasks[trajectory]), set()).update(path.rsplit("/", 1)[-1] for path in paths)
    if not wanted:
        return {}
    members = np.flatnonzero(np.isin(tasks, list(wanted)))
    progress.stage("Reading given files in other trajectories", len(members))
    showings: dict[int, Showings] = {}
    for number, trajectory in enumerate(members.tolist()):
        task = int(tasks[trajectory])
        rows = shown[trajectory] if trajectory in shown else follow(trajectory).shown
        for path, row in rows.items():
            if path.rsplit("/", 1)[-1] in wanted[task]:
                showings.setdefault(task, Showings()).add(path, trajectory, texts.observation(row)[:MAX_GIVEN])
        if number % 16 == 0:
            progress.at(number)
    given = {task: found.agreed() for task, found in showings.items()}
    progress.at(len(members))
    found: dict[int, GivenFiles] = {}
    for trajectory, paths in unread.items():
        files = given.get(int(tasks[trajectory]))
        if files is not None and any(files.find(path) is not None for path in paths):
            found[trajectory] = files
    return found
