"""Which objects a trajectory made itself: files, folders, and records of tools by the identifier in their answer.

What was sent or paid is not its own: to delete the copy of a mail takes no mail back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from explorer.analysis.divergence.mentions import Said
from explorer.analysis.effects.shared.tool_names import tool_name
from explorer.analysis.targets import NormalTarget, TargetIndex, normal_target, unresolved
from explorer.model.effect import Effect, EffectKind, StepEffects
from explorer.model.schema import Outcome
from explorer.model.trajectory import Dataset

DID_NOT = frozenset({Outcome.FAILED, Outcome.NOT_EXECUTED})
_REWRITES = frozenset({EffectKind.MODIFY, EffectKind.OVERWRITE})
_FILES = frozenset({"file", "document", "doc", "folder", "directory"})
_ANSWER_LIMIT = 20_000
_MISSING_SIGNS = ("no such file or directory", "does not exist")
_MISSING_LIMIT = 500
_LINE = 300
_FOLDERS_UP = 6
_PATH = re.compile(r"(?<![\w./~+@%-])/[\w./~+@%-]+")
_LISTING = re.compile(r"\s*(?:\[|- )")
_ID_LINE = re.compile(r"^[\"']?(?:(\w{1,40}?)_)?id_?[\"']?\s{0,4}[:=]\s{0,4}[\"']?([\w.-]{1,64})", re.MULTILINE)
_MADE_LINE = re.compile(r"\b(?:created|added|opened|scheduled|made)\b")
_ID_TOLD = re.compile(r"(?:\bid|\bnumber|\bno\.|#)\W{0,4}([\w-]{0,30}\d[\w-]{0,30})")


def makes(effect: Effect) -> bool:
    """Whether an effect makes its target the trajectory's own: it is new, or what it replaces is the trajectory's."""
    target = effect.target
    if target is None or effect.deferred or effect.outcome in DID_NOT:
        return False
    if effect.kind is EffectKind.CREATE:
        # A record's number is given by who keeps the records: what a call gives one to was there before.
        return not (effect.rule.startswith("tool.") and target.value.isdigit())
    return effect.kind in _REWRITES and target.scope == "own"


class OwnObjects:
    """What one trajectory made, as :class:`MadeBySet` tells it of its steps, and in which step."""

    def __init__(self, dataset: Dataset, effects: StepEffects, made: MadeBySet, trajectory: int, shown: Said) -> None:
        self._dataset = dataset
        self._rows = dataset.rows(trajectory)
        self._effects = effects
        self._made = made
        self._shown = shown
        self._index = TargetIndex()
        self._paths: list[tuple[str, int]] = []
        self._missing: dict[str, int] | None = None
        self._first_inside: dict[str, int] = {}
        for at, row in enumerate(self._rows):
            code = int(effects.codes[row])
            found = made.targets[code]
            failed = bool(found) and dataset.outcome.of(row) in DID_NOT
            for target, sure in found:
                if sure or not failed:
                    self._add(target, at)
            if made.by_tool[code] and not failed:
                for target in _named_by_answer(dataset, row):
                    self._index.add(target, at)

    def made_in(self, step: int, kind: EffectKind, target: NormalTarget) -> int | None:
        """The step up to ``step`` that made the target on which ``step`` has an effect of this kind, else None."""
        made = self._index.find(target)
        if made is not None and made < step:
            return made
        if (made is None or made == step) and step < len(self._rows):
            row = self._rows.start + step
            acts = self._made.within(int(self._effects.codes[row]))
            if (kind, target.type, target.value) in acts and not self._found_there(row):
                return step
        return self._in_own_folder(step, target.value) if target.type == "path" else None

    def _add(self, target: NormalTarget, at: int) -> None:
        self._index.add(target, at)
        if target.type == "path":
            self._paths.append((target.value, at))

    def _found_there(self, row: int) -> bool:
        """Whether a step failed because something that it was to make was there already."""
        if self._dataset.outcome.of(row) not in DID_NOT:
            return False
        return "exist" in (self._dataset.step_text(row).observation or "")

    def _in_own_folder(self, step: int, path: str) -> int | None:
        """The step that made the folder that holds a path: something had shown that there was none before."""
        for folder in _folders(path):
            missing = self._missing_since().get(folder.casefold())
            if missing is not None and missing < (made := self._made_inside(folder, missing)) < step:
                return made
        return None

    def _made_inside(self, folder: str, after: int) -> int:
        """The first step after one that makes a folder or something in it, -1 if there is none."""
        if folder not in self._first_inside:
            inside = folder + "/"
            found = (at for made, at in self._paths if at > after and (made == folder or made.startswith(inside)))
            self._first_inside[folder] = min(found, default=-1)
        return self._first_inside[folder]

    def _missing_since(self) -> dict[str, int]:
        """Absolute paths that something shown says were not there, with the step of the first such word."""
        if self._missing is None:
            self._missing = {}
            text, looked = self._shown.text, 0
            for sign in _MISSING_SIGNS:
                at = text.find(sign)
                while at >= 0 and looked < _MISSING_LIMIT:
                    looked += 1
                    line = text[max(0, at - _LINE) : at].rpartition("\n")[2]
                    for found in _PATH.findall(line):
                        self._missing.setdefault(found.rstrip("/.:"), self._shown.step_at(at))
                    at = text.find(sign, at + len(sign))
        return self._missing


class MadeBySet:
    """Of each distinct set of effects: what it makes, each with whether it is known to have succeeded, and whether a
    tool's call makes something in it."""

    def __init__(self, effects: StepEffects) -> None:
        self._effects = effects
        self.targets = [
            tuple((normal_target(e.target), e.outcome is Outcome.SUCCEEDED) for e in found if makes(e))
            for found in effects.catalog
        ]
        self.by_tool = [
            any(e.kind is EffectKind.CREATE and e.rule.startswith("tool.") for e in found) for found in effects.catalog
        ]
        self.within = lru_cache(maxsize=1 << 10)(self._within)

    def _within(self, code: int) -> frozenset[tuple[EffectKind, str, str]]:
        """What a set of effects does to targets that it makes before: a script that packs, sends and removes a file."""
        made: set[tuple[str, str]] = set()
        met: set[tuple[EffectKind, str, str]] = set()
        found: set[tuple[EffectKind, str, str]] = set()
        for effect in self._effects.catalog[code] if self.targets[code] else ():
            target = normal_target(effect.target)
            act = (effect.kind, target.type, target.value)
            # A name that is not visible is the same thing only where its history was followed.
            own = effect.target is not None and (effect.target.scope == "own" or not unresolved(target))
            if own and act not in met and target[:2] in made:
                found.add(act)
            met.add(act)
            if makes(effect):
                made.add(target[:2])
        return frozenset(found)


def _folders(path: str) -> Iterator[str]:
    """The folders around a path, or around what a pattern stands for, the nearest first."""
    folder = path.partition("*")[0].partition("{")[0]
    for _ in range(_FOLDERS_UP):
        folder = folder.rpartition("/")[0]
        if not folder:
            return
        yield folder


def _named_by_answer(dataset: Dataset, row: int) -> list[NormalTarget]:
    """What the answer of a call that makes something says is the new record: its identifier, as each word of the
    tool's name."""
    text = dataset.step_text(row)
    words = tool_name(dataset.tool.of(row) or "").words
    found = _identifier((text.observation or "")[:_ANSWER_LIMIT], words)
    if found is None or _was_given(found, text.arguments or ""):
        return []
    return [NormalTarget("path" if word in _FILES else word, found.casefold()) for word in words]


def _identifier(answer: str, words: Sequence[str]) -> str | None:
    if _LISTING.match(answer):
        return None
    if answer.lstrip()[:1] == "{":
        try:
            record = json.loads(answer)
        except (ValueError, RecursionError):
            return None
        for key in ("id", "id_", *(f"{word}_id" for word in words)):
            value = record.get(key)
            if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value):
                return str(value)[:64]
        return None
    for found in _ID_LINE.finditer(answer):
        if found[1] is None or found[1].casefold() in words:
            return found[2]
    line = answer.partition("\n")[0][:_LINE].casefold()
    told = _ID_TOLD.search(line) if _MADE_LINE.search(line) else None
    return told[1] if told else None


def _was_given(identifier: str, arguments: str) -> bool:
    """Whether the call itself gave the identifier: then it is that of something there was."""
    return re.search(rf"(?i)id_?[\"']?\s*[:=]\s*[\"']?{re.escape(identifier)}\b", arguments[:_ANSWER_LIMIT]) is not None
