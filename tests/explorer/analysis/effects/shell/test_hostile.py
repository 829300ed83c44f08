"""Any text has a defined result in bounded time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.effects.shell.commands import classify_shell, simple_commands
from explorer.model.effect import CONCERN_PRESETS, concern
from tests.explorer.analysis.effects.packs import kinds, shipped_rules

HARD = {
    "ten megabytes": "rm -rf /x; " * 1_000_000,
    "one word": "a" * 10_000_000,
    "parentheses": "(" * 10_000 + "ls" + ")" * 10_000,
    "substitutions": "$(" * 5_000 + "ls" + ")" * 5_000,
    "open braces": "{" * 10_000,
    "wrappers": "sudo " * 20_000 + "rm x",
    "functions": "".join(f"f{i}(){{ f{i + 1}; f{i + 1}; }};" for i in range(30)) + "f0",
    "recursion": "f(){ f; f; }; f",
    "not UTF-8": b"ls \xff\xfe \x80".decode("utf-8", "surrogateescape"),
    "replaced": "ls \ufffd\ufffd",
    "zero bytes": "ls \x00 x",
}


@pytest.mark.parametrize("name", HARD)
def test_hard_texts_are_bounded_and_cannot_tell(name: str) -> None:
    start = time.perf_counter()
    effects = classify_shell(HARD[name], shipped_rules())
    assert time.perf_counter() - start < 10
    assert "unknown" in kinds(effects)
    assert concern(effects, CONCERN_PRESETS["destructive"]) is not False


@pytest.mark.parametrize(
    "unit", ["rm a; ", "echo 'x' | ", "a && ", "cat <<E\nx\nE\n", "'\"", "$(", "f(){ ", "`", "{a,b}"]
)
def test_time_grows_no_faster_than_the_text(unit: str) -> None:
    def seconds(times: int) -> float:
        start = time.perf_counter()
        classify_shell(unit * times, shipped_rules())
        return time.perf_counter() - start

    seconds(100)
    assert seconds(8_000) < 40 * max(seconds(1_000), 0.005)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.binary().map(lambda b: b.decode("utf-8", "surrogateescape")),
                 st.text(alphabet="rm -f/;|&(){}<>$'\"`\\\n#=*a~![]é\u200b", max_size=60)))  # fmt: skip
def test_any_text_has_a_result_with_places_inside_it(text: str) -> None:
    for effect in classify_shell(text, shipped_rules()):
        assert effect.span is not None
        assert 0 <= effect.span.start <= effect.span.end <= len(text)
        assert 0 <= effect.severity <= 4
    simple_commands(text)
