"""``effects`` answers in order, one JSON object a line, and reads lines, JSON lines and Parquet."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.cli.main import main


def ask(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], given: bytes = b""
) -> list[dict[str, object]]:
    class Stdin:
        buffer = io.BytesIO(given)

    monkeypatch.setattr("sys.stdin", Stdin())
    assert main(["effects", *arguments]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_lines_come_back_in_order_with_the_three_values(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = b"ls\nrm -rf build\n./opaque.sh\nls\n"
    found = ask(monkeypatch, capsys, ["--kind", "shell", "--lines", "-"], given)
    assert [row["command"] for row in found] == ["ls", "rm -rf build", "./opaque.sh", "ls"]
    assert [row["concern"] for row in found] == [False, True, None, False]
    assert {"command", "concern", "headline", "severity", "effects"} == set(found[1])


def test_invalid_utf8_is_an_answer_not_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = ask(monkeypatch, capsys, ["--kind", "shell", "--lines", "-"], b"rm -rf \xff\xfe\n")
    assert found[0]["concern"] is True


def test_tools_are_read_from_json_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    given = b'{"tool": "delete_file", "arguments": {"path": "a"}}\n{"tool": "list_dir", "arguments": "{}"}\n'
    found = ask(monkeypatch, capsys, ["--kind", "tool", "--jsonl", "-"], given)
    assert [row["concern"] for row in found] == [True, False]


def test_a_parquet_column_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pq.write_table(pa.table({"sql": ["SELECT 1", "DELETE FROM t", None]}), tmp_path / "q.parquet")
    found = ask(monkeypatch, capsys, ["--kind", "sql", "--input", str(tmp_path / "q.parquet"), "--column", "sql"])
    assert [row["command"] for row in found] == ["SELECT 1", "DELETE FROM t", None]
    assert found[1]["concern"] is True


def test_another_concern_decides_otherwise(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    found = ask(
        monkeypatch, capsys, ["--kind", "shell", "--lines", "-", "--concern", "permission"], b"rm a\nchmod 777 a\n"
    )
    assert [row["concern"] for row in found] == [False, True]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--kind", "shell", "--lines", "absent.txt"], "absent.txt"),
        (["--kind", "shell", "--input", "absent.parquet"], "--column"),
        (["--kind", "shell", "--lines", "-", "--concern", "nonsense"], "nonsense"),
    ],
)
def test_what_cannot_run_says_why_and_ends_with_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["effects", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_json_that_is_none_names_the_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Stdin:
        buffer = io.BytesIO(b'"ls"\n{nonsense\n')

    monkeypatch.setattr("sys.stdin", Stdin())
    assert main(["effects", "--kind", "shell", "--jsonl", "-"]) == 2
    assert "line 2" in capsys.readouterr().err
