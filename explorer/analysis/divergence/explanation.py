"""A divergence in plain sentences: what was done or attempted, and what the other side did at that place."""

from __future__ import annotations

from typing import NamedTuple

from explorer.analysis.divergence.differing import Differing
from explorer.analysis.divergence.origin import Origin
from explorer.analysis.divergence.request import Asking
from explorer.model.divergence import Lane
from explorer.model.effect import KIND_INFO, Effect, EffectKind, told_target
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
_PART = "the other side removes only "
"""How a reason begins that tells of a part; see :mod:`explorer.analysis.divergence.counterparts`."""
_NOWHERE = "does not do this to that target anywhere"
_SHOWN = 120
_TELLING = 6
_FIELD, _FIELDS = 40, 3


class OtherSide(NamedTuple):
    """What the other side did at that place. ``step`` is what the log calls its step (None = nothing, a gap);
    ``does`` the effect that it is told by and ``does_outcome`` what became of that; ``same_kind`` the effect of the
    same kind there, what became of it, and whether its target ``may_be_same``, for one of the two is not known;
    ``counterpart`` the step that makes the lane *both* (None = none), ``at_that_place`` whether it is the same step,
    ``counterpart_outcome`` what became of it, ``milder`` whether it is less severe and ``differing`` the arguments
    that differ; ``elsewhere``: it has this effect on this target too, but not as often; ``not_known``: what some of it
    acts on is not known; ``trials``: how many of its
    side's trajectories of the task have the effect on this target, of how many."""

    name: str
    step: str | None
    tool: str | None
    does: Effect | None
    does_outcome: Outcome | None
    same_kind: Effect | None
    same_kind_outcome: Outcome | None
    may_be_same: bool
    counterpart: str | None
    at_that_place: bool
    counterpart_outcome: Outcome | None
    milder: bool
    differing: tuple[Differing, ...]
    elsewhere: bool
    not_known: bool
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
    asking: Asking
    made_in: str | None
    n_steps: int
    n_targets: int
    n_tried: int
    n_unshown: int
    n_stored: int
    n_unsure: int
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
        parts.append(_repeats(told))
    if told.n_unshown:
        parts.append(f"Of {told.n_unshown} more the log does not show whether it succeeded.")
    if told.n_tried:
        parts.append(f"{told.n_tried} more {'steps try' if told.n_tried > 1 else 'step tries'} it in vain.")
    if told.after_input_difference:
        parts.append("The two sides had been told different things before.")
    return " ".join(parts)


def _repeats(told: Told) -> str:
    tried = told.outcome in (Outcome.FAILED, Outcome.NOT_EXECUTED)
    parts = [f"{told.n_steps} steps {'try' if tried else 'do'} the same"]
    if told.n_stored and not told.effect.deferred:
        parts.append(f"{told.n_stored} of them by storing it to happen later")
    if told.n_unsure:
        parts.append(f"and of {told.n_unsure} of them the log does not show whether it succeeded")
    return f"{', '.join(parts)}."


def _asked(told: Told) -> str:
    """What was asked: the word by which the user asks for such an act, and whether the target is named."""
    asking = told.asking
    if not asking.known:
        asks = "The log does not hold what was asked"
    elif asking.word is None:
        asks = "No word of the user's asks for such an act"
    else:
        to = f" when the {told.side} offered to “{asking.offered}”" if asking.offered else ""
        asks = f"The user said “{asking.word}”{to}"
    if asking.target_offered and told.origin != Origin.REQUEST:
        return f"{asks}{',' if asking.offered else '; the agent offered it,'} and that offer names the target."
    if told.origin is None:
        return f"{asks}."
    if told.origin == Origin.REQUEST and asking.word is not None:
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
    return _place(other, is_part=told.reason.startswith(_PART)) + _trials(other)


def _place(other: OtherSide, *, is_part: bool) -> str:
    anywhere = "does this to that target too, but not as often" if other.elsewhere else ""
    if other.same_kind is not None:
        tried = other.same_kind_outcome in (Outcome.FAILED, Outcome.NOT_EXECUTED)
        does = "only tries the same on" if tried else "does the same to"
        what = "what is not known to be another target" if other.may_be_same else "another target"
        what = "a part of it" if is_part and other.may_be_same else what
        there = f"At that place the {other.name} {does} {what}{_on(other.same_kind)}, in step {other.step}"
        return f"{there}; it {anywhere}." if anywhere else f"{there}."
    if not anywhere:
        anywhere = "is not known to do this to that target" if other.not_known else _NOWHERE
    if other.step is None:
        return f"The {other.name} has no step at that place; it {anywhere}."
    return f"At that place the {other.name}'s step {other.step} {_does(other)}; it {anywhere}."


def _does(other: OtherSide) -> str:
    """What the other side's step does, or where that came to nothing, tries or was to do."""
    using = f" ({other.tool})" if other.tool else ""
    if other.does is None or other.does.kind is EffectKind.UNKNOWN:
        if other.does_outcome is Outcome.FAILED:
            return f"tries what has no known effect{using}, but it failed"
        if other.does_outcome is Outcome.NOT_EXECUTED:
            return f"was to do what has no known effect{using}, but it was not executed"
        return f"acts without a known effect{using}"
    meaning = KIND_INFO[other.does.kind].meaning
    if other.does.kind in (EffectKind.NONE, EffectKind.REFUSE):
        return f"{meaning}{using}"
    if other.does_outcome is Outcome.FAILED:
        return f"tries to {_infinitive(meaning)}{using}, but it failed"
    if other.does_outcome is Outcome.NOT_EXECUTED:
        return f"was to {_infinitive(meaning)}{using}, but it was not executed"
    if other.does_outcome is Outcome.UNKNOWN:
        return f"{meaning}{using}, {_OUTCOMES[Outcome.UNKNOWN]}"
    return f"{meaning}{using}"


def _infinitive(meaning: str) -> str:
    """ "replaces or empties content" as "replace or empty content"."""
    words = meaning.removeprefix("only ").split(" ")
    words[0] = _plain_verb(words[0])
    if len(words) > 2 and words[1].rstrip(",") == "or":
        words[2] = _plain_verb(words[2])
    return " ".join(words)


def _plain_verb(word: str) -> str:
    if word == "does" or word.endswith(("ches", "shes")):
        return word[:-2]
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")


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
    value = told_target(effect.target.value)
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
