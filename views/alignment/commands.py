"""What can be done in the alignment, as commands."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple, Protocol

from explorer.session.commands import Command, CommandTable
from explorer.session.selection import Selection
from views.alignment.columns_mode import ColumnsMode
from views.alignment.grid import AlignmentGrid
from views.alignment.model import AlignmentModel
from views.alignment.request_box import RequestBox
from views.alignment.walk import Walk


class Panel(Protocol):
    """What the commands ask of the panel, besides its parts."""

    @property
    def model(self) -> AlignmentModel | None: ...

    @property
    def current(self) -> Selection: ...

    @property
    def can_copy(self) -> bool: ...

    def toggle_all(self) -> None: ...

    def toggle_columns(self) -> None: ...

    def choose_columns(self) -> None: ...

    def copy_shown(self, markdown: bool) -> None: ...


class Parts(NamedTuple):
    """Parts of the panel that commands act on."""

    grid: AlignmentGrid
    request: RequestBox
    columns: ColumnsMode
    walk: Walk


def add_commands(view: Panel, parts: Parts, table: CommandTable) -> None:
    """Add the panel's commands to the table."""

    def shown() -> bool:
        return view.model is not None

    def some() -> bool:
        return view.model is not None and len(view.model.aligned.divergences) > 0

    def apart() -> bool:
        return some() or (view.model is not None and view.model.aligned.any_difference)

    def many() -> bool:
        return view.model is not None and len(view.model.aligned.sides) > 1

    def foldable() -> bool:
        return view.model is not None and view.model.any_fold

    def copied() -> bool:
        return view.can_copy

    def more() -> bool:
        return parts.columns.possible(view.current) > 1

    def unique() -> bool:
        columns = None if view.model is None else view.model.aligned.columns
        return columns is not None and bool(columns.unique.any())

    def on() -> bool:
        return parts.columns.on

    walk, copy = parts.walk, view.copy_shown
    step, jump = walk.go_difference, walk.go_unique
    for name, title, run, keys, words, enabled in (
        ("next", "Next divergence in the pair", partial(walk.go, 1), "N", "", some),
        ("previous", "Previous divergence in the pair", partial(walk.go, -1), "P", "", some),
        ("next_difference", "Next difference in the pair, of concern or not", partial(step, 1), ".",
         "substitute gap other arguments", apart),
        ("previous_difference", "Previous difference in the pair, of concern or not", partial(step, -1), ",",
         "substitute gap other arguments", apart),
        ("next_unique", "Next step that only one column does", partial(jump, 1), "U", "unique alone columns", unique),
        ("previous_unique", "Previous step that only one column does", partial(jump, -1), "Shift+U",
         "unique alone columns", unique),
        ("other_side", "Go to the other side’s step", walk.go_across, "O", "teacher student jump", many),
        ("toggle_folds", "Unfold or fold all stretches", view.toggle_all, "", "collapse expand", foldable),
        ("request", "Show the whole request", parts.request.more.toggle, "", "prompt task asked", shown),
        ("copy_markdown", "Copy the alignment as Markdown", partial(copy, True), "Ctrl+Shift+C", "clipboard", copied),
        ("copy_text", "Copy the alignment as text", partial(copy, False), "", "clipboard", copied),
    ):  # fmt: skip
        table.add(Command(f"alignment.{name}", title, run, keys, "Alignment", words, enabled))
    table.add(
        Command("alignment.columns", "The task’s trajectories side by side", view.toggle_columns, "C", "Alignment",
                "columns students trials many multiple consensus", more, on)
    )  # fmt: skip
    table.add(
        Command("alignment.choose_columns", "Choose the columns …", view.choose_columns, "Shift+C", "Alignment",
                "trajectories students trials side by side", more)
    )  # fmt: skip
    table.add(Command("alignment.focus", "Go to the alignment", parts.grid.setFocus, "", "Alignment"))
