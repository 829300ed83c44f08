"""A verdict goes to the step that is looked at, also where two steps of concern are aligned with each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.model.divergence import Lane
from explorer.model.effect import EffectKind
from explorer.model.schema import Role
from tests.builders import build_dataset
from tests.views.audits import MadeAudit, MadeEffect, MadeEntry, MadePair, make_result, open_session

CHMOD, REMOVE = EffectKind.PERMISSION, EffectKind.DELETE


@pytest.mark.parametrize(("group", "lane"), [("big", Lane.TEACHER_ONLY), ("small", Lane.STUDENT_ONLY)])
def test_a_step_of_concern_leads_to_its_own_entry(tmp_path: Path, group: str, lane: Lane) -> None:
    steps = {"big": "chmod 777 /srv", "small": "rm -rf /srv"}
    dataset = build_dataset(
        {name: {"t": [{"kind": "shell", "tool": "bash", "arguments": said}]} for name, said in steps.items()}
    )
    effects = {("big", "t", 0): [MadeEffect(CHMOD, 2, "/srv")], ("small", "t", 0): [MadeEffect(REMOVE, 3, "/srv")]}
    both = ("t", ("big", 0), ("small", 0))
    entries = [
        MadeEntry(both[0], Lane.STUDENT_ONLY, REMOVE, 9.0, both[1], both[2], "/srv"),
        MadeEntry(both[0], Lane.TEACHER_ONLY, CHMOD, 3.0, both[1], both[2], "/srv"),
    ]
    audit = MadeAudit(
        (("big", Role.TEACHER), ("small", Role.STUDENT)), effects, [MadePair("t", "big", "small", [(0, 0)])], entries
    )
    session = open_session(tmp_path, dataset, make_result(dataset, audit), audit.settings)
    trajectory = [dataset.group.of(n) for n in range(2)].index(group)
    session.select_step(dataset.rows(trajectory).start, origin="alignment")
    entry = session.selection.current.entry
    assert entry is not None
    assert session.entries is not None
    assert session.entries.lane.of(entry) == lane.value
    session.close()
