"""Files for others: whole or not at all, no formulas, no names that escape."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import StorageError
from explorer.session.files import claim_folder, csv_cell, safe_name, write_parquet, write_text, write_whole


def test_a_failed_write_leaves_the_previous_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "good")

    def fail(temporary: Path) -> None:
        temporary.write_text("half")
        raise OSError("disk full")

    with pytest.raises(StorageError, match="unchanged"):
        write_whole(path, fail)
    assert path.read_text() == "good"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_parquet_is_written_with_page_checksums_that_verify(tmp_path: Path) -> None:
    table = pa.table({"a": list(range(1000))})
    write_parquet(tmp_path / "t.parquet", table)
    assert pq.read_table(tmp_path / "t.parquet", page_checksum_verification=True).equals(table)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "＝1", "  =cmd|' /C calc'!A0"])
def test_a_spreadsheet_sees_no_formula(text: str) -> None:
    assert csv_cell(text) == "'" + text


def test_ordinary_cells_stay_as_they_are() -> None:
    assert csv_cell("rm -rf /") == "rm -rf /"


@given(st.text())
def test_names_from_data_stay_inside_the_target(text: str) -> None:
    name = safe_name(text)
    assert name
    assert len(name) <= 80
    assert not name.startswith(".")
    assert all(c.isascii() and (c.isalnum() or c in "._-") for c in name)


def test_a_folder_with_something_else_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(StorageError, match="nothing was changed"):
        claim_folder(tmp_path, "audit.json")
    assert (tmp_path / "thesis.tex").read_text() == "precious"


def test_an_earlier_result_may_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "audit.json").write_text("{}")
    claim_folder(tmp_path, "audit.json")
    claim_folder(tmp_path / "new", "audit.json")
    assert (tmp_path / "new").is_dir()


def test_a_folder_that_cannot_be_made_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="--out"):
        claim_folder(tmp_path / "file" / "out", "audit.json")
