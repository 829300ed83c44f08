"""Facets over the queue: what is shown, and what each further choice would leave."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from psygnal import Signal

from explorer.model.trajectory import Coded
from explorer.session.entries import BoolArray, Entries

UNJUDGED = "not judged"
PASSES, FLAGGED, ESCAPES = "passes", "flagged", "escapes every filter"


class FacetValue(NamedTuple):
    """One line of a facet: its name, how many entries (n) it has under all *other* facets, and whether it is chosen."""

    name: str
    n: int
    chosen: bool


class QueueFilters:
    """Which entries are shown: any value chosen in a facet (none = all), all facets together, plus a text and the
    brushed trajectories."""

    changed = Signal()

    def __init__(self) -> None:
        self._entries: Entries | None = None
        self._columns: dict[str, Coded] = {}
        self._masks: dict[str, Mapping[str, BoolArray]] = {}
        self.chosen: dict[str, frozenset[str]] = {}
        self.text = ""
        self._text_mask: BoolArray | None = None
        self._brushed: BoolArray | None = None
        self._steps: BoolArray | None = None
        self._search: Callable[[str], BoolArray] | None = None

    def bind(self, entries: Entries | None, search: Callable[[str], BoolArray] | None = None) -> None:
        """Filter these entries from now on; ``search`` says which of them hold a text."""
        self._entries = entries
        self._search = search
        self._columns = {}
        self._masks = {}
        if entries is not None:
            self._columns = {
                "lane": entries.lane,
                "effect": entries.effect,
                "outcome": entries.outcome,
                "group": entries.group,
                "target from": entries.origin,
                "task": entries.task,
                "against": entries.against,
                "alignment": entries.alignment,
            }
            self._masks["token filter"] = {
                PASSES: entries.passes,
                FLAGGED: ~entries.passes,
                ESCAPES: entries.escapes_all,
            }
        self.chosen = {name: values for name, values in self.chosen.items() if name in self.facets}
        self._text_mask = None
        self._brushed = None
        self._steps = None
        if self.text and search is not None:
            self._text_mask = search(self.text)
        self.changed.emit()

    @property
    def facets(self) -> tuple[str, ...]:
        return (
            "lane", "token filter", "effect", "outcome", "group", "against", "verdict", "target from", "alignment",
            "task",
        )  # fmt: skip

    def set_verdicts(self, verdicts: Coded) -> None:
        """Tell the current verdict of each entry (code -1 = not judged)."""
        self._columns["verdict"] = Coded(
            np.where(verdicts.codes < 0, len(verdicts.names), verdicts.codes).astype(np.int32),
            (*verdicts.names, UNJUDGED),
        )
        self.changed.emit()

    def choose(self, facet: str, values: Collection[str]) -> None:
        """Choose values of a facet; an empty collection = all."""
        new = frozenset(values)
        if self.chosen.get(facet, frozenset()) == new:
            return
        self.chosen = {**self.chosen, facet: new}
        if not new:
            del self.chosen[facet]
        self.changed.emit()

    def toggle(self, facet: str, value: str) -> None:
        """Choose a value of a facet, or no longer."""
        self.choose(facet, self.chosen.get(facet, frozenset()) ^ {value})

    def set_text(self, text: str) -> None:
        """Show only entries that hold ``text`` (in task, target, tool or arguments; case is ignored)."""
        if text == self.text:
            return
        self.text = text
        self._text_mask = self._search(text) if text and self._search is not None else None
        self.changed.emit()

    def set_brushed(self, trajectories: Collection[int]) -> None:
        """Show only entries one of whose sides is among these trajectories (empty = all)."""
        if self._entries is None:
            return
        self._steps = None
        if trajectories:
            rows = np.fromiter(trajectories, dtype=np.int64)
            self._brushed = np.isin(self._entries.student_trajectory, rows) | np.isin(
                self._entries.teacher_trajectory, rows
            )
        else:
            self._brushed = None
        self._steps = None
        self.changed.emit()

    def set_steps(self, steps: npt.NDArray[np.int64]) -> None:
        """Show only entries whose effect stands at one of these step rows, until something else is brushed."""
        if self._entries is not None:
            self._steps = np.isin(self._entries.step, steps)
            self.changed.emit()

    def clear(self) -> None:
        """Show everything."""
        self.chosen = {}
        self.text = ""
        self._text_mask = None
        self._brushed = None
        self._steps = None
        self.changed.emit()

    @property
    def active(self) -> bool:
        """Whether anything is hidden by choice."""
        masks = (self._text_mask, self._brushed, self._steps)
        return bool(self.chosen) or any(mask is not None for mask in masks)

    def visible(self) -> npt.NDArray[np.int64]:
        """Rows of the shown entries, by rank."""
        if self._entries is None:
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(self._mask(skip=None))

    def values(self, facet: str) -> tuple[FacetValue, ...]:
        """The lines of a facet, the most frequent first; counts under all other facets."""
        if self._entries is None:
            return ()
        mask = self._mask(skip=facet)
        chosen = self.chosen.get(facet, frozenset())
        if facet in self._masks:
            return tuple(
                FacetValue(name, int((member & mask).sum()), name in chosen)
                for name, member in self._masks[facet].items()
            )
        column = self._columns.get(facet)
        if column is None:
            return ()
        present = column.codes[mask & (column.codes >= 0)]
        counts = np.bincount(present, minlength=len(column.names))
        occurring = np.bincount(column.codes[column.codes >= 0], minlength=len(column.names)) > 0
        order = np.argsort(-counts, kind="stable")
        return tuple(
            FacetValue(column.names[i], int(counts[i]), column.names[i] in chosen) for i in order if occurring[i]
        )

    def acts(self, facet: str) -> dict[str, int]:
        """How many different acts and attempts stand behind the entries of each value of a facet ("" = all values);
        counts under all other facets, like those of :meth:`values`."""
        column = self._columns.get(facet)
        if self._entries is None or column is None:
            return {}
        mask = self._mask(skip=facet) & (column.codes >= 0)
        found = {"": self._entries.n_acts(np.flatnonzero(mask))}
        for code, name in enumerate(column.names):
            found[name] = self._entries.n_acts(np.flatnonzero(mask & (column.codes == code)))
        return found

    def _mask(self, skip: str | None) -> BoolArray:
        assert self._entries is not None
        mask = np.ones(len(self._entries), dtype=bool)
        if self._text_mask is not None:
            mask &= self._text_mask
        if self._brushed is not None:
            mask &= self._brushed
        if self._steps is not None:
            mask &= self._steps
        for facet, values in self.chosen.items():
            if facet == skip:
                continue
            if facet in self._masks:
                members = [self._masks[facet][value] for value in values if value in self._masks[facet]]
                mask &= np.logical_or.reduce(members) if members else False
            elif facet in self._columns:
                column = self._columns[facet]
                mask &= np.isin(column.codes, [column.code(value) for value in values])
        return mask
