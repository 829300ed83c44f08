"""Some trajectories of an audit as a dataset of their own, with the effects that the audit found: what a view asks for
in addition (columns, the tree of a task) costs what these trajectories cost, and says nothing else than the audit.

Runs in a worker, on the files of the dataset and of its audit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from explorer.model.effect import Effect, StepEffects, effect_of_row
from explorer.model.trajectory import Dataset
from explorer.progress import Progress
from explorer.session.dataset_files import open_result

Opener = Callable[[Path], Dataset]

_CHUNK = 20_000


@lru_cache(maxsize=1)
def open_audited(opener: Opener, dataset_folder: Path, audit: Path) -> tuple[Dataset, pa.ChunkedArray]:
    """The dataset and the effects of its audit, kept in the worker so that the next question is answered at once."""
    return opener(dataset_folder), open_result(audit).tables["steps"]["effects"]


def part_of(dataset: Dataset, trajectories: Sequence[int]) -> Dataset:
    """Some trajectories (rows of the dataset) in the order given; no text is copied."""
    steps = [dataset.steps.slice(dataset.rows(t).start, len(dataset.rows(t))) for t in trajectories]
    said = [(int(dataset.turn_offsets[t]), int(dataset.turn_offsets[t + 1])) for t in trajectories]
    turns = [dataset.turns.slice(start, stop - start) for start, stop in said]
    chosen = dataset.trajectories.take(pa.array(list(trajectories), pa.int64()))
    return Dataset(
        pa.concat_tables([dataset.steps.slice(0, 0), *steps]), pa.concat_tables([dataset.turns.slice(0, 0), *turns]),
        chosen, dataset.fingerprint,
    )  # fmt: skip


def effects_of_part(
    dataset: Dataset, told: pa.ChunkedArray, trajectories: Sequence[int], progress: Progress
) -> StepEffects:
    """The effects of :func:`part_of` the same trajectories, from the audit's column of all; few steps at a time are
    held as objects."""
    rows = [dataset.rows(t) for t in trajectories]
    places: dict[tuple[Effect, ...], int] = {}
    codes: list[int] = []
    progress.stage("reading effects", sum(map(len, rows)))
    for steps in rows:
        for start in range(steps.start, steps.stop, _CHUNK):
            progress.at(len(codes))
            for row in told.slice(start, min(_CHUNK, steps.stop - start)).to_pylist():
                codes.append(places.setdefault(tuple(map(effect_of_row, row or ())), len(places)))
    return StepEffects(tuple(places), np.array(codes, dtype=np.int32))
