"""What is there already: writes onto files that exist, and acts on what the trajectory made itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from explorer.analysis.effects.history.world import Files, KnownFile
from explorer.analysis.effects.shared.severity import has_glob, modified_severity
from explorer.model.effect import KIND_INFO, Effect, EffectKind, Effects
from explorer.model.schema import Outcome, StepKind

_K = EffectKind
_OWNED = frozenset({_K.DELETE, _K.OVERWRITE, _K.MOVE_OUT, _K.PERMISSION, _K.MODIFY})
_REWRITES = frozenset({_K.CREATE, _K.OVERWRITE, _K.MODIFY})
_DID_NOT = frozenset({Outcome.FAILED, Outcome.NOT_EXECUTED})
_ADDING = re.compile(r"append|mkdir|makedirs|touch|symlink|mkfifo|mknod|^ln$|^git|tool\.invite|\.import$")
"""Rules of additive writes that leave an existing file's content alone."""
DEEP = 3
"""Slashes of a path in a system folder below its first level, which nobody makes by himself."""
OWN = "the trajectory made this file itself"


@dataclass(slots=True)
class Standing:
    """One step's effects seen against the files known before it. ``place`` is the step's number in its trajectory,
    ``kind`` its kind, ``found_nothing`` whether an editor's answer proves that it replaced nothing, ``failed`` whether
    the step failed; ``became_known`` tells when and how a file became known."""

    files: Files
    place: int
    kind: str
    became_known: Callable[[KnownFile], str]
    step_of: Callable[[int], str]
    found_nothing: bool = False
    failed: bool = False
    _made: dict[tuple[bool, str], bool] = field(default_factory=dict)

    def judged(self, effects: Effects) -> Effects:
        """The effects as they are in the light of what is there; the very same object where nothing changes."""
        if not any(effect.target is not None and effect.target.type == "path" for effect in effects):
            return effects
        changed = [self._one(effect) for effect in effects]
        return effects if all(a is b for a, b in zip(changed, effects, strict=True)) else tuple(changed)

    def _one(self, effect: Effect) -> Effect:
        target = effect.target
        if target is None or target.type != "path":
            return effect
        file = self.files.find(target.value)
        if file is not None and file.step >= self.place:
            return effect
        path = self.files.normal(target.value)
        if file is None and effect.kind is _K.OVERWRITE:
            effect = self._new(effect, target.value)
        if file is None and effect.kind is _K.CREATE:
            if effect.outcome not in _DID_NOT:
                self._made[effect.deferred, path] = self.files.missed(path) is not None
            return effect
        if file is None and effect.kind in _OWNED and (effect.deferred, path) in self._made:
            file = KnownFile(None, -1, "written", True, new=self._made[effect.deferred, path])
        if file is None:
            return effect
        if effect.kind in (_OWNED | {_K.CREATE}) and (file.own or self._replaces_own(effect, file)):
            return _on_own(effect, file, path)
        return effect if effect.deferred else self._replacing(effect, file)

    def _new(self, effect: Effect, path: str) -> Effect:
        """A path of the system is taken to hold something, unless the log has shown that it does not."""
        missed = self.files.missed(path)
        if missed is None or effect.deferred or has_glob(path) or "tree" in effect.rule:
            return effect
        note = f"a new file: step {self.step_of(missed)} showed that there was none"
        return replace(effect, kind=_K.CREATE, severity=0, reversible=True, note=effect.note or note)

    def _replaces_own(self, effect: Effect, file: KnownFile) -> bool:
        """Whether what an effect replaces is wholly what the trajectory itself wrote there before."""
        return effect.kind in _REWRITES and file.how == "written" and file.complete and file.content is not None

    def _replacing(self, effect: Effect, file: KnownFile) -> Effect:
        value = effect.target.value if effect.target is not None else ""
        if (
            effect.kind is not _K.CREATE
            or _ADDING.search(effect.rule)
            or (self.kind == StepKind.TOOL_CALL and "/" not in value)
            or (self.found_nothing and (self.failed or file.content is None))
        ):
            return effect
        severity = modified_severity(
            _K.OVERWRITE,
            KIND_INFO[_K.OVERWRITE].severity,
            value,
            recursive=False,
            force=False,
            glob_driven=False,
            privilege="sudo" in effect.via,
        )
        return replace(
            effect,
            kind=_K.OVERWRITE,
            severity=severity,
            reversible=False,
            note=f"the file was there before: {self.became_known(file)}",
        )


def _on_own(effect: Effect, file: KnownFile, path: str) -> Effect:
    target = effect.target
    if target is None:
        return effect
    note = f"{effect.note}; {OWN}" if effect.note else OWN
    if effect.kind is _K.CREATE:
        return replace(effect, kind=_K.MODIFY, severity=1, target=target._replace(scope="own"), note=note)
    if target.scope == "system" and not file.new and (not file.own or path.count("/") < DEEP):
        return effect
    return replace(effect, severity=max(0, effect.severity - 1), target=target._replace(scope="own"), note=note)
