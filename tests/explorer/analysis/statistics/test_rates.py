"""Rates per group and what comparisons say: the task as unit, floor and ceiling, the dead left out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from explorer.analysis.statistics.intervals import wilson
from explorer.analysis.statistics.rates import compare_rates, rates_table
from explorer.model.behaviour import Behaviour, BehaviourTest
from explorer.model.effect import Effect, EffectKind, StepEffects
from explorer.model.rate import RateComparison, RateVerdict
from explorer.model.result import RATES
from explorer.model.schema import End, Role
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset
from explorer.progress import Cancelled, Progress
from tests.builders import Trials, build_dataset
from tests.explorer.analysis.effects_by_hand import step_effects

DELETES = Behaviour("any", "Any", BehaviourTest.ANY_EFFECT, frozenset({EffectKind.DELETE}))
EFFECTS = {1: (Effect(EffectKind.DELETE, 2),), 0: (Effect(EffectKind.READ, 0),), -1: (Effect(EffectKind.UNKNOWN, 0),)}
ROLES = {"teacher": Role.TEACHER, "student": Role.STUDENT, "baseline": Role.BASELINE}


def world(
    answers: Mapping[str, Mapping[str, Sequence[int]]], **more: object
) -> tuple[Dataset, StepEffects, AuditSettings]:
    """``{group: {task: answers of its trials}}`` as trajectories of one step each."""
    groups = {
        group: {task: Trials([[("shell", "bash", "x")] for _ in trials]) for task, trials in tasks.items()}
        for group, tasks in answers.items()
    }
    data = build_dataset(groups, **more)  # type: ignore[arg-type]  # keywords of build_dataset
    flat = [answer for tasks in answers.values() for trials in tasks.values() for answer in trials]
    roles = tuple((group, ROLES[group]) for group in answers)
    return data, step_effects([EFFECTS[a] for a in flat]), AuditSettings(roles, behaviours=(DELETES,))


def single(yes: int, n: int, unsure: int = 0, first: int = 0) -> dict[str, list[int]]:
    values = [1] * yes + [-1] * unsure + [0] * (n - yes - unsure)
    return {f"t{first + i}": [value] for i, value in enumerate(values)}


def only(found: Sequence[RateComparison]) -> RateComparison:
    assert len(found) == 1
    return found[0]


def test_a_rate_has_wilsons_interval_over_tasks() -> None:
    table = rates_table(*world({"student": single(6, 20)}))
    assert table.schema == RATES
    row = table.to_pylist()[0]
    assert (row["k"], row["n"], row["method"], row["role"]) == (6, 20, "wilson", "student")
    assert (row["low"], row["high"]) == pytest.approx(wilson(6, 20))
    assert row["floor"] == row["ceiling"] == pytest.approx(0.3)


def test_what_one_cannot_tell_gives_a_floor_and_a_ceiling() -> None:
    row = rates_table(*world({"student": single(6, 20, unsure=4)})).to_pylist()[0]
    assert (row["k"], row["n"], row["n_cannot_tell"]) == (6, 20, 4)
    assert (row["floor"], row["ceiling"]) == pytest.approx((0.3, 0.5))
    assert row["low"] == pytest.approx(wilson(6, 20).low)
    assert row["high"] == pytest.approx(wilson(10, 20).high)


def test_several_trials_of_a_task_count_as_one_task() -> None:
    many = {f"t{i}": [1] * 10 if i < 6 else [0] * 10 for i in range(20)}
    row = rates_table(*world({"student": many})).to_pylist()[0]
    assert (row["k"], row["n"]) == (6, 20)
    assert row["high"] - row["low"] >= wilson(6, 20).high - wilson(6, 20).low
    assert "design effect" in row["method"]


def test_dead_trajectories_take_no_part() -> None:
    ends = {("student", f"t{i}"): End.ERROR for i in range(5)}
    row = rates_table(*world({"student": single(6, 20)}, ends=ends)).to_pylist()[0]
    assert (row["k"], row["n"]) == (1, 15)


def test_trajectories_that_were_not_asked_are_counted_apart() -> None:
    data, effects, settings = world({"student": single(2, 5)})
    first = Behaviour(
        "f", "F", BehaviourTest.FIRST_OF, among=frozenset({EffectKind.DELETE}), programs=("bash",)
    )  # fmt: skip
    settings = AuditSettings(settings.roles, behaviours=(first,))
    row = rates_table(data, effects, settings).to_pylist()[0]
    assert (row["k"], row["n"], row["n_excluded"]) == (2, 2, 3)
    effects = step_effects([EFFECTS[0]] * 5)
    row = rates_table(data, effects, settings).to_pylist()[0]
    assert (row["n"], row["n_excluded"]) == (0, 5)
    assert math.isnan(row["low"])


def test_the_same_tasks_are_compared_in_pairs() -> None:
    found = only(compare_rates(*world({"teacher": single(2, 20), "student": single(11, 20)})))
    assert (found.first, found.second, found.paired, found.n_shared) == (Role.TEACHER, Role.STUDENT, True, 20)
    assert found.difference == pytest.approx(0.45)
    assert found.test == "exact McNemar"
    assert found.p == pytest.approx(2 * 0.5**9)
    assert found.interval.low > 0
    assert found.verdict is RateVerdict.DIFFERENT
    assert found.holds
    assert found.more_tasks is None


def test_different_tasks_are_compared_as_independent() -> None:
    found = only(compare_rates(*world({"teacher": single(2, 20), "student": single(6, 20, first=100)})))
    assert not found.paired
    assert found.test == "Boschloo"
    assert found.verdict is RateVerdict.INCONCLUSIVE
    assert found.more_tasks is not None
    assert 30 < found.more_tasks < 60


def test_a_small_overlap_does_not_throw_the_other_tasks_away() -> None:
    found = only(compare_rates(*world({"teacher": single(1, 2), "student": single(3, 14)})))
    assert not found.paired
    assert (found.first_rate.n, found.second_rate.n, found.n_shared) == (2, 14, 2)
    assert "2 tasks are shared" in found.note


def test_many_different_tasks_are_permuted() -> None:
    found = only(compare_rates(*world({"teacher": single(2, 110), "student": single(60, 110, first=200)})))
    assert found.test == "permutation of tasks"
    assert found.verdict is RateVerdict.DIFFERENT


def test_several_trials_are_compared_by_task() -> None:
    teacher = {f"t{i}": [0, 0, 0] for i in range(12)}
    student = {f"t{i}": [1, 1, 0] if i < 9 else [0, 0, 0] for i in range(12)}
    found = only(compare_rates(*world({"teacher": teacher, "student": student})))
    assert found.test == "sign-flip permutation over tasks"
    assert found.p == pytest.approx(2 * 0.5**9)
    assert found.difference == pytest.approx(0.5)
    assert found.interval.low > 0


def test_equal_rates_with_many_tasks_are_close_and_with_few_inconclusive() -> None:
    few = only(compare_rates(*world({"teacher": single(1, 8), "student": single(1, 8)})))
    assert few.verdict is RateVerdict.INCONCLUSIVE
    assert few.more_tasks is None
    many = only(compare_rates(*world({"teacher": single(10, 300), "student": single(10, 300)})))
    assert many.verdict is RateVerdict.CLOSE


def test_a_difference_says_when_it_rests_on_what_one_cannot_tell() -> None:
    teacher, student = single(2, 20, unsure=12), single(14, 20)
    found = only(compare_rates(*world({"teacher": teacher, "student": student})))
    assert found.verdict is RateVerdict.DIFFERENT
    assert not found.holds
    assert "12" in found.note


def test_a_side_without_tasks_cannot_be_compared() -> None:
    data, effects, settings = world({"teacher": {"t": [0]}, "student": {}})
    found = only(compare_rates(data, effects, settings))
    assert found.verdict is RateVerdict.NOT_COMPARABLE
    assert math.isnan(found.difference)


def test_all_comparisons_of_a_panel_share_their_q() -> None:
    answers = {"teacher": single(2, 20), "student": single(11, 20), "baseline": single(2, 20)}
    found = compare_rates(*world(answers))
    assert [(one.first, one.second) for one in found] == [
        (Role.TEACHER, Role.STUDENT),
        (Role.TEACHER, Role.BASELINE),
        (Role.STUDENT, Role.BASELINE),
    ]
    assert np.all([one.q >= one.p for one in found])


def test_cancel_stops_the_rates() -> None:
    with pytest.raises(Cancelled):
        rates_table(*world({"student": single(1, 3)}), Progress(cancelled=lambda: True))
