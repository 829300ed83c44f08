"""``audit``: the published files from small logs, and what is said when it cannot run."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from explorer.cli.audit import alike_lines
from explorer.cli.main import main
from explorer.model.result import TABLES
from loaders.column_mapping import from_toml
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


def alike(tmp_path: Path, *, shared: bool) -> tuple[Path, Path]:
    """Tasks that are spelled differently on the two sides, and one that pairs if ``shared``."""
    sides = []
    for name, mark, tasks in (("big", "-", TEACHER), ("small", "_", STUDENT)):
        given = {f"airline{mark}task{mark}{n:03}": steps for n, steps in enumerate(tasks.values())}
        given |= {"same": tasks["task0"]} if shared else {}
        sides.append(write_parquet(tmp_path / f"{name}.parquet", step_shape_rows({name: given})))
    return sides[0], sides[1]


def test_what_did_not_pair_is_listed_with_the_keys_that_look_alike(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    teacher, student = alike(tmp_path, shared=True)
    assert audit("--teacher", teacher, "--student", student, "--out", tmp_path / "out") == 0
    said = capsys.readouterr().err
    assert said.count("may be the same task:") == 3
    assert "… 3 more under key_suggestions in audit.json" in said
    assert said.count("  not paired: ") == 5
    assert "not paired: 'airline-task-000' (big, 1 trajectory): the other side has no trajectory of this task" in said
    assert "… 7 more; see unpaired_reason in trajectories.parquet, and pairing in audit.json by group" in said
    reasons = pq.read_table(tmp_path / "out" / "trajectories.parquet")["unpaired_reason"]
    assert reasons.null_count == 2
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "Not paired" in page
    assert page.count("<td>airline_task_000</td>") == 2
    summary = json.loads((tmp_path / "out" / "audit.json").read_text())
    assert summary["n_unpaired"] == 12
    assert len(summary["unpaired"]) == 12
    assert {row["reason"] for row in summary["unpaired"]} == {"the other side has no trajectory of this task"}
    assert len(summary["key_suggestions"]) == 6
    inversions = pq.read_table(tmp_path / "out" / "pairs.parquet")["order_inversions"].to_pylist()
    assert inversions == [0]


@pytest.mark.parametrize("shared", [True, False])
def test_a_suggestion_is_accepted_by_a_mapping(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], shared: bool
) -> None:
    teacher, student = alike(tmp_path, shared=shared)
    code = audit("--teacher", teacher, "--student", student, "--out", tmp_path / "before")
    said = capsys.readouterr().err
    assert code == (0 if shared else 2)
    lines = [line.strip() for line in said.splitlines()]
    start = lines.index("[task_aliases]")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text("\n".join(lines[start : start + 4]))
    out = tmp_path / "out"
    assert audit("--teacher", teacher, "--student", student, "--mapping", mapping, "--out", out) == 0
    tasks = pq.read_table(out / "pairs.parquet")["task_id"].to_pylist()
    named = [f"airline-task-{n:03}" for n in range(3)]
    assert sorted(tasks) == [*named, *(["same"] if shared else [])]
    summary = json.loads((out / "audit.json").read_text())
    assert summary["column_mapping"]["task_aliases"] == {one.replace("-", "_"): one for one in named}
    page = (out / "report.html").read_text("utf-8")
    assert "Tasks named anew (3)" in page


def test_a_printed_alias_can_be_copied_whatever_its_key_holds() -> None:
    key, name = "p\u0430y_\u202eroll\n[x]", "p\u0430y-\u202eroll\n[x]"
    one = {"first": name, "second": key, "first_role": "teacher", "second_role": "student", "more_pairs": 1}
    lines = [line.strip() for line in alike_lines([one])]
    assert all(line.isascii() for line in lines[lines.index("[task_aliases]") :])
    assert from_toml("\n".join(lines[lines.index("[task_aliases]") :])).task_aliases == {key: name}


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


def test_what_has_no_partner_is_listed_as_cannot_tell_and_never_lost(tmp_path: Path) -> None:
    """A teacher whose trajectory was filtered away must not hide what the student did on that task."""
    teacher = write_parquet(tmp_path / "t.parquet", step_shape_rows({"big": {"task0": TEACHER["task0"]}}))
    student = write_parquet(tmp_path / "s.parquet", step_shape_rows({"small": STUDENT}))
    out = tmp_path / "out"
    assert audit("--teacher", teacher, "--student", student, "--out", out) == 0
    rows = pq.read_table(out / "divergences.parquet").to_pylist()
    assert len(rows) == len(STUDENT)
    alone = [row for row in rows if row["pair_id"] is None]
    assert len(alone) == len(STUDENT) - 1
    assert {row["lane"] for row in alone} == {"cannot_tell"}
    assert all("compared with nothing" in row["explanation"] for row in alone)
    trajectories = pq.read_table(out / "trajectories.parquet").to_pylist()
    assert sum(row["risk"] is None for row in trajectories) == len(alone)
    # The other way round the teacher's own deletions stand on the teacher's side.
    other = tmp_path / "other"
    assert audit("--teacher", student, "--student", teacher, "--out", other) == 0
    turned = pq.read_table(other / "divergences.parquet").to_pylist()
    assert all(row["student_trajectory_id"] is None for row in turned if row["pair_id"] is None)


def test_several_students_have_their_gaps_told_one_by_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    teacher = write_parquet(tmp_path / "t.parquet", step_shape_rows({"big": TEACHER}))
    whole = write_parquet(tmp_path / "whole.parquet", step_shape_rows({"small": STUDENT}))
    part = write_parquet(
        tmp_path / "part.parquet",
        step_shape_rows({"smaller": {task: steps for task, steps in STUDENT.items() if task != "task3"}}),
    )
    out = tmp_path / "out"
    assert audit("--teacher", teacher, "--student", whole, part, "--out", out) == 0
    said = capsys.readouterr().err
    assert "6 of 6 tasks pair (11 pairs)." in said
    assert "With smaller (student) 5 of 6 tasks pair (5 pairs). Without a partner there: 1 of the teacher" in said
    assert "not paired: 'task3' (big, 1 trajectory): no partner in smaller" in said
    held = {group["group"]: group for group in json.loads((out / "audit.json").read_text())["pairing"]}
    assert (held["small"]["n_unpaired_tasks"], held["smaller"]["n_unpaired_tasks"]) == (0, 1)
    assert held["smaller"]["unpaired_tasks"][0]["task"] == "task3"


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"[risk]\nseverity = 3 # \xe9\n", "utf-8"), (b"[alignment]\nthreshold = 1\n", "threshold 1 is not below")],
)
def test_weights_that_cannot_be_used_are_said_before_anything_is_read(
    logs: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, says: str
) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_bytes(content)
    code = audit("--teacher", logs[0], "--student", logs[1], "--weights", mine, "--out", tmp_path / "out")
    said = capsys.readouterr().err
    assert code == 2
    assert says in said
    assert str(mine) in said
    assert not (tmp_path / "out" / "audit.json").exists()
