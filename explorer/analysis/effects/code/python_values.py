"""What Python expressions are worth without running them: names, constants and a few pure functions.

Values: plain Python constants where exact; :class:`Text` for strings with unknown parts (those read ``$name``,
as a shell would); :class:`Ref` for a module or function by its dotted name; :class:`Thing` for an object of a
known type; :data:`UNKNOWN` for everything else. Nothing of the text is ever executed.
"""

from __future__ import annotations

import ast
import base64
import binascii
import codecs
import posixpath
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAX_TEXT = 200_000
MAX_DEPTH = 60
MAX_FOLDS = 300_000
"""How many expressions are folded for one text; beyond it everything is unknown."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A module, class or function by its full dotted name (``os.remove``)."""

    name: str


@dataclass(frozen=True, slots=True)
class Thing:
    """An object: its type's dotted name and what is known of it (a path, a URL, a mode)."""

    type: str
    value: object = None
    extra: object = None


@dataclass(frozen=True, slots=True)
class Text:
    """A string of which some parts are unknown; these read ``$name``. ``known`` is whether its start is known."""

    value: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class Local:
    """A function or class defined in the same text."""

    name: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is known but perhaps the name it was called by."""

    name: str = "x"


UNKNOWN = Unknown()
_CONSTRUCTORS = {
    "pathlib.Path": "pathlib.Path", "pathlib.PosixPath": "pathlib.Path", "pathlib.PurePath": "pathlib.Path",
    "requests.Session": "requests", "requests.session": "requests", "httpx.Client": "httpx",
    "httpx.AsyncClient": "httpx", "aiohttp.ClientSession": "aiohttp", "smtplib.SMTP": "smtplib.SMTP",
    "smtplib.SMTP_SSL": "smtplib.SMTP", "socket.socket": "socket.socket", "paramiko.SSHClient": "paramiko.SSHClient",
    "ftplib.FTP": "ftplib.FTP", "redis.Redis": "redis.Redis", "redis.StrictRedis": "redis.Redis",
    "sqlite3.connect": "dbapi", "psycopg2.connect": "dbapi", "psycopg.connect": "dbapi", "pymysql.connect": "dbapi",
    "mysql.connector.connect": "dbapi", "MySQLdb.connect": "dbapi", "duckdb.connect": "dbapi",
    "pyodbc.connect": "dbapi",
    "sqlalchemy.create_engine": "dbapi", "docker.from_env": "docker", "boto3.client": "boto3",
    "boto3.resource": "boto3",
    "set": "set", "dict": "dict", "list": "list", "collections.deque": "list", "collections.OrderedDict": "dict",
    "collections.defaultdict": "dict", "collections.Counter": "dict", "psutil.Process": "psutil.Process",
}  # fmt: skip
_SAME_TYPE = {("dbapi", "cursor"), ("dbapi", "connect"), ("dbapi", "begin"), ("pathlib.Path", "resolve"),
              ("pathlib.Path", "absolute"), ("pathlib.Path", "expanduser"), ("docker", "from_env")}  # fmt: skip
_DECODERS = {"base64.b64decode", "base64.decodebytes", "base64.urlsafe_b64decode", "base64.standard_b64decode"}
_LISTINGS = {"glob.glob", "glob.iglob", "os.listdir", "os.scandir", "os.walk"}


class Values:
    """Names bound so far and the folding of expressions over them."""

    def __init__(self) -> None:
        self.names: dict[str, object] = {}
        self.budget = MAX_FOLDS

    def bind(self, target: ast.expr, value: object) -> None:
        """Assign ``value`` to a name, or element by element to a tuple of names."""
        if isinstance(target, ast.Name):
            self.names[target.id] = Unknown(target.id) if isinstance(value, Unknown) else value
        elif isinstance(target, (ast.Tuple, ast.List)):
            parts = list(value) if isinstance(value, (list, tuple)) else []
            for place, item in enumerate(target.elts):
                self.bind(item, parts[place] if len(parts) == len(target.elts) else UNKNOWN)
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            self.names[f"{target.value.id}.{target.attr}"] = value

    def element(self, iterable: object, node: ast.expr) -> object:
        """What a loop variable holds: the only element, one of the elements, or a path pattern."""
        if isinstance(iterable, Thing) and iterable.type == "listing":
            return Text(str(iterable.value))
        if isinstance(iterable, (list, tuple)):
            if len(iterable) == 1:
                return iterable[0]
            if iterable and all(isinstance(item, str) for item in iterable):
                return Text("{" + ",".join(str(item) for item in iterable[:20]) + "}")
        return Unknown(node.id if isinstance(node, ast.Name) else "x")

    def fold(self, node: ast.AST | None, depth: int = 0) -> object:
        """The value of an expression as far as it can be told."""
        self.budget -= 1
        if node is None or depth > MAX_DEPTH or self.budget < 0:
            return UNKNOWN
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return self.names.get(node.id, Ref(node.id))
        fold = _FOLDERS.get(type(node))
        return UNKNOWN if fold is None else fold(self, node, depth + 1)

    def call(self, node: ast.Call, depth: int = 0) -> object:
        """The value of a call of one of the pure functions that are known."""
        function, receiver = self.function(node, depth)
        values = [self.fold(argument, depth) for argument in node.args]
        if isinstance(function, Ref):
            return _call_known(function.name, values, node, self, depth)
        if isinstance(node.func, ast.Attribute):
            return _method(receiver, node.func.attr, values)
        return UNKNOWN

    def function(self, node: ast.Call, depth: int = 0) -> tuple[object, object]:
        """What is called, and the object it is called on (folded once: chains of calls stay linear)."""
        if not isinstance(node.func, ast.Attribute):
            return self.fold(node.func, depth), UNKNOWN
        known = self._attribute_name(node.func)
        if known is not None:
            return known, UNKNOWN
        receiver = self.fold(node.func.value, depth)
        return (Ref(f"{receiver.name}.{node.func.attr}") if isinstance(receiver, Ref) else UNKNOWN), receiver

    def _attribute_name(self, node: ast.Attribute) -> object | None:
        if isinstance(node.value, ast.Name):
            return self.names.get(f"{node.value.id}.{node.attr}")
        return None


def text_of(value: object) -> str | None:
    """A string for a value that is one, or stands for one; None where nothing is known."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, Text):
        return value.value
    if isinstance(value, Thing) and value.type in ("pathlib.Path", "listing", "file"):
        return text_of(value.value)
    if isinstance(value, bool) or value is None:
        return None
    return str(value) if isinstance(value, (int, float)) else None


def piece_of(value: object) -> str:
    """A value as a part of a longer string: unknown parts read ``$name``."""
    text = text_of(value)
    if text is not None:
        return text
    if isinstance(value, (Unknown, Ref, Local)):
        name = value.name.rsplit(".", 1)[-1]
        return f"${name}" if name.isidentifier() else "$x"
    return "$x"


def is_exact(value: object) -> bool:
    """Whether a value is fully known text."""
    return isinstance(value, (str, bytes)) or (isinstance(value, Thing) and isinstance(value.value, str))


def is_known(value: object) -> bool:
    """Whether a value is a constant, not a name that stands for something."""
    return value is not None and not isinstance(value, (Unknown, Ref, Local))


def walked(iterable: object) -> object:
    """What the three names of a loop over ``os.walk`` hold: the folder as far as it is known, and any names in it."""
    if not isinstance(iterable, Thing) or iterable.type != "listing":
        return UNKNOWN
    if not isinstance(iterable.extra, str) or not iterable.extra:
        return [Text("*")] * 3
    return [Text(iterable.extra), Thing("listing", "*"), Thing("listing", "*")]


def _joined(values: list[object], glue: str) -> object:
    text = glue.join(piece_of(value) for value in values)
    if len(text) > MAX_TEXT:
        return UNKNOWN
    return (
        text
        if all(is_exact(value) for value in values)
        else Text(text, bool(values) and text_of(values[0]) is not None)
    )


def _attribute(values: Values, node: Any, depth: int) -> object:
    if isinstance(node.value, ast.Name) and f"{node.value.id}.{node.attr}" in values.names:
        return values.names[f"{node.value.id}.{node.attr}"]
    base = values.fold(node.value, depth)
    if isinstance(base, Ref):
        return Ref(f"{base.name}.{node.attr}")
    if isinstance(base, Thing) and base.type == "pathlib.Path":
        path = text_of(base)
        if path is not None and node.attr in ("parent", "name"):
            return Thing("pathlib.Path", posixpath.dirname(path)) if node.attr == "parent" else posixpath.basename(path)
    return Unknown(node.attr)


def _binary(values: Values, node: Any, depth: int) -> object:
    left, right = values.fold(node.left, depth), values.fold(node.right, depth)
    if isinstance(node.op, ast.Add):
        if isinstance(left, list) and isinstance(right, list) and len(left) + len(right) < 1000:
            return left + right
        if isinstance(left, bytes) and isinstance(right, bytes) and len(left) + len(right) < MAX_TEXT:
            return left + right
        if isinstance(left, (str, Text)) or isinstance(right, (str, Text)):
            return _joined([left, right], "")
        if isinstance(left, int) and isinstance(right, int) and abs(left) < 10**9 and abs(right) < 10**9:
            return left + right
    if isinstance(node.op, ast.Div) and isinstance(left, Thing) and left.type == "pathlib.Path":
        return Thing("pathlib.Path", _path([left, right]))
    if isinstance(node.op, ast.Mod) and isinstance(left, (str, Text)):
        parts = list(right) if isinstance(right, tuple) else [right]
        pieces = piece_of(left).replace("%s", "\0").replace("%d", "\0").replace("%r", "\0").split("\0")
        if len(pieces) == len(parts) + 1:
            woven = [item for pair in zip(pieces, [*parts, ""], strict=True) for item in pair]
            return _joined(woven, "")
    if (
        isinstance(node.op, ast.Mult)
        and isinstance(left, str)
        and isinstance(right, int)
        and len(left) * right < 10_000
    ):
        return left * max(right, 0)
    return UNKNOWN


def _path(values: list[object]) -> object:
    joined = _joined(values, "\0")
    text = text_of(joined)
    if text is None:
        return UNKNOWN
    path = posixpath.join(*text.split("\0"))
    return path if isinstance(joined, str) else Text(path)


def _string(values: Values, node: Any, depth: int) -> object:
    parts = [
        part.value if isinstance(part, ast.Constant) else values.fold(part.value, depth)
        for part in node.values
        if isinstance(part, (ast.Constant, ast.FormattedValue))
    ]
    return _joined(parts, "")


def _sequence(values: Values, node: Any, depth: int) -> object:
    if len(node.elts) > 1000:
        return UNKNOWN
    items = [values.fold(item, depth) for item in node.elts]
    return tuple(items) if isinstance(node, ast.Tuple) else items


def _subscript(values: Values, node: Any, depth: int) -> object:
    base = values.fold(node.value, depth)
    if isinstance(node.slice, ast.Slice) and isinstance(base, (str, bytes)):
        bounds = [
            values.fold(part, depth) if part else None for part in (node.slice.lower, node.slice.upper, node.slice.step)
        ]
        if all(bound is None or isinstance(bound, int) for bound in bounds) and bounds[2] != 0:
            lower, upper, step = (bound if isinstance(bound, int) else None for bound in bounds)
            return base[lower:upper:step]
    index = values.fold(node.slice, depth)
    if isinstance(base, (str, list, tuple)) and isinstance(index, int) and -len(base) <= index < len(base):
        return base[index]
    if isinstance(base, dict) and isinstance(index, str):
        return base.get(index, UNKNOWN)
    if isinstance(base, Ref) and base.name in ("os.environ", "sys.argv"):
        return Unknown(index if isinstance(index, str) and index.isidentifier() else "argv")
    return UNKNOWN


def _dictionary(values: Values, node: Any, depth: int) -> object:
    if len(node.keys) > 500:
        return UNKNOWN
    return {
        key.value: values.fold(value, depth)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def _unary(values: Values, node: Any, depth: int) -> object:
    value = values.fold(node.operand, depth)
    return -value if isinstance(node.op, ast.USub) and isinstance(value, (int, float)) else UNKNOWN


def _set(values: Values, node: Any, depth: int) -> object:
    return Thing("set")


_FOLDERS: dict[type, Callable[[Values, Any, int], object]] = {
    ast.Attribute: _attribute,
    ast.BinOp: _binary,
    ast.JoinedStr: _string,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Subscript: _subscript,
    ast.Dict: _dictionary,
    ast.UnaryOp: _unary,
    ast.Set: _set,
    ast.SetComp: _set,
    ast.Await: lambda values, node, depth: values.fold(node.value, depth),
    ast.NamedExpr: lambda values, node, depth: values.fold(node.value, depth),
    ast.Starred: lambda values, node, depth: values.fold(node.value, depth),
    ast.Call: lambda values, node, depth: values.call(node, depth),
    ast.IfExp: lambda values, node, depth: values.fold(node.body, depth),
}


def _call_known(name: str, args: list[object], node: ast.Call, values: Values, depth: int) -> object:
    first = args[0] if args else UNKNOWN
    if name.startswith("builtins."):
        name = name[9:]
    if name == "getattr" and len(args) >= 2 and isinstance(args[1], str):
        return Ref(f"{first.name}.{args[1]}") if isinstance(first, Ref) else UNKNOWN
    if name in ("__import__", "importlib.import_module") and isinstance(first, str):
        return Ref(first)
    if name in _DECODERS:
        return _decode_base64(first)
    if name in ("bytes.fromhex", "binascii.unhexlify") and isinstance(first, (str, bytes)):
        return _decode_hex(first)
    if name == "codecs.decode" and len(args) > 1 and isinstance(first, (str, bytes)):
        return _decode_codec(first, args[1])
    if name == "chr" and isinstance(first, int) and 0 <= first < 0x110000:
        return chr(first)
    if name in ("str", "os.fspath", "os.path.abspath", "os.path.realpath", "os.path.expanduser", "os.path.expandvars",
                "os.path.normpath", "shlex.quote", "bytes", "sorted", "list", "reversed", "tuple"):  # fmt: skip
        if first is UNKNOWN and name in _CONSTRUCTORS:
            return Thing(_CONSTRUCTORS[name])
        return first
    if name == "os.path.join":
        return _path(args)
    if name == "os.getcwd":
        return "."
    if name in ("os.environ.get", "os.getenv"):
        return Unknown(first if isinstance(first, str) and first.isidentifier() else "env")
    if name == "shlex.split" and isinstance(first, str):
        return first.split()
    if name in ("pathlib.Path.home", "pathlib.Path.cwd"):
        return Thing("pathlib.Path", "~" if name.endswith("home") else ".")
    if name in ("pathlib.Path", "pathlib.PosixPath", "pathlib.PurePath"):
        return Thing("pathlib.Path", _path(args) if args else ".")
    if name == "os.walk":
        return Thing("listing", "*", text_of(first))
    if name in _LISTINGS:
        return Thing("listing", (text_of(first) or "*") if name.startswith("glob") else "*")
    if name in ("open", "io.open", "codecs.open", "gzip.open"):
        mode = (
            args[1]
            if len(args) > 1
            else next((values.fold(k.value, depth) for k in node.keywords if k.arg == "mode"), "r")
        )
        return Thing("file", first, mode)
    return Thing(_CONSTRUCTORS[name]) if name in _CONSTRUCTORS else UNKNOWN


def _method(receiver: object, name: str, args: list[object]) -> object:
    first = args[0] if args else UNKNOWN
    if isinstance(receiver, str):
        if name == "join" and isinstance(first, (list, tuple)):
            return _joined(list(first), receiver)
        if name == "format":
            pieces = receiver.replace("{0}", "{}").split("{}")
            if len(pieces) == len(args) + 1:
                return _joined([item for pair in zip(pieces, [*args, ""], strict=True) for item in pair], "")
            return Text(receiver.replace("{", "$").replace("}", ""))
        if name == "replace" and len(args) >= 2 and isinstance(first, str) and isinstance(args[1], str) and first:
            found = receiver.replace(first, args[1])
            return found if len(found) <= MAX_TEXT else UNKNOWN
        if name in ("lower", "upper", "strip", "lstrip", "rstrip") and not args:
            return getattr(receiver, name)()
        if name == "encode":
            return receiver.encode("utf-8", "replace")
        if name == "split" and (not args or isinstance(first, str)) and first != "":
            return receiver.split(first if isinstance(first, str) else None)
    if isinstance(receiver, bytes) and name == "decode":
        return receiver.decode("utf-8", "replace")
    if isinstance(receiver, Text) and name in ("strip", "lower", "encode", "format"):
        return receiver
    if isinstance(receiver, Thing):
        if (receiver.type, name) in _SAME_TYPE:
            return receiver
        path = text_of(receiver)
        if receiver.type == "pathlib.Path" and path is not None:
            if name in ("joinpath", "with_name", "with_suffix"):
                return Thing("pathlib.Path", _path([receiver, first]) if name == "joinpath" else Text(path))
            if name in ("glob", "rglob", "iterdir"):
                return Thing("listing", posixpath.join(path, "**" if name == "rglob" else "", text_of(first) or "*"))
            if name == "open":
                return Thing("file", receiver, first if isinstance(first, str) else "r")
    return UNKNOWN


def _decode_base64(value: object) -> object:
    raw = value.encode() if isinstance(value, str) else value
    if not isinstance(raw, bytes) or len(raw) > MAX_TEXT:
        return UNKNOWN
    try:
        return base64.b64decode(raw.replace(b"-", b"+").replace(b"_", b"/") + b"=" * (-len(raw) % 4))
    except (binascii.Error, ValueError):
        return UNKNOWN


def _decode_hex(value: str | bytes) -> object:
    try:
        return bytes.fromhex(value if isinstance(value, str) else value.decode("ascii", "replace"))
    except ValueError:
        return UNKNOWN


def _decode_codec(value: str | bytes, codec: object) -> object:
    if codec in ("rot13", "rot_13") and isinstance(value, str):
        return codecs.encode(value, "rot13")
    if codec in ("hex", "hex_codec"):
        return _decode_hex(value)
    return _decode_base64(value) if codec in ("base64", "base64_codec") else UNKNOWN
