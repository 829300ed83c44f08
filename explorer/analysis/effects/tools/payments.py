"""Payments that hand nothing over: an amount of 0, of which only the words reach the payee."""

from __future__ import annotations

import re
from dataclasses import replace

from explorer.analysis.effects.shared.tool_names import ToolName
from explorer.analysis.effects.tools.targets import Arguments, named_value, value_text
from explorer.model.effect import KIND_INFO, Effect, EffectKind

_AMOUNTS = "amount|sum|total|value|total_amount|total_price|price"
_WORDS = "subject|description|note|memo|message|text|reference|comment|purpose|title"
_CHANGES = frozenset({"update", "modify", "set", "change", "edit"})
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}[A-Z0-9]{10,30}\b|\b\d{13,19}\b")
MAX_WORDS = 20_000
NOTHING_PAID = "the amount is 0: no money is handed over"
WORDS_SENT = "the amount is 0; what the payment says reaches the payee"


def as_paid(effect: Effect, name: ToolName, given: Arguments) -> Effect:
    """The effect of a call that pays, where the amount is 0: its words leave, or nothing is handed over at all. The
    very same object for every other call."""
    if effect.kind is not EffectKind.VALUE_OUT:
        return effect
    amount = named_value(given, _AMOUNTS)
    if amount is None or not _is_zero(amount[1]):
        return effect
    said = named_value(given, _WORDS)
    words = "" if said is None else value_text(said[1]).strip()
    if words:
        return _as(effect, EffectKind.EXFIL if _names_account(words, effect) else EffectKind.NET_EGRESS, WORDS_SENT)
    changes = bool(_CHANGES & set(name.words[:1]))
    return _as(effect, EffectKind.MODIFY if changes else EffectKind.CREATE, NOTHING_PAID)


def _names_account(words: str, effect: Effect) -> bool:
    """Whether a text holds the number of an account or card other than the payee's own."""
    payee = "" if effect.target is None else effect.target.value
    return any(match.group() not in payee for match in _ACCOUNT.finditer(words[:MAX_WORDS]))


def _as(effect: Effect, kind: EffectKind, note: str) -> Effect:
    info = KIND_INFO[kind]
    return replace(effect, kind=kind, severity=info.severity, reversible=info.reversible, note=note)


def _is_zero(value: object) -> bool:
    if isinstance(value, (list, dict, bool)) or value is None:
        return False
    try:
        return float(value_text(value)[:40]) == 0
    except ValueError:
        return False
