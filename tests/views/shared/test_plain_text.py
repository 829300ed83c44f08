"""Text from a log is shown as it is: never as markup, never too much at once."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from views.shared.plain_text import PAGE, PlainLabel, PlainText, button_text, tooltip_text

MARKUP = 'ls <span style="font-size:0pt">; rm -rf /</span> <img src="file:///etc/hostname">'


def test_a_label_shows_markup_as_text(qtbot: QtBot) -> None:
    label = PlainLabel(MARKUP)
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.text() == MARKUP


def test_a_tip_holds_no_markup_of_the_log() -> None:
    tip = tooltip_text(MARKUP)
    assert "<span" not in tip
    assert "<img" not in tip
    assert "&lt;img" in tip


def test_a_button_shows_ampersands() -> None:
    assert button_text("a && b") == "a &&&& b"


def test_a_viewer_shows_chips_and_gives_the_text_back(qtbot: QtBot) -> None:
    view = PlainText()
    qtbot.addWidget(view)
    view.set_text("rm\u202e -rf")
    assert view.shown_text() == "rm⟦U+202E⟧ -rf"
    assert view.text() == "rm\u202e -rf"


def test_marks_stand_under_the_characters_meant(qtbot: QtBot) -> None:
    view = PlainText()
    qtbot.addWidget(view)
    text = "echo \U0001f600 \u200b; rm -rf /data"
    view.set_text(text)
    start = text.index("rm -rf")
    view.mark([(start, start + 6), (start + 7, start + 12)])
    assert view.marks_shown() == ("rm -rf", "/data")


def test_the_rest_comes_on_demand(qtbot: QtBot) -> None:
    view = PlainText()
    qtbot.addWidget(view)
    view.set_text("word " * (PAGE // 4))
    first = len(view.shown_text())
    assert first <= PAGE + 100
    view._more.click()
    assert len(view.shown_text()) > first
    assert not view._more.isVisibleTo(view)


def test_a_megabyte_without_a_blank_does_not_freeze(qtbot: QtBot) -> None:
    view = PlainText()
    qtbot.addWidget(view)
    view.resize(600, 300)
    view.show()
    begin = time.perf_counter()
    view.set_text("x" * 1_000_000)
    view.edit.viewport().repaint()
    assert time.perf_counter() - begin < 5.0


def test_the_tip_of_a_cut_label_follows_its_text(qtbot: QtBot) -> None:
    label = PlainLabel("a first text that is too long for its place", elide=True)
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert "first text" in label.toolTip()
    label.setText("a second text that is too long for its place")
    assert "second text" in label.toolTip()
    label.setText("short")
    assert not label.toolTip()


def test_a_label_says_itself_in_fewer_words_before_it_is_cut(qtbot: QtBot) -> None:
    label = PlainLabel(elide=True)
    qtbot.addWidget(label)
    label.set_wordings("thirty-seven entries by risk", "thirty-seven entries", "37")
    wide = label.fontMetrics().horizontalAdvance
    assert label.fitting(wide("thirty-seven entries by risk")) == "thirty-seven entries by risk"
    assert label.fitting(wide("thirty-seven entries by risk") - 1) == "thirty-seven entries"
    assert label.fitting(wide("thirty-seven entries") - 1) == "37"
    assert label.whole_text() == "thirty-seven entries by risk"
    label.resize(wide("thirty-seven entries"), 20)
    label.show()
    assert "by risk" in label.toolTip()
    label.setText("another text, much too long for it")
    assert label.fitting(wide("another")).endswith("…")
