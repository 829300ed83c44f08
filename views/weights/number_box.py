"""A box for a number of any size that shows it whole and gives back exactly what was put in."""

from __future__ import annotations

from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

_DECIMALS = 323
"""As many as Qt takes: fewer would round what a file says."""
_STEPPED = 12


class NumberBox(QDoubleSpinBox):
    """Shows the shortest text that is the number (0.125, 1e-05), whatever the number of its digits; takes what a
    settings file takes, with a point."""

    def __init__(self, least: float, most: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(_DECIMALS)
        self.setRange(least, most)
        self.setSingleStep(0.1)

    def textFromValue(self, value: float) -> str:
        return repr(value).removesuffix(".0")

    def valueFromText(self, text: str) -> float:
        return _number(text) or 0.0

    def stepBy(self, steps: int) -> None:
        # Tenths add up to 0.30000000000000004; who steps means 0.3.
        self.setValue(round(self.value() + steps * self.singleStep(), _STEPPED))

    def validate(self, text: str, at: int) -> tuple[QValidator.State, str, int]:
        value = _number(text)
        if value is None:
            started = not set(text.lower()) - set("0123456789+-.e ")
            state = QValidator.State.Intermediate if started else QValidator.State.Invalid
        else:
            inside = self.minimum() <= value <= self.maximum()
            state = QValidator.State.Acceptable if inside else QValidator.State.Intermediate
        return state, text, at


def _number(text: str) -> float | None:
    try:
        return float(text.replace("_", "?"))
    except ValueError:
        return None
