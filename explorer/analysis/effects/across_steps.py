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
from explorer.analysis.effects.folders import PATH_TYPES, failed_folders, is_relative, located, runs_elsewhere
from explorer.analysis.effects.making import distinct, make, path_target, under
from explorer.analysis.effects.outcomes import (
    refused_by_server,
    script_outcomes,
    speaks_of_trouble,
    with_branches,
    with_outcomes,
)
from explorer.analysis.effects.pages import element_words, words_in_id
from explorer.analysis.effects.python_code import UNPARSABLE
from explorer.analysis.effects.rule_types import RuleSet
from explorer.analysis.effects.severity import modified_severity
from explorer.analysis.effects.shell import folder_after, simple_commands
from explorer.analysis.effects.traces import NOTHING, Touched, touched_files
from explorer.analysis.effects.whereabouts import Whereabouts, given_folder
from explorer.analysis.effects.world import Files, KnownFile
from explorer.model.effect import KIND_INFO, Effect, EffectKind, Effects
from explorer.model.schema import Outcome, StepKind
from explorer.model.trajectory import Dataset

_K = EffectKind
_PLAIN = frozenset({_K.NONE, _K.READ, _K.REFUSE})
_WRITES = frozenset({_K.CREATE, _K.OVERWRITE, _K.MODIFY})
_REMOVES = frozenset({_K.DELETE, _K.MOVE_OUT})
_OWNED = frozenset({_K.DELETE, _K.OVERWRITE, _K.MOVE_OUT, _K.PERMISSION, _K.MODIFY})
MAX_SCRIPT = 200_000
MAX_RESOLVED = 3
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


class Trail:
    """One trajectory read in order. :meth:`step` is called once for every step. ``memory`` keeps, over all
    trajectories, what of a distinct action matters."""

    def __init__(self, rules: RuleSet, texts: StepTexts, rows: range, memory: dict[int, Sketch]) -> None:
        self._texts = texts
        self._memory = memory
        self._arguments = texts.arguments(rows)
        self._files = Files()
        self._classifier = Classifier(rules)
        self._page_row: int | None = None
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
            if sketch.schedules:
                found = self._scheduled(found, self._command(place, row) or "")
            found = self._resolved(found, row, 0)
            found = self._in_place(found, place, self._texts.kind(row))
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
        return f"{file.how} in step {self._texts.number(self._rows.start + file.step)}"

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
            if file is None or file.content is None or effect.target is None:
                found.append(effect)
                continue
            inner = self._run_script(effect.target.value, file.content, effect, row)
            inner = self._resolved(inner, row, depth + 1)
            note = f"resolved from {effect.target.value}, {self._became_known(file)}"
            # That a script ended well does not say that each of its branches was taken.
            branched = _SCRIPT_BRANCHES.search(file.content[:MAX_SCRIPT]) is not None
            outcome = effect.outcome
            if branched and outcome in (None, Outcome.SUCCEEDED):
                outcome = Outcome.UNKNOWN
                note += (
                    "; the script branches, so whether this was carried out is not shown"
                    if effect.outcome is None
                    else ""
                )
            script = f"script {effect.target.value.rsplit('/', 1)[-1]}"[:60]
            for one in under(inner, *effect.via, script, span=effect.span):
                found.append(
                    replace(
                        one,
                        note=f"{note}; {one.note}" if one.note else note,
                        outcome=_worse(outcome, one.outcome),
                        confidence=round(one.confidence * 0.9, 2),
                        deferred=effect.deferred or one.deferred,
                    )
                )
            if not file.complete:
                found.append(replace(effect, note=f"only part of {effect.target.value} was shown"))
        return distinct(found)

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

    def _run_script(self, path: str, content: str, effect: Effect, row: int) -> Effects:
        content = content[:MAX_SCRIPT]
        language = language_of(path, content)
        if not language:
            hint = " ".join(effect.via[-1:]).lower()
            language = next((name for name in ("python", "node", "ruby", "perl", "php") if name in hint), "shell")
        if language == "shell":
            inner = self._classifier.shell(content)
            printed = self._texts.observation(row) if any(one.kind not in _PLAIN for one in inner) else ""
            if not speaks_of_trouble(printed):
                return inner
            return script_outcomes(inner, simple_commands(content), printed)
        return self._classifier.code(language, content)

    def _in_place(self, effects: Effects, place: int, kind: str) -> Effects:
        """Writes onto files that exist, and acts on files that are the trajectory's own."""
        made: set[str] = set()
        changed = [self._one_in_place(effect, place, kind, made) for effect in effects]
        return effects if all(a is b for a, b in zip(changed, effects, strict=True)) else tuple(changed)

    def _one_in_place(self, effect: Effect, place: int, kind: str, made: set[str]) -> Effect:
        target = effect.target
        if target is None or target.type != "path" or effect.deferred:
            return effect
        file = self._files.find(target.value)
        if file is None and effect.kind is _K.CREATE:
            made.add(self._files.normal(target.value))
        elif file is None and effect.kind in _OWNED and self._files.normal(target.value) in made:
            file = KnownFile(None, -1, "written", True)
        if file is None or file.step >= place:
            return effect
        if file.own and effect.kind in (_OWNED | {_K.CREATE}):
            note = "the trajectory made this file itself"
            note = f"{effect.note}; {note}" if effect.note else note
            if effect.kind is _K.CREATE:
                return replace(effect, kind=_K.MODIFY, severity=1, target=target._replace(scope="own"), note=note)
            if target.scope == "system":
                return effect
            return replace(effect, severity=max(0, effect.severity - 1), target=target._replace(scope="own"), note=note)
        if (
            effect.kind is _K.CREATE
            and not _ADDING.search(effect.rule)
            and (kind != StepKind.TOOL_CALL or "/" in target.value)
        ):
            severity = modified_severity(
                _K.OVERWRITE,
                KIND_INFO[_K.OVERWRITE].severity,
                target.value,
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
                note=f"the file was there before: {self._became_known(file)}",
            )
        return effect

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
        if outcome in (Outcome.FAILED, Outcome.NOT_EXECUTED) and not touched.written:
            return
        for path, content, append in touched.written:
            self._files.write(path, place, content, append=append)
        for path, old, new, line in touched.edited:
            self._files.edit(path, place, old, new, line)
        for effect in effects:
            if (
                effect.target is None
                or effect.target.type != "path"
                or effect.outcome in (Outcome.NOT_EXECUTED, Outcome.FAILED)
            ):
                continue
            path = effect.target.value
            if effect.kind in _WRITES and not any(
                self._files.normal(name) == self._files.normal(path) for name, _, _ in touched.written
            ):
                if effect.kind is _K.CREATE:
                    self._files.write(path, place, None, append=True)
                elif self._files.find(path) is None:
                    self._files.see(path, place)
            elif effect.kind is _K.DELETE:
                self._files.remove(path)
        for source, target in touched.moved:
            self._files.move(source, target)
        if touched.shown is not None:
            shown = _shown_text(self._texts.observation(row))
            self._files.see(
                touched.shown, place, shown, complete=touched.whole and "<response clipped>" not in shown[:400]
            )
        for path in touched.seen:
            self._files.see(path, place)
        if touched.listed is not None:
            for name in self._texts.observation(row)[:4000].split()[:200]:
                if re.fullmatch(r"[\w.+-]+\.\w+", name):
                    self._files.see(f"{touched.listed.rstrip('/')}/{name}" if touched.listed else name, place)


_ADDING = re.compile(r"append|mkdir|makedirs|touch|symlink|mkfifo|mknod|^ln\b|^git|tool\.invite|\.import$")
"""Rules of additive writes that leave an existing file's content alone."""
_NUMBERED = re.compile(r"(?m)^ {0,6}\d{1,6}(?:\t|[:|] ?)")


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


def _shown_text(observation: str) -> str:
    """A file's text as a tool printed it, without a heading line and line numbers."""
    text = observation[:MAX_SCRIPT]
    if text.startswith("Here's the result of running") and "\n" in text:
        text = text.split("\n", 1)[1]
    if len(_NUMBERED.findall(text[:2000])) >= max(1, text[:2000].count("\n") // 2):
        text = _NUMBERED.sub("", text)
    return text
