"""An argument vector against the rules: which hold, and on what they act."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from explorer.analysis.effects.rules.args import Args
from explorer.analysis.effects.rules.predicates import PREDICATES
from explorer.analysis.effects.rules.types import RuleSet, ShellRule, Verb
from explorer.model.effect import EffectKind

DRY = (
    "--dry-run",
    "--dryrun",
    "--dry_run",
    "--just-print",
    "--simulate",
    "--no-act",
    "--what-if",
    "--whatif",
    "--noop",
)
_DRY_VALUES = frozenset({"none", "false", "no", "0", "off"})
_HELP = ("--help", "-help", "-?")
_NAMES_ARCHIVE = re.compile(r"-[a-zA-Z]*f|--file")
_WORD = re.compile(r"[a-z][a-z0-9_:-]*")
_PARTS = re.compile(r"[-_:]")
_PATH_KINDS = frozenset(
    {
        EffectKind.DELETE, EffectKind.OVERWRITE, EffectKind.MOVE_OUT, EffectKind.PERMISSION, EffectKind.CREATE,
        EffectKind.MODIFY, EffectKind.VCS_DISCARD, EffectKind.ENCRYPT_IN_PLACE,
    }
)  # fmt: skip
_TYPES: dict[EffectKind, str] = {
    EffectKind.REMOTE_DELETE: "resource",
    EffectKind.DISK_WIPE: "device",
    EffectKind.HISTORY_REWRITE: "ref",
    EffectKind.RECOVERY_DESTROY: "backup",
    EffectKind.ACCOUNT: "account",
    EffectKind.PROCESS_KILL: "process",
    EffectKind.HOST_DOWN: "host",
    EffectKind.DEFENSE_OFF: "protection",
    EffectKind.LOG_CLEAR: "log",
    EffectKind.VALUE_OUT: "payee",
    EffectKind.NET_EGRESS: "url",
    EffectKind.EXFIL: "url",
    EffectKind.PKG_REMOVE: "package",
}
_ID_OPTION = re.compile(r"--?(?:[\w-]+-)?(?:names?|ids?|arns?|identifiers?|bucket|key|url|urls|group|path|uri|n|g)$")


class Hit(NamedTuple):
    """One rule that holds: what kind of effect, on which targets (empty = none named)."""

    kind: EffectKind
    rule: str
    targets: tuple[str, ...]
    type: str
    severity: int | None = None
    recursive: bool = False
    force: bool = False
    scope: str = ""
    confidence: float = 1.0
    reversible: bool | None = None
    note: str = ""


def match_rules(rules: RuleSet, name: str, words: Sequence[str]) -> tuple[Args, list[Hit]]:
    """Every effect the rules see in ``name words``; an empty list where no rule and no verb says anything."""
    program = rules.programs.get(name)
    args = Args(words, program)
    entry = rules.by_program.get(name)
    if args.options and _asks_for_help(args, program):
        return args, [Hit(EffectKind.READ, "shell.help", (), "")]
    hits: list[Hit] = []
    if entry is not None:
        candidates = entry.general
        if entry.by_sub and args.bare:
            candidates = entry.by_sub.get(args.bare[0], candidates)
        for _, rule in candidates:
            found = _holds(rule, args)
            if found is None:
                continue
            hits.append(_hit(rule, args, found))
            if not rule.also:
                break
    if not hits or hits[-1].kind is EffectKind.UNKNOWN:
        fallback = _fallback(rules, name, args)
        if fallback is not None:
            hits.append(fallback)
    if program is not None and hits and _is_dry(args, program.dry):
        return args, [Hit(EffectKind.READ, "dry-run", (), "", note=f"dry run: {hits[0].rule}")]
    if program is not None and program.writes:
        for option in program.writes:
            value = args.options.get(option)
            if value:
                hits.append(Hit(EffectKind.CREATE, f"{name}.writes", (value,), "path"))
    return args, hits


def _asks_for_help(args: Args, program: object) -> bool:
    options = args.options
    for name in _HELP:
        if name in options:
            return True
    extra = getattr(program, "help", None)
    if extra and any(name in options for name in extra):
        return True
    return not args.bare and ("--version" in options or (len(options) == 1 and "-V" in options))


def _is_dry(args: Args, extra: frozenset[str] | tuple[str, ...]) -> bool:
    options = args.options
    for names in (DRY, extra):
        for name in names:
            if name in options:
                value = options[name]
                if value is None or value.lower() not in _DRY_VALUES:
                    return True
    return False


def _holds(rule: ShellRule, args: Args) -> tuple[str, ...] | None:
    """The targets a predicate names (empty = none), or None where the rule does not hold."""
    bare = args.bare
    sub = rule.sub
    n = len(sub)
    if n > len(bare):
        return None
    for place, names in enumerate(sub):
        if bare[place] not in names and "*" not in names:
            return None
    if rule.any and not args.has_any(rule.any, rule.abbrev):
        return None
    if rule.all and not all(_one(args, name, rule.abbrev) for name in rule.all):
        return None
    if rule.none and args.has_any(rule.none, rule.abbrev):
        return None
    count = len(bare) - n
    if count < rule.operands or count > rule.max_operands:
        return None
    if rule.glob and not _some(rule.glob, args.words):
        return None
    if rule.not_glob and _some(rule.not_glob, args.words):
        return None
    if rule.predicate:
        return PREDICATES[rule.predicate](args, n)
    return ()


def _one(args: Args, name: str, abbrev: bool) -> bool:
    return args.has(name, abbrev) if name[:1] == "-" else name in args.bare


@lru_cache(maxsize=4096)
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns))


def _some(patterns: tuple[str, ...], words: Sequence[str]) -> bool:
    compiled = _pattern(patterns)
    return any(compiled.match(word) for word in words)


def _hit(rule: ShellRule, args: Args, found: tuple[str, ...]) -> Hit:
    if rule.dry and _is_dry(args, rule.dry):
        return Hit(EffectKind.READ, "dry-run", (), "", note=f"dry run: {rule.id}")
    if args.options and _is_dry(args, ()):
        return Hit(EffectKind.READ, "dry-run", (), "", note=f"dry run: {rule.id}")
    targets = found or _targets(rule, args)
    return Hit(
        rule.effect,
        rule.id,
        tuple(targets),
        rule.type or _type(rule.effect),
        rule.severity,
        bool(rule.recursive) and args.has_any(rule.recursive, True),
        bool(rule.force) and args.has_any(rule.force, True),
        rule.scope,
        rule.confidence,
        rule.reversible,
        rule.note,
    )


def _type(kind: EffectKind) -> str:
    return "path" if kind in _PATH_KINDS else _TYPES.get(kind, "path")


def _targets(rule: ShellRule, args: Args) -> Sequence[str]:
    how = rule.target
    if rule.effect in (EffectKind.READ, EffectKind.NONE) or how == "none":
        return ()
    operands = args.bare[len(rule.sub) :]
    if rule.any:
        operands = [word for word in operands if word not in rule.any]
    if how in ("", "operands"):
        return operands or (_guess(args, len(rule.sub)) if not how else ())
    if how == "first":
        return operands[:1]
    if how == "last":
        return operands[-1:]
    if how == "but_last":
        return operands[:-1]
    if how == "after_first":
        return operands[1:]
    if how == "members":
        return _members(args)
    if how == "worktree":
        return (".",)
    if how.startswith("="):
        return (how[1:],)
    if how.startswith("-"):
        value = args.value(*how.split("|"))
        return (value,) if value is not None else operands
    return _guess(args, len(rule.sub))


def _members(args: Args) -> Sequence[str]:
    """What an archiver puts into its archive: the operands without the archive, which stands behind a cluster of
    options that ends in ``f`` (``-czf a.tgz``), or behind the letters of the old form (``czf a.tgz``)."""
    found, words = list(args.bare), args.words
    if words and words[0][:1] != "-" and words[0].isalpha():
        found = found[1 + ("f" in words[0]) :]
    archive = next((after for word, after in pairwise(words) if _NAMES_ARCHIVE.fullmatch(word)), None)
    if archive in found:
        found.remove(archive)
    return found


def _guess(args: Args, subs: int) -> Sequence[str]:
    """The operands after the sub-command, else the value of an option that looks like a name."""
    operands = args.bare[subs:]
    for option, value in args.options.items():
        if value and _ID_OPTION.match(option):
            return (value,)
    if operands:
        return operands
    return ()


def _fallback(rules: RuleSet, name: str, args: Args) -> Hit | None:
    """The verb slot, for programs whose sub-commands are not all listed; then the program's default."""
    program = rules.programs.get(name)
    listed = program is not None and program.verbs
    bare = args.bare
    if listed or (program is None and name not in rules.by_program):
        if bare and bare[0] == "help":
            return Hit(EffectKind.READ, "shell.help", (), "")
        found = verb_slot(rules, bare, listed)
        if found is not None:
            verb, place = found
            kind = verb.effect
            if kind is EffectKind.DELETE and program is not None:
                kind = program.verb_delete
            if listed or kind not in (EffectKind.READ, EffectKind.NONE, EffectKind.CREATE, EffectKind.MODIFY):
                return Hit(
                    kind,
                    f"{name}.verb:{verb.name}" if listed else f"verb:{verb.name}",
                    tuple(_guess(args, place + 1)) if kind not in (EffectKind.READ, EffectKind.NONE) else (),
                    _type(kind),
                    verb.severity,
                    confidence=0.85 if listed else 0.6,
                )
    if program is not None and program.default is not None:
        return Hit(program.default, f"{name}.default", (), _type(program.default), confidence=0.8)
    return None


def verb_slot(rules: RuleSet, bare: Sequence[str], listed: bool) -> tuple[Verb, int] | None:
    """(verb, its place) among the first few bare words: the first verb that is found ends the search."""
    verbs = rules.verbs
    for place, word in enumerate(bare[: 5 if listed else 3]):
        if not _WORD.fullmatch(word):
            return None
        verb = verbs.get(word)
        if verb is None and (":" in word or (listed and ("-" in word or "_" in word))):
            parts = _PARTS.split(word)
            verb = verbs.get(parts[0]) if "-" in word or "_" in word else None
            verb = verb or verbs.get(parts[-1])
        if verb is not None:
            return None if verb.weak and not listed else (verb, place)
    return None
