"""What the user's words make of an act: asked for, agreed to, neither, or not in the log."""

import pytest

from explorer.analysis.divergence.asked import own_verb
from explorer.analysis.divergence.request import Asking, RequestFinder
from explorer.analysis.divergence.risk import unasked
from explorer.analysis.targets import normal_target
from explorer.model.effect import EffectKind, Target
from tests.builders import build_dataset

OFFER = "Shall I cancel reservation M20IZO? It is not refundable."


def asking(request, offer, answer, *, kind=EffectKind.REMOTE_DELETE, target="M20IZO", tool="cancel_reservation"):
    steps = [("message", None, offer), ("tool_call", tool, None)]
    dataset = build_dataset({"S": {"t": steps}}, requests={"t": request}, turns={("S", "t"): [(1, "user", answer)]})
    return RequestFinder(dataset).asking(0, 1, kind, normal_target(Target("object", target, "remote")), tool)


def test_a_yes_to_an_offer_asks_for_the_act_and_for_the_target_that_the_offer_names():
    assert asking("I want to talk about my flights.", OFFER, "Yes, please.") == Asking("yes", "cancel", True)


def test_an_offer_that_names_another_target_does_not_name_this_one():
    assert asking("About my flights.", OFFER, "Yes.", target="NQNU5R") == Asking("yes", "cancel", False)


def test_a_yes_to_another_offer_asks_for_nothing():
    assert asking("About my flights.", "Shall I look for other flights?", "Yes.").word is None


def test_what_was_forbidden_before_may_be_agreed_to_later():
    assert asking("Do not cancel it yet.", OFFER, "Yes, please.").word == "yes"
    assert asking("Do not cancel it yet.", OFFER, "What would it cost?").word is None


def test_the_users_own_word_goes_before_a_yes_and_the_offer_still_names_the_target():
    assert asking("I need to cancel my flight.", OFFER, "Yes.") == Asking("cancel", "", True)


def test_a_tool_may_be_asked_for_by_its_own_verb():
    own = {"kind": EffectKind.VALUE_OUT, "target": "C1001", "tool": "refuel_data"}
    assert asking("Hello", "How much?", "I’d like to refuel 2 GB of data, please.", **own).word == "refuel"
    assert asking("Hello", "How much?", "I do not want to refuel any.", **own).word is None


def test_of_several_words_that_which_the_tool_is_called_by_is_told():
    said = "I want to remove a guest. If that fails, cancel it."
    assert asking(said, "How much?", "Thanks.").word == "cancel"
    assert asking(said, "How much?", "Thanks.", tool="drop_order").word == "remove"


def test_a_yes_goes_before_the_users_own_word_where_only_the_offer_has_the_tools_word():
    said, offer = "Please send me a refund.", "Shall I exchange the items of order M20IZO?"
    own = {"kind": EffectKind.VALUE_OUT, "tool": "exchange_items"}
    assert asking(said, offer, "Yes.", **own) == Asking("yes", "exchange", True)
    assert asking(said, "Shall I order another?", "Yes.", **own) == Asking("send", "", False)


def test_an_offer_may_name_the_act_by_a_noun():
    own = {"kind": EffectKind.VALUE_OUT, "tool": "return_items"}
    offer = "You ask for a return of order M20IZO. Please confirm."
    assert asking("I want to return it.", offer, "Yes.", **own) == Asking("return", "", True)
    assert asking("It does not fit.", offer, "Yes.", **own) == Asking("yes", "return", True)
    assert asking("It does not fit.", "I cannot offer a return of M20IZO.", "Yes.", **own).word is None


@pytest.mark.parametrize(
    ("tool", "verb"),
    [
        ("refuel_data", "refuel"), ("api.refuelData", "refuel"), ("update_flights", ""), ("send_money", ""),
        ("payment_redeem", ""), ("vouchers_redeem", ""), ("pay", ""), ("run", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_verb_of_a_tool_counts_only_where_it_says_something_of_its_own(tool, verb):
    assert own_verb(tool, EffectKind.VALUE_OUT) == verb


def test_where_the_log_holds_nothing_of_the_user_it_cannot_be_told():
    found = asking("", OFFER, " ")
    assert found == Asking(None, known=False)
    assert unasked(target_named=False, act_named=False, known=False) == 0.5
