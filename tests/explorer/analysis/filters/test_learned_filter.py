"""The learned filter: it reads words only, never judges a task it saw, and says when it cannot learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.filters import learned_filter
from explorer.analysis.filters.bag_of_tokens import COLUMNS, bags, digests, scores
from explorer.analysis.filters.learned_filter import FALSE_ALARMS, learned_flags
from explorer.model.trajectory import Dataset
from explorer.progress import Cancelled, Progress
from tests.builders import build_dataset

WORDS = ("alpha", "beta", "gamma", "delta", "list", "cat")


def world(n_tasks: int, share: float = 0.2, sign: str = "zap", seed: int = 0) -> tuple[Dataset, np.ndarray]:
    """Tasks of ten steps; a step of concern holds the word ``sign`` ("" = nothing tells them)."""
    random = np.random.default_rng(seed)
    concern: list[int] = []
    tasks = {}
    for number in range(n_tasks):
        steps = []
        for _ in range(10):
            concern.append(int(random.random() < share))
            words = [*random.choice(WORDS, 3), sign if concern[-1] else "look"] if sign else random.choice(WORDS, 4)
            steps.append(("shell", "bash", " ".join(words)))
        tasks[f"t{number}"] = steps
    return build_dataset({"g": tasks}), np.array(concern, dtype=np.int8)


def test_a_word_that_goes_with_concern_is_learned() -> None:
    data, concern = world(30)
    found = learned_flags(data, concern, seed=1)
    assert found.available
    assert found.auroc > 0.99
    assert found.flagged[concern == 1].all()
    assert found.n_folds == 5
    assert "cross-fitted by task" in found.note


def test_what_words_do_not_tell_is_not_learned_and_false_alarms_stay_at_the_stated_rate() -> None:
    data, concern = world(60, sign="", seed=3)
    found = learned_flags(data, concern, seed=1)
    assert found.available
    assert 0.35 < found.auroc < 0.65
    assert found.flagged[concern == 0].mean() <= 2 * FALSE_ALARMS


def test_a_task_is_never_judged_by_a_model_that_saw_it() -> None:
    """Each task's concern has its own word: inside a task a perfect sign, across tasks no sign at all."""
    tasks = {f"t{i}": [("shell", "bash", f"own{i} x")] * 3 + [("shell", "bash", "x")] * 3 for i in range(20)}
    concern = np.array([1, 1, 1, 0, 0, 0] * 20, dtype=np.int8)
    found = learned_flags(build_dataset({"one": tasks, "two": tasks}), np.tile(concern, 2), seed=1)
    assert found.available
    assert found.auroc <= 0.55


def test_the_same_seed_gives_the_same_flags() -> None:
    data, concern = world(20)
    first, second = learned_flags(data, concern, seed=4), learned_flags(data, concern, seed=4)
    assert np.array_equal(first.probability, second.probability)
    assert first.threshold == second.threshold


def test_steps_one_cannot_tell_teach_nothing_and_are_judged() -> None:
    data, concern = world(30)
    unsure = concern.copy()
    unsure[::7] = -1
    found = learned_flags(data, unsure, seed=1)
    assert not np.isnan(found.probability[unsure == -1]).any()
    assert found.flagged[(unsure == -1) & (concern == 1)].all()


@pytest.mark.parametrize(
    ("n_tasks", "share", "says"), [(3, 0.5, "3 tasks"), (20, 0.0, "0 steps of concern"), (12, 1.1, "free of concern")]
)
def test_too_little_to_learn_from_is_said_and_nothing_is_flagged(n_tasks: int, share: float, says: str) -> None:
    data, concern = world(n_tasks, share)
    found = learned_flags(data, concern)
    assert not found.available
    assert says in found.note
    assert not found.flagged.any()
    assert np.isnan(found.auroc)
    assert len(found.probability) == data.n_steps


def test_nothing_at_all_is_no_error() -> None:
    found = learned_flags(build_dataset({}), np.zeros(0, np.int8))
    assert not found.available


def test_a_sample_is_learned_from_where_there_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learned_filter, "MOST_TRAINING_TEXTS", 100)
    data, concern = world(40)
    found = learned_flags(data, concern, seed=1)
    assert "sample" in found.note
    assert found.auroc > 0.99


def test_cancel_stops_the_learning() -> None:
    data, concern = world(10)
    with pytest.raises(Cancelled):
        learned_flags(data, concern, Progress(cancelled=lambda: True))


def tokens_of(text: str) -> set[int]:
    data = build_dataset({"g": {"t": [("shell", None, text)]}})
    return set(bags(data, np.array([0]), ["arguments"]).indices.tolist())


def test_bags_split_as_identifiers_are_without_case() -> None:
    assert tokens_of("deleteFile") == tokens_of("delete_file") == tokens_of("FILE delete")
    assert tokens_of("") == set()
    assert tokens_of("löschen") == tokens_of(" löschen\t")
    assert len(tokens_of("a b c a")) == 3
    assert max(tokens_of("x y z")) < COLUMNS


def test_equal_texts_share_a_digest_and_parts_stay_apart() -> None:
    data = build_dataset(
        {"g": {"t": [("shell", "a", "bc"), ("shell", "ab", "c"), ("shell", "a", "bc"), ("shell", None, None)]}}
    )
    found = digests(data, np.arange(4), ["tool", "arguments"])
    assert found[0] == found[2]
    assert len(set(found.tolist())) == 3


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=6))
def test_scores_are_the_product_of_bags_and_weights(texts: list[str]) -> None:
    storable = [text.encode("utf-8", "replace").decode() for text in texts]
    data = build_dataset({"g": {"t": [("shell", text or None, text[::-1]) for text in storable]}})
    rows = np.arange(len(texts))
    weights = np.random.default_rng(0).normal(size=(2, COLUMNS))
    found = scores(data, rows, ["tool", "arguments"], weights, rows % 2)
    product = bags(data, rows, ["tool", "arguments"]) @ weights.T
    assert found == pytest.approx(product[rows, rows % 2])


def test_rows_may_be_chosen_in_any_order() -> None:
    data = build_dataset({"g": {"t": [("shell", "a", "x"), ("shell", "b", None), ("shell", None, "z")]}})
    straight, turned = bags(data, np.arange(3), ["arguments"]), bags(data, np.array([2, 0]), ["arguments"])
    assert (straight[[2, 0]] != turned).nnz == 0


def test_a_long_text_is_read_up_to_its_bound() -> None:
    assert len(tokens_of("a " * 100_000 + "b")) == 1
    assert len(tokens_of("aA" * 100_000)) == 2  # a, Aa
