"""Which way in: a mistyped command is not taken for a file."""

from __future__ import annotations

import pytest

from explorer.cli.open_window import run


@pytest.mark.parametrize(("word", "says"), [("auditt", "audit"), ("merge", "Commands: open, audit")])
def test_a_mistyped_command_names_the_commands(word: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([word]) == 2
    assert says in capsys.readouterr().err
