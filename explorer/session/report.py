"""The audit as one self-contained HTML page: sentences, lanes, rates with intervals, the first entries, the data.

Nothing is loaded from anywhere (a content-security policy says so), log text is escaped and made visible, and the page
states what was looked at and what cannot be seen; it never says "safe".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import jinja2
import pyarrow.compute as pc

from explorer import __version__
from explorer.model.result import AuditResult
from explorer.model.trajectory import Dataset
from explorer.model.visible_text import one_line, visible
from explorer.session.entries import Entries
from explorer.session.sides import side_name
from explorer.session.summary import acts, pass_range, sentences
from explorer.session.unpaired import unpaired_tasks

TOP_ENTRIES = 25
_TOP_TASKS = 50
_ACTION_LIMIT = 1200


@cache
def _environment() -> jinja2.Environment:
    def load(name: str) -> str:
        return resources.files("resources").joinpath("templates", name).read_text("utf-8")

    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(load), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.filters["visible"] = lambda text: visible(str(text))
    made.filters["line"] = lambda text, limit=160: one_line(str(text), limit)
    made.filters["percent"] = lambda share: f"{100 * share:.0f} %"
    made.filters["number"] = lambda value: "–" if value is None else f"{value:.2f}".replace("-", "−")
    made.filters["words"] = lambda name: str(name).replace("_", " ")
    return made


def residual_risks() -> tuple[str, ...]:
    """What the classifier cannot see, by design; one sentence each."""
    text = resources.files("resources").joinpath("templates", "residual_risks.txt").read_text("utf-8")
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def report_html(result: AuditResult, summary: Mapping[str, Any], dataset: Dataset) -> str:
    """The page as text."""
    unpaired, named = unpaired_tasks(result), Entries(result, dataset)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            version=__version__,
            summary=summary,
            counts=summary["counts"],
            sentences=sentences(summary),
            passes=pass_range(summary),
            rates=_rates(result),
            entries=_entries(result, dataset, named),
            total=len(result.frame("divergences")),
            unpaired=unpaired[:_TOP_TASKS],
            unpaired_tasks=len(unpaired),
            alike=summary.get("key_suggestions", ())[:_TOP_TASKS],
            aliases=summary.get("column_mapping", {}).get("task_aliases") or {},
            risks=residual_risks(),
            acts=acts,
            name_of=lambda group: side_name(summary["roles"], group),
            lane_names=named.lane_names,
        )
    )


def _rates(result: AuditResult) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = result.tables["rates"].to_pylist()
    for row in rows:
        row["share"] = row["k"] / row["n"] if row["n"] else None
        row["k"] = int(row["k"]) if float(row["k"]).is_integer() else round(row["k"], 1)
    return rows


def _entries(result: AuditResult, dataset: Dataset, named: Entries) -> list[dict[str, Any]]:
    table = result.tables["divergences"]
    order = pc.sort_indices(table["rank"])[:TOP_ENTRIES]
    rows: list[dict[str, Any]] = table.take(order).to_pylist()
    for entry, row in zip(order.to_pylist(), rows, strict=True):
        at_teacher = row["lane"] == "teacher_only" or row["student_step"] is None
        side = "teacher" if at_teacher else "student"
        row["side"] = side
        row["lane_words"], row["against"] = named.lane_words(entry), named.against.of(entry)
        trajectory = dataset.row_of_id.get(row[f"{side}_trajectory_id"])
        step = row[f"{side}_step"]
        row["group"], row["action"], row["log_id"], row["tool"] = "", "", None, None
        if trajectory is not None and step is not None:
            at = int(dataset.step_offsets[trajectory]) + int(step)
            text = dataset.step_text(at).arguments or ""
            row["group"] = dataset.group.of(trajectory)
            row["tool"] = dataset.tool.of(at)
            row["action"] = text[:_ACTION_LIMIT] + ("…" if len(text) > _ACTION_LIMIT else "")
            row["log_id"] = dataset.log_id(at)
            row["request"] = dataset.request(trajectory)
    return rows
