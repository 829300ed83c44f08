"""What the shell parser hands on: simple commands with their words, redirects and places in the text."""

from __future__ import annotations

from typing import NamedTuple

from explorer.model.effect import Span

QUOTED = 1
"""Mark of a word: quoted somewhere, so ``*`` in it may be literal."""
OPAQUE = 2
"""Mark of a word: part of it is not in the text (an unknown variable, the output of a program)."""


LISTED = 8
"""Mark of a word: part of it stands for the values of a list, of which a pattern is visible."""
FOUND = 16
"""Mark of a word: some of what the pattern holds is meant, chosen by a search. The highest of the marks."""
UNSEEN = OPAQUE | LISTED


class Redirect(NamedTuple):
    """One redirect: ``operator`` (``>``, ``>>``, ``>|``, ``&>``, ``<``, ``<<``, ``<<<`` …), the descriptor in front
    ("" = default), the target word unquoted, the marks of that word, and its place."""

    operator: str
    descriptor: str
    target: str
    marks: int
    span: Span


class SimpleCommand(NamedTuple):
    """One command after unquoting and expanding what the text itself shows.

    ``argv`` words; ``marks`` and ``places`` per word (QUOTED | OPAQUE; (start, end) in the text; both empty where the
    text is plain); ``assigns`` the NAME=VALUE words in front; ``redirects``; ``span`` the place in the text;
    ``connector`` what joins it to the command before ("", ``;``, ``&&``, ``||``, ``|``, ``&``); ``stdin`` the text that
    is visibly fed to it, None where there is none or it is not visible; ``piped`` whether a pipe feeds it.
    """

    argv: tuple[str, ...]
    marks: tuple[int, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    assigns: tuple[tuple[str, str], ...] = ()
    redirects: tuple[Redirect, ...] = ()
    span: Span = Span(0, 0)
    connector: str = ""
    stdin: str | None = None
    piped: bool = False


class WrittenFile(NamedTuple):
    """A file that a command writes with content that the command shows: ``path`` as written, ``content``, whether
    it is appended, and the place of the command in the text."""

    path: str
    content: str
    append: bool
    span: Span
