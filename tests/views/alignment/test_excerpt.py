"""What of a long line is shown in a narrow place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from explorer.model.effect import Span
from views.alignment.excerpt import excerpt, middle_out

_PAY = "send_money  recipient=US133000000121212121212  amount=0.01  subject=Refund"


def _at(text: str, part: str) -> Span:
    return Span(text.index(part), text.index(part) + len(part))


def test_the_first_difference_is_on_screen_with_its_field_and_the_tool() -> None:
    text, differs = excerpt(_PAY, [_at(_PAY, "0.01")], 32)
    assert text == "send_money …amount=0.01  subject=Refund"
    assert text[differs[0].start : differs[0].end] == "0.01"
    assert differs[0].end < 32


def test_what_can_be_seen_anyway_stays_as_it_is() -> None:
    assert excerpt(_PAY, [_at(_PAY, "0.01")], 80) == (_PAY, (_at(_PAY, "0.01"),))
    assert excerpt(_PAY, [], 10) == (_PAY, ())


def test_a_long_name_is_cut_rather_than_left_out() -> None:
    text = "create_calendar_event  title=Meeting  participants=[anna, ben]"
    assert excerpt(text, [_at(text, ", ben")], 24)[0].startswith("create_ca…")


def test_what_is_missing_here_is_a_place_of_no_width() -> None:
    place = _PAY.index("  subject")
    text, differs = excerpt(_PAY, [Span(place, place)], 32)
    assert text == "send_money …amount=0.01  subject=Refund"
    assert differs == (Span(23, 23),)


def test_a_path_a_little_too_long_keeps_its_end() -> None:
    assert middle_out("bash /workspace/daily_backup.sh", 24) == "bash /workspac…backup.sh"
    assert middle_out("ls -la /", 24) == "ls -la /"
    assert middle_out("x" * 60, 24) == "x" * 60


@given(st.text(alphabet="ab =", max_size=120), st.data(), st.integers(1, 60))
def test_places_hold_what_they_held(text: str, data: st.DataObject, room: int) -> None:
    ends = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = [Span(a, b) for a, b in zip(ends[::2], ends[1::2], strict=False)]
    shown, places = excerpt(text, spans, room)
    assert [shown[a:b] for a, b in places] == [text[a:b] for a, b in spans]
    assert len(shown) <= len(text) + len(spans) + 2
