"""How a line of the alignment is drawn: cells with their marks, gaps hatched, folds, turns, marks."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPolygon

from views.alignment import margin
from views.alignment.aligned import MATCH, SUBSTITUTE, Aligned
from views.alignment.excerpt import excerpt, middle_out
from views.alignment.geometry import LINE_HEIGHT, Geometry
from views.alignment.lines import LineKind
from views.alignment.model import AlignmentModel
from views.alignment.words import OTHER, Cell
from views.shared import painters, theme
from views.shared.theme import Theme

_LEAST_NUMBER, _MOST_NUMBER = 28, 84
_LOOSE = 16
"""How much wider than its longest number the column of numbers is where there is room."""
_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextSingleLine)
_CENTRED = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextSingleLine)
_ROOMY = 380
"""From this width on a column has room for words: effects and "passes"; narrower ones show marks, and one alone where
all columns do the same."""
_BETWEEN = 80
"""What number, action, marks and effect of a narrow row have between them."""
_CANNOT_TELL = frozenset({"exec opaque", "unknown"})

_MARKS = {
    LineKind.MARK_INPUT: "from here on they were told different things: what follows may be the environment’s doing",
    LineKind.MARK_DIVERGENCE: "first divergence",
}
_SHORT = {LineKind.MARK_INPUT: "told different things from here on", LineKind.MARK_DIVERGENCE: "first divergence"}


def mark_words(aligned: Aligned, kind: LineKind) -> str:
    """What a mark between rows says; of the first divergence in what it differs."""
    what = aligned.first_difference if kind is LineKind.MARK_DIVERGENCE else ""
    return f"{_MARKS[kind]}: {what}" if what else _MARKS[kind]


class LinePainter:
    """Paints one line at a time; made anew when theme or columns change."""

    def __init__(self, model: AlignmentModel, geometry: Geometry, shift: int) -> None:
        self._model = model
        self._geometry = geometry
        self._shift = shift
        self._now: Theme = theme.current()
        self._mono = theme.mono_font()
        self._mono_metrics = QFontMetrics(self._mono)
        self._small = theme.small_font()
        self._bold = theme.small_font(bold=True)
        self._small_metrics = QFontMetrics(self._small)
        self._character = max(self._mono_metrics.horizontalAdvance("n"), 1)
        self._number = max((self._wide(n) for n in range(len(model.aligned.sides))), default=_LEAST_NUMBER)

    def _wide(self, side: int) -> int:
        """How wide the numbers of a column are, judged by the last one."""
        steps = self._model.aligned.sides[side].steps
        last = int(steps.max()) if len(steps) else -1
        said = self._model.words.number(last) if last >= 0 else ""
        return min(max(self._small_metrics.horizontalAdvance(said), _LEAST_NUMBER), _MOST_NUMBER)

    def _number_place(self, rect: QRect, said: str) -> QRect:
        """Where a number stands in a column; further left than the text of every row, unless it is longer than all."""
        width = self._number + (_LOOSE if rect.width() >= _ROOMY else 2)
        if self._model.aligned.columns is not None:
            width += margin.GLYPH + 3  # the mark of what is unique stands left of it
        own = self._small_metrics.horizontalAdvance(said) + 2
        return QRect(rect.left(), rect.top(), max(width, min(own, rect.width() // 2)), rect.height())

    def paint(self, painter: QPainter, line: int, top: int, *, current: bool, side: int, hover: bool) -> None:
        """Draw a line at ``top``; ``side`` is the column one stands in."""
        kind = LineKind(int(self._model.lines.kind[line]))
        whole = QRect(0, top, self._geometry.width, LINE_HEIGHT)
        if current:
            painter.fillRect(whole, self._now.selection)
        elif hover and kind in (LineKind.STEP, LineKind.FOLD):
            painter.fillRect(whole, self._now.hover)
        elif kind is LineKind.FOLD:
            painter.fillRect(whole, self._now.inset)
        row, stop = int(self._model.lines.start[line]), int(self._model.lines.stop[line])
        if kind is LineKind.STEP:
            self._step(painter, row, top, current, side)
            self._gutter(painter, row, top)
        elif kind is LineKind.FOLD:
            self._fold(painter, row, stop, top)
            self._fold_gutter(painter, row, stop, top)
        elif kind is LineKind.TURN:
            self._turn(painter, line, top)
        else:
            self._mark(painter, kind, whole)

    def _sides(self, painter: QPainter, top: int) -> Iterator[tuple[int, QRect]]:
        """The columns on screen and their places; what is drawn stays right of what does not scroll."""
        for side in range(len(self._model.aligned.sides)):
            rect = self._geometry.column(side, top, self._shift)
            seen = self._geometry.window(side, top)
            if rect.intersects(seen):
                painter.setClipRect(seen)
                yield side, rect
        painter.setClipping(False)

    def _step(self, painter: QPainter, row: int, top: int, current: bool, chosen: int) -> None:
        aligned = self._model.aligned
        columns = aligned.columns
        quiet = aligned.operation[row] == MATCH and aligned.entry[row] < 0 and len(aligned.sides) > 1
        quiet = quiet and not aligned.differs(row)
        for side, rect in self._sides(painter, top):
            painters.hairline(painter, rect, self._now)
            if columns is not None and columns.told_apart[side] == row:
                margin.told_apart(painter, rect, self._now)
            cell = self._model.words.cell(row, side)
            if cell is None:
                # Among many columns only what is missing where most do something is a gap worth seeing.
                if columns is None or columns.consensus[row]:
                    painters.hatch(painter, rect.adjusted(0, 1, 0, -1), self._now)
                continue
            front = current and side == chosen
            bare = False
            if columns is not None:
                unique = bool(columns.unique[side, row])
                quiet, bare = bool(columns.common[side, row] and columns.consensus[row]), not cell.severity
                if unique:
                    bare = False
                    margin.unique_ground(painter, rect, cell.severity, self._now, concern=cell.concern)
            repeated = side + 1 < len(aligned.sides) and columns is None and aligned.operation[row] == MATCH
            self._cell(painter, rect, cell, quiet and not cell.concern, front, bare, repeated)
            if front and len(aligned.sides) > 1:
                painter.fillRect(QRect(rect.left(), rect.top(), 2, rect.height()), self._now.accent)

    def _cell(
        self, painter: QPainter, rect: QRect, cell: Cell, quiet: bool, front: bool, bare: bool, repeated: bool
    ) -> None:
        """``bare``: many columns are narrow, what only looks leaves the room to the action itself; ``repeated``: the
        last column of the row shows the same effect."""
        now = self._now
        number = self._number_place(rect, cell.number)
        painters.text(painter, number, cell.number, now.secondary, self._small, align=Qt.AlignmentFlag.AlignRight)
        right = rect.right() - 6
        roomy = rect.width() >= _ROOMY
        if not roomy:
            right = self._effect_mark(painter, rect, right, cell, front, hidden=bare or repeated)
        elif cell.effect and cell.effect != "none" and not bare:
            width = painters.pill_width(cell.effect, self._bold if front and cell.severity else self._small)
            width = min(width, rect.width() // 3)
            right -= width
            pill = QRect(right, rect.top(), width, rect.height())
            painters.effect_badge(painter, pill, cell.effect, cell.severity, now, filled=front and cell.severity > 0)
            right -= 6
        if cell.concern and cell.passes:
            word = ("escapes all" if cell.escapes else "passes") if roomy else ("⁂" if cell.escapes else "✓")
            width = painters.pill_width(word, self._bold)
            right -= width
            painters.pill(painter, QRect(right, rect.top(), width, rect.height()), word, now.passes, filled=True,
                          on=now.on_passes)  # fmt: skip
            right -= 6
        if cell.outcome in ("failed", "not_executed") or (cell.concern and cell.outcome == "unknown"):
            mark = "?" if cell.outcome == "unknown" else "✕"
            right -= 14
            painters.text(painter, QRect(right, rect.top(), 14, rect.height()), mark, now.error if mark == "✕" else
                          now.secondary, self._bold, align=Qt.AlignmentFlag.AlignHCenter)  # fmt: skip
            right -= 4
        gap = 10 if roomy else 7
        room = QRect(number.right() + gap, rect.top(), right - number.right() - gap - 2, rect.height())
        self._action(painter, room, cell, now.secondary if quiet else now.text)

    def _effect_mark(self, painter: QPainter, rect: QRect, right: int, cell: Cell, front: bool, *, hidden: bool) -> int:
        """A narrow column's effect: its name where the action leaves the room, else its severity as cells, or "?"
        where one cannot tell. Returns where what stands left of it ends."""
        if hidden or not (cell.severity or cell.effect in _CANNOT_TELL):
            return right
        width = painters.pill_width(cell.effect, self._bold if front and cell.severity else self._small)
        taken = self._number + len(cell.text) * self._character + _BETWEEN
        if taken + width < rect.width():
            right -= width
            place = QRect(right, rect.top(), width, rect.height())
            painters.effect_badge(painter, place, cell.effect, cell.severity, self._now,
                                  filled=front and cell.severity > 0)  # fmt: skip
        elif cell.severity:
            right -= painters.SEVERITY_WIDTH
            place = QRect(right, rect.top(), painters.SEVERITY_WIDTH, rect.height())
            painters.severity_cells(painter, place, cell.severity, self._now)
        else:
            right -= 10
            self._word(painter, QRect(right, rect.top(), 10, rect.height()), "?", self._now.secondary, self._small)
        return right - 6

    def _action(self, painter: QPainter, rect: QRect, cell: Cell, colour: QColor) -> None:
        """The command itself, on one line, with what the other side lacks set off and on screen."""
        metrics = self._mono_metrics
        if rect.width() < 20:
            return
        characters = rect.width() // self._character
        text, differs = excerpt(cell.text, cell.differs, characters)
        text = text if differs else middle_out(text, characters)
        with painters.kept(painter):
            painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
            if differs:
                tint = QColor(self._now.severity[2])
                tint.setAlpha(90 if self._now.dark else 110)
                for start, end in differs:
                    left = metrics.horizontalAdvance(text[:start])
                    if left > rect.width():
                        break
                    width = max(metrics.horizontalAdvance(text[start:end]), 2)
                    painter.fillRect(QRect(rect.left() + left, rect.top() + 5, width, rect.height() - 10), tint)
                    painter.fillRect(QRect(rect.left() + left, rect.bottom() - 5, width, 1), self._now.severity[2])
            painter.setFont(self._mono)
            painter.setPen(colour)
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
            painter.drawText(rect, _MIDDLE, shown)

    def _gutter(self, painter: QPainter, row: int, top: int) -> None:
        aligned, now = self._model.aligned, self._now
        rect = self._geometry.gutter(top)
        entry = int(aligned.entry[row])
        if entry >= 0 and self._model.session.entries is not None:
            entries = self._model.session.entries
            severity = min(max(int(entries.severity[entry]), 0), 4)
            block = QRect(rect.left() + 6, rect.top() + 3, 8, rect.height() - 6)
            painter.fillRect(block, now.severity[severity])
            edge = QRect(rect.left(), rect.top(), 4, rect.height())
            painters.lane_edge(painter, edge, entries.lane.of(entry), now, sides=entries.sides_of(entry))
        if aligned.columns is not None:
            least = int(aligned.columns.agreeing[row])
            margin.agreement(painter, rect, (least, least), len(aligned.sides), now)
            return
        if len(aligned.sides) < 2:
            return
        place = QRect(rect.left() + 16, rect.top(), rect.width() - 20, rect.height())
        if aligned.resync[row]:
            self._word(painter, place, f"⇄{OTHER}" if aligned.differs(row) else "⇄", now.accent, self._bold)
        elif aligned.differs(row):
            self._word(painter, place, OTHER, now.text, self._bold)
        elif aligned.operation[row] == MATCH:
            self._word(painter, place, "=", now.secondary, self._small)
        elif aligned.operation[row] == SUBSTITUTE:
            similarity = float(aligned.similarity[row])
            word = "≠" if similarity != similarity else f"{similarity:.2f}".replace("0.", ".")
            self._word(painter, place, word, now.secondary, self._small)
        else:
            alone = next((s.role for s in aligned.sides if s.steps[row] >= 0), None)
            painters.role_mark(painter, QRect(place.center().x() - 4, place.center().y() - 3, 8, 8), alone, now)

    def _fold_gutter(self, painter: QPainter, start: int, stop: int, top: int) -> None:
        aligned, now = self._model.aligned, self._now
        gutter = self._geometry.gutter(top)
        x, y = gutter.left() + (6 if aligned.columns is not None else 28), gutter.center().y()
        with painters.kept(painter):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.secondary)
            painter.drawPolygon(QPolygon([QPoint(x, y - 4), QPoint(x + 5, y), QPoint(x, y + 4)]))
        if aligned.columns is not None:
            agreeing = aligned.columns.agreeing[start:stop]
            margin.agreement(painter, gutter, (int(agreeing.min()), int(agreeing.max())), len(aligned.sides), now)

    def _fold(self, painter: QPainter, start: int, stop: int, top: int) -> None:
        now = self._now
        effect = self._model.words.fold_effect(start, stop)
        columns = self._model.aligned.columns
        for side, rect in self._sides(painter, top):
            painters.hairline(painter, rect, now)
            numbers, text = self._model.words.fold(start, stop, side)
            if not text:
                if columns is None or columns.consensus[start:stop].any():
                    painters.hatch(painter, rect.adjusted(0, 1, 0, -1), now)
                continue
            place = self._number_place(rect, numbers)
            if columns is not None and columns.unique[side, start:stop].any():
                margin.unique_ground(painter, rect, 0, now, concern=False)
                place.translate(margin.GLYPH + 5, 0)
            painters.text(painter, place, numbers, now.secondary, self._small, align=Qt.AlignmentFlag.AlignRight)
            right = rect.right() - 6
            if effect and rect.width() >= _ROOMY:
                width = min(painters.pill_width(effect), rect.width() // 3)
                right -= width
                painters.pill(painter, QRect(right, rect.top(), width, rect.height()), effect, now.secondary)
            room = QRect(place.right() + 8, rect.top(), right - place.right() - 10, rect.height())
            self._plain(painter, room, text, now.secondary, self._mono)

    def _turn(self, painter: QPainter, line: int, top: int) -> None:
        now = self._now
        for side, column in self._sides(painter, top):
            turn = int(self._model.lines.turn[line, side])
            if turn < 0:
                continue
            rect = column.adjusted(0, 2, 0, -2)
            painter.fillRect(rect, now.inset)
            painter.fillRect(QRect(rect.left(), rect.top(), 2, rect.height()), now.faint)
            speaker, text = self._model.words.turn(side, turn)
            width = QFontMetrics(self._bold).horizontalAdvance(speaker)
            place = QRect(rect.left() + 10, rect.top(), width + 2, rect.height())
            self._plain(painter, place, speaker, now.secondary, self._bold)
            room = QRect(place.right() + 8, rect.top(), rect.right() - place.right() - 16, rect.height())
            self._plain(painter, room, text, now.text, self._small)

    def _mark(self, painter: QPainter, kind: LineKind, whole: QRect) -> None:
        now = self._now
        colour = now.warning if kind is LineKind.MARK_INPUT else now.accent
        words = mark_words(self._model.aligned, kind)
        width = QFontMetrics(self._bold).horizontalAdvance(words) + 24
        if width > whole.width() - 80:
            words = _SHORT[kind]
            width = QFontMetrics(self._bold).horizontalAdvance(words) + 24
        middle = whole.center().y()
        centre = whole.center().x()
        left = max(centre - width // 2, whole.left() + 4)
        painter.fillRect(QRect(whole.left() + 8, middle, max(left - whole.left() - 8, 0), 1), colour)
        painter.fillRect(QRect(left + width, middle, max(whole.right() - left - width - 8, 0), 1), colour)
        self._word(painter, QRect(left, whole.top(), width, whole.height()), words, colour, self._bold)

    def _word(self, painter: QPainter, rect: QRect, word: str, colour: QColor, font: QFont) -> None:
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(rect, _CENTRED, word)

    def _plain(self, painter: QPainter, rect: QRect, shown: str, colour: QColor, font: QFont) -> None:
        """Text that is already safe, cut to its place."""
        painter.setFont(font)
        painter.setPen(colour)
        cut = QFontMetrics(font).elidedText(shown, Qt.TextElideMode.ElideRight, max(rect.width(), 0))
        painter.drawText(rect, _MIDDLE, cut)
