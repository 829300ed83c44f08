"""Files from strangers: whatever is in them, the answer is data or a message with the way out."""

from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.errors import InputError, UserError
from loaders import reading
from loaders.base import ReadRequest
from loaders.reading import ParquetSource, iter_column
from loaders.registry import read_source
from tests.builders import step_shape_rows, write_parquet
from tests.loaders.support import codes, read, steps

ROWS = step_shape_rows({"g": {f"t{n}": [("shell", "bash", f"ls {n}"), ("shell", "bash", "rm x")] for n in range(20)}})


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write_parquet(tmp_path / "log.parquet", ROWS)


def refused(tmp_path: Path, path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_source(ReadRequest((str(path),)), tmp_path / "cache")
    assert caught.value.todo
    assert not list((tmp_path / "cache").glob("*")) if (tmp_path / "cache").exists() else True
    return caught.value


def test_a_cut_off_file_is_a_message(tmp_path: Path, log: Path) -> None:
    log.write_bytes(log.read_bytes()[:-100])
    error = refused(tmp_path, log)
    assert "damaged or cut off" in error.what
    assert error.where == str(log)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"a,b,c\n1,2,3\n", "CSV"),
        (b'{"a": 1}\n', "JSON"),
        (b"hello there", "plain text"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"PK\x03\x04....", "zip"),
        (b"\xff\xfe\x00\x01", "something else"),
        (b"ARROW1\x00\x00", "Arrow"),
        (b"", "empty"),
        (b"PAR1", "damaged"),
    ],
)
def test_what_is_no_parquet_is_called_by_its_name(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "log.parquet"
    path.write_bytes(content)
    assert word in refused(tmp_path, path).what


def test_missing_files_folders_without_parquet_and_patterns_without_matches(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("x")
    assert "no such file" in refused(tmp_path, tmp_path / "missing.parquet").what
    assert "no Parquet file in this folder" in refused(tmp_path, tmp_path / "empty").what
    assert "no file matches" in refused(tmp_path, tmp_path / "*.parquet").what
    with pytest.raises(InputError):
        read_source(ReadRequest(()), tmp_path / "cache")


def test_hidden_and_unfinished_files_of_a_folder_are_left_alone(tmp_path: Path) -> None:
    write_parquet(tmp_path / "logs" / "a.parquet", ROWS)
    for name in ("_metadata.parquet", ".tmp.parquet", "_tmp/x.parquet"):
        (tmp_path / "logs" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "logs" / name).write_bytes(b"junk")
    report, _ = read(tmp_path, tmp_path / "logs")
    assert len(report.files) == 1


def test_random_damage_is_data_or_a_message(tmp_path: Path, log: Path) -> None:
    whole = log.read_bytes()
    chance = random.Random(7)
    outcomes = set()
    for number in range(150):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path = tmp_path / f"d{number}.parquet"
        path.write_bytes(bytes(damaged))
        try:
            read(tmp_path, path)
            outcomes.add("read")
        except UserError:
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}


def test_bytes_that_are_no_utf8_are_shown_and_flagged(tmp_path: Path) -> None:
    bad = pa.array([b"ls \xff\xfe", b"ls"], pa.binary()).view(pa.string())
    table = pa.table({"trajectory_id": ["r", "r"], "step": [0, 1], "tool": ["bash", "bash"], "arguments": bad})
    pq.write_table(table, tmp_path / "log.parquet")
    report, dataset = read(tmp_path, tmp_path / "log.parquet")
    assert [step[2] for step in steps(dataset)] == ["ls \\xff\\xfe", "ls"]
    assert dataset.steps["flags"].to_pylist() == [["invalid_utf8"], None]
    assert codes(report) == {"invalid_utf8": 1}


def test_invalid_text_deep_inside_messages_is_flagged_on_its_step(tmp_path: Path) -> None:
    roles = pa.array(["user", "assistant", "assistant"])
    content = pa.array([b"hi", b"fine", b"bad \xc3("], pa.binary()).view(pa.string())
    struct = pa.StructArray.from_arrays([roles, content], names=["role", "content"])
    messages = pa.ListArray.from_arrays(pa.array([0, 3], pa.int32()), struct)
    pq.write_table(pa.table({"id": ["a"], "messages": messages}), tmp_path / "log.parquet")
    report, dataset = read(tmp_path, tmp_path / "log.parquet")
    assert [step[2] for step in steps(dataset)] == ["fine", "bad \\xc3("]
    assert dataset.steps["flags"].to_pylist() == [None, ["invalid_utf8"]]
    assert codes(report)["invalid_utf8"] == 1


def test_lone_surrogates_in_json_are_escaped_and_flagged(tmp_path: Path) -> None:
    text = '[{"role": "user", "content": "x"}, {"role": "assistant", "content": "a\\ud800b"}]'
    _, dataset = read(tmp_path, write_parquet(tmp_path / "log.parquet", [{"id": "1", "log": text}]))
    assert steps(dataset)[0][2] == "a\\ud800b"
    assert dataset.steps["flags"].to_pylist() == [["lone_surrogate"]]


def test_a_file_that_changes_while_it_is_read_is_noticed(log: Path) -> None:
    with ParquetSource(log) as source:
        batches = source.batches(batch_rows=4)
        next(batches)
        os.utime(log, (1, 1))
        with pytest.raises(InputError, match="changed while it was being read"):
            list(batches)


def test_a_batch_that_unfolds_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.parquet"
    pq.write_table(pa.table({"x": ["a" * 100_000] * 2_000}), path, compression="zstd")
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(reading, "MAX_BATCH_BYTES", 1 << 20)
    with ParquetSource(path) as source, pytest.raises(InputError, match="unfold"):
        list(source.batches())


def test_rows_that_unfold_from_a_dictionary_come_in_small_batches(tmp_path: Path) -> None:
    path = tmp_path / "bomb.parquet"
    table = pa.table({"x": pa.DictionaryArray.from_arrays(pa.array([0] * 5_000, pa.int32()), pa.array(["a" * 10**6]))})
    pq.write_table(table, path, compression="zstd")
    assert path.stat().st_size < 10_000
    with ParquetSource(path) as source:
        assert source.batch_rows > 4_000
        source.head()
        assert source.batch_rows < 100


def test_batches_are_small_by_the_footer(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    noise = np.random.default_rng(1).integers(0, 256, (400, 200_000), dtype=np.uint8)
    pq.write_table(pa.table({"x": [bytes(row) for row in noise]}), path)
    with ParquetSource(path) as source:
        assert source.batch_rows < 120


def test_one_column_can_be_read_by_itself(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "model=m" / "log.parquet", [{"a": {"b": n}, "c": "x"} for n in range(5)])
    assert list(iter_column(path, "a.b")) == [0, 1, 2, 3, 4]
    assert list(iter_column(path, "model")) == ["m"] * 5
    with pytest.raises(InputError) as caught:
        list(iter_column(path, "a.z"))
    assert "a.b" in (caught.value.todo or "")


def test_the_hash_is_that_of_the_file(tmp_path: Path, log: Path) -> None:
    import hashlib

    report, _ = read(tmp_path, log)
    assert report.input_hashes == {str(log): hashlib.sha256(log.read_bytes()).hexdigest()}
