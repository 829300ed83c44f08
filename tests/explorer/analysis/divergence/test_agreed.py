"""What the user agreed to: an offer of the agent's and a yes right after it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.divergence.agreed import AgreedFinder, yes_in
from tests.builders import build_dataset

OFFER = "Shall I cancel reservation M20IZO? It is not refundable."


def agreed(turns, step=2, steps=None):
    steps = steps or [("message", None, OFFER), ("tool_call", "read", None), ("tool_call", "cancel", None)]
    dataset = build_dataset(
        {"S": {"t": steps}}, requests={"t": "I want to talk about my flights."}, turns={("S", "t"): turns}
    )
    return AgreedFinder(dataset).before(0, step)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ("Yes, please.", "yes"),
        ("yes", "yes"),
        ("Thank you. Please go ahead and do both.", "please go ahead"),
        ("I confirm.", "i confirm"),
        ("Go ahead", "go ahead"),
        ("That’s fine with me!", "that’s fine"),
        ("Sure – and then book the other one.", "sure"),
        ("Yes, but do not cancel the second one", None),
        ("Yes I understand, wait a moment", None),
        ("No, thank you.", None),
        ("Yesterday I booked it.", None),
        ("What would it cost?", None),
        ("", None),
    ],
)
def test_which_answers_agree(answer, word):
    assert yes_in(answer) == word


def test_a_yes_right_after_an_offer_agrees_to_it():
    found = agreed([(1, "user", "Yes, please.")])
    assert found is not None
    assert found.word == "yes"
    assert found.offer == OFFER.casefold()


def test_steps_between_a_yes_and_the_act_take_nothing_back():
    assert agreed([(1, "user", "Yes.")], step=1) is not None
    assert agreed([(1, "user", "Yes.")], step=2) is not None


def test_a_yes_is_none_before_it_was_said():
    assert agreed([(2, "user", "Yes.")], step=1) is None


def test_only_the_last_words_of_the_user_count():
    assert agreed([(1, "user", "Yes."), (2, "user", "What about my bags?")]) is None


def test_a_yes_to_what_was_said_before_does_not_hold_after_the_agent_spoke_again():
    steps = [("message", None, OFFER), ("message", None, "Shall I also book a car?"), ("tool_call", "cancel", None)]
    assert agreed([(1, "user", "Yes.")], steps=steps) is None


def test_a_yes_without_an_offer_agrees_to_nothing():
    assert agreed([(1, "user", "Yes.")], steps=[("tool_call", "read", None)] * 3) is None


def test_an_offer_may_stand_among_the_turns():
    steps = [("tool_call", "read", None)] * 3
    assert agreed([(1, "agent", OFFER), (1, "user", "Yes.")], steps=steps) is not None


@given(st.text(max_size=400))
def test_any_text_has_a_defined_answer(text):
    found = yes_in(text)
    assert found is None or found in text.casefold()
