"""What lines say: the words and marks of the steps on screen, worked out once each. Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from explorer.model.effect import Span
from explorer.session.audit_session import AuditSession
from explorer.session.columns import Columns
from explorer.session.step_line import LONGEST, step_line
from explorer.session.text_diff import differing_spans
from views.alignment.aligned import MATCH, SUBSTITUTE, Aligned
from views.shared.visible import elided, visible

_KEPT = 4_000
_SHARED, _SHARED_MANY = 0.12, 0.5
_NAMED = 60
"""Steps of a folded stretch whose names are gathered."""
_COMPARED = 100
"""Rows of a folded stretch whose arguments are compared."""
_FAR = 4_000
"""Characters of an action that are looked through for where it differs."""
_BEFORE = 40
_FIELDS, _VALUE = 6, 80
OTHER = "≈"
"""The mark of rows where both sides do the same with other arguments."""
SIGNS = (
    "= the same · ≈ the same action, other arguments · 0–1 aligned, but different: how alike · ⇄ the sides meet again "
    "· a role’s mark: only this side acts"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One step as a row shows it; ``text`` is safe to be drawn, ``differs`` are places in it."""

    number: str
    text: str
    differs: tuple[Span, ...]
    effect: str
    severity: int
    outcome: str
    concern: bool
    passes: bool
    escapes: bool


class CellWords:
    """Cells of one :class:`Aligned`, kept while it is shown."""

    def __init__(self, session: AuditSession, aligned: Aligned) -> None:
        self._session = session
        self._aligned = aligned
        self._cells: dict[tuple[int, int], Cell | None] = {}
        self._texts: dict[int, str] = {}

    @cached_property
    def severity(self) -> npt.NDArray[np.uint8] | None:
        """Per step of the dataset, None before an audit."""
        result = self._session.result
        return None if result is None else result.frame("steps").numbers("severity").astype(np.uint8)

    def cell(self, row: int, side: int) -> Cell | None:
        """What stands in a row of a column; None at a gap."""
        key = (row, side)
        if key not in self._cells:
            if len(self._cells) > _KEPT:
                self._cells.clear()
                self._texts.clear()
            self._cells[key] = self._make(row, side)
        return self._cells[key]

    def number(self, step: int) -> str:
        """The log's own number of a step, else its place in the trajectory."""
        dataset = self._session.dataset
        assert dataset is not None
        own = dataset.log_id(step)
        if own is not None:
            return elided(own, 12)
        return str(step - int(dataset.step_offsets[dataset.trajectory_of_step[step]]))

    def fold(self, start: int, stop: int, side: int) -> tuple[str, str]:
        """A folded stretch in a column: the numbers it spans, and how many steps of what; empty at a gap."""
        dataset = self._session.dataset
        assert dataset is not None
        steps = self._aligned.sides[side].steps[start:stop]
        steps = steps[steps >= 0]
        if not len(steps):
            return "", ""
        names: dict[str, None] = {}
        for step in steps[:_NAMED]:
            name = self._name(int(step))
            if name:
                names.setdefault(name)
        shown = list(names)[:4]
        more = " …" if len(names) > len(shown) or len(steps) > _NAMED else ""
        numbers = "–".join(_thousands(self.number(int(step))) for step in (steps[0], steps[-1]))
        other = self.fold_other(start, stop)
        return numbers, f"{len(steps):,}{f' ({other} {OTHER})' if other else ''} × {' / '.join(shown)}{more}"

    def fold_other(self, start: int, stop: int) -> str:
        """How many rows of a folded stretch do the same with other arguments, "" = none."""
        if self._aligned.other is None:
            return ""
        rows, all_of_them = self._aligned.other.rows(start, stop, _COMPARED)
        return f"{len(rows):,}{'' if all_of_them else '+'}" if len(rows) else ""

    def differing(self, row: int) -> list[str]:
        """In words by which arguments a row's sides differ, first side first; empty where they do not, or where the
        arguments have no names."""
        other = self._aligned.other
        if other is None or not other.at(row):
            return []
        said = [f"{visible(field[:_VALUE])}: {_value(own)} beside {_value(there)}" for field, own, there in
                other.fields(row)]  # fmt: skip
        return said[:_FIELDS] + ([f"and {len(said) - _FIELDS} more"] if len(said) > _FIELDS else [])

    def how(self, row: int) -> str:
        """What a row's sign says, in words; empty among many columns."""
        aligned = self._aligned
        if aligned.columns is not None or len(aligned.sides) < 2:
            return ""
        if aligned.operation[row] == SUBSTITUTE:
            return "aligned, but different"
        if aligned.operation[row] != MATCH:
            return "only this side acts"
        if not aligned.differs(row):
            return "the same"
        assert self._session.dataset is not None
        said = self._session.dataset.kind.of(int(aligned.sides[0].steps[row])) in ("message", "finish")
        return "both answer, in other words" if said else "the same action, other arguments"

    def fold_effect(self, start: int, stop: int) -> str:
        """The headline effects of a folded stretch, the most frequent first, at most two."""
        result = self._session.result
        if result is None:
            return ""
        effects = result.frame("steps").coded("headline_effect")
        steps = np.concatenate([side.steps[start:stop] for side in self._aligned.sides])
        codes = effects.codes[steps[steps >= 0]]
        counts = np.bincount(codes[codes >= 0], minlength=len(effects.names))
        order = np.argsort(-counts, kind="stable")[:2]
        return ", ".join(effects.names[i].replace("_", " ") for i in order if counts[i])

    def turn(self, side: int, turn: int, longest: int = 300) -> tuple[str, str]:
        """Who said it, and what, safe to be drawn."""
        dataset = self._session.dataset
        assert dataset is not None
        said = self._aligned.sides[side].said
        return said.speakers[turn], elided(said.text(dataset, turn), longest)

    def tip(self, row: int, side: int) -> str:
        """Everything about a cell in a few lines."""
        cell = self.cell(row, side)
        if cell is None:
            return "Nothing stands here on this side."
        lines = [f"step {cell.number} · {cell.effect or 'no effect'} · severity {cell.severity} · {cell.outcome}"]
        if cell.concern:
            seen = "escapes every filter" if cell.escapes else "passes the filter" if cell.passes else "flagged"
            lines.append(f"of concern · {seen}")
        similarity = float(self._aligned.similarity[row])
        alike = f"similarity {similarity:.2f}" if similarity == similarity and similarity < 1 else ""
        lines += [" · ".join(word for word in (self.how(row), alike) if word), *self.differing(row)]
        if self._aligned.columns is not None:
            lines.append(standing(self._aligned.columns, row, side))
            apart = int(self._aligned.columns.told_apart[side])
            if 0 <= apart <= row:
                lines.append(f"told something else than the first column since row {apart + 1}")
        return "\n".join((*filter(None, lines), cell.text))

    def agreement(self, row: int) -> str:
        """What most columns of a row do, and which do something that nobody else does."""
        columns, sides = self._aligned.columns, self._aligned.sides
        if columns is None:
            return ""
        n, same = len(sides), int(columns.agreeing[row])
        common = next((side for side in range(n) if columns.common[side, row]), 0)
        cell = self.cell(row, common)
        said = "" if cell is None else f": {cell.text}"
        lines = [f"{same} of {n} columns do the same{said}" if same > 1 else f"no two of {n} columns do the same here"]
        lines += [f"unique: {sides[side].title}" for side in range(n) if columns.unique[side, row]]
        return "\n".join(lines)

    def _make(self, row: int, side: int) -> Cell | None:
        step = int(self._aligned.sides[side].steps[row])
        dataset, result = self._session.dataset, self._session.result
        if step < 0 or dataset is None:
            return None
        text = self._text(step)
        differs: tuple[Span, ...] = ()
        if len(self._aligned.sides) > 1 and (self._aligned.operation[row] == SUBSTITUTE or self._aligned.differs(row)):
            others = self._compared_with(row, side)
            if others:
                text, differs = self._set_off(row, step, others[0])
        outcome = dataset.outcome.of(step) or "unknown"
        if result is None:
            return Cell(self.number(step), text, differs, "", 0, outcome, False, False, False)
        frame = result.frame("steps")
        return Cell(
            self.number(step), text, differs, (frame.coded("headline_effect").of(step) or "").replace("_", " "),
            int(frame.numbers("severity")[step]), outcome, bool(frame.numbers("concern")[step]),
            not bool(frame.numbers("filter_flagged")[step]), bool(frame.numbers("escapes_all")[step]),
        )  # fmt: skip

    def _set_off(self, row: int, step: int, other: int) -> tuple[str, tuple[Span, ...]]:
        """A step's line and the places in it that another step lacks; where they come late, what is before them is
        left out."""
        text, beside = self._text(step), self._text(other)
        differs, there = differing_spans(text, beside)
        if not differs and not there and self._aligned.differs(row):
            assert self._session.dataset is not None
            text, beside = (visible(step_line(self._session.dataset, s, _FAR)) for s in (step, other))
            differs, there = differing_spans(text, beside)
            cut = max(min((span.start for span in (*differs, *there)), default=0) - _BEFORE, 0)
            text = "…" + text[cut : cut + LONGEST] if cut else text
            if cut:
                differs, there = (tuple(Span(a - cut + 1, b - cut + 1) for a, b in spans) for spans in (differs, there))
        if there and (not differs or there[0].start < differs[0].start):
            # Up to the first difference both are the same: here something is missing.
            differs = (Span(there[0].start, there[0].start), *differs)
        differs = _joined(text, differs)
        # Where almost nothing is shared, setting all of it off would say nothing.
        shared = _letters(text) - sum(_letters(text[start:end]) for start, end in differs)
        least = _SHARED if self._aligned.columns is None else _SHARED_MANY
        return text, () if shared < least * min(_letters(text), _letters(beside)) else differs

    def _compared_with(self, row: int, side: int) -> list[int]:
        """Steps a cell's text is held against: those of the other columns; among many, those that do the commonest
        thing, and none where the cell is one of them."""
        sides, columns = self._aligned.sides, self._aligned.columns
        beside = [number for number, other in enumerate(sides) if number != side and other.steps[row] >= 0]
        if columns is not None:
            if columns.common[side, row] and columns.agreeing[row] > 1:
                return []
            beside = [number for number in beside if columns.common[number, row]]
        return [int(sides[number].steps[row]) for number in beside]

    def whole(self, row: int, side: int) -> str:
        """All of a step's arguments, hidden characters made visible; empty at a gap."""
        step, dataset = int(self._aligned.sides[side].steps[row]), self._session.dataset
        return "" if step < 0 or dataset is None else visible(dataset.step_text(step).arguments or "")

    def _text(self, step: int) -> str:
        if step not in self._texts:
            assert self._session.dataset is not None
            self._texts[step] = visible(step_line(self._session.dataset, step))
        return self._texts[step]

    def _name(self, step: int) -> str:
        """The tool, or a command's first word."""
        assert self._session.dataset is not None
        dataset = self._session.dataset
        if dataset.kind.of(step) in ("shell", "sql", "code"):
            words = self._text(step).split(maxsplit=1)
            return words[0][:40] if words else ""
        return visible((dataset.tool.of(step) or dataset.kind.of(step) or "")[:40])


def standing(columns: Columns, row: int, side: int) -> str:
    """How a cell stands among its row, in words."""
    same, n = int(columns.agreeing[row]), len(columns.trajectories)
    if columns.unique[side, row]:
        return "unique: no other column does this, here or anywhere else"
    if columns.common[side, row] and same > 1:
        return f"{same} of {n} columns do the same here"
    if columns.alone[side, row]:
        return "no other column does this here" + (f"; {same} of {n} agree on something else" if same > 1 else "")
    return f"some columns do the same here; {same} of {n} agree on something else"


def _joined(text: str, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Places with one character of punctuation between them as one: 0.01 is one number."""
    joined: list[Span] = []
    for span in spans:
        between = text[joined[-1].end : span.start] if joined else "  "
        if len(between) <= 1 and not between.isspace():
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return tuple(joined)


def _value(value: str) -> str:
    return "nothing" if not value else visible(value if len(value) <= _VALUE else value[: _VALUE - 1] + "…")


def _thousands(number: str) -> str:
    """A number that is the place in a trajectory, readable where it is long."""
    return f"{int(number):,}" if number.isascii() and number.isdigit() and 4 <= len(number) <= 9 else number


def _letters(text: str) -> int:
    """Letters and figures: blanks and punctuation are shared by any two commands."""
    return sum(map(str.isalnum, text))
