"""What one simple command does: functions, builtins, wrappers, interpreters, then the rules."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from functools import lru_cache

from explorer.analysis.effects.rules.args import Args
from explorer.analysis.effects.rules.find_places import spares_start
from explorer.analysis.effects.rules.match import Hit, match_rules
from explorer.analysis.effects.rules.predicates import harmless_sink, is_device
from explorer.analysis.effects.rules.types import RuleSet
from explorer.analysis.effects.shared.folders import entered, joined
from explorer.analysis.effects.shared.severity import is_system_path
from explorer.analysis.effects.shell.builtins import BUILTINS
from explorer.analysis.effects.shell.interpret import interpret
from explorer.analysis.effects.shell.landing import LANDS, landings
from explorer.analysis.effects.shell.listing import LISTERS, listed
from explorer.analysis.effects.shell.lists import LISTS
from explorer.analysis.effects.shell.literal import (
    DECODERS,
    FETCHERS,
    OPAQUE_OUTPUT,
    REMOTE_OUTPUT,
    Output,
    filter_text,
)
from explorer.analysis.effects.shell.options import ENVIRONMENT_COMMANDS, option_commands
from explorer.analysis.effects.shell.redirect import write_effect
from explorer.analysis.effects.shell.run import Frame, Run, emit
from explorer.analysis.effects.shell.types import OPAQUE, UNSEEN, SimpleCommand
from explorer.analysis.effects.shell.unwrap import unwrap
from explorer.model.effect import CONCERN_PRESETS, EffectKind

_BIN = re.compile(r"/(?:usr/(?:local/)?)?s?bin/|/opt/homebrew/bin/|/snap/bin/|/bin/")
_VERSIONED = re.compile(r"([A-Za-z][A-Za-z_+-]*?)-?\d[\d.]*")
_SCRIPT = re.compile(r"\.(?:sh|bash|zsh|py|pl|rb|js|php|bat|cmd|ps1|run|bin|out|exe|jar)$")
_CONCERN = CONCERN_PRESETS["destructive"]
MAX_CALLS = 8


def run_command(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output:
    """Classify one command without its redirects; what it prints, where that is visible."""
    argv = command.argv
    word = argv[0]
    if command.assigns:
        _environment(run, frame, command)
    if word in run.state.functions or word in run.state.aliases:
        return _called(run, frame, command, stdin)
    if command.marks and command.marks[0] & UNSEEN:
        return _opaque_program(run, frame, command)
    name = program_name(run.rules, word)
    builtin = BUILTINS.get(name)
    if builtin is not None:
        output = builtin(run, frame, command, stdin)
        if output is not None:
            return output
    rules = run.rules
    if name in LISTS:
        LISTS[name](run, frame, command, stdin)
    if name in rules.interpreters:
        output = interpret(run, frame, command, stdin, rules.interpreters[name])
        if output is not None:
            return output
    if name in rules.wrappers:
        inner = unwrap(run, frame, command, stdin, name)
        if inner is not None:
            return inner
    _apply(run, frame, command, name, stdin)
    return _printed(name, argv, stdin)


def program_name(rules: RuleSet, word: str) -> str:
    """The name under which the rules know a program: without its folder, ``.exe``, version or capitals."""
    if rules.knows(word) or word in BUILTINS:
        return word
    return _renamed(rules.hash, word, rules)


_NAMES: dict[tuple[str, str], str] = {}


def _renamed(identity: str, word: str, rules: RuleSet) -> str:
    key = (identity, word)
    found = _NAMES.get(key)
    if found is None:
        if len(_NAMES) > 50_000:
            _NAMES.clear()
        found = _NAMES[key] = _rename(rules, word)
    return found


def _rename(rules: RuleSet, word: str) -> str:
    name = word
    if "/" in word and len(word) < 4096:
        base = posixpath.basename(word)
        if (
            _BIN.match(word)
            or (word.startswith(("/", "~", "$")) and rules.knows(base))
            or any(mark in word for mark in "*?[")
        ):
            name = base
        else:
            return word
    for candidate in _variants(name):
        if rules.knows(candidate) or candidate in BUILTINS:
            return candidate
    if any(mark in name for mark in "*?["):
        return _globbed(rules, name) or name
    return name


def _variants(name: str) -> list[str]:
    plain = name[:-4] if name.lower().endswith((".exe", ".cmd")) else name
    versioned = _VERSIONED.fullmatch(plain)
    found = [name, plain]
    if versioned:
        found.append(versioned.group(1))
    return [*found, *(item.lower() for item in found)]


def _globbed(rules: RuleSet, pattern: str) -> str:
    """The program a glob such as ``/bin/r?`` stands for: one of concern where several match."""
    if "*" in pattern and not re.search(r"[A-Za-z]{2}", pattern):
        return ""
    fitting = fnmatch.filter(sorted({*rules.by_program, *rules.wrappers, *rules.interpreters}), pattern)
    for name in fitting:
        entry = rules.by_program.get(name)
        if entry and any(rule.effect in _CONCERN for _, rule in entry.general):
            return name
    return fitting[0] if fitting else ""


def _environment(run: Run, frame: Frame, command: SimpleCommand) -> None:
    for name, value in command.assigns:
        if name in ENVIRONMENT_COMMANDS and value and not value.startswith("$"):
            run.run_text(run, frame.within(value, None, command.span, name), None)


def _called(run: Run, frame: Frame, command: SimpleCommand, stdin: Output | None) -> Output:
    """A function or alias defined in the text."""
    name = command.argv[0]
    state = run.state
    if run.calls.count(name) >= 2 or len(run.calls) > MAX_CALLS or not run.spend(16):
        emit(run, frame, EffectKind.UNKNOWN, command.span, rule="limit", note="calls itself too often to be followed")
        return OPAQUE_OUTPUT
    run.calls.append(name)
    try:
        if name in state.aliases and name not in state.functions:
            text = " ".join([state.aliases[name], *map(quoted, command.argv[1:])])
            return run.run_text(run, frame.within(text, None, command.span, f"alias {name}"), stdin)
        function = state.functions[name]
        before = {key: state.variables.get(key) for key in ("@", "*", *map(str, range(1, 10)))}
        arguments = command.argv[1:]
        opaque = bool(command.marks) and any(mark & OPAQUE for mark in command.marks)
        for place in range(1, 10):
            state.variables[str(place)] = arguments[place - 1] if place <= len(arguments) else ""
        state.variables["@"] = state.variables["*"] = None if opaque else " ".join(arguments)
        base = None if frame.base is None or frame.depth else function.base
        output = run.run_text(run, frame.within(function.text, base, command.span, f"function {name}"), stdin)
        state.variables.update(before)
        return output
    finally:
        run.calls.pop()


def quoted(word: str) -> str:
    """A word as shell text that stands for exactly it."""
    if re.fullmatch(r"[\w./:@%+,^~=*?$-]+", word):
        return word
    return "'" + word.replace("'", "'\\''") + "'"


def _opaque_program(run: Run, frame: Frame, command: SimpleCommand) -> Output:
    word = command.argv[0]
    output = run.outputs.get(word)
    kind = EffectKind.EXEC_REMOTE if output is not None and output.origin != "opaque" else EffectKind.EXEC_OPAQUE
    emit(run, frame, kind, command.span, rule="shell.opaque-program", target=("command", word), scope="unknown")
    return OPAQUE_OUTPUT


def _apply(run: Run, frame: Frame, command: SimpleCommand, name: str, stdin: Output | None) -> None:
    words = command.argv[1:]
    args, hits = match_rules(run.rules, name, words)
    if not hits:
        _unmatched(run, frame, command, name)
    folder = run.state.cwd
    if name == "git" and "-C" in words[:-1]:
        run.state.cwd = entered(folder, words[words.index("-C") + 1])
    for hit in hits:
        _record(run, frame, command, name, hit, args, stdin)
    run.state.cwd = folder
    if words:
        option_commands(run, frame, command, name, args)


def _record(
    run: Run, frame: Frame, command: SimpleCommand, name: str, hit: Hit, args: Args, stdin: Output | None
) -> None:
    kind = hit.kind
    span = command.span
    if not hit.targets:
        emit(
            run, frame, kind, span, rule=hit.rule, severity=hit.severity, recursive=hit.recursive, force=hit.force,
            confidence=hit.confidence, reversible=hit.reversible, note=hit.note,
        )  # fmt: skip
        return
    opaque = bool(command.marks) and any(mark & OPAQUE for mark in command.marks)
    landed = landings(name, hit.rule, args, run.state.is_folder) if hit.rule in LANDS else None
    inside = "/{}" if hit.rule == "find.delete" and spares_start(args.words) else ""
    for target in landed[:32] if landed is not None else hit.targets[:32]:
        written = kind
        if hit.type == "path" and kind in (EffectKind.CREATE, EffectKind.OVERWRITE):
            if harmless_sink(target):
                continue
            if hit.rule.startswith("tee"):
                write_effect(
                    run, frame, target, span, stdin or Output(None), append=hit.rule.endswith("append"),
                    opaque=opaque and "$" in target, rule=hit.rule,
                )  # fmt: skip
                continue
            known = run.state.knows_path(target) or (
                landed is None and is_system_path(target) and not target.endswith("/")
            )
            if hit.rule.endswith("mkdir"):
                run.state.folders.add(joined(run.state.cwd, target).rstrip("/"))
            if hit.rule == "ln":
                known = False  # it fails where something is
            elif hit.rule == "ln.force" and landed is not None and not known and not is_system_path(target):
                written = EffectKind.CREATE
            if kind is EffectKind.CREATE and known:
                written = EffectKind.MODIFY if hit.rule.endswith(("mkdir", "touch")) else EffectKind.OVERWRITE
            if is_device(target):
                written = EffectKind.DISK_WIPE
        emit(
            run, frame, written, span, rule=hit.rule, target=(hit.type, target), severity=hit.severity,
            recursive=hit.recursive, force=hit.force, opaque=opaque and ("$" in target or "`" in target),
            scope=hit.scope, confidence=hit.confidence, reversible=hit.reversible, note=hit.note,
            inside="" if target.endswith("{}") else inside,
        )  # fmt: skip
    if len(hit.targets) > 32:
        emit(
            run, frame, kind, span, rule=hit.rule, target=(hit.type, f"{len(hit.targets) - 32} more"), scope="many",
            severity=hit.severity, recursive=hit.recursive, force=hit.force, confidence=hit.confidence,
        )  # fmt: skip


_STATEMENT = re.compile(
    r"\s*(?:(?:delete\s+from|insert\s+into|replace\s+into|drop\s+(?:table|database|schema|index|view|role|user|function|procedure|trigger|sequence|extension|"
    r"materialized|column|keyspace|collection)|truncate\s+table\s|update\s+\S+\s+set|alter\s+(?:table|database|user|role|system)|create\s+(?:table|database|user|role|or\s+replace|index|view)|"
    r"grant\s+\w[\s\S]*\bto|revoke\s+\w[\s\S]*\bfrom|select\s+[\s\S]*\bfrom\b|merge\s+into|select\s+\w+\()\b)",
    re.IGNORECASE,
)
_DOCUMENT_STORE = re.compile(r"\s*db\.[\w.\-\[\]'\"]*\w+\s*\(", re.IGNORECASE)


def statement_language(text: str) -> str:
    """``sql`` or ``mongo`` where a line is a statement for a database's prompt and not a shell command, else ""."""
    if _STATEMENT.match(text):
        return "sql"
    return "mongo" if _DOCUMENT_STORE.match(text) else ""


def _unmatched(run: Run, frame: Frame, command: SimpleCommand, name: str) -> None:
    word = command.argv[0]
    if "/" in word or _SCRIPT.search(word):
        _script(run, frame, command, word)
        return
    emit(run, frame, EffectKind.UNKNOWN, command.span, rule="unknown-program", target=("program", name))


def _script(run: Run, frame: Frame, command: SimpleCommand, path: str) -> None:
    text = run.state.files.get(path.removeprefix("./"))
    if text is not None:
        run.run_text(
            run, frame.within(text, None, command.span, path, note=f"{path} is written in the same command"), None
        )
        return
    emit(run, frame, EffectKind.EXEC_OPAQUE, command.span, rule="script", target=("path", path))


@lru_cache(maxsize=1024)
def _is_filter(name: str) -> bool:
    return name in DECODERS or name in {
        "cat", "tee", "grep", "egrep", "sed", "awk", "tr", "cut", "head", "tail", "sort", "uniq", "tar", "rev", "tac",
        "jq", "perl", "xz", "bzip2", "bzcat", "xzcat", "zstd", "pv", "sponge", "iconv", "dos2unix",
    }  # fmt: skip


def _printed(name: str, argv: tuple[str, ...], stdin: Output | None) -> Output:
    """What a program prints, as far as the text shows it."""
    if name in LISTERS or (stdin is not None and stdin.listing is not None):
        listing = listed(name, argv, stdin)
        if listing is not None:
            return Output(None, listing=listing)
    if name in FETCHERS or (name in ("aws", "gsutil", "gcloud", "scp", "ssh", "rclone", "mc") and "-" in argv[-1:]):
        return REMOTE_OUTPUT
    if stdin is not None and _is_filter(name):
        if stdin.text is not None:
            text = filter_text(name, argv[1:], stdin.text)
            if text is not None:
                return Output(text, "literal", stdin.base if text is stdin.text else None)
            return Output(None, "decoded" if name in DECODERS else "opaque")
        return Output(None, "decoded" if name in DECODERS and stdin.origin != "remote" else stdin.origin)
    if name in DECODERS and any(word in ("-d", "-D", "--decode", "-dc", "--decrypt", "-r") for word in argv[1:]):
        return Output(None, "decoded")
    return OPAQUE_OUTPUT
