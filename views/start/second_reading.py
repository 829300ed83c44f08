"""Reading the open sources in another way: what is open stays as it is until what was read anew is audited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from views.start.audit_work import MAP, AuditWork
from views.start.plan import AuditPlan
from views.start.services import ReportLike, Source, StartServices


class _Before(NamedTuple):
    """A dataset that was open: its sources, what reading them said, and the folder it was read into."""

    sources: tuple[Source, ...]
    report: ReportLike
    folder: Path


class SecondReading:
    """Remembers what was open, and goes back to it."""

    def __init__(self, work: AuditWork, plan: AuditPlan, services: StartServices) -> None:
        self._work, self._plan, self._services = work, plan, services
        self._again: tuple[Source, ...] = ()
        """Sources that are read in place of the plan's; the plan is theirs once they are read."""
        self._before: _Before | None = None
        """What was open before, until what is read in its place is audited."""
        self._map_broken_off = False

    def forget(self) -> None:
        """Something else altogether is read."""
        self._again, self._before = (), None

    def begin(self, aliases: Mapping[str, str]) -> tuple[Source, ...]:
        """The open sources with tasks named anew, to be read now; none where nothing is open."""
        rename, folder, report = self._services.rename_tasks, self._work.session.dataset_folder, self._plan.report
        if folder is None or report is None:
            return ()
        self._before = _Before(self._plan.sources, report, folder)
        self._again = tuple(replace(one, mapping=rename(one.mapping, aliases)) for one in self._plan.sources)
        self._map_broken_off = self._work.runner.is_running(MAP)
        return self._again

    def take(self) -> None:
        """What was to be read is read: the plan is for it from here on."""
        if self._again:
            self._plan.replace_sources(self._again)
            self._again = ()

    def settle(self) -> None:
        """What was read is audited: there is no way back but to read anew."""
        self._before = None

    def leave(self) -> bool:
        """Sources that were to be read were not: what is open stays. False if there were none."""
        if not self._again:
            return False
        self.forget()
        settings = self._work.session.settings
        if self._map_broken_off and settings is not None:
            self._work.make_map(settings)
        return True

    def go_back(self) -> bool:
        """The audit of what was read was cancelled: open again what was open before, whose audit is kept. False if
        there is nothing."""
        before, self._before = self._before, None
        if before is None:
            return False
        self._plan.replace_sources(before.sources)
        self._plan.take(before.report)
        self._work.session.open_dataset(before.folder, self._work.session.title)
        return True
