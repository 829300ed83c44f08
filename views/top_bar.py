"""The top of the window: menu, search, what is compared, and the choices that change the audit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from explorer.model.effect import CONCERN_PRESETS
from explorer.model.schema import Role
from explorer.session.audit_session import AuditSession
from explorer.session.settings import filter_presets
from views.shared import theme
from views.shared.painters import words
from views.shared.plain_text import PlainLabel, button_text, elided, set_tooltip
from views.shared.widgets import RoleChip, clear_layout, rule

_SEARCH_MS = 200
_CHIP_CHARACTERS = 34
_NARROW = 1500


class TopBar(QWidget):
    """Reads the session; sends intents as signals."""

    palette_wanted = Signal()
    roles_wanted = Signal()
    concern_chosen = Signal(str)
    filter_chosen = Signal(object)
    choices_wanted = Signal()
    theme_wanted = Signal()

    def __init__(
        self, session: AuditSession, make_menu: Callable[[QWidget], QMenu], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._make_menu = make_menu
        self._narrow = False
        self.setProperty("bar", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.menu = QToolButton(self)
        self.menu.setText("☰")
        self.menu.setProperty("quiet", True)
        self.menu.setAccessibleName("Menu")
        set_tooltip(self.menu, "Menu (F10)")
        self.menu.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.menu.clicked.connect(self.open_menu)
        self.title = PlainLabel("Trajectory Explorer", self)
        self.title.setFont(theme.font(14, bold=True))
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search actions, targets, text — or Ctrl+K")
        self.search.setAccessibleName("Search the queue")
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(600)
        self.search.setMinimumWidth(180)
        self.search.textEdited.connect(self._on_text_edited)
        self.search.installEventFilter(self)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_SEARCH_MS)
        self._delay.timeout.connect(self._on_search_due)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(8)
        self.concern = self._chooser("Effects of concern")
        self.filter = self._chooser("Token filter")
        self.theme = QPushButton("", self)
        self.theme.setProperty("quiet", True)
        self.theme.clicked.connect(self.theme_wanted)
        row = QHBoxLayout()
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self.menu)
        row.addWidget(self.title)
        row.addSpacing(8)
        row.addWidget(self.search, 3)
        row.addLayout(self._chips)
        row.addStretch(1)
        for widget in (self.concern, self.filter, self.theme):
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        line: QFrame = rule(self)
        column.addWidget(line)
        session.filters.changed.connect(self._on_filters_changed)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed(theme.current())
        self.refresh()

    def _chooser(self, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("chip", True)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setAccessibleName(name)
        button.setMenu(QMenu(button))
        return button

    def open_menu(self) -> None:
        """The main menu below its button."""
        menu = self._make_menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.menu.mapToGlobal(self.menu.rect().bottomLeft()))

    def focus_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def refresh(self) -> None:
        """Show what is open and how it is audited."""
        clear_layout(self._chips)
        audited = self._session.settings is not None and self._session.result is not None
        for widget in (self.search, self.concern, self.filter):
            widget.setVisible(audited)
        settings, dataset = self._session.settings, self._session.dataset
        if not audited or settings is None or dataset is None:
            return
        for role in Role:
            groups = settings.groups_of(role)
            if not groups:
                continue
            counts = {name: int((dataset.group.codes == dataset.group.code(name)).sum()) for name in groups}
            chip = RoleChip(role.value, _chip_words(role, counts, self._narrow), self)
            set_tooltip(chip, "\n".join(f"{name}: {count:,} trajectories" for name, count in counts.items()))
            chip.clicked.connect(self.roles_wanted)
            self._chips.addWidget(chip)
        self.concern.setText(button_text(f"concern: {words(settings.concern_name)} ▾"))
        spec = settings.token_filter
        self.filter.setText(button_text(f"filter: {spec.name} · {spec.unit.value} ▾"))
        self._fill(
            self.concern, [(words(name), name) for name in CONCERN_PRESETS], settings.concern_name, self._on_concern
        )
        self._fill(self.filter, [(one.name, one) for one in filter_presets()], spec, self._on_filter)

    def _fill(
        self, button: QToolButton, options: Sequence[tuple[str, object]], chosen: object,
        run: Callable[[QAction], None],
    ) -> None:  # fmt: skip
        menu = button.menu()
        menu.clear()
        group = QActionGroup(menu)
        group.triggered.connect(run)
        for title, value in options:
            action = menu.addAction(button_text(title))
            action.setCheckable(True)
            action.setChecked(value == chosen)
            action.setData(value)
            group.addAction(action)
        menu.addSeparator()
        menu.addAction("All choices …").triggered.connect(self.choices_wanted)

    def _on_concern(self, action: QAction) -> None:
        self.concern_chosen.emit(str(action.data()))

    def _on_filter(self, action: QAction) -> None:
        self.filter_chosen.emit(action.data())

    def _on_text_edited(self, text: str) -> None:
        self._delay.start()

    def _on_search_due(self) -> None:
        self._session.filters.set_text(self.search.text().strip())

    def _on_filters_changed(self) -> None:
        if not self.search.hasFocus() and self.search.text().strip() != self._session.filters.text:
            self.search.setText(self._session.filters.text)

    def _on_theme_changed(self, new: theme.Theme) -> None:
        self.theme.setText("☀ light" if new.dark else "☾ dark")
        set_tooltip(self.theme, "Change to the other theme")
        self.theme.setAccessibleName("Light theme" if new.dark else "Dark theme")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        if narrow != self._narrow:
            self._narrow = narrow
            self.refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self.search.clear()
                self._on_search_due()
                self.search.clearFocus()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._delay.stop()
                self._on_search_due()
                self.search.clearFocus()
                return True
        return super().eventFilter(watched, event)


def _chip_words(role: Role, counts: dict[str, int], narrow: bool) -> str:
    if narrow:
        return f"{role.value} {sum(counts.values()):,}"
    plural = f"{role.value}s" if len(counts) > 1 else role.value
    whole = f"{plural} " + " · ".join(f"{name} {count:,}" for name, count in counts.items())
    if len(whole) <= _CHIP_CHARACTERS:
        return elided(whole)
    if len(counts) > 1:
        return f"{plural} {len(counts)} groups {sum(counts.values()):,}"
    name, count = next(iter(counts.items()))
    room = _CHIP_CHARACTERS - len(plural) - len(f"{count:,}") - 3
    return f"{plural} {elided(name)[:room]}… {count:,}"
