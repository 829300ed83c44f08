"""Paints the head and the lines of a prefix tree."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPolygonF

from explorer.model.alignment import PrefixTree
from views.shared import painters, theme
from views.shared.visible import elided
from views.statistics.tree_lines import ARROW, TreeLine, line_parts

ROW = 24
HEAD = 62
_INDENT = 16
_MOST_INDENTS = 20
_LEFT = 6
_FOLD = 12
_DIAMOND = 14
_NARROW, _WIDE = 44, 120
_SHARE = 0.36
_TIGHT = 420
_JOINTS = "-_./: "
_ONE_LINE = 64
"""Names up to so many pixels have room for one line."""
_NAME = 60
"""Characters of a group's name."""


def fold_mark_right(line: TreeLine) -> int:
    """Where the mark ends with which a line's branches are shown and put away."""
    return _start(line) + _FOLD


def _start(line: TreeLine) -> int:
    return _LEFT + min(line.level, _MOST_INDENTS) * _INDENT


class TreePainter:
    """What one tree looks like; holds the path of the selected trajectory."""

    def __init__(self, tree: PrefixTree, roles: Mapping[str, str | None]) -> None:
        self._tree = tree
        self._roles = roles
        self._path: frozenset[int] = frozenset()

    def mark_path(self, trajectory: int | None) -> None:
        """Mark the lines that a trajectory takes."""
        found = [] if trajectory is None else np.flatnonzero(self._tree.trajectories == trajectory).tolist()
        path = []
        node = int(self._tree.node[found[0]]) if found else -1
        while node >= 0:
            path.append(node)
            node = int(self._tree.parent[node])
        # The root is everybody's beginning; only who does nothing at all stays there.
        self._path = frozenset(path[:-1] or path)

    def group_at(self, point: QPoint, width: int) -> str | None:
        """What the head says at a point: the group, its role and how many trajectories it has."""
        column, right = self._columns(width)
        number = (point.x() - right) // max(column, 1)
        if point.y() >= HEAD or not 0 <= number < len(self._tree.groups):
            return None
        group = self._tree.groups[number]
        return f"{group} ({self._roles.get(group) or 'no role'}): {int(self._tree.counts[0, number]):,} trajectories"

    def paint_head(self, painter: QPainter, width: int) -> None:
        """The groups: mark, name, and of how many trajectories."""
        now = theme.current()
        column, right = self._columns(width)
        below = int(Qt.AlignmentFlag.AlignHCenter) | int(Qt.AlignmentFlag.AlignBottom)
        small = theme.small_font()
        for number, group in enumerate(self._tree.groups):
            role = self._roles.get(group)
            x = right + number * column
            name = QRect(x + 2, 0, column - 4, 32)
            shown = "\n".join(in_two_lines(elided(group, _NAME), name.width(), QFontMetrics(small)))
            with painters.kept(painter):
                painter.setFont(small)
                painter.setPen(now.text_of_role(role))
                painter.setClipRect(name)
                painter.drawText(name, below, shown)
            of = f"of {int(self._tree.counts[0, number]):,}"
            wide = QFontMetrics(small).horizontalAdvance(of) + 14
            mark = x + (column - wide) // 2
            painters.role_mark(painter, QRect(mark, 36, 10, 20), role, now)
            painters.text(painter, QRect(mark + 14, 36, column, 20), of, now.secondary, small)
        painters.hairline(painter, QRect(0, 0, width, HEAD), now)

    def paint_line(self, painter: QPainter, box: QRect, line: TreeLine) -> None:
        """One line: marks, actions, what follows, and the counts."""
        now = theme.current()
        column, right = self._columns(box.width())
        painters.hairline(painter, box, now)
        if line.node in self._path and not line.more:
            painter.fillRect(QRect(0, box.top(), 3, ROW - 1), now.accent)
        x = _start(line)
        if line.branches and not line.more:
            self._fold_mark(painter, x, box, line.opened, now)
        x += _FOLD
        if line.concern or line.concern_below:
            self._diamond(painter, x, box, now, filled=line.concern)
        self._words(painter, QRect(x + _DIAMOND, box.top(), right - x - _DIAMOND - 8, ROW), line, now)
        for number, count in enumerate(line.counts):
            cell = QRect(right + number * column, box.top(), column, ROW)
            ink = now.secondary if line.more or not count else now.text
            painters.text(painter, cell, f"{count:,}" if count else "·", ink, theme.font(),
                          align=Qt.AlignmentFlag.AlignHCenter)  # fmt: skip

    def _words(self, painter: QPainter, box: QRect, line: TreeLine, now: theme.Theme) -> None:
        if line.more:
            painters.text(painter, box, line.text, now.accent, theme.font())
            return
        small = QFontMetrics(theme.small_font())
        told = _told(line, short=box.width() < _TIGHT)
        after = small.horizontalAdvance(told) + (28 if line.ends else 16) if told else 0
        mono = theme.mono_font()
        metrics = QFontMetrics(mono)
        room = max(box.width() - after, box.width() // 3)
        parts = line.parts if line.nodes == (0,) else line_parts(
            self._tree, line.nodes, room // max(metrics.horizontalAdvance("m"), 1)
        )  # fmt: skip
        x, stop = box.left(), box.left() + room
        for part in parts:
            if x >= stop:
                break
            quiet = part.left_out or part is ARROW
            ink = now.severity_text[4] if part.concern else now.secondary if quiet else now.text
            wide = metrics.horizontalAdvance(elided(part.text, 400))
            painters.text(painter, QRect(x, box.top(), min(wide + 2, stop - x), ROW), part.text, ink, mono)
            x = min(x + wide, stop)
        if not told:
            return
        x += 12
        if line.ends:
            with painters.kept(painter):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(now.secondary)
                painter.drawRect(QRectF(x, box.center().y() - 3, 7, 7))
            x += 12
        painters.text(painter, QRect(x, box.top(), box.right() - x, ROW), told, now.secondary, theme.small_font())

    def _columns(self, width: int) -> tuple[int, int]:
        """The width of a column of counts, and where the first begins."""
        groups = max(len(self._tree.groups), 1)
        metrics = QFontMetrics(theme.small_font())
        most = metrics.horizontalAdvance(f"of {int(self._tree.counts[0].max(initial=0)):,}")
        names = max((metrics.horizontalAdvance(elided(group, _NAME)) for group in self._tree.groups), default=0)
        least = max(_NARROW, most + 24)
        wanted = max(min(names, _ONE_LINE) + 10, names * 3 // 5 + 12, least)
        column = min(wanted, _WIDE, max(int(width * _SHARE) // groups, least))
        return column, width - column * groups - 6

    @staticmethod
    def _fold_mark(painter: QPainter, x: int, box: QRect, opened: bool, now: theme.Theme) -> None:
        middle = box.center().y() + 0.5
        with painters.kept(painter):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.secondary)
            if opened:
                corners = [QPointF(x + 1, middle - 2.5), QPointF(x + 9, middle - 2.5), QPointF(x + 5, middle + 3)]
            else:
                corners = [QPointF(x + 2.5, middle - 4), QPointF(x + 8, middle), QPointF(x + 2.5, middle + 4)]
            painter.drawPolygon(QPolygonF(corners))

    @staticmethod
    def _diamond(painter: QPainter, x: int, box: QRect, now: theme.Theme, *, filled: bool) -> None:
        middle, at = box.center().y() + 0.5, x + 5.0
        colour: QColor = now.severity[4]
        with painters.kept(painter):
            painter.setPen(colour)
            painter.setBrush(colour if filled else Qt.BrushStyle.NoBrush)
            painter.drawPolygon(
                QPolygonF([QPointF(at, middle - 4), QPointF(at + 4, middle), QPointF(at, middle + 4),
                           QPointF(at - 4, middle)])
            )  # fmt: skip


def _told(line: TreeLine, *, short: bool) -> str:
    """What is said after the actions: who stops, what is put away, what is not told apart."""
    said = []
    if line.ends:
        said.append(f"{line.ends:,}" if short else f"{line.ends:,} stop here")
    if line.branches > 1 and not line.opened:
        said.append(f"{line.branches:,} ways on")
    elif line.branches and not line.opened:
        said.append("goes on")
    if line.beyond:
        said.append(f"{line.beyond:,} more" if short else f"{line.beyond:,} more steps are not told apart")
    return " · ".join(said)


def in_two_lines(name: str, width: int, metrics: QFontMetrics) -> tuple[str, ...]:
    """A name on at most two lines of a width, parted where it has a joint; of what is still too long the middle of the
    second line is left out, since groups differ at the end as at the start."""
    if metrics.horizontalAdvance(name) <= width:
        return (name,)
    fits = max((n for n in range(1, len(name)) if metrics.horizontalAdvance(name[:n]) <= width), default=1)
    joint = max((n for n in range(fits // 3 + 1, fits + 1) if name[n - 1] in _JOINTS), default=fits)
    return name[:joint], metrics.elidedText(name[joint:], Qt.TextElideMode.ElideMiddle, width)
