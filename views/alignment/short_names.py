"""Names of groups cut to what tells them apart. Knows no Qt."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PARTS = re.compile(r"[_\-./ ]|[^_\-./ ]+")
_SHORT = 16
"""Names up to this long are shown whole."""


def short_names(names: Sequence[str]) -> list[str]:
    """The names without the words that all (different) ones begin and end with; "…" stands where some were left out.
    Names stay different where they were."""
    parts = {name: tuple(_PARTS.findall(name)) for name in names}
    if len(parts) < 2 or max(map(len, parts)) <= _SHORT:
        return list(names)
    start = _alike(list(parts.values()))
    end = _alike([part[::-1] for part in parts.values()])
    # Something of every name is left.
    start = min(start, min(map(len, parts.values())) - 1)
    end = min(end, min(map(len, parts.values())) - 1 - start)
    cut = {name: "".join(part[start : len(part) - end]).strip("_-./ ") for name, part in parts.items()}
    if not all(cut.values()) or len(set(cut.values())) < len(cut):
        return list(names)
    return [("…" if start else "") + cut[name] + ("…" if end else "") for name in names]


def _alike(sequences: Sequence[tuple[str, ...]]) -> int:
    """How many parts all begin with."""
    alike = 0
    for places in zip(*sequences, strict=False):
        if len(set(places)) > 1:
            break
        alike += 1
    return alike
