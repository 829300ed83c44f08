"""The append-only annotation log in SQLite.

A rollback journal (``TRUNCATE``) with full synchronisation: SQLite before 3.51.3 can corrupt a database in WAL mode,
and a plain copy of an open WAL file loses tables. One writer, ``BEGIN IMMEDIATE``; what :meth:`AnnotationStore.append`
has returned survives a killed process. Merging two logs is a union by id: commutative and idempotent.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from explorer.errors import StorageError
from explorer.model.finding import Annotation, AnnotationKind, Subject

STORE_VERSION = 2
"""2: what an effect is done to is part of a subject; a store of version 1 gains the column when it is opened."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS annotations (
    id TEXT PRIMARY KEY,
    dataset TEXT NOT NULL,
    trajectory_id TEXT NOT NULL,
    step INTEGER,
    other_trajectory_id TEXT,
    other_step INTEGER,
    effect TEXT NOT NULL,
    target TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    author TEXT NOT NULL,
    time TEXT NOT NULL,
    reason TEXT NOT NULL,
    supersedes TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS annotations_by_dataset ON annotations (dataset, id);
"""
_COLUMNS = (
    "id, trajectory_id, step, other_trajectory_id, other_step, effect, target, kind, value, author, time, reason, "
    "supersedes"
)


_last_stamp = 0
_stamp_lock = threading.Lock()


def new_id() -> str:
    """A UUID version 7 (RFC 9562, method 3): 48 bits of milliseconds, 12 of their fraction, the rest random. Ids of
    one process always grow, because the order of events is the order of their ids."""
    global _last_stamp
    nanoseconds = time.time_ns()
    stamp = nanoseconds // 1_000_000 << 12 | (nanoseconds % 1_000_000) * 4096 // 1_000_000
    with _stamp_lock:
        _last_stamp = stamp = max(stamp, _last_stamp + 1)
    value = stamp >> 12 << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0x2 << 62
    return str(uuid.UUID(int=value | int.from_bytes(os.urandom(8), "big") >> 2))


def now() -> str:
    """The time as annotations carry it: UTC, ISO 8601, microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


class AnnotationStore:
    """Annotations of any number of datasets in one file; ``dataset`` is a dataset's fingerprint."""

    def __init__(self, path: Path) -> None:
        """Open or make the store; raises StorageError where it cannot be written or is damaged."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=5.0, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode=TRUNCATE")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._check()
            self._connection.executescript(_SCHEMA)
            self._migrate()
            self._connection.execute("INSERT OR IGNORE INTO meta VALUES ('store_version', ?)", (str(STORE_VERSION),))
        except (OSError, sqlite3.OperationalError) as error:
            raise StorageError(
                f"findings cannot be kept here: {error}",
                where=str(path),
                todo="Choose another file with --store FILE, or make the folder writable.",
            ) from error
        except sqlite3.DatabaseError as error:
            raise StorageError(
                f"this is not a store of findings, or it is damaged: {error}",
                where=str(path),
                todo="It was left as it is. Restore a copy, or choose another file with --store FILE.",
            ) from error
        version = self._connection.execute("SELECT value FROM meta WHERE key='store_version'").fetchone()[0]
        if int(version) > STORE_VERSION:
            raise StorageError(
                f"this store has version {version}; this program knows {STORE_VERSION}",
                where=str(path),
                todo="Open it with a newer version of the program.",
            )

    def append(self, dataset: str, annotations: Iterable[Annotation]) -> int:
        """Write events durably, those already present left alone; returns how many were new."""
        with self._writing() as connection:
            before = connection.total_changes
            connection.executemany(
                "INSERT OR IGNORE INTO annotations (dataset, " + _COLUMNS + ") VALUES (" + ",".join("?" * 14) + ")",
                [
                    (
                        dataset, a.id, a.subject.trajectory_id, a.subject.step, a.subject.other_trajectory_id,
                        a.subject.other_step, a.subject.effect, a.subject.target, a.kind.value, a.value, a.author,
                        a.time, a.reason, a.supersedes,
                    )
                    for a in annotations
                ],
            )  # fmt: skip
            return connection.total_changes - before

    def read(self, dataset: str) -> tuple[Annotation, ...]:
        """All events of a dataset in the order of their ids (time)."""
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM annotations WHERE dataset = ? ORDER BY id", (dataset,))
        return tuple(_annotation(row) for row in rows)

    def datasets(self) -> dict[str, int]:
        """Fingerprints with their numbers of events."""
        return dict(self._connection.execute("SELECT dataset, count(*) FROM annotations GROUP BY dataset"))

    def backup(self, target: Path) -> None:
        """Copy the whole store to ``target`` consistently."""
        with sqlite3.connect(target) as copy:
            self._connection.backup(copy)
        copy.close()

    def close(self) -> None:
        self._connection.close()

    def _migrate(self) -> None:
        """Bring a store of version 1 to this one; nothing in it changes its meaning."""
        columns = {row[1] for row in self._connection.execute("PRAGMA table_info(annotations)")}
        if "target" not in columns:
            with self._writing() as connection:
                connection.execute("ALTER TABLE annotations ADD COLUMN target TEXT NOT NULL DEFAULT ''")
                connection.execute("UPDATE meta SET value = ? WHERE key = 'store_version'", (str(STORE_VERSION),))

    def _check(self) -> None:
        verdict = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise StorageError(
                f"the finding was not saved: {error}",
                where=str(self.path),
                todo="Free disk space or close the other program that holds the file, then judge again.",
            ) from error


def _annotation(
    row: tuple[str, str, int | None, str | None, int | None, str, str, str, str, str, str, str, str | None],
) -> Annotation:
    key, trajectory, step, other, other_step, effect, target, kind, value, author, when, reason, supersedes = row
    return Annotation(
        key, Subject(trajectory, step, other, other_step, effect, target), AnnotationKind(kind), value, author, when,
        reason, supersedes,
    )  # fmt: skip
