"""The left part of the workbench: list, words, unit, scope, action, and a second list to compare with."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from explorer.model.token_filter import FilterAction, FilterScope, FilterSpec, FilterUnit
from views.shared.painters import words
from views.shared.widgets import Secondary

_TYPING_MS = 350
_OWN = "your words"


class FilterControls(QWidget):
    """``changed`` emits the filter and the one to compare with (None = none), shortly after the last keystroke."""

    changed = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presets: tuple[FilterSpec, ...] = ()
        self._list = QComboBox()
        self._words = QLineEdit()
        self._words.setPlaceholderText("words, separated by commas")
        self._unit = QComboBox()
        self._unit.addItems([unit.value for unit in FilterUnit])
        self._scopes = {scope: QCheckBox(scope.value) for scope in FilterScope}
        self._action = QComboBox()
        self._action.addItems([words(action.value) for action in FilterAction])
        self._other = QComboBox()
        self._note = Secondary("")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_TYPING_MS)
        self._timer.timeout.connect(self._emit)
        self._filling = False
        self._lay_out()
        self._list.currentIndexChanged.connect(self._on_list_chosen)
        self._words.textEdited.connect(self._on_words_edited)
        for box in (self._unit, self._action, self._other):
            box.currentIndexChanged.connect(self._on_changed)
        for check in self._scopes.values():
            check.toggled.connect(self._on_changed)

    def set_presets(self, presets: tuple[FilterSpec, ...], chosen: FilterSpec) -> None:
        """Offer lists and show one."""
        self._presets = presets
        self._filling = True
        self._list.clear()
        self._list.addItems([*(spec.name for spec in presets), _OWN])
        self._other.clear()
        self._other.addItems(["nothing", *(spec.name for spec in presets)])
        names = [spec.name for spec in presets]
        self._list.setCurrentIndex(names.index(chosen.name) if chosen.name in names else len(names))
        self._show(chosen)
        self._filling = False

    def spec(self) -> FilterSpec | None:
        """The filter as set; None while it has no words or reads nothing."""
        said = tuple(word.strip() for word in self._words.text().split(",") if word.strip())
        scope = tuple(part for part, check in self._scopes.items() if check.isChecked())
        if not said or not scope:
            return None
        return FilterSpec(
            self._list.currentText(), said, list(FilterUnit)[self._unit.currentIndex()], scope,
            list(FilterAction)[self._action.currentIndex()],
        )  # fmt: skip

    def other(self) -> FilterSpec | None:
        """The list to compare with."""
        index = self._other.currentIndex() - 1
        return self._presets[index] if 0 <= index < len(self._presets) else None

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        form.setHorizontalSpacing(8)
        form.setVerticalSpacing(6)
        form.addRow("list", self._list)
        form.addRow("words", self._words)
        form.addRow("unit", self._unit)
        scopes = QGridLayout()
        scopes.setSpacing(4)
        for number, check in enumerate(self._scopes.values()):
            scopes.addWidget(check, number // 2, number % 2)
        form.addRow("reads", scopes)
        form.addRow("then", self._action)
        form.addRow("against", self._other)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 8, 8)
        column.addLayout(form)
        column.addWidget(self._note)
        column.addStretch(1)

    def _show(self, spec: FilterSpec) -> None:
        self._words.setText(", ".join(spec.words))
        self._words.setCursorPosition(0)
        self._unit.setCurrentIndex(list(FilterUnit).index(spec.unit))
        for part, check in self._scopes.items():
            check.setChecked(part in spec.scope)
        self._action.setCurrentIndex(list(FilterAction).index(spec.action))
        self._note.setText(spec.note)

    def _on_list_chosen(self, index: int) -> None:
        if self._filling:
            return
        if 0 <= index < len(self._presets):
            self._filling = True
            self._show(self._presets[index])
            self._filling = False
        self._timer.start()

    def _on_words_edited(self, text: str) -> None:
        self._filling = True
        self._list.setCurrentIndex(self._list.count() - 1)
        self._note.setText("")
        self._filling = False
        self._timer.start()

    def _on_changed(self) -> None:
        if not self._filling:
            self._timer.start()

    def _emit(self) -> None:
        spec = self.spec()
        if spec is not None:
            self.changed.emit(spec, self.other())
