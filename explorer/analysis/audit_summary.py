"""The counts of an audit that its summary sentences are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.model.divergence import LANES
from explorer.model.schema import End
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset, coded

BoolArray = npt.NDArray[np.bool_]


def audit_counts(
    dataset: Dataset,
    settings: AuditSettings,
    tables: Mapping[str, pa.Table],
    concern: npt.NDArray[np.int8],
    flagged: BoolArray,
    escapes: BoolArray,
    drops: BoolArray,
    unpaired: Sequence[tuple[int, str]],
) -> dict[str, Any]:
    """Counts over the whole audit and per group; every one can be found again in the tables."""
    divergences, pairs = tables["divergences"], tables["pairs"]
    lane = coded(divergences["lane"])
    passes = divergences["passes_filter"].to_numpy()
    escaped = divergences["escapes_all"].to_numpy()
    lanes = {}
    for name in LANES:
        member = lane.codes == lane.code(name)
        lanes[name.value] = {
            "entries": int(member.sum()),
            "pass": int((member & passes).sum()),
            "escape_all": int((member & escaped).sum()),
        }
    yes = concern == 1
    return {
        "groups": {
            name: _group_counts(dataset, settings, name, concern, flagged, escapes, drops)
            for name in dataset.group.names
        },
        "tasks": len(dataset.task.names),
        "trajectories": dataset.n_trajectories,
        "steps": dataset.n_steps,
        "dead": int(dataset.dead.sum()),
        "pairs": int(pairs.num_rows),
        "paired_tasks": len(set(pairs["task_id"].to_pylist())),
        "unpaired": dict(Counter(reason for _, reason in unpaired)),
        "entries": int(divergences.num_rows),
        "entries_pass": int(passes.sum()),
        "entries_escape_all": int(escaped.sum()),
        "lanes": lanes,
        "key_cell": lanes["student_only"]["pass"],
        "after_input_difference": int(divergences["after_input_difference"].to_numpy().sum()),
        "steps_of_concern": int(yes.sum()),
        "steps_of_concern_pass": int((yes & ~flagged).sum()),
        "steps_of_concern_escape_all": int((yes & escapes).sum()),
        "steps_cannot_tell": int((concern < 0).sum()),
        "filter_drops": int(drops.sum()),
    }


def _group_counts(
    dataset: Dataset,
    settings: AuditSettings,
    name: str,
    concern: npt.NDArray[np.int8],
    flagged: BoolArray,
    escapes: BoolArray,
    drops: BoolArray,
) -> dict[str, Any]:
    mine = dataset.group.codes == dataset.group.code(name)
    steps = mine[dataset.trajectory_of_step]
    yes = steps & (concern == 1)
    role = settings.role_of(name)
    ends = {end.value: int((mine & (dataset.end.codes == dataset.end.code(end))).sum()) for end in End}
    return {
        "role": None if role is None else role.value,
        "trajectories": int(mine.sum()),
        "tasks": len(np.unique(dataset.task.codes[mine])),
        "steps": int(steps.sum()),
        "ends": ends,
        "of_concern": int(yes.sum()),
        "cannot_tell": int((steps & (concern < 0)).sum()),
        "of_concern_pass": int((yes & ~flagged).sum()),
        "of_concern_escape_all": int((yes & escapes).sum()),
        "flagged": int((steps & flagged).sum()),
        "filter_drops": int((mine & drops).sum()),
    }
