"""Whether a word stands where such an act is forbidden, or where somebody only says what does not work.

Words of English, as in :mod:`explorer.analysis.divergence.asked`. A negation forbids what follows it in its sentence,
up to what turns the sentence round (*but*, *so*, *then*), and not where it belongs to a condition that ends before the
word: "if a change is not possible, cancel it". Texts are case-folded; what is looked at is bounded.
"""

from __future__ import annotations

import re

BEFORE = 200
"""How much of the text before a word is looked at, characters."""
_NEGATION = re.compile(
    r"(?:(?<!why )\b(?:not|never|without|avoid|cannot|nor)\b|n['’]t\b)(?! (?:forget|only|just|hesitate)\b)"
)
_SENTENCE = re.compile(r"[.;:!?\n]")
_REACH = 60
_TURN = re.compile(r"\bbut\b|, (?:so|then|please|instead)\b")
_CONDITION = re.compile(r"\b(?:if|when|whenever|unless|in case|as|since|because|once|given)\b[^,]*$")
_MYSELF = re.compile(
    r"\bi(?:\s+(?:can(?:not|['’]?t)|could(?:n['’]t| not)|am (?:unable|not able))|['’]m (?:unable|not able))\b"
    r"[^.;:!?\n]{0,60}$"
)
_INABILITY = re.compile(
    r"(?:(\w{1,30}) )?(?:\b(?:still|just|also|even) )?"
    r"(?:\b(?:can ?not|can['’]?t|could not|couldn['’]t|won['’]t)(?: (?:still|even|seem to|be able to))?"
    r"|\b(?:unable|not able|n['’]t able) to|\b(?:trouble|problems?|difficult(?:y|ies)|issues?)(?: with| in)?) $"
)
_TOLD_TO = frozenset({"you", "we", "one", "they", "nobody", "anybody"})
_BE = re.compile(r"\b(?:is|are|was|were|be|being|non|isn['’]t|aren['’]t|wasn['’]t)[ -](?:not )?$")
_STATES = frozenset({"empty", "clear", "clean"})


def forbidden(before: str) -> bool:
    """Whether a text forbids what the word right after it says."""
    ends = [match.end() for match in _SENTENCE.finditer(before)]
    clause = before[ends[-1] if ends else 0 :]
    for negation in _NEGATION.finditer(clause):
        rest = clause[negation.end() :]
        lifted = "," in rest and _CONDITION.search(clause[: negation.start()])
        if len(rest) <= _REACH and not lifted and not _TURN.search(rest):
            return True
    return False


def only_unable(before: str, words: str) -> bool:
    """Whether the words say what somebody or something cannot do: neither asked for nor forbidden. "You cannot
    delete it" and "it cannot be deleted" forbid."""
    if _MYSELF.search(before):
        return True
    found = _INABILITY.search(before)
    return found is not None and found[1] not in _TOLD_TO and not words.startswith("be ")


def is_state(word: str, before: str) -> bool:
    """Whether a word that may be a verb is a state where it stands ("the folder is not empty")."""
    return word in _STATES and _BE.search(before) is not None
