"""A prefix tree as lines to be painted: runs of actions that nobody leaves are one line."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from explorer.model.alignment import PrefixTree

MOST_LINES = 400
_MOST_WORDS = 6


class TreeLine(NamedTuple):
    """One branch: how deep, its actions, how many trajectories of each group take it, whether an action on it (or
    only one further down) is of concern, and whether all who take it stop here."""

    level: int
    text: str
    counts: tuple[int, ...]
    concern: bool
    concern_below: bool
    ends: int


def tree_lines(tree: PrefixTree) -> tuple[TreeLine, ...]:
    """The tree from the root down, the branch most take first; the first :data:`MOST_LINES`."""
    lines: list[TreeLine] = []
    waiting = [(int(child), 0) for child in tree.children(0)[::-1]]
    while waiting and len(lines) < MOST_LINES:
        node, level = waiting.pop()
        words, concern = [_action(tree, node)], bool(tree.concern[node])
        while True:
            below = tree.children(node)
            if len(below) != 1 or tree.ends[node].any():
                break
            node = int(below[0])
            words.append(_action(tree, node))
            concern = concern or bool(tree.concern[node])
        if len(words) > _MOST_WORDS:
            left_out = len(words) - _MOST_WORDS
            words = [*words[: _MOST_WORDS // 2], f"… {left_out} more …", *words[-_MOST_WORDS // 2 :]]
        lines.append(
            TreeLine(
                level,
                " → ".join(words),
                tuple(int(n) for n in tree.counts[node]),
                concern,
                bool(tree.subtree_concern[node]),
                int(np.sum(tree.ends[node])),
            )
        )
        waiting.extend((int(child), level + 1) for child in tree.children(node)[::-1])
    return tuple(lines)


def _action(tree: PrefixTree, node: int) -> str:
    return tree.actions[int(tree.action[node])]
