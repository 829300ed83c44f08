"""How fast trajectories are aligned, as ratios to bare edit distances measured in the same run.

rapidfuzz's ``Levenshtein.editops`` on tool names is the floor: compiled, unit costs, no arguments, no affine gaps.
difflib's ``SequenceMatcher`` is what a script would use. Sequences look like agents': few tools, long stretches in
common, a fifth of the steps changed.

    python benchmarks/alignment.py
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from difflib import SequenceMatcher

import numpy as np
from rapidfuzz.distance import Levenshtein
from real_logs import MACHINE

from explorer.analysis.alignment.align import align_pairs, make_spans, score_spans, scoring, step_arrays
from explorer.analysis.alignment.features import Features
from explorer.model.alignment import Pairing
from explorer.model.effect import KIND_CODE, EffectKind
from explorer.model.settings import AlignmentCosts

KINDS = np.array(
    [
        KIND_CODE[kind]
        for kind in (EffectKind.READ, EffectKind.READ, EffectKind.CREATE, EffectKind.MODIFY, EffectKind.DELETE)
    ]
)
BUDGETS = {"25": 0.02, "1000": 10.0, "28000": 5.0}
PEERS = {
    25: "agent-trajviz .78, AgentDiff .82, offtrack 2.8, shadow-diff 9.0 ms",
    1000: "offtrack (banded) 473, agent-trajviz 901, shadow-diff 5,878 ms",
}


def make_pairs(n_pairs: int, length: int, seed: int = 1) -> tuple[Features, np.ndarray, Pairing]:
    """Pairs of trajectories of ``length`` steps; the second of each is the first with a fifth of the steps redrawn."""
    rng = np.random.default_rng(seed)
    vocabulary = 12
    sketches = rng.integers(0, 2**63, (400, 3, 4), dtype=np.int64)
    sketches = (sketches[:, 0] & sketches[:, 1] & sketches[:, 2]).astype(np.uint64)
    tool = rng.integers(0, vocabulary, (n_pairs, 2, length))
    said = rng.integers(0, len(sketches), (n_pairs, 2, length))
    same = rng.random((n_pairs, length)) < 0.8
    tool[:, 1], said[:, 1] = np.where(same, tool[:, 0], tool[:, 1]), np.where(same, said[:, 0], said[:, 1])
    tool, said = tool.reshape(-1), said.reshape(-1)
    kind = KINDS[tool % len(KINDS)].astype(np.int16)
    concern = kind == KIND_CODE[EffectKind.DELETE]
    none = np.full(len(tool), -1, np.int32)
    features = Features(
        kind, np.uint64(1) << kind.astype(np.uint64), tool.astype(np.int32), none, none, sketches[said], concern,
        np.where(concern, said + 1, 0).astype(np.int32), (),
    )  # fmt: skip
    offsets = np.arange(2 * n_pairs + 1, dtype=np.int64) * length
    first = np.arange(0, 2 * n_pairs, 2, dtype=np.int32)
    return features, offsets, Pairing(first, first + 1)


def best_of(work: Callable[[], object], times: int = 5, clock: Callable[[], float] = time.process_time) -> float:
    """The least seconds of several goes: the machine is shared."""
    found = []
    for _ in range(times):
        start = clock()
        work()
        found.append(clock() - start)
    return min(found)


def per_pair(n_pairs: int, length: int, times: int = 5) -> dict[str, float]:
    """CPU milliseconds a pair, on one core, of us and of the others."""
    features, offsets, pairing = make_pairs(n_pairs, length)
    names = [chr(97 + code) for code in features.tool]
    sides = [
        ("".join(names[offsets[a] : offsets[a + 1]]), "".join(names[offsets[b] : offsets[b + 1]]))
        for a, b in zip(pairing.teacher, pairing.student, strict=True)
    ]
    few = sides[: max(1, min(len(sides), 200_000 // length // length + 1))]
    costs = AlignmentCosts()
    spans, steps, weights = (
        make_spans(offsets, pairing.teacher, pairing.student, costs),
        step_arrays(features, costs),
        scoring(costs),
    )
    return {
        "whole alignment with rows, operations, similarities": best_of(
            lambda: align_pairs(features, offsets, pairing, costs), times
        ) / n_pairs,
        "score alone": best_of(lambda: score_spans(spans, steps, weights), times) / n_pairs,
        "rapidfuzz editops (floor)": best_of(lambda: [Levenshtein.editops(a, b) for a, b in sides], times) / n_pairs,
        "difflib": best_of(
            lambda: [SequenceMatcher(None, a, b, autojunk=False).get_opcodes() for a, b in few], 2
        ) / len(few),
    }  # fmt: skip


def show(title: str, found: dict[str, float], peers: str) -> None:
    print(f"\n{title}")
    ours = found["whole alignment with rows, operations, similarities"]
    for name, seconds in found.items():
        print(f"  {name:54} {seconds * 1e3:10.4f} ms   {seconds / ours:8.3f} × ours")
    if peers:
        print(f"  peers (published, another machine): {peers}")


def main() -> None:
    align_pairs(*make_pairs(2, 5))
    align_pairs(*make_pairs(2, 5), shuffles=3)
    print(f"Alignment; {MACHINE}; CPU time on one core unless said otherwise, best of several goes")
    at_start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("\nGrowth with length (one pair; exact up to 4,000 steps a side, banded above)")
    print(f"  peak memory is that of the whole process; {at_start:.0f} MB before anything is aligned")
    before = None
    for length in (10, 30, 100, 300, 1_000, 3_000, 10_000, 100_000, 1_000_000):
        features, offsets, pairing = make_pairs(1, length)
        aligned = align_pairs(features, offsets, pairing)
        seconds = best_of(lambda data=(features, offsets, pairing): align_pairs(*data), 3)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        power = "" if before is None else f"  exponent {np.log(seconds / before[1]) / np.log(length / before[0]):5.2f}"
        marks = "#" * max(1, int(8 * (np.log10(seconds) + 4.5)))
        mode = "approximate" if aligned.approximate[0] else "exact"
        print(f"  {length:9,} steps {seconds * 1e3:11.3f} ms  peak {peak:6.0f} MB  {mode:11}{power:16} {marks}")
        before = (length, seconds)

    show("25 steps, budget 0.02 ms a pair", per_pair(4000, 25), PEERS[25])
    show("1000 × 1000 exact, budget 10 ms a pair", per_pair(4, 1000), PEERS[1000])

    features, offsets, pairing = make_pairs(28_000, 34)
    wall = best_of(lambda: align_pairs(features, offsets, pairing), 5, time.perf_counter)
    print(f"\n28,000 pairs × 34 steps, budget 5 s on two cores: {wall:.2f} s of wall time on {os.cpu_count()} cores")

    print("\nGrowth with the number of pairs (34 steps)")
    for n_pairs in (100, 1_000, 10_000, 28_000, 100_000):
        data = make_pairs(n_pairs, 34)
        seconds = best_of(lambda data=data: align_pairs(*data), 3)
        marks = "#" * int(1000 * seconds / n_pairs * 1e3)
        print(f"  {n_pairs:8,} pairs {seconds:8.3f} s  {seconds / n_pairs * 1e3:.4f} ms a pair  {marks}")


if __name__ == "__main__":
    main()
