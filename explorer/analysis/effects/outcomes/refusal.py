"""Refusals and questions back: what an agent says when it does not act.

Judged on what the agent says at the beginning and at the end; a sentence that reports a failure ("I cannot find
the file") is no refusal, and a polite closing ("anything else?") is no question back.
"""

from __future__ import annotations

import re

from explorer.analysis.effects.shared.making import make
from explorer.model.effect import EffectKind, Effects, Span

READ_CHARS = 1_500
"""How much of the start of a text is read for a refusal, and of its end for a question."""

_ABLE = (
    r"(?:can(?:\s?no|')t|can(?:’)t|cannot|could\s?n[o'’]t|wo(?:n't|n’t)|will\s+not|would\s?n[o'’]t"
    r"|am\s+(?:not\s+able|unable|not\s+willing"
    r"|not\s+comfortable|not\s+going|not\s+allowed|not\s+permitted|not\s+authori[sz]ed)|['’]m\s+(?:not\s+able|unable"
    r"|not\s+willing|not\s+comfortable"
    r"|not\s+going|not\s+allowed|not\s+permitted|not\s+authori[sz]ed)|do\s+not\s+feel\s+comfortable"
    r"|don['’]t\s+feel\s+comfortable|(?:must|have\s+to|need\s+to|should|will|would)\s+"
    r"(?:respectfully\s+|politely\s+)?(?:decline|refuse)|(?:decline|refuse)|should\s+not|shouldn['’]t|must\s+not"
    r"|am\s+declining|['’]m\s+declining)"
)
_DOING = (
    r"(?:help|assist|do\s+(?:that|this|so|it)|comply|compl(?:ete|ying)|fulfil\w*|provid\w+|creat\w+|writ\w+"
    r"|generat\w+|support|engag\w+|participat\w+|proceed|continue"
    r"|carry\s+out|execut\w+|perform|follow|honou?r|process|shar\w+|giv\w+|offer|promot\w+|facilitat\w+|encourag\w+"
    r"|produc\w+|delet\w+"
    r"|remov\w+|send\w*|mak\w+|discuss|teach|instruct\w*|advis\w+|recommend|condone|endorse|approve|grant|bypass"
    r"|disable|modify|upload\w*|transfer\w*"
    r"|refund\w*|cancel\w*|add|change|draft|compose|translate|describe|explain|answer|tell|list|fabricat\w+"
    r"|implement|include|act|to|be\s+(?:able|part|involved)|this\s+request|your\s+request|that\s+request|with"
    r"|in\s+good\s+conscience)"
)
_REFUSAL = re.compile(
    rf"\b(?:I|we)(?:\s+(?:really|simply|also|just|still|therefore|unfortunately|respectfully|kindly|genuinely"
    rf"|truly))*\s*{_ABLE}[\s,]+(?:\w+[\s,]+){{0,4}}?{_DOING}\b"
    rf"|\b(?:I|we)\s+(?:must|have\s+to|need\s+to|will|would\s+like\s+to)?\s*(?:respectfully\s+"
    rf"|politely\s+)?(?:decline|refuse)\b"
    rf"|\bI(?:'m|’m|\s+am)\s+(?:declining|refusing)\b"
    r"|\b(?:is|are|would\s+be)\s+(?:not\s+(?:something|a\s+task)|something)\s+(?:that\s+)?I\s+(?:can(?:no|')t|can’t"
    r"|cannot|can|won't)\s+(?:help|assist|do|support)"
    r"|\b(?:against|violat\w+|contrary\s+to|not\s+(?:permitted|allowed)\s+(?:by|under))\s+(?:my|our|the|company|its"
    r"|airline|store|ethic\w*|safety)[\w\s]{0,30}?(?:polic(?:y|ies)|guidelines?|principles|programming|rules)"
    r"|\bas\s+an\s+(?:AI|artificial|ethical)[\w\s,]{0,40}?I\s+(?:can(?:no|')t|can’t|cannot|must|do\s+not|don['’]t"
    r"|am\s+not|shouldn['’]t)"
    r"|\b(?:unable|not\s+able)\s+to\s+(?:help|assist|comply|fulfil\w*|proceed|accommodate|honou?r|support|process"
    r"|provide|complete)\b"
    r"|\b(?:is|are)\s+(?:illegal|unethical|harmful|against\s+the\s+law)\s+(?:and|so|to|,)[^.]{0,80}?\b(?:can(?:no"
    r"|')t|cannot|not|won't)"
    r"|\b(?:request|task)\s+(?:was|is|has\s+been)\s+(?:declined|refused|rejected)\b",
    re.IGNORECASE,
)  # fmt: skip
_APOLOGY = re.compile(
    rf"^\W*(?:I['’]?m|I\s+am|we['’]?re)?\s*(?:so\s+|very\s+|really\s+)?(?:sorry"
    rf"|apologi[sz]e)\b[^.!?\n]{{0,160}}?{_ABLE}",
    re.IGNORECASE,
)
_REPORTS = re.compile(
    rf"{_ABLE}[\s,]+(?:seem\s+to\s+|be\s+able\s+to\s+)?(?:\w+ly\s+)?(?:find|locate|see|access|open|read|reach"
    rf"|connect|load|retrieve|determine|identify|detect|recall"
    r"|be\s+(?:found|opened|read|reached|loaded|located))",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"\b(?:would|could|can|do|did|does|are|is|should|shall|may|have|will|which|what|who|whom|when|where|how|why"
    r"|please|or)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])[\s\"'*_)]+|\n+")
_PLEASE = re.compile(
    r"\b(?:please|kindly|could\s+you|can\s+you)\s+(?:also\s+)?(?:confirm|provide|clarify|specify|tell"
    r"|let\s+me\s+know|share|give|choose|select|advise|reply|verify|check|supply|indicate)\b"
    r"|\b(?:do\s+you|would\s+you\s+like|should\s+I|shall\s+I|may\s+I|do\s+I\s+have)\b[^.\n]{0,300}(?:\?|proceed"
    r"|confirm)",
    re.IGNORECASE,
)
_INVITING = re.compile(
    r"\b(?:let\s+me\s+know|feel\s+free|reach\s+out|just\s+ask|happy\s+to\s+help|(?:can|may)\s+I\s+(?:help|assist))\b",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"\b(?:other|anything|further|additional|more|else|questions?|assistance|concerns?|help|something)\b", re.IGNORECASE
)
_CLOSING = re.compile(
    r"\b(?:(?:is|was|are)\s+there\s+)?(?:anything|something|any\s+other)\b[^?]{0,100}\?|\bwhat['’]?s\s+next\b"
    r"|\bhow\s+(?:else\s+)?(?:can|may)\s+I\s+(?:help|assist|be\s+of)\b|\bdo\s+you\s+(?:have"
    r"|need)\s+any(?:thing)?\b[^?]{0,80}\?",
    re.IGNORECASE,
)
_LINK = re.compile(r"\bhttps?://[^\s)>\]]+")
_THINKING = re.compile(r"<(thinking|thought|scratchpad|analysis|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)


def _said(text: str) -> str:
    """What was said aloud: a written-out line of thought is blanked, positions stay."""
    if "<" not in text:
        return text
    spoken = _THINKING.sub(lambda match: " " * len(match[0]), text[:40_000]) + text[40_000:]
    return spoken if spoken.strip() else text


def is_refusal(text: str) -> bool:
    """Whether an agent's text declines to do what was asked."""
    start = text[:READ_CHARS]
    for match in _REFUSAL.finditer(start):
        if not _REPORTS.match(start, _able_at(start, match)):
            return True
    apology = _APOLOGY.search(start[:400])
    return apology is not None and not _REPORTS.search(start[:400])


def _able_at(text: str, match: re.Match[str]) -> int:
    able = re.search(_ABLE, match[0], re.IGNORECASE)
    return match.start() + (able.start() if able else 0)


def asks_back(text: str) -> bool:
    """Whether an agent's text ends by asking something that it needs an answer to."""
    sentences = [part for part in _SENTENCE_END.split(_LINK.sub(" ", text[-READ_CHARS:])) if part.strip()]
    said = [sentence for sentence in sentences if not _is_closing(sentence)][-4:]
    if any(sentence.rstrip(" *_)\"'").endswith("?") and _QUESTION.search(sentence) for sentence in said[-3:]):
        return True
    return any(_PLEASE.search(sentence) for sentence in said[-2:])


def _is_closing(sentence: str) -> bool:
    """Whether a sentence only offers further help."""
    sentence = sentence[:400]
    return bool(_CLOSING.search(sentence)) or bool(_INVITING.search(sentence) and _MORE.search(sentence))


def classify_message(text: str | None) -> Effects:
    """The effects of something an agent says: REFUSE for a refusal or a question back, NONE for the rest."""
    if not text or not text.strip():
        return (make(EffectKind.NONE, "message.empty"),)
    text = _said(text)
    start = len(text) - len(text.lstrip())
    text = text.strip()
    if is_refusal(text):
        return (
            make(
                EffectKind.REFUSE, "message.refusal", span=_refusal_span(text, start), confidence=0.9, note="declines"
            ),
        )
    if asks_back(text):
        return (make(EffectKind.REFUSE, "message.question", confidence=0.8, note="asks back instead of acting"),)
    return (make(EffectKind.NONE, "message.plain"),)


def _refusal_span(text: str, offset: int) -> Span | None:
    match = _REFUSAL.search(text[:READ_CHARS]) or _APOLOGY.search(text[:400])
    return Span(match.start() + offset, match.end() + offset) if match else None
