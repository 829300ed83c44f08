"""How fast actions are classified: distinct ones, repeated ones, and a million steps with progress and cancel.

Run by hand:  python benchmarks/effects_speed.py [folder of real logs]
Commands are made fresh from a seed, so that none is a look-up; with a folder, real commands are timed too.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from explorer.analysis.effects.actions.dispatch import classify_action
from explorer.analysis.effects.rules.packs import compile_rules
from explorer.analysis.effects.steps import classify_steps, distinct_actions
from explorer.model.schema import STEPS, TRAJECTORIES, TURNS, StepKind
from explorer.model.settings import RulePack
from explorer.model.trajectory import Dataset
from explorer.progress import Cancelled, Progress, ProgressSample

MACHINE = "2 shared CPU cores, 24 GiB, Debian 12, Python 3.11"
PACKS = Path(__file__).parent.parent / "resources" / "effects"
RULES = compile_rules([RulePack(path.name, path.read_text("utf-8")) for path in sorted(PACKS.glob("*.toml"))])
TEMPLATES = (
    "ls -la /srv/app{n}", "cd /srv/app{n} && make "
                          "test", "cat src/module_{n}.py | head -n {n}", "grep -rn 'name{n}' src/",
    "git add -A && git commit -m 'change {n}'", "python -m pytest tests/test_{n}.py -q", "rm -rf build/out{n}",
    "find . -name '*.log{n}' -mtime +7 -delete", "sudo systemctl restart app{n}", "docker run --rm image:{n} true",
    "for f in a{n} b{n}; do echo $f; done", "curl -s http://localhost:{n}/health", "chmod 644 conf/{n}.yaml",
    "cat > notes{n}.txt <<'E'\nrm -rf /\nE", "git push origin main --force-with-lease # {n}",
    "bash -c 'rm -f tmp{n} && echo done'", "python3 -c \"import os; os.remove('x{n}')\"", "tar czf backup{n}.tgz data/",
    "psql -c \"DELETE FROM t WHERE id = "
    "{n}\"", "kubectl get pods -n team{n}", "mv a{n}.txt b{n}.txt", "sed -i 's/a/{n}/' f.txt",
)  # fmt: skip
CALLS = (
    ("get_user", '{{"user_id": "{n}"}}'), ("send_email", '{{"to": "a{n}@example.com", "body": "x"}}'),
    ("delete_file", '{{"file_id": "{n}"}}'), ("search_files", '{{"query": "report {n}"}}'),
    ("update_order", '{{"order_id": "#{n}", "payment_id": "c"}}'), ("run_query", '{{"query": "SELECT * FROM t{n}"}}'),
)  # fmt: skip


def rate(name: str, actions: list[tuple[str, str, str]]) -> None:
    """Classify every action once and print how many a second."""
    started = time.process_time()
    for kind, tool, arguments in actions:
        classify_action(kind, tool, arguments, RULES)
    spent = time.process_time() - started
    print(f"  {name:<44} {len(actions) / spent:>10,.0f} /s   {spent / len(actions) * 1e6:>7.1f} µs each")


def shell_commands(count: int) -> list[tuple[str, str, str]]:
    return [(StepKind.SHELL, "bash", TEMPLATES[n % len(TEMPLATES)].format(n=n)) for n in range(count)]


def tool_calls(count: int) -> list[tuple[str, str, str]]:
    return [(StepKind.TOOL_CALL, CALLS[n % len(CALLS)][0], CALLS[n % len(CALLS)][1].format(n=n)) for n in range(count)]


def million(steps: int = 1_000_000, distinct: int = 50_000, length: int = 25, seed: int = 1) -> Dataset:
    """Steps of which ``distinct`` differ, in trajectories of ``length`` steps."""
    pool = pa.array([text for _, _, text in shell_commands(distinct)], pa.large_string())
    picks = np.random.default_rng(seed).integers(0, distinct, steps)
    count = steps // length
    names = pa.array([f"t{i}" for i in range(count)])
    owner = pa.array(np.repeat(np.arange(count), length))
    null_text = pa.nulls(steps, pa.large_string())

    def constant(value: str, size: int) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(size, np.int32)), pa.array([value]))

    table = pa.table(
        {
            "trajectory_id": names.take(owner), "group": constant("g", steps), "task_id": names.take(owner),
            "trial": pa.array(np.zeros(steps, np.int32)),
            "step": pa.array(np.tile(np.arange(length, dtype=np.int32), count)),
            "log_id": pa.nulls(steps, pa.string()), "kind": constant("shell", steps), "tool": constant("bash", steps),
            "arguments": pool.take(pa.array(picks)), "outcome": constant("succeeded", steps), "thought": null_text,
            "observation": null_text, "timestamp": pa.nulls(steps, STEPS.field("timestamp").type),
            "flags": pa.nulls(steps, pa.list_(pa.string())),
        },
        schema=STEPS,
    )  # fmt: skip
    zeros = pa.array(np.zeros(count, np.int32))
    trajectories = pa.table(
        {
            "trajectory_id": names, "source_trajectory_id": names, "group": constant("g", count), "task_id": names,
            "trial": zeros, "n_steps": pa.array(np.full(count, length, np.int32)),
            "step_offset": pa.array(np.arange(count, dtype=np.int64) * length), "n_turns": zeros,
            "turn_offset": pa.array(np.zeros(count, np.int64)), "end": constant("finished", count),
            "source_file": names, "source_row": pa.array(np.arange(count, dtype=np.int64)), "content_hash": names,
        },
        schema=TRAJECTORIES,
    )  # fmt: skip
    return Dataset(table, TURNS.empty_table(), trajectories, "made")


def real_commands(folder: Path) -> Iterator[str]:
    path = folder / "commands" / "commands.parquet"
    if path.is_file():
        yield from sorted({row for row in pq.read_table(path, columns=["command"])["command"].to_pylist() if row})


def main() -> None:
    print(MACHINE)
    print("distinct actions, classified one by one (CPU seconds of one core):")
    for made in (shell_commands(2_000), tool_calls(2_000)):
        for kind, tool, arguments in made:
            classify_action(kind, tool, arguments, RULES)
    rate("shell commands (22 templates, all different)", shell_commands(30_000))
    rate("API tool calls (6 templates, all different)", tool_calls(30_000))
    rate("SQL", [(StepKind.SQL, "sql", f"DELETE FROM t{n} WHERE id = {n}") for n in range(2_000)])
    rate(
        "Python", [(StepKind.CODE, "python", f"import os\nfor f in x:\n    os.remove('/a/{n}')") for n in range(4_000)]
    )
    rate(
        "messages",
        [(StepKind.MESSAGE, "", f"I looked at file {n}; it holds {n} rows. Is that enough?") for n in range(8_000)],
    )
    if len(sys.argv) > 1:
        found = list(real_commands(Path(sys.argv[1])))
        random.Random(1).shuffle(found)
        rate(f"real commands ({len(found):,} different)", [(StepKind.SHELL, "bash", text) for text in found])
    dataset = million()
    print(f"{dataset.n_steps:,} steps, 50,000 distinct, {dataset.n_trajectories:,} trajectories (CPU seconds):")
    started = time.process_time()
    dataset.steps["arguments"].combine_chunks().dictionary_encode()
    bare = time.process_time() - started
    started = time.process_time()
    distinct_actions(dataset)
    spent = time.process_time() - started
    print(
        f"  finding distinct actions                     {spent:>8.2f} s   {spent / bare:.1f} × one bare "
        f"dictionary_encode"
    )
    samples: list[ProgressSample] = []
    started = time.process_time()
    alone = classify_steps(dataset, RULES, Progress(samples.append), across=False)
    first = time.process_time() - started
    started = time.process_time()
    whole = classify_steps(dataset, RULES, Progress(samples.append))
    second = time.process_time() - started
    few = million(distinct=100)
    started = time.process_time()
    classify_steps(few, RULES, across=False)
    repeated = (time.process_time() - started) / few.n_steps
    print(f"  each by itself                               {first:>8.2f} s   {len(alone.catalog):,} sets of effects")
    print(f"  and followed across steps                    {second:>8.2f} s   {len(whole.catalog):,} sets of effects")
    print(f"  a repeated step costs                        {repeated * 1e6:>8.2f} µs")
    print(f"  progress reports                             {len(samples):>8,}")
    asked = time.perf_counter()
    latest = [0.0]

    def cancelled() -> bool:
        latest[0] = time.perf_counter()
        return latest[0] - asked > 3

    try:
        classify_steps(dataset, RULES, Progress(None, cancelled))
    except Cancelled:
        print(
            f"  cancelled after 3 s: stopped                 {(time.perf_counter() - asked - 3) * 1e3:>8.0f} ms later"
        )
    print(
        f"  largest resident set                         "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>8.0f} MB"
    )


if __name__ == "__main__":
    main()
