"""Where things stand: one height for all lines, equal columns right of a gutter."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect

LINE_HEIGHT = 28
GUTTER = 48
WIDE_GUTTER = 84
"""With room for how many columns agree."""
PINNED_FROM = 640
"""From this width on there is room for the first column to stay."""
_GAP = 8
_LEAST = 225
_TIGHT = 200
"""A few columns are rather this narrow than not all on screen."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """Columns in a viewport ``width`` wide; where they do not all fit they are ``_LEAST`` wide and scroll sideways,
    under the gutter (and, where ``pinned``, under the first column, which stays as the gutter does)."""

    width: int
    columns: int
    margin: int = GUTTER
    pinned: bool = False

    @property
    def content(self) -> int:
        """The width of everything."""
        if self.margin + self.columns * (_TIGHT + _GAP) <= self.width:
            return self.width
        return max(self.width, self.margin + self.columns * (_LEAST + _GAP))

    def column(self, side: int, top: int, shift: int = 0, height: int = LINE_HEIGHT) -> QRect:
        """A column's part of the line at ``top``; ``shift`` = how far one has scrolled sideways."""
        room = self.content - self.margin
        left = self.margin + room * side // self.columns
        right = self.margin + room * (side + 1) // self.columns
        if side == 0 and self.pinned:
            shift = 0
        return QRect(left - shift, top, right - left - _GAP, height)

    def gutter(self, top: int, height: int = LINE_HEIGHT) -> QRect:
        """Left of the columns, wherever they have scrolled to."""
        return QRect(0, top, self.margin, height)

    def window(self, side: int, top: int, height: int = LINE_HEIGHT) -> QRect:
        """Where a column can be seen: right of the gutter, and of the first column if that is pinned."""
        left = self.column(0, top).right() + _GAP // 2 if side and self.pinned else self.margin
        return QRect(left, top, self.width - left, height)

    def side_at(self, x: int, shift: int = 0) -> int:
        """The column at ``x``; the gutter belongs to the first."""
        if x < self.window(min(self.columns - 1, 1), 0).left():
            return 0
        room = self.content - self.margin
        return min(max((x + shift - self.margin) * self.columns // max(room, 1), 0), self.columns - 1)

    def shift_to(self, side: int, shift: int) -> int:
        """How far to scroll sideways so that a column is seen as a whole."""
        rect, seen = self.column(side, 0, shift), self.window(side, 0)
        if rect.left() < seen.left():
            return shift - (seen.left() - rect.left())
        return shift + max(rect.right() - seen.right(), 0)
