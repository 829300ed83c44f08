"""What of a long line is shown in a narrow place: its first word and what surrounds the differences. Knows no Qt."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.model.effect import Span

_HEAD = 8
"""Characters the first word may always have; in a wide place a little less than half of it, then it
is cut."""
_BEFORE = 12
"""Characters before a difference that are kept; more where a field's name begins a little earlier."""
_FIELD = 26
_SPARED = 4
"""Leaving out fewer characters than this would save nothing."""


def excerpt(text: str, differs: Sequence[Span], room: int) -> tuple[str, tuple[Span, ...]]:
    """A text and the places in it, shortened so that its first difference can be seen in ``room`` characters: what is
    common before a difference becomes "…", the first word (the tool) stays. A text without differences, or whose first
    one can be seen anyway, is given back as it is. Linear in the text."""
    if not differs or differs[0].start + min(differs[0].end - differs[0].start, 12) < room:
        return text, tuple(differs)
    head = min(text.find(" ") + 1, differs[0].start)
    most = max(room // 2 - 2, _HEAD)
    kept = max(head, 0)
    shown = text[:kept].rstrip() + " " if 0 < head <= most else text[: most - 1] + "…" if head > most else ""
    places: list[Span] = []
    for start, end in differs:
        cut = max(_begin(text, start, kept, min(_FIELD, room // 2)), kept)
        shown += text[kept:start] if cut - kept < _SPARED else "…" * (not shown.endswith("…")) + text[cut:start]
        places.append(Span(len(shown), len(shown) + end - start))
        shown += text[start:end]
        kept = end
    return shown + text[kept:], tuple(places)


def middle_out(text: str, room: int) -> str:
    """A text a little too long for ``room`` characters without its middle: a path's end says more than its folders. A
    much longer one is left to be cut at its end."""
    if len(text) <= room or len(text) > 2 * room or room < 2 * _HEAD:
        return text
    head = room * 3 // 5
    return text[:head] + "…" + text[len(text) - (room - head - 1) :]


def _begin(text: str, start: int, kept: int, most: int) -> int:
    """Where what is shown before a difference begins: with its field, if that begins at most ``most``
    characters earlier."""
    field = text.rfind("  ", max(kept, start - most), start)
    if field >= 0:
        return field + 2
    word = text.find(" ", max(start - _BEFORE, 0), start)
    return word + 1 if word >= 0 else start - _BEFORE
