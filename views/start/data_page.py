"""The data report: what was read, what was rejected, what is missing, and which trajectories are dead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QPushButton, QTableView

from explorer.model.trajectory import Dataset
from explorer.session.step_line import task_words
from explorer.session.unpaired import aliases_in_force
from views.shared import theme
from views.shared.painters import words
from views.shared.plain_text import PlainLabel, tooltip_text
from views.shared.visible import elided
from views.shared.widgets import Secondary, SectionTitle, spaced
from views.start.page import Page

_Index = QModelIndex | QPersistentModelIndex


_NOT_PAIRED, _ALIKE, _RENAMED = "NOT PAIRED", "KEYS THAT LOOK ALIKE", "TASKS NAMED ANEW"
_AUDITED = (_NOT_PAIRED, _ALIKE)
"""Sections that an audit fills; without one there is nothing to say, not even "none"."""


class CellModel(QAbstractTableModel):
    """Rows of plain cells; numbers stand right."""

    def __init__(self, titles: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        super().__init__()
        self._titles, self._rows = tuple(titles), tuple(tuple(row) for row in rows)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  likewise
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        value = self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{value:,}" if isinstance(value, int) else elided("" if value is None else str(value))
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(value, str) and len(value) > 40:
            return tooltip_text(value)
        if role == Qt.ItemDataRole.TextAlignmentRole and isinstance(value, int):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._titles[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


class DataPage(Page):
    """From the loader's report and the dataset itself."""

    back_wanted = Signal()
    unpaired_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("Data report")
        self.counts = PlainLabel("", self, wrap=True)
        self.body.addWidget(self.counts)
        self.tables: dict[str, QTableView] = {}
        self.titles: dict[str, SectionTitle] = {}
        for name in (*_AUDITED, _RENAMED, "PROBLEMS", "REJECTED ROWS", "DEAD OR CUT OFF", "FILES"):
            self.titles[name] = SectionTitle(name, self)
            table = QTableView(self)
            table.setShowGrid(False)
            table.setTabKeyNavigation(False)
            table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
            table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
            table.verticalHeader().hide()
            table.verticalHeader().setDefaultSectionSize(theme.ROW_HEIGHT)
            table.horizontalHeader().setStretchLastSection(True)
            table.setAccessibleName(name.lower())
            self.tables[name] = table
            self.body.addWidget(self.titles[name])
            self.body.addWidget(table)
        self.unpaired = QPushButton("Unpaired tasks …", self)
        self.unpaired.clicked.connect(self.unpaired_wanted)
        self.advice = Secondary("Keys that look alike may be the same task: choose there which are.", self)
        place = self.body.indexOf(self.tables[_RENAMED]) + 1
        self.body.insertLayout(place, spaced(self.unpaired, self.advice))
        self.body.addWidget(Secondary("A null is not a zero: both are counted apart.", self))
        self.body.addStretch(1)
        self.add_back("Back").clicked.connect(self.back_wanted)

    def show_report(
        self, report: Mapping[str, Any], dataset: Dataset, summary: Mapping[str, Any] | None = None
    ) -> None:
        """Show a dataset's load report, and what the ``summary`` of its audit says of pairing."""
        quality = report.get("quality", {})
        self.counts.setText(
            f"{quality.get('rows_in', 0):,} rows in = {quality.get('rows_read', 0):,} read + "
            f"{quality.get('rows_rejected', 0):,} rejected with a reason. {dataset.n_trajectories:,} trajectories, "
            f"{dataset.n_steps:,} steps; {int(dataset.dead.sum()):,} dead, {quality.get('cut_off', 0):,} cut off."
        )
        self._fill(
            "PROBLEMS", ("file", "row", "column", "what", "times"),
            [(p["file"], p["row"], p["column"], p["message"], p["count"]) for p in _dicts(
                quality.get("problems"), ("file", "row", "column", "code", "message", "count"))],
        )  # fmt: skip
        self._fill(
            "REJECTED ROWS", ("file", "row", "reason"),
            [(r["file"], r["row"], r["reason"]) for r in _dicts(quality.get("rejected"), ("file", "row", "reason"))],
        )  # fmt: skip
        self._fill("DEAD OR CUT OFF", ("group", "task", "trial", "end", "steps", "file", "row"), _not_finished(dataset))
        self._show_pairing(summary, aliases_in_force(report))
        files = [f for part in report.get("reports", (report,)) for f in part.get("files", ())]
        self._fill(
            "FILES", ("file", "read as", "rows", "bytes", "sha256"),
            [(f["path"], f["loader"], f["rows"], f["bytes"], f["sha256"])
             for f in _dicts(files, ("path", "loader", "rows", "sha256", "bytes"))],
        )  # fmt: skip

    def _show_pairing(self, summary: Mapping[str, Any] | None, aliases: Mapping[str, str]) -> None:
        told = summary or {}
        unpaired = told.get("unpaired", ())
        self._fill(
            _NOT_PAIRED, ("group", "task", "trial", "reason"),
            [(u["group"], task_words(u["task"]), u["trial"], u["reason"]) for u in unpaired],
            int(told.get("n_unpaired", 0)),
        )  # fmt: skip
        self._fill(
            _ALIKE, ("role", "task", "role", "task that looks alike", "similarity"),
            [(words(a["first_role"]), task_words(a["first"]), words(a["second_role"]), task_words(a["second"]),
              f"{a['similarity']:.0f} %") for a in told.get("key_suggestions", ())],
        )  # fmt: skip
        self._fill(
            _RENAMED, ("task as logged", "is paired as"),
            [(task_words(key), task_words(becomes)) for key, becomes in sorted(aliases.items())],
        )  # fmt: skip
        self.titles[_RENAMED].setVisible(bool(aliases))
        self.advice.setVisible(bool(told.get("key_suggestions")))
        self.unpaired.setVisible(bool(unpaired) or bool(aliases))
        paired = bool(told.get("counts", {}).get("pairs")) or bool(unpaired)
        for name in _AUDITED:
            self.titles[name].setVisible(paired)

    def _fill(self, name: str, titles: Sequence[str], rows: Sequence[Sequence[object]], total: int = 0) -> None:
        table = self.tables[name]
        model = CellModel(titles, rows)
        model.setParent(table)
        table.setModel(model)
        table.setVisible(bool(rows))
        shown = f"{len(rows):,}" if total <= len(rows) else f"the first {len(rows):,} of {total:,}"
        self.titles[name].setText(f"{name} · {shown}" if rows else f"{name} · none")
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column in range(len(titles) - 1):
            table.resizeColumnToContents(column)
            table.setColumnWidth(column, min(table.columnWidth(column) + 12, 380))
        table.setFixedHeight(min(len(rows), 8) * theme.ROW_HEIGHT + 34)


def _not_finished(dataset: Dataset) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for t in range(dataset.n_trajectories):
        end = dataset.end.of(t)
        if end == "finished":
            continue
        rows.append(
            (dataset.group.of(t), task_words(dataset.task.of(t) or ""), int(dataset.trial[t]), words(end or ""),
             int(dataset.lengths[t]), dataset.trajectories["source_file"][t].as_py(),
             int(dataset.trajectories["source_row"][t].as_py()))
        )  # fmt: skip
        if len(rows) >= 2_000:
            break
    return rows


def _dicts(items: Any, names: Sequence[str]) -> list[Mapping[str, Any]]:
    """Reports hold named tuples, which JSON turns into lists."""
    return [item if isinstance(item, Mapping) else dict(zip(names, item, strict=False)) for item in items or ()]
