"""The workbench: four cells per group, what sanitation loses, two filters side by side."""

from __future__ import annotations

import math
import pickle

import numpy as np

from explorer.analysis.filters.token_filter import Flags
from explorer.analysis.filters.workbench import cell_codes, cells, compare, sanitation_loss
from explorer.analysis.statistics.intervals import wilson
from explorer.model.effect import CONCERN_PRESETS, Effect, EffectKind, StepEffects
from explorer.model.token_filter import FilterAction, FilterSpec
from explorer.model.trajectory import Dataset
from explorer.model.workbench import CELLS, Cell
from tests.builders import build_dataset
from tests.explorer.analysis.effects_by_hand import step_effects

K = EffectKind
KINDS = CONCERN_PRESETS["destructive"]


def world() -> tuple[Dataset, StepEffects, np.ndarray, np.ndarray]:
    step = ("shell", "bash", "x")
    data = build_dataset({"one": {"a": [step] * 4, "b": [step] * 2}, "two": {"a": [step] * 3, "c": []}})
    kinds = [K.DELETE, K.DELETE, K.READ, K.READ, K.OVERWRITE, K.UNKNOWN, K.DELETE, K.READ, K.UNKNOWN]
    effects = step_effects([(Effect(kind, 1),) for kind in kinds])
    flagged = np.array([True, False, True, False, False, True, True, False, False])
    return data, effects, effects.concern(KINDS), flagged


def flags(flagged: np.ndarray) -> Flags:
    return Flags(flagged, flagged.astype(np.int32), ((), ("x",)))


def test_every_step_falls_into_one_cell_and_counts_add_up() -> None:
    data, effects, concern, flagged = world()
    found = cells(data, concern, flagged, effects, KINDS)
    assert dict(zip(CELLS, found.total.counts, strict=True)) == {
        Cell.CAUGHT: 2,
        Cell.MISSED: 2,
        Cell.FALSE_ALARM: 1,
        Cell.PASSED: 2,
        Cell.UNSURE_FLAGGED: 1,
        Cell.UNSURE_PASSED: 1,
    }
    assert sum(found.total.counts) == data.n_steps
    assert [group.group for group in found.groups] == ["one", "two"]
    assert tuple(sum(group.counts[i] for group in found.groups) for i in range(6)) == found.total.counts


def test_cells_carry_the_rows_behind_them() -> None:
    data, effects, concern, flagged = world()
    found = cells(data, concern, flagged, effects, KINDS)
    codes = cell_codes(concern, flagged)
    for place, cell in enumerate(CELLS):
        assert sorted(found.total.examples[place]) == np.flatnonzero(codes == place).tolist(), cell


def test_examples_are_spread_over_trajectories() -> None:
    step = ("shell", "bash", "x")
    data = build_dataset({"g": {"long": [step] * 100, "short": [step], "other": [step]}})
    effects = step_effects([(Effect(K.DELETE, 1),)] * 102)
    found = cells(data, effects.concern(KINDS), np.zeros(102, np.bool_), effects, KINDS)
    assert len(found.total.examples[1]) == 20
    assert {100, 101} < set(found.total.examples[1])


def test_recall_false_alarms_and_what_is_missed() -> None:
    data, effects, concern, flagged = world()
    total = cells(data, concern, flagged, effects, KINDS).total
    assert (total.recall.k, total.recall.n) == (2, 4)
    assert (total.false_alarms.k, total.false_alarms.n) == (1, 3)
    assert total.recall.interval.low < 0.5 < total.recall.interval.high
    assert dict(total.missed_kinds) == {"delete": 1, "overwrite": 1}


def test_steps_of_one_task_do_not_count_as_independent() -> None:
    step = ("shell", "bash", "x")
    data = build_dataset({"g": {f"t{i}": [step] * 10 for i in range(10)}})
    effects = step_effects([(Effect(K.DELETE, 1),)] * 100)
    flagged = np.repeat(np.arange(10) < 5, 10)
    recall = cells(data, effects.concern(KINDS), flagged, effects, KINDS).total.recall
    width = recall.interval.high - recall.interval.low
    assert width > 0.9 * (wilson(5, 10).high - wilson(5, 10).low)
    assert width > 2 * (wilson(50, 100).high - wilson(50, 100).low)


def test_chosen_groups_only_and_groups_without_concern() -> None:
    data, effects, concern, flagged = world()
    found = cells(data, concern, flagged, effects, KINDS, ["two"])
    assert [group.group for group in found.groups] == ["two"]
    assert found.total.counts == found.groups[0].counts
    nothing = cells(data, np.zeros_like(concern), flagged, effects, KINDS)
    assert math.isnan(nothing.total.recall.value)
    assert nothing.total.missed_kinds == ()


def test_dropping_trajectories_loses_safe_data_and_leaves_what_was_missed() -> None:
    data, _, concern, flagged = world()
    loss = sanitation_loss(data, concern, flags(flagged), FilterSpec("f", ("x",)))
    assert (loss.n_trajectories, loss.trajectories_dropped) == (4, 3)
    assert (loss.steps_dropped, loss.safe_steps_dropped, loss.n_safe_steps) == (9, 3, 3)
    assert loss.concern_steps_left == 0
    none = sanitation_loss(data, concern, flags(np.zeros(9, np.bool_)), FilterSpec("f", ("x",)))
    assert (none.steps_dropped, none.concern_steps_left, none.concern_trajectories_left) == (0, 4, 3)


def test_dropping_steps_loses_those_alone_and_redaction_leaves_every_action() -> None:
    data, _, concern, flagged = world()
    steps = FilterSpec("f", ("x",), action=FilterAction.DROP_STEP)
    loss = sanitation_loss(data, concern, flags(flagged), steps, "one")
    assert (loss.group, loss.n_steps, loss.steps_dropped, loss.safe_steps_dropped) == ("one", 6, 3, 1)
    assert (loss.n_concern_steps, loss.concern_steps_left, loss.unsure_steps_left) == (3, 2, 0)
    redacted = sanitation_loss(data, concern, flags(flagged), FilterSpec("f", ("x",), action=FilterAction.REDACT))
    assert (redacted.steps_dropped, redacted.concern_steps_left) == (0, 4)


def test_a_trajectory_is_safe_only_if_all_its_steps_are() -> None:
    step = ("shell", "bash", "x")
    data = build_dataset({"g": {"clean": [step, step], "unsure": [step, step], "empty": []}})
    concern = np.array([0, 0, 0, -1], dtype=np.int8)
    loss = sanitation_loss(data, concern, flags(np.array([True, False, True, False])), FilterSpec("f", ("x",)))
    assert (loss.n_safe_trajectories, loss.safe_trajectories_dropped, loss.trajectories_dropped) == (1, 1, 2)


def test_two_filters_are_compared_where_they_differ() -> None:
    data, _, concern, flagged = world()
    other = np.array([True, True, False, False, True, False, True, False, False])
    found = compare(data, concern, flagged, other, ("paper", "mine"))
    of_concern, safe, unsure = found.rows
    assert (of_concern.both, of_concern.first_only, of_concern.second_only, of_concern.neither) == (2, 0, 2, 0)
    assert of_concern.second_only_examples == (1, 4)
    assert (safe.first_only, safe.neither) == (1, 2)
    assert (unsure.concern, unsure.first_only) == (None, 1)
    assert found.recall_difference == 0.5
    assert found.interval.low <= 0.5 <= found.interval.high
    assert (found.first, found.second) == ("paper", "mine")


def test_what_the_workbench_shows_crosses_process_borders() -> None:
    data, effects, concern, flagged = world()
    found = cells(data, concern, flagged, effects, KINDS)
    assert pickle.loads(pickle.dumps(found)) == found
