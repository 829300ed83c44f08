"""The embedded sample: our own replication's logs, and the story they are opened on.

``resources/sample/story.toml`` is written by ``trajectory-explorer replicate`` with the logs: which files form a
view, which role each group has in it, sentences with the measured figures, and the steps of a guided tour.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from explorer.model.schema import Role


@dataclass(frozen=True, slots=True)
class TourStop:
    """One stop of the guided tour: the panel it points at, a title and one or two plain sentences."""

    panel: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class StoryView:
    """One way to open the sample: files, roles of groups (others take no part), concern, what was measured."""

    id: str
    title: str
    paths: tuple[str, ...]
    roles: Mapping[str, Role]
    concern: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Everything the sample opens on; ``note`` says what kind of data it is and what it does not show."""

    title: str
    note: str
    views: tuple[StoryView, ...]
    default_view: str
    tour: tuple[TourStop, ...]

    def view(self, view_id: str | None = None) -> StoryView:
        """A view by id; the default one where none is named."""
        wanted = view_id or self.default_view
        return next((view for view in self.views if view.id == wanted), self.views[0])


@cache
def story() -> Story:
    """The sample's story as it was written with the logs."""
    folder = Path(str(resources.files("resources").joinpath("sample")))
    told = tomllib.loads((folder / "story.toml").read_text("utf-8"))
    views = tuple(
        StoryView(
            id=view["id"],
            title=view["title"],
            paths=tuple(str(folder / name) for name in view["files"]),
            roles={group: Role(role) for group, role in view["roles"].items()},
            concern=view["concern"],
            sentences=tuple(view["sentences"]),
        )
        for view in told["view"]
    )
    tour = tuple(TourStop(stop["panel"], stop["title"], stop["text"]) for stop in told["tour"])
    return Story(told["title"], told["note"], views, told["default_view"], tour)


def sample_arguments(view_id: str | None = None) -> list[str]:
    """The sample as arguments of ``audit``: its files, and every group's role."""
    view = story().view(view_id)
    arguments = [*view.paths, "--group-by", "group", "--concern", view.concern]
    for role in Role:
        groups = [group for group, found in view.roles.items() if found is role]
        if groups:
            arguments += [f"--{role.value}-group", *groups]
    return arguments
