"""What lines say: the words and marks of the steps on screen, worked out once each. Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from explorer.model.effect import Span
from explorer.session.audit_session import AuditSession
from explorer.session.columns import Columns
from explorer.session.step_line import step_line
from explorer.session.text_diff import differing_spans
from views.alignment.aligned import SUBSTITUTE, Aligned
from views.shared.visible import elided, visible

_KEPT = 4_000
_SHARED, _SHARED_MANY = 0.12, 0.5
_NAMED = 60
"""Steps of a folded stretch whose names are gathered."""


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
        numbers = f"{self.number(int(steps[0]))}–{self.number(int(steps[-1]))}"
        return numbers, f"{len(steps)} × {' / '.join(shown)}{more}"

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
        if similarity == similarity and similarity < 1:
            lines.append(f"similarity {similarity:.2f}")
        if self._aligned.columns is not None:
            lines.append(standing(self._aligned.columns, row, side))
            apart = int(self._aligned.columns.told_apart[side])
            if 0 <= apart <= row:
                lines.append(f"told something else than the first column since row {apart + 1}")
        return "\n".join((*lines, cell.text))

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
        if self._aligned.operation[row] == SUBSTITUTE and len(self._aligned.sides) > 1:
            others = self._compared_with(row, side)
            if others:
                beside = self._text(others[0])
                differs = differing_spans(text, beside)[0]
                # Where almost nothing is shared, setting all of it off would say nothing.
                shared = _letters(text) - sum(_letters(text[start:end]) for start, end in differs)
                least = _SHARED if self._aligned.columns is None else _SHARED_MANY
                if shared < least * min(_letters(text), _letters(beside)):
                    differs = ()
        outcome = dataset.outcome.of(step) or "unknown"
        if result is None:
            return Cell(self.number(step), text, differs, "", 0, outcome, False, False, False)
        frame = result.frame("steps")
        return Cell(
            self.number(step), text, differs, (frame.coded("headline_effect").of(step) or "").replace("_", " "),
            int(frame.numbers("severity")[step]), outcome, bool(frame.numbers("concern")[step]),
            not bool(frame.numbers("filter_flagged")[step]), bool(frame.numbers("escapes_all")[step]),
        )  # fmt: skip

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


def _letters(text: str) -> int:
    """Letters and figures: blanks and punctuation are shared by any two commands."""
    return sum(map(str.isalnum, text))
