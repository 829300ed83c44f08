"""What one call in Python code does, given what its names and arguments are worth."""

from __future__ import annotations

import ast
import posixpath
import re
import shlex
from collections.abc import Callable, Collection

from explorer.analysis.effects.code.python_calls import (
    CALLS,
    CODE,
    EXEC_FAMILY,
    FETCHES,
    HTTP_MODULES,
    PROCESS,
    SCRIPTS,
    SHELL_METHODS,
    SHELL_TEXT,
    SQL_METHODS,
    CallSpec,
)
from explorer.analysis.effects.code.python_locks import locks
from explorer.analysis.effects.code.python_values import (
    UNKNOWN,
    Ref,
    Text,
    Thing,
    Unknown,
    Values,
    is_exact,
    piece_of,
    text_of,
)
from explorer.analysis.effects.databases.sql import classify_sql
from explorer.analysis.effects.shared.making import clip, is_sensitive, make, path_target, under
from explorer.analysis.effects.shared.severity import is_dangerous, is_system_path
from explorer.analysis.effects.web.http import METHODS, classify_http
from explorer.model.effect import Effect, EffectKind, Effects, Span, Target

Classify = Callable[[str], Effects]
_K = EffectKind


class CallEffects:
    """Collects the effects of calls, in order.

    ``span`` finds a node's characters; ``shell`` and ``code`` classify texts handed to a shell (None = opaque) and to
    ``exec``; ``known_paths`` are files known to exist. ``in_endless_loop`` is set by whoever walks the code.
    """

    def __init__(
        self,
        values: Values,
        span: Callable[[ast.AST], Span | None],
        shell: Classify | None,
        code: Classify,
        known_paths: Collection[str],
    ) -> None:
        self.found: list[Effect] = []
        self.reads_secret = False
        self.in_endless_loop = 0
        self.locked: list[int] = []
        self.values = values
        self._span = span
        self._shell = shell
        self._code = code
        self._known = known_paths

    def leaks(self) -> None:
        """Where the same code reads a secret, what leaves is exfiltration."""
        if self.reads_secret:
            self.found = [_as_leak(effect) for effect in self.found]

    def of_call(self, name: str, node: ast.Call, attribute: str, receiver: object) -> None:
        name = name.removeprefix("builtins.")
        arguments = [self.values.fold(argument) for argument in node.args]
        first = arguments[0] if arguments else UNKNOWN
        keywords = {k.arg: self.values.fold(k.value) for k in node.keywords if k.arg}
        span = self._span(node)
        if name in ("open", "io.open", "codecs.open", "gzip.open", "pathlib.Path.open", "os.fdopen"):
            self.opened(node, self.values.fold(node), empty=False)
        elif name in SHELL_TEXT or name in PROCESS or name in EXEC_FAMILY or attribute in SHELL_METHODS:
            if name in PROCESS and not node.args:
                first = keywords.get("args", UNKNOWN)
            if name in EXEC_FAMILY:
                first = (
                    arguments[1:]
                    if not isinstance(first, list) and len(arguments) > 2
                    else (arguments[1] if len(arguments) > 1 else first)
                )
            if attribute in ("run_line_magic", "run_cell_magic") and len(arguments) > 1:
                first = arguments[-1]
            self._run(first, name, span)
        elif name in CODE:
            self._exec(node, first, name, span)
        elif name in SCRIPTS:
            self.add(make(_K.EXEC_OPAQUE, "python.run-script", target=Target("path", clip(piece_of(first))), span=span))
        elif name == "os.fork":
            kind = _K.RESOURCE_EXHAUST if self.in_endless_loop else _K.NONE
            self.add(make(kind, "python.fork", span=span))
        elif attribute in SQL_METHODS and (
            name.startswith(("dbapi", "*", "pandas", "session")) or attribute.startswith("exec")
        ):
            self._sql(first, span, attribute)
        elif _is_http(name, attribute, receiver):
            self._request(attribute, arguments, keywords, span)
        elif name == "django.core.management.call_command" and first == "flush":
            self.add(make(_K.REMOTE_DELETE, "python.django-flush", severity=4, span=span))
        elif attribute == "delete" and name.startswith("*") and len(arguments) <= 1:
            self.add(make(_K.REMOTE_DELETE, "python.object-delete", span=span, confidence=0.4,
                           target=Target("object", clip(piece_of(first if arguments else receiver)))))  # fmt: skip
        else:
            spec = CALLS.get(name) or (CALLS.get(f"*.{attribute}") if attribute else None)
            if spec is not None:
                self._table(name, spec, receiver, arguments, keywords, span)

    def _table(
        self, name: str, spec: CallSpec, receiver: object, arguments: list[object], keywords: dict[str, object],
        span: Span | None,
    ) -> None:  # fmt: skip
        value = UNKNOWN if spec.place == -2 else receiver if spec.place == -1 else None
        if value is None:
            named = keywords.get("path", keywords.get("name", keywords.get("Bucket", keywords.get("Key", UNKNOWN))))
            value = arguments[spec.place] if len(arguments) > spec.place else named
        target = None
        if spec.place != -2:
            text = _pattern(value) if spec.type == "path" else piece_of(value)
            target = path_target(text, spec.scope) if spec.type == "path" else Target(spec.type, clip(text), spec.scope)
            if spec.kind is _K.READ:
                self.reads_secret |= is_sensitive(text)
        kind, severity = spec.kind, spec.severity
        if name.endswith(".to_sql") and keywords.get("if_exists") == "replace":
            kind = _K.OVERWRITE
        if kind is _K.CREATE and target is not None and target.type == "path" and target.value in self._known:
            kind = _K.OVERWRITE
        if kind is _K.PERMISSION and len(arguments) > (0 if spec.place == -1 else 1):
            mode = arguments[0 if spec.place == -1 else 1]
            wide = isinstance(mode, int) and (mode & 0o6000 or mode & 0o777 == 0o777)
            severity = 3 if wide and (mode & 0o6000 or is_dangerous(target.value if target else "")) else None  # type: ignore[operator]  # int by `wide`
        rule = f"python.{name.removeprefix('*.')}"
        if kind is _K.MOVE_OUT and target is not None and arguments and locks(target.value, _pattern(arguments[-1])):
            self.locked.append(len(self.found))
        self.add(
            make(
                kind,
                rule,
                target=target,
                span=span,
                severity=severity,
                confidence=spec.confidence,
                reversible=spec.reversible,
            )
        )

    def opened(self, node: ast.Call, value: object, empty: bool) -> None:
        mode = value.extra if isinstance(value, Thing) else "r"
        path = _pattern(value.value if isinstance(value, Thing) else UNKNOWN)
        span = self._span(node)
        mode = mode if isinstance(mode, str) else "r"
        if "w" in mode:
            exists = path in self._known or posixpath.normpath(path) in self._known or is_system_path(path)
            kind = _K.OVERWRITE if empty or exists or path.startswith("/dev/sd") else _K.CREATE
            self.add(make(kind, "python.open-write", target=path_target(path), span=span))
        elif "a" in mode or "x" in mode:
            self.add(make(_K.CREATE, "python.open-append", target=path_target(path), span=span))
        elif "+" in mode:
            self.add(make(_K.MODIFY, "python.open-update", target=path_target(path), span=span))
        else:
            self.reads_secret |= is_sensitive(path)
            self.add(make(_K.READ, "python.open-read", target=path_target(path), span=span))

    def _run(self, value: object, name: str, span: Span | None) -> None:
        command = _command(value)
        if command is None or self._shell is None:
            target = Target("command", clip(command)) if command else None
            self.add(make(_K.EXEC_OPAQUE, "python.shell", target=target, span=span, via=(name.removeprefix("*."),)))
            return
        for effect in under(self._shell(command), name.removeprefix("*."), span=span):
            self.add(effect)

    def _exec(self, node: ast.Call, value: object, name: str, span: Span | None) -> None:
        if isinstance(value, (str, bytes)):
            text = text_of(value) or ""
            inner = self._code(text)
            for effect in under(inner, name, span=span):
                if effect.kind is not _K.NONE:
                    self.add(effect)
            return
        if name == "eval" and not any(
            isinstance(part, ast.Call) for part in ast.walk(node.args[0] if node.args else node)
        ):
            self.add(make(_K.EXEC_OPAQUE, "python.eval", span=span, confidence=0.6))
            return
        inside = {ast.unparse(part.func) for part in ast.walk(node) if isinstance(part, ast.Call) and part is not node}
        if any(fetch in called for fetch in FETCHES for called in inside):
            self.add(make(_K.EXEC_REMOTE, "python.exec-fetched", span=span))
        elif name != "compile":
            path = next(
                (
                    _pattern(v.value)
                    for v in map(self.values.fold, _calls_in(node))
                    if isinstance(v, Thing) and v.type == "file"
                ),
                "",
            )
            self.add(
                make(_K.EXEC_OPAQUE, "python.exec", span=span, target=Target("path", clip(path)) if path else None)
            )

    def _sql(self, value: object, span: Span | None, attribute: str) -> None:
        if isinstance(value, Thing):
            value = value.value
        text = text_of(value)
        if text is None:
            if not attribute.startswith("read"):
                self.add(make(_K.EXEC_OPAQUE, "python.sql", span=span, confidence=0.6, via=(attribute,)))
            return
        if isinstance(value, Text):
            text = re.sub(r"\$(\w+)", r"\1", text)
        for effect in under(classify_sql(text, self._shell, depth=1), attribute, span=span):
            self.add(effect)

    def _request(self, attribute: str, arguments: list[object], keywords: dict[str, object], span: Span | None) -> None:
        method = attribute.upper()
        if attribute in ("request", "Request", "urlopen"):
            named = keywords.get("method", arguments[0] if attribute == "request" and arguments else "GET")
            method = piece_of(named).upper()
            if attribute == "request":
                arguments = arguments[1:]
            elif method == "GET" and "data" in keywords:
                method = "POST"
        url = piece_of(arguments[0] if arguments else keywords.get("url", UNKNOWN))
        sent = keywords.get(
            "files", keywords.get("data", keywords.get("json", arguments[1] if len(arguments) > 1 else None))
        )
        body = text_of(sent) or ("{…}" if sent is not None else None)
        if isinstance(sent, dict):
            body = str(sent.get("query")) if "query" in sent else "{…}"
        file = _pattern(sent.value) if isinstance(sent, Thing) and sent.type == "file" else None
        if isinstance(keywords.get("files"), dict):
            file = next((_pattern(v.value) for v in keywords["files"].values() if isinstance(v, Thing)), "$file")  # type: ignore[attr-defined]  # a dict by the test
        for effect in classify_http(method, url, body, span=span, sends_file=file):
            self.add(effect)

    def add(self, effect: Effect) -> None:
        self.found.append(effect)


def _is_http(name: str, attribute: str, receiver: object) -> bool:
    module = name.split(".")[0]
    if name.startswith("urllib.request.") and attribute in ("urlopen", "Request"):
        return True
    upper = attribute.upper()
    known = module in HTTP_MODULES or (isinstance(receiver, Thing) and receiver.type in HTTP_MODULES)
    unknown = isinstance(receiver, Unknown) and receiver.name in ("session", "client", "http", "s")
    return (known and (upper in METHODS or attribute == "request")) or (
        unknown and upper in METHODS and upper != "DELETE"
    )


def _pattern(value: object) -> str:
    """A path with its unknown parts as a shell would write them."""
    text = text_of(value)
    return text if text is not None else piece_of(value)


def _command(value: object) -> str | None:
    """The shell text of a command given as a text or as a list; None where its program is unknown."""
    if isinstance(value, (list, tuple)):
        if not value or isinstance(value[0], Unknown):
            return None
        words = []
        for item in value:
            text = text_of(item)
            if isinstance(item, Ref):
                text = "python3" if item.name == "sys.executable" else None
            words.append(piece_of(item) if text is None else shlex.quote(text) if is_exact(item) else text)
        return " ".join(words)
    if isinstance(value, Unknown) or (isinstance(value, Text) and not value.known):
        return None
    return text_of(value)


def _calls_in(node: ast.Call) -> list[ast.Call]:
    return [part for part in ast.walk(node) if isinstance(part, ast.Call) and part is not node][:20]


def _as_leak(effect: Effect) -> Effect:
    if effect.kind is not _K.NET_EGRESS:
        return effect
    return make(
        _K.EXFIL,
        effect.rule,
        target=effect.target,
        span=effect.span,
        via=effect.via,
        note="the same code reads a secret",
    )
