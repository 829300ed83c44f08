"""Common rows for several trajectories, the prefix tree, order inversions, and a group against itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.alignment.align import align_pairs
from explorer.analysis.alignment.features import step_features
from explorer.analysis.alignment.inversions import count_inversions, order_inversions
from explorer.analysis.alignment.multi_align import multi_align
from explorer.analysis.alignment.prefix_tree import prefix_tree
from explorer.analysis.statistics.spread import self_spread, spread_summary, spreads_of_audit
from explorer.model.alignment import OPERATIONS, Operation, Pairing
from explorer.progress import Cancelled, Progress
from loaders.base import ReadRequest
from loaders.registry import open_dataset, read_source
from tests.builders import Trials, build_dataset
from tests.explorer.analysis.acts import SETTINGS, act, dataset_of, effects_of
from tests.explorer.analysis.sequences import KINDS, LONG_SEQUENCE, features_of, one_pair

CONCERN = frozenset(SETTINGS.concern)


def features_for(dataset):
    return step_features(dataset, effects_of(dataset), SETTINGS.concern)


@settings(max_examples=40, deadline=None)
@given(LONG_SEQUENCE, LONG_SEQUENCE)
def test_with_one_other_trajectory_the_rows_are_those_of_the_pair(first, second):
    features, offsets = features_of(first, second)
    pair = align_pairs(features, offsets, one_pair())
    several = multi_align(features, offsets, 0, [1])
    assert several.cells[:, 0].tolist() == pair.teacher_step.tolist()
    assert several.cells[:, 1].tolist() == pair.student_step.tolist()
    assert (several.agreeing == 2).tolist() == (pair.operation == OPERATIONS.index(Operation.MATCH)).tolist()
    assert (several.alone.sum(axis=1) > 0).tolist() == (several.agreeing < 2).tolist()


@settings(max_examples=25, deadline=None)
@given(LONG_SEQUENCE, st.lists(LONG_SEQUENCE, min_size=2, max_size=4))
def test_every_column_can_be_read_back_and_no_row_is_empty(teacher, others):
    features, offsets = features_of(teacher, *others)
    found = multi_align(features, offsets, 0, range(1, len(others) + 1))
    for column, sequence in enumerate([teacher, *others]):
        steps = found.cells[:, column]
        assert steps[steps >= 0].tolist() == list(range(len(sequence)))
    assert ((found.cells >= 0).any(axis=1)).all()
    assert (found.agreeing >= 1).all()
    assert not (found.common & (found.cells < 0)).any()
    assert not (found.alone & (found.cells < 0)).any()
    # Who agrees with somebody is not alone; who is alone is the commonest only where everybody is.
    assert not (found.alone & found.common)[found.agreeing > 1].any()
    again = multi_align(features, offsets, 0, range(1, len(others) + 1))
    assert found.cells.tolist() == again.cells.tolist()
    # Each column alone against the teacher is aligned as in the pair.
    for column in range(1, len(others) + 1):
        pair = align_pairs(features, offsets, Pairing(np.array([0], np.int32), np.array([column], np.int32)))
        both = (pair.teacher_step >= 0) & (pair.student_step >= 0)
        expected = list(zip(pair.teacher_step[both].tolist(), pair.student_step[both].tolist(), strict=True))
        rows = found.cells[(found.cells[:, 0] >= 0) & (found.cells[:, column] >= 0)]
        assert [(int(row[0]), int(row[column])) for row in rows] == expected


def test_what_two_students_add_alike_shares_a_row_and_what_is_unique_is_marked():
    dataset = dataset_of(
        ["read /a", "read /b"],
        {"t": Trials([["read /a", "delete /x", "read /b"], ["read /a", "delete /x", "read /b", "create /y"]])},
    )
    found = multi_align(features_for(dataset), dataset.step_offsets, 0, [1, 2])
    assert found.cells.tolist() == [[0, 0, 0], [-1, 1, 1], [1, 2, 2], [-1, -1, 3]]
    assert found.agreeing.tolist() == [3, 2, 3, 1]
    assert found.consensus.tolist() == [True, True, True, False]
    assert found.unique.tolist() == [[False] * 3] * 3 + [[False, False, True]]
    assert found.common[1].tolist() == [False, True, True]


def test_what_another_column_does_in_another_row_is_alone_but_not_unique():
    dataset = dataset_of(
        ["read /a", "read /b", "read /c"],
        {"t": Trials([["delete /x", "read /a", "read /b", "read /c"], ["read /a", "read /b", "read /c", "delete /x"]])},
    )
    found = multi_align(features_for(dataset), dataset.step_offsets, 0, [1, 2])
    assert found.agreeing.tolist() == [1, 3, 3, 3, 1]
    assert np.argwhere(found.alone).tolist() == [[0, 1], [4, 2]]
    assert np.argwhere(found.elsewhere).tolist() == [[0, 1], [4, 2]]
    assert not found.unique.any()


def test_the_same_deletion_of_different_files_agrees_with_nobody():
    dataset = dataset_of(["read /a", "delete /x"], {"t": Trials([["read /a", "delete /x"], ["read /a", "delete /y"]])})
    found = multi_align(features_for(dataset), dataset.step_offsets, 0, [1, 2])
    assert found.cells.tolist() == [[0, 0, 0], [1, 1, 1]]
    assert found.agreeing.tolist() == [3, 2]
    assert np.argwhere(found.unique).tolist() == [[1, 2]]


def test_many_long_columns_take_bounded_time_and_can_be_stopped():
    rng = np.random.default_rng(3)
    words = [(kind, tool, 0, words) for kind in KINDS for tool in range(2) for words in range(1, 4)]
    base = [words[k] for k in rng.integers(0, len(words), 400)]

    def changed():
        kept = [word for word in base if rng.random() < 0.95]
        return [words[rng.integers(len(words))] if rng.random() < 0.3 else word for word in kept]

    features, offsets = features_of(base, *(changed() for _ in range(8)))
    progress = Progress()
    found = multi_align(features, offsets, 0, range(1, 9), progress=progress)
    assert progress.sample == ("common rows", 8, 8)
    assert found.cells.shape[1] == 9
    with pytest.raises(Cancelled):
        multi_align(features, offsets, 0, range(1, 9), progress=Progress(cancelled=lambda: True))


def test_no_other_trajectory_and_empty_ones_are_defined():
    features, offsets = features_of([], [])
    assert multi_align(features, offsets, 0, [1]).unique.shape == (0, 2)
    assert multi_align(features, offsets, 0, [1]).cells.shape == (0, 2)
    assert multi_align(features, offsets, 0, []).cells.shape == (0, 1)


def test_the_tree_shows_where_the_groups_part_and_marks_branches_of_concern():
    dataset = dataset_of(
        {"t": Trials([["read /a", "create /b"], ["read /a", "read /a", "create /b"]])},
        {"t": Trials([["read /a", "delete /b"], ["read /a", "create /b"], []])},
    )
    tree = prefix_tree(dataset, effects_of(dataset), range(5), CONCERN)
    assert tree.groups == ("S", "T")
    assert tree.counts[0].tolist() == [3, 2]
    (top,) = tree.children(0)
    assert tree.counts[top].tolist() == [2, 2]
    assert tree.actions[tree.action[top]] == "read_it: read"
    create, delete = tree.children(int(top))
    assert tree.counts[create].tolist() == [1, 2]
    assert tree.counts[delete].tolist() == [1, 0]
    assert tree.concern.tolist() == [node == delete for node in range(len(tree))]
    assert tree.subtree_concern[[0, top, create, delete]].tolist() == [True, True, False, True]
    assert tree.partings.tolist() == [top]
    assert tree.ends.sum() == 5
    assert tree.ends[0].tolist() == [1, 0]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["read /a", "delete /a", "create /b"]), max_size=6), min_size=1, max_size=6))
def test_the_tree_keeps_every_trajectory(sides):
    dataset = build_dataset({"G": {"t": Trials([[act(word) for word in words] for words in sides])}})
    tree = prefix_tree(dataset, effects_of(dataset), range(len(sides)), CONCERN, fold_repeats=False)
    assert tree.counts[0].sum() == tree.ends.sum() == len(sides)
    for row, words in enumerate(sides):
        node, path = int(tree.node[row]), []
        while node > 0:
            path.append(tree.actions[tree.action[node]].split("_")[0])
            node = int(tree.parent[node])
        assert path[::-1] == [word.split()[0] for word in words]
    inner = np.flatnonzero(np.arange(len(tree)) > 0)
    assert (tree.counts[tree.parent[inner]] >= tree.counts[inner]).all()


def test_a_deep_tree_stops_at_its_depth_and_says_how_much_follows():
    dataset = build_dataset({"G": {"t": [act(f"{'read' if k % 2 else 'create'} /a") for k in range(30)]}})
    tree = prefix_tree(dataset, effects_of(dataset), [0], CONCERN, max_depth=5)
    assert len(tree) == 6
    assert tree.ends[5].sum() == 1
    assert tree.beyond.tolist() == [0, 0, 0, 0, 0, 25]
    assert not tree.subtree_concern.any()


def test_what_is_of_concern_beyond_the_depth_is_not_lost():
    words = [f"{'read' if k % 2 else 'create'} /a" for k in range(20)]
    dataset = dataset_of([*words, "delete /x", "read /a"], words)
    tree = prefix_tree(dataset, effects_of(dataset), [0, 1], CONCERN, max_depth=5)
    assert tree.concern.tolist() == [False] * 5 + [True]
    assert tree.subtree_concern.all()
    assert tree.beyond.tolist() == [0, 0, 0, 0, 0, 17]
    assert tree.step.tolist() == [-1, 0, 1, 2, 3, 20]


def test_a_branch_knows_its_trajectories_and_the_step_that_shows_it():
    dataset = dataset_of({"t": Trials([["read /a", "create /b"], []])}, {"t": Trials([["read /a", "delete /b"]])})
    tree = prefix_tree(dataset, effects_of(dataset), range(3), CONCERN)
    (top,) = tree.children(0).tolist()
    create, delete = sorted(tree.children(top).tolist(), key=lambda node: tree.concern[node])
    assert tree.through(0).tolist() == [0, 1, 2]
    assert tree.through(top).tolist() == [0, 2]
    assert tree.through(delete).tolist() == [2]
    assert tree.step[[0, top, create, delete]].tolist() == [-1, 0, 1, 3]


def test_a_repeated_action_shows_its_step_of_concern():
    steps = [{**act("delete /a"), "thought": "read /a"}, act("delete /b")]
    dataset = build_dataset({"G": {"t": [{**step, "tool": "same"} for step in steps]}})
    effects = effects_of(dataset)
    both = type(effects)(((*effects.catalog[1], *effects.catalog[0]), effects.catalog[1]), np.array([1, 1], np.int32))
    one = prefix_tree(dataset, both, [0], CONCERN)
    assert (len(one), one.step[1]) == (2, 0)


def test_an_action_without_an_effect_is_named_by_its_tool_alone():
    dataset = dataset_of(["none /a", "read /a", "remote_delete /b"], [])
    tree = prefix_tree(dataset, effects_of(dataset), [0], CONCERN)
    assert [tree.actions[action] for action in tree.action[1:]] == [
        "none_it", "read_it: read", "remote_delete_it: remote delete",
    ]  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 30), max_size=200))
def test_inversions_are_counted_as_by_hand(values):
    slow = sum(values[i] > values[j] for i in range(len(values)) for j in range(i + 1, len(values)))
    assert count_inversions(np.array(values, dtype=np.int64)) == slow


def test_steps_in_another_order_are_inversions_and_missing_ones_are_not():
    dataset = dataset_of(
        {"moved": ["read /a", "create /b", "delete /c"], "missing": ["read /a", "create /b"]},
        {"moved": ["delete /c", "read /a", "create /b"], "missing": ["create /b"]},
    )
    pairing = Pairing(np.array([0, 1], np.int32), np.array([2, 3], np.int32))
    found = order_inversions(features_for(dataset), dataset.step_offsets, pairing)
    assert (found.found.tolist(), found.possible.tolist()) == ([2, 0], [3, 0])
    assert found.share.tolist() == pytest.approx([2 / 3, np.nan], nan_ok=True)


def test_equal_actions_are_told_apart_by_their_order_and_nothing_gives_nothing():
    dataset = dataset_of(
        {"again": ["read /a", "create /b", "read /a"], "none": []},
        {"again": ["create /b", "read /a", "read /a"], "none": ["read /a"]},
    )
    pairing = Pairing(np.array([0, 1], np.int32), np.array([2, 3], np.int32))
    assert order_inversions(features_for(dataset), dataset.step_offsets, pairing).found.tolist() == [1, 0]
    none = Pairing(np.zeros(0, np.int32), np.zeros(0, np.int32))
    assert order_inversions(features_for(dataset), dataset.step_offsets, none).share.tolist() == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from("abcd"), max_size=12), st.lists(st.sampled_from("abcd"), max_size=12))
def test_inversions_of_two_trajectories_are_those_of_their_common_actions(one, two):
    def numbered(letters):
        return [(letter, letters[:at].count(letter)) for at, letter in enumerate(letters)]

    dataset = dataset_of([f"delete /{x}" for x in one], [f"delete /{x}" for x in two])
    pairing = Pairing(np.array([0], np.int32), np.array([1], np.int32))
    first = numbered(one)
    places = [first.index(key) for key in numbered(two) if key in first]
    by_hand = sum(places[i] > places[j] for i in range(len(places)) for j in range(i + 1, len(places)))
    inversions = order_inversions(features_for(dataset), dataset.step_offsets, pairing)
    assert inversions.found.tolist() == [by_hand]
    assert inversions.possible.tolist() == [len(places) * (len(places) - 1) // 2]


def test_the_share_of_inversions_does_not_grow_with_the_length():
    def both(n):
        words = [f"delete /{k}" for k in range(n)]
        return words, [*words[1:], words[0]], words[::-1]

    for n in (10, 1_000):
        one, moved, reverse = both(n)
        dataset = dataset_of({"a": one, "b": one, "c": one}, {"a": one, "b": moved, "c": reverse})
        pairing = Pairing(np.array([0, 1, 2], np.int32), np.array([3, 4, 5], np.int32))
        found = order_inversions(features_for(dataset), dataset.step_offsets, pairing)
        assert found.found.tolist() == [0, n - 1, n * (n - 1) // 2]
        assert found.share.tolist() == pytest.approx([0, 2 / n, 1])


def test_what_one_side_repeats_more_often_is_no_inversion():
    dataset = dataset_of(["read /a"] * 5_000 + ["create /b"], ["read /a"] * 4_000 + ["create /b"] * 3)
    pairing = Pairing(np.array([0], np.int32), np.array([1], np.int32))
    found = order_inversions(features_for(dataset), dataset.step_offsets, pairing)
    assert (found.found.tolist(), found.possible.tolist()) == ([0], [4_001 * 4_000 // 2])


@pytest.mark.real_data
def test_inversions_on_real_trials_can_be_read(real_data, tmp_path):
    """Four trials of each airline task: shares lie between none and all, and the count says little without them."""
    read_source(ReadRequest((str(real_data / "tau-bench/gpt-4o-airline.parquet"),)), tmp_path / "tau")
    dataset = open_dataset(tmp_path / "tau")
    effects = effects_of(dataset)
    features = step_features(dataset, effects, SETTINGS.concern)
    of_task: dict[str | None, list[int]] = {}
    for row in range(dataset.n_trajectories):
        of_task.setdefault(dataset.task.of(row), []).append(row)
    pairs = [(one, two) for rows in of_task.values() for at, one in enumerate(rows) for two in rows[at + 1 :]]
    pairing = Pairing(*(np.array(side, np.int32) for side in zip(*pairs, strict=True)))
    found = order_inversions(features, dataset.step_offsets, pairing)
    share = found.share[found.possible > 0]
    assert len(pairs) == 300
    assert ((share >= 0) & (share <= 1)).all()
    assert (found.found <= found.possible).all()
    assert 0 < np.median(share[share > 0]) < 0.5
    turned = Pairing(pairing.student, pairing.teacher)
    assert order_inversions(features, dataset.step_offsets, turned).found.tolist() == found.found.tolist()


def test_a_group_against_itself_tells_how_usual_a_difference_is():
    same = Trials([["read /a", "delete /b"], ["read /a", "delete /b"]])
    other = Trials([["read /a", "delete /b"], ["read /a", "delete /c"]])
    dataset = dataset_of({"same": same, "other": other, "single": ["read /a"]}, {"same": ["read /a"]})
    teacher, student = self_spread(dataset, features_for(dataset), ["T", "S"])
    assert teacher.tasks == ("same", "other")
    assert dict(zip(teacher.tasks, teacher.diverging.tolist(), strict=True)) == {"same": 0.0, "other": 1.0}
    assert teacher.mean_diverging == 0.5
    assert teacher.scores[0] == pytest.approx(1.0)
    assert sorted(teacher.pair_scores.round(6).tolist()) == sorted(teacher.scores.round(6).tolist())
    assert student.n_pairs == 0
    assert np.isnan(student.mean_score)
    of_audit = spreads_of_audit(dataset, effects_of(dataset), SETTINGS)
    (summary,) = spread_summary(of_audit)
    assert (summary["group"], summary["tasks"], summary["pairs"], summary["mean_diverging"]) == ("T", 2, 2, 0.5)
    assert sum(summary["scores"]) == 2
    assert summary["scores"][-1] >= 1


def test_groups_with_one_trial_a_task_have_no_spread():
    dataset = dataset_of(["read /a"], ["read /a"])
    assert spreads_of_audit(dataset, effects_of(dataset), SETTINGS) == []
    nothing = build_dataset({})
    assert spreads_of_audit(nothing, effects_of(nothing), SETTINGS) == []
