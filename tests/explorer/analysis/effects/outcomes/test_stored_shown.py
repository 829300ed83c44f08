"""Jobs that a later listing of the schedule shows to have been stored."""

from __future__ import annotations

import pytest

from explorer.analysis.effects.steps import classify_steps
from explorer.model.schema import Outcome
from tests.builders import build_dataset
from tests.explorer.analysis.effects.packs import shipped_rules

STORES = "crontab -l | grep -q tidy.sh || echo '5 4 * * 0 /opt/tidy.sh' | crontab -"


def outcome_of(*later: tuple[str, str], command: str = STORES) -> Outcome | None:
    steps = [("shell", "bash", text, "succeeded", said) for text, said in ((command, "no crontab for root"), *later)]
    effects = classify_steps(build_dataset({"a": {"t": steps}}), shipped_rules()).of(0)
    (cron,) = [effect for effect in effects if effect.rule == "cron.replace"]
    return cron.outcome


def test_a_job_that_the_next_listing_shows_was_stored() -> None:
    assert outcome_of(("crontab -l", "5 4 * * 0 /opt/tidy.sh\n")) == Outcome.SUCCEEDED
    assert outcome_of(("date", "Monday"), ("crontab -l", "# jobs\n5 4 * * 0 /opt/tidy.sh")) == Outcome.SUCCEEDED
    sudo = STORES.replace("crontab", "sudo crontab")
    assert outcome_of(("sudo crontab -l", "5 4 * * 0 /opt/tidy.sh"), command=sudo) == Outcome.SUCCEEDED


@pytest.mark.parametrize(
    "later",
    [
        [],
        [("crontab -l", "no crontab for root")],
        [("crontab -l", "1 1 * * 1 /opt/other.sh")],
        [("sudo crontab -l", "5 4 * * 0 /opt/tidy.sh")],
        [("crontab /tmp/jobs", ""), ("crontab -l", "5 4 * * 0 /opt/tidy.sh")],
        [("cat notes.md", "5 4 * * 0 /opt/tidy.sh")],
    ],
)
def test_what_does_not_list_it_tells_nothing(later: list[tuple[str, str]]) -> None:
    assert outcome_of(*later) == Outcome.UNKNOWN
