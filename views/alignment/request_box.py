"""What was asked, pinned above the rows: two lines, or all of it with what the system said."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from explorer.session.audit_session import AuditSession
from explorer.session.step_line import one_line
from views.alignment.aligned import Aligned
from views.shared import theme
from views.shared.plain_text import PlainLabel, PlainText
from views.shared.widgets import follow_theme

_PEEK = 420
_TALL = 8


def asked(session: AuditSession, aligned: Aligned) -> tuple[str, str]:
    """The request as one line and in full. Where the columns were asked different things, all are said, and the line
    says so; what the system said first follows."""
    dataset = session.dataset
    if dataset is None:
        return "", ""
    texts = [dataset.request(side.trajectory) for side in aligned.sides]
    distinct = list(dict.fromkeys(texts))
    if len(distinct) == 1:
        line, full = texts[0], texts[0]
    else:
        line = f"They were asked {len(distinct)} different things. The last: {texts[-1]}"
        pairs = zip(aligned.sides, texts, strict=True)
        full = "\n\n".join(f"— {side.title} was asked:\n{text}" for side, text in pairs)
    told: dict[str, None] = {}
    for side in aligned.sides:
        for turn in side.said.system:
            told.setdefault(side.said.text(dataset, turn))
    for text in told:
        full += f"\n\n— The system said:\n{text}"
    return one_line(line, _PEEK), full


class RequestBox(QWidget):
    """The request, collapsed to two lines until one asks for more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._full = ""
        self.peek = PlainLabel("", self, wrap=True)
        self.more = QPushButton("All of it", self)
        self.more.setProperty("quiet", True)
        self.more.setFont(theme.small_font())
        self.more.setCheckable(True)
        self.whole = PlainText(self, mono=False, fit=_TALL)
        self.whole.hide()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.peek, 1)
        row.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 6, 6)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.whole)
        self.more.toggled.connect(self._on_more_toggled)
        follow_theme(self)

    def set_request(self, line: str, full: str) -> None:
        """Show a request, collapsed."""
        self._full = full
        self._line = line
        self.more.setVisible(full.strip() != line.strip())
        self.more.setChecked(False)
        self._fit()
        self.setVisible(bool(full))

    def _fit(self) -> None:
        """Two lines at most, whatever the width."""
        metrics = self.peek.fontMetrics()
        room = max(self.width() - self.more.sizeHint().width() - 32, 120)
        most = int(2 * room / max(metrics.averageCharWidth(), 1) * 0.92)
        words = f"Request: “{self._line}”"
        self.peek.setText(words if len(words) <= most else words[: most - 2].rstrip() + "…”")
        self.more.setVisible(len(words) > most or self._full.strip() != self._line.strip())

    def _on_more_toggled(self, on: bool) -> None:
        self.more.setText("Less" if on else "All of it")
        if on:
            self.whole.set_text(self._full)
        self.whole.setVisible(on)
        self.peek.setVisible(not on)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._full:
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), now.inset)
        painter.fillRect(QRect(0, 0, 3, self.height()), now.faint)
        painter.end()
