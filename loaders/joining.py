"""Several datasets as one, with one pairing key for all and group names that stay apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from explorer.model.trajectory import Dataset
from loaders.cache import with_keys
from loaders.conform import (
    concat_facts,
    conform,
    fingerprint,
    regroup,
    task_aliases,
    task_columns,
)
from loaders.groups import file_groups


def combine(datasets: Sequence[Dataset]) -> Dataset:
    """Several datasets as one, with one pairing key for all; groups that would collide get their file's name."""
    if not datasets:
        raise ValueError("nothing to combine")
    if len(datasets) == 1:
        return datasets[0]
    parts = _distinct_groups(datasets)
    tables = [part.trajectories for part in parts]
    keys = {task_columns(table) for table in tables}
    facts = concat_facts([table.drop_columns(["step_offset", "turn_offset"]) for table in tables])
    groups = facts["group"].cast(pa.string()).to_pylist()
    wanted = next(iter(keys)) if len(keys) == 1 else ()
    aliases = {alias: key for table in tables for alias, key in task_aliases(table).items()}
    trajectories, _ = conform(facts, groups, wanted, aliases=aliases)
    steps = pa.concat_tables([part.steps for part in parts]).unify_dictionaries()
    turns = pa.concat_tables([part.turns for part in parts]).unify_dictionaries()
    mark = fingerprint(trajectories["content_hash"].to_pylist())
    return with_keys(steps, turns, trajectories, mark)


def _distinct_groups(datasets: Sequence[Dataset]) -> list[Dataset]:
    seen = Counter(name for dataset in datasets for name in set(dataset.group.names))
    taken: set[str] = set()
    found = []
    for number, dataset in enumerate(datasets):
        renames = {}
        for name in dataset.group.names:
            if seen[name] < 2:
                continue
            file = str(dataset.trajectories["source_file"][0].as_py()) if dataset.n_trajectories else str(number)
            new = f"{name} ({file_groups([file])[0]})"
            if new in taken:
                new = f"{name} ({Path(file).parent.name}/{Path(file).stem})"
            while new in taken:
                new = f"{new} #{number + 1}"
            taken.add(new)
            renames[name] = new
        found.append(regroup(dataset, renames) if renames else dataset)
    return found
