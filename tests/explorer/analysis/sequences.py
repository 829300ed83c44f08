"""Random sequences of steps as alignment features, and a slow, obviously right alignment to compare with."""

from __future__ import annotations

from functools import cache

import numpy as np
from hypothesis import strategies as st

from explorer.analysis.alignment.align import (
    ALIAS_LEVEL,
    FAMILY_LEVEL,
    HARMS,
    SHARED_LEVEL,
    effect_similarity,
)
from explorer.analysis.alignment.features import Features
from explorer.model.alignment import Pairing
from explorer.model.effect import KIND_CODE, EffectKind, kind_mask
from explorer.model.settings import AlignmentCosts

KINDS = (EffectKind.READ, EffectKind.CREATE, EffectKind.DELETE, EffectKind.PERMISSION, EffectKind.UNKNOWN)
STEP = st.tuples(st.sampled_from(KINDS), st.integers(0, 3), st.integers(0, 1), st.integers(0, 5))
SEQUENCE = st.lists(STEP, max_size=6)
LONG_SEQUENCE = st.lists(STEP, min_size=0, max_size=40)


def features_of(*sequences):
    """Features of sequences of (kind, tool, alias, argument words) one after another, and their offsets."""
    flat = [step for sequence in sequences for step in sequence]
    kinds = np.array([KIND_CODE[step[0]] for step in flat], np.int16)
    concern = np.array([step[0] in (EffectKind.DELETE, EffectKind.PERMISSION) for step in flat], bool)
    sketches = np.zeros((len(flat), 4), np.uint64)
    for row, step in enumerate(flat):
        for bit in range(step[3]):
            sketches[row, bit % 4] |= np.uint64(1 << ((7 * bit + step[1]) % 63))
    made = Features(
        kinds, np.uint64(1) << kinds.astype(np.uint64), np.array([step[1] for step in flat], np.int32),
        np.array([step[2] - 1 for step in flat], np.int32), np.array([step[1] % 2 - 1 for step in flat], np.int32),
        sketches, concern, np.where(concern, kinds + 1, 0).astype(np.int32), (),
    )  # fmt: skip
    offsets = np.concatenate([[0], np.cumsum([len(sequence) for sequence in sequences])]).astype(np.int64)
    return made, offsets


def one_pair():
    return Pairing(np.array([0], np.int32), np.array([1], np.int32))


def step_score(features, a, b, costs):
    """The score of aligning step rows a and b, straight from the definition."""
    effect = effect_similarity()[features.headline[a], features.headline[b]]
    if features.masks[a] & features.masks[b] & np.uint64(kind_mask(HARMS)):
        effect = max(effect, SHARED_LEVEL)
    tool = 0.0
    if features.tool[a] == features.tool[b]:
        tool = 1.0
    elif features.alias[a] >= 0 and features.alias[a] == features.alias[b]:
        tool = ALIAS_LEVEL
    elif features.family[a] >= 0 and features.family[a] == features.family[b]:
        tool = FAMILY_LEVEL
    one, two = (sum(int(word).bit_count() for word in features.sketches[row]) for row in (a, b))
    both = sum(int(x & y).bit_count() for x, y in zip(features.sketches[a], features.sketches[b], strict=True))
    said = 2 * both / (one + two) if one + two else 1.0
    return costs.effect * effect + costs.tool * tool + costs.arguments * said - costs.threshold


def opening(features, row, costs):
    return costs.gap_open_concern if features.concern[row] else costs.gap_open


def extending(features, row, costs):
    return costs.gap_extend + opening(features, row, costs) - costs.gap_open


def path_score(features, offsets, teacher, student, costs=None):
    """The score of a given path: what each aligned row and each gap costs."""
    costs = costs or AlignmentCosts()
    total, before = 0.0, "aligned"
    for t, s in zip(teacher, student, strict=True):
        if t >= 0 and s >= 0:
            total += step_score(features, offsets[0] + t, offsets[1] + s, costs)
            before = "aligned"
            continue
        side, row = ("teacher", offsets[0] + t) if t >= 0 else ("student", offsets[1] + s)
        total += extending(features, row, costs) if before == side else opening(features, row, costs)
        before = side
    return total


def best_score(features, offsets, costs=None):
    """The best score of aligning the first two sequences, over every path."""
    costs = costs or AlignmentCosts()
    n, m = int(offsets[1] - offsets[0]), int(offsets[2] - offsets[1])

    @cache
    def best(i, j, before):
        if i == n and j == m:
            return 0.0
        found = []
        if i < n and j < m:
            score = step_score(features, offsets[0] + i, offsets[1] + j, costs)
            found.append(score + best(i + 1, j + 1, "aligned"))
        if i < n:
            price = (extending if before == "teacher" else opening)(features, offsets[0] + i, costs)
            found.append(price + best(i + 1, j, "teacher"))
        if j < m:
            price = (extending if before == "student" else opening)(features, offsets[1] + j, costs)
            found.append(price + best(i, j + 1, "student"))
        return max(found)

    return best(0, 0, "aligned")
