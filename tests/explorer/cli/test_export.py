"""``export``: the file's ending says the format unless ``--format`` does."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from explorer.cli.main import main
from explorer.model.result import DIVERGENCES
from explorer.session.annotation_store import AnnotationStore


@pytest.fixture
def audited(tmp_path: Path) -> Path:
    folder = tmp_path / "audit"
    folder.mkdir()
    summary = {
        "fingerprint": "f", "concern": [], "filter": {"name": "paper"}, "rule_pack_hash": "r", "program": "0",
    }  # fmt: skip
    (folder / "audit.json").write_text(json.dumps(summary), "utf-8")
    AnnotationStore(tmp_path / "store.sqlite").close()
    return folder


def export(folder: Path, name: str) -> int:
    store, out = folder.parent / "store.sqlite", folder.parent / name
    return main(["export", str(folder), "--store", str(store), "--out", str(out)])


def test_an_ending_that_says_no_format_is_a_message(audited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(audited, "findings.zzz") == 2
    assert "--format" in capsys.readouterr().err
    assert not (audited.parent / "findings.zzz").exists()


@pytest.mark.parametrize(("name", "start"), [("f.json", "{"), ("f.md", "#"), ("f.parquet", "PAR1")])
def test_the_ending_says_the_format(audited: Path, name: str, start: str) -> None:
    pq.write_table(DIVERGENCES.empty_table(), audited / "divergences.parquet")
    assert export(audited, name) == 0
    assert (audited.parent / name).read_bytes().startswith(start.encode())
