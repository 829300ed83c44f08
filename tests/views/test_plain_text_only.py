"""Outside views/shared nothing can show a log's text as markup: the widgets that guess it are not used at all."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = {
    "QLabel", "QTextBrowser", "QTextEdit", "QTextDocument", "QMessageBox", "QErrorMessage", "QWhatsThis",
    "setToolTip", "showText", "setWhatsThis", "setStatusTip", "setHtml", "setMarkdown", "insertHtml", "appendHtml",
    "setTitle", "addLegend", "TextItem", "LabelItem", "QStaticText",
}  # fmt: skip
MODULES = sorted(
    path
    for path in [*(ROOT / "views").rglob("*.py"), ROOT / "explorer" / "app.py"]
    if "shared" not in path.relative_to(ROOT).parts
)


TIPS = ("setToolTip", "showText")


def _is_escaped(call: ast.Call) -> bool:
    """A tip whose text is made by ``tooltip_text`` right there."""
    return any(
        isinstance(given, ast.Call) and isinstance(given.func, ast.Name) and given.func.id == "tooltip_text"
        for given in call.args
    )


def used(source: str) -> Iterator[tuple[str, int]]:
    """Forbidden names a module uses, with their lines."""
    tree = ast.parse(source)
    allowed = {
        id(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TIPS
        and _is_escaped(node)
    }  # fmt: skip
    for node in ast.walk(tree):
        name = ""
        if isinstance(node, ast.Name):
            name = node.id
        elif isinstance(node, ast.Attribute) and id(node) not in allowed:
            name = node.attr
        elif isinstance(node, ast.alias):
            name = node.name.rpartition(".")[2]
        if name in FORBIDDEN:
            yield name, getattr(node, "lineno", 0)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_plain_text_widgets_are_used(path: Path) -> None:
    assert not list(used(path.read_text("utf-8")))


def test_the_check_sees_what_it_forbids() -> None:
    assert [name for name, _ in used("from PySide6.QtWidgets import QLabel\nw.setToolTip(text)\n")] == [
        "QLabel",
        "setToolTip",
    ]


def test_escaped_tips_are_allowed() -> None:
    assert not list(used("w.setToolTip(tooltip_text(step.text))"))


def test_tool_tips_of_models_are_escaped() -> None:
    """Whoever answers ToolTipRole uses ``tooltip_text``."""
    for path in MODULES:
        source = path.read_text("utf-8")
        if "ToolTipRole" in source:
            assert "tooltip_text" in source, path
