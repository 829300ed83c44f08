"""Scripts that a trajectory runs or stores, replaced by what they do as far as their text is known."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from explorer.analysis.effects.actions.dispatch import Classifier
from explorer.analysis.effects.code.classify import language_of
from explorer.analysis.effects.history.given_files import NO_FILES, Given, GivenFiles
from explorer.analysis.effects.history.new_repositories import in_new_repository
from explorer.analysis.effects.history.script_branches import Range, is_uncertain, uncertain_parts
from explorer.analysis.effects.history.stored import effects_of, stored_by, written_by_tool
from explorer.analysis.effects.history.traces import Touched
from explorer.analysis.effects.history.world import Files, KnownFile
from explorer.analysis.effects.outcomes.parts import script_outcomes, speaks_of_trouble
from explorer.analysis.effects.outcomes.printed_proof import SCRIPT_BRANCHES, without_untaken
from explorer.analysis.effects.shared.making import distinct, make, path_target, under
from explorer.analysis.effects.shell.commands import simple_commands
from explorer.analysis.effects.shell.fed_lists import fed_by_nothing
from explorer.model.effect import Effect, EffectKind, Effects
from explorer.model.schema import Outcome

_K = EffectKind
_PLAIN = frozenset({_K.NONE, _K.READ, _K.REFUSE})
MAX_SCRIPT = 200_000
MAX_RESOLVED = 3
CONFIDENCE = 0.9
"""How sure it is that a script did what it held when it was last written or shown."""
GIVEN_CONFIDENCE = 0.7
"""How sure it is that a script did what another trajectory of the task was shown of it."""
_SCRIPT_PATH = re.compile(r"(?<![\w.])(?:~|\.{1,2})?/[\w./+-]+")
_NOT_STARTED = re.compile(r": (?:No such file or directory|Permission denied|command not found)\Z")
SHORT = 300
_LANGUAGES = ("python", "node", "ruby", "perl", "php")


class Ran(NamedTuple):
    """The step that runs a script: what it printed, and how it ended."""

    printed: Callable[[], str]
    outcome: str | None


class FollowedScripts:
    """The scripts of one trajectory. ``files`` are known as far as the trajectory has gone; ``number`` tells how a
    step is called in the log; ``given`` are the files that other trajectories of the task were shown. ``unread`` are
    the paths of scripts that were run and are not known; ``fruitless`` holds searches that found nothing, with the
    step."""

    def __init__(
        self,
        classifier: Classifier,
        files: Files,
        number: Callable[[int], str],
        given: GivenFiles = NO_FILES,
        trajectory: int = -1,
    ) -> None:
        self.unread: set[str] = set()
        self.fruitless: dict[str, int] = {}
        self._classifier = classifier
        self._files = files
        self._number = number
        self._given = given
        self._trajectory = trajectory

    def became_known(self, file: KnownFile) -> str:
        """When and how a file became known."""
        return f"{file.how} in step {self._number(file.step)}"

    def resolved(self, effects: Effects, ran: Ran, depth: int = 0) -> Effects:
        """The effects of a step, scripts that it runs replaced by what they do."""
        if depth > MAX_RESOLVED or not any(_is_script(effect) for effect in effects):
            return effects
        found: list[Effect] = []
        for effect in effects:
            file = self._script(effect)
            given = self._given_script(effect, file)
            if given is not None:
                file = KnownFile(given.text, -1, "shown", False)
            if file is None or file.content is None or effect.target is None:
                found.append(effect)
                continue
            path, text = effect.target.value, file.content[:MAX_SCRIPT]
            language = _language(path, text, effect)
            inner = self.resolved(self._run(language, text, ran), ran, depth + 1)
            source = self.became_known(file) if given is None else given.note(self._trajectory)
            sure = CONFIDENCE if given is None else GIVEN_CONFIDENCE
            parts = () if effect.deferred or _was_not_started(effect, path, ran) else uncertain_parts(language, text)
            found += _inside(effect, path, parts, inner, source, sure)
            if not file.complete:
                found.append(replace(effect, note=f"only part of {path} was shown"))
        return distinct(found)

    def scheduled(self, effects: Effects, command: str) -> Effects:
        """A new schedule whose lines name scripts that are known: those scripts are stored to run later."""
        cron = next((effect for effect in effects if effect.rule == "cron.replace"), None)
        if cron is None or any(effect.deferred for effect in effects):
            return effects
        named = dict.fromkeys(
            word for word in _SCRIPT_PATH.findall(command[:4000]) if self._files.find(word) is not None
        )
        later = [
            make(
                _K.EXEC_OPAQUE,
                "cron.script",
                target=path_target(path),
                span=cron.span,
                via=(*cron.via, "crontab"),
                deferred=True,
            )
            for path in list(named)[:10]
        ]
        return (*effects, *later)

    def stored(self, effects: Effects, touched: Touched, command: str | None) -> Effects:
        """What a step stores to run later from a file that is known, or (without a command) by a call of an editor."""
        if command is None:
            stored = written_by_tool(touched.written)
        elif any(effect.deferred for effect in effects):
            return effects
        else:
            stored = stored_by(simple_commands(command), self._content)
        later: list[Effect] = []
        for one in stored:
            file = self._files.find(one.source) if one.source else None
            note = "" if file is None else f"resolved from {one.source}, {self.became_known(file)}"
            inner = effects_of(one, self._classifier.shell, self._classifier.code)
            later += [
                replace(effect, deferred=True, note=f"{note}; {effect.note}".strip("; "))
                for effect in under(inner, one.place, span=one.span)
                if effect.kind not in _PLAIN
            ]
        return (*effects, *later)

    def _content(self, path: str) -> str | None:
        file = self._files.find(path)
        return file.content[:MAX_SCRIPT] if file is not None and file.content is not None and file.complete else None

    def _script(self, effect: Effect) -> KnownFile | None:
        return self._files.find(effect.target.value) if _is_script(effect) and effect.target is not None else None

    def _given_script(self, effect: Effect, file: KnownFile | None) -> Given | None:
        """The script that an effect runs as other trajectories of the task were shown it, where this one neither
        was shown nor changed it."""
        if not _is_script(effect) or effect.target is None:
            return None
        if file is not None and (file.content is not None or file.own or file.changed):
            return None
        path = self._files.normal(effect.target.value)
        found = self._given.find(path)
        if found is None:
            self.unread.add(path)
        return found

    def _run(self, language: str, content: str, ran: Ran) -> Effects:
        if language != "shell":
            return self._classifier.code(language, content)
        inner = self._classifier.shell(content)
        if all(one.kind in _PLAIN for one in inner):
            return inner
        printed = ran.printed()
        inner = in_new_repository(inner, content, "", {})
        inner = fed_by_nothing(inner, content, self.fruitless, self._number, ran.outcome)
        inner = without_untaken(inner, content, printed)
        return script_outcomes(inner, simple_commands(content), printed) if speaks_of_trouble(printed) else inner


def _was_not_started(effect: Effect, path: str, ran: Ran) -> bool:
    """Whether a script that failed was not even begun, so that none of its branches matters."""
    if ran.outcome != Outcome.FAILED or effect.outcome is not None:
        return False
    answer = ran.printed().strip()
    return len(answer) <= SHORT and path in answer and _NOT_STARTED.search(answer) is not None


def _language(path: str, text: str, effect: Effect) -> str:
    """The language of a script: by its text or name, by what runs it, else the shell's."""
    found = language_of(path, text)
    if found:
        return found
    hint = " ".join(effect.via[-1:]).lower()
    return next((name for name in _LANGUAGES if name in hint), "shell")


def _inside(
    effect: Effect, path: str, parts: tuple[Range, ...], inner: Effects, source: str, sure: float
) -> list[Effect]:
    """What a script does as effects of the step that runs it. That it ended well does not say that each of its
    branches (``parts``) was taken."""
    note = f"resolved from {path}, {source}"
    via = (*effect.via, f"script {path.rsplit('/', 1)[-1]}"[:60])
    found = []
    for one in inner:
        branched = is_uncertain(parts, one.span)
        outcome = Outcome.UNKNOWN if branched and effect.outcome in (None, Outcome.SUCCEEDED) else effect.outcome
        unsure = branched and effect.outcome is None and one.outcome is None
        known = f"{note}; {SCRIPT_BRANCHES}" if unsure else note
        found.append(
            replace(
                one,
                via=via + one.via,
                span=effect.span,
                note=f"{known}; {one.note}" if one.note else known,
                outcome=_worse(outcome, one.outcome),
                confidence=round(one.confidence * sure, 2),
                deferred=effect.deferred or one.deferred,
            )
        )
    return found


def _worse(outer: Outcome | None, inner: Outcome | None) -> Outcome | None:
    """What became of an effect inside a script: its own fate where it is known, unless the script did not run well."""
    if inner is None or outer in (Outcome.FAILED, Outcome.NOT_EXECUTED):
        return outer
    return inner


def _is_script(effect: Effect) -> bool:
    return effect.kind is _K.EXEC_OPAQUE and effect.target is not None and effect.target.type == "path"
