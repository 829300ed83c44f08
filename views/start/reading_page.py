"""The reading sheet: what shape a log has, the raw row beside the first steps read from it, and drop-downs that mend
a wrong guess with the steps read again at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QScrollArea,
    QSplitter,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from explorer.errors import StorageError, UserError
from views.shared.plain_text import PlainLabel, PlainText, button_text, set_tooltip
from views.shared.widgets import Secondary, SectionTitle, clear_layout
from views.start.page import Page
from views.start.services import MappingChange, Source
from views.start.step_sketch import StepSketchView, TurnView

_RECOGNISED = "recognised"


class ReadingPage(Page):
    """One tab a source; each is previewed when it is shown."""

    back_wanted = Signal()
    read_wanted = Signal(object, str)
    """The sources, and where to go when they are read: "roles" or "summary"."""
    preview_wanted = Signal(object)
    mapping_changed = Signal(int, object)
    failed = Signal(object)

    def __init__(self, shapes: Callable[[], Sequence[tuple[str, str]]], mapping_text: Callable[[Any], str]) -> None:
        super().__init__("How it is read", scroll=False)
        self._shapes, self._mapping_text = shapes, mapping_text
        self._sources: list[Source] = []
        self._previews: dict[int, Any] = {}
        self._filling = False
        self.tabs = QTabBar(self)
        self.tabs.setDrawBase(False)
        self.tabs.currentChanged.connect(self._on_tab_changed)
        self.shape = PlainLabel("", self, elide=True)
        self.reason = Secondary("", self)
        self.problem = PlainLabel("", self, wrap=True, role="error")
        self.choices: dict[str, QComboBox] = {}
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(6)
        self.columns = Secondary("", self)
        self.raw = PlainText(self)
        self.steps = QVBoxLayout()
        self.steps.setSpacing(8)
        self._lay_out()
        self.add_back("Back").clicked.connect(self.back_wanted)
        self.save = self.add_back("Save as TOML …")
        self.footer.insertWidget(1, self.save)
        self.save.clicked.connect(self._on_save_clicked)
        self.next = self.add_next("Roles and pairing")
        self.finish = self.add_next("Show the summary", primary=True)
        self.next.clicked.connect(self._on_next_clicked)
        self.finish.clicked.connect(self._on_finish_clicked)

    def _lay_out(self) -> None:
        left = QWidget(self)
        form = QVBoxLayout(left)
        form.setContentsMargins(0, 0, 12, 0)
        form.setSpacing(8)
        form.addWidget(SectionTitle("RECOGNISED AS", left))
        form.addWidget(self.shape)
        form.addWidget(self.reason)
        form.addWidget(self.problem)
        form.addWidget(SectionTitle("WRONG GUESS? CHOOSE ANOTHER", left))
        form.addLayout(self._form)
        form.addWidget(self.columns)
        form.addStretch(1)
        form_area = QScrollArea(self)
        form_area.setWidgetResizable(True)
        form_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        form_area.setWidget(left)
        middle = QWidget(self)
        raw = QVBoxLayout(middle)
        raw.setContentsMargins(12, 0, 12, 0)
        raw.addWidget(SectionTitle("THE RAW ROW", middle))
        raw.addWidget(self.raw, 1)
        right = QWidget(self)
        read = QVBoxLayout(right)
        read.setContentsMargins(12, 0, 0, 0)
        read.addWidget(SectionTitle("READ FROM IT: WHAT WAS ASKED, THE FIRST STEPS", right))
        holder = QWidget(right)
        holder.setLayout(self.steps)
        area = QScrollArea(right)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(holder)
        read.addWidget(area, 1)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        for widget, stretch in ((form_area, 3), (middle, 4), (right, 4)):
            split.addWidget(widget)
            split.setStretchFactor(split.count() - 1, stretch)
        split.setSizes([340, 400, 400])
        row = QHBoxLayout()
        row.addWidget(self.tabs)
        row.addStretch(1)
        self.body.addLayout(row)
        self.body.addWidget(split, 1)

    # -- what is shown ---------------------------------------------------------------------------------------

    def show_sources(self, sources: Sequence[Source]) -> None:
        """Begin with these sources; the first is previewed at once."""
        self._sources = list(sources)
        self._previews = {}
        self.tabs.blockSignals(True)
        while self.tabs.count():
            self.tabs.removeTab(0)
        for source in sources:
            name = source.title if source.role is None else f"{source.role.value}: {source.title}"
            self.tabs.addTab(button_text(name))
        self.tabs.blockSignals(False)
        self.tabs.setVisible(len(sources) > 1)
        self._on_tab_changed(0)

    def sources(self) -> tuple[Source, ...]:
        return tuple(self._sources)

    def show_preview(self, preview: Any) -> None:
        """Show what a source would be read as."""
        self._previews[self.tabs.currentIndex()] = preview
        self.problem.hide()
        self.purpose.setText(
            f"{len(preview.files):,} file(s), shown: {preview.file}" if len(preview.files) > 1 else f"{preview.file}"
        )
        self.shape.setText(preview.title)
        self.reason.setText(next((c.reason for c in preview.claims if c.loader == preview.loader), ""))
        self.raw.set_text(preview.raw)
        self._fill_choices(preview)
        used, ignored = ", ".join(preview.columns_used), ", ".join(preview.columns_ignored)
        self.columns.setText(f"Used: {used or 'none'}\n\nIgnored: {ignored or 'none'}\n\nAll others pass through.")
        set_tooltip(self.columns, f"Ignored: {ignored}")
        self._clear_steps()
        for speaker, text in preview.turns[:3]:
            self.steps.addWidget(TurnView(speaker, text))
        for number, step in enumerate(preview.steps):
            self.steps.addWidget(StepSketchView(number, step))
        if not preview.steps:
            self.steps.addWidget(Secondary("No step was read from the first rows.", self))
        self.steps.addStretch(1)
        self._allow(True)
        focused = QApplication.focusWidget()
        if focused is None or not self.isAncestorOf(focused):
            self.take_focus()

    def show_problem(self, error: BaseException) -> None:
        """Say why a source cannot be read, beside the choices that may mend it."""
        if isinstance(error, UserError):
            what = "\n\n".join(part for part in (error.what, error.todo) if part)
            self.purpose.setText(error.where or self.purpose.text())
        else:
            what = str(error)
        self.problem.setText(what)
        self.problem.show()
        self.shape.setText("not recognised")
        self.reason.setText("")
        self._clear_steps()
        self.raw.set_text("")
        self._allow(False)
        if "loader" not in self.choices:
            self._add_choice("loader", "Shape", [(title, name) for name, title in self._shapes()], "")
        self.choices["loader"].setFocus()

    def _allow(self, ready: bool) -> None:
        for button in (self.next, self.finish, self.save):
            button.setEnabled(ready)

    def _clear_steps(self) -> None:
        clear_layout(self.steps)

    # -- mending ---------------------------------------------------------------------------------------------

    def _fill_choices(self, preview: Any) -> None:
        self._filling = True
        while self._form.rowCount():
            self._form.removeRow(0)
        self.choices = {}
        columns = [(name, name) for name in preview.all_columns]
        mapping = preview.mapping
        self._add_choice("loader", "Shape", [(title, name) for name, title in self._shapes()], preview.loader)
        self._add_choice("group", "Group (model)", columns, mapping.group or preview.group_column or "")
        task = ", ".join(preview.task_columns)
        self._add_choice("task", "Task", [(task, task), *columns] if task not in preview.all_columns else columns, task)
        self._add_choice("trial", "Trial", columns, mapping.trial or "")
        for role, name in preview.roles.items():
            self._add_choice(f"column:{role}", role.replace("_", " "), columns, name)
        self._filling = False

    def _add_choice(self, what: str, label: str, options: Sequence[tuple[str, str]], current: str) -> None:
        box = QComboBox(self)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(12)
        box.setAccessibleName(label)
        box.addItem(_RECOGNISED, "")
        for shown, value in options:
            if value:
                box.addItem(button_text(shown).replace("&&", "&"), value)
        place = box.findData(current) if current else 0
        box.setCurrentIndex(max(place, 0))
        box.setProperty("what", what)
        box.activated.connect(self._on_chosen)
        self.choices[what] = box
        self._form.addRow(PlainLabel(label, self, role="secondary"), box)

    def _on_chosen(self, index: int) -> None:
        box = self.sender()
        if self._filling or not isinstance(box, QComboBox):
            return
        change = MappingChange(str(box.property("what")), str(box.currentData() or ""))
        self.mapping_changed.emit(self.tabs.currentIndex(), change)

    def set_mapping(self, index: int, mapping: Any, task: tuple[str, ...] | None = None) -> None:
        """Use a mapping for a source and preview it again."""
        source = replace(self._sources[index], mapping=mapping)
        self._sources[index] = source if task is None else replace(source, task=task)
        self.preview_wanted.emit(self._sources[index])

    def mapping_of(self, index: int) -> Any:
        """The mapping a source is shown with."""
        preview = self._previews.get(index)
        return self._sources[index].mapping or (preview.mapping if preview is not None else None)

    # -- handlers --------------------------------------------------------------------------------------------

    def _on_tab_changed(self, index: int) -> None:
        if not 0 <= index < len(self._sources):
            return
        held = self._previews.get(index)
        if held is not None:
            self.show_preview(held)
            return
        self.purpose.setText(" | ".join(self._sources[index].paths))
        self.shape.setText("Looking …")
        self.reason.setText("")
        self.problem.hide()
        self._clear_steps()
        self.raw.set_text("")
        self._allow(False)
        self.preview_wanted.emit(self._sources[index])

    def _on_save_clicked(self) -> None:
        mapping = self.mapping_of(self.tabs.currentIndex())
        preview = self._previews.get(self.tabs.currentIndex())
        if preview is not None:
            # What was recognised is written out, so that the file says all of it.
            mapping = replace(mapping, loader=preview.loader, group=preview.group_column, task=preview.task_columns,
                              columns=preview.roles)  # fmt: skip
        name, _ = QFileDialog.getSaveFileName(self, "Save the mapping", "mapping.toml", "TOML (*.toml)")
        if name and mapping is not None:
            try:
                Path(name).write_text(self._mapping_text(mapping), "utf-8")
            except OSError as error:
                self.failed.emit(StorageError(error.strerror or str(error), where=name, todo="Choose another place."))

    def _on_next_clicked(self) -> None:
        self.read_wanted.emit(self.sources(), "roles")

    def _on_finish_clicked(self) -> None:
        self.read_wanted.emit(self.sources(), "summary")
