"""What the README says exists, exists; what exists is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from explorer.cli.main import COMMANDS, build_parser
from explorer.session.report import residual_risks

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_every_folder_named_in_the_readme_exists() -> None:
    for name in re.findall(r"`((?:explorer|loaders|views|resources|benchmarks|tests)/?[\w/]*(?:\.py)?)`", README):
        assert (ROOT / name).exists(), name


def test_pictures_in_the_readme_exist() -> None:
    for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / target).is_file(), target


def test_commands_in_the_readme_are_commands() -> None:
    used = set(re.findall(r"trajectory-explorer ([a-z]+)(?=[ `\n])", README))
    assert used <= {*COMMANDS, "open"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    actions = next(a for a in build_parser([command])._actions if a.dest == "command")
    assert "trajectory-explorer " + command in actions.choices[command].format_help().replace("usage: ", "", 1)


def test_residual_risks_are_full_sentences() -> None:
    risks = residual_risks()
    assert len(risks) >= 8
    assert all(risk[0].isupper() and risk.endswith(".") for risk in risks)


def test_the_readme_lists_every_residual_risk() -> None:
    assert all(f"- {risk}" in README for risk in residual_risks())


def test_the_project_stands_alone() -> None:
    """Nothing names a machine's own paths or a package registry's host."""
    forbidden = re.compile(r"(?<![\w.])/(?:work|root|farm)/|pypi\.org|files\.pythonhosted|download\.pytorch")
    allowed = {"tests/conftest.py", "tests/test_docs.py"}
    hits = []
    for folder in ("explorer", "loaders", "views", "benchmarks", ".ci"):
        for path in (ROOT / folder).rglob("*"):
            if (
                path.suffix in (".py", ".toml", ".md", "")
                and path.is_file()
                and str(path.relative_to(ROOT)) not in allowed
            ):
                hits += [str(path.relative_to(ROOT)) for _ in forbidden.finditer(path.read_text("utf-8", "replace"))]
    assert not hits
