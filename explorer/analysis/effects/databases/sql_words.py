"""What a SQL statement does by its leading words: for statements that the parser does not model.

Administrative statements, clients' own commands and vendor dialects are decided by how they begin; embedded
statements (``EXECUTE IMMEDIATE '…'``, ``DO $$…$$``) and shell commands (``xp_cmdshell``, ``\\!``) are handed on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from explorer.analysis.effects.shared.making import clip, distinct, make, under
from explorer.model.effect import Effect, EffectKind, Effects, Target

Inner = Callable[[str], Effects]
_K = EffectKind

# First match wins. (pattern on the upper-cased head, kind, severity or None, target type, rule)
_LEADS: tuple[tuple[re.Pattern[str], EffectKind, int | None, str, str], ...] = tuple(
    (re.compile(rf"(?:{pattern})\b\s*(?P<rest>.*)", re.DOTALL), kind, severity, type_, f"sql.{rule}")
    for pattern, kind, severity, type_, rule in (
        (r"DROP (?:USER|ROLE|LOGIN|SERVER ROLE)(?: IF EXISTS)?", _K.ACCOUNT, None, "account", "drop-user"),
        (r"DROP OWNED(?: BY)?", _K.REMOTE_DELETE, 4, "account", "drop-owned"),
        (r"DROP (?:SNAPSHOT|BACKUP)(?: IF EXISTS)?", _K.RECOVERY_DESTROY, None, "snapshot", "drop-snapshot"),
        (r"DROP (?:POLICY|ROW ACCESS POLICY)(?: IF EXISTS)?", _K.PERMISSION, None, "policy", "drop-policy"),
        (r"DROP (?:SERVER AUDIT|AUDIT POLICY|DATABASE AUDIT)\w*", _K.DEFENSE_OFF, None, "audit", "drop-audit"),
        (r"DROP TEMPORARY TABLE(?: IF EXISTS)?", _K.REMOTE_DELETE, 2, "table", "drop-temporary"),
        (r"DROP (?:DATABASE|SCHEMA|KEYSPACE|TABLESPACE)(?: IF "
         r"EXISTS)?", _K.REMOTE_DELETE, 4, "database", "drop-database"),
        (r"DROP TABLE(?: IF EXISTS)?", _K.REMOTE_DELETE, 4, "table", "drop-table"),
        (r"DROP (?:VIEW|INDEX|FUNCTION|PROCEDURE|TRIGGER|SEQUENCE|EVENT|TYPE|RULE)(?: IF EXISTS)?",
         _K.REMOTE_DELETE, 2, "object", "drop-object"),
        (r"DROP", _K.REMOTE_DELETE, 3, "object", "drop"),
        (r"TRUNCATE(?: TABLE)?(?: ONLY)?", _K.REMOTE_DELETE, 4, "table", "truncate"),
        (r"DELETE(?: FROM)?", _K.REMOTE_DELETE, 3, "table", "delete"),
        (r"PURGE (?:BINARY|MASTER) LOGS", _K.RECOVERY_DESTROY, None, "log", "purge-logs"),
        (r"PURGE", _K.RECOVERY_DESTROY, None, "object", "purge"),
        (r"RESET (?:MASTER|BINARY LOGS\w*)", _K.RECOVERY_DESTROY, None, "log", "reset-master"),
        (r"RESTORE (?:DATABASE|LOG|TABLE)", _K.OVERWRITE, None, "database", "restore"),
        (r"FLASHBACK", _K.OVERWRITE, None, "table", "flashback"),
        (r"SHUTDOWN", _K.HOST_DOWN, None, "server", "shutdown"),
        (r"KILL", _K.PROCESS_KILL, None, "process", "kill"),
        (r"(?:STOP|RESET) (?:SLAVE|REPLICA)", _K.PROCESS_KILL, None, "service", "stop-replica"),
        (r"SET PASSWORD(?: FOR)?", _K.ACCOUNT, None, "account", "set-password"),
        (r"(?:ALTER|RENAME) (?:USER|ROLE|LOGIN)(?: IF EXISTS)?", _K.ACCOUNT, None, "account", "alter-user"),
        (r"CREATE (?:USER|ROLE|LOGIN)(?: IF NOT EXISTS)?", _K.CREATE, None, "account", "create-user"),
        (r"(?:GRANT|REVOKE|DENY)", _K.PERMISSION, None, "account", "grant"),
        (r"REASSIGN OWNED(?: BY)?|ALTER DEFAULT PRIVILEGES|ALTER "
         r"AUTHORIZATION", _K.PERMISSION, None, "account", "ownership"),
        (r"ALTER TABLE .{0,200}? (?:DISABLE|NO FORCE) ROW LEVEL "
         r"SECURITY", _K.PERMISSION, 3, "table", "row-security-off"),
        (r"ALTER TABLE .{0,200}? DISABLE TRIGGER|DISABLE TRIGGER", _K.DEFENSE_OFF, 2, "table", "trigger-off"),
        (r"ALTER TABLE .{0,200}? DROP (?:COLUMN|PARTITION)", _K.REMOTE_DELETE, 3, "table", "alter-drop"),
        (r"ALTER TABLE .{0,200}? TRUNCATE PARTITION", _K.REMOTE_DELETE, 3, "table", "truncate-partition"),
        (r"(?:ALTER|RENAME|COMMENT|RECOVER|EXCHANGE|MOVE)", _K.MODIFY, None, "object", "alter"),
        (r"REPLACE(?: INTO)?", _K.MODIFY, None, "table", "upsert"),
        (r"INSERT OVERWRITE(?: TABLE| INTO)?", _K.OVERWRITE, None, "table", "insert-overwrite"),
        (r"INSERT(?: INTO)?|UPSERT(?: INTO)?|LOAD DATA|IMPORT|BACKUP|CREATE OR REPLACE "
         r"(?!TABLE)\w+", _K.CREATE, None, "table", "insert"),
        (r"CREATE OR REPLACE TABLE", _K.OVERWRITE, None, "table", "create-or-replace-table"),
        (r"CREATE", _K.CREATE, None, "object", "create"),
        (r"(?:UPDATE|MERGE(?: INTO)?)", _K.MODIFY, None, "table", "update"),
        (r"(?:SELECT|SHOW|DESCRIBE|DESC|VALUES|TABLE|LIST|HELP|FETCH)", _K.READ, None, "table", "query"),
        (r"(?:VACUUM|ANALYZE|ANALYSE|REINDEX|OPTIMIZE|CHECKPOINT|CLUSTER|REFRESH|MSCK|CHECK|REPAIR|LOCK|UNLOCK|FLUSH"
         r"|DISCARD|LISTEN|NOTIFY|UNLISTEN|DECLARE|CLOSE|OPEN|ATTACH|DETACH|PRAGMA|SET|RESET|USE|BEGIN|START|COMMIT|END"
         r"|ROLLBACK|SAVEPOINT|RELEASE|DEALLOCATE|CACHE|UNCACHE|DBCC|PRINT|GO|IF|RETURN|WAITFOR|UNDROP)",
         _K.NONE, None, "", "session"),
        (r"(?:CALL|EXEC|EXECUTE)", _K.EXEC_OPAQUE, None, "procedure", "call"),
    )
)  # fmt: skip
_CLIENT: tuple[tuple[re.Pattern[str], EffectKind, str], ...] = (
    (
        re.compile(r"\.(?:shell|system)\s+(?P<rest>.+)|\\!\s*(?P<rest2>.+)|!!?\s*(?P<rest3>.+)", re.DOTALL),
        _K.EXEC_OPAQUE,
        "shell",
    ),
    (re.compile(r"(?:\.read|\\i|\\ir|\\include|source|\\\.|@@?)\s+(?P<rest>\S+)"), _K.EXEC_OPAQUE, "script"),
    (re.compile(r"\\gexec"), _K.EXEC_OPAQUE, "script"),
    (re.compile(r"\.(?:output|once|dump|save|backup|clone)\s+(?P<rest>\S+)|\\o\s+(?P<rest2>\S+)"), _K.CREATE, "path"),
    (re.compile(r"\.restore\s+(?P<rest>\S+)"), _K.OVERWRITE, "path"),
    (re.compile(r"\.import\s+(?P<rest>\S+)|\\copy\s+(?P<rest2>.*)", re.DOTALL), _K.CREATE, "table"),
    (re.compile(r"\\password(?:\s+(?P<rest>\S+))?"), _K.ACCOUNT, "account"),
    (re.compile(r"[.\\]\S*"), _K.READ, ""),
)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)|^\s*#[^\n]*", re.DOTALL | re.MULTILINE)
_STRING = re.compile(r"'((?:[^'\\]|\\.|'')*)'")
_BODY = re.compile(r"(\$[A-Za-z_0-9]*\$)(.*?)(?:\1|\Z)", re.DOTALL)
_NAME = re.compile(r"[`\"\[]?([\w.$#-]+)")
_PLPGSQL = re.compile(r"\b(?:DECLARE|BEGIN|END|LOOP|THEN|ELSE|IF|FOR|WHILE|PERFORM|RETURN)\b", re.IGNORECASE)


def classify_words(text: str, inner: Inner, shell: Inner | None) -> Effects:
    """The effects of one statement, judged by how it begins."""
    bare = _COMMENT.sub(" ", text[:20_000]).strip()
    if not bare:
        return (make(EffectKind.NONE, "sql.comment"),)
    client = _client_command(bare, shell)
    if client is not None:
        return client
    head = " ".join(bare.split()).upper()
    embedded = _embedded(bare, head, inner, shell)
    if embedded is not None:
        return embedded
    if head.startswith("WITH "):
        return _with(bare)
    for pattern, kind, severity, type_, rule in _LEADS:
        match = pattern.match(head)
        if match is None:
            continue
        return (_lead(kind, severity, type_, rule, _value(bare, head, match.start("rest"))),)
    return (make(EffectKind.UNKNOWN, "sql.unrecognised", confidence=0.5),)


def _lead(kind: EffectKind, severity: int | None, type_: str, rule: str, value: str) -> Effect:
    target = Target(type_, value) if value and type_ else None
    return make(kind, rule, severity=severity, confidence=0.8, target=target)


def _value(bare: str, head: str, position: int) -> str:
    """The first name after the leading words, as written."""
    rest = " ".join(bare.split())[position:] if len(head) == len(" ".join(bare.split())) else head[position:]
    match = _NAME.match(rest)
    return clip(match[1]) if match else ""


def _client_command(bare: str, shell: Inner | None) -> Effects | None:
    if bare[0] not in ".\\!@" and not bare[:7].lower().startswith("source "):
        return None
    for pattern, kind, type_ in _CLIENT:
        match = pattern.match(bare)
        if match is None:
            continue
        value = next((part for part in match.groupdict().values() if part), "").strip()
        if type_ == "shell" and shell is not None:
            return under(shell(value), "sql client")
        target = Target("path" if type_ == "script" else type_, clip(value)) if value and type_ else None
        return (make(kind, f"sql.client-{type_ or 'command'}", target=target),)
    return None


def _embedded(bare: str, head: str, inner: Inner, shell: Inner | None) -> Effects | None:
    if head.startswith(("EXPLAIN", "DESCRIBE SELECT", "DESC ")):
        rest = re.sub(r"^\w+\s*", "", bare)
        options = re.match(r"\((?P<inside>[^)]*)\)\s*|ANALY[ZS]E\s+(?:VERBOSE\s+)?", rest, re.IGNORECASE)
        if options and ("ANALY" in (options["inside"] or options[0]).upper()) and "FALSE" not in options[0].upper():
            return under(inner(rest[options.end():]), "explain analyze")  # fmt: skip
        return (make(EffectKind.READ, "sql.explain"),)
    program = re.search(r"\b(?:TO|FROM)\s+PROGRAM\s+'((?:[^']|'')*)'", bare, re.IGNORECASE)
    if head.startswith(("COPY", "UNLOAD", "EXPORT")):
        if program:
            return _to_shell(program[1].replace("''", "'"), "copy program", shell)
        outward = re.search(r"\bTO\s+'([^']*)'", bare, re.IGNORECASE)
        if outward:
            return (make(EffectKind.CREATE, "sql.copy-to", target=Target("path", clip(outward[1]))),)
        return (make(EffectKind.CREATE if " FROM " in head else EffectKind.READ, "sql.copy"),)
    command = re.search(r"\bXP_CMDSHELL\b.*?'((?:[^']|'')*)'", bare, re.IGNORECASE | re.DOTALL)
    if command:
        return _to_shell(command[1].replace("''", "'"), "xp_cmdshell", shell)
    if head.startswith(("DO ", "DO$", "BEGIN ", "DECLARE ")) or (head.startswith("CREATE") and "$$" in bare):
        body = _BODY.search(bare)
        if body:
            effects = _inside(_PLPGSQL.sub(";", body[2]), inner, head.split()[0].lower())
            if head.startswith("CREATE"):
                stored = tuple(replace(effect, deferred=True) for effect in effects)
                return (make(EffectKind.CREATE, "sql.create"), *stored)
            return effects or (make(EffectKind.NONE, "sql.session"),)
        if not head.startswith("DO ") and len(head) > 30 and ";" not in bare:
            return _inside(_PLPGSQL.sub(";", bare), inner, "block") or None
    if head.startswith(("EXECUTE IMMEDIATE", "EXEC (", "EXEC(", "EXEC SP_EXECUTESQL", "EXECUTE (", "PREPARE")):
        text = _STRING.search(bare)
        after = re.search(r"\bAS\b(.*)", bare, re.IGNORECASE | re.DOTALL) if head.startswith("PREPARE") else None
        if text or after:
            found = inner(text[1].replace("''", "'") if text else (after[1] if after else ""))
            found = under(found, "execute")
            return tuple(replace(e, deferred=True) for e in found) if head.startswith("PREPARE") else found
        return (make(EffectKind.EXEC_OPAQUE, "sql.execute"),)
    if head.startswith(("CREATE EVENT", "CREATE TRIGGER", "CREATE DEFINER")):
        body_at = re.search(r"\bDO\b|\bBEGIN\b|\bFOR EACH ROW\b", bare, re.IGNORECASE)
        stored = _inside(_PLPGSQL.sub(";", bare[body_at.end():]), inner, "create event") if body_at else ()  # fmt: skip
        return (make(EffectKind.CREATE, "sql.create"), *(replace(effect, deferred=True) for effect in stored))
    return None


def _inside(body: str, inner: Inner, via: str) -> Effects:
    """Effects of a procedural body; what is merely control flow is not said to be unknown."""
    silent = (EffectKind.UNKNOWN, EffectKind.NONE, EffectKind.READ)
    return tuple(effect for effect in under(inner(body), via) if effect.kind not in silent)


def _with(bare: str) -> Effects:
    """A statement with common table expressions that could not be parsed: the changing words outside strings."""
    words = re.findall(
        r"\b(DELETE\s+FROM|UPDATE|INSERT\s+INTO|TRUNCATE|DROP)\b", _STRING.sub("''", bare), re.IGNORECASE
    )
    kinds = {
        "D": EffectKind.REMOTE_DELETE,
        "T": EffectKind.REMOTE_DELETE,
        "U": EffectKind.MODIFY,
        "I": EffectKind.CREATE,
    }
    found = [make(kinds[word[0].upper()], "sql.with", confidence=0.5) for word in words]
    return distinct(found) if found else (make(EffectKind.READ, "sql.query", confidence=0.5),)


def _to_shell(command: str, via: str, shell: Inner | None) -> Effects:
    if shell is None:
        return (make(EffectKind.EXEC_OPAQUE, "sql.program", target=Target("command", clip(command)), via=(via,)),)
    return under(shell(command), via)
