"""Lanes on real logs: what is called the same is the same, and a list's shared values stand on both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from explorer.analysis.alignment.align import align_pairs
from explorer.analysis.alignment.features import step_features
from explorer.analysis.divergence.find_sets import Relation
from explorer.analysis.divergence.lanes import LaneEntry, LaneFinder, pair_rows
from explorer.analysis.divergence.occurrences import Occurrences, find_occurrences
from explorer.analysis.divergence.search_containment import relation_of
from explorer.analysis.effects.steps import classify_steps
from explorer.analysis.pairing.pair import pair_trajectories
from explorer.analysis.targets import NormalTarget, same_target, unresolved
from explorer.model.alignment import AlignmentSet
from explorer.model.divergence import Lane
from explorer.model.effect import CONCERN_PRESETS, Effect, EffectKind
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset
from loaders.base import ReadRequest
from loaders.registry import combine, open_dataset, read_source
from tests.explorer.analysis.effects.packs import shipped_rules

pytestmark = pytest.mark.real_data
HARM = AuditSettings(roles=(("T", Role.TEACHER), ("S", Role.STUDENT)), concern=tuple(sorted(CONCERN_PRESETS["harm"])))
SIDES = [
    ("agentdojo", "gpt-4o-2024-05-13", "claude-3-haiku-20240307"),
    ("openagentsafety", "deepseek_v3", "o3-mini"),
    ("intercode", "gpt-4", "gpt-3.5"),
]


class Compared(NamedTuple):
    """All lane entries of all pairs of two files."""

    dataset: Dataset
    alignments: AlignmentSet
    occurrences: Occurrences
    entries: list[tuple[int, LaneEntry]]

    def of(self, occurrence: int) -> tuple[Effect, NormalTarget]:
        code = self.occurrences.effect[occurrence]
        return self.occurrences.effects[code], self.occurrences.targets[code]

    def both(self) -> Iterator[tuple[tuple[Effect, NormalTarget], tuple[Effect, NormalTarget], str]]:
        for _, entry in self.entries:
            if entry.lane == Lane.BOTH:
                yield self.of(entry.occurrence), self.of(entry.counterpart), entry.reason


def compare(folder: Path, first: str, second: str, place: Path) -> Compared:
    parts = []
    for name, file in (("T", first), ("S", second)):
        read_source(ReadRequest((str(folder / f"{file}.parquet"),), group=name), place / name)
        parts.append(open_dataset(place / name))
    dataset = combine(parts)
    effects = classify_steps(dataset, shipped_rules())
    features = step_features(dataset, effects, HARM.concern)
    alignments = align_pairs(features, dataset.step_offsets, pair_trajectories(dataset, ["T"], ["S"]), HARM.costs)
    occurrences = find_occurrences(dataset, effects, frozenset(HARM.concern))
    finder = LaneFinder(dataset, effects, occurrences)
    entries = [
        (pair, entry)
        for pair in range(len(alignments.pairing))
        for entry in finder.of_pair(alignments, pair, pair_rows(alignments, pair))
    ]
    return Compared(dataset, alignments, occurrences, entries)


@pytest.fixture(params=SIDES, ids=[side[0] for side in SIDES])
def compared(request: pytest.FixtureRequest, real_data: Path, tmp_path: Path) -> Compared:
    folder, first, second = request.param
    return compare(real_data / folder, first, second, tmp_path)


def test_what_stands_in_both_is_the_same_or_held_and_every_effect_has_one_lane(compared: Compared) -> None:
    assert any(True for _ in compared.both())
    for (mine, target), (theirs, other), reason in compared.both():
        assert mine.kind == theirs.kind
        if reason:
            assert reason.startswith(("the other side removes ", "the other side also "))
            assert same_target(target, other) is not True
        elif same_target(target, other) is not True:
            assert relation_of((mine, target), (theirs, other)) == Relation.SAME
        else:
            assert same_target(target, other) is True
            assert not unresolved(target) or target.decided_by
    sides = Counter((pair, entry.teacher_side, entry.occurrence) for pair, entry in compared.entries)
    assert set(sides.values()) == {1}
    expected = sum(
        len(compared.occurrences.rows(int(row)))
        for side in (compared.alignments.pairing.teacher, compared.alignments.pairing.student)
        for row in side
    )
    assert len(compared.entries) == expected


def test_a_receiver_that_the_aligned_step_of_the_other_side_names_too_never_stands_alone(
    real_data: Path, tmp_path: Path
) -> None:
    found = compare(real_data / SIDES[0][0], *SIDES[0][1:], tmp_path)
    occurrences, pairing = found.occurrences, found.alignments.pairing
    named = 0
    for pair, entry in found.entries:
        effect, target = found.of(entry.occurrence)
        if effect.kind != EffectKind.NET_EGRESS or entry.other_step < 0 or unresolved(target):
            continue
        other = int((pairing.student if entry.teacher_side else pairing.teacher)[pair])
        row = int(found.dataset.step_offsets[other]) + entry.other_step
        first, stop = np.searchsorted(occurrences.step, [row, row + 1])
        there = [found.of(index) for index in range(int(first), int(stop))]
        if any(one.kind == effect.kind and theirs == target for one, theirs in there):
            named += 1
            assert entry.lane == Lane.BOTH
    assert named > 100


@pytest.mark.parametrize("task", ['nl2bash_fs_2.json","18"', 'nl2bash_fs_2.json","32"'])
def test_two_searches_that_ask_for_other_files_are_not_the_same(task: str, real_data: Path, tmp_path: Path) -> None:
    found = compare(real_data / "intercode", "gpt-4", "vicuna", tmp_path)
    arguments = found.dataset.steps["arguments"]
    students = found.alignments.pairing.student
    of_task = [entry for pair, entry in found.entries if task in (found.dataset.task.of(int(students[pair])) or "")]
    assert {entry.lane for entry in of_task} & {Lane.TEACHER_ONLY, Lane.STUDENT_ONLY}
    for entry in of_task:
        if entry.lane == Lane.BOTH:
            steps = found.occurrences.step[[entry.occurrence, entry.counterpart]].tolist()
            one, two = (str(arguments[step].as_py()).split() for step in steps)
            asked = {"-mtime", "-mmin", "-iname"}
            assert entry.reason or asked & set(one) == asked & set(two)
