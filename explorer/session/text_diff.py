"""Where two short texts differ, by words: for rows on screen and for two sets of arguments side by side."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from explorer.model.effect import Span

MOST_WORDS = 400
"""Words compared a side; what follows counts as different where anything differs after them."""
_WORD = re.compile(r"\w+|[^\w\s]|\s+")


def differing_spans(first: str, second: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The characters of each text that the other lacks (words are kept whole).

    Equal starts and ends are taken off first; only the middle, at most :data:`MOST_WORDS` words a side, is compared
    word by word, so the time is bounded whatever the texts are.
    """
    if first == second:
        return (), ()
    a, b = _words(first), _words(second)
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < min(len(a), len(b)) - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    a_middle, b_middle = a[head : len(a) - tail], b[head : len(b) - tail]
    a_start, b_start = sum(map(len, a[:head])), sum(map(len, b[:head]))
    if len(a_middle) > MOST_WORDS or len(b_middle) > MOST_WORDS:
        return _whole(a_middle, a_start), _whole(b_middle, b_start)
    a_at, b_at = _starts(a_middle, a_start), _starts(b_middle, b_start)
    left: list[Span] = []
    right: list[Span] = []
    for tag, i, j, k, m in SequenceMatcher(None, a_middle, b_middle, autojunk=False).get_opcodes():
        if tag != "equal":
            if j > i:
                left.append(Span(a_at[i], a_at[j]))
            if m > k:
                right.append(Span(b_at[k], b_at[m]))
    return tuple(left), tuple(right)


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _starts(words: list[str], start: int) -> list[int]:
    places = [start]
    for word in words:
        places.append(places[-1] + len(word))
    return places


def _whole(words: list[str], start: int) -> tuple[Span, ...]:
    length = sum(map(len, words))
    return (Span(start, start + length),) if length else ()
