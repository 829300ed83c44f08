"""The prefix tree of a task: at which action the groups part, with counts and branches of concern marked."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.model.alignment import PrefixTree
from views.shared import painters, theme
from views.shared.plain_text import tooltip_text
from views.statistics.tree_lines import BESIDE, MORE, TreeLine, opened_at_first, tree_lines
from views.statistics.tree_painter import HEAD, ROW, TreePainter, fold_mark_right

_MOST_SAID = 40


class TreeView(QWidget):
    """Lines of a tree; a column of counts per group, headed by the group's mark and name.

    ``branch_chosen`` says which trajectories take a branch that was clicked, and the step row that shows it (-1 where
    nothing was done); both are empty (no trajectory, -1) when the chosen branch is clicked again.
    """

    branch_chosen = Signal(object, int)
    line_reached = Signal(int, int)
    """Top and bottom of the line that the keyboard reached, to be scrolled to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[TreeLine, ...] = ()
        self.chosen: int | None = None
        self._tree: PrefixTree | None = None
        self._opened: dict[int, int] = {}
        self._painter: TreePainter | None = None
        self._current = 0
        self._hovered = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        theme.changed.connect(self.update)

    def show_tree(self, tree: PrefixTree, roles: Mapping[str, str | None]) -> None:
        """Show a task's tree; ``roles`` of its groups."""
        self._tree = tree
        self._painter = TreePainter(tree, roles)
        self._opened = opened_at_first(tree)
        self._current, self._hovered, self.chosen = 0, -1, None
        self._lay_out()

    def put_away(self) -> None:
        """Show nothing."""
        self._tree = self._painter = self.chosen = None
        self.lines = ()
        self.setAccessibleName("Prefix tree")
        self.setFixedHeight(0)

    def show_selection(self, trajectory: int | None, brushed: Collection[int]) -> None:
        """Mark the branches that a trajectory takes; a branch stays chosen while its trajectories are brushed."""
        if self._tree is None or self._painter is None:
            return
        self._painter.mark_path(trajectory)
        if self.chosen is not None and set(self.trajectories_of(self.chosen)) != set(brushed):
            self.chosen = None
        self.update()

    def trajectories_of(self, node: int) -> list[int]:
        """The trajectories (rows of the dataset) that take the branch of a node; of the root those without action."""
        if self._tree is None:
            return []
        if node == 0:
            return [int(row) for row in self._tree.trajectories[self._tree.node == 0]]
        return [int(row) for row in self._tree.through(node)]

    def toggle(self, number: int) -> None:
        """Show or put away what is below a line; of a line for branches that are not shown, show more of them."""
        line = self.lines[number]
        if line.more:
            self._opened[line.node] = self._opened.get(line.node, 0) + MORE
        elif line.opened:
            del self._opened[line.node]
        elif line.branches:
            self._opened[line.node] = min(line.branches, BESIDE)
        else:
            return
        self._lay_out()

    def choose(self, number: int) -> None:
        """Select a branch: its trajectories everywhere, and its step of concern (else its first) in front. Chosen
        again, it is let go."""
        line = self.lines[number]
        if line.more:
            self.toggle(number)
            return
        assert self._tree is not None
        if self.chosen == line.node:
            self.chosen = None
            self.branch_chosen.emit([], -1)
        else:
            self.chosen = line.node
            shown = next((node for node in line.nodes if self._tree.concern[node]), line.nodes[0])
            self.branch_chosen.emit(self.trajectories_of(line.node), int(self._tree.step[shown]))
        self.update()

    def told(self, number: int) -> str:
        """Everything about a line: all its actions, how many of each group take it, how many stop."""
        line, tree = self.lines[number], self._tree
        if tree is None:
            return ""
        if line.more:
            return f"{line.text}. Click to see more of them."
        lines = []
        if line.nodes != (0,):
            for node in line.nodes[:_MOST_SAID]:
                mark = "◆ " if tree.concern[node] else "   "
                lines.append(f"{int(tree.depth[node])}. {mark}{tree.actions[int(tree.action[node])]}")
            if len(line.nodes) > _MOST_SAID:
                rest = line.nodes[_MOST_SAID:]
                lines.append(f"… {len(rest):,} more, {int(tree.concern[list(rest)].sum()):,} of them of concern")
        else:
            lines.append("no action")
        lines.append("")
        for group, count, of in zip(tree.groups, line.counts, tree.counts[0], strict=True):
            lines.append(f"{group}: {count:,} of {int(of):,}")
        if line.ends:
            lines.append(f"{line.ends:,} stop here")
        if line.beyond:
            lines.append(f"After it up to {line.beyond:,} more steps that are not told apart")
        if line.concern:
            lines.append("◆ of concern")
        elif line.concern_below:
            lines.append("something of concern further down")
        return "\n".join(lines)

    def sizeHint(self) -> QSize:
        return QSize(560, HEAD + ROW * len(self.lines) if self.lines else 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(360, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._painter is None:
            return
        painter = QPainter(self)
        self._painter.paint_head(painter, self.width())
        first = max(0, (event.rect().top() - HEAD) // ROW)
        last = min(len(self.lines) - 1, (event.rect().bottom() - HEAD) // ROW)
        now = theme.current()
        for number in range(first, last + 1):
            line = self.lines[number]
            box = self._box(number)
            if self.chosen == line.node and not line.more:
                painter.fillRect(box, now.selection)
            elif number == self._hovered:
                painter.fillRect(box, now.hover)
            self._painter.paint_line(painter, box, line)
            if self.hasFocus() and number == self._current:
                painters.focus_frame(painter, box.adjusted(1, 0, -1, -1), now)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._line_at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or number < 0:
            super().mousePressEvent(event)
            return
        self._current = number
        line = self.lines[number]
        if line.branches and not line.more and event.position().x() < fold_mark_right(line):
            self.toggle(number)
        else:
            self.choose(number)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        number = self._line_at(event.position().toPoint())
        if number >= 0 and not self.lines[number].more:
            self.toggle(number)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hovered = self._line_at(event.position().toPoint())
        if hovered != self._hovered:
            self._hovered = hovered
            self.setCursor(Qt.CursorShape.PointingHandCursor if hovered >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        line = self.lines[self._current] if self._current < len(self.lines) else None
        key = event.key()
        if line is None:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            self._current = min(max(self._current + step, 0), len(self.lines) - 1)
            box = self._box(self._current)
            self.line_reached.emit(box.top(), box.bottom())
            self.update()
        elif (key == Qt.Key.Key_Right and (line.more or not line.opened)) or (key == Qt.Key.Key_Left and line.opened):
            self.toggle(self._current)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.choose(self._current)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._painter is not None:
            number = self._line_at(event.pos())
            group = self._painter.group_at(event.pos(), self.width())
            said = self.told(number) if number >= 0 else group or ""
            QToolTip.showText(event.globalPos(), tooltip_text(said), self)
            return True
        return super().event(event)

    def _lay_out(self) -> None:
        assert self._tree is not None
        self.lines = tree_lines(self._tree, self._opened)
        self._current = min(self._current, max(len(self.lines) - 1, 0))
        said = "; ".join(f"{line.text}: {sum(line.counts)}" for line in self.lines[:20])
        self.setAccessibleName(f"Prefix tree: {said}")
        self.setFixedHeight(self.sizeHint().height())
        self.updateGeometry()
        self.update()

    def _box(self, number: int) -> QRect:
        return QRect(0, HEAD + number * ROW, self.width(), ROW)

    def _line_at(self, point: QPoint) -> int:
        number = (point.y() - HEAD) // ROW
        return number if 0 <= number < len(self.lines) else -1
