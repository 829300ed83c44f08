"""Deletions that met nothing: what looks showed not to be there, as long as nothing can have come there since.

A look proves that a name is absent only where it shows all names of its kind (see :mod:`.folder_looks`); where it
leaves some out, the deletion's outcome is unknown. What other trajectories of the task were shown before they did
anything counts for one that has done nothing to the place either.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.analysis.effects.history.folder_looks import FolderLook, Listing, listing, shows_all_of
from explorer.model.effect import Effect, EffectKind, Effects
from explorer.model.schema import Outcome

_K = EffectKind
MAX_LOOKS = 300
MAX_MADE = 200
MAX_PER_FOLDER = 3
MAX_JUDGED = 300
MAX_OTHERS = 20
MAX_PATTERNS = 12
MAX_ANCESTORS = 8
SHORT = 300
ELSEWHERE_CONFIDENCE = 0.7
"""How sure it is that a trajectory began with what another one of the task was shown at its beginning."""
NOT_SHOWN = "whether anything of that name was there is not shown"
"""Of a deletion that says nothing where there is nothing: that it ended well does not tell."""
_TELLS = re.compile(r"-print|-ls\b|\brm\b[^;&|\n]*?[ \t](?:-\w*v|--verbose)")
_DID_NOT = frozenset({Outcome.FAILED, Outcome.NOT_EXECUTED})
_MAKES = frozenset({_K.CREATE, _K.OVERWRITE, _K.MODIFY})
MAKES_NOTHING = frozenset(
    {
        _K.NONE, _K.READ, _K.REFUSE, _K.DELETE, _K.REMOTE_DELETE, _K.PERMISSION, _K.PROCESS_KILL, _K.NET_EGRESS,
        _K.EXFIL, _K.VALUE_OUT, _K.ACCOUNT, _K.PKG_REMOVE,
    }
)  # fmt: skip
_NOT_STARTED = re.compile(r"No such file or directory|Permission denied|command not found|cannot execute")
_HIDDEN = re.compile(r"[$`…]|^\W*$")
_GLOB = re.compile(r"[*?\[]")
_PRODUCT = re.compile(r"[^.]*|.*\.(?:o|so|a|out|class|exe|d|pyc|dll|wasm|jar)")
"""What a compiler may make without naming it."""
COMPILED = "\0"
_FORCED = re.compile(r"\brm\b[^;&|\n]*?[ \t](?:-\w*f|--force)")


class Looked(NamedTuple):
    """A look at a folder in a step: ``row`` of the steps table, ``place`` in the trajectory."""

    look: FolderLook
    row: int
    place: int


@dataclass(slots=True)
class FirstLooks:
    """What a trajectory was shown before it did anything: looks by folder, and files that were not there."""

    looks: dict[str, list[Looked]] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()


class Wanted(NamedTuple):
    """What a deletion is to hit: names matching ``patterns`` in ``folder`` (``deep`` also below it); ``plain`` whether
    the only pattern is a name; ``files`` whether it takes files only."""

    folder: str
    patterns: tuple[str, ...]
    deep: bool
    plain: bool
    files: bool

    @property
    def path(self) -> str:
        """Its full name where it is plain."""
        return posixpath.join(self.folder, self.patterns[0])


def wanted_by(effect: Effect, text: str) -> Wanted | None:
    """What a deletion is to hit, None where its target does not tell. ``text`` is the step's command."""
    value = effect.target.value if effect.target is not None and effect.target.type == "path" else ""
    if not value.startswith(("/", "~")) or _HIDDEN.search(value):
        return None
    deep = effect.rule.startswith(("find", "python")) or any(via.startswith(("find", "fd")) for via in effect.via)
    folder, _, last = value.rstrip("/").rpartition("/")
    folder = posixpath.normpath(folder or "/")
    braced = last.startswith("{") and last.endswith("}")
    patterns = tuple(last[1:-1].split(",")) if braced and len(last) > 2 else ("*",) if braced else (last,)
    if _GLOB.search(folder) or "{" in folder or len(patterns) > MAX_PATTERNS or not all(patterns):
        return None
    plain = not braced and not _GLOB.search(last)
    if plain and deep and effect.rule.startswith("find") and not effect.rule.endswith("named"):
        return None
    if effect.rule == "rm" and not deep and "resolved from" not in effect.note and not _FORCED.search(text):
        # It would have said that there was nothing.
        return None
    return Wanted(folder, patterns, deep and not (plain and effect.rule.startswith("python")), plain, "-type f" in text)


class Absence:
    """What one trajectory was shown not to be there. ``read`` gives the observation of a step row, ``number`` what a
    step is called in the log, ``others`` are the first looks of other trajectories of the task, which only a
    ``shared`` task has."""

    def __init__(
        self,
        read: Callable[[int], str],
        number: Callable[[int], str],
        others: Sequence[FirstLooks] = (),
        *,
        shared: bool = True,
    ) -> None:
        self.first = FirstLooks()
        self.open: list[Wanted] = []
        self._read = read
        self._number = number
        self._others = others
        self._shared = shared
        self._looks: dict[str, list[Looked]] = {}
        self._count = 0
        self._made: list[tuple[int, Effect]] = []
        self._opaque = -1
        self._acted = False
        self._judged = 0
        self._listings: dict[int, Listing | None] = {}

    def looked(self, look: FolderLook, folder: str, place: int, row: int) -> None:
        """A step looked into a folder (its full name)."""
        if self._count >= MAX_LOOKS or not folder.startswith(("/", "~")):
            return
        self._count += 1
        found = Looked(look, row, place)
        self._looks.setdefault(folder, []).append(found)
        if not self._acted:
            self.first.looks.setdefault(folder, []).append(found)

    def first_looks(self, missing: Callable[[], frozenset[str]]) -> FirstLooks:
        """What was shown before anything was done; ``missing`` tells the files that are known not to be there now."""
        if not self._acted:
            self.first.missing = missing()
        return self.first

    def acted(
        self, effects: Effects, place: int, outcome: str | None, printed: Callable[[], str],
        missing: Callable[[], frozenset[str]],
    ) -> None:  # fmt: skip
        """A step did something: what it may have made is no longer known to be absent. ``missing`` tells the files that
        were known not to be there before it."""
        for effect in effects:
            kind = effect.kind
            if effect.deferred or kind is _K.READ or kind is _K.NONE or kind is _K.REFUSE:
                continue
            became = effect.outcome or outcome
            if became == Outcome.NOT_EXECUTED or (became == Outcome.FAILED and _failed_to_start(printed())):
                continue
            if not self._acted:
                self.first.missing = missing()
                self._acted = True
            if kind not in MAKES_NOTHING:
                self._made.append((place, effect))
                if len(self._made) > MAX_MADE:
                    self._opaque = place
                    self._made.clear()

    def judged(
        self, effects: Effects, outcome: str | None, text: str, missed: Callable[[str], int | None],
        is_there: Callable[[str], bool],
    ) -> Effects:  # fmt: skip
        """The effects of a step, deletions of what was not there marked. ``missed`` tells the step that showed
        last that a path is not there, ``is_there`` whether one is known to be."""
        if outcome in _DID_NOT or self._judged >= MAX_JUDGED:
            return effects
        found: list[Effect] = []
        made: list[str | None] = []
        for effect in effects:
            if effect.kind is _K.DELETE and not effect.deferred and effect.outcome in (None, Outcome.UNKNOWN):
                found.append(self._one(effect, text, made, missed, is_there))
                continue
            if effect.kind not in MAKES_NOTHING and not effect.deferred:
                made.append(_made_by(effect))
            found.append(effect)
        return effects if all(a is b for a, b in zip(found, effects, strict=True)) else tuple(found)

    def _one(
        self, effect: Effect, text: str, made: Sequence[str | None], missed: Callable[[str], int | None],
        is_there: Callable[[str], bool],
    ) -> Effect:  # fmt: skip
        self._judged += 1
        wanted = wanted_by(effect, text)
        if wanted is None or any(path is None or _may_be(path, wanted) for path in made):
            return effect
        value = effect.target.value if effect.target is not None else ""
        if not self._shared and missed(value) is None and not any(value.startswith(folder) for folder in self._looks):
            return effect if wanted.plain and is_there(wanted.path) else _not_shown(effect, text)
        if wanted.plain and is_there(wanted.path):
            return effect
        if wanted.plain and not wanted.deep:
            step = missed(wanted.path)
            if step is not None and self.is_fresh(step, wanted):
                return _marked(effect, True, f"step {self._number(step)} showed that nothing of that name was there")
        found = self._seen(self._looks, wanted)
        if found is not None:
            step, sure = found
            if sure is None:
                return effect
            why = f"step {self._number(step)} showed nothing of that name in the folder"
            if not sure and self._elsewhere(wanted):
                return _marked(effect, True, f"{why}, and another trajectory of this task was shown all that is there")
            return _marked(effect, sure, why)
        told = self._elsewhere(wanted)
        if told is None:
            return _not_shown(effect, text)
        note = "another trajectory of this task was shown nothing of that name there"
        return replace(_marked(effect, told, note), confidence=round(effect.confidence * ELSEWHERE_CONFIDENCE, 3))

    def _elsewhere(self, wanted: Wanted) -> bool | None:
        """What others were shown first tells of a place to which nothing was done here since the beginning."""
        if not self.is_fresh(-1, wanted):
            return None
        if not self._others:
            self.open.append(wanted)
        return self._told(wanted, self._others)

    def answered_by(self, others: Sequence[FirstLooks]) -> bool:
        """Whether what others were shown first tells anything of the deletions of which nothing is known here."""
        return any(self._told(wanted, others) is not None for wanted in self.open)

    def _told(self, wanted: Wanted, others: Sequence[FirstLooks]) -> bool | None:
        told: bool | None = None
        for other in others[:MAX_OTHERS]:
            if wanted.plain and not wanted.deep and wanted.path in other.missing:
                told = True
                continue
            found = self._seen(other.looks, wanted, fresh=False)
            if found is not None and found[1] is None:
                return None
            if found is not None:
                told = bool(told or found[1])
        return told

    def is_fresh(self, step: int, wanted: Wanted) -> bool:
        """Whether nothing that is wanted can have been made since a step."""
        if step < self._opaque or (step == -1 and self._opaque >= 0):
            return False
        for place, effect in reversed(self._made):
            if place <= step:
                break
            path = _made_by(effect)
            if path is None or _may_be(path, wanted):
                return False
        return True

    def _seen(
        self, looks: dict[str, list[Looked]], wanted: Wanted, *, fresh: bool = True
    ) -> tuple[int, bool | None] | None:
        """The newest look that tells of what is wanted: its step, and whether it proves that there is nothing (True),
        does not show all (False) or shows something (None)."""
        folder = wanted.folder
        for level in range(MAX_ANCESTORS):
            for looked in reversed(looks.get(folder, [])[-MAX_PER_FOLDER:]):
                if fresh and not self.is_fresh(looked.place, wanted):
                    continue
                if looked.row not in self._listings:
                    self._listings[looked.row] = listing(looked.look, folder, self._read(looked.row))
                shown = self._listings[looked.row]
                verdict = None if shown is None else _verdict(looked.look, shown, folder, wanted, level)
                if verdict is not None:
                    return looked.place, {"absent": True, "unsure": False}.get(verdict)
            if folder in ("/", "~", ""):
                break
            folder = posixpath.dirname(folder)
        return None


class FirstSeen:
    """What the trajectories of each task were shown before they did anything. ``tasks`` int32 per trajectory."""

    def __init__(self, tasks: npt.NDArray[np.int32]) -> None:
        self._tasks = tasks
        self._members = np.bincount(tasks[tasks >= 0], minlength=1)
        self._first: dict[int, dict[int, FirstLooks]] = {}
        self._open: dict[int, Absence] = {}

    def add(self, trajectory: int, first: FirstLooks, absence: Absence) -> None:
        """One trajectory, read to its end."""
        task = int(self._tasks[trajectory])
        if not self.shared(trajectory):
            return
        if absence.open:
            self._open[trajectory] = absence
        of_task = self._first.setdefault(task, {})
        if (first.looks or first.missing) and len(of_task) <= MAX_OTHERS:
            of_task[trajectory] = first

    def shared(self, trajectory: int) -> bool:
        """Whether other trajectories have the same task."""
        task = int(self._tasks[trajectory])
        return task >= 0 and bool(self._members[task] > 1)

    def others(self, trajectory: int) -> tuple[FirstLooks, ...]:
        """What other trajectories of the same task were shown."""
        of_task = self._first.get(int(self._tasks[trajectory]), {})
        return tuple(first for other, first in of_task.items() if other != trajectory)

    def answered(self) -> list[int]:
        """The trajectories of whose deletions others tell something."""
        return [at for at, absence in self._open.items() if absence.answered_by(self.others(at))]


def _verdict(look: FolderLook, shown: Listing, folder: str, wanted: Wanted, level: int) -> str | None:
    """What a listing says of what is wanted: ``there``, ``absent``, ``unsure``, or None where it tells nothing."""
    below = "" if level == 0 else f"{posixpath.relpath(wanted.folder, folder)}/"
    for name in shown.names:
        if not name.startswith(below):
            continue
        rest = name[len(below) :]
        if ("/" not in rest or wanted.deep) and any(_matches(posixpath.basename(rest), p) for p in wanted.patterns):
            return "there"
        if "/" in rest and not wanted.deep and any(_matches(rest.split("/")[0], p) for p in wanted.patterns):
            return "there"
    if not all(shows_all_of(look, pattern) for pattern in wanted.patterns):
        return None
    needs_depth = level > 0 or wanted.deep
    if needs_depth and not shown.likely:
        return None
    if level > 0 and not shown.whole:
        return None
    dotted = any(part.startswith(".") for part in (*below.split("/"), *wanted.patterns))
    needs_hidden = dotted or (wanted.deep and not look.hidden)
    sure = (look.hidden or not needs_hidden) and (shown.whole or not needs_depth) and (wanted.files or not look.files)
    if dotted and not look.hidden:
        return None
    return "absent" if sure else "unsure"


def _matches(name: str, pattern: str) -> bool:
    return fnmatchcase(name.lower(), pattern.lower())


def _may_be(path: str, wanted: Wanted) -> bool:
    """Whether a path that was made may be one that is wanted."""
    if path == COMPILED:
        return any(_PRODUCT.fullmatch(pattern) for pattern in wanted.patterns)
    if not path.startswith(("/", "~")) or _GLOB.search(path) or _HIDDEN.search(path):
        return any(_matches(posixpath.basename(path), p) for p in wanted.patterns) or bool(_HIDDEN.search(path))
    parts = posixpath.normpath(path).split("/")
    return any(_matches(part, pattern) for part in parts for pattern in wanted.patterns)


def _made_by(effect: Effect) -> str | None:
    """The path that an effect may have made, None where anything may have been."""
    if effect.rule == "compile":
        return COMPILED
    if effect.kind in _MAKES and effect.target is not None and effect.target.type == "path":
        return effect.target.value if effect.target.scope not in ("many", "tree") else None
    return None


def _failed_to_start(printed: str) -> bool:
    answer = printed.strip()
    return len(answer) <= SHORT and "\n" not in answer and _NOT_STARTED.search(answer) is not None


def _marked(effect: Effect, sure: bool, why: str) -> Effect:
    note = f"not executed: {why}" if sure else f"{why}, which need not be all that is there"
    return replace(_noted(effect, note), outcome=Outcome.NOT_EXECUTED if sure else Outcome.UNKNOWN)


def _not_shown(effect: Effect, text: str) -> Effect:
    """A deletion of which nothing tells whether it met anything; one that names what it removes tells by itself."""
    return effect if _TELLS.search(text) else _noted(effect, NOT_SHOWN)


def _noted(effect: Effect, note: str) -> Effect:
    return replace(effect, note=f"{effect.note}; {note}" if effect.note else note)
