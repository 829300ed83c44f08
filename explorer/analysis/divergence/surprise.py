"""Surprise: how unexpected an action is after the two before it, judged by what the trusted side does next.

An action is what the alignment compares by: the tool (or program) and the kind of its effect. The next one is
predicted from the last two by an interpolated Witten–Bell model

    p(a | h) = (c(h, a) + T(h) · p(a | h')) / (c(h) + T(h))

where c counts how often a followed h, T(h) how many different actions did, and h' is h without its oldest action
(I. H. Witten, T. C. Bell, "The zero-frequency problem", IEEE Trans. Inf. Theory 37 (1991) 1085–1094, method C;
interpolated as in S. F. Chen, J. Goodman, "An empirical study of smoothing techniques for language modeling", Computer
Speech & Language 13 (1999) 359–394, section 2.4). Below the single action stands its kind of effect, by the same
formula over all kinds, shared evenly by the tools that were seen with it and one that was not: a tool nobody used is
less surprising where it does what others do. Beginnings and ends of trajectories are symbols of their own.

Cross-fitted by task: a step is judged by trajectories of other folds of tasks only, so never by one of its own task. It
ranks steps, it convicts none: whoever uses other tools than the trusted side surprises at every step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.analysis.alignment.features import Features
from explorer.analysis.places import task_places
from explorer.model.effect import KINDS
from explorer.model.schema import End, Role
from explorer.model.settings import AuditSettings
from explorer.model.trajectory import Dataset
from explorer.progress import Progress

FOLDS = 10
LEAST_TRAJECTORIES = 20
LEAST_TASKS = 5
"""What must be left to learn from once a fold is taken out."""

_NO_KIND, _END_KIND = len(KINDS), len(KINDS) + 1
_N_KINDS = len(KINDS) + 2
_ROOM = 8

Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Surprise:
    """Nats per step row (float32, NaN where nothing can be said), and what they are measured by.

    ``role`` is the trusted side (None = there is none), ``trajectories`` and ``tasks`` what there is to learn from,
    ``usual`` the mean over the trusted side's own steps. Where it is not ``available`` all are NaN and ``note`` says
    why.
    """

    nats: npt.NDArray[np.float32]
    available: bool
    role: Role | None
    trajectories: int
    tasks: int
    usual: float
    note: str


def trusted_role(settings: AuditSettings) -> Role | None:
    """By whom others are measured: the reference if there is one, else the first side of what is compared; None
    where nothing is."""
    if not settings.comparisons:
        return None
    return Role.REFERENCE if settings.groups_of(Role.REFERENCE) else settings.comparisons[0][0]


def next_action_surprise(
    dataset: Dataset, features: Features, settings: AuditSettings, progress: Progress | None = None
) -> Surprise:
    """−log p of every step's action under the trusted side's next actions. Raises Cancelled."""
    progress = progress or Progress()
    role = trusted_role(settings)
    if role is None:
        return nothing_trusted(dataset)
    groups = [dataset.group.code(group) for group in settings.groups_of(role)]
    trusted = np.isin(dataset.group.codes, groups) & ~dataset.dead
    places = task_places(dataset)
    n, n_tasks = int(trusted.sum()), len(np.unique(places[trusted]))
    fold = _folds(places, trusted)
    left = n - np.bincount(fold[trusted], minlength=FOLDS)
    tasks_left = n_tasks - np.bincount(fold[trusted][np.unique(places[trusted], return_index=True)[1]], minlength=FOLDS)
    enough = ((left >= LEAST_TRAJECTORIES) & (tasks_left >= LEAST_TASKS))[fold]
    if not (enough & (dataset.lengths > 0)).any():
        said = f"{_count(n, 'trajectory', 'trajectories')} of {_count(n_tasks, 'task', 'tasks')}"
        need = f"{LEAST_TRAJECTORIES} of {LEAST_TASKS} other tasks are needed to say what is usual"
        return _unavailable(dataset, role, n, n_tasks, f"the {role} has only {said}; {need}")
    events = _events(dataset, features, trusted, fold)
    p = _probabilities(events, progress)[: dataset.n_steps]
    nats = np.where(enough[dataset.trajectory_of_step], -np.log(p), np.nan).astype(np.float32)
    own = nats[trusted[dataset.trajectory_of_step]]
    known = own[np.isfinite(own)]
    return Surprise(
        nats, True, role, n, n_tasks, float(known.mean(dtype=np.float64)) if len(known) else float("nan"),
        f"interpolated Witten–Bell over the last two actions, cross-fitted in {FOLDS} folds of tasks",
    )  # fmt: skip


def nothing_trusted(dataset: Dataset) -> Surprise:
    """What can be said where nothing is compared."""
    return _unavailable(dataset, None, 0, 0, "nothing is compared, so there is no trusted side to learn from")


def surprise_summary(surprise: Surprise) -> dict[str, Any]:
    """What the surprise of an audit is measured by, as plain values."""
    return {
        "available": surprise.available,
        "role": None if surprise.role is None else surprise.role.value,
        "trajectories": surprise.trajectories,
        "tasks": surprise.tasks,
        "usual_nats": round(surprise.usual, 4) if np.isfinite(surprise.usual) else None,
        "steps_not_judged": int(np.isnan(surprise.nats).sum()),
        "note": surprise.note,
    }


class _Events(NamedTuple):
    """What follows what: first every step in its order, then the ends of the trusted trajectories that finished.

    ``symbol`` is the action (tool and kind), ``kind`` its kind of effect, ``last`` the action before (−1 = the
    beginning) and ``last_two`` a code of the two before, ``fold`` of the task, ``learned`` 1 if it is learned from.
    """

    symbol: Codes
    kind: Codes
    last: Codes
    last_two: Codes
    fold: Codes
    learned: Codes


def _folds(places: Codes, trusted: npt.NDArray[np.bool_]) -> Codes:
    """The fold of each trajectory: the trusted side's tasks dealt out in the order of their names, others after."""
    own = np.unique(places[trusted])
    rank = np.searchsorted(own, places)
    return np.asarray(rank % FOLDS, dtype=np.int64)


def _events(dataset: Dataset, features: Features, trusted: npt.NDArray[np.bool_], fold: Codes) -> _Events:
    owner = dataset.trajectory_of_step
    kind = np.where(features.headline < 0, _NO_KIND, features.headline).astype(np.int64)
    symbol = (features.tool.astype(np.int64) + 1) * _N_KINDS + kind
    ended = np.flatnonzero(trusted & (dataset.end.codes == dataset.end.code(End.FINISHED)) & (dataset.lengths > 0))
    first, stop = dataset.step_offsets[:-1], dataset.step_offsets[1:]
    # Of every event the row of the step before it, and of the one before that; the owner's first row is its beginning.
    at = np.concatenate([np.arange(dataset.n_steps, dtype=np.int64), stop[ended]])
    whose = np.concatenate([owner.astype(np.int64), ended])
    last = _before(symbol, at - 1, first[whose])
    older = _before(symbol, at - 2, first[whose])
    n_symbols, last = _dense(last + 1)
    _, older = _dense(older + 1)
    return _Events(
        np.concatenate([symbol, np.full(len(ended), symbol.max(initial=0) + 1, dtype=np.int64)]),
        np.concatenate([kind, np.full(len(ended), _END_KIND, dtype=np.int64)]),
        last,
        older * n_symbols + last,
        fold[whose],
        trusted[whose].astype(np.int64),
    )


def _before(symbol: Codes, at: Codes, first: Codes) -> Codes:
    """The actions at some rows; −1 for a row before the first."""
    if not len(symbol):
        return np.full(len(at), -1, dtype=np.int64)
    return np.where(at >= first, symbol[np.maximum(at, 0)], -1)


def _probabilities(events: _Events, progress: Progress) -> Floats:
    """The probability of every event under the trusted events of other folds, from the kind of effect upwards."""
    progress.stage("surprise", 5)
    nothing = np.zeros(len(events.symbol), dtype=np.int64)
    counts = _counted(nothing, events.kind, events)
    p = _mixed(counts, np.full(len(nothing), 1 / _N_KINDS))
    progress.advance()
    # Tools seen with the kind and one that was not share what the kind has; an end is an end.
    tools = _counted(events.kind, events.symbol, events).different
    p /= np.where(events.kind == _END_KIND, 1, tools + 1)
    progress.advance()
    for context in (nothing, events.last, events.last_two):
        p = _mixed(_counted(context, events.symbol, events), p)
        progress.advance()
    return p


class _Counted(NamedTuple):
    """Per event, among what is learned from in other folds: how often its context and action came together, how
    often its context came, and how many different actions followed it."""

    together: Codes
    context: Codes
    different: Codes


def _mixed(counts: _Counted, lower: Floats) -> Floats:
    """One level of the model above ``lower``; a context that was never seen says nothing of its own."""
    total = counts.context + counts.different
    return np.where(total > 0, (counts.together + counts.different * lower) / np.maximum(total, 1), lower)


def _counted(context: Codes, action: Codes, events: _Events) -> _Counted:
    """Counts of all folds less those of an event's own, each by sorting codes."""
    contexts, at_context = _dense(context)
    pairs, at_pair = _dense(at_context * (int(action.max(initial=0)) + 1) + action)
    context_folds, at_context_fold = _dense(at_context * FOLDS + events.fold)
    pair_folds, at_pair_fold = _dense(at_pair * FOLDS + events.fold)
    of_pair = np.bincount(at_pair, events.learned, pairs).astype(np.int64)
    of_pair_fold = np.bincount(at_pair_fold, events.learned, pair_folds).astype(np.int64)
    of_context = np.bincount(at_context, events.learned, contexts).astype(np.int64)
    of_context_fold = np.bincount(at_context_fold, events.learned, context_folds).astype(np.int64)
    context_of_pair = _first(at_pair, pairs, at_context)
    different = np.bincount(context_of_pair, of_pair > 0, contexts).astype(np.int64)
    # What followed in this fold alone is not seen without it.
    total_of_pair_fold = of_pair[_first(at_pair_fold, pair_folds, at_pair)]
    only_here = (of_pair_fold > 0) & (of_pair_fold == total_of_pair_fold)
    lost = np.bincount(_first(at_pair_fold, pair_folds, at_context_fold), only_here, context_folds).astype(np.int64)
    return _Counted(
        of_pair[at_pair] - of_pair_fold[at_pair_fold],
        of_context[at_context] - of_context_fold[at_context_fold],
        different[at_context] - lost[at_context_fold],
    )


def _dense(codes: Codes) -> tuple[int, Codes]:
    """How many different codes there are, and codes from 0 on in their place."""
    room = int(codes.max(initial=-1)) + 1
    if room <= _ROOM * len(codes):
        # A table of all codes there may be is faster than sorting them.
        present = np.zeros(room, dtype=np.bool_)
        present[codes] = True
        return int(present.sum()), (np.cumsum(present) - 1)[codes]
    distinct, inverse = np.unique(codes, return_inverse=True)
    return len(distinct), inverse.reshape(-1).astype(np.int64)


def _first(place: Codes, n: int, value: Codes) -> Codes:
    """The value at each of ``n`` places; all events of a place have the same."""
    found = np.zeros(n, dtype=np.int64)
    found[place] = value
    return found


def _unavailable(dataset: Dataset, role: Role | None, n: int, n_tasks: int, reason: str) -> Surprise:
    nothing = np.full(dataset.n_steps, np.nan, dtype=np.float32)
    return Surprise(nothing, False, role, n, n_tasks, float("nan"), f"not available: {reason}")


def _count(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
