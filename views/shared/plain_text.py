"""The only text widgets of this program: what a log says is shown as it is, never as markup.

Control, format, confusable and otherwise invisible characters are drawn as visible chips ``⟦U+202E⟧``; unbroken
tokens are broken every 4,000 characters (one of a megabyte freezes Qt's layout for 40 s); a viewer shows the first
256 kB and offers more; cells are cut at 200 characters.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QSizePolicy, QTextEdit, QVBoxLayout, QWidget

from views.shared import theme
from views.shared.visible import CELL, CHIP, Shown, elided, show, visible

PAGE = 256 * 1024
"""Characters a viewer shows before "more"."""


def button_text(text: str) -> str:
    """Text for buttons, menus and tabs, which would take ``&`` for a mnemonic."""
    return elided(text).replace("&", "&&")


def tooltip_text(text: str, limit: int = 2_000) -> str:
    """Text for a tool tip. Tips guess markup, so it is escaped and wrapped in markup of our own."""
    shown = show(text[: limit + 1]).text
    cut = shown if len(text) <= limit else shown[:limit] + " …"
    return f"<p style='white-space:pre-wrap'>{html.escape(cut)}</p>" if cut else ""


def set_tooltip(widget: QWidget, text: str) -> None:
    """Give a widget a plain tool tip."""
    widget.setToolTip(tooltip_text(text))


class PlainLabel(QLabel):
    """A label for any text. ``elide`` keeps it on one line, cut to its width, with the whole text in the tip; rather
    than cut, it says itself in fewer words where :meth:`set_wordings` gave some."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, elide: bool = False, wrap: bool = False,
                 role: str = "text") -> None:  # fmt: skip
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.setWordWrap(wrap)
        self._elide = elide
        self._role = role
        self._whole = ""
        self._shorter: tuple[str, ...] = ()
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed(theme.current())
        self.setText(text)

    def set_role(self, role: str) -> None:
        """Colour by token: text, secondary, accent, error, warning, succeeded …"""
        self._role = role
        self._on_theme_changed(theme.current())

    def whole_text(self) -> str:
        """What is shown, before it is cut to the width."""
        return self._whole

    def _on_theme_changed(self, new: theme.Theme) -> None:
        colour = getattr(new, self._role, None)
        palette = self.palette()
        palette.setColor(self.foregroundRole(), colour if isinstance(colour, QColor) else new.text)
        self.setPalette(palette)

    def setText(self, text: str) -> None:
        """Show ``text`` as it is."""
        self.set_wordings(text)

    def set_wordings(self, text: str, *shorter: str) -> None:
        """Show ``text``; where a label that elides has no room for it, the first of the shorter wordings that fits, and
        the last of them cut where none does."""
        self._whole = elided(text, 2_000) if self._elide else visible(text)
        self._shorter = tuple(elided(wording, 2_000) for wording in shorter)
        super().setText(self._whole)
        self._show_whole_in_tip()

    def fitting(self, width: int) -> str:
        """What an eliding label says in so much room (pixels)."""
        metrics, wordings = self.fontMetrics(), (self._whole, *self._shorter)
        fits = (wording for wording in wordings if metrics.horizontalAdvance(wording) <= width)
        return next(fits, "") or metrics.elidedText(wordings[-1], Qt.TextElideMode.ElideRight, width)

    def setToolTip(self, text: str) -> None:
        super().setToolTip(text if text.startswith("<p style=") else tooltip_text(text))

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(24, hint.height()) if self._elide else hint

    def sizeHint(self) -> QSize:
        return super().sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._elide:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        area = self.contentsRect()
        cut = self.fitting(area.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.setFont(self.font())
        painter.drawText(area, int(self.alignment() | Qt.TextFlag.TextSingleLine), cut)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_whole_in_tip()

    def _show_whole_in_tip(self) -> None:
        if self._elide:
            fits = self.fontMetrics().horizontalAdvance(self._whole) <= self.contentsRect().width()
            super().setToolTip("" if fits else tooltip_text(self._whole))


class _ChipHighlighter(QSyntaxHighlighter):
    """Colours the chips of a document."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._format = QTextCharFormat()
        self._on_theme_changed(theme.current())
        theme.changed.connect(self._on_theme_changed)

    def _on_theme_changed(self, new: theme.Theme) -> None:
        self._format.setForeground(new.error)
        self._format.setBackground(new.hover)
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        if "⟦" in text:
            for found in CHIP.finditer(text):
                self.setFormat(found.start(), found.end() - found.start(), self._format)


class PlainText(QWidget):
    """A read-only viewer of any text, with marked stretches and "more" after the first 256 kB.

    Positions given to :meth:`mark` are those of the text itself, not of what is shown.
    """

    more_shown = Signal()

    def __init__(self, parent: QWidget | None = None, *, mono: bool = True, fit: int = 0) -> None:
        """``fit`` > 0 makes the viewer as high as its text, up to that many lines."""
        super().__init__(parent)
        self._raw = ""
        self._pages = 1
        self._marks: tuple[tuple[int, int, str], ...] = ()
        self._shown = Shown("", ())
        self._fit = fit
        self.edit = QPlainTextEdit(self)
        self.edit.setReadOnly(True)
        self.edit.setUndoRedoEnabled(False)
        self.edit.setTabChangesFocus(True)
        self.edit.setFont(theme.mono_font() if mono else theme.font())
        self.edit.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._highlighter = _ChipHighlighter(self.edit.document())
        self._more = QPushButton(self)
        self._more.setProperty("quiet", True)
        self._more.clicked.connect(self._on_more_clicked)
        self._more.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.edit)
        layout.addWidget(self._more)
        self.setFocusProxy(self.edit)

    def set_text(self, text: str) -> None:
        """Show a text from its beginning."""
        if text == self._raw and self._pages == 1:
            return
        self._raw = text
        self._pages = 1
        self._marks = ()
        self._render()
        self.edit.moveCursor(QTextCursor.MoveOperation.Start)

    def text(self) -> str:
        """The text as it was given."""
        return self._raw

    def shown_text(self) -> str:
        """What stands on the screen, with chips and breaks."""
        return self.edit.toPlainText()

    def mark(self, spans: Sequence[tuple[int, int]], token: str = "error") -> None:
        """Underline half-open ranges of the text in a theme token's colour, and scroll to the first."""
        self.mark_each([(start, end, token) for start, end in spans])

    def mark_each(self, marks: Sequence[tuple[int, int, str]]) -> None:
        """Underline and tint half-open ranges of the text, each in its own token's colour (``severity:N`` for a
        severity), and scroll to the first."""
        self._marks = tuple(marks)
        self._draw_marks()
        if self._marks:
            cursor = QTextCursor(self.edit.document())
            cursor.setPosition(min(self._shown.place(self._marks[0][0]), len(self._shown.text)))
            self.edit.setTextCursor(cursor)
            self.edit.ensureCursorVisible()

    def marks_shown(self) -> tuple[str, ...]:
        """The marked stretches as they stand on the screen."""
        return tuple(selection.cursor.selectedText() for selection in self.edit.extraSelections())

    def _render(self) -> None:
        part = self._raw[: self._pages * PAGE]
        self._shown = show(part)
        self.edit.setPlainText(self._shown.text)
        left = len(self._raw) - len(part)
        self._more.setVisible(left > 0)
        self._more.setText(f"Show more: {left:,} of {len(self._raw):,} characters are not shown")
        self._draw_marks()
        self._fit_height()

    def _draw_marks(self) -> None:
        selections = []
        limit = len(self._shown.text)
        for start, end, token in self._marks:
            colour = self._colour(token)
            tint = QColor(colour)
            tint.setAlpha(40)
            line = QTextCharFormat()
            line.setFontUnderline(True)
            line.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
            line.setUnderlineColor(colour)
            line.setBackground(tint)
            selection = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.edit.document())
            # Qt counts UTF-16 units; Shown counts characters. Characters above the BMP are chips or rare.
            cursor.setPosition(self._units(min(self._shown.place(start), limit)))
            cursor.setPosition(self._units(min(self._shown.place(end), limit)), QTextCursor.MoveMode.KeepAnchor)
            selection.cursor = cursor
            selection.format = line
            selections.append(selection)
        self.edit.setExtraSelections(selections)

    def _colour(self, token: str) -> QColor:
        kind, _, level = token.partition(":")
        now = theme.current()
        colour: QColor = now.severity_text[int(level)] if kind == "severity" else getattr(now, kind)
        return colour

    def _units(self, place: int) -> int:
        head = self._shown.text[:place]
        return place if head.isascii() else place + sum(character > "\uffff" for character in head)

    def _fit_height(self) -> None:
        if not self._fit:
            return
        document = self.edit.document()
        lines = 0
        block = document.begin()
        # The own width: the inner editor learns of a new one only later.
        width = max(self.width() - 28, 40)
        per_line = max(int(width / max(self.edit.fontMetrics().averageCharWidth(), 1)), 1)
        while block.isValid() and lines < self._fit:
            lines += max(-(-block.length() // per_line), 1)
            block = block.next()
        lines = min(max(lines, 1), self._fit)
        self.edit.setFixedHeight(lines * self.edit.fontMetrics().lineSpacing() + 20)

    def _on_more_clicked(self) -> None:
        place = self.edit.verticalScrollBar().value()
        self._pages += 1
        self._render()
        self.edit.verticalScrollBar().setValue(place)
        self.more_shown.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()


__all__ = [
    "CELL", "PAGE", "PlainLabel", "PlainText", "button_text", "elided", "set_tooltip", "show", "tooltip_text",
    "visible",
]  # fmt: skip
