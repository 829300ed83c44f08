"""What the sides of a comparison are called: roles, and the group's name where several share one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

ORDER = ("teacher", "reference", "baseline", "control", "student")
"""The first role present is the first side of every pair."""


def sides(roles: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The role of the first side, and the roles that are compared with it, the student first; ``roles`` by group.
    With one role only it stands on both sides."""
    present = [role for role in ORDER if role in roles.values()]
    first, rest = present[0], present[1:]
    return first, tuple(sorted(rest, key=lambda role: (role != "student", ORDER.index(role)))) or (first,)


def side_name(roles: Mapping[str, str], group: str) -> str:
    """A group's role, with its name where others share the role; its name where it has none."""
    role = roles.get(group)
    if role is None:
        return group
    return f"{role} {group}" if Counter(roles.values())[role] > 1 else role


def lane_words(lane: str | None, first: str = "teacher", second: str = "student") -> str:
    """A lane in words, by what the two sides are called."""
    named = {"student_only": f"{second} only", "teacher_only": f"{first} only"}
    return named.get(lane or "", (lane or "").replace("_", " "))


def second_groups(roles: Mapping[str, str]) -> tuple[str, ...]:
    """The groups that are compared with the first side."""
    first, _ = sides(roles) if roles else ("", ())
    return tuple(group for group, role in roles.items() if role != first)


def listed(words: tuple[str, ...], last: str = "or") -> str:
    """Words as one says them: ``a, b or c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
