"""The queue's entries as NumPy columns: divergences of an audit joined with the dataset's rows."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.model.divergence import Lane
from explorer.model.finding import Subject
from explorer.model.result import AuditResult
from explorer.model.trajectory import Coded, Dataset, IntArray
from explorer.session.sides import lane_words, listed, second_groups, sides

BoolArray = npt.NDArray[np.bool_]


class Entries:
    """One row a divergence (or, without pairs, an effect of concern), ordered by rank.

    Positions are rows of the divergences table. Row numbers of trajectories and steps are those of the dataset;
    -1 where that side does not exist.
    """

    def __init__(self, result: AuditResult, dataset: Dataset) -> None:
        self.frame = result.frame("divergences")
        self._dataset = dataset
        self._roles: dict[str, str] = dict(result.summary.get("roles", {}))
        self._subjects: dict[int, Subject] = {}
        pairs = result.frame("pairs") if "pairs" in result.tables else None
        self._pair_rows = {} if pairs is None else {str(pairs.value("pair_id", row)): row for row in range(len(pairs))}

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def lane(self) -> Coded:
        return self.frame.coded("lane")

    @cached_property
    def effect(self) -> Coded:
        return self.frame.coded("effect")

    @cached_property
    def outcome(self) -> Coded:
        return self.frame.coded("outcome")

    @cached_property
    def task(self) -> Coded:
        return self.frame.coded("task_id")

    @cached_property
    def origin(self) -> Coded:
        """Where the target's value comes from."""
        return self.frame.coded("target_origin")

    @cached_property
    def cluster(self) -> npt.NDArray[Any]:
        return self.frame.numbers("cluster")

    @cached_property
    def risk(self) -> npt.NDArray[Any]:
        return self.frame.numbers("risk")

    @cached_property
    def severity(self) -> npt.NDArray[Any]:
        return self.frame.numbers("severity")

    @cached_property
    def repeats(self) -> npt.NDArray[Any]:
        return self.frame.numbers("n_repeats")

    @cached_property
    def passes(self) -> BoolArray:
        return self.frame.numbers("passes_filter").astype(bool)

    @cached_property
    def escapes_all(self) -> BoolArray:
        return self.frame.numbers("escapes_all").astype(bool)

    @cached_property
    def teacher_trajectory(self) -> IntArray:
        return self._trajectory_rows("teacher_trajectory_id")

    @cached_property
    def student_trajectory(self) -> IntArray:
        return self._trajectory_rows("student_trajectory_id")

    @cached_property
    def teacher_step(self) -> npt.NDArray[np.int64]:
        """Row of the dataset's steps."""
        return self._step_rows(self.teacher_trajectory, "teacher_step")

    @cached_property
    def student_step(self) -> npt.NDArray[np.int64]:
        return self._step_rows(self.student_trajectory, "student_step")

    @cached_property
    def judged_is_teacher(self) -> BoolArray:
        """Which side carries the effect: the teacher's in its own lane, else the student's if it has the step."""
        teacher_lane = self.lane.codes == self.lane.code(Lane.TEACHER_ONLY)
        judged: BoolArray = teacher_lane | (self.student_step < 0)
        return judged

    @cached_property
    def trajectory(self) -> IntArray:
        """The trajectory that carries the effect."""
        return np.where(self.judged_is_teacher, self.teacher_trajectory, self.student_trajectory).astype(np.int32)

    @cached_property
    def step(self) -> npt.NDArray[np.int64]:
        """The step (row of the dataset) that carries the effect."""
        return np.where(self.judged_is_teacher, self.teacher_step, self.student_step)

    @cached_property
    def group(self) -> Coded:
        """Group of the trajectory that carries the effect."""
        groups = self._dataset.group
        return Coded(groups.codes[self.trajectory], groups.names)

    @cached_property
    def against(self) -> Coded:
        """The group that what the first side does is held against, only where several groups are compared with it: then
        one act is listed for each of them that lacks it. What the second side does stands once, in its best pair."""
        groups = self._dataset.group
        if len(second_groups(self._roles)) < 2:
            return Coded(np.full(len(self), -1, dtype=np.int32), groups.names)
        held = self.judged_is_teacher & (self.student_trajectory >= 0)
        return Coded(np.where(held, groups.codes[self.student_trajectory], -1).astype(np.int32), groups.names)

    @cached_property
    def approximate(self) -> BoolArray:
        """Whether the pair was too long to be aligned exactly (audits made before this was kept do not say)."""
        if "approximate" not in self.frame.table.column_names:
            return np.zeros(len(self), dtype=bool)
        return self.frame.numbers("approximate").astype(bool)

    @cached_property
    def alignment(self) -> Coded:
        """The same as a facet: exact or approximate, -1 without a pair."""
        return Coded(np.where(self.pair < 0, -1, self.approximate).astype(np.int32), ("exact", "approximate"))

    @cached_property
    def act(self) -> npt.NDArray[np.int64]:
        """A number for the act (or attempt) that an entry is about: equal where one act is held against several."""
        target, effect = self.frame.coded("target"), self.effect
        place = (self.step + 1) * (len(effect.names) + 1) + effect.codes + 1
        return np.asarray(place * (len(target.names) + 1) + target.codes + 1, dtype=np.int64)

    def n_acts(self, entries: npt.NDArray[np.int64]) -> int:
        """How many different acts and attempts some entries are about."""
        return len(np.unique(self.act[entries]))

    @cached_property
    def roles_of_sides(self) -> tuple[str, tuple[str, ...]]:
        """The role of the first side of all pairs, and those of the second."""
        return sides(self._roles) if self._roles else ("teacher", ("student",))

    @cached_property
    def lane_names(self) -> dict[str, str]:
        """What the lanes of this audit are called, by the roles on its sides."""
        first, others = self.roles_of_sides
        return {lane.value: lane_words(lane.value, first, listed(others)) for lane in Lane}

    def sides_of(self, entry: int) -> tuple[str, str]:
        """The roles on the two sides of an entry's pair; what is not known is called teacher and student."""
        rows = int(self.teacher_trajectory[entry]), int(self.student_trajectory[entry])
        usual = ("teacher", "student")
        first, second = (
            self._roles.get(self._dataset.group.of(row) or "", name) if row >= 0 else name
            for row, name in zip(rows, usual, strict=True)
        )
        return first, second

    def lane_words(self, entry: int) -> str:
        """An entry's lane in words, "" without one."""
        return lane_words(self.lane.of(entry), *self.sides_of(entry))

    @cached_property
    def pair(self) -> IntArray:
        """Row of the pairs table, -1 without a pair."""
        coded_pairs = self.frame.coded("pair_id")
        table = np.array([self._pair_rows.get(name, -1) for name in coded_pairs.names] + [-1], dtype=np.int32)
        return table[coded_pairs.codes]

    def target(self, entry: int) -> str:
        return self.frame.value("target", entry) or ""

    def explanation(self, entry: int) -> str:
        return str(self.frame.value("explanation", entry))

    def risk_parts(self, entry: int) -> dict[str, float]:
        parts: dict[str, float] = self.frame.value("risk_parts", entry)
        return parts

    def subject(self, entry: int) -> Subject:
        """Identity of an entry for annotations (kept: verdicts are looked up for every entry after each change)."""
        found = self._subjects.get(entry)
        if found is None:
            value = self.frame.value
            sides = [
                (value("student_trajectory_id", entry), value("student_step", entry)),
                (value("teacher_trajectory_id", entry), value("teacher_step", entry)),
            ]
            if self.judged_is_teacher[entry]:
                sides.reverse()
            (judged, step), (other, other_step) = sides
            found = Subject(judged, step, other, other_step, value("effect", entry), self.target(entry))
            self._subjects[entry] = found
        return found

    def _trajectory_rows(self, column: str) -> IntArray:
        ids = self.frame.coded(column)
        table = np.array([self._dataset.row_of_id.get(n, -1) for n in ids.names] + [-1], dtype=np.int32)
        return table[ids.codes]

    def _step_rows(self, trajectories: IntArray, column: str) -> npt.NDArray[np.int64]:
        steps = self.frame.numbers(column).astype(np.float64)
        known = ~np.isnan(steps) & (trajectories >= 0)
        rows = np.full(len(steps), -1, dtype=np.int64)
        rows[known] = self._dataset.step_offsets[trajectories[known]] + steps[known].astype(np.int64)
        return rows
