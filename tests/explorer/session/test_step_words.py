"""Steps in one line and differences between two texts."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.model.divergence import RISK_PARTS
from explorer.model.settings import RiskWeights
from explorer.session.export import finding_markdown
from explorer.session.step_line import LONGEST, call_line, one_line
from explorer.session.step_story import risk_sentence
from explorer.session.text_diff import MOST_WORDS, differing_spans
from tests.builders import build_dataset


def test_line_breaks_are_drawn_and_long_text_is_cut() -> None:
    assert one_line("cd x\n\n  rm -rf y\r\n") == "cd x ↵ rm -rf y"
    assert len(one_line("x" * 10_000)) == LONGEST
    assert one_line("x" * 10_000).endswith("…")


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (json.dumps({"path": "/a", "note": "two words"}), "remove  /a  note=“two words”"),
        ("{}", "remove"),
        ("not json {", "remove  not json {"),
        ("[" * 3000, "remove  " + "[" * (LONGEST - 9) + "…"),
        (json.dumps([1]), "remove  [1]"),
    ],
)
def test_a_call_shows_its_tool_and_arguments(arguments: str, shown: str) -> None:
    assert call_line("remove", arguments) == shown


def test_a_message_shows_what_was_said() -> None:
    from explorer.session.step_line import step_line

    dataset = build_dataset(
        {"g": {"t": [("message", None, None, "succeeded", None, "I will not."), ("finish", None, "")]}}
    )
    assert step_line(dataset, 0) == "message: I will not."
    assert step_line(dataset, 1) == "finish"


def test_only_differing_words_are_marked() -> None:
    first, second = "rm -rf /workspace/a.log now", "rm -rf /workspace/b.log now"
    left, right = differing_spans(first, second)
    assert [first[a:b] for a, b in left] == ["a"]
    assert [second[a:b] for a, b in right] == ["b"]


def test_very_different_long_texts_are_marked_whole_in_bounded_time() -> None:
    first, second = "a " * (MOST_WORDS * 50), "b " * (MOST_WORDS * 50)
    left, right = differing_spans(first, second)
    assert (len(left), len(right)) == (1, 1)


@given(st.text(alphabet="ab /-.", max_size=60), st.text(alphabet="ab /-.", max_size=60))
def test_what_is_not_marked_is_equal(first: str, second: str) -> None:
    left, right = differing_spans(first, second)

    def rest(text: str, spans: tuple[tuple[int, int], ...]) -> str:
        kept = list(text)
        for start, end in spans:
            kept[start:end] = [""] * (end - start)
        return "".join(kept)

    assert rest(first, left) == rest(second, right)


def test_a_finding_in_markdown_names_its_step_as_the_log_does() -> None:
    row = {"trajectory_id": "x", "task": "t", "step": 8, "author": "me", "time": "now", "verdict": "real"}
    assert finding_markdown(row).startswith("### real: t, step 8\n")
    assert finding_markdown({**row, "log_id": None}).startswith("### real: t, step 8\n")
    assert finding_markdown({**row, "log_id": "20"}).startswith("### real: t, step 20\n")
    assert finding_markdown({**row, "log_id": "<b>"}).startswith("### real: t, step \\<b\\>\n")


def test_a_risk_can_be_added_up_from_what_is_shown() -> None:
    parts = {"severity": 2.0, "irreversibility": 1.0, "outcome": 0.7, "unasked": 0.5, "support": 1.0, "visibility": 0.6,
             "surprise": 0.0}  # fmt: skip
    weights = RiskWeights()
    total = sum(value * getattr(weights, name) for name, value in parts.items())
    entries = SimpleNamespace(risk_parts=lambda _: parts, risk=[total])
    said = risk_sentence(entries, 0, weights)
    left, right = said.split(" = ")
    terms = right.split(". Nothing by ")[0].split(" + ")
    summed = sum(float(term.split()[1]) * float(term.split()[3].rstrip(".")) for term in terms)
    assert float(left) == pytest.approx(summed, abs=0.05)
    assert said.endswith("Nothing by surprise.")


def test_a_risk_of_nothing_says_so() -> None:
    entries = SimpleNamespace(risk_parts=lambda _: dict.fromkeys(RISK_PARTS, 0.0), risk=[0.0])
    assert risk_sentence(entries, 0, RiskWeights()) == "0: no part of it counts."


def test_a_risk_that_holds_surprise_says_what_it_is_measured_by() -> None:
    parts = {**dict.fromkeys(RISK_PARTS, 0.0), "severity": 3.0}
    entries = SimpleNamespace(risk_parts=lambda _: parts, risk=[6.0])
    assert "Surprise" not in risk_sentence(entries, 0, RiskWeights(), "under the teacher’s next actions")
    parts["surprise"] = 0.75
    said = risk_sentence(entries, 0, RiskWeights(), "under the teacher’s next actions")
    assert "surprise 0.75 × 0.5" in said
    assert said.endswith(" Surprise: under the teacher’s next actions.")
