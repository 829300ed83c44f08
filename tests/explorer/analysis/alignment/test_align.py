"""Alignment: optimal, symmetric, a round trip, gaps as specified, bands, defined results for odd input."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.alignment import align
from explorer.analysis.alignment.align import align_pairs
from explorer.analysis.alignment.features import step_features
from explorer.analysis.pairing.pair import pair_trajectories
from explorer.model.alignment import OPERATIONS, Operation, Pairing
from explorer.model.effect import EffectKind
from explorer.model.settings import AlignmentCosts
from explorer.progress import Cancelled, Progress
from tests.explorer.analysis.acts import SETTINGS, dataset_of, effects_of
from tests.explorer.analysis.sequences import (
    LONG_SEQUENCE,
    SEQUENCE,
    best_score,
    features_of,
    one_pair,
    path_score,
)

QUICK = settings(max_examples=60, deadline=None)
MATCH = OPERATIONS.index(Operation.MATCH)
READ = (EffectKind.READ, 1, 0, 2)
COSTS = st.builds(
    AlignmentCosts,
    threshold=st.floats(0.0, 0.9),
    gap_open=st.floats(-2.0, -0.1),
    gap_open_concern=st.floats(-3.0, -0.1),
    gap_extend=st.floats(-0.5, 0.0),
)


@QUICK
@given(SEQUENCE, SEQUENCE, COSTS)
def test_the_score_is_the_best_over_all_paths(first, second, costs):
    features, offsets = features_of(first, second)
    found = align_pairs(features, offsets, one_pair(), costs)
    assert found.score[0] == pytest.approx(best_score(features, offsets, costs), abs=1e-4)


@QUICK
@given(LONG_SEQUENCE, LONG_SEQUENCE, COSTS)
def test_the_score_is_what_its_path_costs(first, second, costs):
    features, offsets = features_of(first, second)
    found = align_pairs(features, offsets, one_pair(), costs)
    path = path_score(features, offsets, found.teacher_step.tolist(), found.student_step.tolist(), costs)
    assert found.score[0] == pytest.approx(path, abs=1e-3)


@QUICK
@given(LONG_SEQUENCE, LONG_SEQUENCE)
def test_the_score_does_not_depend_on_which_side_comes_first(first, second):
    one = align_pairs(*features_of(first, second), one_pair())
    two = align_pairs(*features_of(second, first), one_pair())
    assert one.score[0] == two.score[0]
    assert one.normalised[0] == pytest.approx(two.normalised[0])


@QUICK
@given(LONG_SEQUENCE)
def test_a_trajectory_matches_itself_step_by_step(sequence):
    found = align_pairs(*features_of(sequence, sequence), one_pair())
    assert found.teacher_step.tolist() == found.student_step.tolist() == list(range(len(sequence)))
    assert set(found.operation.tolist()) <= {MATCH}
    assert found.normalised[0] == pytest.approx(1.0, abs=1e-5)
    assert np.allclose(found.similarity, 1.0)


@QUICK
@given(LONG_SEQUENCE, LONG_SEQUENCE)
def test_both_sequences_can_be_read_back_from_the_rows(first, second):
    found = align_pairs(*features_of(first, second), one_pair())
    assert found.teacher_step[found.teacher_step >= 0].tolist() == list(range(len(first)))
    assert found.student_step[found.student_step >= 0].tolist() == list(range(len(second)))
    assert ((found.teacher_step >= 0) | (found.student_step >= 0)).all()
    gaps = (found.teacher_step < 0) | (found.student_step < 0)
    assert np.isnan(found.similarity[gaps]).all()
    aligned = found.similarity[~gaps]
    assert ((aligned >= 0) & (aligned <= 1)).all()


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_gap_costs_one_opening_an_extension_for_each_further_step_and_more_for_concern(length):
    costs = AlignmentCosts()
    plain = [READ] * length
    found = align_pairs(*features_of(plain, []), one_pair(), costs)
    assert found.score[0] == pytest.approx(costs.gap_open + (length - 1) * costs.gap_extend)
    of_concern = [(EffectKind.DELETE, 1, 0, 2)] * length
    found = align_pairs(*features_of(of_concern, []), one_pair(), costs)
    more = length * (costs.gap_open_concern - costs.gap_open)
    assert found.score[0] == pytest.approx(costs.gap_open + (length - 1) * costs.gap_extend + more)


@QUICK
@given(LONG_SEQUENCE, LONG_SEQUENCE, st.integers(1, 40))
def test_a_band_that_holds_the_best_path_gives_the_exact_result(first, second, half):
    features, offsets = features_of(first, second)
    exact = align_pairs(features, offsets, one_pair())
    banded = align_pairs(features, offsets, one_pair(), AlignmentCosts(band_above=0, band_width=half))
    n, m = len(first), len(second)
    long, short = (exact.teacher_step, exact.student_step) if n >= m else (exact.student_step, exact.teacher_step)
    i, j = np.cumsum(long >= 0), np.cumsum(short >= 0)
    within = max(n, m) == 0 or (np.abs(j - (i * min(n, m)) // max(n, m)) <= half).all()
    assert banded.approximate[0] == (half < min(n, m))
    if within or not banded.approximate[0]:
        assert banded.score[0] == pytest.approx(exact.score[0], abs=1e-4)
    else:
        assert banded.score[0] <= exact.score[0] + 1e-4
    path = path_score(features, offsets, banded.teacher_step.tolist(), banded.student_step.tolist())
    assert banded.score[0] == pytest.approx(path, abs=1e-3)
    assert banded.teacher_step[banded.teacher_step >= 0].tolist() == list(range(n))
    assert banded.student_step[banded.student_step >= 0].tolist() == list(range(m))


@settings(max_examples=15, deadline=None)
@given(st.lists(LONG_SEQUENCE, min_size=2, max_size=8))
def test_pairs_aligned_together_and_alone_agree(sequences):
    features, offsets = features_of(*sequences)
    n = len(sequences)
    pairing = Pairing(np.repeat(np.arange(n), n).astype(np.int32), np.tile(np.arange(n), n).astype(np.int32))
    together = align_pairs(features, offsets, pairing)
    for pair in range(0, n * n, 3):
        alone = align_pairs(
            features, offsets, Pairing(pairing.teacher[pair : pair + 1], pairing.student[pair : pair + 1])
        )
        rows = together.rows(pair)
        assert together.score[pair] == alone.score[0]
        assert together.teacher_step[rows.start : rows.stop].tolist() == alone.teacher_step.tolist()
        assert together.operation[rows.start : rows.stop].tolist() == alone.operation.tolist()


def test_many_chunks_give_the_same_as_one(monkeypatch):
    rng = np.random.default_rng(3)
    sequences = [[(EffectKind.READ, int(t), 0, 2) for t in rng.integers(0, 4, rng.integers(0, 20))] for _ in range(40)]
    features, offsets = features_of(*sequences)
    pairing = Pairing(np.arange(0, 40, 2, dtype=np.int32), np.arange(1, 40, 2, dtype=np.int32))
    whole = align_pairs(features, offsets, pairing)
    monkeypatch.setattr(align, "_CHUNK_CELLS", 300)
    parts = align_pairs(features, offsets, pairing)
    assert whole.teacher_step.tolist() == parts.teacher_step.tolist()
    assert whole.score.tolist() == parts.score.tolist()
    assert whole.offsets.tolist() == parts.offsets.tolist()


def test_two_empty_trajectories_are_equal_and_an_empty_one_is_all_gaps():
    both = align_pairs(*features_of([], []), one_pair())
    assert both.score[0] == 0
    assert both.normalised[0] == 1
    assert len(both.operation) == 0
    one = align_pairs(*features_of([], [READ, READ]), one_pair())
    assert one.teacher_step.tolist() == [-1, -1]
    assert one.normalised[0] < 0


def test_no_pairs_at_all_is_an_empty_result():
    nothing = Pairing(np.zeros(0, np.int32), np.zeros(0, np.int32))
    found = align_pairs(*features_of([READ]), nothing, shuffles=3)
    assert found.offsets.tolist() == [0]
    assert len(found.score) == len(found.z) == 0


def test_a_million_steps_are_banded_within_seconds_and_said_to_be_approximate():
    one, _ = features_of([READ, (EffectKind.DELETE, 2, 0, 3)])
    n = 1_000_000
    rows = np.tile([0, 1], n)
    million = replace(
        one,
        **{
            name: getattr(one, name)[rows]
            for name in ("headline", "masks", "tool", "alias", "family", "sketches", "concern", "targets")
        },
    )
    start = time.process_time()
    found = align_pairs(million, np.array([0, n, 2 * n], np.int64), one_pair())
    assert time.process_time() - start < 60
    assert found.approximate[0]
    assert len(found.operation) == n
    assert (found.operation == MATCH).all()
    short = align_pairs(million, np.array([0, n, n + 3], np.int64), one_pair())
    assert not short.approximate[0]
    assert (short.student_step >= 0).sum() == 3


def test_identical_steps_all_match_and_what_is_left_is_one_gap():
    found = align_pairs(*features_of([READ] * 30, [READ] * 20), one_pair())
    assert (found.operation == MATCH).sum() == 20
    gap = np.flatnonzero(found.student_step < 0)
    assert (np.diff(gap) == 1).all()


def test_the_best_of_several_trials_is_marked_once_a_student():
    features, offsets = features_of([READ], [READ, READ, READ], [READ, READ, READ])
    found = align_pairs(features, offsets, Pairing(np.array([0, 1], np.int32), np.array([2, 2], np.int32)))
    assert found.best.tolist() == [False, True]


def test_a_pair_of_one_task_stands_out_from_shuffled_ones():
    tools = [[(EffectKind.READ, 10 * task + k, 0, task) for k in range(4 + task)] for task in range(8)]
    features, offsets = features_of(*[sequence for sequence in tools for _ in (0, 1)])
    pairing = Pairing(np.arange(0, 16, 2, dtype=np.int32), np.arange(1, 16, 2, dtype=np.int32))
    tasks = np.repeat(np.arange(8), 2).astype(np.int32)
    found = align_pairs(features, offsets, pairing, shuffles=10, tasks=tasks)
    again = align_pairs(features, offsets, pairing, shuffles=10, tasks=tasks)
    known = np.isfinite(found.z)
    assert np.array_equal(found.z, again.z, equal_nan=True)
    assert known.all()
    assert (found.z > 2).all()
    # One task only: there is nothing to shuffle with.
    alone = align_pairs(features, offsets, pairing, shuffles=10, tasks=np.zeros(16, np.int32))
    assert np.isnan(alone.z).all()


def test_aligning_can_be_cancelled():
    features, offsets = features_of([READ] * 50, [READ] * 50)
    with pytest.raises(Cancelled):
        align_pairs(features, offsets, one_pair(), progress=Progress(cancelled=lambda: True))


def test_the_same_deletion_of_another_file_is_aligned_but_no_match():
    dataset = dataset_of(["read /a", "delete /a"], ["read /a", "delete /b"])
    effects = effects_of(dataset)
    features = step_features(dataset, effects, SETTINGS.concern)
    found = align_pairs(features, dataset.step_offsets, pair_trajectories(dataset, ["T"], ["S"]))
    assert [OPERATIONS[code] for code in found.operation] == [Operation.MATCH, Operation.SUBSTITUTE]


def test_missing_arguments_and_arguments_that_are_no_json_are_aligned():
    from tests.builders import build_dataset

    odd = [
        ("tool_call", "t", None),
        ("tool_call", "t", "{broken"),
        ("tool_call", "t", "\ud800\x00" * 10),
        ("message", None, None),
    ]
    odd[2] = ("tool_call", "t", "\x00\x1b[31m" * 100)
    dataset = build_dataset({"T": {"t": odd}, "S": {"t": list(reversed(odd))}})
    features = step_features(dataset, effects_of(dataset), SETTINGS.concern)
    found = align_pairs(features, dataset.step_offsets, one_pair())
    assert found.student_step[found.student_step >= 0].tolist() == [0, 1, 2, 3]
