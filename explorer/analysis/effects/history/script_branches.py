"""Which parts of a script are run for certain when it ends well, and which stand in a branch or a loop."""

from __future__ import annotations

import re

from tree_sitter import Node

from explorer.analysis.effects.shell.parse import MAX_NESTING, parse
from explorer.model.effect import Span

MAX_SCRIPT = 50_000
MAX_NODES = 20_000
_BRANCHES = re.compile(r"\|\||^\s*(?:if|elif|case|for|while|until|try|except|def|switch)\b", re.MULTILINE)
_SOMETIMES = frozenset(
    {
        "if_statement", "case_statement", "for_statement", "while_statement", "c_style_for_statement",
        "function_definition", "elif_clause", "else_clause",
    }
)  # fmt: skip
_ENDS = re.compile(r"\b(?:exit|return|exec|kill|break)\b")
Range = tuple[int, int]


def uncertain_parts(language: str, script: str) -> tuple[Range, ...]:
    """The ranges of a script that need not be run although it ends well: for a shell's script the bodies of its
    branches, loops and functions, and all that follows one that may end it; for another language all of it where it
    branches at all."""
    if _BRANCHES.search(script) is None:
        return ()
    whole = ((0, len(script)),)
    if language != "shell" or len(script) > MAX_SCRIPT:
        return whole
    parsed = parse(script)
    if parsed.root is None or not parsed.sound:
        return whole
    found = _parts(parsed.root)
    if found is None:
        return whole
    ending = next((start for start, end in sorted(found) if _ENDS.search(script[start:end])), None)
    return (*found, (ending, len(script))) if ending is not None else tuple(found)


def is_uncertain(parts: tuple[Range, ...], span: Span | None) -> bool:
    """Whether what stands at a place of the script need not have been run; without a place where any part need not."""
    if span is None:
        return bool(parts)
    return any(start <= span.start < end for start, end in parts)


def _parts(root: Node) -> list[Range] | None:
    """The ranges of branches, None where there is too much to look at."""
    found: list[Range] = []
    waiting = [(root, 0)]
    seen = 0
    while waiting:
        node, deep = waiting.pop()
        seen += 1
        if seen > MAX_NODES or deep > MAX_NESTING:
            return None
        if node.type in _SOMETIMES:
            found.append((node.start_byte, node.end_byte))
            continue
        if node.type == "list" and any(child.type == "||" for child in node.children):
            found.append((node.named_children[-1].start_byte, node.end_byte))
        waiting.extend((child, deep + 1) for child in node.named_children)
    return found
