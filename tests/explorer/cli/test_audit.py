"""``audit``: the published files from small logs, and what is said when it cannot run."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from explorer.cli.main import main
from explorer.model.result import TABLES
from tests.builders import step_shape_rows, write_parquet

TEACHER = {
    f"task{n}": [("shell", "bash", "ls -la"), ("shell", "bash", "cat notes.txt"), ("finish", "finish", "done")]
    for n in range(6)
}
STUDENT = {
    f"task{n}": [
        ("shell", "bash", "ls -la"),
        ("shell", "bash", f"find /data/{n} -delete"),
        ("finish", "finish", "done"),
    ]
    for n in range(6)
}


@pytest.fixture
def logs(tmp_path: Path) -> tuple[Path, Path]:
    teacher = write_parquet(tmp_path / "teacher.parquet", step_shape_rows({"big": TEACHER}))
    student = write_parquet(tmp_path / "student.parquet", step_shape_rows({"small": STUDENT}))
    return teacher, student


def audit(*arguments: str | Path) -> int:
    return main(["audit", *(str(a) for a in arguments), "--no-map"])


def test_every_file_has_the_published_schema(logs: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert audit("--teacher", logs[0], "--student", logs[1], "--out", out) == 0
    for name, schema in TABLES.items():
        found = pq.read_schema(out / f"{name}.parquet")
        for field in schema:
            assert found.field(field.name).type == field.type, (name, field.name)
    summary = json.loads((out / "audit.json").read_text())
    for key in ("schema_version", "settings", "concern", "filter", "versions", "rule_pack_hash", "input_hashes",
                "seed", "roles", "column_mapping", "counts", "problems", "seconds"):  # fmt: skip
        assert key in summary, key
    assert (out / "report.html").read_text().startswith("<!doctype html>")


def test_a_quiet_deletion_is_in_the_key_cell_and_first(logs: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    audit("--teacher", logs[0], "--student", logs[1], "--out", out)
    rows = pq.read_table(out / "divergences.parquet").to_pylist()
    assert len(rows) == 6
    assert {row["lane"] for row in rows} == {"student_only"}
    assert {row["effect"] for row in rows} == {"delete"}
    trajectories = pq.read_table(out / "trajectories.parquet").to_pylist()
    assert all((row["risk"] > 0) == (row["group"] == "small") for row in trajectories)


def test_the_same_audit_twice_is_the_same(logs: tuple[Path, Path], tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert audit("--teacher", logs[0], "--student", logs[1], "--out", tmp_path / name) == 0
    for name in TABLES:
        one, two = (pq.read_table(tmp_path / side / f"{name}.parquet") for side in ("a", "b"))
        assert repr(one.to_pylist()) == repr(two.to_pylist()), name  # repr, because NaN is no NaN


def test_one_dataset_is_audited_without_pairs(logs: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert audit(logs[1], "--out", out) == 0
    rows = pq.read_table(out / "divergences.parquet").to_pylist()
    assert len(rows) == 6
    assert {row["lane"] for row in rows} == {None}
    assert pq.read_table(out / "pairs.parquet").num_rows == 0


def test_groups_in_one_file_get_their_roles_by_name(tmp_path: Path) -> None:
    both = write_parquet(tmp_path / "all.parquet", step_shape_rows({"big": TEACHER, "small": STUDENT}))
    out = tmp_path / "out"
    assert audit(both, "--group-by", "group", "--teacher-group", "big", "--student-group", "small", "--out", out) == 0
    assert json.loads((out / "audit.json").read_text())["roles"] == {"big": "teacher", "small": "student"}


def test_json_on_stdout_is_the_summary(
    logs: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit("--teacher", logs[0], "--student", logs[1], "--json", "--out", tmp_path / "out") == 0
    assert json.loads(capsys.readouterr().out)["counts"]["pairs"] == 6


def test_an_unknown_group_names_the_groups_found(
    tmp_path: Path, logs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    code = audit(logs[0], "--group-by", "group", "--teacher-group", "nobody", "--out", tmp_path / "out")
    said = capsys.readouterr().err
    assert code == 2
    assert "nobody" in said
    assert "big" in said


def test_no_common_task_names_keys_that_would_pair(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    teacher = write_parquet(tmp_path / "t.parquet", step_shape_rows({"big": {"a": TEACHER["task0"]}}))
    student = write_parquet(tmp_path / "s.parquet", step_shape_rows({"small": {"b": STUDENT["task0"]}}))
    assert audit("--teacher", teacher, "--student", student, "--out", tmp_path / "out") == 2
    assert "no task is common" in capsys.readouterr().err
    assert not (tmp_path / "out" / "audit.json").exists()


def test_a_truncated_file_is_a_message(
    tmp_path: Path, logs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    whole = logs[0].read_bytes()
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(whole[: len(whole) // 2])
    assert audit(broken, "--out", tmp_path / "out") == 2
    said = capsys.readouterr().err
    assert "broken.parquet" in said
    assert "Traceback" not in said


def test_a_csv_with_a_wrong_name_is_recognised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "runs.parquet"
    path.write_text("task,action\n1,ls\n")
    assert audit(path, "--out", tmp_path / "out") == 2
    assert "csv" in capsys.readouterr().err.lower()


def test_an_occupied_folder_is_left_alone(
    tmp_path: Path, logs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "thesis"
    out.mkdir()
    (out / "chapter.tex").write_text("precious")
    assert audit(logs[0], "--out", out) == 2
    assert "nothing was changed" in capsys.readouterr().err
    assert [p.name for p in out.iterdir()] == ["chapter.tex"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "nothing to audit"),
        (["--concern", "sorcery", "x.parquet"], "sorcery"),
        (["--filter", "sorcery", "x.parquet"], "sorcery"),
        (["absent.parquet"], "absent.parquet"),
        (["a.parquet", "--teacher", "b.parquet"], "both with and without a role"),
    ],
)
def test_wrong_usage_says_what_and_what_to_do(
    arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(*arguments, "--out", tmp_path / "out") == 2
    assert says in capsys.readouterr().err


def test_hostile_text_reaches_the_report_as_text_only(tmp_path: Path) -> None:
    hostile = {"t": [("shell", "bash", "rm -rf /x # <script>alert(1)</script>\u202egpj.exe")]}
    path = write_parquet(tmp_path / "h.parquet", step_shape_rows({"<img src=x>": hostile}))
    out = tmp_path / "out"
    assert audit(path, "--out", out) == 0
    page = (out / "report.html").read_text()
    assert "<script>" not in page
    assert "<img src=x>" not in page
    assert "\u202e" not in page
    assert "⟦U+202E⟧" in page
