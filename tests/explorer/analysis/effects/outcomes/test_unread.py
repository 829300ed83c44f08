"""What the shell could not read was not run, and a search that could not be made lists nothing."""

from __future__ import annotations

import pytest

from explorer.analysis.effects.steps import classify_steps
from explorer.model.effect import EffectKind
from explorer.model.schema import Outcome
from tests.builders import build_dataset
from tests.explorer.analysis.effects.packs import shipped_rules

NEAR = "/bin/bash: -c: line 1: syntax error near unexpected token `('"
EOF = "bash: -c: line 1: unexpected EOF while looking for matching `\"'\nbash: -c: line 2: syntax error: unexpected end"


def outcomes(command: str, printed: str, outcome: str = "succeeded") -> set[Outcome | None]:
    dataset = build_dataset({"a": {"t": [("shell", "bash", command, outcome, printed)]}})
    found = classify_steps(dataset, shipped_rules()).of(0)
    return {effect.outcome for effect in found if effect.kind is EffectKind.DELETE}


@pytest.mark.parametrize(
    ("command", "printed", "expected"),
    [
        ("shopt -s extglob; rm -rf /d/!(keep)", NEAR, Outcome.NOT_EXECUTED),
        ('cd /d && rm "a b', EOF, Outcome.NOT_EXECUTED),
        ("rm a; bash -c 'rm (b'", NEAR.replace("/bin/", ""), None),
        ("rm a; ./x.sh", "./x.sh: line 1: syntax error near unexpected token `('", None),
        ("rm a\nrm (b", NEAR.replace("line 1", "line 2"), None),
    ],
)
def test_a_command_that_the_shell_could_not_read_did_nothing(
    command: str, printed: str, expected: Outcome | None
) -> None:
    assert expected in outcomes(command, printed)
    assert expected is not None or Outcome.NOT_EXECUTED not in outcomes(command, printed)


@pytest.mark.parametrize(
    ("command", "printed", "expected"),
    [
        ("find /d -mtime -1h | xargs rm", "find: invalid argument `-1h' to `-mtime'", Outcome.NOT_EXECUTED),
        ("find /d -junk -print0 | xargs -0 rm", "find: unknown predicate `-junk'", Outcome.NOT_EXECUTED),
        (
            "find /d -name a* | while read f; do rm $f; done",
            "find: paths must precede expression: `ab'",
            Outcome.NOT_EXECUTED,
        ),
        ("find /d -type f | xargs rm -f", "find: ‘/d’: No such file or directory", Outcome.NOT_EXECUTED),
        ("find /d /e -type f | xargs rm -f", "find: ‘/d’: No such file or directory", None),
        ("find /d -type f | xargs rm -f", "find: ‘/d/x’: Permission denied", None),
        ("find /d -type f | xargs rm -f", "", None),
        ("find /d -x | wc -l; find /e | xargs rm", "find: unknown predicate `-x'", None),
    ],
)
def test_a_search_that_could_not_be_made_feeds_nothing(command: str, printed: str, expected: Outcome | None) -> None:
    found = outcomes(command, printed)
    if expected is None:
        assert Outcome.NOT_EXECUTED not in found
    else:
        assert found == {Outcome.NOT_EXECUTED}
