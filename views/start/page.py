"""The frame of every page of the start flow: a title, one line of purpose, the content, and the way on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from views.shared.plain_text import button_text
from views.shared.widgets import Heading, Secondary, rule

PAGE_WIDTH = 1180


class Page(QWidget):
    """A page; subclasses fill ``body`` and add buttons to the footer."""

    def __init__(self, title: str, purpose: str = "", parent: QWidget | None = None, *, scroll: bool = True) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.primary: QPushButton | None = None
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.heading = Heading(title, self)
        self.purpose = Secondary(purpose, self)
        content = QWidget(self)
        content.setMaximumWidth(PAGE_WIDTH)
        content.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        column = QVBoxLayout(content)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(4)
        column.addWidget(self.heading)
        column.addWidget(self.purpose)
        column.addSpacing(12)
        self.body = QVBoxLayout()
        self.body.setSpacing(12)
        column.addLayout(self.body, 1)
        centred = QWidget(self)
        row = QHBoxLayout(centred)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(content, 100)
        row.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        if scroll:
            area = QScrollArea(self)
            area.setWidgetResizable(True)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setWidget(centred)
            outer.addWidget(area, 1)
        else:
            outer.addWidget(centred, 1)
        self._footer_rule = rule(self)
        outer.addWidget(self._footer_rule)
        self._footer = QWidget(self)
        self._footer.setMaximumHeight(56)
        self.footer = QHBoxLayout(self._footer)
        self.footer.setContentsMargins(24, 10, 24, 10)
        self.footer.setSpacing(8)
        self.footer.addStretch(1)
        outer.addWidget(self._footer)

    def hide_footer(self) -> None:
        self._footer_rule.hide()
        self._footer.hide()

    def add_back(self, text: str) -> QPushButton:
        """A quiet button at the left of the footer."""
        button = QPushButton(button_text(text), self)
        button.setProperty("quiet", True)
        self.footer.insertWidget(0, button)
        return button

    def add_next(self, text: str, *, primary: bool = False) -> QPushButton:
        """A button at the right of the footer; the primary one answers Return."""
        button = QPushButton(button_text(text), self)
        button.setProperty("primary", primary)
        button.setDefault(primary)
        button.setAutoDefault(primary)
        self.footer.addWidget(button)
        if primary:
            self.primary = button
        return button

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.take_focus()

    def take_focus(self) -> None:
        """Where the keyboard begins: at the way on."""
        ready = self.primary is not None and self.primary.isEnabled()
        (self.primary if ready and self.primary is not None else self).setFocus()
