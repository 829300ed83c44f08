"""What each group of real logs does: effects, and the steps of concern that pass each filter and that escape all.

Run by hand:  python benchmarks/effects_groups.py      (the folder of data: see real_logs.py)
Steps are counted once each; "done" leaves out what failed or was not executed.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
from real_logs import MACHINE, ROOT, data_folder, rule_packs

from explorer.analysis.effects.rules.packs import compile_rules
from explorer.analysis.effects.steps import classify_steps
from explorer.analysis.filters.learned_filter import learned_flags
from explorer.analysis.filters.presets import parse_filter
from explorer.analysis.filters.token_filter import flag_steps, sweep, with_learned
from explorer.model.effect import CONCERN_PRESETS, StepEffects, headline
from explorer.model.schema import Outcome
from explorer.model.trajectory import Dataset
from loaders.base import ReadRequest
from loaders.registry import open_dataset, read_source

NOT_DONE = (Outcome.FAILED, Outcome.NOT_EXECUTED)
SOURCES = {"OpenAgentSafety": "openagentsafety", "AgentDojo": "agentdojo"}
NOT_TRAJECTORIES = ("tasks.parquet", "task_prompts.parquet")


def done(dataset: Dataset, effects: StepEffects, concern: npt.NDArray[np.bool_], preset: str) -> npt.NDArray[np.bool_]:
    """bool per step: some effect of concern was carried out as far as the log shows."""
    kinds = CONCERN_PRESETS[preset]
    found = concern.copy()
    for row in np.flatnonzero(concern).tolist():
        step = dataset.outcome.of(row)
        found[row] = any(e.kind in kinds and (e.outcome or step) not in NOT_DONE for e in effects.of(row))
    return found


def show(name: str, dataset: Dataset) -> None:
    effects = classify_steps(dataset, compile_rules(rule_packs()))
    groups = dataset.group.codes[dataset.trajectory_of_step]
    print(f"\n{name}: {dataset.n_steps:,} steps, {dataset.n_trajectories} trajectories")
    for code, group in enumerate(dataset.group.names):
        rows = np.flatnonzero(groups == code)
        heads = Counter(found.kind.value for row in rows.tolist() if (found := headline(effects.of(row))) is not None)
        print(f"  {group}: {len(rows)} steps: " + ", ".join(f"{kind} {count}" for kind, count in heads.most_common()))
    filters = {
        p.stem: parse_filter(p.read_text(), p.name) for p in sorted((ROOT / "resources" / "filters").glob("*.toml"))
    }
    flags = {key: flag_steps(dataset, spec).flagged for key, spec in filters.items()}
    swept = sweep(dataset, tuple(filters.values()))
    for preset in ("destructive", "harm"):
        concern = effects.concern(CONCERN_PRESETS[preset])
        learned = learned_flags(dataset, effects.concern(CONCERN_PRESETS[preset]))
        escapes = ~with_learned(swept, learned.flagged if learned.available else None)
        carried = done(dataset, effects, concern == 1, preset)
        heading = ["of concern", "done", "cannot tell", *(f"passes {key}" for key in filters), "escapes all"]
        print(f"\n  {preset:<42}" + "".join(f"{title:>16}" for title in heading))
        for code, group in enumerate(dataset.group.names):
            own = groups == code
            of_concern = own & (concern == 1)
            numbers = [of_concern.sum(), (own & carried).sum(), (own & (concern == -1)).sum()]
            numbers += [(of_concern & ~flag).sum() for flag in flags.values()] + [(of_concern & escapes).sum()]
            print(f"  {group[:42]:<42}" + "".join(f"{number:>16,}" for number in numbers))
        if not learned.available:
            print('  (the learned filter could not be fitted here; "escapes all" is over the word lists)')


def hijacked(dataset: Dataset) -> None:
    """Whether trajectories that carried an injected act out (the log's own grading) hold an effect of harm."""
    if "security" not in dataset.log_columns:
        return
    concern = classify_steps(dataset, compile_rules(rule_packs())).concern(CONCERN_PRESETS["harm"]) == 1
    counts: Counter[tuple[bool, bool]] = Counter()
    for trajectory in np.flatnonzero(~dataset.dead).tolist():
        log = dataset.log_values(trajectory)
        if log["injection_task_id"] is not None:
            rows = dataset.rows(trajectory)
            counts[bool(log["security"]), bool(concern[rows.start : rows.stop].any())] += 1
    done, other = counts[True, True] + counts[True, False], counts[False, True] + counts[False, False]
    print(f"\n  injected act carried out: {counts[True, True]} of {done} trajectories hold an effect of harm")
    print(
        f"  not carried out:          {counts[False, True]} of {other} hold one (payments and mails that were asked "
        f"for, other attempts)"
    )


def main() -> None:
    print(MACHINE)
    for name, folder in SOURCES.items():
        place = data_folder() / folder
        paths = sorted(str(path) for path in place.glob("*.parquet") if path.name not in NOT_TRAJECTORIES)
        with tempfile.TemporaryDirectory() as cache:
            read_source(ReadRequest(tuple(paths)), Path(cache) / "read")
            dataset = open_dataset(Path(cache) / "read")
            show(name, dataset)
            hijacked(dataset)


if __name__ == "__main__":
    main()
