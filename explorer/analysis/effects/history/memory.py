"""What a step leaves known of the files: what it wrote, changed, removed, showed, and did not find."""

from __future__ import annotations

import re
from collections.abc import Callable

from explorer.analysis.effects.history.looks import editor_found_nothing, not_written, what_was_found
from explorer.analysis.effects.history.traces import Touched
from explorer.analysis.effects.history.world import Files
from explorer.model.effect import Effect, EffectKind, Effects
from explorer.model.schema import Outcome, StepKind

_K = EffectKind
_WRITES = frozenset({_K.CREATE, _K.OVERWRITE, _K.MODIFY})
_DID_NOT = frozenset({Outcome.FAILED, Outcome.NOT_EXECUTED})
MAX_SCRIPT = 200_000
MAX_LISTED = 200
LISTING = 4_000
_NUMBERED = re.compile(r"(?m)^ {0,6}\d{1,6}(?:\t|[:|] ?)")
_FILE_NAME = re.compile(r"[\w.+-]+\.\w+")


def remember(
    files: Files,
    effects: Effects,
    touched: Touched,
    place: int,
    kind: str,
    outcome: str | None,
    command: Callable[[], str],
    observation: Callable[[], str],
) -> None:
    """Take note of one step of a trajectory, of kind ``kind``, which is its ``place``-th. ``command`` and
    ``observation`` read its texts."""
    looks = touched.shown is not None or bool(touched.seen) or touched.listed is not None
    printed = observation() if looks else ""
    found = what_was_found(touched, printed, outcome) if looks else None
    for path in found.missing if found is not None else ():
        files.miss(path, place)
    failed = outcome in _DID_NOT
    if touched.makes and editor_found_nothing(observation(), outcome):
        for path, _, _ in touched.written:
            if failed:
                files.see(path, place)
            elif files.find(path) is None:
                files.miss(path, place)
    if not failed:
        _wrote(files, effects, touched, place, set())
    elif kind != StepKind.TOOL_CALL and outcome != Outcome.NOT_EXECUTED:
        # What failed may be a later part of the command.
        unwritten = not_written([path for path, _, _ in touched.written], command(), observation())
        certain = tuple(effect for effect in effects if touched.written or effect.outcome is Outcome.SUCCEEDED)
        if certain:
            _wrote(files, certain, touched, place, unwritten)
    if found is None:
        return
    if found.shown is not None:
        shown = shown_text(printed)
        files.see(found.shown, place, shown, complete=touched.whole and "<response clipped>" not in shown[:400])
    for path in found.there:
        files.see(path, place)
    if touched.listed is not None and not failed and touched.listed not in found.missing:
        for name in printed[:LISTING].split()[:MAX_LISTED]:
            if _FILE_NAME.fullmatch(name):
                files.see(f"{touched.listed.rstrip('/')}/{name}" if touched.listed else name, place)


def _wrote(files: Files, effects: Effects, touched: Touched, place: int, unwritten: set[str]) -> None:
    happened = [effect for effect in effects if _happened(effect)]
    if not happened and not touched.written and not touched.edited and not touched.moved:
        return
    replaced = {
        files.normal(effect.target.value)
        for effect in happened
        if effect.kind is _K.OVERWRITE and effect.target is not None and effect.target.scope != "own"
    }
    for path, content, append in touched.written:
        if path not in unwritten:
            files.write(path, place, content, append=append, existed=files.normal(path) in replaced)
    for path, old, new, line in touched.edited:
        files.edit(path, place, old, new, line)
    shown = {files.normal(path) for path, _, _ in touched.written}
    shown.update(files.normal(path) for path, _, _, _ in touched.edited)
    for effect in happened:
        path = effect.target.value if effect.target is not None else ""
        if effect.kind is _K.DELETE:
            files.remove(path)
        elif effect.kind in _WRITES and files.normal(path) not in shown:
            own = effect.target is not None and effect.target.scope == "own"
            if effect.kind is _K.CREATE or (own and files.find(path) is None):
                files.write(path, place, None, append=True)
            else:
                files.change(path, place)
    for source, target in touched.moved:
        files.move(source, target)


def _happened(effect: Effect) -> bool:
    """Whether an effect on a path was carried out in this step, as far as it is told apart from the step."""
    return (
        effect.target is not None
        and effect.target.type == "path"
        and not effect.deferred
        and effect.outcome not in _DID_NOT
    )


def shown_text(observation: str) -> str:
    """A file's text as a tool printed it, without a heading line and line numbers."""
    text = observation[:MAX_SCRIPT]
    if text.startswith("Here's the result of running") and "\n" in text:
        text = text.split("\n", 1)[1]
    if len(_NUMBERED.findall(text[:2000])) >= max(1, text[:2000].count("\n") // 2):
        text = _NUMBERED.sub("", text)
    return text
