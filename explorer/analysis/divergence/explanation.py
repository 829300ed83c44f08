"""A divergence in plain sentences: what was done or attempted, and what the other side did at that place."""

from __future__ import annotations

from typing import NamedTuple

from explorer.analysis.divergence.differing import Differing
from explorer.analysis.divergence.origin import Origin
from explorer.model.divergence import Lane
from explorer.model.effect import KIND_INFO, Effect
from explorer.model.schema import Outcome

_OUTCOMES = {
    Outcome.SUCCEEDED: "and it succeeded",
    Outcome.FAILED: "but it failed: an attempt",
    Outcome.NOT_EXECUTED: "but it was not executed: an attempt",
    Outcome.UNKNOWN: "and the log does not show whether it succeeded",
}
_ORIGINS = {
    Origin.REQUEST: "the target is named in the request",
    Origin.TOOL_RESULT: "the target first appears in a tool's result",
    Origin.NOWHERE: "the target appears in nothing that was said or shown before",
}
_SHOWN = 120
_TELLING = 6
_FIELD, _FIELDS = 40, 3


class OtherSide(NamedTuple):
    """What the other side did at that place. ``step`` is what the log calls its step (None = nothing, a gap);
    ``does`` its headline effect, ``in_vain`` if it failed; ``same_kind`` the effect of the same kind there (on another
    target) and what became of it; ``counterpart`` the step that makes the lane *both* (None = none), ``at_that_place``
    whether it is the same
    step, ``counterpart_outcome`` what became of it, ``milder`` whether it is less severe and ``differing`` the
    arguments that differ; ``elsewhere``: it has this effect on this target too, but not as often; ``trials``: how many
    of its side's trajectories of the task have the effect on this target, of how many."""

    name: str
    step: str | None
    tool: str | None
    does: Effect | None
    in_vain: bool
    same_kind: Effect | None
    same_kind_outcome: Outcome | None
    counterpart: str | None
    at_that_place: bool
    counterpart_outcome: Outcome | None
    milder: bool
    differing: tuple[Differing, ...]
    elsewhere: bool
    trials: tuple[int, int]


class Told(NamedTuple):
    """Everything an explanation says of a divergence. Steps are named as the log names them, which is how every
    view names them."""

    side: str
    step: str
    effect: Effect
    outcome: Outcome
    lane: Lane | None
    reason: str
    other: OtherSide | None
    origin: Origin | None
    asking: str | None
    made_in: str | None
    n_steps: int
    n_targets: int
    n_tried: int
    n_unshown: int
    after_input_difference: bool


def explain_divergence(told: Told) -> str:
    """The sentences, joined by blanks."""
    effect = told.effect
    meaning = KIND_INFO[effect.kind].meaning
    more = f" and {told.n_targets - 1} more" if told.n_targets > 1 else ""
    what = f"The {told.side}'s step {told.step} {meaning}{_on(effect)}{more}, {_OUTCOMES[told.outcome]}."
    parts = [what]
    if effect.deferred:
        tried = told.outcome in (Outcome.FAILED, Outcome.NOT_EXECUTED)
        parts.append("It was to be stored to happen later." if tried else "It is stored to happen later.")
    if effect.note:
        parts.append(_sentence(effect.note))
    if told.other is not None:
        parts.append(_other(told, told.other))
        if told.reason and told.lane != Lane.CANNOT_TELL:
            parts.append(_sentence(told.reason))
    if told.made_in is not None:
        parts.append(f"It acts on what the same side made or started in step {told.made_in}.")
    else:
        parts.append(_asked(told))
    if told.n_steps > 1:
        parts.append(f"{told.n_steps} steps do the same.")
    if told.n_unshown:
        parts.append(f"Of {told.n_unshown} more the log does not show whether it succeeded.")
    if told.n_tried:
        parts.append(f"{told.n_tried} more {'steps try' if told.n_tried > 1 else 'step tries'} it in vain.")
    if told.after_input_difference:
        parts.append("The two sides had been told different things before.")
    return " ".join(parts)


def _asked(told: Told) -> str:
    """What was asked: the word by which the user asks for such an act, and whether the target is named."""
    asks = "No word of the user's asks for such an act" if told.asking is None else f"The user said “{told.asking}”"
    if told.origin is None:
        return f"{asks}."
    if told.origin == Origin.REQUEST and told.asking is not None:
        return f"{asks}, and {_ORIGINS[told.origin]}."
    return f"{asks}; {_ORIGINS[told.origin]}."


def _other(told: Told, other: OtherSide) -> str:
    if told.lane == Lane.BOTH:
        where = "at that place" if other.at_that_place else "elsewhere"
        became = ""
        if other.counterpart_outcome is not None and other.counterpart_outcome != told.outcome:
            became = f", {_OUTCOMES[other.counterpart_outcome]}"
        milder = ", in a milder form" if other.milder else ""
        return (
            f"The {other.name} does the same {where}, in step {other.counterpart}{milder}{became}{_differing(other)}."
        )
    if told.lane == Lane.CANNOT_TELL:
        return f"Whether the {other.name} does the same cannot be told: {told.reason}."
    return _place(other) + _trials(other)


def _place(other: OtherSide) -> str:
    anywhere = "does this to that target too, but not as often" if other.elsewhere else ""
    if other.same_kind is not None:
        tried = other.same_kind_outcome in (Outcome.FAILED, Outcome.NOT_EXECUTED)
        does = "only tries the same on" if tried else "does the same to"
        there = f"At that place the {other.name} {does} another target{_on(other.same_kind)}, in step {other.step}"
        return f"{there}; it {anywhere}." if anywhere else f"{there}."
    anywhere = anywhere or "does not do this to that target anywhere"
    if other.step is None:
        return f"The {other.name} has no step at that place; it {anywhere}."
    using = f" ({other.tool})" if other.tool else ""
    does = "acts without a known effect" if other.does is None else KIND_INFO[other.does.kind].meaning
    vain = ", but it failed" if other.in_vain else ""
    return f"At that place the {other.name}'s step {other.step} {does}{using}{vain}; it {anywhere}."


def _trials(other: OtherSide) -> str:
    having, of = other.trials
    if of < 2:
        return ""
    return f" Of its side's {of} trajectories of the task {having or 'none'} {'do' if having > 1 else 'does'} it."


def _differing(other: OtherSide) -> str:
    if not other.differing:
        return ""
    shown = [
        f"{one.field[:_FIELD]} {_value(one.other)} there, {_value(one.own)} here" for one in other.differing[:_FIELDS]
    ]
    more = len(other.differing) - len(shown)
    return f", with other arguments ({'; '.join(shown)}{f'; and {more} more' if more > 0 else ''})"


def _value(text: str) -> str:
    line = " ".join(text.split())
    return (line if len(line) <= _FIELD else line[: _FIELD - 1] + "…") or "not given"


def _on(effect: Effect) -> str:
    if effect.target is None or not effect.target.value:
        return ""
    value = effect.target.value
    # A record's number says nothing without its sort.
    sort = (
        f"{effect.target.type} "
        if effect.target.type and len(value) < _TELLING and effect.target.type != "path"
        else ""
    )
    return f" ({sort}{value if len(value) <= _SHOWN else value[: _SHOWN - 1] + '…'})"


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
