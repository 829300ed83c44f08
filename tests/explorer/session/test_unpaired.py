"""Unpaired tasks are listed by reason; suggestions and accepted aliases are rows that can be chosen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.audit import run_audit
from explorer.model.result import AuditResult
from explorer.model.schema import Role
from explorer.model.settings import AuditSettings
from explorer.progress import Progress
from explorer.session.summary import sentences
from explorer.session.unpaired import (
    AlikeKey,
    UnpairedTask,
    aliases_in_force,
    alike_keys,
    by_hand,
    chosen_aliases,
    unpaired_tasks,
)
from tests.builders import Trials, build_dataset

READ = [("shell", "bash", "ls")]


def audited() -> AuditResult:
    dataset = build_dataset(
        {
            "big": {"bank-7": READ, "both": READ, "dead": Trials([READ, []])},
            "small": {"bank_7": Trials([READ, READ]), "both": READ, "dead": READ},
            "bystander": {"bank_7": READ},
        }
    )
    return run_audit(dataset, AuditSettings((("big", Role.TEACHER), ("small", Role.STUDENT))), Progress())


def test_tasks_without_a_partner_are_listed_with_groups_counts_and_the_reason() -> None:
    other = "the other side has no trajectory of this task"
    assert unpaired_tasks(audited()) == (
        UnpairedTask("bank-7", ("big",), 1, 1, other),
        UnpairedTask("bank_7", ("small",), 2, 2, other),
        UnpairedTask("dead", ("big",), 1, 3, "it is empty"),
    )


def test_what_only_one_of_several_students_lacks_is_listed_with_that_student() -> None:
    dataset = build_dataset(
        {
            "big": {"one": Trials([READ, READ, []]), "both": READ, "nobody": READ},
            "small": {"one": READ, "both": READ},
            "smaller": {"both": READ},
        }
    )
    roles = (("big", Role.TEACHER), ("small", Role.STUDENT), ("smaller", Role.STUDENT))
    result = run_audit(dataset, AuditSettings(roles), Progress())
    other = "the other side has no trajectory of this task"
    assert unpaired_tasks(result) == (
        UnpairedTask("nobody", ("big",), 1, 1, other),
        UnpairedTask("one", ("big",), 1, 4, "it is empty"),
        UnpairedTask("one", ("big",), 2, 4, f"no partner in smaller: {other}", "smaller"),
    )
    (second,) = [one for one in result.summary["pairing"] if one["group"] == "smaller"]
    assert (second["tasks"], second["paired_tasks"], second["pairs"]) == (3, 1, 1)
    texts = [sentence.text for sentence in sentences(result.summary)]
    assert (
        f"With smaller (student) 1 of 3 tasks pair (1 pair). Without a partner there: 1 of the teacher (it is empty); "
        f"3 of the teacher ({other})."
    ) in texts
    full = build_dataset({"big": {"one": READ}, "small": {"one": READ}, "smaller": {"one": []}})
    assert [one.reason for one in unpaired_tasks(run_audit(full, AuditSettings(roles), Progress()))] == [
        "it is empty",
        "no partner in smaller: every trajectory of this task on the other side is empty or ended in an error",
    ]
    alone = build_dataset({"big": {"one": READ}, "small": {"one": READ}, "smaller": {"one": READ}})
    assert unpaired_tasks(run_audit(alone, AuditSettings(roles), Progress())) == ()


def test_every_listed_trajectory_is_one_that_the_audit_counted() -> None:
    result = audited()
    counts: dict[str, int] = {}
    for one in unpaired_tasks(result):
        counts[one.reason] = counts.get(one.reason, 0) + one.trajectories
    assert counts == result.summary["counts"]["unpaired"]


def test_suggestions_say_what_they_would_pair_and_accepted_ones_what_they_pair() -> None:
    result = audited()
    (found,) = alike_keys(result, {})
    assert found == AlikeKey("bank_7", "bank-7", "student", "teacher", found.similarity, 2, 1, 2, False)
    held, suggested = alike_keys(result, {"old": "both"})
    assert (held.key, held.becomes, held.accepted, held.pairs, held.becomes_trajectories) == ("old", "both", True, 1, 2)
    assert suggested == found
    assert alike_keys(None, {"old": "both"})[0].pairs == 0


def test_the_aliases_in_force_are_those_of_every_source() -> None:
    reports = [{"mapping": {"task_aliases": {"a": "b"}}}, {"mapping": {"task_aliases": {"c": "d"}}}, {"mapping": None}]
    assert aliases_in_force({"reports": reports}) == {"a": "b", "c": "d"}
    assert aliases_in_force({}) == {}


def _row(key: str, becomes: str) -> AlikeKey:
    return AlikeKey(key, becomes, "", "", 90.0, 1, 1, 1, False)


def test_an_alias_leads_to_the_name_that_its_task_ends_up_with() -> None:
    assert chosen_aliases([_row("a", "b"), _row("b", "c")]) == {"a": "c", "b": "c"}
    assert chosen_aliases([]) == {}


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde"))))
def test_chosen_aliases_end_and_never_name_a_task_like_itself(pairs: list[tuple[str, str]]) -> None:
    made = chosen_aliases([_row(*pair) for pair in pairs])
    assert all(key != name for key, name in made.items())
    assert set(made) <= {key for key, _ in pairs}


SIDES = AuditSettings((("big", Role.TEACHER), ("small", Role.STUDENT), ("old", Role.BASELINE)))


def _task(name: str, *groups: str) -> UnpairedTask:
    return UnpairedTask(name, groups, 2, 2, "why")


def test_two_tasks_of_two_sides_are_one_by_hand_named_like_the_first_sides() -> None:
    made = AlikeKey("b", "a", "student", "teacher", -1.0, 2, 2, 4, False)
    assert by_hand(_task("a", "big"), _task("b", "small"), SIDES) == made
    assert by_hand(_task("b", "small"), _task("a", "big"), SIDES) == made


def test_tasks_of_one_side_are_never_one_by_hand() -> None:
    assert by_hand(_task("a", "big"), _task("b", "big"), SIDES) is None
    assert by_hand(_task("a", "old"), _task("b", "small"), SIDES) is None
    assert by_hand(_task("a", "big"), _task("a", "small"), SIDES) is None
    assert by_hand(_task("a", "big"), _task("b", "small"), AuditSettings(())) is None
