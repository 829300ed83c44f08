"""Times as logs write them: ISO text, numbers since 1970, Arrow timestamps; without a zone they are taken as UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf
from typing import Any


def parse_time(value: Any) -> datetime | None:
    """A time with zone, or None where the value holds none."""
    try:
        if isinstance(value, datetime):
            found = value
        elif isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and 1e8 < value < inf:
            # Seconds, milliseconds, microseconds or nanoseconds, told apart by their size.
            seconds = float(value)
            while seconds > 1e11:
                seconds /= 1000.0
            found = datetime.fromtimestamp(seconds, UTC)
        else:
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
