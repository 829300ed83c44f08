"""Logs and a window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from explorer.app import Program
from tests.views.windows import make_program, put_away, write_logs


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, str]:
    """Teacher, student, both."""
    return write_logs(tmp_path_factory.mktemp("logs"))


@pytest.fixture
def program(qapp: QApplication, tmp_path: Path) -> Iterator[Program]:
    made = make_program(qapp, tmp_path)
    made.window.show()
    yield made
    put_away(made)
