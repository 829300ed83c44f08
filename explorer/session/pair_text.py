"""A pair as text or Markdown, for reports and messages."""

from __future__ import annotations

import math
from collections.abc import Callable

from explorer.model.alignment import OPERATIONS
from explorer.model.result import AuditResult
from explorer.model.trajectory import Dataset
from explorer.session.pair_view import PairView
from explorer.session.step_line import step_line, task_words

MOST_ROWS = 5_000
_SIGN = {"match": "=", "substitute": "≠", "teacher_only": "◀", "student_only": "▶"}


def code_span(text: str) -> str:
    """Text as a Markdown code span that nothing inside it can end, fit for a table's cell."""
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|") if text else ""


def pair_header(view: PairView) -> str:
    """The figures of a pair in one line."""
    parts = [f"agreement {view.agreement:.2f}".replace(" 0.", " .")]
    if view.first_divergence >= 0:
        parts.append(f"first divergence row {view.first_divergence + 1}")
    if not math.isnan(view.z):
        parts.append(f"z {view.z:+.1f}")
    if view.approximate:
        parts.append("approximate")
    if view.order_inversions > 0:
        # Last, so that a narrow window leaves this out first.
        parts.append(f"order inversions {view.order_inversions:,}")
    return " · ".join(parts)


def pair_text(
    dataset: Dataset, result: AuditResult, view: PairView, *, markdown: bool, safe: Callable[[str], str]
) -> str:
    """The alignment row by row; ``safe`` makes hidden characters of the log visible. At most MOST_ROWS rows."""
    groups = [dataset.group.of(t) or "" for t in (view.teacher, view.student)]
    names = [f"teacher {groups[0]}", f"student {groups[1]}"]
    effects = result.frame("steps").coded("headline_effect")
    figures = pair_header(view)
    if view.first_input_difference >= 0:
        figures += f" · they were told different things from row {view.first_input_difference + 1} on"
    request = safe(dataset.request(view.student))
    lines: list[str] = []
    if markdown:
        lines += [f"### {code_span(safe(task_words(view.task_id)))}", "", figures, ""]
        lines += [*(f"> {code_span(line)}" for line in request.splitlines()[:20] if line.strip()), ""]
        lines += [f"| row |  | {names[0]} | effect | {names[1]} | effect |", "|--:|:-:|---|---|---|---|"]
    else:
        lines += [safe(task_words(view.task_id)), figures, "", request, ""]
    for row in range(min(len(view), MOST_ROWS)):
        sign = _SIGN[OPERATIONS[int(view.operation[row])]]
        cells = [_cell(dataset, effects.of, int(steps[row]), safe) for steps in (view.teacher_step, view.student_step)]
        if markdown:
            shown = (f"{code_span(text)} | {effect}" for text, effect in cells)
            lines.append(f"| {row + 1} | {sign} | " + " | ".join(shown) + " |")
        else:
            lines.append(f"{row + 1:>5} {sign}")
            lines += [
                f"      {name}: {text} [{effect}]" for name, (text, effect) in zip(names, cells, strict=True) if text
            ]
    if len(view) > MOST_ROWS:
        lines.append(f"… {len(view) - MOST_ROWS} more rows")
    return "\n".join(lines) + "\n"


def _cell(
    dataset: Dataset, effect_of: Callable[[int], str | None], step: int, safe: Callable[[str], str]
) -> tuple[str, str]:
    if step < 0:
        return "", ""
    return safe(step_line(dataset, step)), (effect_of(step) or "").replace("_", " ")
