"""Where things stand: one height for all lines, equal columns right of a gutter."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect

LINE_HEIGHT = 28
GUTTER = 48
_GAP = 8
_LEAST = 225


@dataclass(frozen=True, slots=True)
class Geometry:
    """Columns in a viewport ``width`` wide; narrower than ``_LEAST`` each they scroll sideways."""

    width: int
    columns: int

    @property
    def content(self) -> int:
        """The width of everything."""
        return max(self.width, GUTTER + self.columns * (_LEAST + _GAP))

    def column(self, side: int, top: int, shift: int = 0, height: int = LINE_HEIGHT) -> QRect:
        """A column's part of the line at ``top``; ``shift`` = how far one has scrolled sideways."""
        room = self.content - GUTTER
        left = GUTTER + room * side // self.columns
        right = GUTTER + room * (side + 1) // self.columns
        return QRect(left - shift, top, right - left - _GAP, height)

    def gutter(self, top: int, shift: int = 0, height: int = LINE_HEIGHT) -> QRect:
        return QRect(-shift, top, GUTTER, height)

    def side_at(self, x: int, shift: int = 0) -> int:
        """The column at ``x``; the gutter belongs to the first."""
        room = self.content - GUTTER
        return min(max((x + shift - GUTTER) * self.columns // max(room, 1), 0), self.columns - 1)
