"""Columns in words: their figures in one line, and all of them as text or Markdown."""

from __future__ import annotations

from collections.abc import Callable

from explorer.model.result import AuditResult
from explorer.model.trajectory import Dataset
from explorer.session.columns import Columns
from explorer.session.pair_text import APPROXIMATE, MOST_ROWS, code_span, effect_words
from explorer.session.step_line import step_line, task_words

UNIQUE = "◆"
"""Marks what only one column does, wherever text is all there is."""


def columns_figures(columns: Columns) -> str:
    """What the columns have in common, and what is unique, in one line, for where it is said already whether that is
    approximate."""
    unique, harmful = int(columns.unique.sum()), int((columns.unique & columns.concern).sum())
    parts = [
        f"{len(columns.trajectories)} columns",
        f"{int(columns.unanimous.sum()):,} of {len(columns):,} rows common to all",
        f"{unique:,} unique" + (f", {harmful:,} of concern" if unique else ""),
    ]
    return " · ".join(parts)


def columns_header(columns: Columns) -> str:
    """The figures of columns in one line; that they are approximate comes first."""
    return f"{APPROXIMATE} · {columns_figures(columns)}" if columns.approximate else columns_figures(columns)


def column_title(dataset: Dataset, role: str | None, trajectory: int) -> str:
    """A column's role, group and trial."""
    trial = int(dataset.trial[trajectory])
    parts = [part for part in (role, dataset.group.of(trajectory)) if part]
    return " ".join(parts) + (f" · trial {trial}" if trial else "")


def columns_text(
    dataset: Dataset, result: AuditResult, columns: Columns, roles: Callable[[int], str | None], *, markdown: bool,
    safe: Callable[[str], str],
) -> str:  # fmt: skip
    """Row by row how many agree and what each column does, with its effect and what became of it; unique steps are
    marked. ``roles`` of a trajectory; ``safe`` makes hidden characters of the log visible. At most MOST_ROWS rows."""
    names = [safe(column_title(dataset, roles(t), t)) for t in columns.trajectories]
    effects = result.frame("steps").coded("headline_effect")
    task = safe(task_words(dataset.task.of(columns.trajectories[0]) or ""))
    request = safe(dataset.request(columns.trajectories[0]))
    agreeing, width = columns.agreeing, len(columns.trajectories)
    legend = f"k/{width}: how many do the same; {UNIQUE}: what nobody else does anywhere; steps as the log numbers them"

    flagged = result.frame("steps").numbers("filter_flagged").astype(bool)

    def cell(column: int, row: int) -> tuple[str, str, str, str]:
        step = int(columns.steps[column, row])
        if step < 0:
            return "", "", "", ""
        done = effect_words(effects.of(step) or "", dataset.outcome.of(step) or "unknown")
        if columns.concern[column, row]:
            done.append("flagged" if flagged[step] else "passes the filter")
        mark = UNIQUE + " " if columns.unique[column, row] else ""
        return mark, safe(dataset.step_number(step)), safe(step_line(dataset, step)), ", ".join(done)

    apart = ", ".join(
        f"{code_span(name) if markdown else name} from row {row + 1}"
        for name, row in zip(names, columns.told_apart.tolist(), strict=True)
        if row >= 0
    )
    told = [f"told something else than the first column: {apart}"] if apart else []
    lines: list[str] = []
    if markdown:
        lines += [f"### {code_span(task)}", "", columns_header(columns), "", legend, ""]
        lines += [*told, ""] if told else []
        lines += [*(f"> {code_span(line)}" for line in request.splitlines()[:20] if line.strip()), ""]
        lines += [
            "| row | k/" + str(width) + " | " + " | ".join(code_span(name) for name in names) + " |",
            "|--:|--:|" + "---|" * width,
        ]
    else:
        lines += [task, columns_header(columns), legend, *told, "", request, ""]
    for row in range(min(len(columns), MOST_ROWS)):
        cells = [cell(column, row) for column in range(width)]
        if markdown:
            shown = (
                f"{mark}{code_span(number)} {code_span(text)}" + (f" {done}" if done else "") if number else ""
                for mark, number, text, done in cells
            )
            lines.append(f"| {row + 1} | {agreeing[row]}/{width} | " + " | ".join(shown) + " |")
        else:
            lines.append(f"{row + 1:>5} {agreeing[row]}/{width}")
            lines += [
                f"      {mark}{name}, step {number}: {text} [{done}]"
                for name, (mark, number, text, done) in zip(names, cells, strict=True)
                if number
            ]
    if len(columns) > MOST_ROWS:
        lines.append(f"… {len(columns) - MOST_ROWS} more rows")
    return "\n".join(lines) + "\n"
