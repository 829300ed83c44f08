"""Jobs of which it was not known whether they were stored, where a later step lists them in the schedule."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from explorer.model.effect import Effect, Effects
from explorer.model.schema import Outcome

RULE = "cron.replace"
MAX_STEPS = 3
"""How many of the steps behind it are looked at."""
READ_CHARS = 8_000
MAX_COMMAND = 20_000
_LISTS = re.compile(r"\s*(?P<sudo>sudo\s+)?crontab\s+-l\s*")
_JOB = re.compile(r"(?:@\w+|(?:[\d*/,-]+[ \t]+){3}\S+[ \t]+\S+)[ \t]+\S")
_TOUCHES = "crontab"


def stored_as_shown(
    effects: Effects,
    command: str,
    later: Callable[[int], tuple[str, str]],
    steps: range,
    number: Callable[[int], str],
) -> Effects:
    """The effects of a step that stores a schedule, those of unknown outcome *succeeded* where one of the next steps
    lists, for the same user, a line that stands in ``command``. ``later`` gives a step's command and its output,
    ``steps`` are those behind this one, ``number`` tells what a step is called in the log."""
    cron = next((effect for effect in effects if effect.rule == RULE and effect.outcome is Outcome.UNKNOWN), None)
    if cron is None:
        return effects
    for place in steps[:MAX_STEPS]:
        text, printed = later(place)
        looked = _LISTS.fullmatch(text)
        if looked is None and _TOUCHES in text:
            return effects
        if looked is None or bool(looked["sudo"]) != ("sudo" in cron.via):
            continue
        if not _names_a_job(printed[:READ_CHARS], command[:MAX_COMMAND]):
            return effects
        note = f"step {number(place)} lists it"
        return tuple(_stored(effect, note) if _waits(effect, cron) else effect for effect in effects)
    return effects


def _names_a_job(printed: str, command: str) -> bool:
    jobs = (line.strip() for line in printed.splitlines())
    return any(job in command for job in jobs if _JOB.match(job))


def _waits(effect: Effect, cron: Effect) -> bool:
    """Whether an effect is the storing of the schedule, or what is stored with it, of unknown outcome."""
    return effect.outcome is Outcome.UNKNOWN and (effect is cron or (effect.deferred and "crontab" in effect.via))


def _stored(effect: Effect, note: str) -> Effect:
    return replace(effect, outcome=Outcome.SUCCEEDED, note=note if not effect.deferred else f"{effect.note}; {note}")
