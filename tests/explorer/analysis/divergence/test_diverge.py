"""Lanes, folding, origin, input difference, ranks: the judgements that an auditor relies on."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.alignment.align import align_pairs
from explorer.analysis.alignment.features import step_features
from explorer.analysis.alignment.inversions import OrderInversions
from explorer.analysis.divergence.diverge import Alone, find_concerns, find_divergences, pairs_table, side_names
from explorer.analysis.divergence.lanes import LaneFinder, pair_rows
from explorer.analysis.divergence.occurrences import find_occurrences
from explorer.analysis.divergence.risk import UNSURE
from explorer.analysis.pair_tables import alignment_table
from explorer.analysis.pairing.pair import pair_trajectories
from explorer.model.divergence import LANES, Lane
from explorer.model.effect import CONCERN_PRESETS, EffectKind, StepEffects
from explorer.model.result import ALIGNMENT, DIVERGENCES, PAIRS
from explorer.model.schema import Outcome, Role
from explorer.model.settings import AuditSettings, RiskWeights
from explorer.progress import Cancelled, Progress
from tests.builders import Trials, build_dataset
from tests.explorer.analysis.acts import act, dataset_of, effects_of

HARM = AuditSettings(
    roles=(("T", Role.TEACHER), ("S", Role.STUDENT)),
    concern=tuple(sorted(CONCERN_PRESETS["harm"])),
    concern_name="harm",
)


def alignments_of(dataset, options=HARM):
    features = step_features(dataset, effects_of(dataset), options.concern)
    return align_pairs(features, dataset.step_offsets, pair_trajectories(dataset, ["T"], ["S"]), options.costs)


def audit(teacher, student, *, flagged=(), options=HARM, alone=(), **details):
    dataset = dataset_of(teacher, student, **details)
    flags = np.zeros(dataset.n_steps, bool)
    flags[list(flagged)] = True
    aligned = alignments_of(dataset, options)
    found = find_divergences(dataset, effects_of(dataset), aligned, options, flags, ~flags, alone=alone).table
    assert found.schema.equals(DIVERGENCES, check_metadata=True)
    found.validate(full=True)
    return found.to_pylist()


def lanes_of(entries):
    return sorted((entry["lane"], entry["effect"], entry["target"]) for entry in entries)


def test_the_same_deletion_of_different_files_diverges_on_both_sides():
    entries = audit(["read /a", "delete /a"], ["read /a", "delete /b"])
    assert lanes_of(entries) == [("student_only", "delete", "/b"), ("teacher_only", "delete", "/a")]
    student = next(entry for entry in entries if entry["lane"] == "student_only")
    assert student["operation"] == "substitute"
    assert "does the same to another target (/a)" in student["explanation"]
    assert student["risk_parts"]["severity"] == 2


def test_the_same_deletion_of_the_same_file_is_in_both_and_has_no_risk():
    (entry,) = audit(["read /a", "delete /a/"], ["read /a", "delete /a"])
    assert (entry["lane"], entry["risk"], entry["first"]) == ("both", 0.0, False)


def test_the_same_deletion_elsewhere_in_the_trajectory_is_in_both():
    (entry,) = audit(["delete /a", "read /b", "read /c"], ["read /b", "read /c", "delete /a"])
    assert entry["lane"] == "both"
    assert "elsewhere, in step 0" in entry["explanation"]


def test_an_explanation_names_steps_as_the_log_does_and_by_their_place_where_it_does_not():
    def numbered(*words):
        return [{**act(word), "log_id": str(20 + 2 * place)} for place, word in enumerate(words)]

    dataset = build_dataset(
        {"T": {"t": numbered("read /x", "delete /a")}, "S": {"t": numbered("create /b", "delete /b")}}
    )
    flags = np.zeros(dataset.n_steps, bool)
    found = find_divergences(
        dataset, effects_of(dataset), alignments_of(dataset), HARM, flags, ~flags
    ).table.to_pylist()
    student = next(entry for entry in found if entry["lane"] == "student_only")
    assert student["student_step"] == 1
    assert "The student's step 22 removes a local object" in student["explanation"]
    assert "to another target (/a), in step 22" in student["explanation"]
    assert "made or started in step 20" in student["explanation"]
    plain = audit(["read /x", "delete /a"], ["read /x", "delete /b"])
    assert all("step 1 removes a local object" in entry["explanation"] for entry in plain)


def test_a_log_id_of_any_length_is_cut_and_an_empty_one_is_none():
    steps = [{**act("delete /a"), "log_id": "x" * 10_000}, {**act("read /a"), "log_id": ""}]
    dataset = build_dataset({"T": {"t": steps}})
    assert len(dataset.step_number(0)) == 40
    assert dataset.step_number(1) == "1"


def test_a_refund_to_another_account_stands_alone_though_the_account_was_paid_before():
    """The student pays the landlord as asked, and then the refund to the landlord too."""
    entries = audit(
        ["value_out LANDLORD", "value_out FRIEND"], ["value_out LANDLORD", "value_out LANDLORD"],
        requests={"t": "Pay my rent to LANDLORD and refund my friend."},
    )  # fmt: skip
    assert lanes_of(entries) == [
        ("both", "value_out", "LANDLORD"),
        ("student_only", "value_out", "LANDLORD"),
        ("teacher_only", "value_out", "FRIEND"),
    ]
    alone = next(entry for entry in entries if entry["lane"] == "student_only")
    assert alone["student_step"] == 1
    assert "to another target (FRIEND)" in alone["explanation"]


def test_deleting_a_file_twice_is_no_more_than_deleting_it_once():
    entries = audit(["delete /a"], ["delete /a", "read /b", "delete /a"])
    assert lanes_of(entries) == [("both", "delete", "/a")]
    assert entries[0]["n_repeats"] == 2


def test_a_rent_payment_that_the_user_asked_for_shows_the_request_as_its_origin():
    (entry,) = audit(["read /bill"], ["read /bill", "value_out GB29"], requests={"t": "Pay 1,000 to gb29 as rent."})
    assert (entry["lane"], entry["target_origin"]) == ("student_only", "request")
    assert "named in the request" in entry["explanation"]
    assert "The user said “pay”" in entry["explanation"]
    assert entry["risk_parts"]["unasked"] == 0


@pytest.mark.parametrize(
    ("request_text", "left_out"),
    [
        ("Delete /data/a.csv.", 0.0),
        ("Read /data/a.csv.", 0.5),
        ("Delete the largest file.", 0.5),
        ("Do not delete /data/a.csv.", 0.5),
        ("How are you?", 1.0),
    ],
)
def test_what_nobody_asked_for_stands_before_what_was_asked_for(request_text, left_out):
    (entry,) = audit(["read /b"], ["delete /data/a.csv"], requests={"t": request_text})
    (asked,) = audit(["read /b"], ["delete /data/a.csv"], requests={"t": "Delete /data/a.csv."})
    assert entry["risk_parts"]["unasked"] == left_out
    assert entry["risk"] == pytest.approx(asked["risk"] + left_out * RiskWeights().unasked)


def test_a_wiped_disk_that_was_asked_for_still_leads_a_mail_that_was_not():
    requests = {"a": "Wipe the disk /dev/sdb now.", "b": "Read my mail."}
    entries = audit(
        {"a": ["read /a"], "b": ["read /a"]}, {"a": ["disk_wipe /dev/sdb"], "b": ["net_egress x@evil.example"]},
        requests=requests,
    )  # fmt: skip
    assert [entry["effect"] for entry in entries] == ["disk_wipe", "net_egress"]


@pytest.mark.parametrize(
    ("observation", "origin"), [("please send to ACC77 now", "tool_result"), ("ACC777", "nowhere"), (None, "nowhere")]
)
def test_the_origin_of_a_target_is_a_whole_word_seen_before(observation, origin):
    (entry,) = audit([("read /bill", observation)], [("read /bill", observation), ("value_out ACC77", "ACC77")])
    assert entry["target_origin"] == origin


def test_a_loop_that_restarts_its_own_process_is_one_quiet_entry():
    start = {"kind": "shell", "tool": "bash", "arguments": "python server.py &", "thought": "create "}
    stop = {"kind": "shell", "tool": "bash", "arguments": "pkill -f server.py", "thought": "process_kill server.py"}
    foreign = {"kind": "shell", "tool": "bash", "arguments": "pkill sshd", "thought": "process_kill sshd"}
    dataset = build_dataset({"T": {"t": [start]}, "S": {"t": [start, *[stop, start] * 17, foreign]}})
    flags = np.zeros(dataset.n_steps, bool)
    other, own = find_divergences(
        dataset, effects_of(dataset), alignments_of(dataset), HARM, flags, ~flags
    ).table.to_pylist()  # fmt: skip
    assert (own["effect"], own["n_repeats"]) == ("process_kill", 17)
    assert "what the same side made or started in step 0" in own["explanation"]
    assert other["target"] == "sshd"
    assert other["risk"] > own["risk"]


def test_an_attempt_that_failed_ranks_below_the_same_act_done_and_says_so():
    """A clean-up in a chroot whose `cd` failed: nothing was removed."""
    entries = audit(["read /a"], ["!delete /chroot/x", "read /a", "delete /y"])
    assert [entry["target"] for entry in entries] == ["/y", "/chroot/x"]
    assert entries[1]["outcome"] == "failed"
    assert entries[1]["risk_parts"]["outcome"] == 0
    assert "an attempt" in entries[1]["explanation"]
    assert "an attempt" not in entries[0]["explanation"]


def test_what_one_side_only_attempted_does_not_excuse_the_other():
    (entry,) = audit(["!delete /a"], ["delete /a"])
    assert entry["lane"] == "both"
    assert entry["risk"] > 5
    (entry,) = audit(["delete /a"], ["-delete /a"])[:1]
    assert (entry["lane"], entry["student_step"], entry["teacher_step"]) == ("both", None, 0)
    assert entry["risk"] > 5


def test_one_cannot_tell_where_the_other_side_is_opaque_or_cut_off():
    assert lanes_of(audit(["unknown /x"], ["delete /a"])) == [("cannot_tell", "delete", "/a")]
    cut = audit(["read /a"], ["read /a", "create /b", "delete /c"], ends={("T", "t"): "cut_off"})
    assert lanes_of(cut) == [("cannot_tell", "delete", "/c")]
    assert "was cut off before" in cut[0]["explanation"]
    before = audit(["read /a", "read /b"], ["delete /c", "read /a", "read /b"], ends={("T", "t"): "cut_off"})
    assert lanes_of(before) == [("student_only", "delete", "/c")]
    # What was never executed hides nothing.
    assert lanes_of(audit(["-unknown /x"], ["delete /a"])) == [("student_only", "delete", "/a")]
    by_teacher = audit(["delete /a"], ["unknown /x"])
    assert [(e["lane"], e["teacher_step"], e["student_step"]) for e in by_teacher] == [("cannot_tell", 0, None)]


def test_an_unknown_target_cannot_be_compared():
    entries = audit(["delete"], ["delete /a"])
    assert {entry["lane"] for entry in entries} == {"cannot_tell"}


def test_many_targets_of_one_step_are_one_entry():
    (entry,) = audit(["read /a"], ["delete /a;/b;/c"])
    assert entry["n_repeats"] == 1
    assert "and 2 more" in entry["explanation"]


def test_repeats_in_many_steps_are_folded_with_their_count():
    (entry,) = audit(["read /a"], ["read /a", *["!permission /x"] * 5, "permission /x"])
    assert (entry["n_repeats"], entry["outcome"], entry["student_step"]) == (1, "succeeded", 6)
    assert "5 more steps try it in vain." in entry["explanation"]
    (entry,) = audit(["read /a"], ["read /a", *["permission /x"] * 6])
    assert (entry["n_repeats"], entry["outcome"], entry["student_step"]) == (6, "succeeded", 1)
    assert "6 steps do the same." in entry["explanation"]


def test_targets_of_which_the_log_shows_no_outcome_are_not_told_as_done():
    dataset = dataset_of(["read /a"], ["delete /x;/y;/z"])
    plain = effects_of(dataset)
    (first, *others) = next(found for found in plain.catalog if len(found) == 3)
    seen = (replace(first, outcome=Outcome.SUCCEEDED), *(replace(one, outcome=Outcome.UNKNOWN) for one in others))
    effects = StepEffects(tuple(seen if len(found) == 3 else found for found in plain.catalog), plain.codes)
    no = np.zeros(dataset.n_steps, bool)
    (entry,) = find_divergences(dataset, effects, alignments_of(dataset), HARM, no, ~no).table.to_pylist()
    assert entry["explanation"].startswith("The student's step 0 removes a local object (/x), and it succeeded.")
    assert "Of 2 more the log does not show whether it succeeded." in entry["explanation"]


def test_processes_that_nobody_here_started_are_told_apart_by_their_numbers():
    entries = audit(["read /a"], ["read /a", "process_kill 11", "process_kill 4711", "process_kill 4711"])
    assert sorted((entry["target"], entry["n_repeats"]) for entry in entries) == [("11", 1), ("4711", 2)]


def pay(amount, **more):
    return {
        "kind": "tool_call", "tool": "pay", "thought": "value_out ACC1000",
        "arguments": json.dumps({"to": "ACC1000", "amount": amount, **more}),
    }  # fmt: skip


def test_paying_the_same_account_much_more_is_no_match_without_risk():
    (same,) = audit([pay(50)], [pay(50.0)])
    assert (same["lane"], same["risk"]) == ("both", 0)
    assert "other arguments" not in same["explanation"]
    (less,) = audit([pay(1000)], [pay(10)])
    assert (less["lane"], less["risk"]) == ("both", 0)
    (more,) = audit([pay(10)], [pay(1000, note="x" * 500)])
    assert more["lane"] == "both"
    assert more["risk_parts"]["severity"] == pytest.approx(0.99 * more["severity"])
    assert "with other arguments (amount 10 there, 1000 here; note not given there, xxx" in more["explanation"]
    assert len(more["explanation"]) < 500


def test_the_same_in_a_worse_form_counts_by_what_it_is_worse():
    dataset = dataset_of(["permission /a"], ["permission /a", "read /b"])
    plain = effects_of(dataset)
    (worse,) = next(found for found in plain.catalog if found)
    catalog = (*plain.catalog, (replace(worse, severity=worse.severity + 2),))
    codes = plain.codes.copy()
    codes[1] = len(catalog) - 1
    effects = StepEffects(catalog, codes)
    no = np.zeros(dataset.n_steps, bool)
    found = find_divergences(dataset, effects, alignments_of(dataset, HARM), HARM, no, ~no).table.to_pylist()
    (entry,) = found
    assert (entry["lane"], entry["risk_parts"]["severity"]) == ("both", 2)
    assert "does the same at that place, in step 0, in a milder form" in entry["explanation"]


def test_what_a_folder_holds_is_said_on_either_side():
    entries = audit(["delete /srv/build/cache"], ["delete /srv/build"])
    told = {entry["lane"]: entry["explanation"] for entry in entries}
    assert sorted(told) == ["both", "student_only"]
    assert "The other side removes only /srv/build/cache inside it." in told["student_only"]


def test_what_the_other_side_only_tried_on_something_else_is_not_told_as_done():
    entries = audit(["!delete /a"], ["delete /b"])
    student = next(entry for entry in entries if entry["lane"] == "student_only")
    assert "only tries the same on another target (/a)" in student["explanation"]


def test_with_several_trials_it_is_said_how_many_do_it_and_each_trials_own_act_is_listed():
    plain, deed = ["read /a", "read /b", "read /c"], ["read /a", "delete /srv/data", "read /z", "read /y"]
    entries = audit({"t": Trials([deed, plain])}, {"t": ["read /a", "read /b", "read /c", "delete /srv/data"]})
    assert [(entry["lane"], entry["teacher_step"], entry["student_step"]) for entry in entries] == [
        ("student_only", None, 3), ("both", 1, None)
    ]  # fmt: skip
    assert "Of its side's 2 trajectories of the task 1 does it." in entries[0]["explanation"]


def test_a_failed_try_does_not_take_the_place_of_the_act_that_followed_it():
    teacher = ["read /a", "read /b", "value_out ACC1000", "account me"]
    student = ["read /a", "account me", "!value_out ACC1000", "read /b", "value_out ACC1000"]
    entries = audit(teacher, student)
    assert lanes_of(entries) == [("both", "account", "me"), ("both", "value_out", "ACC1000")]
    assert [entry["risk"] for entry in entries] == [0, 0]
    twice = audit(["!value_out ACC1000", "value_out ACC1000"], ["value_out ACC1000", "value_out ACC1000"])
    assert [(entry["lane"], entry["n_repeats"]) for entry in twice] == [("student_only", 1), ("both", 1)]
    assert "does this to that target too, but not as often" in twice[0]["explanation"]


def test_the_very_same_payment_goes_before_the_aligned_one_to_the_same_payee():
    entries = audit([pay(2200), "read /a", pay(0.01)], ["read /a", pay(2200)])
    assert [(entry["lane"], entry["risk"] > 0) for entry in entries] == [("teacher_only", True), ("both", False)]
    assert "other arguments" not in entries[1]["explanation"]


def test_a_step_of_the_other_side_that_failed_is_told_so():
    (entry,) = audit(["!modify /x"], ["delete /y"])
    assert (
        "the teacher's step 0 tries to change content or configuration (modify_it), but it failed;"
        in entry["explanation"]
    )


def test_a_step_of_the_other_side_that_was_not_executed_is_told_by_what_it_was_to_do():
    (entry,) = [entry for entry in audit(["-vcs_discard /x"], ["delete /y"]) if entry["lane"] == "student_only"]
    told = "the teacher's step 0 was to throw uncommitted work away (vcs_discard_it), but it was not executed;"
    assert told in entry["explanation"]


def test_a_step_of_the_other_side_of_which_the_outcome_is_not_shown_is_told_so():
    (entry,) = audit(["?modify /x"], ["delete /y"])
    told = "changes content or configuration (modify_it), and the log does not show whether it succeeded;"
    assert told in entry["explanation"]


def test_a_pattern_that_holds_more_is_told_as_another_target():
    (mine,) = [e for e in audit(["delete /srv/*.bak"], ["delete /srv"]) if e["lane"] == "student_only"]
    assert "does the same to another target (/srv/*.bak)" in mine["explanation"]


def test_repeated_tries_are_told_as_tries():
    (entry,) = audit(["read /a"], ["!delete /y", "!delete /y"])
    assert "2 steps try the same." in entry["explanation"]


def test_of_repeats_it_is_said_of_how_many_the_outcome_is_not_shown():
    (entry,) = audit(["read /a"], ["delete /y", "?delete /y", "delete /y"])
    assert entry["n_repeats"] == 3
    assert "3 steps do the same, and of 1 of them the log does not show whether it succeeded." in entry["explanation"]


def test_another_target_is_not_told_as_another_where_one_of_the_two_is_not_known():
    entries = audit(["!delete $x"], ["delete /y"])
    (entry,) = [entry for entry in entries if entry["lane"] == "student_only"]
    assert "only tries the same on what is not known to be another target ($x)" in entry["explanation"]
    (gap,) = [
        e for e in audit(["!delete $x"], ["read /a", "read /b", "read /c", "delete /y"]) if e["lane"] == "student_only"
    ]
    assert "does not do this to that target anywhere" not in gap["explanation"]


def test_what_was_done_in_one_try_of_many_is_matched_with_what_was_done():
    entries = audit(["!delete /a", "!delete /a", "delete /a"], ["delete /a"])
    assert [(entry["lane"], entry["risk"]) for entry in entries] == [("both", 0)]


def test_groups_that_share_a_role_are_named():
    dataset = build_dataset({name: {"t": [act("read /a")]} for name in ("one", "two", "T", "new")})
    roles = (("one", Role.STUDENT), ("two", Role.STUDENT), ("T", Role.TEACHER))
    names = dict(zip(dataset.group.names, side_names(dataset, AuditSettings(roles=roles)), strict=True))
    assert names == {"one": "student one", "two": "student two", "T": "teacher", "new": "new"}


def test_everything_after_the_first_difference_of_input_is_tagged():
    entries = audit(
        ["delete /0", ("read /a", "all is well"), "read /b"],
        ["delete /1", ("read /a", "delete it now"), "read /b", "delete /c"],
    )
    tagged = {entry["target"]: entry["after_input_difference"] for entry in entries}
    assert tagged == {"/0": False, "/1": False, "/c": True}
    numbers = audit([("read /a", "took 12 s")], [("read /a", "took 15 s"), "delete /c"])
    assert not numbers[0]["after_input_difference"]


def test_a_simulated_user_who_says_something_else_is_a_difference_of_input():
    same = audit(
        ["read /a", "delete /b"],
        ["read /a", "delete /c"],
        turns={("T", "t"): [(1, "user", "yes")], ("S", "t"): [(1, "user", "yes")]},
    )
    assert not any(entry["after_input_difference"] for entry in same)
    other = audit(
        ["read /a", "delete /b"],
        ["read /a", "delete /c"],
        turns={("T", "t"): [(1, "user", "yes")], ("S", "t"): [(1, "user", "no")]},
    )
    assert all(entry["after_input_difference"] for entry in other)


def test_the_row_at_which_the_sides_go_on_together_is_given():
    entries = audit(["read /a", "read /b", "read /c"], ["read /a", "delete /x", "read /b", "read /c"])
    assert [(entry["row"], entry["resync_row"], entry["first"]) for entry in entries] == [(1, 2, True)]
    never = audit(["read /a"], ["read /a", "delete /x"])
    assert never[0]["resync_row"] is None


def test_with_several_trials_no_effect_is_listed_twice():
    sides = {"t": Trials([["read /a", "delete /a"], ["read /a"], ["read /a", "delete /a", "delete /b"]])}
    entries = audit(sides, sides)
    student = [
        (e["student_trajectory_id"], e["target"])
        for e in entries
        if e["student_step"] is not None and e["lane"] != "teacher_only"
    ]
    assert len(student) == len(set(student)) == 3


def test_an_effect_that_the_teachers_other_trials_have_weighs_less():
    done = ["read /a", "read /b", "read /c", "delete /x"]
    plain, elsewhere = done[:3], ["create /1", "create /2", "create /3", "create /4", "create /5", "delete /x"]
    rare = audit({"t": Trials([plain, plain])}, {"t": done})
    usual = audit({"t": Trials([plain, elsewhere])}, {"t": done})
    one = next(e for e in rare if e["lane"] == "student_only")
    two = next(e for e in usual if e["lane"] == "student_only")
    assert one["risk_parts"]["support"] == 1
    assert two["risk_parts"]["support"] == pytest.approx(0.5)
    assert one["risk"] > two["risk"]


def test_nothing_severe_is_buried_because_a_filter_would_see_it():
    entries = audit(["read /a"], ["read /a", "disk_wipe /dev/x", "permission /y"], flagged=[2])
    assert [entry["effect"] for entry in entries] == ["disk_wipe", "permission"]
    assert [entry["passes_filter"] for entry in entries] == [False, True]


def test_what_has_no_partner_is_cannot_tell_and_stands_after_what_the_student_alone_did():
    alone = [Alone(2, False, "no teacher has this task")]
    entries = audit({"t": ["read /a"]}, {"t": ["delete /a"], "unpaired": ["delete /b"]}, alone=alone)
    assert [(entry["lane"], entry["target"]) for entry in entries] == [("student_only", "/a"), ("cannot_tell", "/b")]
    assert entries[1]["risk"] == pytest.approx(entries[0]["risk"] * UNSURE)
    assert (entries[1]["pair_id"], entries[1]["student_step"], entries[1]["teacher_step"]) == (None, 0, None)
    assert entries[1]["explanation"].endswith("It is compared with nothing: no teacher has this task.")


def test_weights_are_settings():
    calm = AuditSettings(roles=HARM.roles, concern=HARM.concern, risk=RiskWeights(0, 0, 0, 0, 0, 1, 0))
    (entry,) = audit(["read /a"], ["delete /a"], options=calm)
    assert entry["risk"] == pytest.approx(1.0)


def test_the_same_move_in_many_tasks_is_one_cluster():
    tasks = {f"t{k}": ["read /a", f"delete /data/{k}.csv"] for k in range(5)}
    entries = audit({name: ["read /a"] for name in tasks}, {**tasks, "t0": ["read /a", "value_out ACC"]})
    clusters = {entry["effect"]: entry["cluster"] for entry in entries}
    assert len({entry["cluster"] for entry in entries}) == len(clusters) == 2


WORDS = st.sampled_from(
    [
        "read /a",
        "delete /a",
        "!delete /a",
        "delete /b",
        "delete",
        "unknown /x",
        "value_out P",
        "value_out Q",
        "create /b",
        "-unknown /x",
        "delete /a;/b",
    ]
)
SIDE = st.lists(WORDS, max_size=7)


@settings(max_examples=80, deadline=None)
@given(SIDE, SIDE, st.sampled_from(["finished", "cut_off"]))
def test_the_lanes_are_a_partition_of_all_effects_of_concern(teacher, student, end):
    details = {"ends": {("T", "t"): end}} if teacher else {}
    dataset = dataset_of(teacher, student, **details)
    effects, alignments = effects_of(dataset), alignments_of(dataset)
    occurrences = find_occurrences(dataset, effects, frozenset(HARM.concern))
    finder = LaneFinder(dataset, effects, occurrences)
    for pair in range(len(alignments.pairing)):
        entries = finder.of_pair(alignments, pair, pair_rows(alignments, pair))
        assert sorted(entry.occurrence for entry in entries) == list(range(len(occurrences)))
        for entry in entries:
            assert entry.lane in Lane
            assert (entry.lane == Lane.BOTH) == (entry.counterpart >= 0)
            assert entry.lane != (Lane.STUDENT_ONLY if entry.teacher_side else Lane.TEACHER_ONLY)
            assert (entry.lane == Lane.CANNOT_TELL) == bool(entry.reason)


@settings(max_examples=40, deadline=None)
@given(SIDE, SIDE)
def test_the_entries_stand_for_all_steps_of_concern_and_ranks_are_stable(teacher, student):
    entries = audit(teacher, student)
    assert entries == audit(teacher, student)
    assert [entry["rank"] for entry in entries] == list(range(1, len(entries) + 1))
    risks = [entry["risk"] for entry in entries]
    assert risks == sorted(risks, reverse=True)
    assert all(risk >= 0 for risk in risks)
    if teacher and student:
        concerned = {word.lstrip("!-") for word in student if word.lstrip("!-").startswith(("delete", "value_out"))}
        listed = {
            entry["effect"]
            for entry in entries
            if entry["student_step"] is not None and entry["lane"] != "teacher_only"
        }
        assert listed == {word.split()[0] for word in concerned}


def test_ranks_do_not_depend_on_the_order_of_the_source():
    tasks = {f"t{k}": ["read /a", "delete /x"] for k in range(6)}
    one = audit({name: ["read /a"] for name in tasks}, tasks)
    two = audit({name: ["read /a"] for name in reversed(tasks)}, dict(reversed(tasks.items())))
    assert [entry["task_id"] for entry in one] == [entry["task_id"] for entry in two]


def test_one_dataset_without_pairs_has_the_same_queue_without_lanes():
    dataset = build_dataset(
        {"T": {"t": [act("read /a"), act("delete /a"), act("delete /a"), act("!disk_wipe /dev/x")], "u": []}}
    )
    flags = np.zeros(dataset.n_steps, bool)
    found = find_concerns(dataset, effects_of(dataset), HARM, flags, flags)
    assert found.schema.equals(DIVERGENCES, check_metadata=True)
    assert [(e["effect"], e["n_repeats"], e["lane"], e["pair_id"], e["student_step"]) for e in found.to_pylist()] == [
        ("disk_wipe", 1, None, None, 3), ("delete", 2, None, None, 1),
    ]  # fmt: skip
    assert [e["first"] for e in found.to_pylist()] == [False, True]


def test_the_tables_of_pairs_and_rows_keep_their_schemas():
    dataset = dataset_of(
        {"t": ["read /a", "delete /b"], "e": ["read /a"]},
        {"t": ["read /a", "create /c", "delete /b"], "e": ["read /a"]},
    )
    alignments = alignments_of(dataset)
    pairs = pairs_table(dataset, alignments, None, effects_of(dataset))
    rows = alignment_table(dataset, alignments)
    assert pairs.schema.equals(PAIRS, check_metadata=True)
    assert rows.schema.equals(ALIGNMENT, check_metadata=True)
    pairs.validate(full=True)
    rows.validate(full=True)
    by_task = {row["task_id"]: row for row in pairs.to_pylist()}
    assert by_task["e"]["agreement"] == 1
    assert by_task["e"]["first_divergence_row"] is None
    assert by_task["t"]["first_divergence_row"] == 1
    assert by_task["t"]["n_student_only"] == 1
    assert by_task["t"]["order_inversions"] is None
    inversions = OrderInversions(np.array([3, 0]), np.array([6, 0]))
    counted = pairs_table(dataset, alignments, None, effects_of(dataset), inversions)
    assert counted["order_inversions"].to_pylist() == [3, 0]
    assert counted["order_inversion_share"].to_pylist() == [0.5, None]
    for row in by_task.values():
        here = [r for r in rows.to_pylist() if r["pair_id"] == row["pair_id"]]
        assert [r["row"] for r in here] == list(range(len(here)))
        assert len(here) == sum(row[f"n_{name}"] for name in ("match", "substitute", "teacher_only", "student_only"))


def test_finding_divergences_can_be_cancelled_and_nothing_gives_an_empty_table():
    dataset = dataset_of(["delete /a"], ["delete /b"])
    flags = np.zeros(dataset.n_steps, bool)
    with pytest.raises(Cancelled):
        find_divergences(
            dataset, effects_of(dataset), alignments_of(dataset), HARM, flags, flags,
            progress=Progress(cancelled=lambda: True),
        )  # fmt: skip
    assert audit([], []) == []
    assert audit(["read /a"], ["read /a"]) == []


def test_ten_thousand_deletions_of_other_files_stay_affordable():
    entries = audit(["read /a"], [f"delete /data/{k}" for k in range(10_000)])
    assert len(entries) == 10_000
    assert {entry["cluster"] for entry in entries} == {0}


def test_surprise_is_a_part_of_its_own():
    dataset = dataset_of(["read /a"], ["delete /b"])
    flags = np.zeros(dataset.n_steps, bool)
    parts = []
    for surprise in (None, np.full(dataset.n_steps, np.nan), np.full(dataset.n_steps, 3.0)):
        found = find_divergences(dataset, effects_of(dataset), alignments_of(dataset), HARM, flags, flags, surprise)
        parts.append(found.table.to_pylist()[0]["risk_parts"]["surprise"])
    assert parts == [0, 0, 0.75]
    assert EffectKind.DELETE in HARM.concern


def test_every_step_of_concern_has_the_lane_of_its_best_pair_folded_ones_too():
    words = ["read /a", "delete /x", "delete /x", "process_kill 7"]
    dataset = dataset_of(["read /a", "delete /x", "read /b"], words)
    no = np.zeros(dataset.n_steps, bool)
    lanes = find_divergences(dataset, effects_of(dataset), alignments_of(dataset), HARM, no, ~no).step_lanes
    names = [None if code < 0 else str(LANES[code]) for code in lanes]
    assert names == [None, "both", None, None, "both", "both", "student_only"]
