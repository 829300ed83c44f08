"""Findings: the fold of the annotation log, with undo."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from psygnal import Signal

from explorer.model.finding import Annotation, AnnotationKind, Disposition, Finding, Subject, Verdict
from explorer.session.annotation_store import AnnotationStore, new_id, now


class _Change(NamedTuple):
    """What one subject's verdict, note or disposition was and became (None = nothing)."""

    subject: Subject
    kind: AnnotationKind
    before: str | None
    after: str | None

    def inverse(self) -> _Change:
        return self._replace(before=self.after, after=self.before)


def live(annotations: Iterable[Annotation]) -> dict[tuple[Subject, AnnotationKind], Annotation]:
    """For each subject and kind the last event that nothing supersedes; *clear* and *seen* events set nothing."""
    events = sorted(annotations, key=lambda a: a.id)
    gone = {a.supersedes for a in events if a.supersedes is not None}
    return {
        (event.subject, event.kind): event
        for event in events
        if event.id not in gone and event.kind not in (AnnotationKind.CLEAR, AnnotationKind.SEEN)
    }


def fold(annotations: Iterable[Annotation]) -> dict[Subject, Finding]:
    """The current state of every subject: its live verdict, note and disposition."""
    state: dict[Subject, Finding] = {}
    for (subject, kind), event in sorted(live(annotations).items(), key=lambda item: item[1].id):
        held = state.get(subject, Finding(subject, None, "", None, event.author, event.time))
        verdict, note, disposition = held.verdict, held.note, held.disposition
        if kind is AnnotationKind.VERDICT:
            verdict = Verdict(event.value)
        elif kind is AnnotationKind.NOTE:
            note = event.value
        else:
            disposition = Disposition(event.value)
        state[subject] = Finding(subject, verdict, note, disposition, event.author, event.time)
    return state


def default_author() -> str:
    """Who judges, unless said otherwise: the user's login name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "auditor"


class Findings:
    """Judgements of one dataset. Every change is written at once and durably; undo appends the inverse."""

    changed = Signal(object)
    """Emits the tuple of subjects that changed."""

    def __init__(
        self, store: AnnotationStore, dataset: str, author: str | None = None, earlier: Findings | None = None
    ) -> None:
        """``earlier``: the findings shown before; of the same dataset, what was done there can still be undone."""
        self._store = store
        self._dataset = dataset
        self.author = author or default_author()
        self._events: list[Annotation] = list(store.read(dataset))
        self._live = live(self._events)
        self._state = fold(self._events)
        self._undo: list[tuple[_Change, ...]] = []
        self._redo: list[tuple[_Change, ...]] = []
        if earlier is not None and earlier._dataset == dataset and earlier.events == self.events:
            self._undo, self._redo = list(earlier._undo), list(earlier._redo)

    @property
    def store(self) -> AnnotationStore:
        return self._store

    @property
    def events(self) -> tuple[Annotation, ...]:
        """The log itself, oldest first."""
        return tuple(self._events)

    def all(self) -> tuple[Finding, ...]:
        """Every subject with a verdict, note or disposition, the latest change first."""
        return tuple(sorted(self._state.values(), key=lambda f: f.time, reverse=True))

    def of(self, subject: Subject) -> Finding | None:
        """What was said of a subject, or of it before targets were told apart."""
        return self._state.get(subject) or self._state.get(subject.whatever_target)

    def judge(self, subjects: Sequence[Subject], verdict: Verdict, reason: str = "") -> None:
        """Give one verdict to any number of subjects, each recorded singly."""
        self._record(subjects, AnnotationKind.VERDICT, verdict.value, reason)

    def note(self, subjects: Sequence[Subject], text: str) -> None:
        """Set the note (an empty text takes it back)."""
        if text:
            self._record(subjects, AnnotationKind.NOTE, text, "")
        else:
            self._record(subjects, AnnotationKind.NOTE, None, "")

    def dispose(self, subjects: Sequence[Subject], disposition: Disposition, reason: str = "") -> None:
        """Keep, review or drop trajectories of the dataset."""
        self._record(subjects, AnnotationKind.DISPOSITION, disposition.value, reason)

    def clear(self, subjects: Sequence[Subject]) -> None:
        """Take the verdict back."""
        self._record(subjects, AnnotationKind.VERDICT, None, "")

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        return bool(self._redo)

    def undo(self) -> None:
        """Append the inverse of the last change made here."""
        if self._undo:
            changes = self._undo[-1]
            events = self._events_for([change.inverse() for change in changes], "undo")
            self._keep(events)
            self._redo.append(self._undo.pop())
            self._tell(events)

    def redo(self) -> None:
        """Say again what was last undone."""
        if self._redo:
            events = self._events_for(self._redo[-1], "redo")
            self._keep(events)
            self._undo.append(self._redo.pop())
            self._tell(events)

    def merge(self, annotations: Iterable[Annotation]) -> int:
        """Take in another auditor's events; returns how many were new."""
        known = {a.id for a in self._events}
        fresh = tuple(a for a in annotations if a.id not in known)
        self._keep(fresh)
        self._tell(fresh)
        return len(fresh)

    def _record(self, subjects: Sequence[Subject], kind: AnnotationKind, value: str | None, reason: str) -> None:
        """One change for each subject whose ``kind`` is not ``value`` already (None = taken back)."""
        changes = tuple(
            _Change(subject, kind, before, value)
            for subject in dict.fromkeys(subjects)
            if (before := self._value(subject, kind)) != value
        )
        if changes:
            events = self._events_for(changes, reason)
            self._keep(events)
            self._undo.append(changes)
            self._redo.clear()
            self._tell(events)

    def _events_for(self, changes: Iterable[_Change], reason: str) -> tuple[Annotation, ...]:
        """The events that carry out changes, each superseding what is live now."""
        time = now()
        events = []
        for subject, kind, _, after in changes:
            held = self._live.get((subject, kind))
            replaced = None if held is None else held.id
            if after is not None:
                events.append(Annotation(new_id(), subject, kind, after, self.author, time, reason, replaced))
            elif replaced is not None:
                clear = AnnotationKind.CLEAR
                events.append(Annotation(new_id(), subject, clear, kind.value, self.author, time, reason, replaced))
        return tuple(events)

    def _value(self, subject: Subject, kind: AnnotationKind) -> str | None:
        event = self._live.get((subject, kind))
        return None if event is None else event.value

    def _keep(self, events: Sequence[Annotation]) -> None:
        """Write events; where that fails nothing has changed, neither here nor in what can be undone."""
        if events:
            self._store.append(self._dataset, events)
            self._events.extend(events)
            self._live = live(self._events)
            self._state = fold(self._events)

    def _tell(self, events: Sequence[Annotation]) -> None:
        """Say what changed, once all of it has: listeners ask what can be undone now."""
        if events:
            self.changed.emit(tuple(dict.fromkeys(a.subject for a in events)))
