"""Rule packs: text in, one compiled and immutable rule set out.

A pack is TOML. It is cut into its tables before parsing, so that a mistake in one rule costs that rule only and
every message can name the line. Packs are taken in order; a later pack's rules are tried first.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from explorer.analysis.effects.rules.predicates import PREDICATES
from explorer.analysis.effects.rules.types import (
    Interpreter,
    Program,
    ProgramRules,
    RuleProblem,
    RuleSet,
    ShellRule,
    ToolRule,
    Verb,
    Wrapper,
)
from explorer.model.effect import EffectKind
from explorer.model.settings import RulePack

__all__ = [
    "Interpreter",
    "Program",
    "RuleProblem",
    "RuleSet",
    "ShellRule",
    "ToolRule",
    "Verb",
    "Wrapper",
    "compile_rules",
]

SCHEMA = 1
TARGETS = frozenset(
    {"", "operands", "first", "last", "but_last", "after_first", "members", "worktree", "none", "guess"}
)
_HEADER = re.compile(r"^\[{1,2}\s*([A-Za-z_][\w-]*(?:\.(?:[\w+-]+|\"[^\"\n]+\"))*)\s*\]{1,2}\s*(?:#.*)?$", re.MULTILINE)


class _Mistake(Exception):
    """Something in a rule that the author of the pack can mend."""


def compile_rules(packs: Sequence[RulePack]) -> RuleSet:
    """The rule set of the packs, in order, the user's last. Rules with mistakes are left out and listed in
    ``problems``; never raises for the content of a pack. Cached per process by the packs' texts."""
    return _compile(tuple(packs))


@lru_cache(maxsize=16)
def _compile(packs: tuple[RulePack, ...]) -> RuleSet:
    problems: list[RuleProblem] = []
    found: dict[type, list[Any]] = defaultdict(list)
    seen: dict[str, tuple[str, int]] = {}
    digest = hashlib.sha256()
    for pack in packs:
        digest.update(f"{pack.name}\0{pack.text}\0".encode("utf-8", "surrogatepass"))
        for line, title, table in _tables(pack, problems):
            try:
                item = _build(title, table, pack.name, line)
                if item is None:
                    continue
                if isinstance(item, ShellRule | ToolRule):
                    if item.id in seen and seen[item.id][0] == pack.name:
                        raise _Mistake(f"the id is used before, in line {seen[item.id][1]}")
                    seen[item.id] = (pack.name, line)
                found[type(item)].append(item)
            except _Mistake as mistake:
                name = table.get("id")
                problems.append(RuleProblem(pack.name, line, name if isinstance(name, str) else title, str(mistake)))
    order = {pack.name: place for place, pack in enumerate(packs)}
    rules = sorted(found[ShellRule], key=lambda r: -order[r.pack])
    tools = sorted(found[ToolRule], key=lambda r: -order[r.pack])
    wrappers: dict[str, list[Wrapper]] = defaultdict(list)
    for wrapper in reversed(found[Wrapper]):
        for name in wrapper.names:
            wrappers[name].append(wrapper)
    return RuleSet(
        hash=digest.hexdigest(),
        problems=tuple(problems),
        rules=tuple(rules),
        tools=tuple(tools),
        programs={name: p for p in found[Program] for name in p.names},
        wrappers={name: tuple(sorted(items, key=lambda w: -len(w.sub))) for name, items in wrappers.items()},
        interpreters={name: i for i in found[Interpreter] for name in i.names},
        verbs={word: v for v in found[Verb] for word in v.words},
        by_program=_index(rules),
        by_id={r.id: r for r in (*reversed(rules), *reversed(tools))},
    )


def _index(rules: Sequence[ShellRule]) -> dict[str, ProgramRules]:
    per_sub: dict[str, dict[str, list[tuple[int, ShellRule]]]] = defaultdict(lambda: defaultdict(list))
    general: dict[str, list[tuple[int, ShellRule]]] = defaultdict(list)
    for place, rule in enumerate(rules):
        for program in rule.cmd:
            if rule.sub and "*" not in rule.sub[0]:
                for word in rule.sub[0]:
                    per_sub[program][word].append((place, rule))
            else:
                general[program].append((place, rule))
    return {
        program: ProgramRules(
            {
                word: tuple(sorted([*items, *general.get(program, ())], key=lambda pair: pair[0]))
                for word, items in per_sub.get(program, {}).items()
            },
            tuple(general.get(program, ())),
        )
        for program in {*per_sub, *general}
    }


def _tables(pack: RulePack, problems: list[RuleProblem]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """(line, dotted title, content) of every table of a pack; tables that are not TOML are reported."""
    text = pack.text.replace("\r\n", "\n")
    headers = list(_HEADER.finditer(text))
    head = text[: headers[0].start()] if headers else text
    try:
        schema = tomllib.loads(head).get("schema", SCHEMA)
        if schema != SCHEMA:
            problems.append(RuleProblem(pack.name, 1, "schema", f"schema {schema!r} is not known; read as {SCHEMA}"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problems.append(RuleProblem(pack.name, _line_in(error, 1), "head", f"not valid TOML: {error}"))
    line, place = 1, 0
    for header, following in zip(headers, [*headers[1:], None], strict=True):
        line += text.count("\n", place, header.start())
        place = header.start()
        body = text[header.end() : following.start() if following else len(text)]
        title = header.group(1)
        try:
            yield line, title, tomllib.loads(body)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            problems.append(
                RuleProblem(pack.name, _line_in(error, line), _id_in(body) or title, f"not valid TOML: {_plain(error)}")
            )


def _line_in(error: BaseException, first: int) -> int:
    match = re.search(r"at line (\d+)", str(error))
    return first + int(match.group(1)) - 1 if match else first


def _plain(error: BaseException) -> str:
    return re.sub(r"\s*\(at line \d+, column \d+\)", "", str(error))


def _id_in(body: str) -> str:
    match = re.search(r"""^\s*id\s*=\s*["']([^"'\n]*)["']""", body, re.MULTILINE)
    return match.group(1) if match else ""


def _build(title: str, table: dict[str, Any], pack: str, line: int) -> Any:
    family, _, name = title.partition(".")
    name = name.strip('"')
    if family == "rule" and not name:
        return _shell_rule(_Reader(table, pack, line))
    if family == "tool" and not name:
        return _tool_rule(_Reader(table, pack, line))
    builder = _NAMED.get(family)
    if builder is None:
        known = ", ".join(["[[rule]]", "[[tool]]", *(f"[{key}.NAME]" for key in _NAMED)])
        raise _Mistake(f"unknown table; a pack holds {known}")
    if not name:
        raise _Mistake(f"needs a name: [{family}.NAME]")
    return builder(name, _Reader(table, pack, line))


class _Reader:
    """Takes typed values out of one table and complains about what it does not know."""

    def __init__(self, table: dict[str, Any], pack: str, line: int) -> None:
        self._left = dict(table)
        self.pack = pack
        self.line = line

    def text(self, key: str, default: str = "") -> str:
        return str(self._take(key, default, str, "a text"))

    def flag(self, key: str, default: bool = False) -> bool:
        return bool(self._take(key, default, bool, "true or false"))

    def number(self, key: str, default: int) -> int:
        return int(self._take(key, default, int, "a whole number"))

    def maybe_flag(self, key: str) -> bool | None:
        return self.flag(key) if key in self._left else None

    def share(self, key: str) -> float:
        value = self._left.pop(key, 1.0)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
            raise _Mistake(f"{key} must be a number from 0 to 1")
        return float(value)

    def words(self, key: str) -> tuple[str, ...]:
        value = self._left.pop(key, [])
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise _Mistake(f"{key} must be a list of texts")
        return tuple(value)

    def kind(self, key: str, default: EffectKind | None = None) -> EffectKind | None:
        value = self.text(key)
        if not value:
            return default
        try:
            return EffectKind(value)
        except ValueError:
            raise _Mistake(f"{value!r} is not an effect; effects are {', '.join(EffectKind)}") from None

    def effect(self) -> EffectKind:
        kind = self.kind("effect")
        if kind is None:
            raise _Mistake("effect is missing")
        return kind

    def severity(self) -> int | None:
        if "severity" not in self._left:
            return None
        value = self.number("severity", 0)
        if not 0 <= value <= 4:
            raise _Mistake("severity must be from 0 to 4")
        return value

    def pairs(self, key: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        value = self._left.pop(key, {})
        if not isinstance(value, dict):
            raise _Mistake(f"{key} must be a table of argument = values")
        return tuple((name, _values(key, item)) for name, item in value.items())

    def examples(self) -> dict[str, Any]:
        pos, neg = self.words("pos"), self.words("neg")
        if not pos:
            raise _Mistake("needs at least one example that it matches (pos)")
        if not neg:
            raise _Mistake("needs at least one example that it does not match (neg)")
        return {"pos": pos, "neg": neg}

    def where(self) -> dict[str, Any]:
        if self._left:
            raise _Mistake(f"unknown key {', '.join(sorted(self._left))}")
        return {"pack": self.pack, "line": self.line}

    def _take(self, key: str, default: Any, wanted: type, name: str) -> Any:
        value = self._left.pop(key, default)
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise _Mistake(f"{key} must be {name}")
        return value


def _values(key: str, value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    out: list[str] = []
    for item in items:
        if isinstance(item, bool):
            out.append("true" if item else "false")
        elif isinstance(item, str | int | float):
            out.append(str(item))
        else:
            raise _Mistake(f"{key}: a value must be a text, a number or true/false")
    return tuple(out)


def _alternatives(words: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(word.split("|")) for word in words)


def _identity(reader: _Reader) -> str:
    name = reader.text("id")
    if not name:
        raise _Mistake("id is missing")
    return name


def _shell_rule(reader: _Reader) -> ShellRule:
    name = _identity(reader)
    cmd = reader.words("cmd")
    if not cmd:
        raise _Mistake("cmd is missing: the programs the rule is about")
    predicate = reader.text("predicate")
    if predicate and predicate not in PREDICATES:
        raise _Mistake(f"{predicate!r} is not a predicate; predicates are {', '.join(sorted(PREDICATES))}")
    target = reader.text("target")
    if target not in TARGETS and not target.startswith(("-", "=")):
        raise _Mistake(f"target {target!r} is neither an option nor one of {', '.join(sorted(TARGETS - {''}))}")
    return ShellRule(
        id=name,
        cmd=cmd,
        effect=reader.effect(),
        sub=_alternatives(reader.words("sub")),
        any=reader.words("any"),
        all=reader.words("all"),
        none=reader.words("none"),
        glob=reader.words("glob"),
        not_glob=reader.words("not_glob"),
        operands=reader.number("operands", 0),
        max_operands=reader.number("max_operands", 1_000_000),
        predicate=predicate,
        abbrev=reader.flag("abbrev"),
        severity=reader.severity(),
        target=target,
        type=reader.text("type"),
        scope=reader.text("scope"),
        attack=reader.words("attack"),
        confidence=reader.share("confidence"),
        reversible=reader.maybe_flag("reversible"),
        recursive=reader.words("recursive"),
        force=reader.words("force"),
        dry=reader.words("dry"),
        also=reader.flag("also"),
        note=reader.text("note"),
        **reader.examples(),
        **reader.where(),
    )


def _tool_rule(reader: _Reader) -> ToolRule:
    name = _identity(reader)
    rule = ToolRule(
        id=name,
        effect=reader.effect(),
        names=reader.words("names"),
        verbs=reader.words("verbs"),
        arguments=reader.pairs("arguments"),
        severity=reader.severity(),
        target=reader.text("target"),
        type=reader.text("type"),
        confidence=reader.share("confidence"),
        reversible=reader.maybe_flag("reversible"),
        also=reader.flag("also"),
        note=reader.text("note"),
        **reader.examples(),
        **reader.where(),
    )
    if not (rule.names or rule.verbs or rule.arguments):
        raise _Mistake("needs names, verbs or arguments: what it matches")
    return rule


def _wrapper(name: str, reader: _Reader) -> Wrapper:
    return Wrapper(
        name=name,
        names=reader.words("names") or (name,),
        sub=_alternatives(reader.words("sub")),
        value_opts=frozenset(reader.words("value_opts")),
        skip=reader.number("skip", 0),
        assign=reader.flag("assign"),
        join=reader.flag("join"),
        code_opts=frozenset(reader.words("code_opts")),
        after=reader.text("after"),
        alone=reader.kind("alone") or EffectKind.READ,
        describe_opts=frozenset(reader.words("describe_opts")),
        modules=frozenset(reader.words("modules")),
        privilege=reader.flag("privilege"),
        deferred=reader.flag("deferred"),
        remote=reader.flag("remote"),
        **reader.where(),
    )


def _interpreter(name: str, reader: _Reader) -> Interpreter:
    language = reader.text("language")
    if not language:
        raise _Mistake("language is missing")
    return Interpreter(
        name=name,
        names=reader.words("names") or (name,),
        language=language,
        code_opts=frozenset(reader.words("code_opts")),
        value_opts=frozenset(reader.words("value_opts")),
        positional=reader.number("positional", -1),
        file=reader.flag("file"),
        file_opts=frozenset(reader.words("file_opts")),
        stdin=reader.flag("stdin", True),
        read_opts=frozenset(reader.words("read_opts")),
        module_opts=frozenset(reader.words("module_opts")),
        **reader.where(),
    )


def _program(name: str, reader: _Reader) -> Program:
    return Program(
        name=name,
        names=reader.words("names") or (name,),
        value_opts=frozenset(reader.words("value_opts")),
        global_opts=frozenset(reader.words("global_opts")),
        sub_opts={key: frozenset(values) for key, values in reader.pairs("sub_opts")},
        flags=reader.flag("flags", True),
        verbs=reader.flag("verbs"),
        verb_delete=reader.kind("verb_delete") or EffectKind.DELETE,
        default=reader.kind("default"),
        dry=frozenset(reader.words("dry")),
        help=frozenset(reader.words("help")),
        writes=frozenset(reader.words("writes")),
        **reader.where(),
    )


def _verb(name: str, reader: _Reader) -> Verb:
    words = reader.words("words")
    if not words:
        raise _Mistake("words is missing: the verbs")
    return Verb(name, words, reader.effect(), reader.severity(), reader.flag("weak"), **reader.where())


_NAMED: dict[str, Callable[[str, _Reader], Any]] = {
    "wrappers": _wrapper,
    "interpreters": _interpreter,
    "programs": _program,
    "verbs": _verb,
}
