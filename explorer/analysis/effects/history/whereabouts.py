"""In which folder each shell command of one trajectory starts, as far as the log tells.

One shell is taken to last for the whole trajectory: a ``cd`` holds until the next one. Where the log itself names the
working folder (in the call, or at the end of what the command before printed), that is believed instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from explorer.analysis.effects.shared.folders import entered, logged_folder
from explorer.analysis.effects.tools.targets import parse_arguments

_GIVEN = re.compile(r"\"(?:cwd|workdir|work_dir|working_dir|working_directory)\"\s*:")
_GIVEN_KEYS = ("cwd", "workdir", "work_dir", "working_dir", "working_directory")
MAX_MISSES = 4
"""After so many outputs that do not tell the folder no more are looked at."""


def given_folder(arguments: str) -> str:
    """The working folder that a call names for itself, "" where it names none."""
    if arguments[:1] != "{" or not _GIVEN.search(arguments):
        return ""
    given = parse_arguments(arguments)
    found = next((value for key in _GIVEN_KEYS if isinstance(value := given.get(key), str) and value), "")
    return found if found.startswith(("/", "~")) else ""


class Whereabouts:
    """The working folder along one trajectory. ``printed`` reads the observation of a step row."""

    def __init__(self, printed: Callable[[int], str]) -> None:
        self._printed = printed
        self._folder = ""
        self._last: int | None = None
        self._misses = 0

    @property
    def named(self) -> str:
        """The folder where it has a full name, else ""."""
        return self._folder if self._folder.startswith(("/", "~")) and "$" not in self._folder else ""

    def start(self, row: int, *, moves: bool) -> str:
        """The folder in which the command of step ``row`` starts; ``moves`` says whether it changes it."""
        if self._misses < MAX_MISSES:
            # What the very first command prints tells where it began only if it stayed there.
            told = row if self._last is None and not moves else self._last
            found = "" if told is None else logged_folder(self._printed(told))
            if found:
                self._folder, self._misses = found, 0
            elif told is not None:
                self._misses += 1
        return self._folder

    def passed(self, row: int, after: str = "") -> None:
        """Step ``row`` ran a command that ends in the folder ``after`` as seen from where it started."""
        self._last = row
        if after:
            self._folder = entered(self._folder, after)
