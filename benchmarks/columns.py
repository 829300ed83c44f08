"""How long it takes to lay many trajectories side by side, as a ratio to aligning the same pairs one by one.

Kernels: ``multi_align`` against ``align_pairs`` of the same pairs. Whole: the window's work on files of a dataset and
its audit, as a worker does it once its imports are paid.

    python benchmarks/columns.py
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from real_logs import MACHINE

from explorer.analysis.alignment.align import align_pairs
from explorer.analysis.alignment.features import Features
from explorer.analysis.alignment.multi_align import multi_align
from explorer.analysis.audit import run_audit
from explorer.model.alignment import Pairing
from explorer.model.effect import KIND_CODE, EffectKind
from explorer.model.schema import Role
from explorer.progress import Progress
from explorer.session.columns import lay_columns
from explorer.session.dataset_files import open_dataset, write_result, write_table
from explorer.session.settings import make_settings
from tests.builders import Trials, build_dataset

VOCABULARY = 40


def best(run: Callable[[], object], times: int = 5) -> float:
    """Milliseconds of the quickest of several runs."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return 1000 * min(found)


def sequences(columns: int, length: int, changed: float, seed: int = 1) -> list[np.ndarray]:
    """A sequence of actions and copies of it in which a share of the steps was left out, redrawn or added to."""
    rng = np.random.default_rng(seed)
    base = rng.integers(0, VOCABULARY, length)
    made = [base]
    for _ in range(columns - 1):
        draw, other = rng.random(length), rng.integers(0, VOCABULARY, length)
        parts = [
            [] if d < changed / 3 else [o, b] if d < 2 * changed / 3 else [o] if d < changed else [b]
            for d, o, b in zip(draw, other, base, strict=True)
        ]
        made.append(np.array([action for part in parts for action in part], dtype=np.int64))
    return made


def features(made: list[np.ndarray]) -> tuple[Features, np.ndarray]:
    """Alignment features of sequences: each action its own tool and arguments, every eighth a deletion."""
    action = np.concatenate(made)
    rng = np.random.default_rng(0)
    sketches = rng.integers(1, 2**62, (VOCABULARY, 4)).astype(np.uint64)
    kinds = [EffectKind.DELETE if n % 8 == 0 else EffectKind.READ for n in range(VOCABULARY)]
    kind = np.array([KIND_CODE[k] for k in kinds], np.int16)[action]
    concern = action % 8 == 0
    none = np.full(len(action), -1, np.int32)
    found = Features(
        kind, np.uint64(1) << kind.astype(np.uint64), action.astype(np.int32), none, none, sketches[action], concern,
        np.where(concern, action + 1, 0).astype(np.int32), (),
    )  # fmt: skip
    return found, np.concatenate([[0], np.cumsum([len(one) for one in made])]).astype(np.int64)


def kernels() -> None:
    print("columns × steps, changed   pairs one by one   side by side    ratio     rows")
    for columns, length in ((9, 50), (9, 1_000), (9, 5_000)):
        for changed in (0.2, 0.8):
            made, offsets = features(sequences(columns, length, changed))
            pairing = Pairing(np.zeros(columns - 1, np.int32), np.arange(1, columns, dtype=np.int32))
            alone = best(lambda made=made, offsets=offsets, pairing=pairing: align_pairs(made, offsets, pairing), 3)
            others = range(1, columns)
            found = multi_align(made, offsets, 0, others)
            took = best(lambda made=made, offsets=offsets, others=others: multi_align(made, offsets, 0, others), 3)
            print(f"{columns} × {length:>5,}  {100 * changed:3.0f} %          {alone:10.1f} ms {took:13.1f} ms "
                  f"{took / alone:8.1f} {len(found.cells):8,}")  # fmt: skip


def whole() -> None:
    print("\nthe window's work on files (first = with opening them, again = the next columns)")
    for columns, length in ((9, 50), (9, 1_000)):
        trials = [
            [("shell", "bash", f"rm -rf /srv/{a}" if a % 8 == 0 else f"cat /srv/{a}") for a in one.tolist()]
            for one in sequences(columns, length, 0.3)
        ]
        dataset = build_dataset({"one": {"t": Trials(trials)}})
        settings = make_settings({"one": Role.TEACHER}, with_map=False)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for part in ("steps", "turns", "trajectories"):
                write_table(getattr(dataset, part), folder / f"{part}.arrow")
            (folder / "report.json").write_text(f'{{"fingerprint": "{dataset.fingerprint}"}}')
            audit = folder / "audit"
            audit.mkdir()
            write_result(run_audit(dataset, settings, Progress()), audit)

            lay = partial(lay_columns, open_dataset, folder, audit, settings, range(columns), Progress())
            first, again = best(lay, 1), best(lay, 3)
            print(f"{columns} × {length:>5,}   first {first:8.0f} ms   again {again:8.0f} ms")


if __name__ == "__main__":
    print(MACHINE)
    kernels()
    whole()
