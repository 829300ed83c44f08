"""What found no partner, and which of its keys look like a key of the other side: for the summary of an audit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.analysis.pair import suggest_key_mapping
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset

MOST_LISTED = 1_000


def unpaired_rows(dataset: Dataset, unpaired: Sequence[tuple[int, str]]) -> list[dict[str, Any]]:
    """Trajectories without a partner with the reason, by task, group and trial: at most MOST_LISTED of them."""
    ids = dataset.trajectory_ids
    rows = [
        {
            "task": dataset.task.of(row) or "",
            "group": dataset.group.of(row) or "",
            "trial": int(dataset.trial[row]),
            "trajectory_id": ids[row],
            "reason": reason,
        }
        for row, reason in unpaired
    ]
    rows.sort(key=lambda row: (row["task"], row["group"], row["trial"], row["trajectory_id"]))
    return rows[:MOST_LISTED]


def key_suggestions(dataset: Dataset, settings: AuditSettings) -> list[dict[str, Any]]:
    """Tasks of one side only whose key looks like that of a task of the other side only, best first: at most
    MOST_LISTED. Tasks of which every trajectory is dead would not pair anyway and are left out."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for first, second in settings.comparisons:
        one, live_one = _tasks(dataset, settings.groups_of(first))
        two, live_two = _tasks(dataset, settings.groups_of(second))
        names = dataset.task.names
        alone = [
            [names[code] for code in np.setdiff1d(live, other).tolist()]
            for live, other in ((live_one, two), (live_two, one))
        ]
        for key, like, similarity in suggest_key_mapping(*alone):
            found.setdefault(
                (key, like),
                {
                    "first": key, "first_role": first.value, "second": like, "second_role": second.value,
                    "similarity": round(similarity, 1),
                },
            )  # fmt: skip
    return sorted(found.values(), key=lambda one: -one["similarity"])[:MOST_LISTED]


def _tasks(dataset: Dataset, groups: Sequence[str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Codes of the tasks of some groups, and of those with a trajectory that can pair."""
    mine = np.isin(dataset.group.codes, [dataset.group.code(group) for group in groups]) & (dataset.task.codes >= 0)
    return np.unique(dataset.task.codes[mine]), np.unique(dataset.task.codes[mine & ~dataset.dead])
