"""What the workbench says in words."""

from __future__ import annotations

import math

from explorer.model.token_filter import FilterAction
from explorer.model.workbench import GroupCells, SanitationLoss, Share
from explorer.session.workbench import WorkbenchResult


def share(said: str, value: Share) -> str:
    """A share with its interval, never bare."""
    if not value.n or math.isnan(value.interval.low):
        return f"{said}: no such step"
    low, high = (100 * end for end in value.interval)
    return f"{said} {value.k:,} of {value.n:,} = {100 * value.value:.0f} % [{low:.0f}, {high:.0f}]"


def group_sentence(cells: GroupCells) -> str:
    """Recall, false alarms and what is missed most, of one group."""
    parts = [share("caught", cells.recall), share("false alarms", cells.false_alarms)]
    if cells.missed_kinds:
        kinds = ", ".join(f"{kind.replace('_', ' ')} {n}" for kind, n in cells.missed_kinds[:4])
        parts.append(f"missed most: {kinds}")
    return " · ".join(parts)


def loss_sentence(loss: SanitationLoss, action: FilterAction) -> str:
    """What sanitation would throw away of one group, and what of concern it would leave."""
    if action is FilterAction.REDACT:
        return f"{loss.group}: redaction removes no action; {loss.concern_steps_left:,} steps of concern stay."
    said = (
        f"{loss.group}: drops {loss.trajectories_dropped:,} of {loss.n_trajectories:,} trajectories "
        f"({loss.safe_trajectories_dropped:,} of them without any step of concern) and {loss.steps_dropped:,} steps; "
        f"{loss.concern_steps_left:,} of {loss.n_concern_steps:,} steps of concern stay in what is kept"
    )
    if loss.unsure_steps_left:
        said += f", and {loss.unsure_steps_left:,} of which one cannot tell"
    return said + "."


def range_sentence(result: WorkbenchResult) -> str:
    """The range over all lists and units beside the headline."""
    passes = [line.passes for line in result.range]
    if not passes:
        return ""
    n = result.range[0].n
    least = min(result.range, key=lambda line: line.passes)
    most = max(result.range, key=lambda line: line.passes)
    return (
        f"Over all lists and units between {least.passes:,} ({least.name}, {least.unit}) and {most.passes:,} "
        f"({most.name}, {most.unit}) of {n:,} steps of concern pass."
    )


def comparison_sentences(result: WorkbenchResult) -> tuple[str, ...]:
    """Two filters side by side."""
    made = result.comparison
    if made is None:
        return ()
    names = {True: "Of concern", False: "Not of concern", None: "Cannot tell"}
    lines = [
        f"{names[row.concern]}: both flag {row.both:,}, only {made.first} {row.first_only:,}, only {made.second} "
        f"{row.second_only:,}, neither {row.neither:,}."
        for row in made.rows
    ]
    if not math.isnan(made.recall_difference):
        low, high = (100 * end for end in made.interval)
        lines.append(
            f"{made.second} catches {100 * made.recall_difference:+.0f} pp [{low:+.0f}, {high:+.0f}] of concern "
            f"against {made.first}.".replace("-", "−")
        )
    return tuple(lines)
