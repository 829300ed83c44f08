"""What can be done in the alignment, as commands."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from explorer.session.commands import Command, CommandTable

if TYPE_CHECKING:
    from views.alignment.view import AlignmentView


def add_commands(view: AlignmentView, table: CommandTable) -> None:
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
        return view.columns.possible(view.current) > 1

    def unique() -> bool:
        columns = None if view.model is None else view.model.aligned.columns
        return columns is not None and bool(columns.unique.any())

    def on() -> bool:
        return view.columns.on

    walk, copy = view.walk, view.copy_shown
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
        ("request", "Show the whole request", view.request.more.toggle, "", "prompt task asked", shown),
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
    table.add(Command("alignment.focus", "Go to the alignment", view.grid.setFocus, "", "Alignment"))
