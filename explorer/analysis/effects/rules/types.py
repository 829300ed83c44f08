"""What a rule pack may say, as immutable values. No parsing and no matching here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from explorer.model.effect import EffectKind


class RuleProblem(NamedTuple):
    """A mistake in a rule pack: which pack, line (1-based), rule (its id or its table) and what is wrong."""

    pack: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.pack}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True, slots=True)
class ShellRule:
    """One ``[[rule]]``: which command lines it matches and what they do.

    ``cmd`` program names; ``sub`` the sub-command path, each place a set of alternatives; ``any``/``all``/``none``
    options (leading ``-``) or words; ``glob``/``not_glob`` patterns some (no) word must match; ``operands`` the
    least and ``max_operands`` the most number of operands; ``predicate`` a named test in Python. ``target`` says
    which words are acted on, ``recursive`` and ``force`` which options raise the severity, ``dry`` which turn
    the command into a read. ``also``: matching goes on after this rule.
    """

    id: str
    cmd: tuple[str, ...]
    effect: EffectKind
    sub: tuple[frozenset[str], ...] = ()
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    glob: tuple[str, ...] = ()
    not_glob: tuple[str, ...] = ()
    operands: int = 0
    max_operands: int = 1_000_000
    predicate: str = ""
    abbrev: bool = False
    severity: int | None = None
    target: str = ""
    type: str = ""
    scope: str = ""
    attack: tuple[str, ...] = ()
    confidence: float = 1.0
    reversible: bool | None = None
    recursive: tuple[str, ...] = ()
    force: tuple[str, ...] = ()
    dry: tuple[str, ...] = ()
    also: bool = False
    note: str = ""
    pos: tuple[str, ...] = ()
    neg: tuple[str, ...] = ()
    pack: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class ToolRule:
    """One ``[[tool]]``: which calls of an API tool it matches and what they do.

    ``names`` exact tool names or globs (empty = any tool); ``verbs`` words of the name's verb slot; ``arguments``
    argument name → values, all of which must hold (no values = present and not empty); ``target`` the argument
    whose value is acted on. Examples are ``name`` or ``name {json arguments}``. ``also``: matching
    goes on after this rule.
    """

    id: str
    effect: EffectKind
    names: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    arguments: tuple[tuple[str, tuple[str, ...]], ...] = ()
    severity: int | None = None
    target: str = ""
    type: str = ""
    confidence: float = 1.0
    reversible: bool | None = None
    also: bool = False
    note: str = ""
    pos: tuple[str, ...] = ()
    neg: tuple[str, ...] = ()
    pack: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Wrapper:
    """One ``[wrappers.NAME]``: a program that runs another command.

    ``sub`` its sub-command path (``docker exec``); ``value_opts`` options that take the next word; ``skip`` words
    before the command; ``assign`` NAME=VALUE words may precede it; ``join`` the rest is one shell text (ssh, watch,
    eval); ``code_opts`` options whose value is a shell text (su -c); ``after`` the command only follows this word;
    ``modules`` values of ``-m`` that run a command (ansible); ``alone`` what the wrapper does without a command;
    ``privilege``/``deferred`` as on effects.
    """

    name: str
    names: tuple[str, ...]
    sub: tuple[frozenset[str], ...] = ()
    value_opts: frozenset[str] = frozenset()
    skip: int = 0
    assign: bool = False
    join: bool = False
    code_opts: frozenset[str] = frozenset()
    after: str = ""
    alone: EffectKind = EffectKind.READ
    describe_opts: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    privilege: bool = False
    deferred: bool = False
    remote: bool = False
    pack: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One ``[interpreters.NAME]``: a program that runs code of ``language`` (shell, python, javascript, sql …).

    ``code_opts`` options whose value is code; ``positional`` the operand (from 0) that is code, -1 = none;
    ``file`` the first operand is a script; ``file_opts`` options naming a script; ``stdin`` code is read from
    standard input where nothing else is given; ``read_opts`` options that make the session read-only.
    """

    name: str
    names: tuple[str, ...]
    language: str
    code_opts: frozenset[str] = frozenset()
    value_opts: frozenset[str] = frozenset()
    positional: int = -1
    file: bool = False
    file_opts: frozenset[str] = frozenset()
    stdin: bool = True
    read_opts: frozenset[str] = frozenset()
    module_opts: frozenset[str] = frozenset()
    pack: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Program:
    """One ``[programs.NAME]``: how a program's words are read.

    ``value_opts`` options that take the next word anywhere, ``global_opts`` only before the sub-command, ``sub_opts``
    only after that sub-command; ``flags`` False where a single dash starts a long option
    (``terraform -auto-approve``); ``verbs`` unknown sub-commands are judged by their verb slot; ``default`` the effect
    where no rule matches; ``dry`` and ``help`` options; ``writes`` options that name an output file.
    """

    name: str
    names: tuple[str, ...]
    value_opts: frozenset[str] = frozenset()
    global_opts: frozenset[str] = frozenset()
    sub_opts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    flags: bool = True
    verbs: bool = False
    verb_delete: EffectKind = EffectKind.DELETE
    default: EffectKind | None = None
    dry: frozenset[str] = frozenset()
    help: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    pack: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Verb:
    """One ``[verbs.NAME]``: what a verb in the verb slot of a sub-command or of a tool's name stands for.
    ``weak``: only where the program or tool is known to take verbs."""

    name: str
    words: tuple[str, ...]
    effect: EffectKind
    severity: int | None = None
    weak: bool = False
    pack: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class ProgramRules:
    """The rules of one program, later packs first, by their first sub-command where they have one."""

    by_sub: Mapping[str, tuple[tuple[int, ShellRule], ...]]
    general: tuple[tuple[int, ShellRule], ...]


@dataclass(frozen=True)
class RuleSet:
    """Compiled rule packs. ``hash`` (hex sha256 over names and texts) identifies them in results; ``problems``
    lists the rules that were left out, and why."""

    hash: str
    problems: tuple[RuleProblem, ...]
    rules: tuple[ShellRule, ...]
    tools: tuple[ToolRule, ...]
    programs: Mapping[str, Program] = field(default_factory=dict)
    wrappers: Mapping[str, tuple[Wrapper, ...]] = field(default_factory=dict)
    interpreters: Mapping[str, Interpreter] = field(default_factory=dict)
    verbs: Mapping[str, Verb] = field(default_factory=dict)
    by_program: Mapping[str, ProgramRules] = field(default_factory=dict)
    by_id: Mapping[str, ShellRule | ToolRule] = field(default_factory=dict)

    def knows(self, program: str) -> bool:
        """Whether any table speaks of this program."""
        return (
            program in self.by_program
            or program in self.wrappers
            or program in self.interpreters
            or program in self.programs
        )
