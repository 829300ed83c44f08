"""``replicate`` refuses what it cannot do before it starts, and overwrites nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.cli.main import COULD_NOT, main
from explorer.cli.replicate import packaged_filters, seeds_named, worlds_named


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--world", "moon"], "there is no world 'moon'"),
        (["--seeds", "1,x"], "'x' is not a seed"),
        (["--seeds", "1,,2"], "'' is not a seed"),
        (["--seeds", "-1"], "'-1' is not a seed"),
        (["--seeds", "1.5"], "'1.5' is not a seed"),
        (["--seeds", "٣"], "'٣' is not a seed"),
        (["--seeds", "99999"], "'99999' is not a seed"),
    ],
)
def test_bad_input_is_a_message_and_makes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    out = tmp_path / "out"
    assert main(["replicate", *arguments, "--out", str(out)]) == COULD_NOT
    said = capsys.readouterr()
    assert message in said.err
    assert said.out == ""
    assert not out.exists()


def test_an_occupied_folder_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "table.parquet").write_text("mine", "utf-8")
    for extra in ([], ["--resume"]):
        assert main(["replicate", "--quick", *extra, "--out", str(tmp_path)]) == COULD_NOT
        assert "nothing was written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["table.parquet"]
    assert (tmp_path / "table.parquet").read_text("utf-8") == "mine"


def test_a_file_as_output_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "file"
    place.write_text("mine", "utf-8")
    assert main(["replicate", "--out", str(place)]) == COULD_NOT
    assert "is a file, not a folder" in capsys.readouterr().err


def test_seeds_and_worlds_are_read() -> None:
    assert seeds_named("3, 1,3") == (3, 1)
    assert worlds_named("both") == ("api", "bash")
    assert worlds_named("bash") == ("bash",)


def test_the_packaged_lists_hold_what_sanitation_needs() -> None:
    assert {"paper", "chmod"} <= {spec.name for spec in packaged_filters()}
