"""What the inspector shows of the selected step. Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.model.effect import Span
from explorer.session.audit_session import AuditSession
from explorer.session.pair_text import code_span
from explorer.session.step_card import StepCard
from explorer.session.step_line import arguments_text, task_words
from explorer.session.step_story import Sentence, step_story
from explorer.session.text_diff import differing_spans
from explorer.session.weights import surprise_model
from views.shared.painters import words
from views.shared.visible import visible

_DIFFED = 20_000
_MOSTLY = 0.8


@dataclass(frozen=True)
class Inspected:
    """The selected step, the one that stands beside it (None = gap or no pair), and what is said of them."""

    card: StepCard
    other: StepCard | None
    paired: bool
    title: str
    story: tuple[Sentence, ...]

    @property
    def evidence(self) -> tuple[tuple[int, int, str], ...]:
        """Stretches of the arguments the effects were read from, each with the colour of its severity; the worst
        last, so that it is drawn on top. Harmless ones are marked only where there is nothing else."""
        worst: dict[Span, int] = {}
        for effect in self.card.effects:
            if effect.span is not None and effect.span.end > effect.span.start:
                worst[effect.span] = max(worst.get(effect.span, 0), min(effect.severity, 4))
        marked = {span: severity for span, severity in worst.items() if severity} or worst
        ordered = sorted(marked.items(), key=lambda found: found[1])
        return tuple((span.start, span.end, f"severity:{severity}") for span, severity in ordered)

    def compared(self) -> tuple[tuple[str, tuple[Span, ...]], tuple[str, tuple[Span, ...]]]:
        """The arguments of the step and of the other, each with what the other lacks; nothing is set off where
        almost all of it differs."""
        mine = arguments_text(self.card.arguments)
        theirs = "" if self.other is None else arguments_text(self.other.arguments)
        if self.other is None or len(mine) > _DIFFED or len(theirs) > _DIFFED:
            return (mine, ()), (theirs, ())
        left, right = differing_spans(mine, theirs)
        apart = sum(span.end - span.start for span in (*left, *right))
        if apart > _MOSTLY * (len(mine) + len(theirs)):
            return (mine, ()), (theirs, ())
        return (mine, left), (theirs, right)


def inspect(session: AuditSession) -> Inspected | None:
    """Gather the selected step, None if none is selected."""
    current = session.selection.current
    if session.dataset is None or current.step is None:
        return None
    card = session.step_card(current.step)
    beside, paired = _beside(session, current.step)
    other = None if beside < 0 else session.step_card(beside)
    lane, approximate = "", ""
    if session.entries is not None and current.entry is not None:
        lane = session.entries.lane_words(current.entry)
        approximate = "approximate" if session.entries.approximate[current.entry] else ""
    number = card.log_id if card.log_id is not None else str(card.index)
    tool = card.tool if card.kind == "tool_call" else ""
    parts = [f"STEP {number} OF {card.group}", tool, lane, approximate, words(card.outcome)]
    weights = session.settings.risk if session.settings is not None else None
    surprise = "" if session.result is None else surprise_model(session.result.summary)
    story = step_story(card, session.entries, current.entry, weights, surprise)
    return Inspected(card, other, paired, " · ".join(part for part in parts if part), tuple(story))


def _beside(session: AuditSession, step: int) -> tuple[int, bool]:
    """The step aligned with this one (-1 = none) and whether there is a pair at all."""
    current, entries = session.selection.current, session.entries
    if entries is not None and current.entry is not None and entries.pair[current.entry] >= 0:
        sides = int(entries.teacher_step[current.entry]), int(entries.student_step[current.entry])
        if step in sides:
            return sides[1] if step == sides[0] else sides[0], True
    if current.pair is None or session.result is None:
        return -1, False
    view = session.pair_view(current.pair)
    row = view.row_of_step(step)
    if row < 0:
        return -1, False
    sides = int(view.teacher_step[row]), int(view.student_step[row])
    return sides[1] if step == sides[0] else sides[0], True


def raw_text(session: AuditSession, card: StepCard) -> str:
    """Everything the log says about a step, and where it stands."""
    dataset = session.dataset
    assert dataset is not None
    source = dataset.trajectories["source_file"][card.trajectory].as_py()
    row = dataset.trajectories["source_row"][card.trajectory].as_py()
    time = dataset.steps["timestamp"][card.step].as_py()
    head = {
        "step": f"{card.index} (in the log: {card.log_id})" if card.log_id is not None else str(card.index),
        "kind": card.kind, "tool": card.tool or "", "outcome": card.outcome, "time": "" if time is None else str(time),
        "task": card.task_id, "trial": str(card.trial), "group": card.group, "trajectory": card.trajectory_id,
        "source": f"{source}, row {row}", "marks": ", ".join(card.flags),
    }  # fmt: skip
    lines = [f"{name:<11} {value}" for name, value in head.items() if value]
    for name, text in (("arguments", card.arguments), ("thought", card.thought), ("observation", card.observation)):
        lines += ["", f"── {name} " + "─" * (60 - len(name)), text or "(none)"]
    values = {name: value for name, value in dataset.log_values(card.trajectory).items() if value is not None}
    if values:
        lines += ["", "── the log’s own columns " + "─" * 44]
        lines += [f"{name}: {value}" for name, value in values.items()]
    return "\n".join(lines)


def step_markdown(inspected: Inspected) -> str:
    """The step with its explanation, hidden characters made visible."""
    card = inspected.card
    lines = [f"**{code_span(visible(task_words(card.task_id)))}** · {visible(inspected.title)}", ""]
    lines += ["- " + code_span(visible(line)) for line in card.arguments.splitlines()[:60] if line.strip()]
    lines += [f"- {sentence.topic.value}: {visible(sentence.text)}" for sentence in inspected.story]
    return "\n".join(lines) + "\n"
