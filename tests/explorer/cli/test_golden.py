"""What others rely on is frozen: every Arrow schema and every --help. A change is made on purpose:
``UPDATE_GOLDEN=1 .venv/bin/pytest tests/explorer/cli/test_golden.py``, then read the difference."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from explorer.cli.main import COMMANDS, build_parser
from explorer.cli.schema import describe

GOLDEN = Path(__file__).resolve().parents[2] / "golden"


def compare(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert path.exists(), f"{name} is not frozen yet"
    assert text == path.read_text("utf-8")


def test_every_schema_is_as_published() -> None:
    compare("schemas.json", json.dumps(describe(), indent=1) + "\n")


@pytest.mark.parametrize("command", [*COMMANDS, None])
def test_every_help_is_as_published(command: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    parser = build_parser()
    if command is not None:
        actions = next(a for a in parser._actions if a.dest == "command")
        parser = actions.choices[command]
    compare(f"help_{command or 'main'}.txt", parser.format_help())
