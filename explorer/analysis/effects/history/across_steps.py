"""What a step does in the light of the steps before it.

A script that is run is read where the same trajectory wrote, edited or printed it, or where another one of the task was
shown it; writing to a file that was seen before replaces it; what a trajectory made itself is its own; a click is read
from the page that named the element; parts of a compound command that never ran are marked. What stays opaque stays
"cannot tell".
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from explorer.analysis.effects.actions.dispatch import Classifier, classify_action
from explorer.analysis.effects.code.python_code import UNPARSABLE
from explorer.analysis.effects.history.absence import Absence, FirstLooks
from explorer.analysis.effects.history.folder_looks import FolderLook, folder_look
from explorer.analysis.effects.history.followed_scripts import FollowedScripts, Ran
from explorer.analysis.effects.history.given_files import NO_FILES, GivenFiles
from explorer.analysis.effects.history.in_place import Standing
from explorer.analysis.effects.history.looks import editor_found_nothing
from explorer.analysis.effects.history.memory import remember
from explorer.analysis.effects.history.new_repositories import (
    RENAME,
    in_new_repository,
    made_repositories,
    makes_repository,
)
from explorer.analysis.effects.history.step_texts import StepTexts, command_of
from explorer.analysis.effects.history.sweeps import Sweeps
from explorer.analysis.effects.history.traces import NOTHING, Touched, touched_files
from explorer.analysis.effects.history.whereabouts import Whereabouts, given_folder
from explorer.analysis.effects.history.world import Files
from explorer.analysis.effects.outcomes.met_nothing import may_tell, with_nothing_met
from explorer.analysis.effects.outcomes.opened import RULES as REDIRECTS
from explorer.analysis.effects.outcomes.opened import with_opened, with_rest_removed
from explorer.analysis.effects.outcomes.parts import (
    refused_by_server,
    speaks_of_trouble,
    with_branches,
    with_outcomes,
)
from explorer.analysis.effects.outcomes.printed_proof import (
    hit_itself,
    named_as_removed,
    packages_untouched,
    without_untaken,
)
from explorer.analysis.effects.outcomes.prompts import answered, asks_back
from explorer.analysis.effects.outcomes.stored_shown import RULE as SCHEDULE
from explorer.analysis.effects.outcomes.stored_shown import stored_as_shown
from explorer.analysis.effects.rules.types import RuleSet
from explorer.analysis.effects.shared.folders import PATH_TYPES, failed_folders, is_relative, located, runs_elsewhere
from explorer.analysis.effects.shared.making import make
from explorer.analysis.effects.shared.severity import is_deferred_path
from explorer.analysis.effects.shell.commands import folder_after, simple_commands
from explorer.analysis.effects.shell.fed_lists import MAX_KNOWN, fed_by_nothing, search_text
from explorer.analysis.effects.web.browser import CLICK_RULE, classify_element
from explorer.analysis.effects.web.pages import element_words, words_in_id
from explorer.model.effect import Effect, EffectKind, Effects
from explorer.model.schema import Outcome, StepKind

_K = EffectKind
_PLAIN = frozenset({_K.NONE, _K.READ, _K.REFUSE})
_WRITES = frozenset({_K.CREATE, _K.OVERWRITE})
MAX_MEMORY = 50_000
OBSERVED = 8_000
_REFUSED_TO_COMPILE = re.compile(r"^\s*(?:SyntaxError|IndentationError|TabError)\b", re.MULTILINE)
_BRANCHES = re.compile(r"\|\||\bthen\b|\bcase\b")
_PACKAGES = re.compile(r"\b(?:apt|apt-get|aptitude|dpkg|pip3?)\b")
_MAY_ASK = re.compile(r"\b(?:git|sudo|ssh|scp|apt|apt-get|rm -i)\b")
_KNOWN = frozenset({Outcome.SUCCEEDED, Outcome.FAILED, Outcome.NOT_EXECUTED})
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
    stores: bool
    inits: bool
    renames: bool
    look: FolderLook | None
    deletes: bool
    redirects: bool
    packages: bool
    may_ask: bool


class Trail:
    """One trajectory read in order. :meth:`step` is called once for every step. ``memory`` keeps, over all
    trajectories, what of a distinct action matters; ``given`` are the files that other trajectories of the task were
    shown, ``others`` what those were shown before they did anything, ``shared`` whether there are any. ``unread`` are
    the paths of scripts that were run and are not known, ``shown`` the step rows that show the whole text of a file
    that the trajectory had not changed.
    """

    def __init__(
        self,
        rules: RuleSet,
        texts: StepTexts,
        rows: range,
        memory: dict[int, Sketch],
        given: GivenFiles = NO_FILES,
        trajectory: int = -1,
        others: Sequence[FirstLooks] = (),
        *,
        shared: bool = True,
    ) -> None:
        self.shown: dict[str, int] = {}
        self.absence = Absence(texts.observation, self._number, others, shared=shared)
        self._texts = texts
        self._sweeps = Sweeps(self.absence.is_fresh, self._number)
        self._memory = memory
        self._arguments = texts.arguments(rows)
        self._files = Files()
        self._scripts = FollowedScripts(Classifier(rules), self._files, self._number, given, trajectory)
        self._page_row: int | None = None
        self._repositories: dict[str, str] = {}
        self._rows = rows
        self._rules = rules
        self._where = Whereabouts(texts.observation)

    @property
    def first(self) -> FirstLooks:
        """What the trajectory was shown before it did anything."""
        return self.absence.first_looks(self._files.missing)

    @property
    def unread(self) -> frozenset[str]:
        """The paths of scripts that were run and are not known."""
        return frozenset(self._scripts.unread)

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
        if sketch.searches and len(self._scripts.fruitless) < MAX_KNOWN and self._found_nothing(row):
            self._scripts.fruitless[sketch.searches] = place
        outcome = self._texts.outcome(row)
        if sketch.is_idle:
            if sketch.is_shell:
                self._where.passed(row)
                if sketch.look is not None:
                    self._look(sketch.look, place, row, outcome)
            return effects
        found = self._in_folder(effects, sketch, place, row, outcome) if sketch.is_shell else effects
        if sketch.uncompiled and _REFUSED_TO_COMPILE.search(self._texts.observation(row)[-OBSERVED:]):
            return (make(_K.NONE, UNPARSABLE, note="Python refused to compile it: nothing ran"),)
        if sketch.acts:
            if sketch.asks or sketch.is_compound:
                found = self._outcomes(found, sketch, place, row, outcome)
            if outcome == Outcome.FAILED and (sketch.redirects or sketch.deletes):
                found = self._all_the_same(found, sketch, place, row)
            if sketch.branches and outcome == Outcome.SUCCEEDED:
                found = with_branches(found, self._command(place, row) or "")
            if sketch.branches:
                found = without_untaken(found, self._command(place, row) or "", self._texts.observation(row))
            if sketch.stores:
                found = self._scripts.stored(found, sketch.touched, self._command(place, row))
            if sketch.schedules:
                found = self._scripts.scheduled(found, self._command(place, row) or "")
            if sketch.is_compound:
                found = fed_by_nothing(
                    found, self._command(place, row) or "", self._scripts.fruitless, self._number, outcome
                )
            if sketch.renames:
                found = in_new_repository(
                    found, self._command(place, row) or "", self._files.folder, self._repositories
                )
            found = self._scripts.resolved(found, Ran(lambda: self._texts.observation(row), outcome))
            found = self._proven(found, sketch, place, row, outcome)
            if sketch.deletes and sketch.is_shell and outcome != Outcome.FAILED:
                found = self._nothing_met(found, place, row)
            if sketch.deletes:
                found = self._missing(found, place, row, outcome)
                found = self._swept(found, place, row, outcome)
            found = self._in_place(found, sketch, place, row, outcome)
            found = self._clicked(found, page_row)
        if sketch.inits:
            for folder in made_repositories(self._texts.observation(row)):
                self._repositories[folder] = self._number(place)
        if sketch.look is not None:
            self._look(sketch.look, place, row, outcome)
        if sketch.acts:
            self.absence.acted(found, place, outcome, lambda: self._texts.observation(row), self._files.missing)
        self._remember(found, sketch.touched, place, row, outcome)
        return found

    def _found_nothing(self, row: int) -> bool:
        """Whether a search printed nothing: where the log shows no outputs only if it failed, as a search does then."""
        if self._texts.observation(row).strip():
            return False
        return self._texts.outcome(row) == Outcome.FAILED or not self._texts.is_mute(row)

    def _look(self, look: FolderLook, place: int, row: int, outcome: str | None) -> None:
        """Take note of a look into a folder."""
        if outcome not in (Outcome.FAILED, Outcome.NOT_EXECUTED) and not self._texts.is_mute(row):
            folder = look.folder if look.folder[:1] == "~" else posixpath.join(self._where.named, look.folder)
            self.absence.looked(look, posixpath.normpath(folder or "."), place, row)

    def _nothing_met(self, effects: Effects, place: int, row: int) -> Effects:
        """Deletions that met nothing as the same command tells."""
        command, printed = self._command(place, row) or "", self._texts.observation(row)
        if not may_tell(command, printed) or (not printed and "-delete" not in command and self._texts.is_mute(row)):
            return effects
        return with_nothing_met(effects, command, simple_commands(command), printed, mute=self._texts.is_mute(row))

    def _missing(self, effects: Effects, place: int, row: int, outcome: str | None) -> Effects:
        """Deletions of what was shown not to be there."""
        return self.absence.judged(
            effects,
            outcome,
            self._command(place, row) or "",
            self._files.missed,
            lambda path: self._files.find(path) is not None,
        )

    def _swept(self, effects: Effects, place: int, row: int, outcome: str | None) -> Effects:
        """Deletions of what the trajectory has removed before."""
        command = self._command(place, row)
        if command is None or not any(effect.kind is _K.DELETE and not effect.deferred for effect in effects):
            return effects
        printed = self._texts.observation(row)
        return self._sweeps.step(effects, command, self._where.named, place, outcome, printed)

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

    def _later(self, place: int) -> tuple[str, str]:
        """The command of a step and what it printed."""
        row = self._rows.start + place
        return self._command(place, row) or "", self._texts.observation(row)

    def _number(self, place: int) -> str:
        return self._texts.number(self._rows.start + place)

    def _command(self, place: int, row: int) -> str | None:
        return command_of(self._texts.kind(row), self._arguments[place] or "")

    def _sketch(self, place: int, row: int, effects: Effects) -> Sketch:
        """What of an action matters here; the same for every step that does literally the same."""
        arguments, kind, tool = self._arguments[place] or "", self._texts.kind(row), self._texts.tool(row)
        acts = any(effect.kind not in _PLAIN for effect in effects)
        looks = kind == StepKind.SHELL or (
            bool(effects) and (effects[0].kind is _K.READ or effects[0].rule.startswith("shell."))
        )
        command = command_of(kind, arguments) if acts or looks else None
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
            stores=acts and any(_stores(effect) for effect in effects),
            inits=command is not None and makes_repository(command),
            renames=any(effect.rule == RENAME for effect in effects),
            look=_look_of(command, touched, acts),
            deletes=any(effect.kind in (_K.DELETE, _K.EXEC_OPAQUE) for effect in effects),
            redirects=command is not None and ">" in command and any(effect.rule in REDIRECTS for effect in effects),
            packages=acts and command is not None and _PACKAGES.search(command) is not None,
            may_ask=acts and command is not None and _MAY_ASK.search(command) is not None,
        )

    def _outcomes(self, effects: Effects, sketch: Sketch, place: int, row: int, outcome: str | None) -> Effects:
        printed = self._texts.observation(row)
        if sketch.asks:
            effects = refused_by_server(effects, printed)
        if not sketch.is_compound or (outcome != Outcome.FAILED and not speaks_of_trouble(printed)):
            return effects
        return with_outcomes(effects, simple_commands(self._command(place, row) or ""), printed, outcome)

    def _all_the_same(self, effects: Effects, sketch: Sketch, place: int, row: int) -> Effects:
        """Effects of a failed step that were carried out all the same."""
        printed = self._texts.observation(row)
        if sketch.deletes:
            effects = with_rest_removed(effects, printed, Outcome.FAILED)
        if not sketch.redirects:
            return effects
        command = self._command(place, row) or ""
        mute = self._texts.is_mute(row)
        return with_opened(effects, command, simple_commands(command), printed, Outcome.FAILED, mute=mute)

    def _proven(self, effects: Effects, sketch: Sketch, place: int, row: int, outcome: str | None) -> Effects:
        """Effects whose outcome the output itself tells."""
        if outcome != Outcome.SUCCEEDED and any(effect.kind is _K.PROCESS_KILL for effect in effects):
            effects = hit_itself(effects, self._texts.observation(row), self._command(place, row) or "")
        if any(effect.kind is _K.DELETE and effect.outcome is Outcome.UNKNOWN for effect in effects):
            effects = named_as_removed(effects, self._texts.observation(row))
        if outcome != Outcome.FAILED and any(effect.rule == SCHEDULE for effect in effects):
            effects = stored_as_shown(
                effects, self._command(place, row) or "", self._later, range(place + 1, len(self._rows)), self._number
            )
        if sketch.packages:
            effects = packages_untouched(effects, self._texts.observation(row))
        if sketch.may_ask and outcome not in _KNOWN and asks_back(self._texts.observation(row)):
            start = self._rows.start
            later = range(place + 1, len(self._rows))
            effects = answered(effects, lambda at: self._texts.observation(start + at), later, self._number)
        return effects

    def _in_place(self, effects: Effects, sketch: Sketch, place: int, row: int, outcome: str | None) -> Effects:
        """Writes onto files that exist, and acts on files that are the trajectory's own."""
        makes = sketch.touched.makes and any(effect.kind in _WRITES for effect in effects)
        standing = Standing(
            self._files,
            place,
            self._texts.kind(row),
            self._scripts.became_known,
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


def _look_of(command: str | None, touched: Touched, acts: bool) -> FolderLook | None:
    """The look into a folder that a step is."""
    if acts:
        return None
    if command is not None:
        return folder_look(command)
    folder = touched.shown
    return FolderLook("view", folder) if folder is not None and "." not in folder.rsplit("/", 1)[-1] else None


def _is_relative(effect: Effect) -> bool:
    target = effect.target
    return target is not None and target.type in PATH_TYPES and is_relative(target.value)


def _stores(effect: Effect) -> bool:
    """Whether an effect may store something to run later that the step's own text does not show."""
    if effect.rule == "cron.replace":
        return True
    target = effect.target
    return effect.kind in _WRITES and target is not None and target.type == "path" and is_deferred_path(target.value)
