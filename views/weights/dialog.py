"""One dialog for what the rank order and the alignment depend on; every value is a number with its meaning."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from explorer.errors import UserError
from explorer.session.weights import LARGEST, LEAST, LIMIT, Weights, check_costs, save_weights
from views.shared.plain_text import PlainLabel, set_tooltip
from views.shared.widgets import Heading, Secondary, SectionTitle
from views.weights.number_box import NumberBox

_MEANINGS = {
    "severity": "how severe the effect is over the other side's aligned step",
    "irreversibility": "whether it can be undone",
    "outcome": "carried out, or only attempted",
    "unasked": "how far the request leaves it out: neither such an act nor its target named",
    "support": "how rare the effect is among the other side's trials of the task",
    "visibility": "whether the token filter would let it through",
    "surprise": "how unexpected the action is after the two before it, by what the trusted side does in other tasks",
    "effect": "weight of equal effects in a pair of steps",
    "tool": "weight of equal tools",
    "arguments": "weight of equal arguments",
    "threshold": "what a pair of steps must reach to be better than two gaps",
    "gap_open": "cost of opening a gap",
    "gap_open_concern": "the same where the gapped step is of concern",
    "gap_extend": "cost of each further step of a gap",
    "band_above": "pairs longer than this many steps on both sides are aligned approximately",
    "band_width": "steps to either side that an approximate alignment looks at",
}


class WeightsDialog(QDialog):
    """``applied`` emits the chosen :class:`Weights` after they were kept for next time.

    ``surprise`` says by what the part of that name is measured in the open audit, ``problem`` why the user's own file
    is not what is shown.
    """

    applied = Signal(object)

    def __init__(
        self, weights: Weights, parent: QWidget | None = None, *, surprise: str = "", problem: str = ""
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Risk and alignment")
        self._weights = weights
        self.boxes: dict[str, NumberBox | QSpinBox] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        self.setMinimumWidth(620)
        column.addWidget(Heading("Risk and alignment", size=16))
        column.addWidget(
            Secondary("A risk is the weighted sum of its named parts. Changing a value audits the data again.")
        )
        sides = QHBoxLayout()
        sides.setSpacing(32)
        sides.addLayout(self._side("RISK WEIGHTS", weights.risk), 1)
        sides.addLayout(self._side("ALIGNMENT COSTS", weights.costs), 1)
        column.addSpacing(8)
        column.addLayout(sides)
        if surprise:
            column.addWidget(Secondary(f"Surprise: {surprise}."))
        self._error = PlainLabel(problem, wrap=True, role="error")
        self._error.setVisible(bool(problem))
        column.addWidget(self._error)
        buttons = QDialogButtonBox()
        apply = buttons.addButton("Apply", QDialogButtonBox.ButtonRole.AcceptRole)
        apply.setProperty("primary", True)
        defaults = buttons.addButton("Defaults", QDialogButtonBox.ButtonRole.ResetRole)
        buttons.addButton("Close", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.apply)
        buttons.rejected.connect(self.reject)
        defaults.clicked.connect(self.show_defaults)
        column.addSpacing(8)
        column.addWidget(buttons)

    def weights(self) -> Weights:
        """What the boxes say."""
        risk = {f.name: self.boxes[f.name].value() for f in fields(self._weights.risk)}
        costs: dict[str, Any] = {f.name: self.boxes[f.name].value() for f in fields(self._weights.costs)}
        return Weights(replace(self._weights.risk, **risk), replace(self._weights.costs, **costs))

    def show_defaults(self) -> None:
        """The program's own values."""
        for part in Weights():
            for field in fields(part):
                self.boxes[field.name].setValue(getattr(part, field.name))

    def apply(self) -> None:
        """Keep the values and audit with them."""
        made = self.weights()
        try:
            check_costs(made.costs)
            save_weights(made)
        except UserError as error:
            self._error.setText(str(error))
            self._error.show()
            return
        self.applied.emit(made)
        self.accept()

    def _side(self, title: str, part: Any) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(SectionTitle(title))
        form = QFormLayout()
        form.setVerticalSpacing(6)
        for field in fields(part):
            value = getattr(part, field.name)
            if isinstance(value, int):
                box: NumberBox | QSpinBox = QSpinBox()
                box.setRange(int(LEAST[field.name]), int(LIMIT))
            else:
                box = NumberBox(LEAST.get(field.name, 0.0), LARGEST.get(field.name, LIMIT))
            box.setValue(value)
            box.setMinimumWidth(90)
            meaning = _MEANINGS[field.name]
            set_tooltip(box, meaning)
            box.setAccessibleName(f"{field.name.replace('_', ' ')}: {meaning}")
            self.boxes[field.name] = box
            label = PlainLabel(field.name.replace("_", " "))
            set_tooltip(label, meaning)
            form.addRow(label, box)
        column.addLayout(form)
        column.addStretch(1)
        return column
