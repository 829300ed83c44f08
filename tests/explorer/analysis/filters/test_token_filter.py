"""What the token filter sees: units, scopes, expressions, redaction, and the range over lists and units."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import resources
from explorer.analysis.filters.presets import parse_filter
from explorer.analysis.filters.token_filter import (
    REDACTED,
    escapes_all,
    find_terms,
    flag_steps,
    over_units,
    range_over,
    redact,
    sweep,
    trajectory_drops,
)
from explorer.analysis.stem import stem
from explorer.errors import RulesError
from explorer.model.token_filter import FilterAction, FilterScope, FilterSpec, FilterUnit
from explorer.progress import Cancelled, Progress
from tests.builders import build_dataset

PRESETS = ("paper", "short", "extended", "chmod")


def preset(name: str) -> FilterSpec:
    place = Path(resources.__file__).parent / "filters" / f"{name}.toml"
    return parse_filter(place.read_text("utf-8"), place.name)


def listing(*words: str, unit: FilterUnit = FilterUnit.IDENTIFIER) -> FilterSpec:
    return FilterSpec("list", words, unit)


def matched(text: str, *words: str, unit: FilterUnit) -> list[str]:
    return [text[hit.start : hit.end] for hit in find_terms(text, listing(*words, unit=unit))]


@pytest.mark.parametrize(
    ("unit", "text", "word", "found"),
    [
        ("identifier", "delete_file", "delete", ["delete"]),
        ("identifier", "deleteFile(x)", "delete", ["delete"]),
        ("identifier", "fileDelete", "delete", ["Delete"]),
        ("identifier", "HTTPDelete", "delete", ["Delete"]),
        ("identifier", "DELETE /v1/users", "delete", ["DELETE"]),
        ("identifier", "fs.delete-all:now", "delete", ["delete"]),
        ("identifier", "terraform plan", "rm", []),
        ("identifier", "/bin/rm -rf x", "rm", ["rm"]),
        ("identifier", "deleted_at", "delete", []),
        ("word", "delete_file", "delete", []),
        ("word", "please delete.", "delete", ["delete"]),
        ("word", "/bin/rm -rf x", "rm", ["rm"]),
        ("word", "terraform", "rm", []),
        ("whitespace", "sudo rm -rf", "rm", ["rm"]),
        ("whitespace", "/bin/rm -rf", "rm", []),
        ("whitespace", "please delete.", "delete", []),
        ("substring", "terraform", "rm", ["rm"]),
        ("substring", "undeleted", "delete", ["delete"]),
        ("stem", "it was deleting files", "delete", ["deleting"]),
        ("stem", "the removal of it", "remove", ["removal"]),
        ("stem", "removed_at", "remove", ["removed"]),
        ("stem", "terminal window", "terminate", []),
        ("stem", "terraform", "rm", []),
        ("regex", "rm -rf / and RM", r"\brm\b", ["rm"]),
        ("regex", "rm -rf / and RM", r"(?i)\brm\b", ["rm", "RM"]),
        ("regex", "abc", "x*", []),
    ],
)
def test_a_word_is_found_as_the_unit_says(unit: str, text: str, word: str, found: list[str]) -> None:
    assert matched(text, word, unit=FilterUnit(unit)) == found


def test_line_breaks_escaped_in_json_separate_words() -> None:
    text = '{"command": "cd /x\\nrm -rf y", "path": "C:\\\\nrm"}'
    hits = find_terms(text, listing("rm"))
    assert [text[hit.start : hit.end] for hit in hits] == ["rm"]
    assert text[: hits[0].start].endswith("\\n")


def test_forms_of_one_word_share_a_stem_and_stems_are_prefixes() -> None:
    families = (
        "delete deletes deleted deleting deletion deletions deleter",
        "remove removes removed removing removal remover",
        "terminate terminates terminated terminating termination terminator",
        "destroy destroys destroyed destroying destroyer",
        "purge purges purged purging",
        "drop drops dropped dropping",
        "empty emptied empties emptying",
    )
    roots = [{stem(word) for word in family.split()} for family in families]
    assert all(len(root) == 1 for root in roots)
    assert len(set.union(*roots)) == len(families)


@settings(deadline=None)
@given(st.text(st.characters(codec=None), min_size=1, max_size=20).map(str.lower))
def test_a_stem_is_always_a_prefix(word: str) -> None:
    assert word.startswith(stem(word))


def test_presets_are_read_and_the_papers_says_where_it_comes_from() -> None:
    specs = [preset(name) for name in PRESETS]
    assert [spec.name for spec in specs] == list(PRESETS)
    assert specs[0].words == ("delete", "remove", "rm", "purge", "terminate", "destroy")
    assert specs[0].unit is FilterUnit.IDENTIFIER
    assert specs[0].scope == (FilterScope.TOOL, FilterScope.ARGUMENTS, FilterScope.THOUGHT)
    assert "one article" in specs[0].note


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("schema = 1\nwords = [", 2, "TOML"),
        ("schema = 2\nwords = ['a']", 1, "schema"),
        ("schema = 1\nwords = []", 2, "at least one"),
        ("schema = 1\n\nwords = [1]", 3, "strings"),
        ("schema = 1\nwords = ['a']\nunit = 'letter'", 3, "letter"),
        ("schema = 1\nwords = ['a']\nscope = ['dream']", 3, "dream"),
        ("schema = 1\nwords = ['a']\nwrods = ['b']", 3, "wrods"),
        ("schema = 1\nunit = 'regex'\nwords = ['ok', 'a(b']", 3, "at character 2"),
        ("schema = 1\nunit = 'regex'\nwords = ['a(?=b)']", 3, "at character 2"),
        ("schema = 1\nunit = 'regex'\nwords = ['((a{100}){100}){100}']", 3, "repetition"),
        ("schema = 1\nwords = ['" + "a" * 5000 + "']", 2, "longer"),
        ("schema = 1\nwords = ['a']\nname = 3", 3, "name"),
    ],
)
def test_a_mistake_in_a_list_names_file_and_line(text: str, line: int, says: str) -> None:
    with pytest.raises(RulesError) as caught:
        parse_filter(text, "mine.toml")
    assert caught.value.where == f"mine.toml:{line}"
    assert says in str(caught.value)


def small_dataset():
    return build_dataset(
        {
            "teacher": {
                "t1": [
                    ("tool_call", "delete_file", '{"path": "a"}'),
                    ("shell", "bash", "ls -l"),
                    ("shell", "bash", "git clean -fdx", "succeeded", "removing build", "I should delete it"),
                ],
                "t2": [("shell", "bash", "terraform plan"), ("message", None, None)],
                "t3": [("shell", "bash", ": > notes.txt")],
                "t4": [],
            }
        }
    )


def test_steps_are_flagged_with_the_words_that_matched() -> None:
    flags = flag_steps(small_dataset(), preset("paper"))
    assert flags.flagged.tolist() == [True, False, True, False, False, False]
    assert flags.of(0) == ("delete",)
    assert flags.of(2) == ("delete",)
    assert flags.of(1) == ()
    assert flags.catalog[0] == ()


def test_scope_decides_what_is_read() -> None:
    data = small_dataset()
    assert flag_steps(data, FilterSpec("o", ("remove",), FilterUnit.STEM, (FilterScope.OBSERVATION,))).of(2) == (
        "remove",
    )
    assert not flag_steps(data, FilterSpec("a", ("delete",), scope=(FilterScope.ARGUMENTS,))).flagged.any()
    assert flag_steps(data, FilterSpec("t", ("delete",), scope=(FilterScope.TOOL,))).flagged.sum() == 1
    assert not flag_steps(data, FilterSpec("nothing read", ("delete",), scope=())).flagged.any()
    assert not flag_steps(data, FilterSpec("no words", ())).flagged.any()


def test_dropping_trajectories_dropping_steps_and_redacting_lose_different_trajectories() -> None:
    data = small_dataset()
    spec = preset("paper")
    flags = flag_steps(data, spec)
    assert trajectory_drops(data, flags, spec).tolist() == [True, False, False, False]
    steps = FilterSpec("s", ("terraform", "delete"), action=FilterAction.DROP_STEP)
    assert trajectory_drops(data, flag_steps(data, steps), steps).tolist() == [False] * 4
    lost = FilterSpec("s", ("notes",), action=FilterAction.DROP_STEP)
    assert trajectory_drops(data, flag_steps(data, lost), lost).tolist() == [False, False, True, False]
    redacting = FilterSpec("r", ("delete",), action=FilterAction.REDACT)
    assert not trajectory_drops(data, flag_steps(data, redacting), redacting).any()


def test_redaction_removes_every_hit_and_keeps_the_rest() -> None:
    spec = listing("delete", "delete_file", unit=FilterUnit.SUBSTRING)
    assert redact("a delete_file b", spec) == f"a {REDACTED} b"
    assert redact("a DELETE, delete b", spec) == f"a {REDACTED}, {REDACTED} b"
    assert redact("nothing here", spec) == "nothing here"


def test_the_range_covers_every_list_in_every_unit() -> None:
    data = small_dataset()
    lists = [preset("paper"), preset("chmod")]
    steps = np.array([True, False, True, False, False, True])
    rows = range_over(data, lists, steps)
    assert len(rows) == 10
    passes = {(row.name, row.unit): row.passes for row in rows}
    assert passes["paper", FilterUnit.IDENTIFIER] == 1
    assert passes["paper", FilterUnit.WORD] == 2  # \bdelete\b does not see delete_file
    assert passes["chmod", FilterUnit.SUBSTRING] == 3
    assert all(row.n == 3 for row in rows)


def test_a_step_escapes_only_what_no_list_unit_or_learned_filter_flags() -> None:
    data = small_dataset()
    alone = escapes_all(data, [preset("paper")])
    assert alone.tolist() == [False, True, False, False, True, True]  # substring sees rm in terraform
    learned = np.array([False, False, False, False, False, True])
    assert escapes_all(data, [preset("paper")], learned).tolist() == [False, True, False, False, True, False]
    assert escapes_all(data, []).all()


def test_a_sweep_says_which_lists_catch_a_step() -> None:
    swept = sweep(small_dataset(), [preset("paper"), preset("chmod")])
    assert set(swept.catching(3)) == {("paper", FilterUnit.SUBSTRING)}
    assert swept.catching(5) == ()


def test_expressions_are_swept_as_they_are() -> None:
    spec = listing(r"(?m)^\s*:\s*>", unit=FilterUnit.REGEX)
    assert over_units(spec) == (spec,)
    assert flag_steps(small_dataset(), spec).flagged.tolist() == [False] * 5 + [True]


TEXT = st.one_of(
    st.text(st.characters(codec=None), max_size=60),
    st.lists(
        st.sampled_from(["delete", "Delete", "_", "rm", " ", "RM", "\n", "-", "x", "İ", "ing", "\\n", "{", "\ud800"])
    ).map("".join),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=5), st.sampled_from(list(FilterUnit)))
def test_flags_agree_with_the_ranges_shown_on_screen(texts: list[str], unit: FilterUnit) -> None:
    storable = [text.encode("utf-8", "replace").decode() for text in texts]
    data = build_dataset({"g": {"t": [("shell", "bash", text) for text in storable]}})
    spec = listing("delete", "rm", unit=unit)
    flags = flag_steps(data, spec)
    for row, text in enumerate(storable):
        hits = find_terms(text, spec)
        assert set(flags.of(row)) == {hit.term for hit in hits}
        assert bool(hits) == bool(flags.flagged[row])
        for hit in hits:
            assert 0 <= hit.start < hit.end <= len(text)


@settings(max_examples=150, deadline=None)
@given(TEXT, st.sampled_from(list(FilterUnit)))
def test_narrower_units_find_no_more_than_substring(text: str, unit: FilterUnit) -> None:
    if unit in (FilterUnit.STEM, FilterUnit.REGEX):
        return
    loose = find_terms(text, listing("delete", "rm", unit=FilterUnit.SUBSTRING))
    strict = find_terms(text, listing("delete", "rm", unit=unit))
    assert {hit.term for hit in strict} <= {hit.term for hit in loose}


@pytest.mark.parametrize("unit", list(FilterUnit))
def test_a_hostile_megabyte_takes_linear_time(unit: FilterUnit) -> None:
    words = ("(a|a)*b", "(x+x+)+y") if unit is FilterUnit.REGEX else ("rm", "delete")
    for text in ("rm" * 500_000, "a" * 1_000_000, "delete_" * 100_000):
        data = build_dataset({"g": {"t": [("shell", "bash", text)]}})
        started = time.perf_counter()
        flag_steps(data, listing(*words, unit=unit))
        find_terms(text, listing(*words, unit=unit))
        assert time.perf_counter() - started < 10


def test_cancel_stops_the_scan() -> None:
    with pytest.raises(Cancelled):
        flag_steps(small_dataset(), preset("paper"), Progress(cancelled=lambda: True))
