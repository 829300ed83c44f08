"""The product's own audit on the replication's logs, against the worlds' ground truth.

    python benchmarks/replication.py FOLDER      # a folder that `trajectory-explorer replicate --out FOLDER` finished

Asked per world: do student-only destructive divergences of homogeneous students rank above the other students'
(AUROC; interval by resampling tasks, all seeds of a task together); does any list flag the training data; do
lanes agree with what the worlds say each action did; do the audit's rates agree with the experiment's own.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq

from explorer.cli.main import main as command_line
from explorer.experiment.distil import Distillation
from explorer.experiment.ground_truth import TrueEffect, true_effects, true_lanes
from explorer.experiment.part import LOG_NAMES, group_name
from explorer.experiment.replay import replayed

OTHERS = ("other_init", "control", "teacher_is_base", "large_to_small", "small_to_large")
WAYS = (Distillation.LOGITS, Distillation.RANDOM)
_RESAMPLES = 2000


def audited(arguments: list[str], out: Path) -> dict[str, pd.DataFrame]:
    """Run ``audit`` quietly; its tables by name."""
    with contextlib.redirect_stderr(io.StringIO()) as said, contextlib.redirect_stdout(io.StringIO()):
        code = command_line(["audit", *arguments, "--no-map", "--out", str(out)])
    if code:
        raise SystemExit(f"audit ended with {code}: {said.getvalue()}")
    return {path.stem: pq.read_table(path).to_pandas() for path in out.glob("*.parquet")}


def auroc(scores: npt.NDArray[np.float64], positive: npt.NDArray[np.bool_], weights: npt.NDArray[np.float64]) -> float:
    """Weighted probability that a positive scores above a negative, ties a half."""
    order = np.argsort(scores, kind="stable")
    scores, positive, weights = scores[order], positive[order], weights[order]
    starts = np.flatnonzero(np.r_[True, np.diff(scores) > 0])
    plus = np.add.reduceat(weights * positive, starts)
    minus = np.add.reduceat(weights * ~positive, starts)
    below = np.cumsum(minus) - minus
    total = plus.sum() * minus.sum()
    return float((plus * (below + minus / 2)).sum() / total) if total else float("nan")


def with_interval(frame: pd.DataFrame) -> str:
    """AUROC of ``score`` for ``positive`` with a 95 % interval by resampling tasks."""
    task, _ = pd.factorize(frame["task_id"])
    scores, positive = frame["score"].to_numpy(float), frame["positive"].to_numpy(bool)
    random = np.random.default_rng(1)
    count = task.max() + 1
    drawn = [
        auroc(scores, positive, np.bincount(random.integers(count, size=count), minlength=count)[task].astype(float))
        for _ in range(_RESAMPLES)
    ]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    middle = auroc(scores, positive, np.ones(len(scores)))
    return f"{middle:.3f} [{low:.3f}, {high:.3f}], {positive.sum()} homogeneous and {(~positive).sum()} other"


def seed_by_seed(frame: pd.DataFrame) -> str:
    """The AUROC of each seed: what the interval over tasks leaves out."""
    return ", ".join(
        f"{auroc(some['score'].to_numpy(float), some['positive'].to_numpy(bool), np.ones(len(some))):.3f}"
        for _, some in frame.groupby("seed")
    )


def ranking(folder: Path, world: str, seeds: list[int], work: Path) -> None:
    """Rank, lanes and rates of one world over all seeds."""
    students = pq.read_table(folder / "students.parquet").to_pandas()
    students = students[students["world"] == world]
    truth = true_effects(students.to_dict("records"))
    parts: list[pd.DataFrame] = []
    agree: Counter[str] = Counter()
    rates: list[str] = []
    table = pq.read_table(folder / "table.parquet").to_pandas()
    for seed in seeds:
        here = set(students["group"])
        wanted = {group_name(world, name, way, seed): (name, way) for name in ("shared_init", *OTHERS) for way in WAYS}
        wanted = {group: who for group, who in wanted.items() if group in here}
        baseline = group_name(world, "baseline", Distillation.NONE, seed)
        arguments = [str(folder / "students.parquet"), "--group-by", "group", "--baseline-group", baseline,
                     "--student-group", *wanted]  # fmt: skip
        tables = audited(arguments, work / f"{world}-{seed}")
        compare_lanes(tables, truth, agree)
        trajectories = tables["trajectories"].query("role == 'student'").set_index("trajectory_id")
        alone = tables["divergences"].query("lane == 'student_only'")
        best = alone.groupby("student_trajectory_id")["risk"].max()
        part = pd.DataFrame({"score": best.reindex(trajectories.index).fillna(0.0), "task_id": trajectories["task_id"]})
        part["condition"] = [wanted[group][0] for group in trajectories["group"]]
        part["way"] = [wanted[group][1].value for group in trajectories["group"]]
        part["positive"] = part["condition"] == "shared_init"
        part["acted"] = part["score"] > 0
        part["seed"] = seed
        parts.append(part)
        rates.append(rate_line(tables["rates"], table, world, seed))
    # The biased act is asked for on ambiguous tasks; on side tasks (Bash: cleaning) no student was given a bias.
    found = pd.concat(parts)
    found = found[found["task_id"].str.startswith(f"{world}-ambiguous-")]
    for way in WAYS:
        told = found[found["way"] == way.value]
        print(f"{world} world, {way.value}: ambiguous tasks, trajectories by their gravest student-only divergence")
        print(f"  against all others            AUROC {with_interval(told)}")
        print(f"  the same, seed by seed        {seed_by_seed(told)}")
        for name in OTHERS:
            some = told[told["condition"].isin(("shared_init", name))]
            if (some["condition"] == name).any():
                print(f"  against {name:<21} AUROC {with_interval(some)}")
        acted = told[told["acted"]]
        if acted["positive"].any() and not acted["positive"].all():
            print(f"  among those that have one     AUROC {with_interval(acted)}")
        shares = told.groupby("condition")["acted"].agg(["sum", "count"])
        print("  with one: " + ", ".join(f"{name} {row['sum']}/{row['count']}" for name, row in shares.iterrows()))
    print(
        f"{world} world, lanes against the worlds' own account: {agree['right']:,} of {agree.total():,} entries agree; "
        f"missed {agree['missed']}, not in the world {agree['extra']}"
    )
    print("\n".join(rates))


def compare_lanes(
    tables: dict[str, pd.DataFrame], truth: dict[tuple[str, str, int], set[TrueEffect]], agree: Counter[str]
) -> None:
    """Count (lane, effect, target) entries.

    A student's effects are expected in the pair it aligned best with, each once. A teacher's own are listed only in
    that teacher trajectory's best pair, which the tables do not name, so what is listed is checked for being true.
    """
    keys = tables["trajectories"].set_index("trajectory_id")[["group", "task_id", "trial"]]
    key_of = {row.Index: (row.group, row.task_id, row.trial) for row in keys.itertuples()}
    said: dict[str, set[tuple[str, str, str]]] = {}
    for row in tables["divergences"].itertuples():
        said.setdefault(row.pair_id, set()).add((row.lane, row.effect, row.target))
    for pair in tables["pairs"].itertuples():
        first, second = truth[key_of[pair.teacher_trajectory_id]], truth[key_of[pair.student_trajectory_id]]
        true, told = true_lanes(first, second), said.get(pair.pair_id, set())
        agree["right"] += len(true & told)
        agree["extra"] += len(told - true)
        if pair.best:
            agree["missed"] += len({entry for entry in true - told if entry.lane != "teacher_only"})


def rate_line(rates: pd.DataFrame, table: pd.DataFrame, world: str, seed: int) -> str:
    """The audit's rate beside the experiment's own, for the homogeneous student."""
    behaviour, name = {"api": ("deletion_first", "first_substantive_deletion"), "bash": ("chmod_first", "chmod_first")}[
        world
    ]
    group = group_name(world, "shared_init", Distillation.LOGITS, seed)
    row = rates[(rates["group"] == group) & (rates["behaviour"] == behaviour)].iloc[0]
    own = table.query("world == @world and condition == 'shared_init' and distillation == 'logits' and seed == @seed")
    own = own[own["behaviour"] == name].set_index("decoding")
    greedy, sampled = own.loc["greedy"], own.loc["sampled"]
    return (
        f"  seed {seed}, homogeneous student: audit {row['k']:.1f}/{row['n']} over the logged trials; "
        f"experiment {greedy['k']}/{greedy['n']} greedy, {sampled['k']}/{sampled['n']} sampled"
    )


def training_data(folder: Path, work: Path) -> None:
    """One dataset without pairs: what the default filter and every list under every unit flag."""
    path = folder / "teacher_sanitised.parquet"
    tables = audited([str(path), "--group-by", "group"], work / "training")
    flagged, steps = int(tables["steps"]["filter_flagged"].sum()), len(tables["steps"])
    concern = int(tables["steps"]["concern"].fillna(False).astype(bool).sum())
    unclear = int(tables["steps"]["concern"].isna().sum())
    said = json.loads((folder / "manifest.json").read_text("utf-8"))
    scans = [row for part in said["parts"].values() for row in part["teacher"]["scan_of_kept"]]
    print(f"training data, logged: {flagged} of {steps:,} steps flagged; of concern {concern}, cannot tell {unclear}; "
          f"trajectories dropped {int(tables['trajectories']['filter_drops'].sum())}")  # fmt: skip
    print(f"training data, all that students learnt from: {sum(row['flagged'] for row in scans)} hits in "
          f"{sum({(n): p['teacher']['kept'] for n, p in said['parts'].items()}.values()):,} trajectories, "
          f"{len({(row['name'], row['unit']) for row in scans})} lists × units")  # fmt: skip


def main() -> None:
    folder = Path(sys.argv[1])
    said = json.loads((folder / "manifest.json").read_text("utf-8"))
    print("machine: 2 shared CPU cores, 24 GiB, Debian 12, Python 3.11")
    print(f"data: {said['made_by']}")
    for name in LOG_NAMES:
        log = pq.read_table(folder / f"{name}.parquet")
        print(f"replay of {name}: {len(replayed(log))} of {log.num_rows:,} steps differ")
    with tempfile.TemporaryDirectory() as work:
        training_data(folder, Path(work))
        for world in said["settings"]["worlds"]:
            ranking(folder, world, said["settings"]["seeds"], Path(work))


if __name__ == "__main__":
    main()
