"""What the user's words make of an act: asked for by a word, agreed to when offered, neither, or not in the log."""

from __future__ import annotations

from typing import NamedTuple

from explorer.analysis.divergence.agreed import AgreedFinder
from explorer.analysis.divergence.asked import AskedFinder, first_word, is_form, own_verb, word_of
from explorer.analysis.divergence.origin import named_in
from explorer.analysis.targets import NormalTarget
from explorer.model.effect import EffectKind
from explorer.model.trajectory import Dataset


class Asking(NamedTuple):
    """``word`` by which the user asks for such an act, None = none; ``offered`` the word of the agent's offer that it
    agrees to ("" = it is the user's own), ``target_offered`` whether that offer names the target; ``known`` whether
    the log holds any words of the user's."""

    word: str | None
    offered: str = ""
    target_offered: bool = False
    known: bool = True


class RequestFinder:
    """Finds what the user's words before a step make of what it does."""

    def __init__(self, dataset: Dataset) -> None:
        self._asked = AskedFinder(dataset)
        self._agreed = AgreedFinder(dataset)

    def asking(self, trajectory: int, step: int, kind: EffectKind, target: NormalTarget, tool: str) -> Asking:
        """What was said of such an act before ``step`` (counted within the trajectory), which calls ``tool`` ("" =
        none). The user's own word goes first, except where only the offer that a yes answers has the tool's own
        word; a yes stands for a word where an offer has it."""
        verb = own_verb(tool, kind) if tool else ""
        called = verb or first_word(tool)
        own = self._asked.asking_word(trajectory, step, kind, verb, target, called)
        agreement = self._agreed.before(trajectory, step)
        offered = None if agreement is None else word_of(agreement.offer, kind, verb, called)
        if agreement is None or offered is None:
            return Asking(own, known=own is not None or self._asked.is_known(trajectory, step))
        named = named_in(target, agreement.offer)
        if own is not None and (is_form(own, called) or not is_form(offered, called)):
            return Asking(own, "", named)
        return Asking(agreement.word, offered, named)
