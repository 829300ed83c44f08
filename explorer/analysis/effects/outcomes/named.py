"""Whether a line of output names a path, for itself and not as a part of a longer one."""

from __future__ import annotations

import re

_AT_AN_END = re.compile(r"[\w/.+-]")


def names(line: str, path: str) -> bool:
    """Whether a line names a path, not as a part of a longer one."""
    at = line.find(path) if path else -1
    while at >= 0:
        end = at + len(path)
        before = line[at - 1 : at]
        after = line[end : end + 1]
        inside = after and (after in "/-" or after.isalnum() or (after == "." and line[end + 1 : end + 2].isalnum()))
        if not (before and _AT_AN_END.match(before)) and not inside:
            return True
        at = line.find(path, at + 1)
    return False
