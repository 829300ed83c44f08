"""What Python code does, read from its syntax tree and never run.

Names are followed through imports, aliases, ``getattr`` and constants; texts given to a shell, a database, an
HTTP client or ``exec`` are classified by what they are. A function's body counts where it is called; one that is
only defined is *deferred*. What cannot be parsed is searched for calls of the same tables line by line.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Collection
from dataclasses import replace

from explorer.analysis.effects.code.python_calls import CALLS
from explorer.analysis.effects.code.python_effects import CallEffects
from explorer.analysis.effects.code.python_locks import as_locked
from explorer.analysis.effects.code.python_magics import by_line, without_magics
from explorer.analysis.effects.code.python_values import Local, Ref, Thing, Unknown, Values, is_known, walked
from explorer.analysis.effects.shared.making import distinct, make
from explorer.model.effect import Effect, EffectKind, Effects, Span

Shell = Callable[[str], Effects]
MAX_PARSED = 400_000
MAX_VISITED = 60_000
"""Statements and calls that are read, a function's once for every call of it."""
MAX_DEPTH = 6
UNPARSABLE = "python.unparsable"
"""The rule of code that is no Python as it stands and in which no known call is found."""
_K = EffectKind


def classify_python(
    text: str, shell: Shell | None = None, *, known_paths: Collection[str] = (), depth: int = 0
) -> Effects:
    """The effects of Python code. ``shell`` classifies commands it hands to a shell (without it they are opaque);
    ``known_paths`` are files known to exist, which opening for writing overwrites."""
    if len(text) > MAX_PARSED or depth > MAX_DEPTH:
        found = by_line(text[:MAX_PARSED])
        return (*found, make(_K.UNKNOWN, "python.too-long", note="too long or too deeply nested to be read"))
    code, magics = without_magics(text, shell, lambda code: _parse(code) is not None)
    tree, indent = _parse(code), ""
    if tree is None and code[:1] in (" ", "\t", "\n", "\r"):
        indent = _indent(code)
        tree = _parse(_LINES.sub(lambda line: line[0].removeprefix(indent), code)) if indent else None
    if tree is None:
        return distinct([*magics, *(by_line(code) or (make(_K.UNKNOWN, UNPARSABLE, confidence=0.5),))])
    reader = _Reader(code, indent, shell, known_paths, depth)
    reader.read(tree)
    locked = as_locked(reader.effects.found, reader.effects.locked, code)
    return distinct([*magics, *locked]) or (make(_K.NONE, "python.compute"),)


_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


def _indent(code: str) -> str:
    """The blanks in front of the first line that holds anything: interactive Python takes them off every line."""
    first = len(code) - len(code.lstrip())
    return code[max(code.rfind("\n", 0, first), code.rfind("\r", 0, first)) + 1 : first]


def _parse(code: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None


class _Written(ast.NodeVisitor):
    """Base of visitors over one text: positions of nodes as characters of it. ``indent`` was taken off every line
    that begins with it before the text was parsed."""

    def __init__(self, text: str, indent: str) -> None:
        self._lines: list[int] = []
        for line in _LINES.finditer(text):
            cut = len(indent) if indent and line[0].startswith(indent) else 0
            self._lines.append(line.start() + cut)
        self._lines.append(len(text))
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


class _Reader(_Written):
    """Walks one text in the order it would run."""

    def __init__(self, text: str, indent: str, shell: Shell | None, known_paths: Collection[str], depth: int) -> None:
        super().__init__(text, indent)
        self.values = Values()
        self.values.names["__name__"] = "__main__"

        def code(inner: str) -> Effects:
            return classify_python(inner, shell, known_paths=known_paths, depth=depth + 1)

        self.effects = CallEffects(self.values, self.span, shell, code, known_paths)
        self._functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self._called: set[str] = set()
        self._level = 0
        self._visited = 0

    def read(self, tree: ast.Module) -> None:
        """Everything the module does, then what it only defines."""
        try:
            self._body(tree.body)
            for name, function in list(self._functions.items()):
                if name not in self._called:
                    before = len(self.effects.found)
                    self._body(function.body)
                    self.effects.found[before:] = [_deferred(effect) for effect in self.effects.found[before:]]
        except RecursionError:
            self.effects.found.append(make(_K.UNKNOWN, "python.too-deep", note="too deeply nested to be read"))
        if self._visited > MAX_VISITED:
            self.effects.found.append(make(_K.UNKNOWN, "python.too-long", note="longer than is read"))
        self.effects.leaks()

    def _body(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self._visited += 1
            if self._visited > MAX_VISITED:
                return
            self.visit(statement)

    def visit_Import(self, node: ast.Import) -> None:  # the visitor's own naming
        for alias in node.names:
            name = alias.name if alias.asname else alias.name.split(".")[0]
            self.values.names[alias.asname or name] = Ref(_MODULES.get(name, name))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:  # the visitor's own naming
        module = node.module or ""
        if len(node.names) == 1 and node.names[0].name == "*":
            for function in [name for name in CALLS if name.startswith(f"{module}.")]:
                self.values.names[function.rsplit(".", 1)[1]] = Ref(function)
            return
        for alias in node.names:
            self.values.names[alias.asname or alias.name] = Ref(f"{module}.{alias.name}")

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:  # as above
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._functions[node.name] = node
        self.values.names[node.name] = Local(node.name)
        if node.decorator_list or self._level:
            self._called.add(node.name)
            self._body(node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  # the visitor's own naming

    def visit_ClassDef(self, node: ast.ClassDef) -> None:  # the visitor's own naming
        self.values.names[node.name] = Local(node.name)
        for statement in node.body:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._body(statement.body)
            else:
                self.visit(statement)

    def visit_Assign(self, node: ast.Assign) -> None:  # the visitor's own naming
        self.visit(node.value)
        value = self.values.fold(node.value)
        for target in node.targets:
            self.values.bind(target, value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:  # the visitor's own naming
        if node.value is not None:
            self.visit(node.value)
            self.values.bind(node.target, self.values.fold(node.value))

    def visit_AugAssign(self, node: ast.AugAssign) -> None:  # the visitor's own naming
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            whole = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
            self.values.bind(node.target, self.values.fold(whole))

    def visit_If(self, node: ast.If) -> None:  # the visitor's own naming
        self.visit(node.test)
        never = isinstance(node.test, ast.Constant) and not node.test.value
        if not never:
            self._body(node.body)
        self._body(node.orelse)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:  # the visitor's own naming
        self.visit(node.iter)
        iterable = self.values.fold(node.iter)
        if isinstance(node.target, ast.Name):
            self.values.bind(node.target, self.values.element(iterable, node.target))
        else:
            self.values.bind(node.target, walked(iterable))
        self._body(node.body + node.orelse)

    visit_AsyncFor = visit_For  # noqa: N815  # the visitor's own naming

    def visit_While(self, node: ast.While) -> None:  # the visitor's own naming
        self.visit(node.test)
        forever = isinstance(node.test, ast.Constant) and bool(node.test.value)
        self.effects.in_endless_loop += forever
        self._body(node.body + node.orelse)
        self.effects.in_endless_loop -= forever

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:  # the visitor's own naming
        empty = len(node.body) == 1 and isinstance(node.body[0], ast.Pass)
        for item in node.items:
            value = self.values.fold(item.context_expr)
            if isinstance(item.context_expr, ast.Call) and isinstance(value, Thing) and value.type == "file":
                self.effects.opened(item.context_expr, value, empty)
            else:
                self.visit(item.context_expr)
            if item.optional_vars is not None:
                self.values.bind(item.optional_vars, value)
        self._body(node.body)

    visit_AsyncWith = visit_With  # noqa: N815  # the visitor's own naming

    def visit_Call(self, node: ast.Call) -> None:  # the visitor's own naming
        self._visited += 1
        if self._visited > MAX_VISITED:
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
            self.effects.opened(node.func.value, receiver, empty=True)
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
            self.effects.of_call(function.name, node, attribute, receiver)
        elif attribute:
            self.effects.of_call(
                f"{receiver.type if isinstance(receiver, Thing) else '*'}.{attribute}", node, attribute, receiver
            )

    def visit_Name(self, node: ast.Name) -> None:  # the visitor's own naming
        value = self.values.names.get(node.id)
        if isinstance(value, Local) and value.name not in self._called and value.name in self._functions:
            self._called.add(value.name)
            self._enter(self._functions[value.name])

    def visit_Lambda(self, node: ast.Lambda) -> None:  # the visitor's own naming
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
        defaults = dict(zip(reversed(parameters), reversed(function.args.defaults), strict=False))
        for parameter in parameters[len(given):]:  # fmt: skip
            if all(keyword.arg != parameter for keyword in node.keywords):
                value = self.values.fold(defaults.get(parameter))
                self.values.names[parameter] = value if is_known(value) else Unknown(parameter)
        self._enter(function)
        self.values.names = saved

    def _enter(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if self._level >= 3:
            return
        self._level += 1
        nested = self._level
        self._body(function.body)
        self._level = nested - 1


_MODULES = {"posix": "os", "nt": "os"}


def _deferred(effect: Effect) -> Effect:
    if effect.kind in (_K.NONE, _K.READ):
        return effect
    return replace(effect, deferred=True, note=effect.note or "defined here but not called here")
