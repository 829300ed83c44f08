"""Nothing that is shown holds an invisible character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.model.visible_text import folded, is_invisible, is_suspicious, one_line, visible


@given(st.text())
def test_nothing_shown_is_invisible(text: str) -> None:
    assert not any(is_invisible(c) for c in visible(text))


@given(st.text(alphabet=st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_plain_ascii_is_shown_as_it_is(text: str) -> None:
    assert visible(text) is text


@pytest.mark.parametrize(
    ("text", "chip"),
    [
        ("ls \u202erm", "⟦U+202E⟧"),
        ("r\u200bm", "⟦U+200B⟧"),
        ("a\u00adb", "⟦U+00AD⟧"),
        ("a\x1b[31mb", "⟦U+001B⟧"),
        ("x\U000e0041", "⟦U+E0041⟧"),
        ("a\ufe0fb", "⟦U+FE0F⟧"),
        ("a\u3164b", "⟦U+3164⟧"),
        ("a\ud800b", "⟦U+D800⟧"),
    ],
)
def test_hidden_characters_become_chips(text: str, chip: str) -> None:
    assert chip in visible(text)
    assert is_suspicious(text)


def test_look_alikes_are_marked_in_words_that_are_otherwise_ascii() -> None:
    assert visible("rм x") == "rм⟦U+043C⟧ x"
    assert visible("удалить файл") == "удалить файл"
    assert folded("rм\u200b -rf") == "rm -rf"


@given(st.text(max_size=2000), st.integers(min_value=2, max_value=300))
def test_one_line_is_one_bounded_line(text: str, limit: int) -> None:
    shown = one_line(text, limit)
    assert len(shown) <= limit
    assert "\n" not in shown
