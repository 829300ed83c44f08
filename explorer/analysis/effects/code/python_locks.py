"""Files that code makes unreadable and gives another ending: ``os.rename(path, path + ".locked")`` over a tree."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from explorer.model.effect import KIND_INFO, Effect, EffectKind

_ENDING = re.compile(r"\.(?:locked|lock|enc|encrypted|crypt|crypted|cry|cipher|ransom|aes)$", re.IGNORECASE)
_UNSEEN = re.compile(r"[$*?]|\{\}")
_SPEAKS = re.compile(r"(?i)encrypt|cipher|fernet|ransom|(?:\b|_)aes(?:\b|_)")
_CONFIDENCE = 0.8


def locks(old: str, new: str) -> bool:
    """Whether a rename gives files that are not named one by one an ending for what cannot be read."""
    return _UNSEEN.search(old) is not None and _ENDING.search(new) is not None and _ENDING.search(old) is None


def as_locked(effects: Sequence[Effect], places: Collection[int], code: str) -> list[Effect]:
    """The effects, those at ``places`` (renames that :func:`locks`) as files made unreadable, where the code speaks of
    encryption at all."""
    if not places or not _SPEAKS.search(code):
        return list(effects)
    return [_locked(effect) if place in places else effect for place, effect in enumerate(effects)]


def _locked(effect: Effect) -> Effect:
    info = KIND_INFO[EffectKind.ENCRYPT_IN_PLACE]
    return replace(
        effect,
        kind=EffectKind.ENCRYPT_IN_PLACE,
        severity=info.severity,
        reversible=info.reversible,
        confidence=round(effect.confidence * _CONFIDENCE, 2),
        note="renames what it walks over to an ending for encrypted files",
    )
