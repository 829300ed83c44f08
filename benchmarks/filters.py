"""Token filters against what steps really do, on real logs, and their speed on a million made-up steps.

Run by hand:  python -m benchmarks.filters [DATA_FOLDER] [--show] > benchmarks/filters.txt
``--show`` prints excerpts of the logs; what is kept beside this file is without them.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.made_up import MACHINE, many_steps
from explorer.analysis.effects.rules.packs import compile_rules
from explorer.analysis.effects.steps import classify_steps
from explorer.analysis.filters.learned_filter import learned_flags
from explorer.analysis.filters.token_filter import flag_steps, sweep, with_learned
from explorer.analysis.filters.workbench import cells, compare, sanitation_loss
from explorer.model.effect import CONCERN_PRESETS
from explorer.model.token_filter import FilterUnit
from explorer.model.trajectory import Dataset
from explorer.progress import Progress
from explorer.session.settings import filter_presets, rule_packs
from loaders.base import ReadRequest
from loaders.combine import read_sources
from loaders.registry import open_dataset

SOURCES = {"OpenAgentSafety": "openagentsafety", "AgentDojo": "agentdojo/*.parquet"}


def read(folder: Path, pattern: str, place: Path) -> Dataset:
    paths = sorted(str(p) for p in folder.glob(pattern)) if "*" in pattern else [str(folder / pattern)]
    paths = [path for path in paths if "prompts" not in path]
    read_sources([ReadRequest(tuple(paths))], place)
    return open_dataset(place)


def report(name: str, data: Dataset, examples: int = 12) -> None:
    presets = filter_presets()
    effects = classify_steps(data, compile_rules(rule_packs()), Progress())
    kinds = CONCERN_PRESETS["destructive"]
    concern = effects.concern(kinds)
    print(f"\n== {name}: {data.n_steps:,} steps, {data.n_trajectories:,} trajectories, {len(data.task.names)} tasks")
    print(f"   of concern {int((concern == 1).sum()):,}, not {int((concern == 0).sum()):,}, "
          f"cannot tell {int((concern == -1).sum()):,}")  # fmt: skip
    for group, code in zip(data.group.names, range(len(data.group.names)), strict=True):
        here = (data.group.codes == code)[data.trajectory_of_step]
        print(f"   {group}: of concern {int((concern[here] == 1).sum())}, cannot tell "
              f"{int((concern[here] == -1).sum())}, of {int(here.sum())} steps")  # fmt: skip
    started = time.perf_counter()
    swept = sweep(data, presets)
    seconds = time.perf_counter() - started
    units = [unit for unit in FilterUnit if unit is not FilterUnit.REGEX]
    print(f"\n   steps of concern that pass, list × unit ({seconds:.2f} s for all)")
    print("   " + "list".ljust(10) + "".join(unit.rjust(12) for unit in units))
    rows = {(row.name, row.unit): row for row in swept.range(concern == 1)}
    for spec in presets:
        print("   " + spec.name.ljust(10) + "".join(f"{rows[spec.name, unit].passes:12d}" for unit in units))
    print("   false alarms: steps known to be free of concern that are flagged")
    alarms = {(row.name, row.unit): row.n - row.passes for row in swept.range(concern == 0)}
    for spec in presets:
        print("   " + spec.name.ljust(10) + "".join(f"{alarms[spec.name, unit]:12d}" for unit in units))
    started = time.perf_counter()
    learned = learned_flags(data, concern, seed=1)
    print(f"\n   learned filter: {learned.note}; AUROC {learned.auroc:.3f}, threshold {learned.threshold:.3f}, "
          f"{learned.n_folds} folds, {time.perf_counter() - started:.1f} s")  # fmt: skip
    found = cells(data, concern, learned.flagged, effects, kinds).total
    print(f"   its recall {found.recall.value:.3f} {show(found.recall.interval)}, "
          f"false alarms {found.false_alarms.value:.3f} {show(found.false_alarms.interval)}")  # fmt: skip
    caught = with_learned(swept, learned.flagged if learned.available else None)
    escapes = ~caught
    total = int((concern == 1).sum())
    print(f"   pass every list × unit: {int(((concern == 1) & ~swept.any).sum())} of {total}; "
          f"escape all, the learned one too: {int(((concern == 1) & escapes).sum())}")  # fmt: skip
    carried = (concern == 1) & (data.outcome.codes != data.outcome.code("failed"))
    carried &= data.outcome.codes != data.outcome.code("not_executed")
    print(
        f"   of those not failed and not unexecuted ({int(carried.sum())}): escape all {int((carried & escapes).sum())}"
    )
    paper = next(spec for spec in presets if spec.name == "paper")
    flags = flag_steps(data, paper)
    table = cells(data, concern, flags.flagged, effects, kinds)
    print("\n   the default filter (paper, identifier), per group")
    for group in (table.total, *table.groups):
        counts = dict(zip(("caught", "missed", "alarm", "passed", "?flagged", "?passed"), group.counts, strict=True))
        print(f"   {group.group or 'all':28s} {counts} recall {group.recall.value:.3f} {show(group.recall.interval)} "
              f"missed {dict(group.missed_kinds)}")  # fmt: skip
    loss = sanitation_loss(data, concern, flags, paper)
    print(f"   sanitation drops {loss.trajectories_dropped} of {loss.n_trajectories} trajectories, "
          f"{loss.safe_trajectories_dropped} of {loss.n_safe_trajectories} safe ones; "
          f"{loss.concern_steps_left} of {loss.n_concern_steps} steps of concern are left, "
          f"in {loss.concern_trajectories_left} trajectories")  # fmt: skip
    extended = next(i for i, s in enumerate(swept.specs) if s.name == "extended" and s.unit is FilterUnit.IDENTIFIER)
    two = compare(data, concern, flags.flagged, swept.flagged[extended], ("paper", "extended"))
    print(f"   paper → extended: recall {two.recall_difference:+.3f} {show(two.interval)}")
    rows_out = np.flatnonzero((concern == 1) & escapes)
    picked = random.Random(1).sample(rows_out.tolist(), min(examples, len(rows_out)))
    print("\n   some that escape all (their text with --show):")
    for row in sorted(picked):
        effect = next(e for e in effects.of(row) if e.kind in kinds)
        text = (data.step_text(row).arguments or "").replace("\n", "⏎")
        at = effect.span.start if effect.span else 0
        shown = text[max(0, at - 20) : at + 90] if "--show" in sys.argv else ""
        print(f"   - {effect.kind} [{effect.rule}] {data.outcome.of(row)}: {data.tool.of(row)} {shown}")


def show(interval: tuple[float, float]) -> str:
    return f"[{interval[0]:.3f}, {interval[1]:.3f}]"


def speed() -> None:
    print("\n== a million made-up steps (a third of the texts repeated), ratios to reading the same bytes with Arrow")
    data = many_steps(1_000_000)
    texts = data.steps["arguments"]
    started = time.perf_counter()
    pc.sum(pc.binary_length(texts)).as_py()
    pc.match_substring(texts, "zzzzzz")
    bare = time.perf_counter() - started
    presets = filter_presets()
    for name, work in (
        ("one list, one unit", lambda: flag_steps(data, presets[0])),
        (f"{len(presets)} lists × 5 units", lambda: sweep(data, presets)),
    ):
        started = time.perf_counter()
        work()
        seconds = time.perf_counter() - started
        print(f"   {name}: {seconds:.1f} s, {seconds / bare:.0f} × one Arrow substring search ({bare:.2f} s)")
    marks = np.asarray(pc.match_substring_regex(texts, r"rm -rf|git reset --hard|> /").to_numpy())
    started = time.perf_counter()
    found = learned_flags(data, marks.astype(np.int8), seed=1)
    print(f"   learned filter: {time.perf_counter() - started:.1f} s, AUROC {found.auroc:.3f}; {found.note}")
    print(f"   most memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def main() -> None:
    named = [word for word in sys.argv[1:] if not word.startswith("--")]
    place = named[0] if named else os.environ.get("TRAJECTORY_EXPLORER_DATA")
    if not place:
        raise SystemExit("Name the folder of real logs in TRAJECTORY_EXPLORER_DATA.")
    folder = Path(place)
    print(f"{MACHINE}; pyarrow {pa.__version__}; lists: "
          f"{json.dumps({spec.name: len(spec.words) for spec in filter_presets()})}")  # fmt: skip
    for name, pattern in SOURCES.items():
        with tempfile.TemporaryDirectory() as scratch:
            report(name, read(folder, pattern, Path(scratch)))
    speed()


if __name__ == "__main__":
    main()
