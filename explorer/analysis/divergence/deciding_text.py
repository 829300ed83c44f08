"""The text that decides what a target will be where its value is not known.

``rm $(cat list)`` hits what it hits; two sides that say the same in the same folder do the same. A variable that was
set somewhere else, or a call whose arguments are not logged, decides nothing.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from explorer.analysis.divergence.find_selection import compared_target, search_part, selection_of
from explorer.analysis.divergence.search_containment import SEARCH
from explorer.analysis.effects.shared.folders import PATH_TYPES, entered
from explorer.analysis.effects.shell.commands import folder_after
from explorer.analysis.effects.shell.listing import FED
from explorer.analysis.effects.steps import read_texts
from explorer.model.effect import Effect, EffectKind, Span
from explorer.model.schema import StepKind
from explorer.model.trajectory import Dataset

_CHANGES_FOLDER = re.compile(r"\b(?:cd|pushd|popd)\b")
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")
_TOLD_BY_FOLDERS = frozenset({"PWD", "OLDPWD"})
_POSITIONAL = re.compile(r"\$\{?[\d@*#]")
_GIVEN = re.compile(r"resolved from (?P<path>[^\n]{1,1000}?), (?:shown in|content as shown)")
_COMMAND_KEYS = ("command", "cmd")
_LIMIT = 100_000
_AT_ONCE = 4_096


_OF_A_FOLDER = ("git.", "terraform.", "pulumi.", "compose.", "docker.compose", "migration.", "supabase.")


def is_of_folder(effect: Effect) -> bool:
    """Whether what an effect names is another thing in another folder."""
    target = effect.target
    if target is None or target.type in PATH_TYPES or effect.kind is EffectKind.NET_EGRESS:
        # What is only sent goes to a place of its own, from whatever folder.
        return False
    return effect.rule.startswith(_OF_A_FOLDER)


class DecidingText:
    """Of one step: what it says (``whole``, as far as it is compared), its own command or arguments (``text``) for
    looking at parts, and the working folders in which it starts and ends."""

    __slots__ = ("_place", "_way", "text", "whole")

    def __init__(self, text: str, whole: str, way: str, place: str) -> None:
        self.text = text
        self.whole = whole
        self._way = way
        self._place = place

    def of_folder(self) -> str:
        """A mark of where the step acts, for what is one thing in one folder and another in the next (a branch, what a
        project's file describes)."""
        return _mark(f"in {self._place}")

    def of(self, effect: Effect) -> str:
        """A mark, equal where the same text decides the target of an effect; "" where none does. That of a search holds
        its conditions, so that two can be compared as sets."""
        if not self.whole:
            return ""
        target = compared_target(effect)
        value = "" if target is None else target.value
        if any(label.startswith("script ") for label in effect.via):
            return self._of_script(effect, value)
        for name in set(_VARIABLE.findall(value)) - _TOLD_BY_FOLDERS:
            if not re.search(rf"\b{name}\+?=|\b(?:for|read|mapfile|readarray)\b[^\n;|&]{{0,200}}\b{name}\b", self.text):
                return ""
        said, span = self.whole, effect.span
        selection = selection_of(self._search(effect, span), value) if "{}" in value and span is not None else ""
        if selection:
            # What a search finds is decided by where and for what it looks, not by what stands around it. Where it
            # starts is in the value; where that is a relative path, the folders entered before decide too.
            if value.startswith("/"):
                return SEARCH + selection
            if not _CHANGES_FOLDER.search(self.text):
                return f"{SEARCH}{selection}\n{_mark(self._way)}"
            said = f"find {selection}\n{said}"
        elif not value and span is not None and self.whole[:1] == "$" and not _CHANGES_FOLDER.search(self.text):
            # Nothing is named, so the program's own words decide and not what stands around them.
            part = " ".join(self._part(span).split())
            said = f"$ {part}" if part and "$" not in part and "`" not in part else said
        return _mark(f"{said}\n{self._way}")

    def _of_script(self, effect: Effect, value: str) -> str:
        """A script that both sides were given decides; what each wrote or changed for itself may say anything."""
        given = _GIVEN.search(effect.note)
        if given is None:
            return ""
        said = self.whole if _POSITIONAL.search(value) else ""
        return _mark(f"script {given['path']}\n{effect.rule}\n{said}\n{'' if value.startswith('/') else self._way}")

    def _search(self, effect: Effect, span: Span) -> str:
        if FED not in effect.via or self.text[:1] == "{":
            return self._part(span)
        return search_part(self.text, span, fed=True)

    def _part(self, span: Span) -> str:
        part = self.text[span.start : span.end]
        if self.text[:1] != "{" or "\\" not in part:
            return part
        try:
            return str(json.loads(f'"{part}"'))
        except ValueError:
            return part


def deciding_texts(dataset: Dataset, rows: npt.NDArray[np.int64]) -> list[DecidingText]:
    """The deciding text of each of some step rows, which come in rising order."""
    found: list[DecidingText] = []
    kinds, tools = dataset.kind, dataset.tool
    for trajectory in np.unique(dataset.trajectory_of_step[rows]).tolist():
        first, stop = int(dataset.step_offsets[trajectory]), int(dataset.step_offsets[trajectory + 1])
        wanted = rows[np.searchsorted(rows, first) : np.searchsorted(rows, stop)].tolist()
        folder = way = chain = ""
        place = 0
        for start in range(first, wanted[-1] + 1, _AT_ONCE):
            part = np.arange(start, min(start + _AT_ONCE, wanted[-1] + 1), dtype=np.int64)
            for row, text in zip(part.tolist(), read_texts(dataset.steps["arguments"], part), strict=True):
                shell = kinds.of(row) == StepKind.SHELL
                before = way
                if shell and text and _CHANGES_FOLDER.search(text):
                    said = _said(text[:_LIMIT])
                    folder = entered(folder, after) if (after := folder_after(said)) else folder
                    chain = _mark(f"{chain}\n{said}")
                    # Where a folder's name is not visible, what was said on the way there decides which it is.
                    way = f"{folder}\n{chain}" if "$" in folder else folder
                if place < len(wanted) and wanted[place] == row:
                    text = text or ""
                    said = _said(text[:_LIMIT])
                    whole = "" if not said else f"$ {said}" if shell else f"{tools.of(row) or ''} {said}"
                    found.append(DecidingText(text, whole, before, way))
                    place += 1
    return found


@lru_cache(maxsize=4_096)
def _said(text: str) -> str:
    """A command or a call's arguments, blanks and the order of fields aside."""
    if text[:1] == "{":
        try:
            given = json.loads(text)
            for key in _COMMAND_KEYS:
                if isinstance(given, dict) and isinstance(given.get(key), str) and "path" not in given:
                    return " ".join(given[key].split())
            return json.dumps(given, sort_keys=True)
        except (ValueError, RecursionError):
            pass
    return " ".join(text.split())


def _mark(text: str) -> str:
    return blake2b(text.encode("utf-8", "backslashreplace"), digest_size=12).hexdigest()
