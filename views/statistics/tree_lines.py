"""A prefix tree as lines to be painted: runs of actions that nobody leaves are one line, and what is not shown is
counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np

from explorer.model.alignment import PrefixTree

FIRST_LINES = 60
"""Lines that are open before anybody opens one, about."""
BESIDE = 8
"""Branches that an opened one shows at first."""
MORE = 50
"""Branches that are shown in addition with each wish for more."""

# How many actions of the beginning, of the end and of those of concern a line names, the more the better.
_KEPT = ((4, 2, 4), (3, 1, 4), (2, 1, 4), (1, 1, 4), (1, 0, 4), (1, 0, 2), (1, 0, 1), (0, 0, 1))


class Part(NamedTuple):
    """A piece of a line: actions, and whether they are of concern. An ellipsis stands for ``left_out`` actions."""

    text: str
    concern: bool = False
    left_out: int = 0


ARROW = Part(" → ")


class TreeLine(NamedTuple):
    """One branch (``more`` = 0): the run of nodes it stands for, how deep, its actions, how many trajectories of each
    group take it, whether an action on it (or only one further down) is of concern, how many of those who take it
    stop here, how many ways go on below, whether these are shown, and how many steps follow that are not told apart.

    Or a line for ``more`` branches that are not shown, below the last node of ``nodes``; its counts are theirs.
    """

    nodes: tuple[int, ...]
    level: int
    parts: tuple[Part, ...]
    counts: tuple[int, ...]
    concern: bool = False
    concern_below: bool = False
    ends: int = 0
    branches: int = 0
    opened: bool = False
    beyond: int = 0
    more: int = 0

    @property
    def node(self) -> int:
        """The last node of the run."""
        return self.nodes[-1]

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)


def opened_at_first(tree: PrefixTree) -> dict[int, int]:
    """The nodes whose branches are shown before anybody opens one, and how many of them: what leads to something of
    concern first, then what most trajectories take, about :data:`FIRST_LINES` lines in all."""
    opened: dict[int, int] = {}
    lines = 0
    waiting: list[tuple[bool, int, int]] = [(False, 0, 0)]
    while waiting:
        node = heappop(waiting)[2]
        below = tree.children(node)
        shown = min(len(below), BESIDE)
        if not shown or (opened and lines + shown > FIRST_LINES):
            continue
        opened[node] = shown
        lines += shown
        for child in below[:shown]:
            last = _run(tree, int(child))[-1]
            heappush(waiting, (not tree.subtree_concern[last], -int(tree.counts[last].sum()), last))
    return opened


def tree_lines(tree: PrefixTree, opened: Mapping[int, int] | None = None) -> tuple[TreeLine, ...]:
    """The tree from the root down, the branch most take first. ``opened``: how many branches below a node are shown
    (see :func:`opened_at_first`); those that are not have a line together."""
    opened = opened_at_first(tree) if opened is None else opened
    lines: list[TreeLine] = []
    if len(tree) and tree.ends[0].any():
        lines.append(
            TreeLine((0,), 0, (Part("no action"),), _numbers(tree.ends[0]), ends=int(tree.ends[0].sum()))
        )  # fmt: skip
    # A negative place stands for the rest of what is below a node.
    waiting: list[tuple[int, int]] = []
    _push(tree, opened, 0, 0, waiting)
    while waiting:
        place, level = waiting.pop()
        if place < 0:
            lines.append(_rest(tree, -place - 1, level, opened[-place - 1]))
            continue
        nodes = _run(tree, place)
        last = nodes[-1]
        below = tree.children(last)
        lines.append(
            TreeLine(
                nodes, level, line_parts(tree, nodes), _numbers(tree.counts[last]),
                bool(tree.concern[list(nodes)].any()), bool(tree.subtree_concern[last]), int(tree.ends[last].sum()),
                len(below), last in opened, int(tree.beyond[last]),
            )
        )  # fmt: skip
        if last in opened:
            _push(tree, opened, last, level + 1, waiting)
    return tuple(lines)


def _push(tree: PrefixTree, opened: Mapping[int, int], node: int, level: int, waiting: list[tuple[int, int]]) -> None:
    below = tree.children(node)
    shown = opened.get(node, 0)
    if shown < len(below):
        waiting.append((-node - 1, level))
    waiting.extend((int(child), level) for child in below[:shown][::-1])


def _rest(tree: PrefixTree, node: int, level: int, shown: int) -> TreeLine:
    rest = tree.children(node)[shown:]
    counts = tree.counts[rest].sum(axis=0)
    n, of_concern = int(counts.sum()), int(tree.subtree_concern[rest].sum())
    said = f"… {n:,} more {'trajectory' if n == 1 else 'trajectories'} in {_branches(len(rest))}"
    if of_concern:
        those = "" if len(rest) == 1 else "all " if of_concern == len(rest) else f"{of_concern:,} of them "
        said += f", {those}with something of concern"
    return TreeLine((node,), level, (Part(said),), _numbers(counts), False, bool(of_concern), more=len(rest))


def _branches(n: int) -> str:
    return f"{n:,} {'branch' if n == 1 else 'branches'}"


def _run(tree: PrefixTree, node: int) -> tuple[int, ...]:
    """A node and those after it up to where somebody stops or the ways part."""
    nodes = [node]
    while not tree.ends[node].any():
        below = tree.children(node)
        if len(below) != 1:
            break
        node = int(below[0])
        nodes.append(node)
    return tuple(nodes)


def line_parts(tree: PrefixTree, nodes: tuple[int, ...], room: int = 200) -> tuple[Part, ...]:
    """The actions of a run in about ``room`` characters: what is of concern wherever it stands, the beginning and the
    end as far as there is room; the rest counted. Where there is hardly any room, the first of concern alone."""
    concern = [place for place, node in enumerate(nodes) if tree.concern[node]]
    for head, tail, of_concern in _KEPT:
        kept = {*range(min(head, len(nodes))), *range(max(0, len(nodes) - tail), len(nodes)), *concern[:of_concern]}
        parts = tuple(_parts(tree, nodes, kept or {0}, concern))
        if sum(len(part.text) for part in parts) <= room:
            return parts
    return tuple(_tight(tree, nodes, concern))


def _parts(tree: PrefixTree, nodes: tuple[int, ...], kept: set[int], concern: list[int]) -> Iterable[Part]:
    before = -1
    for place in [*sorted(kept), len(nodes)]:
        left_out = place - before - 1
        if left_out:
            hidden = sum(before < at < place for at in concern)
            told = f" ({hidden:,} of concern)" if hidden else ""
            # An ellipsis for one action says no less than the action.
            name = f"… {left_out:,} more{told} …" if left_out > 1 else tree.actions[int(tree.action[nodes[before + 1]])]
            if before >= 0:
                yield ARROW
            yield Part(name, bool(hidden), left_out if left_out > 1 else 0)
        if place < len(nodes):
            if place:
                yield ARROW
            yield Part(tree.actions[int(tree.action[nodes[place]])], place in concern)
        before = place


def _tight(tree: PrefixTree, nodes: tuple[int, ...], concern: list[int]) -> Iterable[Part]:
    place = concern[0] if concern else 0
    after, more = len(nodes) - place - 1, len(concern) - 1
    if place:
        yield Part("… ", False, place)
    yield Part(tree.actions[int(tree.action[nodes[place]])], bool(concern))
    if after:
        yield Part(f" … {more:,} more of concern" if more > 0 else " …", more > 0, after)


def _numbers(counts: np.ndarray) -> tuple[int, ...]:
    return tuple(int(n) for n in counts)
