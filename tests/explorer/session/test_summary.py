"""The summary says what was counted in plain sentences; the key cell comes first and zero is never "safe"."""

from __future__ import annotations

from typing import Any

from explorer.session.summary import pass_range, sentences


def summary(**changes: Any) -> dict[str, Any]:
    lanes = {name: {"entries": n, "pass": n // 2, "escape_all": 0} for name, n in
             (("student_only", 4), ("teacher_only", 1), ("both", 2), ("cannot_tell", 3))}  # fmt: skip
    counts = {
        "pairs": 5, "key_cell": 1, "lanes": lanes, "paired_tasks": 5, "tasks": 7, "unpaired": {"no partner": 2},
        "after_input_difference": 1, "entries": 10, "entries_pass": 4, "steps_of_concern": 12,
        "steps_of_concern_pass": 6, "steps_of_concern_escape_all": 2, "filter_drops": 3, "trajectories": 14,
        "steps_cannot_tell": 9, "dead": 1,
    }  # fmt: skip
    return {
        "counts": {**counts, **changes.pop("counts", {})},
        "filter": {"name": "paper"},
        "settings": {"concern_name": "destructive"},
        "roles": {"a": "teacher", "b": "student"},
        "filter_range": [{"list": "paper", "unit": "word", "passes": 9, "n": 12},
                         {"list": "paper", "unit": "stem", "passes": 6, "n": 12}],
        **changes,
    }  # fmt: skip


def said(**changes: Any) -> list[str]:
    return [sentence.text for sentence in sentences(summary(**changes))]


def test_the_key_cell_comes_first_and_opens_its_rows() -> None:
    first = sentences(summary())[0]
    assert first.text == "1 divergence is on the student's side only and would pass the filter “paper”."
    assert first.weight == "key"
    assert first.facets == {"lane": "student_only", "token filter": "passes"}


def test_headlines_carry_their_range_over_lists_and_units() -> None:
    assert pass_range(summary()) == (6, 9)
    assert any("between 6 and 9 over all lists and units" in text for text in said())


def test_the_sides_are_called_what_they_are() -> None:
    texts = said(roles={"a": "baseline", "b": "student"})
    assert any("by the baseline only;" in text for text in texts)
    assert not any("dataset itself" in text for text in texts)
    assert any("dataset itself would be the problem" in text for text in said())


def test_what_did_not_pair_and_keys_that_look_alike_are_said_and_open_the_unpaired_tasks() -> None:
    found = next(sentence for sentence in sentences(summary()) if sentence.text.startswith("Not paired"))
    assert (found.text, found.opens) == ("Not paired: 2 × no partner.", "unpaired")
    assert not any("look like" in text for text in said())
    two = [{"first": "a-1", "second": "a_1"}, {"first": "b-1", "second": "b_1"}]
    found = next(sentence for sentence in sentences(summary(key_suggestions=two)) if "look like" in sentence.text)
    assert found.text.startswith("2 task keys of one side look like")
    assert (found.opens, found.weight) == ("unpaired", "warning")
    assert any("1 task key of one side looks like" in text for text in said(key_suggestions=two[:1]))


def test_the_gaps_of_one_student_are_not_hidden_by_another() -> None:
    def group(name: str, lacks: int) -> dict[str, Any]:
        reasons = {"own": {"it is empty": 1}, "teacher": {"the other side lacks it": lacks - 1}} if lacks else {}
        return {"group": name, "role": "student", "with": "teacher", "tasks": 9, "paired_tasks": 9 - lacks,
                "pairs": 9 - lacks, "unpaired": reasons, "n_unpaired_tasks": lacks, "unpaired_tasks": []}  # fmt: skip

    told = [text for text in said(pairing=[group("a", 3), group("b", 0), group("c", 5)]) if text.startswith("With ")]
    assert told[0] == (
        "With c (student) 4 of 9 tasks pair (4 pairs). Without a partner there: 1 of its own (it is empty); 4 of the "
        "teacher (the other side lacks it)."
    )
    assert [text.split()[1] for text in told] == ["c", "a"]
    # One student alone: what did not pair says it all.
    assert not any(text.startswith("With ") for text in said(pairing=[group("a", 3)]))
    many = said(pairing=[group(f"s{n}", 2) for n in range(8)])
    assert "3 more groups lack partners for some tasks; all are in audit.json." in many


def test_nothing_is_ever_called_safe() -> None:
    nothing = dict.fromkeys(("key_cell", "entries", "steps_of_concern", "steps_cannot_tell", "dead"), 0)
    texts = said(counts=nothing)
    assert all("safe" not in text or "never counted as safe" in text for text in texts)


def test_one_dataset_is_told_without_lanes() -> None:
    texts = said(counts={"pairs": 0, "unpaired": {}})
    assert not any("student" in text for text in texts)
    assert texts[0].startswith("10 entries of concern")


def test_a_comparison_in_which_nothing_pairs_says_so_and_offers_the_keys() -> None:
    texts = said(counts={"pairs": 0}, key_suggestions=[{"first": "a-1", "second": "a_1"}])
    assert "No task of the teacher and the student pairs: nothing is compared." in texts
    assert "Not paired: 2 × no partner." in texts
    assert any("1 task key of one side looks like" in text for text in texts)


def test_dead_and_unpaired_are_warnings() -> None:
    warnings = [s.text for s in sentences(summary()) if s.weight == "warning"]
    assert len(warnings) == 2


def lanes_with(lane: str, **changes: int) -> dict[str, Any]:
    lanes = summary()["counts"]["lanes"]
    return {**lanes, lane: {**lanes[lane], **changes}}


def test_acts_are_counted_apart_where_they_stand_once_for_every_group() -> None:
    many = said(counts={"lanes": lanes_with("teacher_only", entries=71, acts=38, attempts=3)})
    assert any(text.startswith("71 entries (38 acts and 3 attempts) of concern by the teacher only") for text in many)
    one = said(counts={"lanes": lanes_with("teacher_only", entries=2, acts=1, attempts=0)})
    assert any(text.startswith("2 entries (1 act) of concern by the teacher only") for text in one)
    tried = said(counts={"lanes": lanes_with("teacher_only", entries=2, acts=0, attempts=1)})
    assert any(text.startswith("2 entries (1 attempt) of concern") for text in tried)
    same = said(counts={"lanes": lanes_with("teacher_only", entries=2, acts=1, attempts=1)})
    assert any(text.startswith("2 entries of concern by the teacher only") for text in same)


def test_what_a_baseline_does_is_never_called_the_students() -> None:
    second = {
        "b": {"role": "student", "student_only": {"entries": 3, "pass": 1}},
        "c": {"role": "baseline", "student_only": {"entries": 1, "pass": 0}},
    }
    texts = said(roles={"a": "teacher", "b": "student", "c": "baseline"}, counts={"second_sides": second})
    assert texts[0].startswith("1 divergence is on the student's (1) or baseline's (0) side only")
    assert any("by the student (3) or baseline (1) only" in text for text in texts)
    alone = said(roles={"a": "teacher", "c": "baseline"})
    assert alone[0].startswith("1 divergence is on the baseline's side only")


def test_approximate_pairs_are_said_with_the_bound_and_open_their_entries() -> None:
    given = summary(counts={"approximate_pairs": 3, "approximate_entries": 2})
    given["settings"]["costs"] = {"band_above": 4000}
    found = next(sentence for sentence in sentences(given) if "approximately" in sentence.text)
    assert found.text == (
        "3 of 5 pairs were aligned approximately: longer than 4,000 steps on both sides, or too long together. "
        "2 entries come from them."
    )
    assert (found.weight, found.facets) == ("warning", {"alignment": "approximate"})
    assert not any("approximately" in text for text in said())
