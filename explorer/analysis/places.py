"""Numbers for tasks and trajectories that do not depend on the order in which they are stored.

Codes and rows follow the source; what is drawn, folded or told apart by them would change with it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.model.trajectory import Dataset


def task_places(dataset: Dataset) -> npt.NDArray[np.int64]:
    """int64 per trajectory: the place of its task's name among all names in order; "no task" comes last."""
    names = dataset.task.names
    places = np.full(len(names) + 1, len(names), dtype=np.int64)
    places[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return places[dataset.task.codes]


def trajectory_places(dataset: Dataset) -> npt.NDArray[np.int64]:
    """int64 per trajectory: the place of its id among all ids in order."""
    places = np.empty(dataset.n_trajectories, dtype=np.int64)
    places[np.argsort(np.array(dataset.trajectory_ids, dtype=str), kind="stable")] = np.arange(len(places))
    return places
