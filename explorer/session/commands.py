"""The command table: menus, the palette and the key sheet are all made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Command:
    """Something a person can do: ``id`` is stable, ``title`` imperative, ``shortcut`` in Qt's portable notation
    (empty = none), ``menu`` where it stands, ``keywords`` what else the palette finds it by."""

    id: str
    title: str
    run: Callable[[], object]
    shortcut: str = ""
    menu: str = ""
    keywords: str = ""
    enabled: Callable[[], bool] = _always
    checked: Callable[[], bool] | None = None


class CommandTable:
    """Commands by id, in the order they were added. Two with one id or one shortcut are a defect."""

    def __init__(self) -> None:
        self._commands: dict[str, Command] = {}

    def add(self, command: Command) -> Command:
        """Add a command; raises ValueError for an id or shortcut already taken."""
        if command.id in self._commands:
            raise ValueError(f"command {command.id} exists")
        if command.shortcut:
            taken = [c.id for c in self if c.shortcut == command.shortcut]
            if taken:
                raise ValueError(f"shortcut {command.shortcut} belongs to {taken[0]}")
        self._commands[command.id] = command
        return command

    def __iter__(self) -> Iterator[Command]:
        return iter(tuple(self._commands.values()))

    def __len__(self) -> int:
        return len(self._commands)

    def __getitem__(self, command_id: str) -> Command:
        return self._commands[command_id]

    def run(self, command_id: str) -> None:
        """Run a command if it is enabled."""
        command = self._commands[command_id]
        if command.enabled():
            command.run()

    def search(self, query: str) -> tuple[Command, ...]:
        """Commands whose title or keywords hold every word of the query: titles that start with it first, then those
        that hold it, then the rest."""
        words = query.casefold().split()
        found = [c for c in self if all(w in f"{c.title} {c.keywords} {c.menu}".casefold() for w in words)]
        start = query.casefold()

        def place(command: Command) -> tuple[bool, bool]:
            title = command.title.casefold()
            return not title.startswith(start), not all(word in title for word in words)

        return tuple(sorted(found, key=place))
