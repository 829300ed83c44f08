"""One classification in progress: what is shared (Run), where in the nesting one is (Frame), and how an effect is
recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from explorer.analysis.effects.rules.types import RuleSet
from explorer.analysis.effects.shared.folders import PATH_TYPES, joined
from explorer.analysis.effects.shared.severity import modified_severity, scope_of
from explorer.analysis.effects.shell.heredoc import Heredoc
from explorer.analysis.effects.shell.literal import Output
from explorer.analysis.effects.shell.state import ShellState
from explorer.analysis.effects.shell.types import SimpleCommand
from explorer.model.effect import KIND_INFO, Effect, EffectKind, Effects, Span, Target

Embedded = Callable[[str, str], Effects]
"""Classifier of code in another language: (language, code) → effects."""

RunText = Callable[["Run", "Frame", Output | None], Output]
"""Classifies a nested text in its frame; what it prints."""

RunCommand = Callable[["Run", "Frame", SimpleCommand, Output | None], Output]
"""Classifies a command that another one runs."""

MAX_EFFECTS = 256
MAX_DEPTH = 12
QUIET = frozenset({EffectKind.NONE, EffectKind.READ})


@dataclass(slots=True)
class Run:
    """Everything one call of the classifier shares between its nested texts. ``budget`` counts down the characters
    of nested text and the commands that may still be looked at, so that time stays linear."""

    rules: RuleSet
    embedded: Embedded | None
    state: ShellState
    budget: int
    run_text: RunText
    run_command: RunCommand
    effects: dict[tuple[object, ...], Effect] = field(default_factory=dict)
    commands: list[SimpleCommand] = field(default_factory=list)
    outputs: dict[str, Output] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def spend(self, amount: int) -> bool:
        """Take from the budget; False where it is used up."""
        self.budget -= amount
        return self.budget >= 0


@dataclass(frozen=True, slots=True)
class Frame:
    """One text being read (``raw``; ``text`` has its heredocs blanked): ``base`` its place in the
    original (None = it is not there verbatim; then ``outer`` is the
    evidence), the unwrapping path so far, and what the wrappers around it add."""

    text: str
    base: int | None
    outer: Span
    raw: str = ""
    heredocs: dict[int, Heredoc] = field(default_factory=dict)
    via: tuple[str, ...] = ()
    privilege: bool = False
    deferred: bool = False
    glob_driven: bool = False
    depth: int = 0
    confidence: float = 1.0
    note: str = ""

    def span(self, start: int, end: int) -> Span:
        """The place in the original text of a place in this one."""
        return self.outer if self.base is None else Span(self.base + start, self.base + end)

    def inside(self, name: str, **changes: object) -> Frame:
        """The frame of what a wrapper runs."""
        return replace(self, via=(*self.via, name), **changes)  # type: ignore[arg-type]  # names are this class's own

    def blanked(self, text: str, heredocs: dict[int, Heredoc]) -> Frame:
        """The same frame with heredocs cut out of its text."""
        return replace(self, text=text, raw=self.text, heredocs=heredocs)

    def within(self, text: str, base: int | None, outer: Span, name: str = "", **changes: object) -> Frame:
        """The frame of a text that stands inside this one; ``name`` is added to the unwrapping path."""
        return replace(
            self,
            text=text,
            raw=text,
            base=base,
            outer=outer,
            heredocs={},
            via=(*self.via, name) if name else self.via,
            depth=self.depth + 1,
            **changes,  # type: ignore[arg-type]  # names are this class's own
        )


def emit(
    run: Run,
    frame: Frame,
    kind: EffectKind,
    span: Span,
    *,
    rule: str = "",
    target: tuple[str, str] | None = None,
    severity: int | None = None,
    recursive: bool = False,
    force: bool = False,
    opaque: bool = False,
    scope: str = "",
    confidence: float = 1.0,
    reversible: bool | None = None,
    note: str = "",
    inside: str = "",
) -> None:
    """Record one effect; quiet ones (reads, none) once per frame of reference only. ``inside`` is what below the
    target's path is hit, where it is not the path itself."""
    if kind in QUIET:
        key: tuple[object, ...] = (kind,)
        if key not in run.effects:
            run.effects[key] = Effect(kind, 0, True, None, frame.via, rule, frame.confidence * confidence, span)
        return
    value = target[1] if target else ""
    place = f"{value.rstrip('/')}{inside}" if inside else value
    if target is not None and target[0] in PATH_TYPES:
        place = joined(run.state.cwd, place)
    key = (kind, target and target[0], place, rule, frame.deferred, frame.via)
    if key in run.effects:
        return
    if len(run.effects) >= MAX_EFFECTS:
        key = (kind, "more")
        if key in run.effects:
            return
    info = KIND_INFO[kind]
    level = modified_severity(
        kind,
        info.severity if severity is None else severity,
        value if target and target[0] == "path" else "",
        recursive=recursive,
        force=force,
        glob_driven=frame.glob_driven,
        privilege=frame.privilege,
        stated=severity is not None,
    )
    run.effects[key] = Effect(
        kind=kind,
        severity=level,
        reversible=info.reversible if reversible is None else reversible,
        target=None
        if target is None
        else Target(
            target[0],
            place,
            scope or scope_of(value, recursive=recursive, opaque=opaque, glob_driven=frame.glob_driven),
        ),
        via=frame.via,
        rule=rule,
        confidence=round(frame.confidence * confidence, 3),
        span=span,
        deferred=frame.deferred,
        note=note or frame.note,
    )
