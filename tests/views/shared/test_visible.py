"""Nothing shown contains an invisible character, and nothing is lost on the way."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from views.shared.visible import CELL, UNBROKEN, chip, elided, show, visible

_ANY = st.text(alphabet=st.characters(), max_size=300)


def _invisible(text: str) -> list[str]:
    return [
        character
        for character in text
        if character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    ]


@given(_ANY)
def test_nothing_shown_is_invisible(text: str) -> None:
    assert not _invisible(visible(text).replace("\r\n", "\n"))


@given(_ANY)
def test_places_point_at_the_same_characters(text: str) -> None:
    shown = show(text)
    for position, character in enumerate(text):
        place = shown.place(position)
        assert shown.text.startswith((character, chip(character)), place)


@given(_ANY)
def test_a_cell_is_one_line_and_bounded(text: str) -> None:
    cell = elided(text)
    assert "\n" not in cell
    assert len(cell) <= 2 * CELL + 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ls \u202e-rf", "ls ⟦U+202E⟧-rf"),
        ("de\u200blete", "de⟦U+200B⟧lete"),
        ("p\u0430yload", "p⟦U+0430⟧yload"),
        ("\u0441\u043e\u0440\u0443", "⟦U+0441⟧⟦U+043E⟧⟦U+0440⟧⟦U+0443⟧"),
        ("удалить файл", "удалить файл"),
        ("\uff52\uff4d -rf", "⟦U+FF52⟧⟦U+FF4D⟧ -rf"),
        ("rm \u2013rf /", "rm ⟦U+2013⟧rf /"),
        ("teacher \u2212 student \u22122 pp \u2013 more", "teacher \u2212 student \u22122 pp \u2013 more"),
        ("\x1b[31mred", "⟦U+001B⟧[31mred"),
        ("a\r\nb\rc", "a\r\nb⟦U+000D⟧c"),
        ("forged ⟦U+0041⟧", "forged ⟦U+27E6⟧U+0041⟦U+27E7⟧"),
        ("plain text, café, naïve: 10 ²", "plain text, café, naïve: 10 ²"),
    ],
)
def test_what_hides_or_deceives_becomes_a_chip(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_an_unbroken_token_is_broken() -> None:
    longest = max(len(line) for line in visible("x" * 50_000).split("\n"))
    assert longest <= UNBROKEN


def test_doubling_hostile_text_doubles_the_time() -> None:
    def seconds(size: int) -> float:
        text = "\u202e\u0430a" * size
        begin = time.perf_counter()
        visible(text)
        return time.perf_counter() - begin

    seconds(1_000)
    assert seconds(80_000) < 6 * seconds(20_000) + 0.2
