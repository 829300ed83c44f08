"""What Python code does, read from its syntax tree and never run.

Names are followed through imports, aliases, ``getattr`` and constants; texts given to a shell, a database, an
HTTP client or ``exec`` are classified by what they are. A function's body counts where it is called; one that is
only defined is *deferred*. What cannot be parsed is searched for calls of the same tables line by line.
"""

from __future__ import annotations

import ast
import posixpath
import re
import shlex
import warnings
from collections.abc import Callable, Collection
from dataclasses import replace

from explorer.analysis.effects.http import METHODS, classify_http
from explorer.analysis.effects.making import clip, distinct, is_sensitive, make, moved, path_target, under
from explorer.analysis.effects.python_calls import (
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
from explorer.analysis.effects.python_values import (
    UNKNOWN,
    Local,
    Ref,
    Text,
    Thing,
    Unknown,
    Values,
    is_exact,
    piece_of,
    text_of,
)
from explorer.analysis.effects.severity import is_dangerous, is_system_path
from explorer.analysis.effects.sql import classify_sql
from explorer.model.effect import Effect, EffectKind, Effects, Span, Target

Shell = Callable[[str], Effects]
MAX_PARSED = 400_000
MAX_CALLS = 20_000
MAX_DEPTH = 6
_K = EffectKind


class Written(ast.NodeVisitor):
    """Base of visitors over one text: positions of nodes as characters of it."""

    def __init__(self, text: str) -> None:
        self._lines = [0]
        for line in text.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self._text = text

    def span(self, node: ast.AST) -> Span | None:
        """The characters of a node (the parser counts bytes of UTF-8 within a line)."""
        first, last = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
        if first is None or last is None or last >= len(self._lines):
            return None
        start = self._at(first, node.col_offset)  # type: ignore[attr-defined]  # checked by lineno above
        return Span(start, max(start, self._at(last, node.end_col_offset)))  # type: ignore[attr-defined]  # same

    def _at(self, line: int, column: int) -> int:
        start = self._lines[line - 1]
        text = self._text[start : start + column]
        if text.isascii():
            return start + len(text)
        return start + len(
            self._text[start : self._lines[line]].encode("utf-8", "replace")[:column].decode("utf-8", "ignore")
        )


def classify_python(
    text: str, shell: Shell | None = None, *, known_paths: Collection[str] = (), depth: int = 0
) -> Effects:
    """The effects of Python code. ``shell`` classifies commands it hands to a shell (without it they are opaque);
    ``known_paths`` are files known to exist, which opening for writing overwrites."""
    if len(text) > MAX_PARSED or depth > MAX_DEPTH:
        found = _by_line(text[:MAX_PARSED])
        return (*found, make(_K.UNKNOWN, "python.too-long", note="too long or too deeply nested to be read"))
    code, magics = _without_magics(text, shell)
    tree = _parse(code)
    if tree is None:
        return distinct([*magics, *(_by_line(code) or (make(_K.UNKNOWN, "python.unparsable", confidence=0.5),))])
    reader = _Reader(code, shell, known_paths, depth)
    reader.read(tree)
    return distinct([*magics, *reader.found]) or (make(_K.NONE, "python.compute"),)


def _parse(code: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None


_MAGIC = re.compile(r"^(?P<indent>[ \t]*)(?:(?P<name>\w+)[ \t]*=[ \t]*)?(?P<mark>!!?|%(?:sx|system|sh|pip|conda|run|rm|mv|cp|mkdir)\b)"
                    r"[ \t]*(?P<command>[^\n]*)$", re.MULTILINE)  # fmt: skip
_CELL = re.compile(r"^\s*%%(?P<name>\w+)[^\n]*\n(?P<body>.*)", re.DOTALL)


def _without_magics(text: str, shell: Shell | None) -> tuple[str, list[Effect]]:
    """The code with IPython's shell escapes blanked out (positions kept), and what those do."""
    found: list[Effect] = []

    def run(command: str, at: int, via: str) -> None:
        span = Span(at, at + len(command))
        if shell is None:
            found.append(
                make(_K.EXEC_OPAQUE, "python.shell", target=Target("command", clip(command)), span=span, via=(via,))
            )
        else:
            found.extend(moved(under(shell(command), via, keep_span=True), at))

    cell = _CELL.match(text)
    if cell:
        if cell["name"] in ("bash", "sh", "script", "system", "sx"):
            run(cell["body"], cell.start("body"), f"%%{cell['name']}")
            return "", found
        if cell["name"] in ("writefile", "file"):
            name = text[: cell.start("body")].split()[-1]
            found.append(make(_K.CREATE, "python.writefile", target=path_target(name)))
            return "", found
        text = " " * cell.start("body") + cell["body"]
    if "!" not in text and "%" not in text:
        return text, found

    def blank(match: re.Match[str]) -> str:
        mark, command = match["mark"], match["command"]
        at = match.start("command")
        if mark == "%run":
            name = command.split()[0] if command.split() else ""
            found.append(
                make(_K.EXEC_OPAQUE, "python.run-script", target=Target("path", clip(name)), span=Span(*match.span()))
            )
        elif mark.startswith("%") and mark not in ("%sx", "%system", "%sh"):
            run(f"{mark[1:]} {command}", at, mark)
        else:
            run(command, at, "!")
        return (match["indent"] + "pass").ljust(len(match[0]))

    if _parse(text) is not None:
        return text, found
    return _MAGIC.sub(blank, text), found


class _Reader(Written):
    """Walks one text in the order it would run."""

    def __init__(self, text: str, shell: Shell | None, known_paths: Collection[str], depth: int) -> None:
        super().__init__(text)
        self.found: list[Effect] = []
        self.values = Values()
        self._shell = shell
        self._known = known_paths
        self._depth = depth
        self._functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self._called: set[str] = set()
        self._level = 0
        self._calls = 0
        self._reads_secret = False
        self._loops_forever = 0
        self.values.names.update({"__name__": "__main__"})

    def read(self, tree: ast.Module) -> None:
        """Everything the module does, then what it only defines."""
        try:
            self._body(tree.body)
            for name, function in self._functions.items():
                if name not in self._called:
                    before = len(self.found)
                    self._body(function.body)
                    self.found[before:] = [_deferred(effect) for effect in self.found[before:]]
        except RecursionError:
            self.found.append(make(_K.UNKNOWN, "python.too-deep", note="too deeply nested to be read"))
        if self._calls > MAX_CALLS:
            self.found.append(make(_K.UNKNOWN, "python.too-long", note="holds more calls than are read"))
        if self._reads_secret:
            self.found = [_as_leak(effect) for effect in self.found]

    def _body(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.visit(statement)

    def visit_Import(self, node: ast.Import) -> None:  # noqa: N802  # the visitor's own naming
        for alias in node.names:
            name = alias.name if alias.asname else alias.name.split(".")[0]
            self.values.names[alias.asname or name] = Ref(_MODULES.get(name, name))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:  # noqa: N802  # the visitor's own naming
        module = node.module or ""
        if len(node.names) == 1 and node.names[0].name == "*":
            for function in [name for name in CALLS if name.startswith(f"{module}.")]:
                self.values.names[function.rsplit(".", 1)[1]] = Ref(function)
            return
        for alias in node.names:
            self.values.names[alias.asname or alias.name] = Ref(f"{module}.{alias.name}")

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:  # noqa: N802  # as above
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._functions[node.name] = node
        self.values.names[node.name] = Local(node.name)
        if node.decorator_list or self._level:
            self._called.add(node.name)
            self._body(node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  # the visitor's own naming

    def visit_ClassDef(self, node: ast.ClassDef) -> None:  # noqa: N802  # the visitor's own naming
        self.values.names[node.name] = Local(node.name)
        for statement in node.body:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._body(statement.body)
            else:
                self.visit(statement)

    def visit_Assign(self, node: ast.Assign) -> None:  # noqa: N802  # the visitor's own naming
        self.visit(node.value)
        value = self.values.fold(node.value)
        for target in node.targets:
            self.values.bind(target, value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:  # noqa: N802  # the visitor's own naming
        if node.value is not None:
            self.visit(node.value)
            self.values.bind(node.target, self.values.fold(node.value))

    def visit_AugAssign(self, node: ast.AugAssign) -> None:  # noqa: N802  # the visitor's own naming
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            whole = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
            self.values.bind(node.target, self.values.fold(whole))

    def visit_If(self, node: ast.If) -> None:  # noqa: N802  # the visitor's own naming
        self.visit(node.test)
        never = isinstance(node.test, ast.Constant) and not node.test.value
        if not never:
            self._body(node.body)
        self._body(node.orelse)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:  # noqa: N802  # the visitor's own naming
        self.visit(node.iter)
        iterable = self.values.fold(node.iter)
        if isinstance(node.target, ast.Name):
            self.values.bind(node.target, self.values.element(iterable, node.target))
        else:
            parts = [Text("*")] * 3 if isinstance(iterable, Thing) and iterable.type == "listing" else UNKNOWN
            self.values.bind(node.target, parts)
        self._body(node.body + node.orelse)

    visit_AsyncFor = visit_For  # noqa: N815  # the visitor's own naming

    def visit_While(self, node: ast.While) -> None:  # noqa: N802  # the visitor's own naming
        self.visit(node.test)
        forever = isinstance(node.test, ast.Constant) and bool(node.test.value)
        self._loops_forever += forever
        self._body(node.body + node.orelse)
        self._loops_forever -= forever

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:  # noqa: N802  # the visitor's own naming
        empty = len(node.body) == 1 and isinstance(node.body[0], ast.Pass)
        for item in node.items:
            value = self.values.fold(item.context_expr)
            if isinstance(item.context_expr, ast.Call) and isinstance(value, Thing) and value.type == "file":
                self._open(item.context_expr, value, empty)
            else:
                self.visit(item.context_expr)
            if item.optional_vars is not None:
                self.values.bind(item.optional_vars, value)
        self._body(node.body)

    visit_AsyncWith = visit_With  # noqa: N815  # the visitor's own naming

    def visit_Call(self, node: ast.Call) -> None:  # noqa: N802  # the visitor's own naming
        self._calls += 1
        if self._calls > MAX_CALLS:
            return
        function, receiver = self.values.function(node)
        attribute = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        closes = attribute == "close" and isinstance(receiver, Thing) and receiver.type == "file"
        if (
            closes
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Call)
            and isinstance(receiver, Thing)
        ):
            self._open(node.func.value, receiver, empty=True)
            return
        if isinstance(node.func, ast.Attribute):
            self.visit(node.func.value)
        for argument in node.args:
            self.visit(argument)
        for keyword in node.keywords:
            self.visit(keyword.value)
        if isinstance(function, Local):
            self._call_local(function.name, node)
        elif isinstance(function, Ref):
            self._call(function.name, node, attribute, receiver)
        elif attribute:
            self._call(
                f"{receiver.type if isinstance(receiver, Thing) else '*'}.{attribute}", node, attribute, receiver
            )

    def visit_Name(self, node: ast.Name) -> None:  # noqa: N802  # the visitor's own naming
        value = self.values.names.get(node.id)
        if isinstance(value, Local) and value.name not in self._called and value.name in self._functions:
            self._called.add(value.name)
            self._enter(self._functions[value.name])

    def visit_Lambda(self, node: ast.Lambda) -> None:  # noqa: N802  # the visitor's own naming
        self.visit(node.body)

    def _call_local(self, name: str, node: ast.Call) -> None:
        function = self._functions.get(name)
        if function is None or self._level >= 3:
            return
        self._called.add(name)
        saved = dict(self.values.names) if len(self.values.names) < 500 else self.values.names
        parameters = [argument.arg for argument in function.args.args]
        given: list[object] = [self.values.fold(argument) for argument in node.args]
        for parameter, value in zip(parameters, given, strict=False):
            self.values.names[parameter] = Unknown(parameter) if isinstance(value, Unknown) else value
        for keyword in node.keywords:
            if keyword.arg in parameters:
                self.values.names[keyword.arg] = self.values.fold(keyword.value)
        for parameter in parameters[len(given):]:  # fmt: skip
            if all(keyword.arg != parameter for keyword in node.keywords):
                self.values.names[parameter] = Unknown(parameter)
        self._enter(function)
        self.values.names = saved

    def _enter(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if self._level >= 3:
            return
        self._level += 1
        nested = self._level
        self._body(function.body)
        self._level = nested - 1

    def _call(self, name: str, node: ast.Call, attribute: str, receiver: object) -> None:
        name = name.removeprefix("builtins.")
        arguments = [self.values.fold(argument) for argument in node.args]
        first = arguments[0] if arguments else UNKNOWN
        keywords = {k.arg: self.values.fold(k.value) for k in node.keywords if k.arg}
        span = self.span(node)
        if name in ("open", "io.open", "codecs.open", "gzip.open", "pathlib.Path.open", "os.fdopen"):
            self._open(node, self.values.fold(node), empty=False)
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
            self._add(
                make(_K.EXEC_OPAQUE, "python.run-script", target=Target("path", clip(piece_of(first))), span=span)
            )
        elif name == "os.fork":
            kind = _K.RESOURCE_EXHAUST if self._loops_forever else _K.NONE
            self._add(make(kind, "python.fork", span=span))
        elif attribute in SQL_METHODS and (
            name.startswith(("dbapi", "*", "pandas", "session")) or attribute.startswith("exec")
        ):
            self._sql(first, span, attribute)
        elif _is_http(name, attribute, receiver):
            self._request(attribute, arguments, keywords, span)
        elif name == "django.core.management.call_command" and first == "flush":
            self._add(make(_K.REMOTE_DELETE, "python.django-flush", severity=4, span=span))
        elif attribute == "delete" and name.startswith("*") and len(arguments) <= 1:
            self._add(make(_K.REMOTE_DELETE, "python.object-delete", span=span, confidence=0.4,
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
                self._reads_secret |= is_sensitive(text)
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
        self._add(
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

    def _open(self, node: ast.Call, value: object, empty: bool) -> None:
        mode = value.extra if isinstance(value, Thing) else "r"
        path = _pattern(value.value if isinstance(value, Thing) else UNKNOWN)
        span = self.span(node)
        mode = mode if isinstance(mode, str) else "r"
        if "w" in mode:
            exists = path in self._known or posixpath.normpath(path) in self._known or is_system_path(path)
            kind = _K.OVERWRITE if empty or exists or path.startswith("/dev/sd") else _K.CREATE
            self._add(make(kind, "python.open-write", target=path_target(path), span=span))
        elif "a" in mode or "x" in mode:
            self._add(make(_K.CREATE, "python.open-append", target=path_target(path), span=span))
        elif "+" in mode:
            self._add(make(_K.MODIFY, "python.open-update", target=path_target(path), span=span))
        else:
            self._reads_secret |= is_sensitive(path)
            self._add(make(_K.READ, "python.open-read", target=path_target(path), span=span))

    def _run(self, value: object, name: str, span: Span | None) -> None:
        command = _command(value)
        if command is None or self._shell is None:
            target = Target("command", clip(command)) if command else None
            self._add(make(_K.EXEC_OPAQUE, "python.shell", target=target, span=span, via=(name.removeprefix("*."),)))
            return
        for effect in under(self._shell(command), name.removeprefix("*."), span=span):
            self._add(effect)

    def _exec(self, node: ast.Call, value: object, name: str, span: Span | None) -> None:
        if isinstance(value, (str, bytes)):
            text = text_of(value) or ""
            inner = classify_python(text, self._shell, known_paths=self._known, depth=self._depth + 1)
            for effect in under(inner, name, span=span):
                if effect.kind is not _K.NONE:
                    self._add(effect)
            return
        if name == "eval" and not any(
            isinstance(part, ast.Call) for part in ast.walk(node.args[0] if node.args else node)
        ):
            self._add(make(_K.EXEC_OPAQUE, "python.eval", span=span, confidence=0.6))
            return
        inside = {ast.unparse(part.func) for part in ast.walk(node) if isinstance(part, ast.Call) and part is not node}
        if any(fetch in called for fetch in FETCHES for called in inside):
            self._add(make(_K.EXEC_REMOTE, "python.exec-fetched", span=span))
        elif name != "compile":
            path = next(
                (
                    _pattern(v.value)
                    for v in map(self.values.fold, _calls_in(node))
                    if isinstance(v, Thing) and v.type == "file"
                ),
                "",
            )
            self._add(
                make(_K.EXEC_OPAQUE, "python.exec", span=span, target=Target("path", clip(path)) if path else None)
            )

    def _sql(self, value: object, span: Span | None, attribute: str) -> None:
        if isinstance(value, Thing):
            value = value.value
        text = text_of(value)
        if text is None:
            if not attribute.startswith("read"):
                self._add(make(_K.EXEC_OPAQUE, "python.sql", span=span, confidence=0.6, via=(attribute,)))
            return
        if isinstance(value, Text):
            text = re.sub(r"\$(\w+)", r"\1", text)
        for effect in under(classify_sql(text, self._shell, depth=1), attribute, span=span):
            self._add(effect)

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
            self._add(effect)

    def _add(self, effect: Effect) -> None:
        self.found.append(effect)


_MODULES = {"posix": "os", "nt": "os"}


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


def _deferred(effect: Effect) -> Effect:
    if effect.kind in (_K.NONE, _K.READ):
        return effect
    return replace(effect, deferred=True, note=effect.note or "defined here but not called here")


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


_LINE_CALLS = re.compile(
    r"\b(?P<name>(?:os\.(?:remove|unlink|rmdir|removedirs|chmod|chown|kill|truncate|rename|replace))|shutil\.(?:rmtree|move|chown))\s*\("
    r"\s*(?:f|r|b|fr|rf)?(?:['\"](?P<path>[^'\"\n]{0,300})['\"])?"
)


def _by_line(text: str) -> Effects:
    """Calls of well-known functions in text that cannot be parsed, comments left out; confidence lowered."""
    found = []
    for match in _LINE_CALLS.finditer(text):
        line_start = text.rfind("\n", 0, match.start()) + 1
        if "#" in text[line_start : match.start()]:
            continue
        spec = CALLS[match["name"]]
        target = path_target(match["path"], spec.scope) if match["path"] else None
        found.append(
            make(
                spec.kind,
                f"python.{match['name']}",
                target=target,
                span=Span(*match.span()),
                severity=spec.severity,
                confidence=0.5,
            )
        )
    return distinct(found) if found else ()
