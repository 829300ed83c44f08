"""Vectors of trajectories: alike where they act alike, whatever the names and however often it is asked."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from explorer.analysis.embedding.encode import DIMENSIONS, _leading, encode_trajectories, program_name, step_symbols
from explorer.model.effect import Effect, EffectKind, StepEffects, Target
from explorer.model.trajectory import Dataset
from explorer.progress import Cancelled, Progress
from tests.builders import build_dataset
from tests.explorer.analysis.effects_by_hand import step_effects

K = EffectKind
COMMANDS = {
    "ls": (Effect(K.READ, 0),),
    "cat": (Effect(K.READ, 0),),
    "touch": (Effect(K.CREATE, 0, target=Target("path", "a")),),
    "rm": (Effect(K.DELETE, 2, target=Target("path", "a")),),
    "mv": (Effect(K.MOVE_OUT, 1, target=Target("path", "a")),),
}


def world(*trajectories: list[str]) -> tuple[Dataset, StepEffects]:
    tasks = {f"t{i}": [("shell", "bash", f"{name} f{i}") for name in names] for i, names in enumerate(trajectories)}
    return build_dataset({"g": tasks}), step_effects([COMMANDS[name] for names in trajectories for name in names])


def crowd(n: int, seed: int = 0) -> list[list[str]]:
    random = np.random.default_rng(seed)
    return [list(random.choice(list(COMMANDS), random.integers(2, 9))) for _ in range(n)]


def distance(matrix: np.ndarray, a: int, b: int) -> float:
    return float(np.linalg.norm(matrix[a] - matrix[b]))


def test_what_acts_alike_lies_together_and_order_matters() -> None:
    same, turned, other = ["ls", "cat", "mv", "rm"], ["rm", "mv", "cat", "ls"], ["touch", "touch", "cat", "touch"]
    matrix = encode_trajectories(*world(same, list(same), turned, other, *crowd(80)))
    assert distance(matrix, 0, 1) < 1e-4
    assert distance(matrix, 0, 2) > 0.1
    assert distance(matrix, 0, 2) < distance(matrix, 0, 3)


def test_the_shape_is_at_most_the_dimensions_and_the_result_repeats() -> None:
    data, effects = world(*crowd(120))
    first, second = encode_trajectories(data, effects), encode_trajectories(data, effects)
    assert first.shape == (120, DIMENSIONS)
    assert first.dtype == np.float32
    assert np.array_equal(first, second)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5])
def test_few_trajectories_have_places_too(n: int) -> None:
    matrix = encode_trajectories(*world(*crowd(n)))
    assert len(matrix) == n
    assert np.isfinite(matrix).all()


def test_empty_trajectories_lie_at_the_origin() -> None:
    matrix = encode_trajectories(*world([], [], *crowd(30)))
    assert np.abs(matrix[:2]).max() < 1e-6
    assert np.isfinite(encode_trajectories(*world([], [], []))).all()


def test_a_symbol_is_call_effect_and_class_of_target() -> None:
    step = ("shell", "bash")
    rows = [(*step, "rm a"), (*step, "rm b"), (*step, "rm c"), (*step, "sudo rm d"), (*step, "mv a b"), (*step, "rm x")]
    rows.append(("tool_call", "rm", "{}"))
    effects = [Effect(K.DELETE, 2, target=Target("path", name)) for name in "abcde"]
    effects += [
        Effect(K.DELETE, 3, target=Target("path", "x", "tree")),
        Effect(K.DELETE, 2, target=Target("path", "a")),
    ]
    symbols = step_symbols(build_dataset({"g": {"t": rows}}), step_effects([(effect,) for effect in effects]))
    assert len(set(symbols[:4].tolist())) == 1
    assert len({int(symbols[0]), int(symbols[4]), int(symbols[5]), int(symbols[6])}) == 4


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("git -C repo push --force", "shell git push"),
        ("git reset --hard", "shell git reset"),
        ("cd x && docker rm y", "shell docker rm"),
        ("ls -l", "shell ls"),
        ("git", "shell git"),
        ("", "shell "),
    ],
)
def test_programs_with_sub_commands_are_told_apart(text: str, name: str) -> None:
    assert program_name("shell", text) == name


def test_what_is_called_does_not_depend_on_how_it_is_found() -> None:
    texts = [
        "ls -l",
        " ls",
        "ls|wc",
        "cd x && ls",
        "sudo ls",
        "A=1 ls a",
        "cd",
        "git push",
        "/bin/ls",
        "",
        "(ls)",
        "#x",
    ]
    data = build_dataset({"g": {"t": [("shell", "bash", text) for text in texts]}})
    symbols = step_symbols(data, step_effects([(Effect(K.READ, 0),)] * len(texts)))
    names = [program_name("shell", text) for text in texts]
    assert [symbols[i] == symbols[0] for i in range(len(texts))] == [name == names[0] for name in names]
    assert len(set(symbols.tolist())) == len(set(names))


def test_the_reduction_agrees_with_an_exact_decomposition() -> None:
    random = np.random.default_rng(0)
    features = sparse.random(300, 200, 0.1, format="csr", random_state=random, dtype=np.float32)
    features[:, :20] *= 6
    reduced = _leading(features, 20, seed=1)
    values = np.linalg.svd(features.toarray(), compute_uv=False)[:20]
    assert np.linalg.norm(reduced, axis=0) == pytest.approx(values, rel=0.02)
    assert np.abs(reduced.T @ reduced - np.diag(np.linalg.norm(reduced, axis=0) ** 2)).max() < 0.1


def test_cancel_stops_the_encoding() -> None:
    with pytest.raises(Cancelled):
        encode_trajectories(*world(*crowd(5)), Progress(cancelled=lambda: True))
