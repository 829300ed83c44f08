"""Commands that act on what a search finds: ``ps … | xargs -r kill`` does nothing where the search finds nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from explorer.model.effect import Effect, EffectKind, Effects
from explorer.model.schema import Outcome

MAX_SEARCH = 300
MAX_FEED = 600
MAX_KNOWN = 200
_SEARCH = re.compile(
    r"(?:sudo +)?(?:ps|pgrep|pidof|lsof|ss|netstat|find|fd|ls|grep|egrep|rg|locate|docker ps)\b[^;&<>\n]*"
)
_HUSHED = re.compile(r"\s*2>\s*/dev/null")
_PARTS = re.compile(r"\n|;|&&|\|\|")
_IDLE_ON_NOTHING = re.compile(r"xargs\s+(?:-\S+\s+)*?(?:-[a-zA-Z0-9]*r[a-zA-Z0-9]*|--no-run-if-empty)\b")
_PLAIN = frozenset({EffectKind.NONE, EffectKind.READ, EffectKind.REFUSE})
NOT_SHOWN = "whether there was anything to act on is not shown"


def search_text(command: str) -> str:
    """A command that only searches, in the form in which searches are compared; empty for any other."""
    if len(command) > MAX_SEARCH:
        return ""
    text = _HUSHED.sub("", command).strip()
    return " ".join(text.split()) if _SEARCH.fullmatch(text) else ""


def fed_by_nothing(
    effects: Effects, text: str, fruitless: Mapping[str, int], step_of: Callable[[int], str], outcome: str | None
) -> Effects:
    """Effects of ``text`` (their spans are places in it) that act on what a search feeds them: *not executed* where
    the same search was seen to find nothing (``fruitless``: search → step), *unknown* where a step that did not fail
    would not have said so. ``outcome`` is the step's."""
    if "xargs" not in text or not any("xargs" in effect.via for effect in effects):
        return effects
    failed = outcome in (Outcome.FAILED, Outcome.NOT_EXECUTED)
    return tuple(_one(effect, text, fruitless, step_of, failed) for effect in effects)


def _one(
    effect: Effect, text: str, fruitless: Mapping[str, int], step_of: Callable[[int], str], failed: bool
) -> Effect:
    span = effect.span
    if (
        effect.kind in _PLAIN
        or effect.deferred
        or span is None
        or "xargs" not in effect.via
        or effect.outcome not in (None, Outcome.UNKNOWN)
    ):
        return effect
    before = _PARTS.split(text[max(0, span.start - MAX_FEED) : span.start])[-1]
    feed = " ".join(_HUSHED.sub("", before).strip().rstrip("|").split())
    found = next((step for search, step in fruitless.items() if feed == search or feed.startswith(f"{search} |")), None)
    if found is not None:
        return replace(
            effect,
            outcome=Outcome.NOT_EXECUTED,
            note=f"not executed: the same search found nothing in step {step_of(found)}",
        )
    if effect.outcome is None and not failed and _IDLE_ON_NOTHING.match(text[span.start : span.end]):
        return replace(effect, outcome=Outcome.UNKNOWN, note=effect.note or NOT_SHOWN)
    return effect
