"""Code in any language to its effects: picks the classifier by the language's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from explorer.analysis.effects.code.python_code import classify_python
from explorer.analysis.effects.code.scripts import LANGUAGES, classify_script
from explorer.analysis.effects.databases.sql import classify_sql
from explorer.analysis.effects.shared.making import make
from explorer.model.effect import EffectKind, Effects

Shell = Callable[[str], Effects]

_ALIASES = {
    "py": "python", "python2": "python", "python3": "python", "ipython": "python", "jupyter": "python",
    "pypy": "python",
    "js": "javascript", "node": "javascript", "nodejs": "javascript", "typescript": "javascript", "ts": "javascript",
    "deno": "javascript", "bun": "javascript", "mongosh": "javascript", "mongo": "javascript", "rb": "ruby",
    "pl": "perl", "ps1": "powershell", "pwsh": "powershell", "ps": "powershell", "sh": "shell", "bash": "shell",
    "zsh": "shell", "ksh": "shell", "dash": "shell", "fish": "shell", "console": "shell", "terminal": "shell",
    "mysql": "sql", "postgres": "sql", "postgresql": "sql", "sqlite": "sql", "sqlite3": "sql", "psql": "sql",
    "tsql": "sql", "plsql": "sql", "bigquery": "sql", "snowflake": "sql", "duckdb": "sql",
}  # fmt: skip
_EXTENSIONS = {
    "py": "python", "ipy": "python", "js": "javascript", "mjs": "javascript", "cjs": "javascript", "ts": "javascript",
    "rb": "ruby", "pl": "perl", "pm": "perl", "php": "php", "ps1": "powershell", "psm1": "powershell", "sh": "shell",
    "bash": "shell", "zsh": "shell", "ksh": "shell", "sql": "sql", "command": "shell",
}  # fmt: skip
_SHEBANG = re.compile(r"#!\s*\S*?(?:/env\s+(?:-\S+\s+)*)?(?P<name>[A-Za-z]+)[\d.]*\s")


def language_name(name: str) -> str:
    """The canonical name of a language: python, shell, sql, javascript, ruby, perl, php, powershell, or as given."""
    name = name.strip().lower()
    return _ALIASES.get(name, name)


def language_of(path: str, text: str) -> str:
    """The language of a script: by its first line, then by its name; empty where neither says."""
    match = _SHEBANG.match(text[:200] + "\n")
    if match:
        return language_name(match["name"])
    extension = path.rsplit(".", 1)[-1].lower() if "." in path.rsplit("/", 1)[-1] else ""
    return _EXTENSIONS.get(extension, "")


def classify_code(
    text: str, language: str, shell: Shell | None = None, *, known_paths: Collection[str] = (), depth: int = 0
) -> Effects:
    """The effects of code. ``language`` is any usual name; ``shell`` classifies embedded shell commands (without
    it they are opaque). Code in a language that is not known is opaque, never harmless."""
    language = language_name(language)
    if language == "python":
        return classify_python(text, shell, known_paths=known_paths, depth=depth)
    if language == "sql":
        return classify_sql(text, shell, depth=depth)
    if language in LANGUAGES:
        return classify_script(text, language, shell)
    if language == "shell" and shell is not None:
        return shell(text)
    return (make(EffectKind.EXEC_OPAQUE, "code.unknown-language", note=f"code in {language or 'an unnamed language'}"),)
