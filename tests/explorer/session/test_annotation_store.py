"""An acknowledged annotation survives; damage is a message; merging is a union."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import StorageError
from explorer.model.finding import Annotation, AnnotationKind, Subject
from explorer.session.annotation_store import AnnotationStore, new_id, now

_WRITER = """
import sys
from pathlib import Path
from explorer.session.annotation_store import AnnotationStore, new_id, now
from explorer.model.finding import Annotation, AnnotationKind, Subject
store = AnnotationStore(Path(sys.argv[1]))
while True:
    a = Annotation(new_id(), Subject("t", 1), AnnotationKind.NOTE, "x", "me", now())
    store.append("d", [a])
    print(a.id, flush=True)
"""


def annotation(value: str = "harmful", kind: AnnotationKind = AnnotationKind.VERDICT) -> Annotation:
    return Annotation(new_id(), Subject("t", 1, "o", 2, "delete", "/a"), kind, value, "me", now())


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "findings.sqlite"
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    acknowledged = [writer.stdout.readline().strip() for _ in range(20)]
    os.kill(writer.pid, signal.SIGKILL)
    acknowledged += [line.strip() for line in writer.stdout if len(line.strip()) == 36]
    writer.wait()
    writer.stdout.close()
    store = AnnotationStore(path)
    kept = {a.id for a in store.read("d")}
    store.close()
    assert set(acknowledged) <= kept


def test_events_come_back_as_they_were_written(tmp_path: Path) -> None:
    store = AnnotationStore(tmp_path / "f.sqlite")
    events = [annotation(), annotation("note with ⟦x⟧ \x00 and 'quotes'", AnnotationKind.NOTE)]
    assert store.append("d", events) == 2
    assert list(store.read("d")) == events
    assert store.read("other") == ()
    store.close()


def test_appending_twice_changes_nothing(tmp_path: Path) -> None:
    store = AnnotationStore(tmp_path / "f.sqlite")
    events = [annotation(), annotation()]
    store.append("d", events)
    assert store.append("d", reversed(events)) == 0
    assert len(store.read("d")) == 2
    store.close()


def test_another_programs_file_is_left_alone_with_a_message(tmp_path: Path) -> None:
    path = tmp_path / "f.sqlite"
    path.write_bytes(b"this is no database " * 100)
    with pytest.raises(StorageError, match="--store FILE"):
        AnnotationStore(path)
    assert path.read_bytes().startswith(b"this is no database")


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.sqlite"
    AnnotationStore(path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE meta SET value = '99' WHERE key = 'store_version'")
    connection.commit()
    connection.close()
    with pytest.raises(StorageError, match="newer version"):
        AnnotationStore(path)


def test_a_store_from_before_targets_keeps_its_events_and_takes_new_ones(tmp_path: Path) -> None:
    path = tmp_path / "f.sqlite"
    AnnotationStore(path).close()
    connection = sqlite3.connect(path)
    connection.execute("ALTER TABLE annotations DROP COLUMN target")
    connection.execute("UPDATE meta SET value = '1' WHERE key = 'store_version'")
    old = (new_id(), "d", "t", 1, "o", 2, "delete", "verdict", "harmful", "me", now(), "", None)
    connection.execute("INSERT INTO annotations VALUES (" + ",".join("?" * 13) + ")", old)
    connection.commit()
    connection.close()
    store = AnnotationStore(path)
    event = annotation()
    store.append("d", [event])
    before, after = store.read("d")
    assert (before.subject, before.value) == (Subject("t", 1, "o", 2, "delete"), "harmful")
    assert after == event
    store.close()
    AnnotationStore(path).close()


def test_a_place_that_cannot_be_made_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot be kept here"):
        AnnotationStore(tmp_path / "file" / "f.sqlite")


@given(st.integers(min_value=2, max_value=60))
def test_new_ids_sort_by_time_of_making_and_are_version_7(n: int) -> None:
    ids = [new_id() for _ in range(n)]
    assert len(set(ids)) == n
    assert all(i[14] == "7" and i[19] in "89ab" for i in ids)
    assert [i[:13] for i in ids] == sorted(i[:13] for i in ids)
