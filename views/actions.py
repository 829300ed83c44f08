"""Menus, shortcuts, the palette and the key sheet, all made from the session's command table."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from explorer.session.commands import Command, CommandTable
from views.shared import painters, theme
from views.shared.plain_text import PlainLabel, button_text
from views.shared.widgets import Heading, SectionTitle

_Index = QModelIndex | QPersistentModelIndex

MENU_ORDER = ("File", "Edit", "View", "Queue", "Map", "Alignment", "Step", "Verdict", "Findings", "Panels", "Help")


class Actions(QObject):
    """One QAction per command, owned by ``window``; commands added later are taken in by :meth:`refresh`."""

    def __init__(self, window: QWidget, table: CommandTable) -> None:
        super().__init__(window)
        self._window = window
        self._table = table
        self.by_id: dict[str, QAction] = {}
        self._menus: dict[str, QMenu] = {}
        self.refresh()

    def refresh(self) -> None:
        """Make actions for commands that have none yet."""
        for command in self._table:
            if command.id in self.by_id:
                continue
            action = QAction(button_text(command.title), self._window)
            action.setObjectName(command.id)
            if command.shortcut:
                action.setShortcut(QKeySequence(command.shortcut))
                action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.setCheckable(command.checked is not None)
            action.triggered.connect(_Run(self._table, command.id))
            self._window.addAction(action)
            self.by_id[command.id] = action

    def menu(self, parent: QWidget) -> QMenu:
        """The main menu: one submenu per menu name of the table."""
        whole = QMenu(parent)
        names = list(dict.fromkeys(c.menu for c in self._table if c.menu))
        names.sort(key=lambda name: MENU_ORDER.index(name) if name in MENU_ORDER else len(MENU_ORDER))
        for name in names:
            part = whole.addMenu(button_text(name))
            for command in self._table:
                if command.menu == name:
                    part.addAction(self.by_id[command.id])
            part.aboutToShow.connect(self.update_states)
            part.aboutToHide.connect(self._on_menu_hidden)
            self._menus[name] = part
        return whole

    def update_states(self) -> None:
        """Grey what cannot be done now and tick what is on."""
        for command in self._table:
            action = self.by_id.get(command.id)
            if action is None:
                continue
            action.setEnabled(command.enabled())
            if command.checked is not None:
                action.setChecked(command.checked())

    def _on_menu_hidden(self) -> None:
        # The table decides at the moment of use; a greyed action would swallow its shortcut until the next menu.
        for action in self.by_id.values():
            action.setEnabled(True)


class _Run:
    def __init__(self, table: CommandTable, command_id: str) -> None:
        self._table, self._id = table, command_id

    def __call__(self, checked: bool = False) -> None:
        self._table.run(self._id)


_TITLE, _KEYS, _MENU = (int(Qt.ItemDataRole.UserRole) + n for n in range(3))


class _PaletteDelegate(QStyledItemDelegate):
    """A palette row: title left, menu grey behind it, keys right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(200, theme.ROW_HEIGHT + 4)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        now = theme.current()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, now.selection)
        enabled = bool(state & QStyle.StateFlag.State_Enabled)
        title, keys, menu = (index.data(role) or "" for role in (_TITLE, _KEYS, _MENU))
        inner = rect.adjusted(12, 0, -12, 0)
        painters.text(painter, inner, title, now.text if enabled else now.secondary, theme.font())
        from PySide6.QtGui import QFontMetrics

        used = QFontMetrics(theme.font()).horizontalAdvance(title) + 12
        painters.text(painter, inner.adjusted(used, 0, -120, 0), menu, now.secondary, theme.small_font())
        painters.text(painter, inner, keys, now.secondary, theme.mono_font(), align=Qt.AlignmentFlag.AlignRight)


class Palette(QDialog):
    """Everything that can be done, found by a few letters; what is no command searches the queue."""

    def __init__(self, table: CommandTable, search: Callable[[str], object], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self._table = table
        self._search = search
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("What do you want to do? Or a text to search the queue for")
        self.field.setAccessibleName("Command palette")
        self.field.textChanged.connect(self._on_text_changed)
        self.field.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setItemDelegate(_PaletteDelegate(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemActivated.connect(self._on_chosen)
        self.list.itemClicked.connect(self._on_chosen)
        frame = QFrame(self)
        frame.setProperty("panel", True)
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(8, 8, 8, 8)
        inner.addWidget(self.field)
        inner.addWidget(self.list)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.addWidget(frame)
        self._found: tuple[Command, ...] = ()

    def open_over(self, window: QWidget, text: str = "") -> None:
        """Show it below the top of a window."""
        width = min(640, window.width() - 80)
        self.resize(width, min(420, window.height() - 120))
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - width) // 2, corner.y() + 56)
        self.field.setText(text)
        self._on_text_changed(text)
        self.show()
        self.field.setFocus()

    def _on_text_changed(self, text: str) -> None:
        self.list.clear()
        found = self._table.search(text)
        # What can be done now stands first; the rest is shown greyed, so that it can be found and learnt.
        self._found = tuple(sorted(found, key=lambda command: not command.enabled()))
        for command in self._found:
            keys = QKeySequence(command.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            self._add(command.title, keys, command.menu, command.enabled())
        if text.strip():
            self._add(f"Search the queue for “{text.strip()}”", "", "Queue", True)
        self.list.setCurrentRow(0)

    def _add(self, title: str, keys: str, menu: str, enabled: bool) -> None:
        item = QListWidgetItem(self.list)
        item.setData(_TITLE, title)
        item.setData(_KEYS, keys)
        item.setData(_MENU, menu)
        if not enabled:
            item.setFlags(Qt.ItemFlag.ItemIsSelectable)

    def _on_chosen(self, item: QListWidgetItem) -> None:
        row = self.list.row(item)
        text = self.field.text().strip()
        self.close()
        if row < len(self._found):
            # After the popup is gone, so that what the command shows is not behind it.
            QTimer.singleShot(0, self, _Run(self._table, self._found[row].id))
        elif text:
            self._search(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            moves = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            if key in moves and self.list.count():
                row = min(max(self.list.currentRow() + moves[Qt.Key(key)], 0), self.list.count() - 1)
                self.list.setCurrentRow(row)
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                item = self.list.currentItem()
                if item is not None and item.flags() & Qt.ItemFlag.ItemIsEnabled:
                    self._on_chosen(item)
                return True
        return super().eventFilter(watched, event)


class KeySheet(QDialog):
    """Every key of the program, by menu."""

    def __init__(self, table: CommandTable, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        body = QWidget(self)
        body.setProperty("panel", True)
        body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        columns = QGridLayout(body)
        columns.setContentsMargins(24, 16, 24, 24)
        columns.setHorizontalSpacing(48)
        columns.setVerticalSpacing(16)
        columns.addWidget(Heading("Keys", body), 0, 0, 1, 2)
        names = list(dict.fromkeys(c.menu for c in table if c.menu and c.shortcut))
        names.sort(key=lambda name: MENU_ORDER.index(name) if name in MENU_ORDER else len(MENU_ORDER))
        heights = [0, 0]
        stacks = [QVBoxLayout(), QVBoxLayout()]
        for name in names:
            commands = [c for c in table if c.menu == name and c.shortcut]
            place = heights.index(min(heights))
            heights[place] += len(commands) + 2
            stacks[place].addWidget(SectionTitle(name.upper(), body))
            grid = QGridLayout()
            grid.setHorizontalSpacing(16)
            for row, command in enumerate(commands):
                keys = PlainLabel(
                    QKeySequence(command.shortcut).toString(QKeySequence.SequenceFormat.NativeText), body, role="accent"
                )
                keys.setFont(theme.mono_font(bold=True))
                grid.addWidget(keys, row, 0, Qt.AlignmentFlag.AlignLeft)
                grid.addWidget(PlainLabel(command.title, body), row, 1)
            grid.setColumnMinimumWidth(0, 110)
            grid.setColumnStretch(1, 1)
            stacks[place].addLayout(grid)
            stacks[place].addSpacing(12)
        for place, stack in enumerate(stacks):
            stack.addStretch(1)
            columns.addLayout(stack, 1, place)
        area = QScrollArea(self)
        area.setWidget(body)
        area.setWidgetResizable(True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self.resize(min(920, parent.width() - 60), min(680, parent.height() - 60))
