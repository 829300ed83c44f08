"""Files that Python code writes with a text it shows: ``open(p, "w").write("…")``, ``Path(p).write_text("…")``."""

from __future__ import annotations

import ast
import re
import warnings

from explorer.analysis.effects.code.python_values import Thing, Values, text_of

_CELL = re.compile(r"\s*%%(?:writefile|file)\s+(?P<mode>-a\s+)?(?P<path>\S+)[^\n]*\n(?P<body>.*)", re.DOTALL)
MAX_PARSED = 200_000
MAX_FOUND = 50


def python_writes(text: str) -> list[tuple[str, str | None, bool]]:
    """(path, content or None where it is computed, appended) of every file that the code writes."""
    cell = _CELL.match(text)
    if cell:
        return [(cell["path"], cell["body"], bool(cell["mode"]))]
    if "write" not in text or len(text) > MAX_PARSED:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return []
    values = Values()
    found: list[tuple[str, str | None, bool]] = []
    for node in _in_order(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                values.names[alias.asname or alias.name.split(".")[0]] = values.fold(
                    ast.Name(alias.name.split(".")[0], ast.Load())
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                dotted = ast.Attribute(ast.Name(node.module or "", ast.Load()), alias.name, ast.Load())
                values.names[alias.asname or alias.name] = values.fold(dotted)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                values.bind(target, values.fold(node.value))
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            values.bind(node.optional_vars, values.fold(node.context_expr))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(found) < MAX_FOUND:
            _take(node, node.func.attr, values, found)
    return found


def _in_order(tree: ast.AST) -> list[ast.AST]:
    """All nodes in the order of the text, assignments after what they hold."""
    nodes = [
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Assign, ast.withitem, ast.Call))
    ]
    return sorted(nodes, key=_place)


def _place(node: ast.AST) -> tuple[int, int]:
    inner = node.context_expr if isinstance(node, ast.withitem) else node
    return getattr(inner, "lineno", 0), getattr(inner, "col_offset", 0)


def _take(node: ast.Call, method: str, values: Values, found: list[tuple[str, str | None, bool]]) -> None:
    if method not in ("write", "write_text", "writelines") or not isinstance(node.func, ast.Attribute):
        return
    receiver = values.fold(node.func.value)
    if not isinstance(receiver, Thing) or receiver.type not in ("file", "pathlib.Path"):
        return
    path = text_of(receiver)
    if path is None:
        return
    content = text_of(values.fold(node.args[0])) if node.args and method != "writelines" else None
    earlier = next((place for place, (name, _, _) in enumerate(found) if name == path), None)
    appended = receiver.type == "file" and "a" in str(receiver.extra)
    if earlier is not None and receiver.type == "file":
        before = found[earlier][1]
        found[earlier] = (path, None if before is None or content is None else before + content, found[earlier][2])
    else:
        found.append((path, content, appended))
