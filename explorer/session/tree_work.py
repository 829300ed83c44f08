"""Grows the prefix tree of a task from what its audit found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from explorer.model.alignment import PrefixTree
from explorer.model.settings import AuditSettings
from explorer.progress import Progress
from explorer.session.audited_part import Opener, effects_of_part, open_audited, part_of


def run_tree(
    opener: Opener, dataset_folder: Path, audit: Path, settings: AuditSettings, task: str, progress: Progress
) -> tuple[str, PrefixTree]:
    """The live trajectories of one task, of groups with a role, as a prefix tree: at which action do the groups part?

    Its trajectories and steps are rows of the whole dataset.
    """
    from explorer.analysis.alignment.prefix_tree import prefix_tree

    dataset, told = open_audited(opener, dataset_folder, audit)
    with_role = np.array([settings.role_of(name) is not None for name in dataset.group.names], dtype=bool)
    mine = with_role[dataset.group.codes] & (dataset.task.codes == dataset.task.code(task)) & ~dataset.dead
    rows = np.flatnonzero(mine)
    part = part_of(dataset, rows.tolist())
    effects = effects_of_part(dataset, told, rows.tolist(), progress)
    progress.stage("growing the tree")
    tree = prefix_tree(part, effects, range(len(rows)), frozenset(settings.concern))
    known = tree.step >= 0
    owner = part.trajectory_of_step[tree.step[known]]
    step = tree.step.copy()
    step[known] += dataset.step_offsets[rows[owner]] - part.step_offsets[owner]
    return task, replace(tree, trajectories=rows[tree.trajectories].astype(np.int32), step=step)
