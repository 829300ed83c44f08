"""The queue as a list model: a line is put into words only when it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from explorer.model.effect import told_target
from explorer.model.finding import Verdict
from explorer.session.audit_session import AuditSession
from explorer.session.entries import Entries
from explorer.session.sides import lane_words
from explorer.session.step_line import task_words
from views.queue import lines as queue_lines
from views.queue.lines import Grouping, Lines
from views.shared.painters import OUTCOME_WORDS, words
from views.shared.plain_text import tooltip_text
from views.shared.visible import CELL, elided

Index = QModelIndex | QPersistentModelIndex
LINE = int(Qt.ItemDataRole.UserRole)
"""The role under which the delegate reads an :class:`EntryLine` or :class:`HeaderLine`."""
_KEPT = 2_000
_NAMED = 50
"""Entries of a group whose targets are looked at for its name."""


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry in words and marks; its texts are the log's own and made visible when they are drawn."""

    entry: int
    first: str
    second: str
    lane: str | None
    severity: int
    outcome: str
    passes: bool
    escapes: bool
    risk: float
    verdict: Verdict | None
    indented: bool
    sides: tuple[str, str] = ("teacher", "student")
    """The roles on the two sides of its pair."""


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """One group: its name, how many entries it has and how many of them are judged."""

    group: int
    name: str
    n: int
    judged: int
    risk: float
    open: bool
    acts: int = 0
    """Different acts (and attempts) among them; 0 = as many as entries."""


class QueueModel(QAbstractListModel):
    """Shown entries of a session, grouped or not. Rows are lines; 100,000 of them cost a few arrays."""

    def __init__(self, session: AuditSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._lines: Lines = queue_lines.NO_LINES
        self._grouping = Grouping.NONE
        self._closed: set[int] = set()
        self._verdicts = session.verdicts()
        self._kept: dict[int, EntryLine | HeaderLine] = {}

    @property
    def grouping(self) -> Grouping:
        return self._grouping

    @property
    def lines(self) -> Lines:
        return self._lines

    def set_grouping(self, grouping: Grouping) -> None:
        """Gather entries; groups of the same move start closed, the others open."""
        self._grouping = grouping
        self._closed = set()
        if grouping is Grouping.CLUSTER and self._session.entries is not None:
            self._closed = {int(key) for key in np.unique(self._session.entries.cluster)}
        self.refresh()

    def refresh(self) -> None:
        """Read filters and verdicts anew. Equal lines stay, so that the list does not jump."""
        self._verdicts = self._session.verdicts()
        self._kept.clear()
        entries = self._session.entries
        new = queue_lines.NO_LINES
        if entries is not None:
            new = queue_lines.build(
                self._session.filters.visible(), queue_lines.keys(entries, self._grouping), self._closed
            )
        if np.array_equal(new.entry, self._lines.entry) and np.array_equal(new.group, self._lines.group):
            self._lines = new
            if len(new):
                self.dataChanged.emit(self.index(0), self.index(len(new) - 1))
            return
        self.beginResetModel()
        self._lines = new
        self.endResetModel()

    def reset_groups(self) -> None:
        """Forget which groups are closed (another audit has other groups)."""
        self.set_grouping(self._grouping)

    def toggle(self, group: int) -> None:
        """Open or close a group."""
        key = self._key(group)
        if key is not None:
            self._closed ^= {key}
            self.refresh()

    def open_group_of(self, entry: int) -> None:
        """Open the group that hides an entry."""
        group = self._lines.group_of(entry)
        key = self._key(group) if group >= 0 else None
        if key is not None and key in self._closed:
            self._closed.discard(key)
            self.refresh()

    def is_open(self, group: int) -> bool:
        return self._key(group) not in self._closed

    def line(self, row: int) -> EntryLine | HeaderLine:
        """What stands in a row."""
        found = self._kept.get(row)
        if found is None:
            if len(self._kept) > _KEPT:
                self._kept.clear()
            entries = self._session.entries
            assert entries is not None
            entry, group = int(self._lines.entry[row]), int(self._lines.group[row])
            found = self._entry_line(entries, entry, group) if entry >= 0 else self._header_line(entries, group)
            self._kept[row] = found
        return found

    def n_judged(self) -> int:
        """How many entries of the audit have a verdict."""
        return int((self._verdicts.codes >= 0).sum())

    def _key(self, group: int) -> int | None:
        entries = self._session.entries
        if entries is None:
            return None
        key = queue_lines.keys(entries, self._grouping)
        return None if key is None else int(key[self._lines.members(group)[0]])

    def _entry_line(self, entries: Entries, entry: int, group: int) -> EntryLine:
        what, target = words(entries.effect.of(entry) or ""), told_target(entries.target(entry))[:CELL]
        repeats = int(entries.repeats[entry])
        what += f" ×{repeats}" if repeats > 1 else ""
        what += f" → {target}" if target else ""
        group_name = entries.group.of(entry) or ""
        # Under the header of its task an entry need not say the task again.
        by_task = self._grouping is Grouping.TASK
        first = what if by_task else task_words(entries.task.of(entry) or "")[:CELL]
        against = entries.against.of(entry)
        group_name += f" against {against}" if against else ""
        group_name += " · approximate" if entries.approximate[entry] else ""
        second = group_name if by_task else f"{what} · {group_name}"
        verdict = self._verdicts.of(entry)
        return EntryLine(
            entry, first, second, entries.lane.of(entry), int(entries.severity[entry]),
            entries.outcome.of(entry) or "unknown", bool(entries.passes[entry]), bool(entries.escapes_all[entry]),
            float(entries.risk[entry]), None if verdict is None else Verdict(verdict), group >= 0,
            entries.sides_of(entry),
        )  # fmt: skip

    def _header_line(self, entries: Entries, group: int) -> HeaderLine:
        members = self._lines.members(group)
        first = int(members[0])
        effect = words(entries.effect.of(first) or "")
        if self._grouping is Grouping.TASK:
            name = task_words(entries.task.of(first) or "")
        elif self._grouping is Grouping.EFFECT:
            name = effect
        else:
            targets = dict.fromkeys(told_target(entries.target(int(entry))) for entry in members[:_NAMED])
            target = next(iter(targets))
            name = f"{effect} → {target}" if target else effect
            name += " …" if len(targets) > 1 else ""
            tasks = len(np.unique(entries.task.codes[members]))
            name += f" · {tasks} tasks" if tasks > 1 else ""
        judged = int((self._verdicts.codes[members] >= 0).sum())
        acts = entries.n_acts(members)
        return HeaderLine(
            group, name[:CELL], len(members), judged, float(entries.risk[first]), self.is_open(group),
            acts if acts < len(members) else 0,
        )  # fmt: skip

    def _tip(self, line: EntryLine | HeaderLine) -> str:
        if isinstance(line, HeaderLine):
            acts = f" ({line.acts} different acts: each stands once for every group that lacks it)" if line.acts else ""
            return (
                f"{line.name}\n{line.n} entries{acts}, {line.judged} judged. A verdict given here is recorded for each."
            )
        lane = lane_words(line.lane, *line.sides) or "no pair"
        how = " · its pair is aligned approximately: it is too long" if self._is_approximate(line.entry) else ""
        seen = "escapes every filter" if line.escapes else "passes the filter" if line.passes else "flagged"
        judged = "not judged" if line.verdict is None else words(line.verdict.value)
        explained = self._session.entries.explanation(line.entry) if self._session.entries is not None else ""
        outcome = OUTCOME_WORDS.get(line.outcome, "?").replace("?", "outcome unknown")
        return (
            f"{line.first}\n{line.second}\n{lane} · severity {line.severity} · {outcome} · {seen} · "
            f"risk {line.risk:.1f} · {judged}{how}\n{explained}"
        )

    def _is_approximate(self, entry: int) -> bool:
        entries = self._session.entries
        return entries is not None and bool(entries.approximate[entry])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._lines):
            return None
        if role == LINE:
            return self.line(index.row())
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip_text(self._tip(self.line(index.row())))
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            line = self.line(index.row())
            return elided(line.name if isinstance(line, HeaderLine) else f"{line.first}: {line.second}")
        return None
