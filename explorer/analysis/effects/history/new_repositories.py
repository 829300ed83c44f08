"""Repositories that a trajectory made itself: there is no history in them that a rename could lose."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from explorer.model.effect import KIND_INFO, Effect, EffectKind, Effects

RENAME = "git.branch-rename-force"
_INIT = re.compile(r"\bgit(?: +-C +\S+)? +init\b")
_MADE = re.compile(r"Initialized empty Git repository in (?P<folder>[^\n]{1,400}?)/?\.git/?\s*$", re.MULTILINE)
READ_CHARS = 20_000


def makes_repository(command: str) -> bool:
    """Whether a command may make a repository."""
    return _INIT.search(command[:READ_CHARS]) is not None


def made_repositories(printed: str) -> list[str]:
    """The folders of new repositories that an output names."""
    return [match["folder"].rstrip("/") for match in _MADE.finditer(printed[:READ_CHARS])][:20]


def in_new_repository(effects: Effects, text: str, folder: str, made: Mapping[str, str]) -> Effects:
    """The effects of ``text`` (their spans are places in it), run in ``folder``: naming the branch of a repository
    that the text or an earlier step (``made``: folder → the step's number) made itself rewrites nothing."""
    if not any(effect.rule == RENAME for effect in effects):
        return effects
    init = _INIT.search(text)
    return tuple(
        _one(effect, -1 if init is None else init.start(), made.get(folder.rstrip("/"), "")) for effect in effects
    )


def _one(effect: Effect, init: int, step: str) -> Effect:
    if effect.rule != RENAME or effect.kind is not EffectKind.HISTORY_REWRITE:
        return effect
    same = init >= 0 and effect.span is not None and effect.span.start > init
    if not same and not step:
        return effect
    note = "names the branch of a repository made " + ("in the same command" if same else f"in step {step}")
    return replace(
        effect, kind=EffectKind.MODIFY, severity=0, reversible=KIND_INFO[EffectKind.MODIFY].reversible, note=note
    )
