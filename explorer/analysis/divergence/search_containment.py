"""Searches that hold one another: what the one hits in a folder the other hits too, and more.

``find /srv -name '*.log' -delete`` holds ``find /srv -maxdepth 1 -name '*.log' -exec rm {} \\;``: the second is done by
both sides, the first by one alone. What removes whole folders is held only by what does so too.
"""

from __future__ import annotations

import shlex
from functools import lru_cache
from typing import NamedTuple

from explorer.analysis.divergence.find_sets import (
    Relation,
    Search,
    added_conditions,
    in_one_place,
    read_search,
    selects,
)
from explorer.analysis.effects.rules.find_expression import alternatives
from explorer.analysis.effects.rules.find_places import SOME, pattern_of
from explorer.analysis.targets import NormalTarget
from explorer.model.effect import KIND_INFO, Effect, EffectKind

SEARCH = "find "
"""How a deciding text that is a search begins; behind its first line stands the folder in which it starts."""
_MOST = 32
_SHOWN = 80


class Held(NamedTuple):
    """What holds a search, or is held by it: its value, and how they lie to one another."""

    value: int
    relation: Relation


class Searches:
    """The searches of one trajectory by what is done to what they find: the first so many distinct ones of each."""

    def __init__(self) -> None:
        self._by_kind: dict[EffectKind, dict[tuple[NormalTarget, str], tuple[Effect, int]]] = {}

    def add(self, effect: Effect, target: NormalTarget, value: int) -> None:
        """Add an effect under a value; what is no search is passed over."""
        if search_of(target) is None:
            return
        mine = self._by_kind.setdefault(effect.kind, {})
        if len(mine) < _MOST:
            mine.setdefault((target, _scope(effect)), (effect, value))

    def find(self, effect: Effect, target: NormalTarget, wanted: tuple[Relation, ...]) -> Held | None:
        """The first that stands to this one as wanted, in the order of what is wanted."""
        if search_of(target) is None:
            return None
        mine = self._by_kind.get(effect.kind, {})
        lies = [(relation_of((effect, target), (theirs, other)), value) for (other, _), (theirs, value) in mine.items()]
        return next((Held(value, relation) for relation in wanted for found, value in lies if found == relation), None)


def relation_of(one: tuple[Effect, NormalTarget], other: tuple[Effect, NormalTarget]) -> Relation:
    """How what one effect hits by a search lies to what another of its kind does; UNKNOWN for what is no search."""
    (effect, target), (theirs, their_target) = one, other
    first, second = search_of(target), search_of(their_target)
    if first is None or second is None or effect.kind != theirs.kind or KIND_INFO[effect.kind].idempotent is not True:
        return Relation.UNKNOWN
    found = selects(first, second)
    trees = _removes_trees(effect, first), _removes_trees(theirs, second)
    if found == Relation.DISJOINT and any(trees):
        return Relation.UNKNOWN  # what the one hits may lie in a folder that the other removes
    if trees[0] and not trees[1] and found in (Relation.SUBSET, Relation.SAME):
        return Relation.SUPERSET if found == Relation.SAME else Relation.UNKNOWN
    if trees[1] and not trees[0] and found in (Relation.SUPERSET, Relation.SAME):
        return Relation.SUBSET if found == Relation.SAME else Relation.UNKNOWN
    return found


def is_search(target: NormalTarget) -> bool:
    """Whether a search decides what a target is."""
    return target.decided_by.startswith(SEARCH)


def search_of(target: NormalTarget) -> Search | None:
    """The search that decides what a target is; None where it is no search, or cannot be told as a set."""
    if not is_search(target) or not target.value.endswith(SOME):
        return None
    return _search(target.value, target.decided_by)


def other_tests(target: NormalTarget, theirs: NormalTarget) -> str:
    """The conditions by which the other of two searches in one place chooses, bounded; "" where they are not that."""
    one, other = search_of(target), search_of(theirs)
    if one is None or other is None or not in_one_place(one, other):
        return ""
    said = theirs.decided_by.removeprefix(SEARCH).partition("\n")[0].replace("'!'", "!")
    return said if len(said) <= _SHOWN else said[: _SHOWN - 1] + "…"


def told_of_part(part: NormalTarget, whole: NormalTarget) -> str:
    """What the narrower of two searches asks for besides, "" where that is not short."""
    narrow, wide = search_of(part), search_of(whole)
    if narrow is None or wide is None:
        return ""
    added = added_conditions(part.decided_by.removeprefix(SEARCH).partition("\n")[0], narrow, wide)
    return added if len(added) <= _SHOWN else ""


@lru_cache(maxsize=1 << 13)
def _search(value: str, decided_by: str) -> Search | None:
    selection, _, place = decided_by.removeprefix(SEARCH).partition("\n")
    start = _start(value, selection.partition(" | ")[0])
    return None if start is None else read_search(selection, start, "" if start.startswith("/") else place)


def _start(value: str, tests: str) -> str | None:
    """The folder where a search starts, from what it hits (``/srv/*.log{}``, ``/srv/{}``)."""
    hit = value.removesuffix(SOME)
    if "$" in hit or "`" in hit or SOME in hit:
        return None
    if hit.endswith("/") or not hit:
        return hit.rstrip("/") or ("/" if hit else ".")
    try:
        found = alternatives(shlex.split(tests))
    except ValueError:
        return None
    folder, slash, last = hit.rpartition("/")
    if last.startswith("{") and last.endswith("}"):
        return (folder or "/") if slash else "."
    patterns = [pattern_of(one).removeprefix("./") for one in found]
    if not any(patterns):
        return hit if hit.startswith("/") else None
    for pattern in patterns:
        if pattern and hit == pattern and not pattern.startswith("/"):
            return "."
        if pattern and hit.endswith("/" + pattern):
            return hit[: -len(pattern) - 1] or "/"
    return None


def _scope(effect: Effect) -> str:
    return "" if effect.target is None else effect.target.scope


def _removes_trees(effect: Effect, search: Search) -> bool:
    return _scope(effect) == "tree" and search.may_hit_folders
