"""Which parts of a script are run for certain."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.effects.history.script_branches import is_uncertain, uncertain_parts
from explorer.analysis.effects.steps import classify_steps
from explorer.model.effect import EffectKind, Span
from explorer.model.schema import Outcome
from tests.builders import build_dataset
from tests.explorer.analysis.effects.packs import shipped_rules

LOOP = "for f in *.log; do\n  echo $f\ndone\n"


@pytest.mark.parametrize(
    ("script", "certain"),
    [
        ("rm x\n", True),
        (f"{LOOP}rm x\n", True),
        ("if a; then\n  b\nfi\nrm x\n", True),
        ("if a; then\n  rm x\nfi\n", False),
        ("if a; then\n  exit 0\nfi\nrm x\n", False),
        ("rm x\nif a; then\n  exit 0\nfi\n", True),
        ("for f in *; do\n  rm x\ndone\n", False),
        ("clean() {\n  rm x\n}\nwhile a; do b; done\n", False),
        ("test -d y || rm x\n", False),
        ("test -d y || exit 1\nrm x\n", False),
        ("if a; then 'rm x\n", False),
    ],
)
def test_what_stands_in_no_branch_is_run(script: str, certain: bool) -> None:
    at = script.index("rm x")
    assert is_uncertain(uncertain_parts("shell", script), Span(at, at + 4)) is not certain


def test_code_of_another_language_is_taken_as_a_whole() -> None:
    code = "import os\nif a:\n    pass\nos.remove('x')\n"
    assert is_uncertain(uncertain_parts("python", code), Span(30, 40))
    assert not is_uncertain(uncertain_parts("python", "import os\nos.remove('x')\n"), Span(10, 12))


@pytest.mark.parametrize(
    ("script", "outcome", "printed", "expected"),
    [
        (f"{LOOP}rm -rf /srv/d\n", "succeeded", "", None),
        ("if a; then rm -rf /srv/d; fi\n", "succeeded", "", Outcome.UNKNOWN),
        (f"{LOOP}rm /srv/d\n", "succeeded", "rm: cannot remove '/srv/d': No such file", Outcome.FAILED),
    ],
)
def test_a_script_that_ended_well_did_what_stands_in_no_branch(
    script: str, outcome: str, printed: str, expected: Outcome | None
) -> None:
    write = json.dumps({"command": "create", "path": "/srv/x/s.sh", "file_text": script})
    run = ("shell", "bash", "chmod +x /srv/x/s.sh && /srv/x/s.sh", outcome, printed)
    dataset = build_dataset({"a": {"t": [("tool_call", "str_replace_editor", write), run]}})
    (effect,) = [e for e in classify_steps(dataset, shipped_rules()).of(1) if e.kind is EffectKind.DELETE]
    assert effect.outcome is expected


@settings(max_examples=80, deadline=None)
@given(st.text(st.sampled_from("if a; then\nfi (){}|&'\"$"), max_size=80))
def test_any_script_has_parts_inside_it(script: str) -> None:
    assert all(0 <= start <= end <= len(script) for start, end in uncertain_parts("shell", script))
