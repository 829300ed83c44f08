"""Which files a trajectory made itself."""

from __future__ import annotations

import pytest

from explorer.analysis.divergence.origin import OriginFinder
from explorer.analysis.effects.steps import classify_steps
from explorer.analysis.targets import normal_target
from explorer.model.effect import EffectKind, Target
from tests.builders import build_dataset
from tests.explorer.analysis.effects.packs import shipped_rules

MISSING = ("shell", "bash", "cat /etc/rc.local", "failed", "cat: /etc/rc.local: No such file or directory")
SYSTEM = ("shell", "bash", "echo x > /etc/rc.local")
MAKE = ("shell", "bash", "echo x > /srv/a.sh")
REFUSED = ("shell", "bash", "touch /srv/a.sh", "failed", "touch: cannot touch '/srv/a.sh': Permission denied")
LATER = ("shell", "bash", "(crontab -l; echo '0 1 * * * touch /srv/a.sh') | crontab -")


@pytest.mark.parametrize(
    ("steps", "path", "made"),
    [
        ([MAKE], "/srv/a.sh", 0),
        ([REFUSED], "/srv/a.sh", None),
        ([REFUSED, MAKE], "/srv/a.sh", 1),
        ([LATER], "/srv/a.sh", None),
        ([SYSTEM], "/etc/rc.local", None),
        ([MISSING, SYSTEM], "/etc/rc.local", 1),
        ([SYSTEM, SYSTEM], "/etc/rc.local", None),
    ],
)
def test_a_file_is_made_where_a_step_that_did_not_fail_made_it(
    steps: list[tuple[str, ...]], path: str, made: int | None
) -> None:
    dataset = build_dataset({"a": {"t": steps}})
    finder = OriginFinder(dataset, classify_steps(dataset, shipped_rules()))
    target = normal_target(Target("path", path))
    assert finder.made_in(0, len(steps), EffectKind.PERMISSION, target) == made
