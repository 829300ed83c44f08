"""Window start, load, stages and memory against the budgets, as whole processes and as ratios to bare pyarrow.

Run by hand: ``.venv/bin/python benchmarks/budgets.py [STEPS] | tee benchmarks/budgets.txt`` (default 1,000,000 steps).
Everything long runs in a process of its own, so that its peak memory is its own. The data are synthetic: what agents do
in a shell, drawn from a few thousand distinct commands, 34 steps a trajectory, two groups on the same tasks.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

STEPS_A_TRAJECTORY = 34
_VERBS = (
    "ls -la {}", "cat {}", "grep -rn word {}", "find {} -name '*.py'", "python {}", "cp {} /tmp/x",
    "sed -n 1,9p {}", "git status {}", "rm -f {}", "chmod 644 {}", "head {}", "wc -l {}",
)  # fmt: skip

_CHILD = {
    "pyarrow": "import pyarrow.parquet as pq; t = pq.read_table(P)",
    "load": """
from pathlib import Path
from explorer.progress import Progress
from loaders.base import ReadRequest
from loaders.combine import read_sources
read_sources((ReadRequest((P,)),), Path(F), Progress())
""",
    "open": """
from pathlib import Path
from loaders.registry import open_dataset
d = open_dataset(Path(F)); d.step_offsets; d.kind; d.outcome; d.group
""",
    "audit": """
from pathlib import Path
from explorer.analysis.audit import run_audit
from explorer.model.schema import Role
from explorer.progress import Progress
from explorer.session.settings import make_settings
from loaders.registry import open_dataset
r = run_audit(open_dataset(Path(F)), make_settings({"teacher": Role.TEACHER, "student": Role.STUDENT}), Progress())
import json; X = r.summary["seconds"]
""",
    "window": """
import os; os.environ["QT_QPA_PLATFORM"] = "offscreen"
from explorer.app import compose, make_application
app = make_application(); program = compose(app); program.window.show(); app.processEvents()
import sys; X = sorted({"torch", "umap", "numba", "pandas"} & set(sys.modules))
""",
}
_FRAME = """
import json, resource, time
P, F, X = {path!r}, {folder!r}, None
begin = time.perf_counter()
{body}
seconds = time.perf_counter() - begin
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, X]))
import os; os._exit(0)
"""


def child(name: str, path: Path, folder: Path) -> tuple[float, float, object, float]:
    """Seconds inside, peak MiB, what it has to say, and seconds of the whole process."""
    code = _FRAME.format(path=str(path), folder=str(folder), body=_CHILD[name])
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    whole = time.perf_counter() - begin
    if done.returncode:
        raise SystemExit(done.stderr)
    seconds, peak, extra = json.loads(done.stdout.strip().splitlines()[-1])
    return float(seconds), float(peak), extra, whole


def make_log(path: Path, steps: int) -> None:
    """A step-shape log of two groups."""
    rng = np.random.default_rng(1)
    trajectories = max(2, steps // STEPS_A_TRAJECTORY)
    n = trajectories * STEPS_A_TRAJECTORY
    places = [f"/srv/app/module_{i}/file_{j}.py" for i in range(40) for j in range(10)]
    commands = np.array([verb.format(place) for verb in _VERBS for place in places], dtype=object)
    weights = rng.pareto(1.1, len(commands)) + 0.01
    chosen = rng.choice(len(commands), n, p=weights / weights.sum())
    owner = np.repeat(np.arange(trajectories), STEPS_A_TRAJECTORY)
    groups = np.where(owner % 2 == 0, "teacher", "student")
    table = pa.table(
        {
            "trajectory_id": pa.array([f"t{i}" for i in range(trajectories)]).take(pa.array(owner)),
            "group": pa.array(groups).dictionary_encode(),
            "task_id": pa.array([f"task{i // 2}" for i in range(trajectories)]).take(pa.array(owner)),
            "trial": pa.array(np.zeros(n, np.int32)),
            "step": pa.array(np.tile(np.arange(STEPS_A_TRAJECTORY, dtype=np.int32), trajectories)),
            "kind": pa.array(["shell"]).dictionary_encode().take(pa.array(np.zeros(n, np.int32))),
            "tool": pa.array(["bash"]).dictionary_encode().take(pa.array(np.zeros(n, np.int32))),
            "arguments": pa.array(commands[chosen]),
            "outcome": pa.array(rng.choice(["succeeded", "failed"], n, p=[0.9, 0.1])),
            "observation": pa.array([f"output {k}" * 4 for k in range(1000)]).take(pa.array(rng.integers(0, 1000, n))),
        }
    )
    pq.write_table(table, path)


def main() -> None:
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    os.environ.setdefault("NUMBA_NUM_THREADS", "2")
    print(f"2 shared CPU cores, 24 GiB, Debian 12, Python 3.11; {steps:,} steps, {STEPS_A_TRAJECTORY} a trajectory")
    with tempfile.TemporaryDirectory() as temporary:
        path, folder = Path(temporary) / "log.parquet", Path(temporary) / "dataset"
        make_log(path, steps)
        print(f"log: {path.stat().st_size / 2**20:.0f} MiB on disk")
        floor, floor_peak, _, _ = child("pyarrow", path, folder)
        print(f"{'bare pyarrow.parquet.read_table':36s} {floor:7.2f} s  peak {floor_peak:6.0f} MiB")
        load, load_peak, _, _ = child("load", path, folder)
        print(f"{'load into our own tables':36s} {load:7.2f} s  peak {load_peak:6.0f} MiB  ratio {load / floor:.1f}"
              f"  (budget 1 s + 3 x = {1 + 3 * floor:.2f} s)")  # fmt: skip
        opened, open_peak, _, _ = child("open", path, folder)
        print(f"{'open them again (memory-mapped)':36s} {opened:7.2f} s  peak {open_peak:6.0f} MiB")
        for attempt in ("first (compiles)", "again"):
            seconds, peak, stages, _ = child("audit", path, folder)
            print(f"{'audit without the map, ' + attempt:36s} {seconds:7.2f} s  peak {peak:6.0f} MiB"
                  "  (budget 120 s, 2048 MiB at 950 k steps)")  # fmt: skip
            print("    " + ", ".join(f"{name} {value:.2f}" for name, value in dict(stages).items()))  # type: ignore[call-overload]  # from JSON
        for attempt in ("cold", "warm", "warm"):
            seconds, peak, heavy, whole = child("window", path, folder)
            print(f"{'window from import to shown, ' + attempt:36s} {seconds:7.2f} s  whole process {whole:5.2f} s  "
                  f"peak {peak:6.0f} MiB  heavy modules: {heavy or 'none'}  (budget 1.5 s warm)")  # fmt: skip


if __name__ == "__main__":
    main()
