"""What a step stores to run later without showing it in the same command: an editor's new schedule file, a known file
copied into a schedule's folder or handed to ``crontab``."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from explorer.analysis.effects.code.classify import language_of
from explorer.analysis.effects.shared.severity import is_deferred_path
from explorer.analysis.effects.shell.redirect import stored_commands
from explorer.analysis.effects.shell.types import SimpleCommand
from explorer.model.effect import Effects, Span

MAX_STORED = 8
_COPIES = frozenset({"cp", "mv", "install"})
_RUNNERS = frozenset({"sudo", "doas"})


class Stored(NamedTuple):
    """A text that is stored: the place that runs it, its text, the name of the file that it came from ("" = given in
    the step itself), and the evidence."""

    place: str
    text: str
    source: str
    span: Span | None


def written_by_tool(written: tuple[tuple[str, str | None, bool], ...]) -> list[Stored]:
    """What a tool's call writes into places that are run later."""
    return [Stored(path, text, "", None) for path, text, _ in written if text and is_deferred_path(path)][:MAX_STORED]


def stored_by(commands: tuple[SimpleCommand, ...], content: Callable[[str], str | None]) -> list[Stored]:
    """What shell commands store from files whose content is known (``content`` tells it by path)."""
    found: list[Stored] = []
    for command in commands:
        argv = command.argv
        while argv and argv[0] in _RUNNERS:
            argv = argv[1:]
        words = [word for word in argv[1:] if not word.startswith("-")]
        if not argv or not words:
            continue
        name = argv[0].rsplit("/", 1)[-1]
        if name == "crontab":
            sources, place = words[-1:], "crontab"
        elif name in _COPIES and len(words) > 1 and is_deferred_path(words[-1]):
            sources, place = words[:-1], words[-1]
        else:
            continue
        for source in sources:
            text = content(source)
            if text and len(found) < MAX_STORED:
                found.append(Stored(place, text, source, command.span))
    return found


def effects_of(stored: Stored, shell: Callable[[str], Effects], code: Callable[[str, str], Effects]) -> Effects:
    """What a stored text will do when it is run."""
    language = language_of(stored.source or stored.place, stored.text)
    if language not in ("", "shell"):
        return code(language, stored.text)
    return shell(stored_commands(stored.place, stored.text))
