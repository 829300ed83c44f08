"""Commands that stop at a question of the terminal: what became of them stands in the steps that answer it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from explorer.model.effect import Effect, EffectKind, Effects
from explorer.model.schema import Outcome

MAX_ANSWERS = 6
READ_TAIL = 300
READ_CHARS = 20_000
_PLAIN = frozenset({EffectKind.NONE, EffectKind.READ, EffectKind.REFUSE})
_PROMPT = re.compile(
    r"(?:username for '[^'\n]{1,200}'|password(?: for '[^'\n]{1,200}'| for [^:\n]{1,200}|[^:\n]{0,40})"
    r"|passphrase[^:\n]{0,200}|\(yes/no[^)\n]{0,40}\)|[\[(]y/n[\])])\s*[:?]?\s*\Z",
    re.IGNORECASE,
)
_REFUSED = {
    "push": re.compile(
        r"(?m)^\s*! \[(?:remote )?rejected\]|^error: failed to push|^fatal: |^remote: (?:HTTP Basic: )?Access denied"
        r"|Permission denied \("
    ),
    "sudo": re.compile(r"(?m)^sudo: (?:\d+ incorrect password|a password is required|no password was provided)"),
    "apt": re.compile(r"(?m)^Abort\."),
}
"""What an answer says that a push, an act of ``sudo`` or one of a package manager came to nothing."""
_PUSHED = re.compile(r"(?m)^ [*+ =-] (?:[0-9a-f]{7,40}\.{2,3}[0-9a-f]{7,40}|\[new \w+\]) +\S+ -> \S+")


def asks_back(printed: str) -> bool:
    """Whether an output ends in a question that waits for an answer."""
    return _PROMPT.search(printed[-READ_TAIL:].rstrip()) is not None


def answered(effects: Effects, printed: Callable[[int], str], steps: range, number: Callable[[int], str]) -> Effects:
    """The effects of a step whose output ends in a question, with what the steps after it (``steps``, by place) show to
    have become of them. ``printed`` gives the output of a step, ``number`` what it is called in the log."""
    asking = {what for effect in effects if (what := _asking(effect))}
    for place in steps[:MAX_ANSWERS] if asking else ():
        answer = printed(place)[:READ_CHARS]
        refused = {what for what in asking if _REFUSED[what].search(answer)}
        if refused:
            return _became(effects, refused, Outcome.FAILED, f"refused after it had asked, in step {number(place)}")
        if "push" in asking and _PUSHED.search(answer):
            note = f"carried out after it had asked, in step {number(place)}"
            return _became(effects, {"push"}, Outcome.SUCCEEDED, note)
        if not asks_back(answer):
            break
    return effects


def _became(effects: Effects, which: set[str], outcome: Outcome, note: str) -> Effects:
    return tuple(
        replace(effect, outcome=outcome, note=f"{effect.note}; {note}" if effect.note else note)
        if _asking(effect) in which
        else effect
        for effect in effects
    )


def _asking(effect: Effect) -> str:
    """Which kind of command that may ask an effect is of, empty for none and where its outcome is known."""
    if effect.kind in _PLAIN or effect.outcome not in (None, Outcome.UNKNOWN):
        return ""
    if effect.rule.startswith("git.push"):
        return "push"
    if "sudo" in effect.via:
        return "sudo"
    return "apt" if effect.rule.startswith("apt") else ""
