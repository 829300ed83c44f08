"""What concerns you: kinds of effects with their counts, and the word filter with its consequences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout

from explorer.model.effect import CANNOT_TELL, CONCERN_PRESETS, KIND_INFO, KINDS, EffectKind
from explorer.model.token_filter import FilterSpec, FilterUnit
from explorer.session.effect_counts import KindCount
from views.shared.painters import words
from views.shared.plain_text import PlainLabel
from views.shared.widgets import Secondary, SectionTitle, SeverityCells, clear_layout, spaced
from views.start.page import Page

_NEVER = frozenset({EffectKind.NONE, EffectKind.REFUSE, EffectKind.READ, EffectKind.CREATE}) | CANNOT_TELL


class ConcernPage(Page):
    """Kinds left, filter right."""

    back_wanted = Signal()
    summary_wanted = Signal()

    def __init__(self, filters: Sequence[FilterSpec]) -> None:
        super().__init__(
            "What concerns you",
            "Effects of these kinds enter the queue. The filter is what sanitation by words would use; "
            "what it does is counted, nothing is removed.",
        )
        self._filters = tuple(filters)
        self.presets = QButtonGroup(self)
        self.presets.setExclusive(True)
        self.kinds: dict[EffectKind, QCheckBox] = {}
        self._counts: dict[EffectKind, PlainLabel] = {}
        self.filter = QComboBox(self)
        self.filter.setAccessibleName("Word list")
        for spec in self._filters:
            self.filter.addItem(spec.name, spec.name)
        self.unit = QComboBox(self)
        self.unit.setAccessibleName("Unit")
        for unit in FilterUnit:
            self.unit.addItem(unit.value, unit.value)
        self.words = Secondary("", self)
        self.consequences = QGridLayout()
        self.consequences.setHorizontalSpacing(16)
        self.consequences.setVerticalSpacing(4)
        self._lay_out()
        self.filter.currentIndexChanged.connect(self._on_filter_changed)
        self.unit.currentIndexChanged.connect(self._on_filter_changed)
        self.add_back("Back").clicked.connect(self.back_wanted)
        self.finish = self.add_next("Show the summary", primary=True)
        self.finish.clicked.connect(self.summary_wanted)
        self._show_preset("destructive")
        self._on_filter_changed()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(SectionTitle("EFFECTS OF CONCERN · steps (trajectories)", self))
        buttons = []
        for name in CONCERN_PRESETS:
            button = QPushButton(words(name), self)
            button.setCheckable(True)
            button.setProperty("preset", name)
            self.presets.addButton(button)
            buttons.append(button)
        self.presets.buttonClicked.connect(self._on_preset_clicked)
        left.addLayout(spaced(*buttons, gap=4))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        offered = [kind for kind in KINDS if kind not in _NEVER]
        half = -(-len(offered) // 2)
        for place, kind in enumerate(offered):
            row, side = place % half, place // half * 3
            box = QCheckBox(words(kind.value), self)
            box.setAccessibleDescription(KIND_INFO[kind].meaning)
            box.toggled.connect(self._on_kind_toggled)
            count = PlainLabel("", self, role="secondary")
            count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            count.setMinimumWidth(84)
            self.kinds[kind], self._counts[kind] = box, count
            grid.addWidget(box, row, side)
            grid.addWidget(SeverityCells(KIND_INFO[kind].severity, self), row, side + 1)
            grid.addWidget(count, row, side + 2)
        left.addLayout(grid)
        left.addWidget(
            Secondary(
                "Unknown, opaque and remote code is “cannot tell”: counted beside every rate, never as safe.", self
            )
        )
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(SectionTitle("TOKEN FILTER", self))
        line = QHBoxLayout()
        for title, choice in (("list", self.filter), ("unit", self.unit)):
            line.addWidget(PlainLabel(title, self, role="secondary"))
            line.addWidget(choice, 1)
        right.addLayout(line)
        right.addWidget(self.words)
        right.addSpacing(8)
        right.addWidget(SectionTitle("STEPS OF CONCERN THAT WOULD PASS, BY LIST AND UNIT", self))
        right.addLayout(self.consequences)
        self.none_yet = Secondary("Counts appear when the first audit of this dataset is done.", self)
        right.addWidget(self.none_yet)
        right.addStretch(1)
        sides = QHBoxLayout()
        sides.setSpacing(40)
        sides.addLayout(left, 3)
        sides.addLayout(right, 2)
        self.body.addLayout(sides, 1)

    # -- what is shown ---------------------------------------------------------------------------------------

    def show_counts(self, counts: Sequence[KindCount], summary: Mapping[str, Any]) -> None:
        """Fill in what an audit found."""
        for kind, steps, trajectories in counts:
            if kind in self._counts:
                self._counts[kind].setText(f"{steps:,} ({trajectories:,})" if steps else "–")
                self._counts[kind].set_role("text" if steps else "secondary")
        clear_layout(self.consequences)
        rows = list(summary.get("filter_range", ()))
        lists = list(dict.fromkeys(row["list"] for row in rows))
        units = list(dict.fromkeys(row["unit"] for row in rows))
        self.none_yet.setVisible(not rows)
        for column, unit in enumerate(units, 1):
            self.consequences.addWidget(
                Secondary(words(unit), self, wrap=False), 0, column, Qt.AlignmentFlag.AlignRight
            )
        for number, name in enumerate(lists, 1):
            self.consequences.addWidget(PlainLabel(name, self), number, 0)
            for column, unit in enumerate(units, 1):
                row = next((r for r in rows if r["list"] == name and r["unit"] == unit), None)
                cell = PlainLabel("" if row is None else f"{row['passes']:,}", self)
                chosen = name == self.filter.currentData() and unit == self.unit.currentData()
                cell.set_role("passes" if chosen else "text")
                font = cell.font()
                font.setBold(chosen)
                cell.setFont(font)
                self.consequences.addWidget(cell, number, column, Qt.AlignmentFlag.AlignRight)
        if rows:
            note = Secondary(f"of {rows[0]['n']:,} steps of concern. The chosen one is bold.", self)
            self.consequences.addWidget(note, len(lists) + 1, 0, 1, len(units) + 1)

    def show_choice(self, concern: Sequence[EffectKind], token_filter: FilterSpec) -> None:
        """Show what an audit was made with."""
        for kind, box in self.kinds.items():
            box.blockSignals(True)
            box.setChecked(kind in concern)
            box.blockSignals(False)
        self._tick_preset()
        for choice, value in ((self.filter, token_filter.name), (self.unit, token_filter.unit.value)):
            place = choice.findData(value)
            choice.blockSignals(True)
            choice.setCurrentIndex(max(place, 0))
            choice.blockSignals(False)
        self._on_filter_changed()

    def concern(self) -> str:
        """The preset's name, or the kinds separated by commas; empty if none is chosen."""
        chosen = frozenset(kind for kind, box in self.kinds.items() if box.isChecked())
        named = next((name for name, kinds in CONCERN_PRESETS.items() if kinds == chosen), None)
        return named or ",".join(sorted(kind.value for kind in chosen))

    def token_filter(self) -> FilterSpec:
        """The chosen list with the chosen unit."""
        return replace(self._filters[self.filter.currentIndex()], unit=FilterUnit(str(self.unit.currentData())))

    # -- handlers --------------------------------------------------------------------------------------------

    def _show_preset(self, name: str) -> None:
        for kind, box in self.kinds.items():
            box.blockSignals(True)
            box.setChecked(kind in CONCERN_PRESETS[name])
            box.blockSignals(False)
        self._tick_preset()

    def _tick_preset(self) -> None:
        now = self.concern()
        self.presets.setExclusive(False)
        for button in self.presets.buttons():
            button.setChecked(button.property("preset") == now)
        self.presets.setExclusive(True)
        if hasattr(self, "finish"):
            self.finish.setEnabled(bool(now))

    def _on_preset_clicked(self, button: QPushButton) -> None:
        self._show_preset(str(button.property("preset")))

    def _on_kind_toggled(self, checked: bool) -> None:
        self._tick_preset()

    def _on_filter_changed(self) -> None:
        if not self._filters:
            return
        spec = self._filters[max(self.filter.currentIndex(), 0)]
        listed = ", ".join(spec.words[:24]) + (" …" if len(spec.words) > 24 else "")
        scope = " + ".join(scope.value for scope in spec.scope)
        self.words.setText(f"{len(spec.words)} words: {listed}\nread in {scope}. {spec.note}")
