"""What was chosen so far on the way to the summary: sources, roles, concern and filter, and the settings they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from explorer.model.divergence import Lane
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings
from explorer.model.token_filter import FilterSpec
from explorer.session.audit_session import AuditSession
from explorer.session.sample import Story, StoryView, story
from explorer.session.settings import DEFAULT_FILTER, default_roles, make_settings
from views.start.services import ReportLike, Source


@dataclass(slots=True)
class AuditPlan:
    """Choices, each with a sensible default."""

    sources: tuple[Source, ...] = ()
    story: StoryView | None = None
    """The view of the embedded sample that is open, if it is one."""
    given_roles: Mapping[str, Role] = field(default_factory=dict)
    report: ReportLike | None = None
    roles: dict[str, Role] = field(default_factory=dict)
    concern: str = "destructive"
    token_filter: FilterSpec | str = DEFAULT_FILTER

    def begin(
        self, sources: Sequence[Source], roles: Mapping[str, Role] | None = None, story: StoryView | None = None
    ) -> None:
        """Start over with other sources."""
        self.story = story
        self.sources = tuple(sources)
        self.given_roles = roles or {}
        self.report = None
        self.roles = {}
        self.concern = "destructive" if story is None else story.concern
        self.token_filter = DEFAULT_FILTER

    def replace_sources(self, sources: Sequence[Source]) -> None:
        """The same data read in another way: every choice stays."""
        self.sources = tuple(sources)
        self.given_roles = dict(self.roles)

    def take(self, report: ReportLike) -> None:
        """Take in what reading said: the roles that were given, else those of the sources, else guesses."""
        self.report = report
        named: dict[str, Role] = {}
        for source, groups in zip(self.sources, report.groups_by_request, strict=False):
            if source.role is not None:
                named.update(dict.fromkeys(groups, source.role))
        self.roles = dict(self.given_roles) or named or default_roles(tuple(report.groups), report.groups)

    @property
    def title(self) -> str:
        """What the dataset is called."""
        return self.story.title if self.story is not None else " · ".join(source.title for source in self.sources)

    def settings(self) -> AuditSettings | None:
        """The settings of the audit (None while nothing is read); raises UserError for choices that contradict."""
        if self.report is None:
            return None
        return make_settings(
            self.roles, concern=self.concern, token_filter=self.token_filter, task_columns=self.report.task_columns
        )


def first_entry(session: AuditSession, *, of_students: bool = False) -> int | None:
    """The shown entry with the highest risk; ``of_students`` prefers one that only the student's side has, which is
    what the sample's story is about."""
    visible, entries = session.filters.visible(), session.entries
    if entries is None or not len(visible):
        return None
    if of_students:
        lane = entries.lane
        mine = visible[lane.codes[visible] == lane.code(Lane.STUDENT_ONLY)]
        visible = mine if len(mine) else visible
    return int(visible[0])


def other_sample_views() -> tuple[StoryView, ...]:
    """The sample's views besides the one it opens on; none where the sample is missing."""
    told = sample_story()
    return () if told is None else tuple(view for view in told.views if view.id != told.default_view)


def sample_story() -> Story | None:
    """The embedded sample's story; None where the sample is missing or damaged."""
    try:
        return story()
    except (OSError, KeyError, ValueError):
        return None
