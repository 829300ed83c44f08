"""What a search finds, and what came to nothing, in the sentences of a divergence."""

import pytest

from explorer.analysis.divergence.explanation import OtherSide, Told, explain_divergence
from explorer.analysis.divergence.request import Asking
from explorer.model.divergence import Lane
from explorer.model.effect import Effect, EffectKind
from explorer.model.schema import Outcome
from tests.explorer.analysis.divergence.test_lanes import told


@pytest.mark.parametrize(
    ("teacher", "student"),
    [
        ("find /srv -type f -delete", "rm -rf /srv/*"),
        ("find /srv -type f -delete", "rm /srv/a.log"),
        ("find /srv -size +3 -delete", "find /srv -newer x -delete"),
    ],
)
def test_what_a_search_finds_is_told_in_words(teacher: str, student: str) -> None:
    reasons = [reason for _, _, _, reason in told(teacher, student)]
    assert any("what is found in /srv" in reason for reason in reasons)
    assert not any("{}" in reason for reason in reasons)


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (Outcome.FAILED, "the teacher's step 4 tries what has no known effect (bash), but it failed;"),
        (Outcome.NOT_EXECUTED, "step 4 was to do what has no known effect (bash), but it was not executed;"),
        (Outcome.SUCCEEDED, "the teacher's step 4 acts without a known effect (bash);"),
    ],
)
def test_what_could_not_be_read_and_failed_is_told_as_tried(outcome: Outcome, sentence: str) -> None:
    unknown = Effect(EffectKind.UNKNOWN, 0)
    other = OtherSide(
        "teacher", "4", "bash", unknown, outcome, None, None, False, None, False, None, False, (), False, False, (0, 0)
    )
    effect = Effect(EffectKind.DELETE, 2)
    said = Told(
        "student", "3", effect, Outcome.SUCCEEDED, Lane.STUDENT_ONLY, "", other, None, Asking(None), None,
        1, 1, 0, 0, 0, 0, False,
    )  # fmt: skip
    assert sentence in explain_divergence(said)
