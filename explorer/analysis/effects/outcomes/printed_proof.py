"""What an output proves about what was carried out.

A branch whose own ``echo`` stands in the output was taken, so the others of the same ``if`` were not; a script that
ends in ``Terminated`` was hit by what it stopped; ``Deleted: x`` says that x is gone.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from tree_sitter import Node

from explorer.analysis.effects.shell.parse import MAX_NESTING, parse
from explorer.model.effect import Effect, EffectKind, Effects
from explorer.model.schema import Outcome

READ_CHARS = 20_000
MAX_SCRIPT = 50_000
MAX_NODES = 20_000
MAX_RANGES = 500
SHORTEST_WORDS = 4
"""Characters of a printed text that can tell branches apart."""
OTHER_BRANCH = "not executed: the output is that of another branch"
ENDED_BEFORE = "not executed: the output is that of a branch that ends the script before"
SCRIPT_BRANCHES = "the script branches, so whether this was carried out is not shown"
_PLAIN = frozenset({EffectKind.NONE, EffectKind.READ, EffectKind.REFUSE})
_REPEATS = frozenset({"for_statement", "while_statement", "c_style_for_statement", "function_definition"})
_LEAVES = frozenset({"exit", "return"})


class _Branch(NamedTuple):
    """A range of a script that is run or not: what it prints for certain, and whether it ends the script."""

    start: int
    end: int
    prints: tuple[str, ...]
    leaves: bool


class _Fork(NamedTuple):
    """The branches of one ``if``, of which at most one is run."""

    branches: tuple[_Branch, ...]
    end: int


def without_untaken(effects: Effects, script: str, printed: str) -> Effects:
    """The effects of a shell script (their spans are places in it), those in a branch that was not taken marked *not
    executed*: the output holds what another branch of the same ``if`` prints."""
    if ("fi" not in script and "||" not in script) or not printed.strip():
        return effects
    if not any(effect.kind not in _PLAIN and effect.span is not None for effect in effects):
        return effects
    ranges = _not_run(script[:MAX_SCRIPT], {line.strip() for line in printed[:READ_CHARS].splitlines()})
    if not ranges:
        return effects
    return tuple(_marked(effect, ranges) for effect in effects)


def _marked(effect: Effect, ranges: Sequence[tuple[int, int, str]]) -> Effect:
    if effect.kind in _PLAIN or effect.span is None or effect.outcome not in (None, Outcome.UNKNOWN):
        return effect
    note = next((note for start, end, note in ranges if start <= effect.span.start < end), None)
    return effect if note is None else replace(effect, outcome=Outcome.NOT_EXECUTED, note=note)


def _not_run(script: str, lines: set[str]) -> list[tuple[int, int, str]]:
    root = parse(script).root
    if root is None:
        return []
    forks = _forks(root, script)
    told = Counter(text for fork in forks for branch in fork.branches for text in set(branch.prints))
    found: list[tuple[int, int, str]] = []
    for fork in forks:
        taken = next((b for b in fork.branches if any(told[text] == 1 and text in lines for text in b.prints)), None)
        if taken is None:
            continue
        found += [(b.start, b.end, OTHER_BRANCH) for b in fork.branches if b is not taken]
        if taken.leaves:
            found.append((fork.end, len(script), ENDED_BEFORE))
    return found[:MAX_RANGES]


def _forks(root: Node, script: str) -> list[_Fork]:
    """The ``if`` statements and ``… || echo`` lists that run at most once."""
    found: list[_Fork] = []
    waiting = [(root, 0)]
    seen = 0
    while waiting and seen < MAX_NODES:
        node, deep = waiting.pop()
        seen += 1
        if node.type in _REPEATS or deep > MAX_NESTING:
            continue
        if node.type == "if_statement":
            found.append(_Fork(tuple(_branches(node, script)), node.end_byte))
        elif node.type == "list":
            fork = _alternative(node, script)
            if fork is not None:
                found.append(fork)
        waiting.extend((child, deep + 1) for child in reversed(node.named_children))
    return found


def _branches(node: Node, script: str) -> list[_Branch]:
    """The bodies of one ``if`` with its ``elif`` and ``else``."""
    found: list[_Branch] = []
    for clause in (node, *(child for child in node.named_children if child.type in ("elif_clause", "else_clause"))):
        children = clause.children
        first = next((at for at, child in enumerate(children) if child.type in ("then", "else")), None)
        if first is None:
            continue
        body = [child for child in children[first + 1 :] if child.type not in ("elif_clause", "else_clause", "fi")]
        commands = [child for child in body if child.is_named]
        prints = tuple(text for child in commands if len(text := _printed(child, script)) >= SHORTEST_WORDS)
        leaves = any(_name(child, script) in _LEAVES for child in commands)
        end = body[-1].end_byte if body else children[first].end_byte
        found.append(_Branch(children[first].end_byte, end, prints, leaves))
    return found


def _alternative(node: Node, script: str) -> _Fork | None:
    """``a && b || echo text``: where the text was printed, what stands before did not end well."""
    operator = next((child.type for child in node.children if child.type in ("&&", "||")), "")
    named = node.named_children
    if operator != "||" or len(named) != 2:
        return None
    text = _printed(named[1], script)
    if len(text) < SHORTEST_WORDS or named[0].type != "list":
        return None
    last = named[0].named_children[-1]
    said = tuple(t for t in (_printed(last, script),) if len(t) >= SHORTEST_WORDS)
    return _Fork(
        (
            _Branch(last.start_byte, last.end_byte, said, False),
            _Branch(named[1].start_byte, node.end_byte, (text,), False),
        ),
        node.end_byte,
    )


def _name(node: Node, script: str) -> str:
    name = node.child_by_field_name("name") if node.type == "command" else None
    return script[name.start_byte : name.end_byte] if name is not None else ""


def _printed(node: Node, script: str) -> str:
    """The text that ``echo`` prints for certain, empty where there is none."""
    if _name(node, script) != "echo":
        return ""
    words = [child for child in node.named_children if child.type != "command_name"]
    if words and script[words[0].start_byte : words[0].end_byte] in ("-e", "-n", "-E"):
        words = words[1:]
    texts = []
    for word in words:
        if word.type not in ("string", "raw_string", "word", "number"):
            return ""
        text = script[word.start_byte : word.end_byte]
        if word.type != "raw_string" and ("$" in text or "`" in text or "\\" in text):
            return ""
        texts.append(text[1:-1] if word.type in ("string", "raw_string") else text)
    return " ".join(texts).strip()


_HIT = re.compile(r"(?:Terminated|Killed)$|\S{1,200}: line \d+: +\d+ +(?:Terminated|Killed)\b")


def hit_itself(effects: Effects, printed: str, command: str = "") -> Effects:
    """Processes that a script stopped, itself among them: its output ends in the shell's word for that, so that the
    first of its kills was carried out although the step did not end well. Where what that one looks for stands in the
    ``command`` itself, those behind it were never run."""
    last = printed[-READ_CHARS:].strip().rsplit("\n", 1)[-1].strip()
    if not _HIT.match(last):
        return effects
    first: Effect | None = None
    found = []
    for effect in effects:
        if effect.kind is EffectKind.PROCESS_KILL and not effect.deferred and effect.outcome in (None, Outcome.UNKNOWN):
            if first is None:
                first = effect
                effect = replace(effect, outcome=Outcome.SUCCEEDED, note=_joined(effect, "it stopped what ran it, too"))
            else:
                never = first.via == effect.via and _matches_own(first, command)
                note = "stands behind one that stopped what ran it"
                effect = replace(
                    effect,
                    outcome=Outcome.NOT_EXECUTED if never else Outcome.UNKNOWN,
                    note=_joined(effect, f"not executed: it {note}" if never else note),
                )
        found.append(effect)
    return tuple(found)


def _matches_own(effect: Effect, command: str) -> bool:
    """Whether a kill by name names what stands in the command that runs it."""
    name = effect.target.value if effect.target is not None else ""
    return effect.rule == "pkill" and len(name) > 1 and name in command


_NOT_FOUND = re.compile(
    r"(?m)^E: (?:Unable to locate package|Package '[^'\n]{1,200}' has no installation candidate|Unable to fetch)"
    r"|^Reinstallation of \S{1,200} is not possible\b"
    r"|^ERROR: (?:No matching distribution found|Could not find a version)"
    r"|^WARNING: Skipping \S{1,200} as it is not installed|^E: Could not get lock|^E: Could not open lock file"
    r"|^Package '[^'\n]{1,200}' is not installed, so not removed|^dpkg: (?:error|warning)\b"
)
_DID_SOMETHING = re.compile(
    r"(?m)^(?:Setting up|Unpacking|Removing|Purging configuration|Preparing to unpack|Processing triggers"
    r"|Successfully (?:un)?installed|[ \t]*Uninstalling) "
    r"|\b[1-9]\d* (?:upgraded|newly installed|reinstalled|to remove)\b"
)
_PACKAGES = ("apt", "dpkg", "pip", "aptitude")


def packages_untouched(effects: Effects, printed: str) -> Effects:
    """Acts of package managers whose output says for each package that nothing could be done, and of none that
    something was."""
    if not any(_of_packages(effect) for effect in effects):
        return effects
    printed = printed[:READ_CHARS]
    if not _NOT_FOUND.search(printed) or _DID_SOMETHING.search(printed):
        return effects
    return tuple(
        replace(effect, outcome=Outcome.FAILED, note=_joined(effect, "the output says that nothing was installed"))
        if _of_packages(effect)
        else effect
        for effect in effects
    )


def _of_packages(effect: Effect) -> bool:
    acts = effect.kind not in _PLAIN and not effect.deferred and effect.outcome in (None, Outcome.UNKNOWN)
    return acts and effect.rule.startswith(_PACKAGES)


_REMOVED = re.compile(
    r"(?m)^\W{0,4}(?:deleted|removed|unlinked)\b:?[ \t]+(?:file |directory )?(?P<path>['\"]?[^\n]{1,300})", re.I
)
_UNSEEN = re.compile(r"[$`*?]|\{\}|^$")
MAX_REMOVED = 200


def named_as_removed(effects: Effects, printed: str) -> Effects:
    """Deletions of which it was not known whether they were carried out, where the output names what was removed; a
    target that the code alone does not tell is told by the output."""
    count = sum(_is_open(effect) for effect in effects)
    if not count:
        return effects
    paths = [
        path
        for match in _REMOVED.finditer(printed[:READ_CHARS])
        if "/" in (path := match["path"].strip().strip("'\"").rstrip("'\".")) or "." in path
    ][:MAX_REMOVED]
    if not paths:
        return effects
    return tuple(_proven(effect, paths, count == 1) if _is_open(effect) else effect for effect in effects)


def _is_open(effect: Effect) -> bool:
    """Whether an effect is a deletion of which it is not known whether it was carried out."""
    return effect.kind is EffectKind.DELETE and not effect.deferred and effect.outcome is Outcome.UNKNOWN


def _proven(effect: Effect, paths: Sequence[str], alone: bool) -> Effect:
    note = _joined(effect, "the output names what was removed")
    value = effect.target.value if effect.target is not None else ""
    plain = posixpath.normpath(value) if value else ""
    if plain and any(posixpath.normpath(path) == plain for path in paths):
        return replace(effect, outcome=Outcome.SUCCEEDED, note=note)
    if not alone or effect.target is None or effect.target.type != "path" or not _UNSEEN.search(value):
        return effect
    return replace(effect, outcome=Outcome.SUCCEEDED, target=effect.target._replace(value=_common(paths)), note=note)


def _common(paths: Sequence[str]) -> str:
    """One path, or the folder that holds several with ``*`` below it."""
    if len(paths) == 1:
        return paths[0]
    rooted = {path.startswith("/") for path in paths}
    folder = posixpath.commonpath([posixpath.dirname(path) for path in paths]) if len(rooted) == 1 else ""
    return f"{folder.rstrip('/')}/*" if folder else "*"


def _joined(effect: Effect, note: str) -> str:
    kept = effect.note.removesuffix(SCRIPT_BRANCHES).removesuffix("; ")
    return f"{kept}; {note}" if kept else note
