"""The panels of an audit: their ids and titles, and the making of all of them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtWidgets import QWidget

from explorer.session.audit_session import AuditSession
from explorer.session.commands import CommandTable

if TYPE_CHECKING:
    from views.alignment.view import AlignmentView
    from views.facets.view import FacetsView
    from views.findings.view import FindingsView
    from views.inspector.view import InspectorView
    from views.map.view import MapView
    from views.queue.view import QueueView
    from views.statistics.view import StatisticsView
    from views.workbench.view import WorkbenchView


class Panel(NamedTuple):
    """A panel: its id (stable, layouts are restored by it; the field of :class:`Views`), title and module."""

    id: str
    title: str
    module: str


PANELS = (
    Panel("facets", "Groups and filters", "views.facets.view"),
    Panel("map", "Map", "views.map.view"),
    Panel("statistics", "Statistics", "views.statistics.view"),
    Panel("workbench", "Filter workbench", "views.workbench.view"),
    Panel("queue", "Queue", "views.queue.view"),
    Panel("findings", "Findings", "views.findings.view"),
    Panel("alignment", "Alignment", "views.alignment.view"),
    Panel("step", "Step and verdict", "views.inspector.view"),
)


@dataclass(frozen=True, slots=True)
class Views:
    """One view per panel."""

    facets: FacetsView
    map: MapView
    statistics: StatisticsView
    workbench: WorkbenchView
    queue: QueueView
    findings: FindingsView
    alignment: AlignmentView
    step: InspectorView

    def by_id(self) -> dict[str, QWidget]:
        """The views by the ids of their panels."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def make_views(session: AuditSession, commands: CommandTable) -> Views:
    """All panels of a session, in the order in which their commands are listed."""
    # Imported here and not at the top: the first window must not wait for the plotting library.
    from views.alignment.view import AlignmentView
    from views.facets.view import FacetsView
    from views.findings.view import FindingsView
    from views.inspector.view import InspectorView
    from views.map.view import MapView
    from views.queue.view import QueueView
    from views.statistics.view import StatisticsView
    from views.workbench.view import WorkbenchView

    return Views(
        facets=FacetsView(session, commands), map=MapView(session, commands),
        statistics=StatisticsView(session, commands), workbench=WorkbenchView(session, commands),
        queue=QueueView(session, commands), findings=FindingsView(session, commands),
        alignment=AlignmentView(session, commands), step=InspectorView(session, commands),
    )  # fmt: skip
