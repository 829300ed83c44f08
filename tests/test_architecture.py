"""The rule one can say aloud: model ← analysis ← session ← views ← app; loaders know the model only; Qt lives in
views and explorer/app.py. Each contract was once broken on purpose to see it fail."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter import cli as _cli  # noqa: F401  fails here, by name, where import-linter is not installed

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("explorer", "loaders", "views")
QT = {"PySide6", "pyqtgraph", "shiboken6"}


def _modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def _imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module)
    return found


def test_import_contracts_hold() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_qt_lives_in_views_and_the_app_only(path: Path) -> None:
    where = path.relative_to(ROOT)
    if where.parts[0] == "views" or where == Path("explorer/app.py"):
        return
    assert not {name for name in _imported(path) if name.split(".")[0] in QT}


def test_views_do_not_read_files_or_databases_of_logs() -> None:
    forbidden = {"pyarrow", "sqlite3", "loaders", "pandas", "torch", "umap"}
    for path in sorted((ROOT / "views").rglob("*.py")):
        names = {name.split(".")[0] for name in _imported(path)}
        assert not names & forbidden, path
        assert not any(name.startswith("explorer.analysis") for name in _imported(path)), path


def test_views_import_no_other_views_package() -> None:
    for path in sorted((ROOT / "views").rglob("*.py")):
        parts = path.relative_to(ROOT / "views").parts
        if len(parts) == 1:
            continue  # the window itself puts the packages together
        allowed = {parts[0], "shared"}
        used = {name.split(".")[1] for name in _imported(path) if name.startswith("views.") and name.count(".") >= 1}
        packages = {p.name for p in (ROOT / "views").iterdir() if p.is_dir()}
        assert (used & packages) <= allowed, path


def test_no_module_is_a_hall_of_many_doors() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for path in _modules()
        if (lines := len(path.read_text("utf-8").splitlines())) > 500
    ]
    assert not too_long
    halls = []
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                methods = [n for n in node.body if isinstance(n, ast.FunctionDef)]
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > 300 or len(methods) > 40:
                    halls.append(f"{path.relative_to(ROOT)}:{node.name}: {lines} lines, {len(methods)} methods")
    assert not halls


def test_nothing_unpickles_or_evaluates_what_a_log_says() -> None:
    for path in _modules():
        tree = ast.parse(path.read_text("utf-8"))
        names = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        assert not names & {"eval", "exec"}, path
        if path != ROOT / "explorer/execution/spawned.py":  # talks to its own worker over a private pipe
            assert not {"pickle", "joblib", "marshal", "shelve"} & {n.split(".")[0] for n in _imported(path)}, path


def test_the_command_line_starts_without_qt_and_without_the_heavy_libraries() -> None:
    code = (
        "import sys; from explorer.cli.main import main; code = main(['schema', '--json']);"
        "heavy = {'PySide6', 'torch', 'umap', 'numba', 'sklearn', 'pandas'} & set(sys.modules);"
        "sys.exit(code or bool(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _names_of_modules() -> dict[str, Path]:
    names = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in _modules()}
    return {name.removesuffix(".__init__"): path for path, name in names.items()}


def _imported_modules(path: Path, known: dict[str, Path]) -> set[str]:
    """The modules of the project that a file imports anywhere in it: at its top, in a function, for types only."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            base = ".".join((*package, *([node.module] if node.module else [])))
            inner = {f"{base}.{alias.name}" for alias in node.names}
            found.update(inner & known.keys())
            if not inner <= known.keys():  # a name that the package's own file holds
                found.add(base)
    return found & known.keys()


def test_no_two_modules_import_each_other_not_even_for_types() -> None:
    known = _names_of_modules()
    imports = {name: _imported_modules(path, known) - {name} for name, path in known.items()}
    # What imports nothing that is left is taken away, again and again; what stays stands in a circle or above one.
    left = dict(imports)
    while free := [name for name, targets in left.items() if not targets & left.keys()]:
        for name in free:
            del left[name]
    # And from above: what nobody left imports.
    while top := left.keys() - {target for targets in left.values() for target in targets}:
        for name in top:
            del left[name]
    assert not {name: sorted(targets & left.keys()) for name, targets in left.items()}
