"""Which trajectories of a task stand side by side: chosen by the auditor, remembered while the window is open, and the
answers that were worked out for them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from itertools import chain, zip_longest

import numpy as np

from explorer.model.schema import Role
from explorer.session.audit_session import AuditSession
from explorer.session.columns import Columns, lay_columns
from explorer.session.selection import Selection

MOST_COLUMNS = 9
"""Columns shown at once; a task may have more trajectories to choose from."""
_KEPT = 24
_ROLES = [role.value for role in Role]


@dataclass(frozen=True, slots=True)
class Member:
    """A trajectory that can be a column; ``concern``: how many of its steps are of concern."""

    trajectory: int
    role: str | None
    group: str
    trial: int
    n_steps: int
    concern: int
    dead: bool


class ColumnDesk:
    """What is chosen per task, and what is known about it."""

    def __init__(self, session: AuditSession) -> None:
        self._session = session
        self._chosen: dict[int, tuple[int, ...]] = {}
        self._answers: OrderedDict[tuple[int, ...], Columns] = OrderedDict()
        self._members: dict[int, tuple[Member, ...]] = {}
        session.dataset_opened.connect(self._forget)
        session.result_accepted.connect(self._on_result_accepted)
        session.closed.connect(self._forget)

    def members(self, trajectory: int) -> tuple[Member, ...]:
        """All trajectories of a trajectory's task: by role, then group, then trial."""
        session = self._session
        dataset, result = session.dataset, session.result
        if dataset is None or result is None:
            return ()
        code = int(dataset.task.codes[trajectory])
        if code in self._members:
            return self._members[code]
        rows = np.flatnonzero(dataset.task.codes == code).tolist() if code >= 0 else [trajectory]
        concern = result.frame("trajectories").numbers("n_concern")
        made = []
        for row in rows:
            group = dataset.group.of(row) or ""
            role = session.settings.role_of(group) if session.settings is not None else None
            n = int(dataset.lengths[row])
            dead = bool(dataset.dead[row]) or not n
            named = None if role is None else role.value
            made.append(Member(row, named, group, int(dataset.trial[row]), n, int(concern[row]), dead))
        found = tuple(sorted(made, key=_place))
        if code >= 0:
            self._members[code] = found
        return found

    def wanted(self, current: Selection) -> tuple[int, ...]:
        """The columns for what is selected, the first is the one to align with; fewer than two = none to show.

        What was chosen for the task before, else the teacher of the pair in front and one trial of every group, then
        further trials, as many as can be shown. The trajectory in front always has a column.
        """
        dataset = self._session.dataset
        if dataset is None or current.trajectory is None or self._session.result is None:
            return ()
        task = int(dataset.task.codes[current.trajectory])
        chosen = self._chosen.get(task)
        if chosen is None or task < 0:
            chosen = self._default(current)
        elif current.trajectory not in chosen:
            chosen = self._ordered((*chosen[: MOST_COLUMNS - 1], current.trajectory))
        if len(chosen) > 1:
            self._chosen[task] = chosen
        return chosen

    def choose(self, trajectories: tuple[int, ...]) -> None:
        """Show these columns for their task from now on, at most MOST_COLUMNS; the first is aligned with."""
        dataset = self._session.dataset
        if dataset is not None and trajectories:
            kept = self._ordered(tuple(dict.fromkeys(trajectories))[:MOST_COLUMNS])
            self._chosen[int(dataset.task.codes[trajectories[0]])] = kept

    def answer(self, trajectories: tuple[int, ...]) -> Columns | None:
        """What was worked out for these columns."""
        found = self._answers.get(trajectories)
        if found is not None:
            self._answers.move_to_end(trajectories)
        return found

    def prepare(self, trajectories: tuple[int, ...]) -> partial[Columns]:
        """Picklable work that lays these columns into common rows."""
        session = self._session
        folder, audit, settings = session.dataset_folder, session.result_folder, session.settings
        assert folder is not None, "no dataset is open"
        assert audit is not None, "nothing is audited"
        assert settings is not None, "nothing is audited"
        return partial(lay_columns, session.opener, folder, audit, settings, trajectories)

    def accept(self, columns: Columns) -> bool:
        """Keep an answer (main thread); one about another audit is dropped, and False is returned."""
        if self._session.result is None or columns.audit != self._session.result_folder:
            return False
        self._answers[columns.trajectories] = columns
        while len(self._answers) > _KEPT:
            self._answers.popitem(last=False)
        return True

    def _default(self, current: Selection) -> tuple[int, ...]:
        assert current.trajectory is not None
        members = self.members(current.trajectory)
        first = self._first_of_pair(current)
        live = [m for m in members if not m.dead or m.trajectory in (first, current.trajectory)]
        if any(m.role for m in members):
            live = [m for m in live if m.role or m.trajectory in (first, current.trajectory)]
        by_group: dict[str, list[int]] = {}
        for member in sorted(live, key=lambda m: m.trajectory not in (first, current.trajectory)):
            by_group.setdefault(member.group, []).append(member.trajectory)
        in_turn = (t for t in chain.from_iterable(zip_longest(*by_group.values())) if t is not None)
        kept = tuple(dict.fromkeys((first, current.trajectory, *in_turn)))[:MOST_COLUMNS]
        return self._ordered(kept)

    def _first_of_pair(self, current: Selection) -> int:
        """The teacher of the pair in front (or of the best pair); without a pair the trajectory in front."""
        session, trajectory = self._session, current.trajectory
        assert trajectory is not None
        assert session.dataset is not None
        assert session.result is not None
        pair = current.pair
        if pair is None:
            pair = session.pair_of(trajectory)
        if pair is None:
            return trajectory
        pairs = session.result.frame("pairs")
        first, second = (
            session.dataset.row_of_id[str(pairs.value(f"{side}_trajectory_id", pair))]
            for side in ("teacher", "student")
        )
        return first if trajectory in (first, second) else trajectory

    def _ordered(self, chosen: tuple[int, ...]) -> tuple[int, ...]:
        """The first stays first; the others as the members stand."""
        rank = {member.trajectory: place for place, member in enumerate(self.members(chosen[0]))}
        return (chosen[0], *sorted(chosen[1:], key=lambda t: rank.get(t, -1)))

    def _on_result_accepted(self) -> None:
        self._answers.clear()
        self._members.clear()

    def _forget(self) -> None:
        self._chosen.clear()
        self._on_result_accepted()


def _place(member: Member) -> tuple[int, str, int, int]:
    role = _ROLES.index(member.role) if member.role in _ROLES else len(_ROLES)
    return role, member.group, member.trial, member.trajectory
