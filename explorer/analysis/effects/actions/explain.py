"""Why a step has an effect, in one plain sentence."""

from __future__ import annotations

from explorer.model.effect import KIND_INFO, Effect, EffectKind, Target
from explorer.model.schema import Outcome

_OUTCOMES = {
    Outcome.FAILED: "It failed, so this is an attempt.",
    Outcome.NOT_EXECUTED: "It was not executed, so this is an attempt.",
    Outcome.UNKNOWN: "Whether it succeeded is not shown.",
}
_SCOPES = {"tree": "everything below ", "system": "a system place, ", "own": "its own "}
SHOWN = 80


def explain(effect: Effect, text: str) -> str:
    """One sentence: what the effect does and to what, the characters of ``text`` that show it, how they were
    unwrapped, the rule, and what is uncertain. Plain text; what comes from the log stands in quotation marks."""
    parts = [_what(effect)]
    if effect.span is not None:
        shown = " ".join(text[effect.span.start : effect.span.end].split())
        if shown:
            parts.append(f"shown by “{_cut(shown)}”")
    if effect.via:
        parts.append("reached through " + " → ".join(_cut(step) for step in effect.via))
    if effect.deferred:
        parts.append("stored to run later")
    if effect.rule:
        parts.append(f"rule {effect.rule}")
    sentence = ", ".join(parts)
    if effect.note:
        sentence += f"; {effect.note}"
    sentence = sentence[0].upper() + sentence[1:] + f" (severity {effect.severity})."
    if effect.confidence < 0.7:
        sentence += f" Confidence {effect.confidence:.0%}."
    if effect.outcome in _OUTCOMES:
        sentence += f" {_OUTCOMES[effect.outcome]}"
    return sentence


def _what(effect: Effect) -> str:
    meaning = KIND_INFO[effect.kind].meaning
    if effect.target is None or effect.kind in (EffectKind.NONE, EffectKind.REFUSE):
        return meaning
    value = f" “{_cut(effect.target.value)}”" if effect.target.value else ""
    return f"{meaning}: {_sort(effect.target)}{value}"


def _sort(target: Target) -> str:
    if target.scope == "many" and target.type:
        return f"several {target.type}{'es' if target.type.endswith('s') else 's'}"
    return f"{_SCOPES.get(target.scope, '')}{target.type}"


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
