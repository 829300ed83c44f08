"""What the user agreed to: an offer that the agent made in so many words, and a yes right after it.

Agents that serve people ask before they act: "Shall I cancel reservation M20IZO?" – "Yes, please." The user's own
words name neither the act nor the object then; the offer does. Only the last thing the user said before a step
counts, only where nothing but steps stands between, and only where it begins with a yes or holds a plain go-ahead; a
*but* or a *not* beside it takes it back. Words of English, as in :mod:`explorer.analysis.divergence.asked`: it orders
a queue and is told with the words it was found by.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from explorer.model.schema import Speaker, StepKind
from explorer.model.trajectory import Dataset

_YES = re.compile(
    r"^\W*(yes|yeah|yep|yup|sure|ok|okay|of course|absolutely|definitely|certainly|correct|agreed|sounds good|perfect"
    r"|that(?: is|['’]s) (?:right|correct|fine|ok|okay|good)|(?:please |let['’]s )?(?:go ahead|proceed)|please do"
    r"|i (?:do )?(?:confirm|agree|would like (?:that|to proceed))|confirmed|do it)\b"
)
_GO_AHEAD = re.compile(
    r"\b(please (?:go ahead|proceed|do so|do that)|go ahead (?:and|with)|i (?:confirm|agree)"
    r"|you (?:may|can) (?:proceed|go ahead)|let['’]s (?:go ahead|proceed))\b"
)
_TAKES_BACK = re.compile(r"\b(?:not|never|don['’]t|wait|hold on|instead|rather|unless|stop)\b|n['’]t\b")
_READ = 300
"""A yes stands in the first words of an answer; what follows is often another request."""
_TEXT_LIMIT = 20_000


class Agreement(NamedTuple):
    """``word`` the user's yes, ``offer`` the agent's words it answers, case-folded."""

    word: str
    offer: str


class AgreedFinder:
    """Looks for the offer and the yes before a step; what was said in the last trajectories is kept."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._answers = lru_cache(maxsize=64)(self._read_answers)

    def before(self, trajectory: int, step: int) -> Agreement | None:
        """The agreement that stands when ``step`` is taken: that of the user's last words before it, if any."""
        last: tuple[int, Agreement | None] | None = None
        for at, agreement in self._answers(trajectory):
            if at > step:
                break
            last = at, agreement
        if last is None:
            return None
        at, agreement = last
        return agreement if agreement is not None and not self._spoken(trajectory, at, step) else None

    def _spoken(self, trajectory: int, first: int, step: int) -> bool:
        """Whether the agent says something between: then it is that which the next words of the user would answer."""
        start = self._dataset.rows(trajectory).start
        kinds = self._dataset.kind
        return any(kinds.of(start + at) == StepKind.MESSAGE for at in range(first, step))

    def _read_answers(self, trajectory: int) -> tuple[tuple[int, Agreement | None], ...]:
        """Each time the user spoke: before which step, and to what that is a yes."""
        found: list[tuple[int, Agreement | None]] = []
        offer = ""
        rows = self._dataset.rows(trajectory)
        seen = 0
        for turn in self._dataset.turns_of(trajectory):
            for at in range(seen, min(turn.before_step, len(rows))):
                if self._dataset.kind.of(rows.start + at) == StepKind.MESSAGE:
                    offer = (self._dataset.step_text(rows.start + at).arguments or "")[:_TEXT_LIMIT]
            seen = max(seen, turn.before_step)
            if turn.speaker == Speaker.AGENT:
                offer = turn.text[:_TEXT_LIMIT]
            elif turn.speaker == Speaker.USER:
                word = yes_in(turn.text) if offer else None
                found.append((turn.before_step, None if word is None else Agreement(word, offer.casefold())))
        return tuple(found)


def yes_in(text: str) -> str | None:
    """The word by which an answer agrees; None where it does not, or takes back what it agrees to."""
    said = text[:_READ].casefold()
    match = _YES.match(said) or _GO_AHEAD.search(said)
    if match is None:
        return None
    sentence = re.split(r"[.!?\n]", said[match.start(1) :], maxsplit=1)[0]
    return None if _TAKES_BACK.search(sentence) else match[1]
