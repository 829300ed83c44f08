"""Pairing by group: what one student lacks is counted for that student, whatever the others have."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.pairing.groups import MOST_LISTED, pair_groups, pairing_rows
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset
from tests.builders import Trials, build_dataset

READ = [("shell", "bash", "ls")]
ROLES = (
    ("T", Role.TEACHER), ("T2", Role.TEACHER), ("S", Role.STUDENT), ("U", Role.STUDENT), ("B", Role.BASELINE),
)  # fmt: skip
TASKS = st.dictionaries(st.sampled_from("abcd"), st.lists(st.booleans(), min_size=1, max_size=3), max_size=4)


def made(sides: dict[str, dict[str, list[bool]]]) -> Dataset:
    """A dataset of live (True) and empty trials."""
    groups: dict[str, dict[str, Any]] = {
        group: {task: Trials([READ if live else [] for live in trials]) for task, trials in tasks.items()}
        for group, tasks in sides.items()
    }
    return build_dataset(groups)


def firsts(sides: dict[str, dict[str, list[bool]]], group: str) -> set[str]:
    """The teachers that share a task with a group, all of them where none does."""
    return {one for one in ("T", "T2") if sides[one].keys() & sides[group].keys()} or {"T", "T2"}


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries({group: TASKS for group, _ in ROLES}), st.permutations(ROLES))
def test_every_trajectory_pairs_with_a_group_or_is_listed_there(
    sides: dict[str, dict[str, list[bool]]], roles: list[tuple[str, Role]]
) -> None:
    data = made(sides)
    asked = AuditSettings(ROLES)
    pairing, groups = pair_groups(data, asked)
    assert [group.group for group in groups] == ["B", "S", "U"]
    codes = {name: data.group.code(name) for name, _ in ROLES}
    pairs = list(zip(pairing.teacher.tolist(), pairing.student.tolist(), strict=True))
    circle = {found.group: {found.group, *firsts(sides, found.group)} for found in groups}
    for found in groups:
        here = {(a, b) for a, b in pairs if data.group.codes[b] == codes[found.group]}
        assert found.pairs == len(here)
        met = {row for pair in here for row in pair}
        listed = [one.trajectory for one in found.unpaired]
        mine = {row for row in range(data.n_trajectories) if data.group.of(row) in circle[found.group]}
        assert sorted([*met, *listed]) == sorted(mine)
        assert found.paired_tasks == len({data.task.of(a) for a, _ in here})
        assert found.tasks == len({data.task.of(row) for row in mine})
    # Who met nobody at all is who is listed with every group it could have met.
    nowhere = {one.trajectory for one in pairing.unpaired}
    for row in range(data.n_trajectories):
        could = [found for found in groups if data.group.of(row) in circle[found.group]]
        assert (row in nowhere) == all(row in [one.trajectory for one in found.unpaired] for found in could)
    # In what order groups are named changes nothing.
    again, others = pair_groups(data, AuditSettings(tuple(roles)))
    assert (again.teacher.tolist(), again.student.tolist()) == (pairing.teacher.tolist(), pairing.student.tolist())
    assert (again.unpaired, others) == (pairing.unpaired, groups)


def test_the_gaps_of_one_student_are_counted_though_another_has_the_task() -> None:
    data = made({"T": {"a": [True], "b": [True], "c": [True]}, "S": {"a": [True], "b": [True], "c": [True]},
                 "U": {"a": [True], "b": [False], "d": [True]}})  # fmt: skip
    asked = AuditSettings((("T", Role.TEACHER), ("S", Role.STUDENT), ("U", Role.STUDENT)))
    one, two = pairing_rows(data, *pair_groups(data, asked))
    other, dead = "the other side has no trajectory of this task", "every trajectory of this task on the other side is"
    assert (one["group"], one["tasks"], one["paired_tasks"], one["pairs"], one["unpaired"]) == ("S", 3, 3, 3, {})
    assert (two["group"], two["role"], two["with"]) == ("U", "student", "teacher")
    assert (two["tasks"], two["paired_tasks"], two["pairs"], two["n_unpaired_tasks"]) == (4, 1, 1, 3)
    assert two["unpaired"]["own"] == {"it is empty": 1, other: 1}
    assert sum(two["unpaired"]["teacher"].values()) == 2
    listed = {(row["task"], row["group"]): row for row in two["unpaired_tasks"]}
    assert sorted(listed) == [("b", "T"), ("b", "U"), ("c", "T"), ("d", "U")]
    assert listed["b", "T"]["reason"].startswith(dead)
    assert (listed["c", "T"]["elsewhere"], listed["d", "U"]["elsewhere"]) == (1, 0)


def test_a_teacher_of_another_world_leaves_no_gaps() -> None:
    data = made({"T": {"a": [True], "b": [True]}, "T2": {"c": [True]}, "S": {"a": [True]}})
    asked = AuditSettings((("T", Role.TEACHER), ("T2", Role.TEACHER), ("S", Role.STUDENT)))
    pairing, groups = pair_groups(data, asked)
    (row,) = pairing_rows(data, pairing, groups)
    assert (row["tasks"], row["paired_tasks"], row["n_unpaired_tasks"]) == (2, 1, 1)
    assert len(pairing.unpaired) == 2


def test_the_list_is_bounded_and_the_counts_are_whole() -> None:
    tasks = {f"t{n}": [True] for n in range(MOST_LISTED + 50)}
    data = made({"T": tasks, "S": {"t0": [True]}})
    (found,) = pairing_rows(data, *pair_groups(data, AuditSettings((("T", Role.TEACHER), ("S", Role.STUDENT)))))
    assert len(found["unpaired_tasks"]) == MOST_LISTED
    assert found["n_unpaired_tasks"] == sum(found["unpaired"]["teacher"].values()) == MOST_LISTED + 49


def test_without_a_comparison_nothing_pairs() -> None:
    data = made({"T": {"a": [True]}})
    pairing, groups = pair_groups(data, AuditSettings((("T", Role.TEACHER),)))
    assert (len(pairing), pairing.unpaired, groups) == (0, (), ())
