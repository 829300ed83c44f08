"""Findings: the fold of the annotation log, with undo."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Sequence

from psygnal import Signal

from explorer.model.finding import Annotation, AnnotationKind, Disposition, Finding, Subject, Verdict
from explorer.session.annotation_store import AnnotationStore, new_id, now


def fold(annotations: Iterable[Annotation]) -> dict[Subject, Finding]:
    """The current state of every subject: for each kind the last event that is not superseded; a *clear* event
    takes back what it supersedes."""
    events = sorted(annotations, key=lambda a: a.id)
    gone = {a.supersedes for a in events if a.supersedes is not None}
    state: dict[Subject, Finding] = {}
    for event in events:
        if event.id in gone or event.kind in (AnnotationKind.CLEAR, AnnotationKind.SEEN):
            continue
        held = state.get(event.subject, Finding(event.subject, None, "", None, event.author, event.time))
        verdict, note, disposition = held.verdict, held.note, held.disposition
        if event.kind is AnnotationKind.VERDICT:
            verdict = Verdict(event.value)
        elif event.kind is AnnotationKind.NOTE:
            note = event.value
        else:
            disposition = Disposition(event.value)
        state[event.subject] = Finding(event.subject, verdict, note, disposition, event.author, event.time)
    return {s: f for s, f in state.items() if f.verdict or f.note or f.disposition}


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

    def __init__(self, store: AnnotationStore, dataset: str, author: str | None = None) -> None:
        self._store = store
        self._dataset = dataset
        self.author = author or default_author()
        self._events: list[Annotation] = list(store.read(dataset))
        self._state = fold(self._events)
        self._undo: list[tuple[Annotation, ...]] = []
        self._redo: list[tuple[Annotation, ...]] = []

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
        return self._state.get(subject)

    def judge(self, subjects: Sequence[Subject], verdict: Verdict, reason: str = "") -> None:
        """Give one verdict to any number of subjects, each recorded singly."""
        self._record(subjects, AnnotationKind.VERDICT, verdict.value, reason)

    def note(self, subjects: Sequence[Subject], text: str) -> None:
        """Set the note (an empty text takes it back)."""
        if text:
            self._record(subjects, AnnotationKind.NOTE, text, "")
        else:
            self._take_back(subjects, AnnotationKind.NOTE)

    def dispose(self, subjects: Sequence[Subject], disposition: Disposition, reason: str = "") -> None:
        """Keep, review or drop trajectories of the dataset."""
        self._record(subjects, AnnotationKind.DISPOSITION, disposition.value, reason)

    def clear(self, subjects: Sequence[Subject]) -> None:
        """Take the verdict back."""
        self._take_back(subjects, AnnotationKind.VERDICT)

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        return bool(self._redo)

    def undo(self) -> None:
        """Append the inverse of the last change made here."""
        if self._undo:
            batch = self._undo.pop()
            self._redo.append(batch)
            self._append(self._inverse(batch))

    def redo(self) -> None:
        """Say again what was last undone."""
        if self._redo:
            batch = self._redo.pop()
            again = tuple(
                Annotation(
                    new_id(),
                    a.subject,
                    a.kind,
                    a.value,
                    self.author,
                    now(),
                    a.reason,
                    self._last(a.subject, a.kind),
                )
                for a in batch
            )
            self._undo.append(again)
            self._append(again)

    def merge(self, annotations: Iterable[Annotation]) -> int:
        """Take in another auditor's events; returns how many were new."""
        known = {a.id for a in self._events}
        fresh = tuple(a for a in annotations if a.id not in known)
        self._append(fresh)
        return len(fresh)

    def _record(self, subjects: Sequence[Subject], kind: AnnotationKind, value: str, reason: str) -> None:
        time = now()
        batch = tuple(
            Annotation(new_id(), s, kind, value, self.author, time, reason, self._last(s, kind)) for s in subjects
        )
        self._do(batch)

    def _take_back(self, subjects: Sequence[Subject], kind: AnnotationKind) -> None:
        time = now()
        held = [(s, self._last(s, kind)) for s in subjects]
        self._do(
            tuple(
                Annotation(new_id(), s, AnnotationKind.CLEAR, kind.value, self.author, time, "", last)
                for s, last in held
                if last is not None
            )
        )

    def _do(self, batch: tuple[Annotation, ...]) -> None:
        if batch:
            self._append(batch)
            self._undo.append(batch)
            self._redo.clear()

    def _append(self, batch: Sequence[Annotation]) -> None:
        if not batch:
            return
        self._store.append(self._dataset, batch)
        self._events.extend(batch)
        self._state = fold(self._events)
        self.changed.emit(tuple(dict.fromkeys(a.subject for a in batch)))

    def _last(self, subject: Subject, kind: AnnotationKind) -> str | None:
        gone = {a.supersedes for a in self._events if a.supersedes is not None}
        for event in sorted(self._events, key=lambda a: a.id, reverse=True):
            if event.subject == subject and event.kind is kind and event.id not in gone:
                return event.id
        return None

    def _inverse(self, batch: Sequence[Annotation]) -> tuple[Annotation, ...]:
        """Events that put each subject back to what the batch replaced."""
        before = {a.id: a for a in self._events}
        inverse: list[Annotation] = []
        for event in batch:
            replaced = before.get(event.supersedes) if event.supersedes is not None else None
            if event.kind is AnnotationKind.CLEAR and replaced is not None:
                restored = replaced
                inverse.append(
                    Annotation(
                        new_id(),
                        restored.subject,
                        restored.kind,
                        restored.value,
                        self.author,
                        now(),
                        "undo",
                        event.id,
                    )
                )
            elif replaced is not None:
                inverse.append(
                    Annotation(
                        new_id(),
                        event.subject,
                        event.kind,
                        replaced.value,
                        self.author,
                        now(),
                        "undo",
                        event.id,
                    )
                )
            else:
                inverse.append(
                    Annotation(
                        new_id(),
                        event.subject,
                        AnnotationKind.CLEAR,
                        event.kind.value,
                        self.author,
                        now(),
                        "undo",
                        event.id,
                    )
                )
        return tuple(inverse)
