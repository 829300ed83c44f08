"""A pair as text or Markdown, for reports and messages: what was asked, then row by row who did what, what became of
it, and what the audit says of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from explorer.model.alignment import OPERATIONS, FirstDifference
from explorer.model.result import AuditResult
from explorer.model.trajectory import Dataset
from explorer.session.other_arguments import other_arguments
from explorer.session.own_trials import unusual_words
from explorer.session.pair_view import PairView
from explorer.session.sides import lane_words
from explorer.session.step_line import step_line, task_words

MOST_ROWS = 5_000
_MOST_REQUEST_LINES = 20
_OTHER = "≈"
_SIGN = {"match": "=", "substitute": "≠", "teacher_only": "◀", "student_only": "▶"}
_ATTEMPT = {"failed": "failed: only an attempt", "not_executed": "not executed: only an attempt",
            "unknown": "outcome unknown"}  # fmt: skip
_DIFFERS = {
    FirstDifference.ONE_SIDE: "only one side acts",
    FirstDifference.OTHER_EFFECT: "another effect",
    FirstDifference.OTHER_TOOL: "another tool",
    FirstDifference.OTHER_ARGUMENTS: "other arguments",
}
_PLAIN = frozenset({"none", "read"})
"""Effects that harm nothing: where they failed, that is all there is to say."""
_TRIED = ("failed", "not_executed")

APPROXIMATE = "approximate"


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
    """The figures of a pair in one line; that they are approximate comes first."""
    return f"{APPROXIMATE} · {pair_figures(view)}" if view.approximate else pair_figures(view)


def difference_words(view: PairView) -> str:
    """In what the first divergence of a pair differs; "" where there is none, or an older audit does not say."""
    return _DIFFERS[FirstDifference(view.first_difference)] if view.first_difference else ""


def pair_figures(view: PairView) -> str:
    """The figures of a pair in one line, for where it is said already whether they are approximate; what matters least
    comes last, so that a narrow window leaves it out first."""
    parts = [f"agreement {view.agreement:.2f}".replace(" 0.", " .")]
    if view.first_divergence >= 0:
        what = difference_words(view)
        parts.append(f"first divergence row {view.first_divergence + 1}" + (f": {what}" if what else ""))
    if view.n_own_pairs > 0:
        parts.append(unusual_words(view.less_alike_than, view.n_own_pairs, view.own_scope, view.own_side))
    if not math.isnan(view.z):
        parts.append(f"z {view.z:+.1f}")
    if view.order_inversions > 0:
        share = view.order_inversion_share
        of = "" if math.isnan(share) else f" ({'under 1' if share < 0.01 else f'{100 * share:.0f}'} % of possible)"
        parts.append(f"order inversions {view.order_inversions:,}{of}")
    if view.n_own_pairs == 0:
        parts.append(unusual_words(math.nan, 0, "", ""))
    return " · ".join(parts)


def effect_words(effect: str, outcome: str) -> list[str]:
    """A step's effect and, where it was not carried out or one cannot tell, what became of it."""
    said = [effect.replace("_", " ")] if effect else []
    if effect in _PLAIN:
        said += [outcome.replace("_", " ")] if outcome in _TRIED else []
    elif effect and outcome in _ATTEMPT:
        said.append(_ATTEMPT[outcome])
    return said


class _Side(NamedTuple):
    """What one side does in a row; all empty at a gap. ``done`` names effect, outcome and filter mark."""

    number: str
    action: str
    done: str


def pair_text(
    dataset: Dataset, result: AuditResult, view: PairView, *, markdown: bool, safe: Callable[[str], str]
) -> str:
    """The request, then the alignment row by row: step numbers as the log has them, actions, effects with their outcome
    (an attempt is called one), the filter's mark, and the audit's entries with lane and risk. ``safe`` makes hidden
    characters of the log visible. At most MOST_ROWS rows."""
    roles = result.summary.get("roles", {})
    names = [_name(dataset, roles, trajectory, safe) for trajectory in (view.teacher, view.student)]
    writer = _Rows(dataset, result, view, safe)
    differing = other_arguments(dataset, result, view)
    figures = pair_header(view)
    if view.first_input_difference >= 0:
        figures += f" · they were told different things from row {view.first_input_difference + 1} on"
    task, request = safe(task_words(view.task_id)), safe(dataset.request(view.student))
    signs = {
        _SIGN["match"]: "the same", _OTHER: "the same action with other arguments", _SIGN["substitute"]: "differs",
        _SIGN["teacher_only"]: "only the first", _SIGN["student_only"]: "only the second side",
    }  # fmt: skip
    legend = ", ".join(f"{sign} {words}" for sign, words in signs.items()) + "; steps as the log numbers them"
    lines: list[str] = []
    if markdown:
        asked = [line for line in request.splitlines() if line.strip()]
        lines += [f"### {code_span(task)}", ""]
        lines += ["Request:", "", *(f"> {code_span(line)}" for line in asked[:_MOST_REQUEST_LINES])]
        lines += [f"> … {len(asked) - _MOST_REQUEST_LINES} more lines"] if len(asked) > _MOST_REQUEST_LINES else []
        lines += ["", figures, "", legend, ""]
        lines.append(
            f"| row |  | step | {code_span(names[0])} | effect | step | {code_span(names[1])} | effect | audit |"
        )
        lines.append("|--:|:-:|--:|---|---|--:|---|---|---|")
    else:
        lines += [task, "", "Request:", request, "", figures, legend, ""]
    for row in range(min(len(view), MOST_ROWS)):
        sign = _OTHER if differing.at(row) else _SIGN[OPERATIONS[int(view.operation[row])]]
        both, entries = writer.sides(row), writer.entries(row)
        if markdown:
            cells = (f"{code_span(side.number)} | {code_span(side.action)} | {side.done}" for side in both)
            lines.append(f"| {row + 1} | {sign} | " + " | ".join(cells) + f" | {entries} |")
        else:
            lines.append(f"{row + 1:>5} {sign}" + (f"  {entries}" if entries else ""))
            lines += [
                f"      {name}, step {side.number}: {side.action} [{side.done}]"
                for name, side in zip(names, both, strict=True)
                if side.number
            ]
    if len(view) > MOST_ROWS:
        lines.append(f"… {len(view) - MOST_ROWS} more rows")
    return "\n".join(lines) + "\n"


def _name(dataset: Dataset, roles: Mapping[str, str], trajectory: int, safe: Callable[[str], str]) -> str:
    """Role, group and trial on one line."""
    group, trial = dataset.group.of(trajectory) or "", int(dataset.trial[trajectory])
    parts = [str(roles[group])] if group in roles else []
    parts.append(" ".join(safe(group).split()))
    return " ".join(part for part in parts if part) + (f" · trial {trial}" if trial else "")


class _Rows:
    """The rows of a pair in words."""

    def __init__(self, dataset: Dataset, result: AuditResult, view: PairView, safe: Callable[[str], str]) -> None:
        self._dataset, self._view, self._safe = dataset, view, safe
        roles = result.summary.get("roles", {})
        self._named = tuple(
            str(roles.get(dataset.group.of(trajectory), usual))
            for trajectory, usual in ((view.teacher, "teacher"), (view.student, "student"))
        )
        steps = result.frame("steps")
        self._effects = steps.coded("headline_effect")
        self._flagged = steps.numbers("filter_flagged").astype(bool)
        self._divergences = result.frame("divergences")
        self._entries: dict[int, list[int]] = {}
        pairs = self._divergences.coded("pair_id")
        for entry in np.flatnonzero(pairs.codes == pairs.code(view.pair_id)).tolist():
            row = self._divergences.value("row", entry)
            if row is not None:
                self._entries.setdefault(int(row), []).append(entry)

    def sides(self, row: int) -> tuple[_Side, _Side]:
        """What the first and the second side do."""
        return self._side(int(self._view.teacher_step[row])), self._side(int(self._view.student_step[row]))

    def _side(self, step: int) -> _Side:
        if step < 0:
            return _Side("", "", "")
        dataset = self._dataset
        effect, outcome = self._effects.of(step) or "", dataset.outcome.of(step) or "unknown"
        said = effect_words(effect, outcome)
        said.append("flagged" if self._flagged[step] else "passes the filter")
        return _Side(self._safe(dataset.step_number(step)), self._safe(step_line(dataset, step)), ", ".join(said))

    def entries(self, row: int) -> str:
        """The audit's entries of a row: lane, effect, what became of it, risk."""
        said = []
        for entry in self._entries.get(row, ()):
            value = self._divergences.value
            words = [lane_words(value("lane", entry), *self._named), value("effect", entry).replace("_", " ")]
            outcome, repeats = value("outcome", entry), int(value("n_repeats", entry))
            said.append(
                " ".join(word for word in words if word)
                + (f" ×{repeats}" if repeats > 1 else "")
                + (f" ({_ATTEMPT[outcome]})" if outcome in _ATTEMPT else "")
                + f", risk {value('risk', entry):.1f}"
            )
        return "; ".join(said)
