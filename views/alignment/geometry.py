"""Where things stand: one height for all lines, equal columns right of a gutter."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect

LINE_HEIGHT = 28
GUTTER = 48
WIDE_GUTTER = 84
"""With room for how many columns agree."""
_GAP = 8
_LEAST = 225


@dataclass(frozen=True, slots=True)
class Geometry:
    """Columns in a viewport ``width`` wide; narrower than ``_LEAST`` each they scroll sideways, under the gutter."""

    width: int
    columns: int
    margin: int = GUTTER

    @property
    def content(self) -> int:
        """The width of everything."""
        return max(self.width, self.margin + self.columns * (_LEAST + _GAP))

    def column(self, side: int, top: int, shift: int = 0, height: int = LINE_HEIGHT) -> QRect:
        """A column's part of the line at ``top``; ``shift`` = how far one has scrolled sideways."""
        room = self.content - self.margin
        left = self.margin + room * side // self.columns
        right = self.margin + room * (side + 1) // self.columns
        return QRect(left - shift, top, right - left - _GAP, height)

    def gutter(self, top: int, height: int = LINE_HEIGHT) -> QRect:
        """Left of the columns, wherever they have scrolled to."""
        return QRect(0, top, self.margin, height)

    def beside(self, top: int, height: int = LINE_HEIGHT) -> QRect:
        """All the room right of the gutter."""
        return QRect(self.margin, top, self.width - self.margin, height)

    def side_at(self, x: int, shift: int = 0) -> int:
        """The column at ``x``; the gutter belongs to the first."""
        if x < self.margin:
            return 0
        room = self.content - self.margin
        return min(max((x + shift - self.margin) * self.columns // max(room, 1), 0), self.columns - 1)
