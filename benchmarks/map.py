"""Encoding and map of 20,000 trajectories (680,000 steps): first picture, UMAP, ranking against the teacher.

Run by hand:  python -m benchmarks.map > benchmarks/map.txt
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from sklearn.decomposition import TruncatedSVD

from benchmarks.made_up import MACHINE, made_up_effects, many_steps
from explorer.analysis.embedding.embed import first_picture, neighbours, rank_against, umap_embedding
from explorer.analysis.embedding.encode import encode_trajectories

TRAJECTORIES = 20_000
STEPS_EACH = 34


@contextmanager
def timed(name: str) -> Iterator[Callable[[], float]]:
    started = time.perf_counter()
    worked = time.process_time()
    yield lambda: time.perf_counter() - started
    print(f"{name}: {time.perf_counter() - started:.2f} s ({time.process_time() - worked:.2f} s of processor)")


def planted(matrix: np.ndarray, seed: int) -> tuple[int, int]:
    """One of 1,250 students moved a little in a direction of its own: its rank by distance to 1,250 teachers in the
    full space, and by the same distance on the first picture."""
    random = np.random.default_rng(seed)
    half = len(matrix) // 2
    chosen = [random.choice(half, 1_250, replace=False) + side * half for side in (0, 1)]
    sample = np.concatenate(chosen)
    small = matrix[sample].copy()
    direction = random.normal(size=small.shape[1]).astype(np.float32)
    small[2_000] += 0.35 * direction / np.linalg.norm(direction)
    full = rank_against(small, np.arange(1_250))
    flat = rank_against(first_picture(small).xy, np.arange(1_250))
    students = np.arange(1_250, 2_500)
    first, second = (1 + int((scores[students] > scores[2_000]).sum()) for scores in (full, flat))
    return first, second


def main() -> None:
    print(MACHINE)
    data = many_steps(TRAJECTORIES * STEPS_EACH, STEPS_EACH)
    effects = made_up_effects(data)
    with timed(f"encoding {TRAJECTORIES:,} trajectories of {STEPS_EACH} steps"):
        matrix = encode_trajectories(data, effects)
    print(f"matrix {matrix.shape}, {matrix.nbytes / 1e6:.1f} MB")
    with timed("first picture (PCA, with its quality on a sample)") as clock:
        found = first_picture(matrix)
        ours = clock()
    print(f"  trustworthiness {found.quality:.3f}")
    with timed("  peer: scikit-learn's TruncatedSVD to 2 dimensions") as clock:
        TruncatedSVD(2, random_state=1).fit_transform(matrix)
        peer = clock()
    print(f"  ratio {ours / peer:.1f} (ours measures the map's quality too)")
    with timed("distance of every trajectory to 10,000 teacher trajectories"):
        rank_against(matrix, np.arange(TRAJECTORIES // 2))
    with timed("neighbours of one trajectory"):
        neighbours(matrix, 5)
    with timed("UMAP, one thread, compiling what it needs"):
        found = umap_embedding(matrix)
    print(f"  {found.method}, trustworthiness {found.quality:.3f}")
    ranks = [planted(matrix, seed) for seed in range(10)]
    print(f"one planted trajectory among 1,250 students, rank over 10 seeds: full space {sorted(r[0] for r in ranks)}, "
          f"2-D picture {sorted(r[1] for r in ranks)}")  # fmt: skip
    print(f"most memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
