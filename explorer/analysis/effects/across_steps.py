"""What a step does in the light of the steps before it.

A script that is run is read where the same trajectory wrote, edited or printed it; writing to a file that was seen
before replaces it; what a trajectory made itself is its own; a click is read from the page that named the element;
parts of a compound command that never ran are marked. What stays opaque stays "cannot tell".
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.analysis.effects.browser import CLICK_RULE, classify_element
from explorer.analysis.effects.code import language_of
from explorer.analysis.effects.dispatch import Classifier, classify_action
from explorer.analysis.effects.fed_lists import MAX_KNOWN, fed_by_nothing, search_text
from explorer.analysis.effects.folders import PATH_TYPES, failed_folders, is_relative, located, runs_elsewhere
from explorer.analysis.effects.given_files import NO_FILES, Given, GivenFiles
from explorer.analysis.effects.in_place import Standing
from explorer.analysis.effects.looks import editor_found_nothing
from explorer.analysis.effects.making import distinct, make, path_target, under
from explorer.analysis.effects.memory import remember
from explorer.analysis.effects.outcomes import (
    refused_by_server,
    script_outcomes,
    speaks_of_trouble,
    with_branches,
    with_outcomes,
)
from explorer.analysis.effects.pages import element_words, words_in_id
from explorer.analysis.effects.printed_proof import SCRIPT_BRANCHES, hit_itself, named_as_removed, without_untaken
from explorer.analysis.effects.python_code import UNPARSABLE
from explorer.analysis.effects.rule_types import RuleSet
from explorer.analysis.effects.shell import folder_after, simple_commands
from explorer.analysis.effects.traces import NOTHING, Touched, touched_files
from explorer.analysis.effects.whereabouts import Whereabouts, given_folder
from explorer.analysis.effects.world import Files, KnownFile
from explorer.model.effect import Effect, EffectKind, Effects
from explorer.model.schema import Outcome, StepKind
from explorer.model.trajectory import Dataset

_K = EffectKind
_PLAIN = frozenset({_K.NONE, _K.READ, _K.REFUSE})
_WRITES = frozenset({_K.CREATE, _K.OVERWRITE})
MAX_SCRIPT = 200_000
MAX_RESOLVED = 3
GIVEN_CONFIDENCE = 0.7
"""How sure it is that a script did what another trajectory of the task was shown of it."""
MAX_MEMORY = 50_000
OBSERVED = 8_000
_REFUSED_TO_COMPILE = re.compile(r"^\s*(?:SyntaxError|IndentationError|TabError)\b", re.MULTILINE)
_SCRIPT_PATH = re.compile(r"(?<![\w.])(?:~|\.{1,2})?/[\w./+-]+")
_BRANCHES = re.compile(r"\|\||\bthen\b|\bcase\b")
_SCRIPT_BRANCHES = re.compile(r"\|\||^\s*(?:if|elif|case|for|while|until|try|except|def|switch)\b", re.MULTILINE)
_COMPOUND = re.compile(r"&&|;|\||\n")


def needs_trail(catalog: Sequence[Effects]) -> npt.NDArray[np.bool_]:
    """bool per set of effects: whether it can change when its trajectory is read in order. A lone first write
    cannot; running a script, a click, or acting on a path can, and so can a compound command."""
    return np.array([any(_depends(effect) for effect in effects) for effects in catalog], dtype=np.bool_)


def _depends(effect: Effect) -> bool:
    if effect.kind in _PLAIN:
        return False
    if effect.rule in (CLICK_RULE, UNPARSABLE) or effect.rule.startswith(("http", "git.push")):
        return True
    return (
        effect.kind is _K.EXEC_OPAQUE
        or (effect.target is not None and effect.target.type == "path")
        or effect.severity > 1
    )


class StepTexts:
    """The texts of a dataset's steps, read a trajectory at a time and only as far as they are asked for."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset

    def arguments(self, rows: range) -> list[str | None]:
        """The arguments of a slice of step rows."""
        return self._read("arguments", rows)

    def observation(self, row: int) -> str:
        """The observation of one step row, empty where there is none."""
        found = self._read("observation", range(row, row + 1))[0]
        return found or ""

    def kind(self, row: int) -> str:
        return self._dataset.kind.of(row) or ""

    def tool(self, row: int) -> str | None:
        return self._dataset.tool.of(row)

    def outcome(self, row: int) -> str | None:
        return self._dataset.outcome.of(row)

    def number(self, row: int) -> str:
        """What the step is called in the log."""
        return self._dataset.step_number(row)

    def _read(self, column: str, rows: range) -> list[str | None]:
        part = self._dataset.steps[column].slice(rows.start, len(rows))
        try:
            return list(part.to_pylist())
        except UnicodeDecodeError:
            return [
                None if value is None else value.decode("utf-8", "replace")
                for value in part.cast("large_binary").to_pylist()
            ]


class Sketch(NamedTuple):
    """What of a distinct action matters across steps: files, and which of the passes below it needs."""

    touched: Touched
    acts: bool
    is_idle: bool
    is_page: bool
    asks: bool
    is_compound: bool
    branches: bool
    schedules: bool
    uncompiled: bool
    is_shell: bool
    is_relative: bool
    given_folder: str
    searches: str


class Trail:
    """One trajectory read in order. :meth:`step` is called once for every step. ``memory`` keeps, over all
    trajectories, what of a distinct action matters; ``given`` are the files that other trajectories of the task were
    shown. ``unread`` are the paths of scripts that were run and are not known, ``shown`` the step rows that show the
    whole text of a file that the trajectory had not changed."""

    def __init__(
        self,
        rules: RuleSet,
        texts: StepTexts,
        rows: range,
        memory: dict[int, Sketch],
        given: GivenFiles = NO_FILES,
        trajectory: int = -1,
    ) -> None:
        self.unread: set[str] = set()
        self.shown: dict[str, int] = {}
        self._given = given
        self._trajectory = trajectory
        self._texts = texts
        self._memory = memory
        self._arguments = texts.arguments(rows)
        self._files = Files()
        self._classifier = Classifier(rules)
        self._page_row: int | None = None
        self._fruitless: dict[str, int] = {}
        self._rows = rows
        self._rules = rules
        self._where = Whereabouts(texts.observation)

    def step(self, place: int, row: int, effects: Effects, action: int) -> Effects:
        """The effects of step ``place`` (step row ``row``, distinct action ``action``) given those it has by itself;
        the very same object where nothing changes."""
        sketch = self._memory.get(action)
        if sketch is None:
            sketch = self._sketch(place, row, effects)
            if len(self._memory) > MAX_MEMORY:
                self._memory.clear()
            self._memory[action] = sketch
        page_row = self._page_row
        if sketch.is_page:
            self._page_row = row
        if sketch.searches and len(self._fruitless) < MAX_KNOWN and not self._texts.observation(row).strip():
            self._fruitless[sketch.searches] = place
        if sketch.is_idle:
            if sketch.is_shell:
                self._where.passed(row)
            return effects
        outcome = self._texts.outcome(row)
        found = self._in_folder(effects, sketch, place, row, outcome) if sketch.is_shell else effects
        if sketch.uncompiled and _REFUSED_TO_COMPILE.search(self._texts.observation(row)[-OBSERVED:]):
            return (make(_K.NONE, UNPARSABLE, note="Python refused to compile it: nothing ran"),)
        if sketch.acts:
            if sketch.asks or sketch.is_compound:
                found = self._outcomes(found, sketch, place, row, outcome)
            if sketch.branches and outcome == Outcome.SUCCEEDED:
                found = with_branches(found, self._command(place, row) or "")
            if sketch.branches:
                found = without_untaken(found, self._command(place, row) or "", self._texts.observation(row))
            if sketch.schedules:
                found = self._scheduled(found, self._command(place, row) or "")
            if sketch.is_compound:
                found = fed_by_nothing(found, self._command(place, row) or "", self._fruitless, self._number, outcome)
            found = self._resolved(found, row, 0)
            found = self._proven(found, row, outcome)
            found = self._in_place(found, sketch, place, row, outcome)
            found = self._clicked(found, page_row)
        self._remember(found, sketch.touched, place, row, outcome)
        return found

    def _in_folder(self, effects: Effects, sketch: Sketch, place: int, row: int, outcome: str | None) -> Effects:
        """The effects of a command with relative paths seen from the folder in which it runs."""
        moves = sketch.touched.moves
        after = sketch.touched.folder
        folder = self._where.start(row, moves=moves) if moves or sketch.is_relative else ""
        failed = failed_folders(self._texts.observation(row)) if moves else frozenset()
        if failed:
            after = folder_after(self._command(place, row) or "", failed)
            if sketch.acts:
                kind, tool = self._texts.kind(row), self._texts.tool(row)
                effects = classify_action(kind, tool, self._arguments[place], self._rules, failed_folders=failed)
        elif outcome == Outcome.NOT_EXECUTED or (outcome == Outcome.FAILED and sketch.touched.only_moves):
            after = ""
        self._where.passed(row, after)
        self._files.folder = self._where.named
        folder = sketch.given_folder or folder
        if not folder or not (sketch.is_relative or failed):
            return effects
        return tuple(
            effect
            if runs_elsewhere(effect.via) or (target := located(effect.target, folder)) is effect.target
            else replace(effect, target=target)
            for effect in effects
        )

    def _became_known(self, file: KnownFile) -> str:
        return f"{file.how} in step {self._number(file.step)}"

    def _number(self, place: int) -> str:
        return self._texts.number(self._rows.start + place)

    def _command(self, place: int, row: int) -> str | None:
        return _command(self._texts.kind(row), self._arguments[place] or "")

    def _sketch(self, place: int, row: int, effects: Effects) -> Sketch:
        """What of an action matters here; the same for every step that does literally the same."""
        arguments, kind, tool = self._arguments[place] or "", self._texts.kind(row), self._texts.tool(row)
        acts = any(effect.kind not in _PLAIN for effect in effects)
        looks = kind == StepKind.SHELL or (
            bool(effects) and (effects[0].kind is _K.READ or effects[0].rule.startswith("shell."))
        )
        command = _command(kind, arguments) if acts or looks else None
        touched = touched_files(kind, tool, arguments, command, effects) if acts or looks else NOTHING
        judged = command is not None and any(e.kind not in _PLAIN and e.kind is not _K.CREATE for e in effects)
        return Sketch(
            touched=touched,
            acts=acts,
            is_idle=not acts and touched == NOTHING,
            is_page="browse" in (tool or "") or kind == StepKind.TOOL_CALL,
            asks=judged and any(effect.rule.startswith(("http", "git.push")) for effect in effects),
            is_compound=judged and command is not None and _COMPOUND.search(command) is not None,
            branches=judged and command is not None and _BRANCHES.search(command) is not None,
            uncompiled=any(effect.rule == UNPARSABLE for effect in effects),
            schedules=any(effect.rule == "cron.replace" for effect in effects),
            is_shell=command is not None,
            is_relative=command is not None and any(_is_relative(effect) for effect in effects),
            given_folder=given_folder(arguments) if command is not None else "",
            searches=search_text(command) if command is not None and not acts else "",
        )

    def _outcomes(self, effects: Effects, sketch: Sketch, place: int, row: int, outcome: str | None) -> Effects:
        printed = self._texts.observation(row)
        if sketch.asks:
            effects = refused_by_server(effects, printed)
        if not sketch.is_compound or (outcome != Outcome.FAILED and not speaks_of_trouble(printed)):
            return effects
        return with_outcomes(effects, simple_commands(self._command(place, row) or ""), printed, outcome)

    def _resolved(self, effects: Effects, row: int, depth: int) -> Effects:
        """Scripts that are run, replaced by what they do."""
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
            inner = self._run_script(effect.target.value, file.content, effect, row)
            inner = self._resolved(inner, row, depth + 1)
            source = self._became_known(file) if given is None else given.note(self._trajectory)
            note = f"resolved from {effect.target.value}, {source}"
            # That a script ended well does not say that each of its branches was taken.
            branched = _SCRIPT_BRANCHES.search(file.content[:MAX_SCRIPT]) is not None
            outcome = effect.outcome
            if branched and outcome in (None, Outcome.SUCCEEDED):
                outcome = Outcome.UNKNOWN
            unsure = f"; {SCRIPT_BRANCHES}" if branched and effect.outcome is None else ""
            script = f"script {effect.target.value.rsplit('/', 1)[-1]}"[:60]
            for one in under(inner, *effect.via, script, span=effect.span):
                known = note + (unsure if one.outcome is None else "")
                found.append(
                    replace(
                        one,
                        note=f"{known}; {one.note}" if one.note else known,
                        outcome=_worse(outcome, one.outcome),
                        confidence=round(one.confidence * (0.9 if given is None else GIVEN_CONFIDENCE), 2),
                        deferred=effect.deferred or one.deferred,
                    )
                )
            if not file.complete:
                found.append(replace(effect, note=f"only part of {effect.target.value} was shown"))
        return distinct(found)

    def _proven(self, effects: Effects, row: int, outcome: str | None) -> Effects:
        """Effects whose outcome the output itself tells."""
        if outcome != Outcome.SUCCEEDED and any(effect.kind is _K.PROCESS_KILL for effect in effects):
            effects = hit_itself(effects, self._texts.observation(row))
        if any(effect.kind is _K.DELETE and effect.outcome is Outcome.UNKNOWN for effect in effects):
            effects = named_as_removed(effects, self._texts.observation(row))
        return effects

    def _scheduled(self, effects: Effects, command: str) -> Effects:
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

    def _run_script(self, path: str, content: str, effect: Effect, row: int) -> Effects:
        content = content[:MAX_SCRIPT]
        language = language_of(path, content)
        if not language:
            hint = " ".join(effect.via[-1:]).lower()
            language = next((name for name in ("python", "node", "ruby", "perl", "php") if name in hint), "shell")
        if language == "shell":
            inner = self._classifier.shell(content)
            printed = self._texts.observation(row) if any(one.kind not in _PLAIN for one in inner) else ""
            inner = fed_by_nothing(inner, content, self._fruitless, self._number, self._texts.outcome(row))
            inner = without_untaken(inner, content, printed)
            if not speaks_of_trouble(printed):
                return inner
            return script_outcomes(inner, simple_commands(content), printed)
        return self._classifier.code(language, content)

    def _in_place(self, effects: Effects, sketch: Sketch, place: int, row: int, outcome: str | None) -> Effects:
        """Writes onto files that exist, and acts on files that are the trajectory's own."""
        makes = sketch.touched.makes and any(effect.kind in _WRITES for effect in effects)
        standing = Standing(
            self._files,
            place,
            self._texts.kind(row),
            self._became_known,
            self._number,
            makes and editor_found_nothing(self._texts.observation(row), outcome),
            outcome == Outcome.FAILED,
        )
        return standing.judged(effects)

    def _clicked(self, effects: Effects, page_row: int | None) -> Effects:
        """Clicks, read from the page shown last or from the element's own name."""
        if not any(effect.rule == CLICK_RULE for effect in effects):
            return effects
        page = self._texts.observation(page_row) if page_row is not None else ""
        found: list[Effect] = []
        for effect in effects:
            element = effect.target.value if effect.target else ""
            words = element_words(page, element) if effect.rule == CLICK_RULE else None
            note = "told by the page shown before"
            if words is None and effect.rule == CLICK_RULE:
                words, note = words_in_id(element), "told by the element's own name"
            found.append(effect if words is None else classify_element(words, effect.span, note))
        return tuple(found)

    def _remember(self, effects: Effects, touched: Touched, place: int, row: int, outcome: str | None) -> None:
        remember(
            self._files,
            effects,
            touched,
            place,
            self._texts.kind(row),
            outcome,
            lambda: self._command(place, row) or "",
            lambda: self._texts.observation(row),
        )
        if touched.shown is not None:
            file = self._files.find(touched.shown)
            if file is not None and file.how == "shown" and file.step == place and file.complete and not file.changed:
                self.shown.setdefault(self._files.normal(touched.shown), row)


def _worse(outer: Outcome | None, inner: Outcome | None) -> Outcome | None:
    """What became of an effect inside a script: the script's own fate, unless the effect's is known to be worse."""
    return inner if outer is None or (outer is Outcome.UNKNOWN and inner is not None) else outer


def _is_relative(effect: Effect) -> bool:
    target = effect.target
    return target is not None and target.type in PATH_TYPES and is_relative(target.value)


def _is_script(effect: Effect) -> bool:
    return effect.kind is _K.EXEC_OPAQUE and effect.target is not None and effect.target.type == "path"


def _command(kind: str, arguments: str) -> str | None:
    """The shell text of a step, None where it has none."""
    if kind == StepKind.SHELL and arguments.lstrip()[:1] != "{":
        return arguments
    if '"command"' in arguments[:200] or '"cmd"' in arguments[:200]:
        try:
            found = json.loads(arguments)
        except (ValueError, RecursionError):
            return None
        if isinstance(found, dict) and "path" not in found:
            command = found.get("command", found.get("cmd"))
            return command if isinstance(command, str) else None
    return None
