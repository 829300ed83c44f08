"""How an effect is made: base severity, reversibility and the modifiers every classifier shares.

Severity starts at the taxonomy's value for the kind and is shifted by what that value has not counted already:
up for system places, down for temporary and build folders, never outside 0–4.
"""

from __future__ import annotations

import re
from dataclasses import replace

from explorer.analysis.effects.shared.severity import modified_severity, scope_of
from explorer.model.effect import KIND_INFO, Effect, EffectKind, Effects, Span, Target

_SENSITIVE = re.compile(
    r"(?:^|[/\\])(?:id_(?:rsa|dsa|ecdsa|ed25519)|shadow|gshadow|sudoers|authorized_keys|known_hosts|\.env(?:\.\w+)?|\.netrc"
    r"|\.pgpass|\.htpasswd|credentials(?:\.\w+)?|secrets?(?:\.\w+)?|wallet\.dat|keychain|\.npmrc|\.pypirc)$"
    r"|(?:^|[/\\])\.(?:bash_|zsh_|python_|mysql_|psql_)?history$|(?:^|[/\\])[\w.-]*(?:cookies|keychain)[\w.-]*$|\.env$"
    r"|(?:^|[/\\])\.(?:ssh|aws|gnupg|kube|docker|azure)(?:[/\\]|$)"
    r"|/etc/passwd$|\.(?:pem|key|p12|pfx|kdbx|ovpn)$"
    r"|(?:password|passwd|secret|private[_-]?key|api[_-]?key|access[_-]?token|ssn|payroll|salar(?:y|ies)|medical)[\w "
    r".-]*"
    r"\.(?:txt|csv|json|xlsx?|docx?|ya?ml|db|sql|md|pdf)$",
    re.IGNORECASE,
)
MAX_VALUE = 300
"""Longest target value kept; longer ones are cut and end in "…"."""
MAX_LIST = 2_000
"""The same for a list of values, which are compared one by one."""


def is_sensitive(path: str) -> bool:
    """Whether a path's name says that it holds secrets or personal data."""
    return bool(_SENSITIVE.search(path[-512:]))


def path_target(value: str, scope: str = "one", type_: str = "path") -> Target:
    """A target that is a path, its scope raised to ``system`` or ``many`` where the value says so."""
    value = clip(value, MAX_LIST if scope == "many" else MAX_VALUE)
    return Target(
        type_,
        value,
        scope_of(value, recursive=scope == "tree", opaque=value.startswith("$"), glob_driven=scope == "many"),
    )


def words(text: str) -> frozenset[str]:
    """The words of a text as a set: for tables that read as lists."""
    return frozenset(text.split())


def clip(value: str, limit: int = MAX_VALUE) -> str:
    """A value short enough to keep."""
    return value if len(value) <= limit else value[: limit - 1] + "…"


def make(
    kind: EffectKind,
    rule: str,
    *,
    target: Target | None = None,
    span: Span | None = None,
    severity: int | None = None,
    confidence: float = 1.0,
    reversible: bool | None = None,
    via: tuple[str, ...] = (),
    note: str = "",
    deferred: bool = False,
) -> Effect:
    """An effect with the taxonomy's severity and reversibility unless given, shifted by its target."""
    info = KIND_INFO[kind]
    value = info.severity if severity is None else severity
    if target is not None and target.type == "path":
        value = modified_severity(
            kind, value, target.value, recursive=target.scope == "tree", force=False,
            glob_driven=target.scope == "many", privilege=False,
        )  # fmt: skip
    value = max(0, min(4, value))
    if reversible is None:
        reversible = info.reversible
    return Effect(kind, value, reversible, target, via, rule, confidence, span, None, deferred, note)


def under(effects: Effects, *via: str, span: Span | None = None, keep_span: bool = False) -> Effects:
    """Effects found inside something else: ``via`` goes in front of their path; unless ``keep_span``, their
    evidence becomes ``span`` (the inner text's positions mean nothing outside)."""
    if keep_span:
        return tuple(replace(effect, via=via + effect.via) for effect in effects)
    return tuple(replace(effect, via=via + effect.via, span=span) for effect in effects)


def moved(effects: Effects, offset: int) -> Effects:
    """Effects with their evidence moved by ``offset`` characters."""
    if offset == 0:
        return effects
    return tuple(
        effect
        if effect.span is None
        else replace(effect, span=Span(effect.span.start + offset, effect.span.end + offset))
        for effect in effects
    )


def distinct(effects: list[Effect]) -> Effects:
    """The same effects without repeats (same kind, target, rule and path), in order; the plain ``none`` and
    ``read`` ones give way where something else is found."""
    kept: dict[tuple[EffectKind, Target | None, str, tuple[str, ...]], Effect] = {}
    for effect in effects:
        kept.setdefault((effect.kind, effect.target, effect.rule, effect.via), effect)
    found = list(kept.values())
    solid = [effect for effect in found if effect.kind not in (EffectKind.NONE, EffectKind.READ)]
    if solid:
        return tuple(solid)
    return tuple([effect for effect in found if effect.kind is EffectKind.READ][:1] or found[:1])
