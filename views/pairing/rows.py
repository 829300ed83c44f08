"""The dialog's two tables as models: rows that are sorted by any column, searched, and (keys) chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from explorer.session.step_line import task_words
from explorer.session.unpaired import AlikeKey, UnpairedTask, chosen_aliases
from views.shared.plain_text import tooltip_text
from views.shared.visible import elided

Index = QModelIndex | QPersistentModelIndex
Row = TypeVar("Row")
_TIP_FROM = 24
ROLE_COLUMNS = (1, 3)
"""Columns of :class:`AlikeModel` that are empty where every row was accepted before."""


class Column(NamedTuple):
    """One column: its title, a row's words in it, by what it is sorted, and whether it stands right."""

    title: str
    words: Callable[[Any], str]
    key: Callable[[Any], Any]
    right: bool = False


class RowsModel(QAbstractTableModel, Generic[Row]):
    """Rows in the order and choice of the moment."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Row], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._all = tuple(rows)
        self._found_by = tuple("\n".join(c.words(row) for c in self._columns).casefold() for row in self._all)
        self._needle = ""
        self._sorted_by: tuple[int, bool] | None = None
        self._shown: list[Row] = list(self._all)

    def add(self, row: Row) -> None:
        """One row more, before the others."""
        self._all = (row, *self._all)
        self._found_by = tuple("\n".join(c.words(one) for c in self._columns).casefold() for one in self._all)
        self._arrange()

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row, whether or not it is shown."""
        return self._all

    @property
    def shown(self) -> tuple[Row, ...]:
        """The rows on show, in order."""
        return tuple(self._shown)

    def set_search(self, text: str) -> None:
        """Show the rows that hold a text in any column."""
        self._needle = text.strip().casefold()
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column (-1 = as given)."""
        falling = order == Qt.SortOrder.DescendingOrder
        self._sorted_by = (column, falling) if 0 <= column < len(self._columns) else None
        self._arrange()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's own default
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  likewise
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        column = self._columns[index.column()]
        words = column.words(self._shown[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return elided(words)
        if role == Qt.ItemDataRole.ToolTipRole and len(words) > _TIP_FROM:
            return tooltip_text(words)
        if role == Qt.ItemDataRole.TextAlignmentRole and column.right:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self._columns[section].right else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def _arrange(self) -> None:
        self.layoutAboutToBeChanged.emit()
        pairs = zip(self._all, self._found_by, strict=True)
        self._shown = [row for row, found_by in pairs if self._needle in found_by]
        if self._sorted_by is not None:
            column, falling = self._sorted_by
            self._shown.sort(key=self._columns[column].key, reverse=falling)
        self.layoutChanged.emit()


class UnpairedModel(RowsModel[UnpairedTask]):
    """Tasks with trajectories that have no partner."""

    def __init__(self, rows: Sequence[UnpairedTask], parent: QObject | None = None) -> None:
        columns = (
            Column("task", lambda row: task_words(row.task), lambda row: task_words(row.task).casefold()),
            Column("group", lambda row: ", ".join(row.groups), lambda row: row.groups),
            Column("trajectories", _share, lambda row: row.trajectories, right=True),
            Column("why", lambda row: row.reason, lambda row: row.reason),
        )
        super().__init__(columns, rows, parent)


class AlikeModel(RowsModel[AlikeKey]):
    """Keys that may mean the same task; what is checked will be in force."""

    chosen_changed = Signal()

    def __init__(self, rows: Sequence[AlikeKey], parent: QObject | None = None) -> None:
        columns = (
            Column("key", lambda row: task_words(row.key), lambda row: task_words(row.key).casefold()),
            Column("of the", lambda row: row.key_role, lambda row: row.key_role),
            Column("is paired as", lambda row: task_words(row.becomes), lambda row: task_words(row.becomes).casefold()),
            Column("of the", lambda row: row.becomes_role, lambda row: row.becomes_role),
            Column("alike", _similarity, lambda row: row.similarity, right=True),
            Column("trajectories", _sides, lambda row: row.key_trajectories + row.becomes_trajectories, right=True),
            Column("pairs", _pairs, lambda row: row.pairs, right=True),
        )
        super().__init__(columns, rows, parent)
        self._chosen = {row for row in self._all if row.accepted}

    def flags(self, index: Index) -> Qt.ItemFlag:
        held = super().flags(index)
        return held | Qt.ItemFlag.ItemIsUserCheckable if index.column() == 0 else held

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.CheckStateRole:
            if index.column():
                return None
            on = self._shown[index.row()] in self._chosen
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        return super().data(index, role)

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or index.column():
            return False
        self.choose([self._shown[index.row()]], Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def choose(self, rows: Iterable[AlikeKey], on: bool) -> None:
        """Check or uncheck rows. A key has one new name: of several rows of one key the last one chosen stands."""
        for row in rows:
            if on:
                self._chosen = {other for other in self._chosen if other.key != row.key}
                self._chosen.add(row)
            else:
                self._chosen.discard(row)
        last = self.index(max(len(self._shown) - 1, 0), 0)
        self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.CheckStateRole])
        self.chosen_changed.emit()

    def add_chosen(self, row: AlikeKey) -> None:
        """A row that was made by hand, checked; one with the same keys is checked instead."""
        held = next((one for one in self._all if (one.key, one.becomes) == (row.key, row.becomes)), None)
        if held is None:
            self.add(row)
        self.choose([held or row], True)

    def toggle(self, places: Sequence[int]) -> None:
        """Check the rows on show at some places, or uncheck them where all are checked."""
        rows = [self._shown[place] for place in places if 0 <= place < len(self._shown)]
        if rows:
            self.choose(rows, not all(row in self._chosen for row in rows))

    @property
    def all_shown_chosen(self) -> bool:
        """Whether every row on show is checked."""
        return bool(self._shown) and all(row in self._chosen for row in self._shown)

    @property
    def aliases(self) -> dict[str, str]:
        """The aliases that would be in force."""
        return chosen_aliases(row for row in self._all if row in self._chosen)

    @property
    def accepted(self) -> tuple[AlikeKey, ...]:
        """Suggestions that are checked."""
        return tuple(row for row in self._all if row in self._chosen and not row.accepted)

    @property
    def taken_back(self) -> tuple[AlikeKey, ...]:
        """Aliases in force that are unchecked."""
        return tuple(row for row in self._all if row.accepted and row not in self._chosen)


def _share(row: UnpairedTask) -> str:
    return f"{row.trajectories:,}" if row.trajectories == row.of else f"{row.trajectories:,} of {row.of:,}"


def _similarity(row: AlikeKey) -> str:
    return "accepted" if row.accepted else "by hand" if row.similarity < 0 else f"{row.similarity:.0f} %"


def _sides(row: AlikeKey) -> str:
    there = f"{row.becomes_trajectories:,}"
    return there if row.accepted else f"{row.key_trajectories:,} + {there}"


def _pairs(row: AlikeKey) -> str:
    return f"{row.pairs:,}" if row.accepted else f"≤ +{row.pairs:,}" if row.similarity < 0 else f"+{row.pairs:,}"
