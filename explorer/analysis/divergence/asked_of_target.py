"""What the user's words say of one target: that it is written to, or that others than it are to receive.

"Output to notes.txt" asks for the file ``notes.txt`` to be written, though no word says *replace*; "add a@b.org to the
participants" asks for nothing that reaches c@d.org. Texts are case-folded; what is looked at is bounded.
"""

from __future__ import annotations

import re

from explorer.analysis.divergence.forbidding import BEFORE, forbidden
from explorer.analysis.divergence.mentions import find_asked_path, stands_by_chance
from explorer.analysis.targets import NormalTarget, unresolved

_WRITES = re.compile(
    r"\b(?:output(?:ting)?|sav(?:e|ing)|writ(?:e|ing)|stor(?:e|ing)|redirect(?:ing)?|download(?:ing)?|dump(?:ing)?"
    r"|export(?:ing)?|concatenat(?:e|ing)|merg(?:e|ing)|combin(?:e|ing)|join(?:ing)?|cop(?:y|ying)|put(?:ting)?"
    r"|print(?:ing)?|extract(?:ing)?|convert(?:ing)?|archiv(?:e|ing)|compress(?:ing)?|back(?:ing)?[ -]?up"
    r"|(append(?:ing)?|add(?:ing)?))\b"
)
"""Verbs of writing. To *append* is one that asks for what was there to stay."""
_WHERE_TO = re.compile(
    r"(?:[^.;!?\n]|\.(?=\S)){0,160}?\b(?:to|into|onto|as)\b"
    r"(?:\W{1,3}(?:an?|the|one|single|new|existing|output|text|files?|named|called)\b){0,5}\W{0,4}$"
)
_MAIL = r"[\w.+%-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+"
_ACCOUNT = r"\b[a-z]{2}\d{2}[a-z0-9]{10,30}\b"
_RECEIVERS = tuple(re.compile(rf"(?<![\w.+%-])(?<!from ){one}") for one in (_MAIL, _ACCOUNT))
_CLAUSE_END = re.compile(r"[;!?\n]|\.(?=\s|$)")
_CLAUSE = 400
_MENTIONS = 5


def written_to(target: NormalTarget, text: str) -> tuple[str, bool] | None:
    """The words by which a text asks for writing to a path, and whether they stand where that is forbidden; None
    where there are none."""
    value = target.value.casefold()
    if target.type != "path" or unresolved(target) or "*" in value or stands_by_chance(value):
        return None
    start = 0
    for _ in range(_MENTIONS):
        rest = text[start:]
        at = find_asked_path(value, rest, len(rest))
        if at < 0:
            return None
        place = start + at
        before = text[max(0, place - BEFORE) : place]
        verbs = list(_WRITES.finditer(before))
        verb = verbs[-1] if verbs else None
        if verb is not None and verb[1] is None and _WHERE_TO.match(before, verb.end()):
            said = max(0, place - BEFORE) + verb.start()
            return before[verb.start() :].rstrip(" \t\"'`“‘(:"), forbidden(text[max(0, said - BEFORE) : said])
        start = place + 1
    return None


def clause_from(text: str, place: int) -> str:
    """What a text says from a place to the end of the sentence, at most 400 characters."""
    here = text[place : place + _CLAUSE]
    end = _CLAUSE_END.search(here)
    return here if end is None else here[: end.start()]


def meant_for_others(clause: str, target: NormalTarget) -> bool:
    """Whether a clause names receivers by their addresses or accounts, and the target's are others of that sort."""
    value = target.value.casefold()
    for sort in _RECEIVERS:
        own = set(sort.findall(value))
        if own:
            named = set(sort.findall(clause))
            return bool(named) and not own & named
    return False
