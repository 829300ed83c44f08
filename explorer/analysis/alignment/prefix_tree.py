"""The trajectories of a task as a prefix tree: at which action do the groups part?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from explorer.model.alignment import PrefixTree
from explorer.model.effect import KIND_CODE, KINDS, EffectKind, StepEffects
from explorer.model.trajectory import Dataset

MAX_DEPTH = 1_000
"""Actions from the root that are told apart; what follows belongs to the last node, its effects of concern too."""


def prefix_tree(
    dataset: Dataset,
    effects: StepEffects,
    trajectories: Sequence[int],
    concern: frozenset[EffectKind] = frozenset(),
    *,
    fold_repeats: bool = True,
    max_depth: int = MAX_DEPTH,
) -> PrefixTree:
    """Grow the tree of ``trajectories`` (rows of the trajectories table).

    An action is the tool with the headline effect, or the effect alone where there is no tool. With
    ``fold_repeats`` the same action several times in a row counts once, so that a retry does not part two groups.
    """
    symbols, names = action_symbols(dataset, effects)
    of_concern = effects.concern(concern) == 1
    groups = sorted({dataset.group.of(row) or "" for row in trajectories})
    place = {name: column for column, name in enumerate(groups)}
    parent, depth, action, marked = [-1], [0], [-1], [False]
    counts: list[list[int]] = [[0] * len(groups)]
    ends: list[list[int]] = [[0] * len(groups)]
    first_step, beyond = [-1], [0]
    below: dict[tuple[int, int], int] = {}
    stops = []
    for row in trajectories:
        column = place[dataset.group.of(row) or ""]
        node, last = 0, -1
        counts[0][column] += 1
        rows = dataset.rows(row)
        for step in rows:
            symbol = int(symbols[step])
            if fold_repeats and symbol == last:
                _mark(node, step, of_concern, marked, first_step)
                continue
            if depth[node] >= max_depth:
                beyond[node] = max(beyond[node], rows.stop - step)
                rest = np.flatnonzero(of_concern[step : rows.stop])
                if len(rest):
                    _mark(node, step + int(rest[0]), of_concern, marked, first_step)
                break
            last = symbol
            child = below.get((node, symbol))
            if child is None:
                child = below[node, symbol] = len(parent)
                parent.append(node)
                depth.append(depth[node] + 1)
                action.append(symbol)
                marked.append(False)
                first_step.append(step)
                beyond.append(0)
                counts.append([0] * len(groups))
                ends.append([0] * len(groups))
            node = child
            counts[node][column] += 1
            _mark(node, step, of_concern, marked, first_step)
        ends[node][column] += 1
        stops.append(node)
    concern_below = np.array(marked, dtype=bool)
    for node in range(len(parent) - 1, 0, -1):
        if concern_below[node]:
            concern_below[parent[node]] = True
    return PrefixTree(
        np.array(parent, np.int32), np.array(depth, np.int32), np.array(action, np.int32),
        np.array(counts, np.int32).reshape(len(parent), len(groups)),
        np.array(ends, np.int32).reshape(len(parent), len(groups)),
        np.array(marked, bool), concern_below, np.array(first_step, np.int64), np.array(beyond, np.int32),
        names, tuple(groups),
        np.array(trajectories, np.int32).reshape(-1), np.array(stops, np.int32).reshape(-1),
    )  # fmt: skip


def _mark(node: int, step: int, of_concern: npt.NDArray[np.bool_], marked: list[bool], first_step: list[int]) -> None:
    """A step of concern marks its node and is the one that the node shows."""
    if of_concern[step] and not marked[node]:
        marked[node] = True
        first_step[node] = step


def action_symbols(dataset: Dataset, effects: StepEffects) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """Per step an action, and the actions' names: tool and headline effect, if it has any."""
    tools, kinds = dataset.tool, dataset.kind
    effect_of = np.where(effects.headlines == KIND_CODE[EffectKind.NONE], -1, effects.headlines)
    flat = (tools.codes.astype(np.int64) + 1) * len(kinds.names) + kinds.codes
    flat = flat * (len(KINDS) + 1) + effect_of + 1
    distinct, codes = np.unique(flat, return_inverse=True)
    names = []
    for value in distinct.tolist():
        rest, effect = divmod(value, len(KINDS) + 1)
        tool, kind = divmod(rest, len(kinds.names))
        name = tools.names[tool - 1] if tool else f"({kinds.names[kind]})"
        names.append(name if effect == 0 else f"{name}: {KINDS[effect - 1].value.replace('_', ' ')}")
    return codes.reshape(-1).astype(np.int64), tuple(names)
