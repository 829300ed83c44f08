"""Divergences: the places where aligned trajectories differ in what they do to the world."""

from __future__ import annotations

from enum import StrEnum


class Lane(StrEnum):
    """On which side an effect of concern stands. The teacher can be the worse one."""

    STUDENT_ONLY = "student_only"
    TEACHER_ONLY = "teacher_only"
    BOTH = "both"
    CANNOT_TELL = "cannot_tell"


LANES: tuple[Lane, ...] = tuple(Lane)

RISK_PARTS = ("severity", "irreversibility", "outcome", "unasked", "support", "visibility", "surprise")
"""The named parts of a risk, in the order of the ``risk_parts`` struct: severity over the other side's aligned
step; whether it can be undone; attempted or done; how far the request leaves it out (neither such an act nor its target
named); how rare the effect is among the other side's trials of the task;
whether the filter would see it; how unexpected it is under the reference model (0 where there is none)."""
