"""A step told in plain sentences: what it does, what became of it, why one thinks so, what the filter saw, what the
other side did there, where the target comes from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from explorer.model.effect import EffectKind
from explorer.model.schema import Outcome
from explorer.model.settings import RiskWeights
from explorer.session.entries import Entries
from explorer.session.step_card import EffectCard, StepCard


class Topic(StrEnum):
    """What a sentence is about: the window sets one word in front of it."""

    DOES = "does"
    RULE = "why"
    OUTCOME = "outcome"
    FILTER = "filter"
    OTHER = "other side"
    SHORT = "in short"
    TARGET = "target"
    RISK = "risk"
    LOG = "log"


MOST_EFFECTS = 8
"""Effects told one by one; a long script can have hundreds, the others are counted."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence; ``effect`` where it is about one, so that its marks can stand beside it."""

    topic: Topic
    text: str
    effect: EffectCard | None = None


_OUTCOME = {
    Outcome.SUCCEEDED: "It succeeded.",
    Outcome.FAILED: "It failed: an attempt, counted apart from acts.",
    Outcome.NOT_EXECUTED: "It was not executed: an attempt, counted apart from acts.",
    Outcome.UNKNOWN: "Cannot tell: the log does not show what became of it.",
}
_ORIGIN = {
    "request": "stands in the request",
    "tool_result": "came out of a tool result",
    "nowhere": "occurs nowhere before this step",
}


_SHOWN_FILTERS = 3


def step_story(
    card: StepCard,
    entries: Entries | None,
    entry: int | None,
    weights: RiskWeights | None = None,
    surprise: str = "",
) -> list[Sentence]:
    """The sentences about ``card``; ``entry`` is the queue entry in front, None if there is none; ``weights`` are those
    that the audit's risks were summed by, ``surprise`` says by what model the part of that name is."""
    told: list[Sentence] = []
    # The worst first; what harms nothing is gathered into one sentence beside what might.
    ordered = sorted(card.effects, key=lambda e: (-e.severity, not e.of_concern))
    loud = [effect for effect in ordered if effect.severity or effect.of_concern] or ordered[:MOST_EFFECTS]
    alike: dict[tuple[object, ...], list[EffectCard]] = {}
    for effect in loud:
        alike.setdefault((effect.kind, effect.severity, effect.rule, effect.via, effect.outcome), []).append(effect)
    groups = list(alike.values())
    for first, *others in groups[:MOST_EFFECTS]:
        told.append(Sentence(Topic.DOES, _does(first) + _likewise(others), first))
        if not first.rule or first.rule not in first.explanation:
            told.append(Sentence(Topic.RULE, _why(first)))
    rest = [effect for group in groups[MOST_EFFECTS:] for effect in group]
    rest += [effect for effect in ordered if effect not in loud and effect.kind != EffectKind.NONE]
    if rest:
        told.append(Sentence(Topic.DOES, _also(rest)))
    if not card.effects:
        told.append(Sentence(Topic.DOES, "No action: nothing outside the conversation is touched."))
    told.append(Sentence(Topic.OUTCOME, _outcome(card)))
    if entries is not None and entry is not None:
        told.append(Sentence(Topic.RISK, risk_sentence(entries, entry, weights or RiskWeights(), surprise)))
    if card.filter_name:
        told.append(Sentence(Topic.FILTER, filter_sentence(card)))
    if entries is not None and entry is not None:
        explained = entries.explanation(entry)
        told.append(Sentence(Topic.OTHER if int(entries.pair[entry]) >= 0 else Topic.SHORT, explained))
        origin = entries.origin.of(entry)
        if origin is not None and "target" not in explained.casefold():
            told.append(Sentence(Topic.TARGET, f"The target’s value {_ORIGIN.get(origin, origin)}."))
    if card.flags:
        told.append(Sentence(Topic.LOG, "Marked while reading: " + ", ".join(f.replace("_", " ") for f in card.flags)))
    return told


def filter_sentence(card: StepCard) -> str:
    """What the token filter makes of a step, and how many of all lists and units that were tried would."""
    if card.filter_flagged:
        terms = ", ".join(f"“{term}”" for term in card.filter_terms)
        return f"“{card.filter_name}” flags it" + (f" for {terms}." if terms else ".") + _others(card)
    if card.escapes_all:
        return f"It passes “{card.filter_name}” and escapes every filter: no list, no unit, not the learned classifier."
    return f"It passes “{card.filter_name}”: no word of the list occurs." + _others(card)


def _others(card: StepCard) -> str:
    """Which of the filters that were tried catch a step."""
    if not card.n_filters:
        return ""
    said = f" {len(card.caught_by)} of {card.n_filters} lists × units tried catch it"
    shown = [name for name in card.caught_by if name != "learned"][:_SHOWN_FILTERS]
    if shown:
        more = len(card.caught_by) - len(shown) - ("learned" in card.caught_by)
        said += f": {', '.join(shown)}" + (f" and {more} more" if more > 0 else "")
    if "learned" in card.caught_by:
        said += "; the learned classifier does too" if shown else ": the learned classifier"
    return said + "."


def risk_sentence(entries: Entries, entry: int, weights: RiskWeights, surprise: str = "") -> str:
    """The risk as the sum it is, each part times its weight; parts that add nothing are named last, and after them what
    a surprise is measured by."""
    parts = entries.risk_parts(entry)
    weighted = {name: (value, float(getattr(weights, name))) for name, value in parts.items()}
    adds = [f"{name} {value:.3g} × {weight:.3g}" for name, (value, weight) in weighted.items() if value * weight]
    none = [name for name, (value, weight) in weighted.items() if not value * weight]
    total = f"{float(entries.risk[entry]):.3g}"
    if not adds:
        return f"{total}: no part of it counts."
    said = f"{total} = " + " + ".join(adds) + "." + (f" Nothing by {', '.join(none)}." if none else "")
    return f"{said} Surprise: {surprise}." if surprise and "surprise" not in none else said


def _does(effect: EffectCard) -> str:
    text = effect.explanation or f"It {effect.meaning}" + (f": {effect.target}." if effect.target else ".")
    if effect.deferred:
        text += " Stored to run later."
    if effect.reversible is False and effect.severity:
        text += " It cannot be undone."
    return f"{text} {effect.note}" if effect.note and effect.note not in text else text


def _likewise(effects: list[EffectCard]) -> str:
    """The targets of effects of the same kind, rule and severity as one that is told."""
    targets = list(dict.fromkeys(f"“{effect.target[:60]}”" for effect in effects if effect.target))
    if not targets:
        return ""
    return " Likewise " + ", ".join(targets[:4]) + (f" and {len(targets) - 4} more." if len(targets) > 4 else ".")


def _also(effects: list[EffectCard]) -> str:
    """Effects that are not told one by one: how many of which kind, with the first targets."""
    kinds: dict[str, list[str]] = {}
    for effect in effects:
        kinds.setdefault(effect.kind.replace("_", " "), []).append(effect.target)
    parts = []
    for kind, targets in kinds.items():
        named = list(dict.fromkeys(f"“{target[:60]}”" for target in targets if target))
        shown = ", ".join(named[:3]) + (" …" if len(named) > 3 else "")
        parts.append(f"{kind}{f' ×{len(targets)}' if len(targets) > 1 else ''}{f' ({shown})' if shown else ''}")
    return "Also " + "; ".join(parts) + "."


def _why(effect: EffectCard) -> str:
    via = f", reached through {' › '.join(effect.via)}" if effect.via else ""
    sure = "" if effect.confidence >= 0.95 else f", confidence {effect.confidence:.2f}"
    return f"Rule {effect.rule or 'none'}{via}{sure}."


def _outcome(card: StepCard) -> str:
    text = _OUTCOME.get(Outcome(card.outcome), card.outcome)
    apart = {e.outcome for e in card.effects if e.outcome and e.outcome != card.outcome}
    if apart:
        text += " Of its effects some " + " and ".join(sorted(a.replace("_", " ") for a in apart)) + "."
    return text
