"""A plain table: rows chosen whole, sorted by its header, Space checks what is selected."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from views.pairing.rows import AlikeModel, RowsModel
from views.shared import theme

_WIDEST = 460


class RowsTable(QTableView):
    """Shows a :class:`RowsModel`; ``wide`` are the columns that share what width is left."""

    def __init__(self, model: RowsModel[Any], name: str, wide: tuple[int, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = model
        model.setParent(self)
        self.setModel(model)
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        header.setResizeContentsPrecision(200)
        for column in range(model.columnCount()):
            stretch = QHeaderView.ResizeMode.Stretch
            header.setSectionResizeMode(column, stretch if column in wide else QHeaderView.ResizeMode.Interactive)
            if column not in wide:
                self.resizeColumnToContents(column)
                self.setColumnWidth(column, min(self.columnWidth(column) + 16, _WIDEST))

    def height_of(self, rows: int) -> int:
        """How high the table is with so many rows in full."""
        return self.horizontalHeader().sizeHint().height() + rows * theme.ROW_HEIGHT + 2

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and isinstance(self._rows, AlikeModel):
            self._rows.toggle(sorted({index.row() for index in self.selectionModel().selectedRows()}))
            return
        super().keyPressEvent(event)
