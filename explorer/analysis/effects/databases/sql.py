"""What SQL text does: one effect a statement, from the parsed statement and not from its words.

Statements are cut at top-level semicolons and parsed one by one (sqlglot), so that one that cannot be parsed
does not hide the others. Where the parser falls back to a raw command or fails, the leading words decide, with
lower confidence; what they do not decide is *unknown*. Text too long or too deeply nested is never parsed: its
statements' leading words are read and the rest is marked "cannot tell".
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from explorer.analysis.effects.databases.sql_words import classify_words
from explorer.analysis.effects.shared.making import clip, distinct, make, moved, under
from explorer.model.effect import Effect, EffectKind, Effects, Span, Target
from explorer.model.schema import Outcome

# The parser announces every fall-back; falling back is foreseen here.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

MAX_PARSED = 50_000
"""Longest statement that is parsed, in characters."""
MAX_STATEMENTS = 2_000
MAX_NESTING = 150
Shell = Callable[[str], Effects]

_DATA_HOLDERS = frozenset({"TABLE", "DATABASE", "SCHEMA", "KEYSPACE", "COLLECTION", "CATALOG", "WAREHOUSE", "STAGE"})
_CONTAINERS = frozenset({"DATABASE", "SCHEMA", "KEYSPACE", "CATALOG"})
_SECRET_COLUMNS = re.compile(
    r"passw|passwd|secret|token|api_?key|\brole\b|is_admin|is_superuser|privilege", re.IGNORECASE
)
_HIDING_COLUMNS = re.compile(r"^(?:is_)?deleted(?:_at|_on)?$|^removed(?:_at)?$", re.IGNORECASE)
_READS = (exp.Query, exp.Show, exp.Values)
_SILENT = (exp.Set, exp.Use, exp.Transaction, exp.Commit, exp.Rollback, exp.Pragma, exp.Semicolon, exp.Comment)


def classify_sql(text: str, shell: Shell | None = None, *, depth: int = 0) -> Effects:
    """The effects of SQL text. ``shell`` classifies commands that a statement hands to the operating system
    (``COPY … TO PROGRAM``, ``xp_cmdshell``, a client's ``\\!``); without it they are opaque."""
    found: list[Effect] = []
    open_from: int | None = None
    for number, (start, end) in enumerate(_statements(text)):
        if number >= MAX_STATEMENTS or depth > 8:
            found.append(make(EffectKind.UNKNOWN, "sql.too-long", note="the text holds more statements than are read"))
            break
        part = text[start:end]
        head = _head(part)
        effects = moved(_statement(part, shell, depth), start)
        if head.startswith(("BEGIN", "START TRANSACTION")) and len(head) < 60:
            open_from = len(found)
        elif head.startswith("COMMIT"):
            open_from = None
        elif head.startswith("ROLLBACK") and " TO " not in head and open_from is not None:
            found[open_from:] = [_undone(effect) for effect in found[open_from:]]
            open_from = None
        found.extend(effects)
    return distinct(found)


def _undone(effect: Effect) -> Effect:
    if effect.kind in (EffectKind.NONE, EffectKind.READ):
        return effect
    return replace(effect, outcome=Outcome.NOT_EXECUTED, note="rolled back in the same text")


def _head(part: str) -> str:
    return " ".join(part[:200].split()).upper()


_TOKEN = re.compile(
    r"--[^\n]*|/\*.*?(?:\*/|\Z)|'(?:[^'\\]|\\.|'')*(?:'|\Z)|\"(?:[^\"\\]|\\.)*(?:\"|\Z)|`[^`]*(?:`|\Z)"
    r"|(?P<tag>\$[A-Za-z_0-9]*\$)|;|(?P<dot>^[ \t]*[.\\][^\n]*\n?)",
    re.DOTALL | re.MULTILINE,
)


def _statements(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each statement: cut at semicolons outside quotes, comments and dollar quotes; a client's
    own command line (``.tables``, ``\\dt``) is a statement by itself."""
    start = position = 0
    while True:
        match = _TOKEN.search(text, position)
        if match is None:
            break
        position = match.end()
        if match["tag"]:
            close = text.find(match["tag"], position)
            position = len(text) if close < 0 else close + len(match["tag"])
        elif match["dot"] is not None:
            if text[start : match.start()].strip():
                continue
            yield match.start(), match.end()
            start = position
        elif match[0] == ";":
            if text[start : match.start()].strip():
                yield start, match.start()
            start = position
        if position == match.start():
            position += 1
    if text[start:].strip():
        yield start, len(text)


def _statement(part: str, shell: Shell | None, depth: int) -> Effects:
    bare = part.strip()
    lead = part.find(bare[0]) if bare else 0
    span = Span(lead, lead + len(bare))
    if not bare:
        return ()
    if len(bare) > MAX_PARSED or _nesting(bare) > MAX_NESTING:
        opaque = make(EffectKind.UNKNOWN, "sql.too-long", span=span, note="too long or too deeply nested to be parsed")
        return (*_words(bare, span, shell, depth), opaque)
    tree = _parse(bare)
    if tree is None or isinstance(tree, (exp.Command, exp.Execute, exp.Copy, exp.Describe, exp.Kill)):
        return _words(bare, span, shell, depth)
    effects = list(_tree(tree, bare, span, shell, depth))
    if not effects:
        return _words(bare, span, shell, depth)
    return tuple(effects)


def _words(bare: str, span: Span, shell: Shell | None, depth: int) -> Effects:
    def inner(text: str) -> Effects:
        return classify_sql(text, shell, depth=depth + 1)

    return tuple(effect if effect.span else replace(effect, span=span) for effect in classify_words(bare, inner, shell))


def _nesting(text: str) -> int:
    deepest = level = 0
    for character in re.findall(r"[()\[\]]|\bcase\b|\bend\b", text, re.IGNORECASE):
        level += 1 if character in "([" or character.lower() == "case" else -1
        deepest = max(deepest, level)
    return deepest


def _parse(text: str) -> exp.Expression | None:
    for dialect in _dialects(text):
        try:
            trees = sqlglot.parse(text, dialect=dialect)
        except (
            SqlglotError,
            RecursionError,
            ValueError,
            IndexError,
            KeyError,
            AttributeError,
            TypeError,
            AssertionError,
        ):
            continue
        if len(trees) >= 1 and isinstance(trees[0], exp.Expression):
            return trees[0]
    return None


def _dialects(text: str) -> tuple[str, ...]:
    if "`" in text:
        return ("mysql", "bigquery")
    if "$$" in text or "::" in text or "ILIKE" in text.upper():
        return ("postgres", "")
    if re.search(r"\bGO\s*$|\[\w+\]|@\w+|\bTOP\s*\(?\d", text[:2000], re.IGNORECASE):
        return ("tsql", "")
    if re.match(r"\s*delete\s+\w+\s*,|\s*delete\s+\w+\s+from|.*\blimit\b", text[:500], re.IGNORECASE | re.DOTALL):
        return ("mysql", "")
    return ("", "postgres", "mysql")


def _tree(tree: exp.Expression, text: str, span: Span, shell: Shell | None, depth: int) -> Iterator[Effect]:
    """Effects of a parsed statement: its own and those of data-changing parts inside it."""
    if isinstance(tree, exp.Create):
        yield from _create(tree, span, shell, depth)
        nested = [tree.expression] if isinstance(tree.expression, exp.Expression) else []
    else:
        nested = [tree]
    for root in nested:
        for node in root.walk():
            if isinstance(node, exp.Expression):
                yield from _node(node, span, shell)
    if isinstance(tree, _READS):
        yield make(EffectKind.READ, "sql.query", span=span, target=_table(tree.find(exp.Table)))
    elif isinstance(tree, _SILENT):
        yield make(EffectKind.NONE, "sql.session", span=span)


def _node(node: exp.Expression, span: Span, shell: Shell | None) -> Iterator[Effect]:
    if isinstance(node, exp.Delete):
        yield _removal(node, span)
    elif isinstance(node.parent, exp.When):
        return  # a branch of MERGE, told by the statement itself
    elif isinstance(node, exp.Update):
        yield from _update(node, span)
    elif isinstance(node, exp.Insert):
        yield _insert(node, span)
    elif isinstance(node, exp.Merge):
        yield from _merge(node, span)
    elif isinstance(node, exp.TruncateTable):
        for table in node.expressions:
            target = Target("table", _name(table), "tree")
            yield make(EffectKind.REMOTE_DELETE, "sql.truncate", severity=4, span=span, target=target)
    elif isinstance(node, exp.Drop) and not isinstance(node.parent, exp.Alter):
        yield _drop(node, span)
    elif isinstance(node, exp.Alter):
        yield from _alter(node, span)
    elif isinstance(node, (exp.Grant, exp.Revoke)):
        yield _grant(node, span)
    elif isinstance(node, exp.Into):
        yield make(EffectKind.CREATE, "sql.select-into", span=span, target=_table(node.this))
    elif isinstance(node, (exp.Anonymous, exp.Func)):
        yield from _function(node, span)


def _removal(node: exp.Delete, span: Span) -> Effect:
    everything = _everything(node.args.get("where")) and not node.args.get("limit") and not node.args.get("using")
    tables = node.args.get("tables") or [node.this]
    name = ", ".join(_name(table) for table in tables)
    if everything:
        return make(
            EffectKind.REMOTE_DELETE, "sql.delete-all", severity=4, span=span, target=Target("table", name, "tree"),
            note="no condition: every row goes",
        )  # fmt: skip
    return make(EffectKind.REMOTE_DELETE, "sql.delete", span=span, target=Target("table", name, "many"))


def _everything(where: object) -> bool:
    """Whether a condition lets every row through: absent, or constant and true."""
    if not isinstance(where, exp.Where):
        return True
    condition = where.this
    while isinstance(condition, exp.Paren):
        condition = condition.this
    if isinstance(condition, exp.Boolean):
        return bool(condition.this)
    if isinstance(condition, exp.Literal):
        return str(condition.this) not in ("0", "")
    if isinstance(condition, exp.EQ):
        same = condition.left == condition.right
        return bool(same and isinstance(condition.left, (exp.Literal, exp.Column)))
    return isinstance(condition, exp.Or) and (
        _everything(exp.Where(this=condition.left)) or _everything(exp.Where(this=condition.right))
    )


def _update(node: exp.Update, span: Span) -> Iterator[Effect]:
    name = _name(node.this)
    columns = [
        item.left.name for item in node.expressions if isinstance(item, exp.EQ) and isinstance(item.left, exp.Column)
    ]
    if any(_SECRET_COLUMNS.search(column) for column in columns):
        yield make(EffectKind.ACCOUNT, "sql.update-credential", span=span, target=Target("table", name, "many"))
    hidden = any(_HIDING_COLUMNS.search(column) for column in columns)
    note = "marks rows as deleted, which can be undone" if hidden else ""
    if _everything(node.args.get("where")) and not node.args.get("from_") and not node.args.get("limit"):
        yield make(
            EffectKind.OVERWRITE, "sql.update-all", span=span, target=Target("table", name, "tree"),
            note=note or "no condition: every row changes",
        )  # fmt: skip
    else:
        yield make(EffectKind.MODIFY, "sql.update", span=span, target=Target("table", name, "many"), note=note)


def _insert(node: exp.Insert, span: Span) -> Effect:
    target = _table(node.this)
    if node.args.get("overwrite"):
        return make(EffectKind.OVERWRITE, "sql.insert-overwrite", span=span, target=target)
    if str(node.args.get("alternative") or "").upper() == "REPLACE" or _updates(node.args.get("conflict")):
        return make(EffectKind.MODIFY, "sql.upsert", span=span, target=target)
    return make(EffectKind.CREATE, "sql.insert", span=span, target=target)


def _updates(conflict: object) -> bool:
    return isinstance(conflict, exp.OnConflict) and "UPDATE" in conflict.sql().upper()


def _merge(node: exp.Merge, span: Span) -> Iterator[Effect]:
    target = _table(node.this)
    whens = node.args.get("whens")
    for when in whens.expressions if isinstance(whens, exp.Expression) else []:
        then = when.args.get("then")
        word = then.name.upper() if isinstance(then, exp.Var) else type(then).__name__.upper()
        if word == "DELETE":
            yield make(EffectKind.REMOTE_DELETE, "sql.merge-delete", span=span, target=target)
        elif word == "UPDATE":
            yield make(EffectKind.MODIFY, "sql.merge-update", span=span, target=target)
        elif word == "INSERT":
            yield make(EffectKind.CREATE, "sql.merge-insert", span=span, target=target)


def _drop(node: exp.Drop, span: Span) -> Effect:
    kind = str(node.args.get("kind") or "").upper()
    named = node.args.get("tables") or [node.this]
    value = ", ".join(_name(item) for item in named if isinstance(item, exp.Expression))
    if kind in ("USER", "ROLE", "LOGIN"):
        return make(EffectKind.ACCOUNT, "sql.drop-user", span=span, target=Target("account", value))
    if kind in ("POLICY", "MASKING POLICY", "ROW ACCESS POLICY"):
        return make(EffectKind.PERMISSION, "sql.drop-policy", span=span, target=Target("policy", value))
    if kind in ("SNAPSHOT", "BACKUP"):
        return make(EffectKind.RECOVERY_DESTROY, "sql.drop-snapshot", span=span, target=Target("snapshot", value))
    temporary = bool(node.args.get("temporary"))
    holds_data = kind in _DATA_HOLDERS or kind in ("", "MATERIALIZED VIEW")
    severity = (4 if kind in _DATA_HOLDERS else 3 if holds_data else 2) - (1 if temporary else 0)
    scope = "tree" if kind in _DATA_HOLDERS else "one"
    target = Target((kind or "table").lower(), clip(value), "system" if kind in _CONTAINERS else scope)
    rule = f"sql.drop-{(kind or 'object').lower().replace(' ', '-')}"
    return make(EffectKind.REMOTE_DELETE, rule, severity=severity, span=span, target=target)


def _alter(node: exp.Alter, span: Span) -> Iterator[Effect]:
    target = Target(str(node.args.get("kind") or "table").lower(), _name(node.this))
    actions = node.args.get("actions") or []
    for action in actions:
        if isinstance(action, exp.Drop):
            kind = str(action.args.get("kind") or "COLUMN").upper()
            if kind in ("COLUMN", "PARTITION"):
                yield make(EffectKind.REMOTE_DELETE, f"sql.alter-drop-{kind.lower()}", span=span, target=target)
                continue
        elif isinstance(action, exp.DropPartition):
            yield make(EffectKind.REMOTE_DELETE, "sql.alter-drop-partition", span=span, target=target)
            continue
        yield make(EffectKind.MODIFY, "sql.alter", span=span, target=target)
    if not actions:
        yield make(EffectKind.MODIFY, "sql.alter", span=span, target=target)


def _grant(node: exp.Grant | exp.Revoke, span: Span) -> Effect:
    principals = ", ".join(item.sql() for item in node.args.get("principals") or [])
    privileges = ", ".join(item.sql() for item in node.args.get("privileges") or [])
    wide = isinstance(node, exp.Grant) and (
        "ALL" in privileges.upper() or "PUBLIC" in principals.upper() or bool(node.args.get("grant_option"))
    )
    rule = "sql.grant" if isinstance(node, exp.Grant) else "sql.revoke"
    target = Target("account", clip(principals), "system" if wide else "one")
    return make(EffectKind.PERMISSION, rule, severity=3 if wide else 1, span=span, target=target)


_FUNCTIONS: dict[str, tuple[EffectKind, str]] = {
    "pg_terminate_backend": (EffectKind.PROCESS_KILL, "process"),
    "pg_cancel_backend": (EffectKind.PROCESS_KILL, "process"),
    "lo_unlink": (EffectKind.REMOTE_DELETE, "object"),
    "pg_drop_replication_slot": (EffectKind.RECOVERY_DESTROY, "slot"),
    "pg_file_unlink": (EffectKind.DELETE, "path"),
    "pg_file_write": (EffectKind.CREATE, "path"),
    "lo_export": (EffectKind.CREATE, "path"),
    "dblink_exec": (EffectKind.EXEC_OPAQUE, "statement"),
    "sys_exec": (EffectKind.EXEC_OPAQUE, "command"),
    "load_extension": (EffectKind.EXEC_OPAQUE, "path"),
    "sys_eval": (EffectKind.EXEC_OPAQUE, "command"),
}


def _function(node: exp.Expression, span: Span) -> Iterator[Effect]:
    name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
    if name in _FUNCTIONS:
        kind, type_ = _FUNCTIONS[name]
        value = ", ".join(item.sql().strip("'") for item in node.expressions[:1])
        yield make(kind, f"sql.{name}", span=span, target=Target(type_, clip(value)))


def _create(node: exp.Create, span: Span, shell: Shell | None, depth: int) -> Iterator[Effect]:
    kind = str(node.args.get("kind") or "").upper()
    target = _table(node.this, kind.lower() or "table")
    if node.args.get("replace"):
        if kind == "TABLE":
            yield make(EffectKind.OVERWRITE, "sql.create-or-replace-table", span=span, target=target)
        else:
            yield make(EffectKind.MODIFY, "sql.create-or-replace", span=span, target=target)
    else:
        yield make(EffectKind.CREATE, "sql.create", span=span, target=target)
    body = node.expression
    if kind in ("FUNCTION", "PROCEDURE", "TRIGGER", "EVENT") and isinstance(
        body, (exp.Heredoc, exp.Literal, exp.RawString)
    ):
        stored = classify_sql(str(body.this), shell, depth=depth + 1)
        for effect in under(stored, f"create {kind.lower()}", span=span):
            if effect.kind not in (EffectKind.NONE, EffectKind.READ, EffectKind.UNKNOWN):
                yield replace(effect, deferred=True)


def _table(node: object, type_: str = "table") -> Target | None:
    if not isinstance(node, exp.Expression):
        return None
    name = _name(node)
    return Target(type_, name) if name else None


def _name(node: object) -> str:
    """A table's written name without quotes, lower-case left as written."""
    if isinstance(node, (exp.Schema, exp.Into, exp.UserDefinedFunction)):
        node = node.this
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Func):
        return clip(node.this.sql())
    if isinstance(node, exp.Table):
        return clip(".".join(part.name for part in node.parts))
    if isinstance(node, exp.Column):
        return clip(".".join(part.name for part in node.parts))
    return clip(node.name or node.sql()) if isinstance(node, exp.Expression) else ""
