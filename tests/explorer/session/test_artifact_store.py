"""An artefact is complete or absent; a place that cannot be written is a message or a fallback, never a loss."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from explorer.errors import StorageError
from explorer.session import artifact_store
from explorer.session.artifact_store import ArtifactStore, key_of


def test_an_unfinished_artefact_is_not_found(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    folder = store.prepare("audits", "k")
    (folder / "half").write_text("x")
    assert store.find("audits", "k") is None
    place = store.finish("audits", "k", folder)
    assert store.find("audits", "k") == place
    assert (place / "half").read_text() == "x"


def test_an_error_while_making_leaves_nothing(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)

    def make() -> None:
        with store.making("maps", "k") as folder:
            (folder / "half").write_text("x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        make()
    assert store.find("maps", "k") is None
    assert list((tmp_path / "maps").iterdir()) == []


def test_a_second_finished_one_does_not_disturb_the_first(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    first, second = store.prepare("a", "k"), store.prepare("a", "k")
    (first / "v").write_text("1")
    (second / "v").write_text("2")
    assert store.finish("a", "k", first) == store.finish("a", "k", second)
    assert (tmp_path / "a" / "k" / "v").read_text() == "1"


def test_one_that_was_found_is_still_there_when_it_is_finished_again(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    folder = store.prepare("audits", "k")
    (folder / "v").write_text("1")
    store.finish("audits", "k", folder)
    found = store.find("audits", "k")
    assert found is not None
    assert (store.finish("audits", "k", found) / "v").read_text() == "1"
    assert store.find("audits", "k") == found


def test_a_cache_that_cannot_be_written_falls_back_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = ArtifactStore(tmp_path / "file" / "cache")
    assert store.fallback_reason is not None
    assert "cannot be written" in store.fallback_reason
    with store.making("a", "k"):
        pass
    assert store.find("a", "k") is not None
    store.close()


def test_a_full_disk_is_a_message_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ArtifactStore(tmp_path)

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(artifact_store.tempfile, "mkdtemp", full)
    with pytest.raises(StorageError, match=r"No space left on device\nFree disk space"):
        store.prepare("a", "k")


def test_keys_differ_with_settings_and_not_with_time() -> None:
    assert key_of("a", 1) == key_of("a", 1)
    assert key_of("a", 1) != key_of("a", 2)
    assert key_of("ab", "c") != key_of("a", "bc")
