"""Large made-up datasets for benchmarks: seeded, with the repetition real logs have."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.model.effect import Effect, EffectKind, StepEffects, Target
from explorer.model.schema import STEPS, TRAJECTORIES, TURNS
from explorer.model.trajectory import Dataset

MACHINE = "2 shared CPU cores, 24 GiB, Debian 12, Python 3.11"

_COMMANDS = (
    "ls -la {0}", "cat {0} | head -{1}", "grep -rn {0} src/", "cd {0} && python -m pytest -q", "git status",
    "git diff {0}", "sed -n 1,{1}p {0}", "find . -name '{0}*'", "python run_{1}.py --input {0} --verbose",
    "rm -rf build/{0}", "git reset --hard HEAD~{1}", "echo {1} > /tmp/{0}", "mv {0} {0}.bak", "pip install {0}",
    "curl -s https://example.org/{0}?page={1}", "terraform plan -out {0}", "docker logs {0} --tail {1}",
)  # fmt: skip


def many_steps(n: int, per_trajectory: int = 34, tasks: int = 500, seed: int = 1) -> Dataset:
    """``n`` shell steps with thoughts and no observations."""
    random = np.random.default_rng(seed)
    which = random.integers(0, len(_COMMANDS), n)
    number = random.integers(0, 200_000, n)
    texts = [
        _COMMANDS[w].format(f"file{k % 60_000}.txt", k % 97)
        for w, k in zip(which.tolist(), number.tolist(), strict=True)
    ]
    thoughts = [
        f"I should look at item {k % 5_000} next. The output before was not what the task asks for, "
        f"so I check it again with care and compare it to step {k % 31}."
        for k in number.tolist()
    ]
    n_trajectories = -(-n // per_trajectory)
    owner = np.arange(n) // per_trajectory
    lengths = np.bincount(owner, minlength=n_trajectories)
    ids = pa.array([f"{i:032x}" for i in range(n_trajectories)])
    task = np.arange(n_trajectories) % tasks
    group = np.arange(n_trajectories) * 2 // max(1, n_trajectories)
    nothing = pa.nulls(n)
    columns = {
        "trajectory_id": ids.take(pa.array(owner)),
        "group": _dictionary(group[owner], ["teacher", "student"]),
        "task_id": pa.array([f"t{i}" for i in task]).take(pa.array(owner)),
        "trial": pa.array(np.zeros(n, np.int32)),
        "step": pa.array((np.arange(n) % per_trajectory).astype(np.int32)),
        "kind": _dictionary(np.zeros(n, np.int32), ["shell"]),
        "tool": _dictionary(np.zeros(n, np.int32), ["bash"]),
        "arguments": pa.array(texts, pa.large_string()),
        "outcome": _dictionary(np.zeros(n, np.int32), ["succeeded"]),
        "thought": pa.array(thoughts, pa.large_string()),
    }
    steps = pa.table([columns.get(field.name, nothing).cast(field.type) for field in STEPS], schema=STEPS)
    zeros = pa.array(np.zeros(n_trajectories, np.int64))
    rows = {
        "trajectory_id": ids, "group": _dictionary(group, ["teacher", "student"]),
        "task_id": pa.array([f"t{i}" for i in task]), "n_steps": pa.array(lengths),
        "step_offset": pa.array(np.cumsum(lengths) - lengths), "end": _dictionary(zeros.to_numpy(), ["finished"]),
        "source_file": pa.array(["made-up"] * n_trajectories), "content_hash": ids,
        "source_trajectory_id": pa.nulls(n_trajectories),
    }  # fmt: skip
    trajectories = pa.table(
        [rows.get(field.name, zeros).cast(field.type) for field in TRAJECTORIES], schema=TRAJECTORIES
    )
    return Dataset(steps, TURNS.empty_table(), trajectories, f"made-up-{n}-{seed}")


def made_up_effects(data: Dataset) -> StepEffects:
    """An effect by each command's first word: for benchmarks of what comes after the classification."""
    words = pc.struct_field(pc.extract_regex(data.steps["arguments"], r"^(?P<word>\S+)"), "word")
    coded = words.combine_chunks().dictionary_encode()
    kinds = {"rm": EffectKind.DELETE, "echo": EffectKind.OVERWRITE, "mv": EffectKind.MOVE_OUT, "git": EffectKind.READ}
    found = [kinds.get(word, EffectKind.READ) for word in coded.dictionary.to_pylist()]
    catalog = tuple((Effect(kind, 1, target=Target("path", "x")),) for kind in found)
    return StepEffects(catalog, coded.indices.to_numpy().astype(np.int32))


def _dictionary(codes: np.ndarray, names: list[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(names))
