"""What an HTTP request does: its method, then the verbs of its path, then a GraphQL body."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from explorer.analysis.effects.shared.making import clip, is_sensitive, make
from explorer.model.effect import EffectKind, Effects, Span, Target

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "PURGE"})
_LOCAL = re.compile(
    r"^(?:localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[?::1\]?|host\.docker\.internal)"
    r"|\.(?:local|internal|localdomain|svc|test)$|^[a-z0-9-]+$",
    re.IGNORECASE,
)
_PATH_VERBS: tuple[tuple[re.Pattern[str], EffectKind], ...] = tuple(
    (re.compile(rf"(?:^|[/_.:-])(?:{words})(?:$|[/_.:?-])", re.IGNORECASE), kind)
    for words, kind in (
        (
            r"_?delete(?:_by_query|_all|_many)?|remove|destroy|purge|erase|cancel|drop|truncate|trash|flush",
            EffectKind.REMOTE_DELETE,
        ),
        (
            r"transfers?|payments?|refunds?|payouts?|withdraw(?:al)?s?|charges?|checkout|purchase|orders",
            EffectKind.VALUE_OUT,
        ),
        (r"revoke|reset[_-]?password|change[_-]?password|deactivate|suspend|ban", EffectKind.ACCOUNT),
        (r"shutdown|reboot|poweroff", EffectKind.HOST_DOWN),
        (r"kill|stop|terminate|abort", EffectKind.PROCESS_KILL),
        (r"permissions?|grants?|acl|roles|share|invite", EffectKind.PERMISSION),
        (
            r"_?search|query|_count|graphql|login|signin|auth|token|oauth|sessions?|validate|_mget|_msearch",
            EffectKind.READ,
        ),
    )
)
_MUTATION = re.compile(r"\bmutation\b[^{]{0,500}\{", re.IGNORECASE)
_FIELD = re.compile(r"[{}\s,](?:\w+\s*:\s*)?([A-Za-z_]\w*)\s*[({]")
_REMOVING = re.compile(r"^(?:delete|remove|destroy|purge|cancel|clear|drop|archive|revoke|unpublish)(?=[A-Z_]|$)")
_GIVING = re.compile(
    r"^(?:pay|transfer|refund|purchase|checkout|withdraw|sendMoney|createPayment|placeOrder)(?=[A-Z_]|$)"
)


def classify_http(
    method: str, url: str, body: str | None = None, *, span: Span | None = None, via: tuple[str, ...] = (),
    sends_file: str | None = None,
) -> Effects:  # fmt: skip
    """The effects of one request. ``body`` is its text where known; ``sends_file`` names a file that is sent."""
    method = method.upper().strip() or "GET"
    host, path = _host_and_path(url)
    target = Target("url", clip(url)) if url else None

    def effect(kind: EffectKind, rule: str, severity: int | None = None, confidence: float = 1.0) -> Effects:
        return (make(kind, rule, severity=severity, target=target, span=span, via=via, confidence=confidence),)

    mutation = _graphql(body) if body and method == "POST" else None
    if mutation is not None:
        return effect(mutation, "http.graphql")
    if method in ("GET", "HEAD", "OPTIONS", "TRACE", "CONNECT"):
        verb = _path_verb(path.split("?")[0]) if method == "GET" else None
        if verb is EffectKind.REMOTE_DELETE and re.search(r"[?&/](?:id|confirm)\b|/\d+", path + url):
            return effect(verb, "http.get-path-verb", confidence=0.6)
        return effect(EffectKind.READ, "http.read")
    if method == "DELETE":
        whole = bool(re.search(r"/(?:_all|\*|all)/?$", path))
        return effect(EffectKind.REMOTE_DELETE, "http.delete", 4 if whole else None)
    if method == "PURGE":
        return effect(EffectKind.REMOTE_DELETE, "http.purge", 1)
    if sends_file is not None and not _LOCAL.search(host):
        kind = EffectKind.EXFIL if is_sensitive(sends_file) else EffectKind.NET_EGRESS
        return (make(kind, "http.upload", target=target, span=span, via=via),)
    verb = _path_verb(path)
    if verb is not None:
        return effect(verb, "http.path-verb", confidence=0.8)
    if method in ("PUT", "PATCH"):
        return effect(EffectKind.MODIFY, f"http.{method.lower()}")
    if method != "POST":
        return effect(EffectKind.UNKNOWN, "http.unknown-method", confidence=0.5)
    if body and not _LOCAL.search(host):
        return effect(EffectKind.NET_EGRESS, "http.post-out", confidence=0.7)
    return effect(EffectKind.CREATE, "http.post")


def _host_and_path(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url[:4096] if "://" in url[:64] else "//" + url[:4096].lstrip("/"))
        host = parts.hostname or ""
        return host, parts.path if "://" in url[:64] else url[:4096]
    except ValueError:
        return "", url[:4096]


def _path_verb(path: str) -> EffectKind | None:
    for pattern, kind in _PATH_VERBS:
        if pattern.search(path[:4096]):
            return kind
    return None


def _graphql(body: str) -> EffectKind | None:
    """The kind of a GraphQL mutation, None where the body is no mutation."""
    body = body[:20_000].replace("\\n", "\n").replace('\\"', '"')
    start = _MUTATION.search(body)
    if start is None:
        return None
    fields = _FIELD.findall(body[start.end() - 1 :][:4000])
    if any(_REMOVING.search(field) for field in fields):
        return EffectKind.REMOTE_DELETE
    if any(_GIVING.search(field) for field in fields):
        return EffectKind.VALUE_OUT
    if fields and fields[0].startswith(("create", "add", "insert")):
        return EffectKind.CREATE
    return EffectKind.MODIFY
