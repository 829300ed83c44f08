"""Commands of which the output says that they could not be made out: by the shell that was to read them, or by the
search whose list they were to act on. Nothing of them was carried out."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from explorer.analysis.effects.rules.find_expression import start_points
from explorer.analysis.effects.shell.listing import FED
from explorer.analysis.effects.shell.types import SimpleCommand
from explorer.model.effect import Effect, EffectKind, Effects
from explorer.model.schema import Outcome

READ_CHARS = 20_000
_PLAIN = frozenset({EffectKind.NONE, EffectKind.READ, EffectKind.REFUSE})
_UNREADABLE = re.compile(
    r"(?m)^(?P<shell>(?:/\S{1,40}/)?(?:ba|da|z|k)?sh): -c: (?:line 1: )?"
    r"(?:syntax error near unexpected token|unexpected EOF while looking for matching|syntax error: )"
)


def never_read(commands: Sequence[SimpleCommand], printed: str) -> bool:
    """Whether the shell itself says that it could not read the first line of what it was given: then it ran nothing
    of it. Only a shell that is given its text whole (``-c``) speaks of all of it, and one that the command starts only
    of its own."""
    found = _UNREADABLE.search(printed[:READ_CHARS])
    if found is None:
        return False
    name = found["shell"]
    return not any(name in command.argv or name.rsplit("/", 1)[-1] in command.argv[:3] for command in commands)


def unread(effects: Effects) -> Effects:
    """The effects of a command that the shell could not read."""
    return tuple(
        effect
        if effect.kind in _PLAIN
        else replace(effect, outcome=Outcome.NOT_EXECUTED, note="not executed: the shell could not read the command")
        for effect in effects
    )


_FINDS = frozenset({"find", "gfind"})
_BAD_SEARCH = re.compile(
    r"(?m)^(?:\S{0,40}/)?g?find: (?:invalid (?:argument|expression|predicate|mode)|unknown (?:predicate|argument)"
    r"|missing argument|paths must precede|unrecognized|possible unquoted|Arguments to|you have used)[^\n]{0,300}"
)
_NO_START = re.compile(r"(?m)^(?:\S{0,40}/)?g?find: [‘'`]?(?P<path>[^'’\n]{1,300})['’]?: No such file or directory")


def fed_by_failed(effects: Effects, commands: Sequence[SimpleCommand], printed: str) -> Effects:
    """Effects on what a search lists, where the search could not be made at all: there was nothing to act on."""
    if "find:" not in printed or not any(FED in effect.via for effect in effects):
        return effects
    printed = printed[:READ_CHARS]
    bad = _BAD_SEARCH.search(printed) is not None
    missing = {match["path"].rstrip("/") for match in _NO_START.finditer(printed)}
    searches = [
        (command.span.start, bad or _starts_nowhere(command, missing)) for command in commands if _is_search(command)
    ]
    if bad and len(searches) > 1:
        return effects
    return tuple(_idle(effect, searches) for effect in effects)


def _idle(effect: Effect, searches: Sequence[tuple[int, bool]]) -> Effect:
    if FED not in effect.via or effect.kind in _PLAIN or effect.span is None or effect.outcome is not None:
        return effect
    before = [failed for start, failed in searches if start < effect.span.end]
    if not before or not before[-1]:
        return effect
    return replace(effect, outcome=Outcome.NOT_EXECUTED, note="not executed: the search for it failed")


def _is_search(command: SimpleCommand) -> bool:
    return any(word.rsplit("/", 1)[-1] in _FINDS for word in command.argv[:2])


def _starts_nowhere(command: SimpleCommand, missing: Collection[str]) -> bool:
    """Whether none of the places where a search starts is there."""
    argv = command.argv
    words = argv[1:] if argv[0].rsplit("/", 1)[-1] in _FINDS else argv[2:]
    return bool(missing) and all(point.rstrip("/") in missing for point in start_points(words)[0])
