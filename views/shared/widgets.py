"""Small widgets that several panels use: titles, empty states, marks, chips, rules."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from views.shared import painters, theme
from views.shared.plain_text import PlainLabel, button_text, elided


def follow_theme(widget: QWidget) -> None:
    """Repaint a widget whenever the theme changes."""
    theme.changed.connect(widget.update)


def rule(parent: QWidget | None = None) -> QFrame:
    """A horizontal hairline."""
    line = QFrame(parent)
    line.setProperty("rule", True)
    line.setFixedHeight(1)
    return line


def spaced(*widgets: QWidget, gap: int = 8, stretch: bool = True) -> QHBoxLayout:
    """Widgets in a row, the rest of the width left free."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(gap)
    for widget in widgets:
        row.addWidget(widget)
    if stretch:
        row.addStretch(1)
    return row


def clear_layout(layout: QLayout) -> None:
    """Take everything out of a layout, layouts within it too; the widgets are deleted."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear_layout(inner)


class SectionTitle(PlainLabel):
    """A small grey title over a part of a panel."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent, elide=True, role="secondary")
        self.setFont(theme.small_font(bold=True))


class Heading(PlainLabel):
    """A large title, for pages."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, size: int = 20) -> None:
        super().__init__(text, parent, wrap=True)
        self.setFont(theme.font(size, bold=True))


class Secondary(PlainLabel):
    """A second line: smaller and grey, wrapped."""

    def __init__(
        self, text: str = "", parent: QWidget | None = None, *, wrap: bool = True, elide: bool = False
    ) -> None:
        super().__init__(text, parent, elide=elide, wrap=wrap and not elide, role="secondary")
        self.setFont(theme.small_font())


class RoleMark(QWidget):
    """The mark of a role as a widget."""

    def __init__(self, role: str | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role = role
        self.setFixedSize(12, 16)
        follow_theme(self)

    def set_role(self, role: str | None) -> None:
        self._role = role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painters.role_mark(painter, self.rect(), self._role, theme.current())
        painter.end()


class SeverityCells(QWidget):
    """Severity as a widget."""

    def __init__(self, severity: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._severity = severity
        self.setFixedSize(painters.SEVERITY_WIDTH, 16)
        follow_theme(self)

    def set_severity(self, severity: int) -> None:
        self._severity = severity
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painters.severity_cells(painter, self.rect(), self._severity, theme.current())
        painter.end()


class Badge(QWidget):
    """A pill as a widget; ``token`` names a colour of the theme, or ``severity:N``."""

    def __init__(
        self, text: str, token: str = "secondary", *, filled: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._text, self._token, self._filled = text, token, filled
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        follow_theme(self)

    def set(self, text: str, token: str, *, filled: bool = False) -> None:
        self._text, self._token, self._filled = text, token, filled
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(painters.pill_width(self._text, theme.small_font(bold=self._filled)) + 2, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        kind, _, level = self._token.partition(":")
        colour = now.severity_text[int(level)] if kind == "severity" else getattr(now, self._token)
        on = now.on_passes if self._token == "passes" else now.panel
        painter = QPainter(self)
        painters.pill(painter, self.rect(), self._text, colour, filled=self._filled, on=on)
        painter.end()


class RoleChip(QPushButton):
    """A rounded chip: the role's mark, then words that are cut where there is no room."""

    def __init__(self, role: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role = role
        self._words = elided(text)
        self.setProperty("chip", True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self._words)
        follow_theme(self)

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(theme.font()).horizontalAdvance(self._words) + 44, 28)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), 72), 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        now = theme.current()
        painter = QPainter(self)
        painters.role_mark(painter, QRect(11, 0, 12, self.height()), self._role, now)
        painters.text(painter, self.rect().adjusted(29, 0, -12, 0), self._words, now.text, theme.font())
        painter.end()


class EmptyState(QWidget):
    """What a panel shows when it has nothing: what is missing, and the next action."""

    def __init__(self, title: str, text: str = "", action: str = "", run: Callable[[], object] | None = None,
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(parent)
        self._run = run
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(1)
        self.title = PlainLabel(title, self, wrap=True, role="secondary")
        self.title.setFont(theme.font(bold=True))
        self.title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.title)
        self.text = Secondary(text, self)
        self.text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.text.setVisible(bool(text))
        column.addWidget(self.text)
        self.button = QPushButton(button_text(action), self)
        self.button.clicked.connect(self._on_clicked)
        self.button.setVisible(bool(action))
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def say(self, title: str, text: str = "", action: str = "", run: Callable[[], object] | None = None) -> None:
        """Change all of it."""
        self._run = run
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.button.setText(button_text(action))
        self.button.setVisible(bool(action))

    def _on_clicked(self) -> None:
        if self._run is not None:
            self._run()


class ClickArea(QFrame):
    """A frame that can be clicked and activated from the keyboard."""

    activated = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.activated.emit()
        super().mouseReleaseEvent(event)
