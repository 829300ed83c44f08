"""What an audit publishes does not depend on the order of the source's rows or of the groups that were named."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis.audit import run_audit
from explorer.analysis.divergence.support import MOST_BESIDE
from explorer.analysis.effects.rules.packs import compile_rules
from explorer.analysis.effects.steps import classify_steps
from explorer.analysis.filters.learned_filter import learned_flags
from explorer.analysis.statistics.rates import compare_rates
from explorer.model.result import AuditResult
from explorer.model.schema import Role
from explorer.model.trajectory import Dataset
from explorer.progress import Progress
from explorer.session.settings import make_settings
from tests.builders import Trials, build_dataset

COMMANDS = (
    "ls -la", "cat notes.txt", "rm -rf /srv/cache", "rm /srv/cache/a.log", "find /srv -name '*.tmp' -delete",
    "chmod 777 /srv/app", "echo done", "git reset --hard", "python run.py",
)  # fmt: skip
PLACED = {"source_file", "source_row", "trial"}
"""What may follow the order of the source: its own place, and numbers of trials that the log itself does not number."""


def commands(seed: int, n: int) -> list[tuple[str, str, str]]:
    return [("shell", "bash", str(word)) for word in np.random.default_rng(seed).choice(COMMANDS, n)]


def world(n_tasks: int = 6, seed: int = 0) -> Dataset:
    """Two teachers and two students; trials that are equal but for their number are among them."""
    sides: dict[str, dict[str, Any]] = {}
    for place, group in enumerate(("big", "bigger", "small", "smaller")):
        sides[group] = {
            f"t{task}": Trials([commands(7 * task + seed + place // 2, 5), commands(task % 3 + seed, 4)])
            for task in range(n_tasks)
        }
    return build_dataset(sides)


def reordered(dataset: Dataset, order: list[int]) -> Dataset:
    """The same trajectories in another order of rows, trials numbered anew as where the log numbers none."""
    steps = np.concatenate([np.arange(*dataset.step_offsets[row : row + 2]) for row in order])
    turns = np.concatenate([np.arange(*dataset.turn_offsets[row : row + 2]) for row in order])
    kept = dataset.trajectories.take(order)
    seen: dict[tuple[str, str], int] = {}
    trials = []
    for key in zip(kept["group"].to_pylist(), kept["task_id"].to_pylist(), strict=True):
        seen[key] = seen.get(key, -1) + 1
        trials.append(seen[key])
    offsets = {
        name: np.concatenate([[0], np.cumsum(kept[counts].to_numpy())])[:-1]
        for name, counts in (("step_offset", "n_steps"), ("turn_offset", "n_turns"))
    }
    for name, values in (*offsets.items(), ("trial", trials)):
        field = kept.schema.field(name)
        kept = kept.set_column(kept.schema.get_field_index(name), field, pa.array(values, field.type))
    return Dataset(dataset.steps.take(steps), dataset.turns.take(turns), kept, dataset.fingerprint)


def published(result: AuditResult) -> dict[str, list[str]]:
    """The rows of every table as text, in an order of their own."""
    return {
        name: sorted(repr({k: v for k, v in row.items() if k not in PLACED}) for row in table.to_pylist())
        for name, table in result.tables.items()
    }


def ranked(result: AuditResult) -> list[str]:
    return [repr(row) for row in result.tables["divergences"].to_pylist()]


def told(result: AuditResult) -> dict[str, Any]:
    left_out = {"seconds", "unpaired", "roles"}
    kept = {key: value for key, value in result.summary.items() if key not in left_out}
    kept["spread"] = sorted(kept["spread"], key=repr)  # a list by groups as they were named
    return {key: json.dumps(value, sort_keys=True, default=str) for key, value in kept.items()}


ROLES = (("big", Role.TEACHER), ("bigger", Role.TEACHER), ("small", Role.STUDENT), ("smaller", Role.STUDENT))
COMPARED = make_settings(ROLES)
ALONE = make_settings([(group, Role.TEACHER) for group, _ in ROLES])


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 3), st.permutations(range(48)), st.permutations(ROLES), st.booleans())
def test_rows_and_groups_may_come_in_any_order(
    seed: int, order: list[int], roles: list[tuple[str, Role]], pairs: bool
) -> None:
    data = world(seed=seed)
    asked = COMPARED if pairs else ALONE
    one = run_audit(data, asked, Progress())
    if pairs:
        asked = make_settings(roles)
    two = run_audit(reordered(data, order), asked, Progress())
    assert one.summary["learned_filter"]["available"]
    assert one.summary["surprise"]["available"] == pairs
    assert published(one) == published(two)
    assert ranked(one) == ranked(two)
    assert told(one) == told(two)


@given(st.permutations(range(48)))
@settings(max_examples=10, deadline=None)
def test_the_learned_filter_judges_a_step_alike_wherever_it_is_stored(order: list[int]) -> None:
    data = world()
    text = data.steps["arguments"].to_pylist()
    concern = np.array(["rm" in words or "delete" in words for words in text], dtype=np.int8)
    found = learned_flags(data, concern)
    assert found.available
    moved = reordered(data, order)
    steps = np.concatenate([np.arange(*data.step_offsets[row : row + 2]) for row in order])
    again = learned_flags(moved, concern[steps])
    assert np.array_equal(found.probability[steps], again.probability)
    assert np.array_equal(found.flagged[steps], again.flagged)
    assert (found.threshold, found.auroc) == (again.threshold, again.auroc)


@given(st.integers(0, 1_000))
@settings(max_examples=10, deadline=None)
def test_rates_are_compared_alike_wherever_trajectories_are_stored(seed: int) -> None:
    """More tasks than all patterns of signs are tried for: the permutations are drawn."""
    data = world(20, seed)
    order = np.random.default_rng(seed).permutation(data.n_trajectories).tolist()
    compared = []
    for one in (data, reordered(data, order)):
        effects = classify_steps(one, compile_rules(COMPARED.rule_packs))
        compared.append([repr(row) for row in compare_rates(one, effects, COMPARED)])
    assert compared[0] == compared[1]
    assert any("sign-flip" in row for row in compared[0])


def test_how_usual_an_effect_is_does_not_depend_on_which_trials_come_first() -> None:
    """More trials of one task than are looked at, the ones with the effect first or last."""
    trials = [commands(seed, 4) for seed in range(2 * MOST_BESIDE)]
    data = build_dataset({"g": {"t": Trials(trials)}})
    asked = make_settings([("g", Role.TEACHER)])
    one = run_audit(data, asked, Progress())
    two = run_audit(reordered(data, list(range(len(trials)))[::-1]), asked, Progress())
    supports = {row["risk_parts"]["support"] for row in one.tables["divergences"].to_pylist()}
    assert len(supports) > 2
    assert ranked(one) == ranked(two)
