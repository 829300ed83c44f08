"""Statements of a document store's shell (``db.users.drop()``): what each call does."""

from __future__ import annotations

import re

from explorer.model.effect import KIND_INFO, Effect, EffectKind, Effects, Span, Target

_CALL = re.compile(
    r"\bdb(?:\.getSiblingDB\([^)]*\))?(?P<path>(?:\.(?:getCollection\([^)]*\)|[\w$-]+)|\[[^\]]*\])*)\.(?P<name>\w+)\s*\(\s*(?P<rest>[^)]{0,200})",
    re.IGNORECASE,
)
_ADMIN = re.compile(r"\b(?P<owner>rs|sh)\.(?P<name>\w+)\s*\(")
_COMMAND = re.compile(
    r"['\"]?(?P<name>dropDatabase|drop|dropIndexes|shutdown|dropUser|dropAllUsersFromDatabase|killOp|convertToCapped)['\"]?\s*:"
)
_TABLE: dict[str, tuple[EffectKind, int | None]] = {
    "dropdatabase": (EffectKind.REMOTE_DELETE, 4),
    "drop": (EffectKind.REMOTE_DELETE, 4),
    "deletemany": (EffectKind.REMOTE_DELETE, None),
    "deleteone": (EffectKind.REMOTE_DELETE, 2),
    "remove": (EffectKind.REMOTE_DELETE, None),
    "findoneanddelete": (EffectKind.REMOTE_DELETE, 2),
    "findandremove": (EffectKind.REMOTE_DELETE, 2),
    "dropindex": (EffectKind.REMOTE_DELETE, 2),
    "dropindexes": (EffectKind.REMOTE_DELETE, None),
    "dropuser": (EffectKind.ACCOUNT, None),
    "droprole": (EffectKind.ACCOUNT, None),
    "dropallusers": (EffectKind.ACCOUNT, 3),
    "dropallroles": (EffectKind.ACCOUNT, 3),
    "changeuserpassword": (EffectKind.ACCOUNT, None),
    "updateuser": (EffectKind.ACCOUNT, None),
    "grantrolestouser": (EffectKind.PERMISSION, None),
    "revokerolesfromuser": (EffectKind.PERMISSION, None),
    "shutdownserver": (EffectKind.PROCESS_KILL, 3),
    "killop": (EffectKind.PROCESS_KILL, None),
    "replaceone": (EffectKind.OVERWRITE, 2),
    "renamecollection": (EffectKind.MODIFY, None),
    "updateone": (EffectKind.MODIFY, None),
    "updatemany": (EffectKind.MODIFY, 2),
    "update": (EffectKind.MODIFY, None),
    "findandmodify": (EffectKind.MODIFY, None),
    "findoneandupdate": (EffectKind.MODIFY, None),
    "bulkwrite": (EffectKind.MODIFY, None),
    "save": (EffectKind.MODIFY, None),
    "insert": (EffectKind.CREATE, None),
    "insertone": (EffectKind.CREATE, None),
    "insertmany": (EffectKind.CREATE, None),
    "createcollection": (EffectKind.CREATE, None),
    "createindex": (EffectKind.CREATE, None),
    "createuser": (EffectKind.CREATE, None),
}
_READS = frozenset(
    {
        "find", "findone", "count", "countdocuments", "estimateddocumentcount", "aggregate", "distinct", "stats",
        "getcollectionnames", "getcollectioninfos", "getindexes", "getname", "version", "serverstatus", "currentop",
        "explain", "listcollections", "hello", "ismaster", "getusers", "getroles", "getmongo", "getcollection",
        "getsiblingdb", "validate", "datasize", "storagesize", "totalsize", "status", "conf", "printreplicationinfo",
    }
)  # fmt: skip
_NARROW = re.compile(r"\s*\{\s*[^}\s]")


def classify_mongo(text: str) -> Effects:
    """The effects of statements for a document store. What is neither known to read nor to write is ``exec_opaque``."""
    found: list[Effect] = []
    for match in _CALL.finditer(text):
        name = match["name"].lower()
        kind, severity = _TABLE.get(name, (EffectKind.READ if name in _READS else EffectKind.EXEC_OPAQUE, None))
        if name == "runcommand" or name == "admincommand":
            inner = _COMMAND.search(text, match.start())
            kind, severity = (
                _TABLE.get(inner["name"].lower(), (kind, None)) if inner else (EffectKind.EXEC_OPAQUE, None)
            )
        level = KIND_INFO[kind].severity if severity is None else severity
        if name in ("deletemany", "remove") and not _NARROW.match(match["rest"]):
            level = min(4, level + 1)
        found.append(_effect(kind, level, f"mongo.{name}", match["path"].strip(".") or "database", match.span()))
    for match in _ADMIN.finditer(text):
        name = match["name"].lower()
        stops = name in ("stepdown", "remove", "freeze", "removeshard", "removeshardtag")
        kind = EffectKind.PROCESS_KILL if stops else EffectKind.READ if name in _READS else EffectKind.MODIFY
        found.append(_effect(kind, KIND_INFO[kind].severity, f"mongo.{name}", match["owner"], match.span()))
    if not found:
        words = text.split()
        quiet = not words or words[0] in ("show", "use", "help", "exit", "quit", "it")
        kind = EffectKind.READ if quiet else EffectKind.EXEC_OPAQUE
        found.append(_effect(kind, KIND_INFO[kind].severity, "mongo.statement", "database", (0, len(text))))
    return tuple(found[:64])


def _effect(kind: EffectKind, severity: int, rule: str, target: str, span: tuple[int, int]) -> Effect:
    named = None if kind is EffectKind.READ else Target("collection", target)
    return Effect(kind, severity, KIND_INFO[kind].reversible, named, rule=rule, span=Span(*span))
